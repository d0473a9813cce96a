/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "core/boot/boot.h"

/*
 * What starts containers that may have the share as a volume. A socket starts its service: without
 * the condition it would, at the first connection, again and again.
 */
const char *const gs_boot_known[] = {
	"docker.service",
	"docker.socket",
	"snap.docker.dockerd.service",
	"containerd.service",
	"podman-restart.service",
	"k3s.service",
	"k3s-agent.service",
	NULL,
};

/* systemd.unit(5), UNIT FILE LOAD PATH, without the directories of portable and transient units. */
const char *const gs_boot_unit_dirs[] = {
	GS_UNIT_DIR,
	"/run/systemd/system",
	"/run/systemd/generator",
	"/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",
	"/lib/systemd/system",
	"/run/systemd/generator.late",
	NULL,
};
