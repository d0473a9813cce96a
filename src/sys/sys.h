/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/holder.h"
#include "base/str.h"
#include "base/trust.h"
#include "base/types.h"
#include "sys/access/access.h"
#include "sys/access/visibility.h"
#include "sys/fs/file_swap.h"
#include "sys/fs/root.h"
#include "sys/fs/walk.h"
#include "sys/journal.h"
#include "sys/nfs/browse.h"
#include "sys/proc/privs.h"
#include "sys/server/knfsd.h"

/*
 * The port: everything gshare does to or learns from a machine goes through one table, called
 * from engine only. Verbs of this program, not system calls. Three tables exist: gs_sys_host
 * (this machine), gs_sys_offline (a tree below --root: files only, every other entry is NULL and
 * its step is skipped) and the fake of the tests.
 *
 * Every entry returns 0 or a negative code with err set; ret_ outputs are untouched on failure.
 * Paths are absolute and lie below root_fd. Nothing here blocks past deadline_ns.
 */

enum { GS_TIME_BYTES = 24 }; /* "2026-11-22T19:06:14Z" */

struct gs_sys_ops {
	/* Files; all paths stay below root_fd. */

	/** the whole file; *ret_exists false (and 0) where it is absent; -EFBIG over max bytes */
	int (*read_file)(struct gs_sys *, const char *path, size_t max, struct gs_str *ret_text,
			 bool *ret_exists, struct gs_err *);
	/** names in a directory that end in suffix, sorted bytewise; an absent one has none */
	int (*list_dir)(struct gs_sys *, const char *path, const char *suffix,
			struct gs_strs *ret_names, struct gs_err *);
	/** lstat and ACLs; a link among the parents makes it a LINK, an absent parent or one that
	 * is no directory makes it ABSENT */
	int (*look)(struct gs_sys *, const char *path, struct gs_node *ret, struct gs_err *);
	/** appears complete (owner, mode, ACLs) or not at all; -EEXIST where something is there */
	int (*make_dir)(struct gs_sys *, const char *path, const struct gs_dir_spec *,
			struct gs_err *);
	/** an empty directory; -ENOTEMPTY otherwise */
	int (*remove_dir)(struct gs_sys *, const char *path, struct gs_err *);
	/**
	 * owner, mode and ACLs of a directory itself, where they are from's (else -ESTALE); all of
	 * it or, after a failure, from's again. An ACL that to does not name stays.
	 */
	int (*dress_dir)(struct gs_sys *, const char *path, const struct gs_dir_spec *from,
			 const struct gs_dir_spec *to, struct gs_err *);
	int (*replace_file)(struct gs_sys *, const struct gs_replace *, struct gs_err *);
	/**
	 * the way to a file that is to be written, as sys->trust has it, as far as it is there;
	 * -ETIMEDOUT where a silent server is on it. read_file, replace_file and settle have that
	 * error too: far.h
	 */
	int (*way)(struct gs_sys *, const char *path, struct gs_way *ret, struct gs_err *);
	/** one gshare at a time; held until the process ends; -GS_E_LOCKED names a holder that
	 * can be seen */
	int (*lock)(struct gs_sys *, struct gs_err *);

	/** every entry below some directories, and ACLs for those that need them: walk.h */
	int (*walk)(struct gs_sys *, const struct gs_tree_walk *, struct gs_tree_walked *ret,
		    struct gs_err *);
	/** entries opened by a user who shall be able to change them: walk.h */
	int (*open_as)(struct gs_sys *, const struct gs_open_req *, struct gs_opened *ret,
		       struct gs_err *);
	/** does another gshare hold the lock? never waits, keeps nothing */
	bool (*is_locked)(struct gs_sys *);
	/**
	 * what a killed run left beside a path: its temporaries are removed; where one of them
	 * came out of an exchange and is not what the run had read, it is put back in its place.
	 * What others have made to look like one stays, and nothing fails because of it.
	 * @replace: the step of that run; NULL where it made a directory
	 * @dir: that directory; NULL where it wrote a file
	 */
	int (*settle)(struct gs_sys *, const char *path, const struct gs_replace *replace,
		      const struct gs_dir_spec *dir, struct gs_err *);

	/* The journal, /var/lib/gshare: journal.h. */

	/** every record there is, by id; none where the directory is absent */
	int (*records)(struct gs_sys *, struct gs_record_files *ret, struct gs_err *);
	/** a new record, on the disk once this returns; makes the directory */
	int (*record_begin)(struct gs_sys *, uint32_t id, struct gs_span text, struct gs_err *);
	/** the record's first keep bytes, then text; on the disk once this returns */
	int (*record_end)(struct gs_sys *, uint32_t id, size_t keep, struct gs_span text,
			  struct gs_err *);
	int (*record_drop)(struct gs_sys *, uint32_t id, struct gs_err *);
	/** room beside it for a run that finds none, of at least so many bytes a file: spare.h */
	int (*keep_spare)(struct gs_sys *, uint64_t bytes, struct gs_err *);

