/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"
#include "base/types.h"
#include "core/firewall/firewall.h"
#include "core/package/package.h"

enum gs_step_kind {
	GS_STEP_INSTALL,
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
	GS_STEP_OPEN_PORT,
	GS_STEP_CLOSE_PORT,
	GS_STEP_START_UNIT,
	GS_STEP_STOP_UNIT,
};

enum { GS_STEP_KINDS = GS_STEP_STOP_UNIT + 1 }; /* not in the enum: no switch handles it */

/** struct gs_verification - what VERIFY tests */
struct gs_verification {
	struct gs_strs dirs; /* absolute; files are written in them */
	uid_t uid;	     /* the user that writes */
	gid_t gid;
	const char *who;      /* the name of uid */
	bool skip;	      /* an offline run verifies nothing */
	bool writable;	      /* false: reading must succeed, writing be refused */
	bool keep_unverified; /* go on although the verification failed */
	const char *id;	      /* share id expected in ROOT/.gshare-id, NULL: none known */
	const char *root;     /* of the share, a path on this node */
	const char *source;   /* its HOST:PATH; NULL: it is on this node, or mounted already */
	const char *id_fix;   /* the command that gives a share without id one; NULL: not known */
};

/** enum gs_loss - what becomes of a file that a follower has open for writing, the worst last */
enum gs_loss {
	GS_LOSS_NONE,
	GS_LOSS_HANDLE,	  /* nfsd reads its handle differently */
	GS_LOSS_IDENTITY, /* writes come from another user */
	GS_LOSS_ACCESS,	  /* writes are refused */
};

/** struct gs_drain - DRAIN waits until no client of these hosts has a file open for write */
struct gs_drain {
	struct gs_strs hosts;  /* addresses and networks that lose their write access */
	struct gs_strs spared; /* addresses inside the networks that have their own entry */
	unsigned seconds;
	enum gs_loss loss; /* the worst of all hosts */
	bool force;
	const char
		*again; /* the command run again with --force; NULL: as typed, and with --force */
};

void gs_drain_done(struct gs_drain *drain);

/** struct gs_step - one change, as data; the plan owns the strings, the step its lists */
struct gs_step {
	enum gs_step_kind kind;
	const char *path; /* absolute inside the root; a name for ADD_ACCOUNT, INSTALL and units,
			     a host for OPEN_PORT, CLOSE_PORT */
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
			bool remove; /* remove the file; text is empty */
			bool secret; /* the journal keeps gs_envmask() of it */
			bool masked; /* old and text are masks, read from the journal */
			mode_t mode; /* of a new file, or of the one removed */
		} write;
		struct {
			const char *source, *type, *options;
		} mount; /* of STAGE, and of MOUNT, which attaches the mount of STAGE */
		struct {
			const char *was, *flags; /* as gs_mountpoint_flags() */
		} remount;
		struct {
			const char *source, *type, *options; /* to mount it again */
			bool force, lazy;
			unsigned ahead_kib; /* read-ahead it had; 0: not known */
		} umount;		    /* also of RENEW, which attaches the mount of STAGE */
		struct {
			bool on; /* false: clear the flag */
		} guard;
		struct {
			unsigned kib, was_kib; /* was_kib 0: a mount of this run */
		} ahead;
		struct {
			bool was_running, was_enabled; /* of STOP: the state to restore */
		} server;
		struct {
			bool was_active;
		} unit; /* of systemd; path is its name */
		struct {
			uid_t uid; /* the owner, who gets access */
			gid_t gid;
			const char *who;      /* the name of uid */
			struct gs_strs names; /* of the directories below path */
		} repair;
		struct {
			/* every file that exportfs would read after the run */
			struct gs_files candidates;
			struct gs_str hosts; /* names already resolved, as hosts(5) lines */
		} check;
		struct gs_install install;
		struct gs_opening opening; /* of OPEN_PORT, CLOSE_PORT */
		struct gs_drain drain;
		struct gs_verification verification;
	};
};

/**
 * struct gs_step_info - the pure part of one kind of step; engine/step/step.h has the effects
 * @name:  in the journal and in JSON
 * @was:   name in older journals, which stay readable; NULL: it never changed
 * @words: the equivalent shell command; NULL: add() builds it
 * @with_path: the path follows the words
 * @offline: done below --root too: files and directories
 * @only_looks: a plan of such steps alone changes nothing
 * @writes_file: the step writes a file of the administrator: who can replace its path is checked
 *           before, and its state after a killed run stops no later command
 * @done: frees the lists of the step; NULL: it has none
 */
struct gs_step_info {
	const char *name, *was, *words;
	bool with_path;
	void (*add)(const struct gs_step *step, struct gs_str *out);
	void (*done)(struct gs_step *step);
	bool offline, only_looks, writes_file;
};

/* The rows of the table. */
extern const struct gs_step_info gs_info_install, gs_info_add_account;
extern const struct gs_step_info gs_info_make_dir, gs_info_remove_dir, gs_info_set_dir;
extern const struct gs_step_info gs_info_write_file;
extern const struct gs_step_info gs_info_check_exports, gs_info_drain, gs_info_apply_exports;
extern const struct gs_step_info gs_info_start_server, gs_info_stop_server;
extern const struct gs_step_info gs_info_stage, gs_info_mount, gs_info_umount, gs_info_remount,
	gs_info_renew, gs_info_guard, gs_info_read_ahead, gs_info_verify;
extern const struct gs_step_info gs_info_repair;
extern const struct gs_step_info gs_info_open_port, gs_info_close_port;
extern const struct gs_step_info gs_info_start_unit, gs_info_stop_unit;
