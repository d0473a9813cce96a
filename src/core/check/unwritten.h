/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/audit.h"

/*
 * A share that is not gshare's own, where what its top says tells whether anybody can write there:
 * of home directories root's own top is right, and each is some user's.
 */

enum gs_unwritten_kind {
	GS_UNWRITTEN_OPEN = 1, /* somebody can write there */
	GS_UNWRITTEN_GUIDES,   /* a directory that the guide to Graphistry's cluster has made */
};

/** gs_unwritten_finds - of the top, or of what is directly in it; 0: neither */
unsigned gs_unwritten_finds(const struct gs_audit_eyes *eyes, const struct gs_entry *entry);

/**
 * struct gs_unwritten_fact - an export that is rw for a client; borrowed
 * @root: the directory itself
 * @eyes: whom the rw entries let in
 * @is_guides: it is to hold Graphistry's datasets
 */
struct gs_unwritten_fact {
	const char *path, *host;
	const struct gs_inode *root;
	const struct gs_audit_eyes *eyes;
	bool is_guides;
};