	/* Accounts: from DIR/etc/passwd and group offline, by NSS on the host. */

	/** by name, or by number where name is all digits; -ENOENT; -ETIMEDOUT: accounts.h */
	int (*find_account)(struct gs_sys *, const char *name, struct gs_account *ret,
			    struct gs_err *);
	int (*find_group)(struct gs_sys *, const char *name, gid_t *ret, struct gs_err *);
	/** a system account's number that nobody has, nor @taken; -ENOSPC; accounts.h */
	int (*free_system_id)(struct gs_sys *, const struct gs_ids *taken, uint32_t *ret,
			      struct gs_err *);
	/** a system account and its group, both with this number */
	int (*add_account)(struct gs_sys *, const char *name, uint32_t id, struct gs_err *);
	int (*remove_account)(struct gs_sys *, const char *name, struct gs_err *);
	uint32_t (*random_id)(struct gs_sys *); /* never 0 */

	/* The leader. */

	int (*fs)(struct gs_sys *, const char *path, struct gs_fs *ret, struct gs_err *);
	int (*server)(struct gs_sys *, struct gs_server *ret, struct gs_err *);
	/** the same without asking systemd, which takes longer than all else: never enabled */
	int (*serving)(struct gs_sys *, struct gs_server *ret, struct gs_err *);
	/** /var/lib/nfs/etab as it is */
	int (*active_exports)(struct gs_sys *, struct gs_str *ret_etab, struct gs_err *);
	/**
	 * what the system's exportfs makes of candidates: all the files that it would read
	 * @hosts: hosts(5) lines put before the machine's own; @ret_said: exportfs' messages
	 */
	int (*check_exports)(struct gs_sys *, const struct gs_files *candidates,
			     struct gs_span hosts, struct gs_str *ret_etab, struct gs_str *ret_said,
			     struct gs_err *);
	/**
	 * room for an etab of so many bytes? exportfs puts a cut one in place; cause STATE_FULL
	 * @files: that are written before it, and may take what room there is
	 */
	int (*room_for_etab)(struct gs_sys *, size_t bytes, unsigned files, struct gs_err *);
	/**
	 * exportfs -ra; its status is not to be trusted, its messages are in ret_said
	 * @bytes: of the etab that comes of it; 0: not known. Without room for it exportfs does
	 * not run; cause STATE_FULL
	 */
	int (*apply_exports)(struct gs_sys *, size_t bytes, struct gs_str *ret_said,
			     struct gs_err *);
	/** start it now if it does not run, and at every boot; a running one is not restarted */
	int (*start_server)(struct gs_sys *, struct gs_err *);
	/** the reverse, as far as was_running and was_enabled allow */
	int (*stop_server)(struct gs_sys *, bool was_running, bool was_enabled, struct gs_err *);

	/**
	 * NFSv4 clients of nfsd, as many as there are; none where it does not run
	 * After a failure the sink has had a part of them, states that are wanted without an end.
	 * Errors: -GS_E_PRIVILEGE, -ETIMEDOUT (cause CLIENTS_SLOW).
	 */
	int (*clients)(struct gs_sys *, const struct gs_client_sink *, struct gs_err *);

	/* Time: CLOCK_MONOTONIC, but for the date. */

	int64_t (*now_ns)(struct gs_sys *);
	void (*date)(struct gs_sys *, char ret[static GS_TIME_BYTES]); /* UTC, ISO 8601 */
	void (*pause)(struct gs_sys *, unsigned ms);

	/* Addresses. */

	/** numeric addresses of a name; -ENOENT where it has none, -ETIMEDOUT */
	int (*resolve)(struct gs_sys *, const char *name, struct gs_strs *ret_addrs,
		       struct gs_err *);
	/** our own address on the way to addr; no packet is sent */
	int (*address_facing)(struct gs_sys *, const char *addr, char **ret, struct gs_err *);
	/** numeric addresses of ours, without loopback and link-local ones */
	int (*own_addresses)(struct gs_sys *, struct gs_strs *ret, struct gs_err *);

	/* The follower. */

