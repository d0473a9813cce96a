/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
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
 * The journal's files: /var/lib/gshare/ID.jsonl, 0600, in a directory that only root can access
 * (0700). A record appears complete or not at all; a failed fsync fails the call and is never
 * retried. struct gs_journal_ops documents each function. On a full file system a record is a spare
 * that is written over (spare.h): zeros follow its text until its end is written.
 */

int gs_records_list(struct gs_sys *sys, struct gs_record_files *ret, struct gs_err *err);
int gs_record_begin(struct gs_sys *sys, uint32_t id, struct gs_span text, struct gs_err *err);
int gs_record_end(struct gs_sys *sys, uint32_t id, size_t keep, struct gs_span text,
		  struct gs_err *err);
int gs_record_drop(struct gs_sys *sys, uint32_t id, struct gs_err *err);
bool gs_records_torn(struct gs_sys *sys, bool remove);

/** struct gs_journal_ops - /var/lib/gshare; see sys.h */
struct gs_journal_ops {
	/** every existing record, by id; none where the directory is absent */
	int (*list)(struct gs_sys *, struct gs_record_files *ret, struct gs_err *);
	/** write a new record; it is on the disk once this returns; makes the directory */
	int (*begin)(struct gs_sys *, uint32_t id, struct gs_span text, struct gs_err *);
	/** the record's first keep bytes, then text; on the disk once this returns */
	int (*end)(struct gs_sys *, uint32_t id, size_t keep, struct gs_span text, struct gs_err *);
	int (*drop)(struct gs_sys *, uint32_t id, struct gs_err *);
	/**
	 * is there a temporary of a record that never appeared, as of a run that was killed before
	 * it had begun? @remove: and remove it; only while the lock is held
	 */
	bool (*torn)(struct gs_sys *, bool remove);
	/**
	 * keep room beside it for a run on a full file system, at least so many bytes a file:
	 * spare.h
	 */
	int (*keep_spare)(struct gs_sys *, uint64_t bytes, struct gs_err *);
};

extern const struct gs_journal_ops gs_journal_host;
