/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Parser of the states that a client holds, /proc/fs/nfsd/clients/N/states, piece by
 * piece as it is read. A client may hold a million files open, so they are counted and the first
 * few are named. Source: Linux fs/nfsd/nfs4state.c nfs4_show_open(), nfs4_show_deleg().
 *
 * The kernel prints names raw, and users choose names: a name may look like another state.
 * The first state is real; a later one counts if its id has the same client and its head is in the
 * kernel's format. No name can hide the state after it.
 */

enum {
	GS_WRITING_NAMED = 8,
	GS_STATE_CLIENT_DIGITS = 16, /* of the client's id in a stateid */
};

/**
 * struct gs_writing - files that are open for writing
 * @file: a hash for each, of its file system, inode and client; sorted, each once
 * @may_be_forged: the states are not in the kernel's order: some may be part of a name
 */
struct gs_writing {
	uint64_t *file;
	size_t n, room;
	struct gs_strs
		names; /* of the first files, not made safe: "files/a"; "?" where it is not known */
	uint64_t named[GS_WRITING_NAMED];
	bool may_be_forged;
};

/** gs_writing_add - add a file; @known: files that need no name, may be NULL */
void gs_writing_add(struct gs_writing *writing, uint64_t file, const char *name,
		    const struct gs_writing *known);
/** gs_writing_end - after the last file: sort them, each once */
void gs_writing_end(struct gs_writing *writing);
/** gs_writing_new - the number of files that are not in known; both must have ended */
size_t gs_writing_new(const struct gs_writing *writing, const struct gs_writing *known);
void gs_writing_done(struct gs_writing *writing);

/**
 * struct gs_states - the state of the parser
 * @addr: the client's, which separates its files from those of others; borrowed
 */
struct gs_states {
	const char *addr;
	const struct gs_writing *known;	     /* as in gs_writing_add() */
	struct gs_str rest;		     /* of the last, incomplete state */
	char client[GS_STATE_CLIENT_DIGITS]; /* of the first state; NUL: none yet */
	bool any;
	uint32_t last; /* number of the last state */
};

void gs_states_read(struct gs_states *states, struct gs_span piece, struct gs_writing *ret);
/** gs_states_end - after the last piece */
void gs_states_end(struct gs_states *states, struct gs_writing *ret);
void gs_states_done(struct gs_states *states);