	bool (*has_client)(struct gs_sys *); /* mount.nfs is installed */
	/** from now on what lies on the way to target is reached through what it was now:
	 * pin_path.h */
	int (*hold_path)(struct gs_sys *, const char *target, struct gs_err *);
	/** connect to 2049 and call NULL; the cause is in err->id */
	int (*reach)(struct gs_sys *, const char *addr, unsigned *ret_connect_us, struct gs_err *);
	int (*find_exports)(struct gs_sys *, const char *addr, struct gs_nfs_exports *ret,
			    struct gs_err *);
	/** is it exported to us, and its share id ("" where it has none) */
	int (*read_export_id)(struct gs_sys *, const char *addr, const char *path,
			      char ret_id[GS_SHARE_ID_BYTES], struct gs_err *);
	/** who gets what, as mountd says, in at most a second; often it cannot be asked: mountd.h
	 */
	int (*list_grants)(struct gs_sys *, const char *addr, struct gs_grants *ret,
			   struct gs_err *);
	/** what is mounted exactly at target, from the mount table alone */
	int (*find_mount)(struct gs_sys *, const char *target, struct gs_mounted *ret,
			  bool *ret_found, struct gs_err *);
	/** what is mounted over or above path */
	int (*find_mount_of)(struct gs_sys *, const char *path, struct gs_mounted *ret,
			     struct gs_err *);
	/** every mount of a file system, in the mount table's order; one that is hidden, too */
	int (*list_mounts)(struct gs_sys *, dev_t dev, struct gs_mounts *ret, struct gs_err *);
	/** every NFS mount, in the mount table's order */
	int (*list_nfs)(struct gs_sys *, struct gs_mounts *ret, struct gs_err *);
	int (*mount)(struct gs_sys *, const char *source, const char *target, const char *type,
		     const char *options, struct gs_err *);
	/**
	 * mounts where nobody sees it, to be attached to target later: until then read_bounded and
	 * probe of a path below target look there, and the end of gshare is the end of the mount
	 */
	int (*stage)(struct gs_sys *, const char *source, const char *target, const char *type,
		     const char *options, struct gs_err *);
	/** what stands at target below what is mounted there: guard.h; -EPERM for ordinary users */
	int (*look_bare)(struct gs_sys *, const char *target, struct gs_node *ret, struct gs_err *);
	/** makes the bare directory immutable, or changeable again */
	int (*set_guard)(struct gs_sys *, const char *target, bool on, struct gs_err *);
	/** KiB, 0 where the kernel shows none: readahead.h */
	int (*read_ahead)(struct gs_sys *, const struct gs_mounted *, unsigned *ret_kib,
			  struct gs_err *);
	int (*set_read_ahead)(struct gs_sys *, const struct gs_mounted *, unsigned kib,
			      struct gs_err *);
	/** changes ro, nosuid, nodev, noexec in place: remount.h; -EBUSY while files are written */
	int (*remount)(struct gs_sys *, const char *target, const char *was, const char *flags,
		       struct gs_err *);
	/** makes the staged mount appear at its target, a directory without a link on its way */
	int (*attach)(struct gs_sys *, struct gs_err *);
	/** drops what is staged; nothing where nothing is */
	void (*unstage)(struct gs_sys *);
	/**
	 * @how: enum gs_umount_how of mount.h; -EBUSY while somebody uses it. Ended at the deadline
	 * where the server is silent; a mount that has left the table by then is unmounted. Where
	 * the way to target is held, it is the mount that was found or attached there, wherever
	 * that has gone.
	 */
	int (*umount)(struct gs_sys *, const char *target, unsigned how, struct gs_err *);
	/** who keeps a mount busy: mount_users.h */
	int (*holders)(struct gs_sys *, const struct gs_mounted *, struct gs_holders *ret,
		       struct gs_err *);
	/** /proc/self/mountstats as it is */
	int (*mountstats)(struct gs_sys *, struct gs_str *ret, struct gs_err *);
	/** one request to the server of the mount at path, in a child: mount_stats.h */
	int (*ask_mount)(struct gs_sys *, const char *path, struct gs_err *);
	/** reads a small file that may lie on a silent server, in a child */
	int (*read_bounded)(struct gs_sys *, const char *path, size_t max, struct gs_str *ret,
			    struct gs_err *);
	/** the probe of access.h */
	int (*probe)(struct gs_sys *, const struct gs_access_req *, struct gs_access_result *ret,
		     struct gs_err *);

	/** how soon a name that another client made is seen: visibility.h */
	int (*seen)(struct gs_sys *, const struct gs_seen_req *, unsigned *ret_us, struct gs_err *);

	/** raise what a phase needs, lower all else; GS_PHASE_NONE lowers all: privs.h */
	int (*privilege)(enum gs_phase, struct gs_err *);
	/** -GS_E_PRIVILEGE where this process may not do what the phase is for */
	int (*need)(enum gs_phase, struct gs_err *);
};

extern const struct gs_sys_ops gs_sys_host;
extern const struct gs_sys_ops gs_sys_offline;

/**
 * gs_sys_init - the machine or a tree for offline work
 * @root: NULL for the host table, else a directory; @timeout_ms: the command's deadline from now
 * Errors: -GS_E_USAGE, cause ROOT_IS_HERE, where the tree is the machine's own.
 */
int gs_sys_init(struct gs_sys *sys, const char *root, unsigned timeout_ms, struct gs_err *err);
void gs_sys_done(struct gs_sys *sys);

/** gs_sys_extend - the command ends no sooner than ms milliseconds from now */
void gs_sys_extend(struct gs_sys *sys, unsigned ms);

enum { GS_ASIDE_PART = 4 }; /* of a time is set aside for what follows */

/**
 * gs_sys_aside - what goes on now ends before end_ns, so that what may have to follow has time
 * A quarter of what is left until then stays, or of the command's whole time where that is less.
 */
void gs_sys_aside(struct gs_sys *sys, int64_t end_ns);
