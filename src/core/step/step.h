/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"
#include "base/types.h"

enum gs_step_kind {
	GS_STEP_ADD_ACCOUNT,
	GS_STEP_MAKE_DIR,
	GS_STEP_CHECK_EXPORTS,
	GS_STEP_DRAIN,
	GS_STEP_WRITE_FILE,
	GS_STEP_START_SERVER,
	GS_STEP_APPLY_EXPORTS,
	GS_STEP_STAGE,
	GS_STEP_GUARD,
	GS_STEP_MOUNT,
	GS_STEP_READ_AHEAD,
	GS_STEP_VERIFY,
	GS_STEP_UMOUNT,
	GS_STEP_REMOUNT,
	GS_STEP_RENEW,
	GS_STEP_REPAIR,
	GS_STEP_STOP_SERVER,
	GS_STEP_REMOVE_DIR,
	GS_STEP_SET_DIR,
};

enum { GS_STEP_KINDS = GS_STEP_SET_DIR + 1 }; /* outside: no kind that a switch would name */

/** struct gs_verification - what VERIFY has to show */
struct gs_verification {
	struct gs_strs dirs; /* absolute; where files are written */
	uid_t uid;	     /* the identity that writes */
	gid_t gid;
	const char *who;      /* the name of uid */
	bool skip;	      /* an offline run verifies nothing */
	bool writable;	      /* false: reading and the refusal are the verification */
	bool keep_unverified; /* go on although the verification failed */
	const char *id;	      /* share id expected in ROOT/.gshare-id, NULL: none known */
	const char *root;     /* of the share, as seen here */
	const char *id_fix;   /* what gives the share an id where it has none; NULL: not known */
};

/** enum gs_loss - what becomes of a file that a follower has open for writing, the worst last */
enum gs_loss {
	GS_LOSS_NONE,
	GS_LOSS_HANDLE,	  /* its handle is read another way */
	GS_LOSS_IDENTITY, /* who writes is somebody else */
	GS_LOSS_ACCESS,	  /* nobody writes */
};

/** struct gs_drain - what DRAIN waits for: no file open for writing by the clients of hosts */
struct gs_drain {
	struct gs_strs hosts;  /* addresses and networks that lose their write access */
	struct gs_strs spared; /* addresses inside them that have an entry of their own */
	unsigned seconds;
	enum gs_loss loss; /* of all hosts the worst */
	bool force;
	const char
		*again; /* the command that does it by force; NULL: what was typed, and --force */
};

void gs_drain_done(struct gs_drain *drain);

/** struct gs_step - one effect, as data; every string is the plan's, lists are its own */
struct gs_step {
	enum gs_step_kind kind;
	const char *path; /* absolute inside the root; the account's name for ADD_ACCOUNT */
	const char *why;  /* one clause, shown by --dry-run and in errors */
	union {
		struct gs_dir_spec dir; /* of REMOVE_DIR: to make it again */
		struct {
			struct gs_dir_spec from, to; /* from = what observe saw */
		} set_dir;
		struct {
			uint32_t id; /* of the user and of its group */
		} account;
		struct {
			struct gs_span old, text; /* old = what observe saw */
			bool old_exists;
			bool remove; /* take the file away; text is empty */
			bool secret; /* the journal keeps masks: envmask.h */
			bool masked; /* old and text are masks: of a record of such a step */
			mode_t mode; /* of a new file, or of the one that goes */
		} write;
		struct {
			const char *source, *type, *options;
		} mount; /* of STAGE, and of MOUNT, which attaches what STAGE has mounted */
		struct {
			const char *was, *flags; /* as gs_mountpoint_flags() */
		} remount;
		struct {
			const char *source, *type, *options; /* to mount it again */
			bool force, lazy;
			unsigned ahead_kib; /* read-ahead it had; 0: not known */
		} umount; /* of RENEW too, which attaches what STAGE has mounted */
		struct {
			bool on; /* false: no longer */
		} guard;
		struct {
			unsigned kib, was_kib; /* was 0: a mount of this run */
		} ahead;
		struct {
			bool was_running, was_enabled; /* STOP: as it shall be again */
		} server;
		struct {
			uid_t uid; /* the owner, who gets the rights */
			gid_t gid;
			const char *who;      /* the name of uid */
			struct gs_strs names; /* of the directories below path */
		} repair;
		struct {
			/* every file that exportfs would read after the run */
			struct gs_files candidates;
			struct gs_str hosts; /* names already resolved, as hosts(5) lines */
		} check;
		struct gs_drain drain;
		struct gs_verification verification;
	};
};

/**
 * struct gs_step_info - one kind of step, as far as it touches nothing: engine/step/step.h has the
 * rest
 * @name:  in the journal and in JSON
 * @was:   as an older journal has it, which is read for ever; NULL: never another
 * @words: what it amounts to on a shell; NULL: add() puts it together
 * @with_path: behind the words
 * @offline: done below --root too: files and directories
 * @only_looks: a plan of such steps alone changes nothing
 * @writes_file: of an administrator: who may replace what is on the way to it is asked before, and
 *           what it has become by then stops no later command
 * @done: frees the lists that it holds; NULL: it holds none
 */
struct gs_step_info {
	const char *name, *was, *words;
	bool with_path;
	void (*add)(const struct gs_step *step, struct gs_str *out);
	void (*done)(struct gs_step *step);
	bool offline, only_looks, writes_file;
};

/* The rows, each in the file of its noun. */
extern const struct gs_step_info gs_info_add_account;
extern const struct gs_step_info gs_info_make_dir, gs_info_remove_dir, gs_info_set_dir;
extern const struct gs_step_info gs_info_write_file;
extern const struct gs_step_info gs_info_check_exports, gs_info_drain, gs_info_apply_exports;
extern const struct gs_step_info gs_info_start_server, gs_info_stop_server;
extern const struct gs_step_info gs_info_stage, gs_info_mount, gs_info_umount, gs_info_remount,
	gs_info_renew, gs_info_guard, gs_info_read_ahead, gs_info_verify;
extern const struct gs_step_info gs_info_repair;
