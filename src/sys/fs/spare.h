/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/fs/root.h"

/*
 * Room for the day on which there is none: files of zeros beside the journal. Whoever uses a share
 * may fill its file system to the last inode and the last block, and taking rights away takes a
 * record, a new /etc/exports and a new etab. A spare becomes the file that is needed by a rename,
 * and is written over: of a record and of /etc/exports nothing is given free in between that
 * somebody else could be faster to take. Of an etab that holds for the inode only: exportfs opens
 * it with O_TRUNC, and its blocks are everybody's until the table is written. A table that is cut
 * because of that is written once more, with what another spare gives free as well: exportfs.c.
 */

enum {
	GS_SPARES = 16,		   /* a run takes three, its undo as many, and so on */
	GS_SPARE_BYTES = 64 << 10, /* of each at least */
};

/** gs_spare_keep - see journal.h */
int gs_spare_keep(struct gs_sys *sys, uint64_t bytes, struct gs_err *err);

/** gs_spare_is_for - is this the errno of a full file system, for which a spare may be taken? */
bool gs_spare_is_for(const struct gs_sys *sys, int error);

/**
 * gs_spare_take - a spare becomes name in a directory; it is root's, 0600 and full of zeros
 * Returns a descriptor to write to, or -ENOSPC where there is none on that file system, -EEXIST.
 */
int gs_spare_take(struct gs_sys *sys, int dir, const char *name);

/** gs_spare_count - those that could be taken for files of so many bytes in that directory */
unsigned gs_spare_count(struct gs_sys *sys, int dir, uint64_t bytes);

/** gs_spare_drop - one is removed, for what it gives free on that directory's file system */
void gs_spare_drop(struct gs_sys *sys, int dir);

/** gs_spare_largest - bytes that a spare that was taken may have; 0: none was */
uint64_t gs_spare_largest(struct gs_sys *sys);
