/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"

/*
 * What systemd is told about a follower's share, as files: a unit that waits for the leader, mounts
 * and watches; a drop-in of the mount's own unit, which starts that one and bounds the mount; and a
 * drop-in of each unit that uses the share, which is skipped while nothing is mounted there. The
 * files are the only record: a unit is ordered where its drop-in is. Pure.
 */

#define GS_UNIT_DIR "/etc/systemd/system"

/** gs_boot_known - units that use a share where they are installed; NULL at the end */
extern const char *const gs_boot_known[];

/** gs_boot_unit_dirs - where unit files are, for the administrator, packages and generators */
extern const char *const gs_boot_unit_dirs[];

/** struct gs_boot - a share at boot, as it is on this node; owned */
struct gs_boot {
	bool systemd;		/* it runs this node, or the tree has it */
	char *unit;		/* that waits and watches: "gshare-mnt-data-shared.service" */
	struct gs_strs ordered; /* units that have a drop-in for this share */
	bool asks;		/* for units to be ordered */
	struct gs_strs missing; /* units asked for that are not there */
	struct gs_strs needed;	/* and those that start before any share can be mounted */
	struct gs_strs skipped; /* of those that are ordered, what does not run since nothing was
				   mounted */
	struct gs_strs units;	/* all to be ordered: those, known ones that are installed, those
				   asked for */
	struct gs_files now;	/* each file of gs_boot_files(), as it is */
	struct gs_strs absent;	/* directories of those that are not there */
	struct gs_strs sole;	/* those that hold nothing else */
	bool offline;		/* a tree: whether the unit runs is no question */
	bool is_active;		/* the unit runs, or is about to */
	char *unasked;		/* why it is not known whether it does; NULL: it is */
	char *link;		/* one of the files that is a link; NULL: none */
};

/** gs_boot_unit - the unit of a mount point that waits and watches; owned */
char *gs_boot_unit(const char *target);

/** gs_boot_mount_of - the mount's own unit, by the one that watches it, else unit itself; owned */
char *gs_boot_mount_of(const char *unit);

/** gs_boot_drop_in - the drop-in that orders a unit after the share on target; owned */
char *gs_boot_drop_in(const char *target, const char *unit);

/** gs_boot_files - every file for a share as gshare writes it: unit, mount's drop-in, ordered's */
void gs_boot_files(const char *target, const struct gs_strs *units, struct gs_files *ret);

/** gs_boot_differs - the first file that is not as gshare writes it; NULL: all are */
const struct gs_file *gs_boot_differs(const char *target, const struct gs_boot *boot);

/** gs_boot_file_is - does it hold the text of wanted? */
bool gs_boot_file_is(const struct gs_file *now, const struct gs_file *wanted);

/**
 * gs_boot_take_unit - a unit's name as it was typed, ".service" added where it has no type; owned
 * Errors: -GS_E_USAGE. Source: systemd.unit(5): 255 characters, letters, digits and ":-_.\@".
 */
int gs_boot_take_unit(const char *word, char **ret, struct gs_err *err);

/** gs_boot_add - add a name to a list that does not have it yet */
void gs_boot_add(struct gs_strs *list, const char *unit);

void gs_boot_done(struct gs_boot *boot);
