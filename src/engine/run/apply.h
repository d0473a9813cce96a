/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/exports/nfsd_states.h"
#include "core/leader/repair.h"
#include "core/plan/model.h"
#include "sys/sys.h"

/** struct gs_done - what became of a plan */
struct gs_done {
	uint32_t run;	       /* its number in the journal; 0: it has none */
	size_t record_bytes;   /* of the record's first line */
	size_t n;	       /* steps carried out */
	struct gs_strs proved; /* sentences: what was shown, by whom */
	struct gs_findings findings;
	size_t foreign;	    /* other exports, all unchanged */
	bool readonly;	    /* the share lets nobody here write */
	bool unproved;	    /* the proof failed and was waived */
	uint32_t owner_uid; /* whom the server made the owner of our file, where one was made */
	bool has_owner;
	int64_t wrote_ns;     /* when the first file was replaced */
	bool in_force;	      /* etab says what was predicted */
	unsigned in_force_ms; /* from the write of the file to that */
	unsigned drained_ms;  /* how long DRAIN waited */
	bool drain_cut;	      /* which is less than it should: the deadline came first */
	/* Files open for writing at the switch, the first ones by name: "'files/a' on gpu-1
	 * (ADDR)". */
	struct gs_writing open;
	bool open_unknown;	 /* the server's clients could not be looked at to the end */
	struct gs_repair repair; /* what REPAIR gave rights to, and what it left */
};

/**
 * gs_hold - take the lock before anything is observed, for a command that will change something
 * What is observed then stays so, as far as other gshares go. Without the privileges to change
 * anything nothing is done: there may be nothing to change, and gs_apply says so otherwise.
 * Errors: -GS_E_LOCKED.
 */
int gs_hold(struct gs_sys *sys, struct gs_err *err);

/**
 * gs_apply - carry out a plan, step by step
 * The first failure stops it, and what was done is taken back, last step first: err says which
 * step failed and why. -GS_E_LEFT (cause LEFT) where something could not be taken back; the
 * message lists it. Takes the lock and writes the journal before the first step. Success leaves
 * the run open: gs_finish() ends it, once it is verified. A run that is never ended counts as
 * killed, and the next one takes it back.
 * @done: filled in either case; free with gs_done_done()
 */
int gs_apply(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
	     struct gs_err *err);

/**
 * gs_take_back - undo what was done of a plan, last step first
 * @err: holds the failure that is the reason; its code becomes -GS_E_LEFT where something stays
 */
int gs_take_back(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		 struct gs_err *err);

/**
 * gs_finish - the run is done and verified: say so in the journal
 * Where that cannot be written, the run is taken back like one that failed.
 */
int gs_finish(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
	      struct gs_err *err);

/**
 * gs_can_flush - may what is in force change now?
 * Errors: -EPROTO, MOUNTD_DEAD or SERVER_DOWN: a change would hang every follower.
 */
int gs_can_flush(struct gs_sys *sys, struct gs_err *err);

/** gs_step_take_back - one step alone, whatever became of it: for recovery */
int gs_step_take_back(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		      const struct gs_step *step, struct gs_err *err);

void gs_done_done(struct gs_done *done);

/**
 * gs_drain - the DRAIN step: drain.c; -EBUSY, cause FILES_OPEN, names the files
 * What the clients hold open is theirs to choose: by force it never fails, and never takes long.
 */
int gs_drain(struct gs_sys *sys, const struct gs_drain *drain, struct gs_done *done,
	     struct gs_err *err);

/** gs_drain_least_s - the least deadline of a whole command that leaves a drain its seconds */
unsigned gs_drain_least_s(unsigned drain_s);

/** gs_drain_again - right after the switch: what was opened in between becomes a finding */
void gs_drain_again(struct gs_sys *sys, const struct gs_drain *drain, struct gs_done *done);

/** gs_prove - the PROVE step: prove.c */
int gs_prove(struct gs_sys *sys, const struct gs_proof *proof, struct gs_done *done,
	     struct gs_err *err);
