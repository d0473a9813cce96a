/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "sys/fs/root.h"

/** struct gs_record_file - a run's record in /var/lib/gshare */
struct gs_record_file {
	uint32_t id;
	uint64_t size_bytes;
};

struct gs_record_files {
	struct gs_record_file *v;
	size_t n, room;
};

/*
 * The journal's files: /var/lib/gshare/ID.jsonl, 0600, in a directory that is root's alone
 * (0700). A record appears complete or not at all; a failed fsync fails the call and is never
 * tried again. The contracts stand in sys.h. On a full file system a record is a spare that is
 * written over (spare.h): zeros follow its text then, until its end has been written.
 */

int gs_records_list(struct gs_sys *sys, struct gs_record_files *ret, struct gs_err *err);
int gs_record_begin(struct gs_sys *sys, uint32_t id, struct gs_span text, struct gs_err *err);
int gs_record_end(struct gs_sys *sys, uint32_t id, size_t keep, struct gs_span text,
		  struct gs_err *err);
int gs_record_drop(struct gs_sys *sys, uint32_t id, struct gs_err *err);
