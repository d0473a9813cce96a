/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/sys.h"

/*
 * Room for the day on which there is none: files of zeros beside the journal. Whoever uses a share
 * may fill its file system to the last inode and the last block, and taking rights away takes a
 * record, a new /etc/exports and a new etab. A spare becomes the file that is needed by a rename,
 * and is written over: nothing is given free in between that somebody else could be faster to take.
 */

enum {
	GS_SPARES = 16,		   /* a run takes three, its undo as many, and so on */
	GS_SPARE_BYTES = 64 << 10, /* of each at least */
};

/** gs_spare_keep - see sys.h */
int gs_spare_keep(struct gs_sys *sys, uint64_t bytes, struct gs_err *err);

/** gs_spare_is_for - is this the errno of a full file system, for which a spare may be taken? */
bool gs_spare_is_for(const struct gs_sys *sys, int error);

/**
 * gs_spare_take - a spare becomes name in a directory; it is root's, 0600 and full of zeros
 * Returns a descriptor to write to, or -ENOSPC where there is none on that file system, -EEXIST.
 */
int gs_spare_take(struct gs_sys *sys, int dir, const char *name);

/** gs_spare_room - bytes of a spare that could be taken for a file in that directory; 0: none */
uint64_t gs_spare_room(struct gs_sys *sys, int dir);
