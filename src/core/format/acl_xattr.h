/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/types.h"

/*
 * The rights that a directory's mode and ACL give to a user, from the raw attributes. Pure; used
 * only to explain a decision of the kernel or the server.
 */

enum { GS_MAY_EXECUTE = 1, GS_MAY_WRITE = 2, GS_MAY_READ = 4 };

/** struct gs_rights - @bits: GS_MAY_*; @by_acl: ACL entries beyond the mode took part */
struct gs_rights {
	unsigned bits;
	bool by_acl;
};

/**
 * gs_rights_of - the rights of a user without supplementary groups
 * Returns false where they are unknown: the directory was not seen, or an ACL is hidden, malformed,
 * or names its users by words; *ret is then untouched. Root's capabilities are ignored.
 * Source: acl(5) ACCESS CHECK ALGORITHM; RFC 7530 sections 6.2.1 and 6.2.1.5 (who);
 * Linux include/uapi/linux/posix_acl_xattr.h; fs/nfsd/nfs4acl.c for the ACLs of knfsd.
 */
bool gs_rights_of(const struct gs_dir_look *look, uid_t uid, gid_t gid, struct gs_rights *ret);
