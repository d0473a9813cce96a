/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/**
 * gs_unit_name - the systemd unit of a mount point: "/mnt/a-b", "mount" gives "mnt-a\x2db.mount"
 * Owned. Source: systemd.unit(5) STRING ESCAPING FOR INCLUSION IN UNIT NAMES.
 */
char *gs_unit_name(const char *path, const char *suffix);
