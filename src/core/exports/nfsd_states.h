/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * What nfsd tells of the states that a client holds, /proc/fs/nfsd/clients/N/states, piece by
 * piece as it is read. A client may hold a million files open, so they are counted and the first
 * few are named. Source: Linux fs/nfsd/nfs4state.c nfs4_show_open(), nfs4_show_deleg().
 *
 * The kernel prints names raw, and users choose names: one may hold what looks like another state.
 * The first state is the kernel's; a later one counts where its id is the same client's and its
 * head is as the kernel prints it. Nothing that a name holds hides the state after it.
 */

enum {
	GS_WRITING_NAMED = 8,
	GS_STATE_CLIENT_DIGITS = 16, /* of the client's id, in that of a state */
};

/**
 * struct gs_writing - files that are open for writing
 * @file: a number for each, of its file system, inode and client; sorted, each once
 * @may_be_forged: the states do not come as the kernel numbers them: some may be part of a name
 */
struct gs_writing {
	uint64_t *file;
	size_t n, room;
	struct gs_strs
		names; /* of the first ones, not made safe: "files/a"; "?" where none is told */
	uint64_t named[GS_WRITING_NAMED];
	bool may_be_forged;
};

/** gs_writing_add - one more; @known: files that need no name, may be NULL */
void gs_writing_add(struct gs_writing *writing, uint64_t file, const char *name,
		    const struct gs_writing *known);
/** gs_writing_end - after the last one: sort them, each once */
void gs_writing_end(struct gs_writing *writing);
/** gs_writing_new - how many there are that known, which has ended as well, has not */
size_t gs_writing_new(const struct gs_writing *writing, const struct gs_writing *known);
void gs_writing_done(struct gs_writing *writing);

/**
 * struct gs_states - a reader
 * @addr: the client's, by which its files are told from those of others; borrowed
 */
struct gs_states {
	const char *addr;
	const struct gs_writing *known;	     /* as in gs_writing_add() */
	struct gs_str rest;		     /* of the state that has not ended */
	char client[GS_STATE_CLIENT_DIGITS]; /* of the first state; NUL: there was none yet */
	bool any;
	uint32_t last; /* number of the last state */
};

void gs_states_read(struct gs_states *states, struct gs_span piece, struct gs_writing *ret);
/** gs_states_end - after the last piece */
void gs_states_end(struct gs_states *states, struct gs_writing *ret);
void gs_states_done(struct gs_states *states);
