/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/fs/root.h"

/*
 * Room for a full file system: files of zeros beside the journal. Users of a share may fill its
 * file system to the last inode and the last block, and removing access takes a record, a new
 * /etc/exports and a new etab. A spare becomes the needed file by a rename and is written over: of
 * a record and of /etc/exports no block is freed that another process could take in between. Of an
 * etab that holds for the inode only: exportfs opens it with O_TRUNC, and its blocks are free for
 * all until the table is written. If the table is truncated because of that, gs_exportfs_apply()
 * writes it once more, with the blocks of another spare as well.
 */

enum {
	GS_SPARES = 16,		   /* a run takes three, its undo as many, and so on */
	GS_SPARE_BYTES = 64 << 10, /* the size of each at least */
};

/** gs_spare_keep - make the spares: keep_spare of struct gs_journal_ops */
int gs_spare_keep(struct gs_sys *sys, uint64_t bytes, struct gs_err *err);

/** gs_spare_is_for - is this the errno of a full file system, for which a spare may be taken? */
bool gs_spare_is_for(const struct gs_sys *sys, int error);

/**
 * gs_spare_take - rename a spare to name in a directory; it is root's, 0600 and full of zeros
 * Returns a descriptor to write to, or -ENOSPC where there is none on that file system, -EEXIST.
 */
int gs_spare_take(struct gs_sys *sys, int dir, const char *name);

/** gs_spare_count - how many spares could become files of so many bytes in that directory */
unsigned gs_spare_count(struct gs_sys *sys, int dir, uint64_t bytes);

/** gs_spare_drop - remove one spare, to free its blocks on that directory's file system */
void gs_spare_drop(struct gs_sys *sys, int dir);

/** gs_spare_largest - the most bytes that a taken spare may have; 0: none was taken */
uint64_t gs_spare_largest(struct gs_sys *sys);
