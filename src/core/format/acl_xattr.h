/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/types.h"

/*
 * What a directory's mode and ACL give to a user, from the raw attributes. Pure; it decides nothing
 * for anybody: the kernel and the server do, and this says why.
 */

enum { GS_MAY_EXECUTE = 1, GS_MAY_WRITE = 2, GS_MAY_READ = 4 };

/** struct gs_rights - @bits: GS_MAY_*; @by_acl: entries beyond the mode had a say */
struct gs_rights {
	unsigned bits;
	bool by_acl;
};

/**
 * gs_rights_of - of a user without further groups
 * Returns false where it cannot be told: nothing was seen, an ACL is hidden, malformed, or names
 * its users by words; *ret is then untouched. Root's own power over files is not looked at.
 * Source: acl(5) ACCESS CHECK ALGORITHM; RFC 7530 sections 6.2.1 and 6.2.1.5 (who);
 * Linux include/uapi/linux/posix_acl_xattr.h; fs/nfsd/nfs4acl.c for what knfsd says.
 */
bool gs_rights_of(const struct gs_dir_look *look, uid_t uid, gid_t gid, struct gs_rights *ret);
