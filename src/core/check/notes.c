/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/notes.h"

#include <stddef.h>

const struct gs_note gs_notes[] = {
	{ "ACCOUNT_KEPT", "An undo kept the account gshare: files may belong to it." },
	{ "AUTOMOUNT_STAYS", "The automount point of an unmounted share stays." },
	{ "DIR_KEPT", "An undo kept a directory: it is not empty, or has changed." },
	{ "EXPORTS_MORE", "The exports files have more doubtful lines than are shown." },
	{ "MOUNTED_AT_BOOT", "The share is mounted again at the next boot." },
	{ "MOUNT_KEPT", "An undo kept a mount: it is in use, or has changed." },
	{ "OPTION_REPLACED", "Options of the entry in /etc/fstab contradict gshare's." },
	{ "OWNER_CHANGED",
	  "Followers are mapped to another user now: existing files keep their owner." },
	{ "PATH_IN_HOME", "A file to be written is below a directory that the caller owns." },
	{ "PATH_OF_OTHERS", "A file to be written is on a path that other users can replace." },
	{ "PROBE_LEFT", "A test file could not be removed." },
	{ "PROBE_SWAPPED", "A test file was replaced or removed by another process." },
	{ "READ_AHEAD_RESET", "Another program on this node reset the read-ahead." },
	{ "REPAIR_LEFT", "Repair left some files unchanged, each with its cause." },
	{ "REPAIR_NEEDED", "Followers cannot change some files in dataset directories." },
	{ "REPAIR_NOT_REACHED", "Time ran out before every file was checked." },
	{ "RIGHTS_KEPT", "Rights that repair gave are not rolled back." },
	{ "RUN_CONFLICT",
	  "An interrupted run could not be rolled back: its files were changed since." },
	{ "RUN_ROLLED_BACK", "An interrupted run was rolled back." },
	{ "RUN_UNFINISHED",
	  "A run was interrupted: the next command that changes something rolls it back." },
	{ "RUN_UNREADABLE", "A record of the journal cannot be read." },
	{ "SERVER_KEPT", "An undo kept the NFS server running: it serves other exports." },
	{ "SQUASH_CHANGED",
	  "Users of followers are mapped differently now: existing files keep their owner." },
	{ "STILL_USED", "Processes use the mount." },
	{ "SWITCH_FORCED", "Files were open for writing when access was removed." },
	{ "SWITCH_RACED", "Files were opened for writing between the last check and the change." },
	{ "SWITCH_UNSEEN",
	  "It is not known which files were open for writing when access was "
	  "removed." },
	{ "TRANSFER_CAPPED", "The leader limits the size of a request." },
	{ "UNITS_NOT_RELOADED", "systemd did not read /etc/fstab again." },
	{ "WRITE_TEST_FAILED", "The write test failed, and the mount was kept as requested." },
	{ NULL, NULL },
};
