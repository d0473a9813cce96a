/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/types.h"
#include "core/format/acl_xattr.h"

/*
 * ACLs as text: short numeric entries, as in struct gs_dir_spec. Source: acl(5). Of an invalid text
 * the valid entries are used.
 */

/** struct gs_acl_item - "u::rwx", "u:1000:rwx", "g::r-x", "m::rwx", "o::r-x" */
struct gs_acl_item {
	char tag; /* u, g, m or o */
	bool named;
	uint32_t id;
	unsigned perm; /* GS_MAY_* */
};

struct gs_acl {
	struct gs_acl_item *v;
	size_t n, room;
};

void gs_acl_parse(const char *text, struct gs_acl *acl);
/** gs_acl_of - the access ACL; where there is none it is made from the mode */
void gs_acl_of(const struct gs_inode *inode, struct gs_acl *acl);
struct gs_acl_item *gs_acl_add(struct gs_acl *acl, struct gs_acl_item item);
/** gs_acl_find - the entry of a named user or group, or the unnamed one; NULL: there is none */
struct gs_acl_item *gs_acl_find(const struct gs_acl *acl, char tag, bool named, uint32_t id);
unsigned gs_acl_mask(const struct gs_acl *acl);
/** gs_acl_is_masked - does the mask apply? To all entries but the file owner's and others' */
bool gs_acl_is_masked(const struct gs_acl_item *item);
/** gs_acl_print - in the order of acl(5), which the kernel requires */
void gs_acl_print(const struct gs_acl *acl, struct gs_str *out);
void gs_acl_done(struct gs_acl *acl);

/**
 * gs_inode_grants - do mode and ACL grant all of @want (GS_MAY_*) to a user who does not own it?
 * Without supplementary groups, in the order of acl(5) ACCESS CHECK ALGORITHM.
 */
bool gs_inode_grants(const struct gs_inode *inode, const struct gs_account *who, unsigned want);

/** gs_inode_permits - the same for any user but root; true where the ACL could not be read */
bool gs_inode_permits(const struct gs_inode *inode, const struct gs_account *who, unsigned want);
