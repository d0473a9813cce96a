/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/str.h"
#include "base/strmap.h"
#include "base/types.h"
#include "core/exports/host.h"

/** struct gs_path_inode - a path and its inode */
struct gs_path_inode {
	char *path;
	struct gs_inode inode;
};

struct gs_path_inodes {
	struct gs_path_inode *v;
	size_t n, room;
};

/** struct gs_name - the present addresses of a name from the command line or a file */
struct gs_name {
	char *name;
	struct gs_strs addrs; /* numeric; empty: does not resolve */
};

struct gs_names {
	struct gs_name *v;
	size_t n, room;
	char *silent; /* the first name whose name server did not answer; NULL: none */
};

/** gs_names_find - the addresses of a name; NULL where it was not looked up */
const struct gs_strs *gs_names_find(const struct gs_names *names, const char *name);
void gs_names_done(struct gs_names *names);

/**
 * gs_names_same - the number of an earlier client that is the same host by an address; else n
 * exportfs takes one host's entries for one client, whatever they call it, and the first counts.
 * @seen: the addresses so far, which those of this client are added to; borrows from both
 * Source: nfs-utils, support/export/client.c client_check(), utils/exportfs.
 */
size_t gs_names_same(const struct gs_names *names, const struct gs_hostspec *host, size_t n,
		     struct gs_keymap *seen);

/**
 * gs_names_list_hosts - add the names as lines of hosts(5)
 * The check of candidates runs without a network and resolves names from these lines.
 */
void gs_names_list_hosts(const struct gs_names *names, struct gs_str *out);

void gs_names_add(struct gs_names *names, const char *name, struct gs_strs *addrs);

void gs_path_inodes_done(struct gs_path_inodes *places);
