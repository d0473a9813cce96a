/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "core/exports/nfsd_states.h"
#include "core/leader/repair.h"
#include "core/plan/finding.h"

/** struct gs_done - what became of a plan */
struct gs_done {
	uint32_t run;		 /* its number in the journal; 0: it has none */
	size_t record_bytes;	 /* of the record's first line */
	size_t n;		 /* steps carried out */
	struct gs_strs verified; /* sentences: what was shown, by whom */
	struct gs_findings findings;
	size_t foreign;	    /* other exports, all unchanged */
	bool readonly;	    /* the share is read-only on this host */
	bool unverified;    /* the verification failed and was waived */
	uint32_t owner_uid; /* that the server gave to the test file, where one was created */
	bool has_owner;
	int64_t wrote_ns;    /* when the first file was replaced */
	bool active;	     /* etab says what was predicted */
	unsigned active_ms;  /* from wrote_ns until then */
	unsigned drained_ms; /* how long DRAIN waited */
	bool drain_cut;	     /* the deadline ended the drain early */
	/* Files open for writing at the switch, the first ones by name: "'files/a' on gpu-1
	 * (ADDR)". */
	struct gs_writing open;
	bool open_unknown;	 /* not all states of nfsd's clients could be read */
	struct gs_repair repair; /* what REPAIR gave rights to, and what it left */
};

void gs_done_done(struct gs_done *done);
