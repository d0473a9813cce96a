/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/share/select.h"
#include "sys/sys.h"

/**
 * gs_wake - have an automount point mount what it stands for; anything else is left alone
 * Returns false where it mounts nothing: the server does not respond, say.
 */
bool gs_wake(struct gs_sys *sys, const char *path);

/** gs_wake_shares - gs_wake() for path, or where that is NULL for every managed entry of fstab */
void gs_wake_shares(struct gs_sys *sys, const struct gs_file *fstab, const char *path);

/**
 * gs_find_boot_unit - a mount unit that comes before the one that systemd makes of an entry in
 * fstab
 * @ret_masked: it is a mask, as systemctl mask makes it: nothing is mounted by it
 * Returns its path, owned; NULL: none. Source: systemd.unit(5) UNIT FILE LOAD PATH: these
 * directories come before /run/systemd/generator.
 */
char *gs_find_boot_unit(struct gs_sys *sys, const char *target, bool *ret_masked);

/**
 * gs_find_follower_share - the follower's share at path, mounted or not
 * @path: clean, NULL for the only share; @fstab: as read, owned by the caller
 * Errors: SHARE_AMBIGUOUS.
 */
int gs_find_follower_share(struct gs_sys *sys, const char *path, struct gs_file *fstab,
			   struct gs_local_shares *ret, bool *ret_found, struct gs_err *err);
