/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/plan_unmount.h"
#include "core/leader/leader_status.h"
#include "core/undo/history.h"

/* undo: a run of the journal and the machine as it is now become the steps that reverse it. */

struct gs_undo_req {
	uint32_t id; /* 0: the last run that can be undone */
	unsigned drain_s;
	bool drain_given;
	bool force;
};

/** struct gs_undo_facts - owned; free with gs_undo_facts_done() of the engine */
struct gs_undo_facts {
	struct gs_runs runs;
	const struct gs_run *run; /* in runs: the one to be undone */
	struct gs_files files;	  /* of the run's WRITE_FILE steps, in their order */
	struct gs_files exports;  /* all that exportfs reads, where the run is about exports */
	struct gs_places dirs;	  /* of MAKE_DIR, REMOVE_DIR, DRESS_DIR steps, in their order */
	struct gs_places bare;	  /* of GUARD steps: the directory below what is mounted there */
	struct gs_mounts
		mounts; /* of MOUNT, UMOUNT, READ_AHEAD steps; no source: nothing is there */
	struct gs_mount_use *use; /* as many: what holds the umount of a MOUNT step's up */
	struct gs_names names;	  /* of clients, as they resolve now */
	struct gs_server server;
	struct gs_str etab;	       /* in force, empty while the server does not run */
	struct gs_status_facts shares; /* whose exports the run changed; no more of it is filled
					  than gs_observe_roots() and gs_observe_spares() do */
};

/**
 * gs_plan_undo - the steps, last one of the run first
 * What nobody may lose stays and is named: directories with something in them, the account, a
 * server that others need. Findings DIR_KEPT, ACCOUNT_KEPT, RIGHTS_KEPT,
 * SERVER_KEPT, ID_BROKEN. What leader init would refuse in the state that comes back is done, and
 * warned of as gs_status_tell_dangers() does.
 * @plan: as gs_plan_leader(). Errors: -ESTALE, cause UNDO_CONFLICT, with file:line or the path,
 * where somebody has changed since what would be restored; SERVER_SILENT, MOUNT_BUSY as
 * gs_plan_unmount().
 */
int gs_plan_undo(const struct gs_undo_req *req, const struct gs_undo_facts *facts,
		 struct gs_plan *plan, struct gs_err *err);

/**
 * gs_undo_is_new_id - a step that wrote a .gshare-id where there was none
 * Undone it goes, unless something else is there by now: finding ID_BROKEN, and it stays.
 */
bool gs_undo_is_new_id(const struct gs_step *step);

/** gs_run_has_exports - is the run about exports? */
bool gs_run_has_exports(const struct gs_run *run);
