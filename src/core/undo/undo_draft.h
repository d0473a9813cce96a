/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/plan_unmount.h"
#include "core/leader/leader_status.h"
#include "core/plan/model.h"
#include "core/share/names.h"
#include "core/step/step.h"
#include "core/undo/history.h"

/* The plan of an undo while it is built: private to this folder, except request and facts. */

struct gs_undo_req {
	uint32_t id; /* 0: the last run that can be undone */
	unsigned drain_s;
	bool drain_given;
	bool force;
	bool yes;	  /* --yes was typed */
	bool no_firewall; /* leave its rules as they are */
};

/** struct gs_undo_facts - owned; free with gs_undo_facts_done() of the engine */
struct gs_undo_facts {
	struct gs_runs runs;
	const struct gs_run *run;   /* the run to be undone; points into runs */
	struct gs_files files;	    /* of the run's WRITE_FILE steps, in their order */
	struct gs_files exports;    /* all that exportfs reads, where the run is about exports */
	struct gs_path_inodes dirs; /* of MAKE_DIR, REMOVE_DIR, SET_DIR steps, in their order */
	struct gs_path_inodes bare; /* of GUARD steps: the directory below the mount */
	struct gs_mounts
		mounts; /* of MOUNT, UMOUNT, READ_AHEAD steps; no source: not mounted there */
	struct gs_mount_use *use; /* one for each mount: what prevents the umount of a MOUNT step */
	struct gs_strs active;	  /* units of START_UNIT and STOP_UNIT steps that run */
	struct gs_names names;	  /* of clients, with their present addresses */
	struct gs_firewall firewall; /* of a run with OPEN_PORT or CLOSE_PORT steps */
	struct gs_server server;
	struct gs_str etab;	       /* active; empty while the server does not run */
	struct gs_status_facts shares; /* whose exports the run changed; only
					  gs_observe_roots() and gs_observe_spares() fill it */
};

/** struct gs_undo_file - a file of the run, and the text it shall have */
struct gs_undo_file {
	const struct gs_step *step;
	const struct gs_file *file; /* as it is now */
	struct gs_str text;
	bool exists, changes;
};

struct gs_undo {
	const struct gs_undo_req *req;
	const struct gs_undo_facts *facts;
	struct gs_undo_file *file;
	size_t n;
	struct gs_strs kept; /* directories that stay */
	struct gs_plan plan;
};

void gs_undo_done(struct gs_undo *undo);

/** gs_undo_plan_file - add the step for a file, if the text changes */
void gs_undo_plan_file(struct gs_undo *undo, const struct gs_undo_file *file);

/** gs_undo_is_exports - is this one of the files that exportfs reads? */
bool gs_undo_is_exports(const struct gs_undo_facts *facts, const char *path);

/** gs_run_has_exports - is the run about exports? */
bool gs_run_has_exports(const struct gs_run *run);

/**
 * gs_undo_refuse - the error where others have changed since what would be restored
 * @place: path, or "path:line"; @what: "has another owner". Returns -ESTALE, cause UNDO_CONFLICT.
 */
int gs_undo_refuse(const struct gs_undo *undo, const char *path, const char *place,
		   const char *what, struct gs_err *err);
