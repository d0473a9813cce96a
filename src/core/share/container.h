/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/**
 * struct gs_container - the container that this process is in, as far as it can be seen
 * @kind: "lxc", "docker": of a table; "" where the kind is another one; NULL: no sign of one
 * @has_userns: root here is another user outside, and has no power over the kernel
 * @ids: that the user namespace has; 1: only one user exists
 */
struct gs_container {
	const char *kind;
	bool has_userns;
	uint64_t ids;
};

/**
 * gs_container_read - read what a container shows of itself
 * @uid_map: /proc/self/uid_map: user_namespaces(7)
 * @first: /proc/1/environ, "container=KIND" among words that each end in a NUL byte
 * @file: /run/systemd/container, "KIND\n": both are of systemd.io/CONTAINER_INTERFACE
 */
void gs_container_read(struct gs_span uid_map, struct gs_span first, struct gs_span file,
		       struct gs_container *ret);

/** gs_container_add - "an unprivileged container (lxc)", "a container" */
void gs_container_add(const struct gs_container *container, struct gs_str *out);
