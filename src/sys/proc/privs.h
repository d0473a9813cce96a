/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Privileges (capabilities(7), libcap): between phases the effective set is empty. This module
 * keeps no state, the kernel does. Note that uid 0 without capabilities still owns root's files,
 * and that a program executed by uid 0 gets the whole permitted set back.
 */

enum gs_phase {
	GS_PHASE_NONE,	  /* nothing */
	GS_PHASE_OBSERVE, /* read what only root may read */
	GS_PHASE_APPLY,	  /* files, owners, mounts, namespaces */
	GS_PHASE_PROBE,	  /* children that become other users */
};

enum { GS_NOBODY = 65534 }; /* the kernel's overflow uid and gid; Debian's nobody and nogroup */

/** The capabilities that a child keeps when it becomes another user. */
enum gs_keep {
	GS_KEEP_NOTHING,
	GS_KEEP_NET_BIND, /* CAP_NET_BIND_SERVICE: the source port that "secure" exports require */
	GS_KEEP_FILES,	  /* what a container's root has over files: CHOWN, DAC_OVERRIDE, FOWNER,
			     FSETID */
};

/** gs_privs_init - empty the effective set; first thing in main; also for ordinary users */
int gs_privs_init(struct gs_err *err);

/**
 * gs_privs_need - may this process do what the phase is for?
 * -GS_E_PRIVILEGE (cause NEED_ROOT, fix "sudo ...") names the capabilities that are not permitted.
 */
int gs_privs_need(enum gs_phase phase, struct gs_err *err);

/**
 * gs_privs_enter - raise the capabilities of the phase where permitted, and lower all others
 * For an ordinary user this raises nothing and is no error: gs_privs_need() checks.
 */
int gs_privs_enter(enum gs_phase phase, struct gs_err *err);

/** gs_privs_leave - empty the effective set again */
void gs_privs_leave(void);

/** GS_USER_UNMAPPED - the cause where a container has no such user */
#define GS_USER_UNMAPPED "USER_UNMAPPED"

/**
 * gs_privs_become - in a child: become another user for good
 * No supplementary groups; the real, effective and saved ids are the same; all capability sets are
 * empty but for keep; no bounding set; no_new_privs. A death signal that was set is set again,
 * since the kernel clears it at a change of ids (prctl(2) PR_SET_PDEATHSIG).
 * An ordinary user can only become itself, and keeps its groups.
 * Errors: -GS_E_PRIVILEGE; -ESRCH where the parent died meanwhile.
 */
int gs_privs_become(uid_t uid, gid_t gid, enum gs_keep keep, struct gs_err *err);

/**
 * gs_privs_be_nobody - in a child: gs_privs_become(GS_NOBODY) where permitted
 * A process that may not become nobody keeps its uid, with no capability but keep's: that of an
 * ordinary user, or of root in many containers.
 */
int gs_privs_be_nobody(enum gs_keep keep, struct gs_err *err);

/**
 * gs_privs_readlink - readlink(2) in another user's /proc, with CAP_SYS_PTRACE for this call only
 * @ret: the target, cut to size - 1 bytes; empty on failure
 * Returns 0, or -errno as readlink(2).
 */
int gs_privs_readlink(const char *path, char *ret, size_t size);

/**
 * gs_privs_raw_socket - a raw socket, not blocking, with CAP_NET_RAW for this call only
 * Returns a descriptor, or -errno as socket(2).
 */
int gs_privs_raw_socket(int family, int protocol);

/**
 * gs_privs_raise_ptrace - in a child that reads /proc of other processes: raise CAP_SYS_PTRACE
 * where permitted, beside the current set; the link to another process' root needs it (ptrace(2))
 */
void gs_privs_raise_ptrace(void);

/** gs_privs_raise_mount - likewise CAP_SYS_ADMIN, in a child that looks below a mount */
void gs_privs_raise_mount(void);

/** gs_privs_raise_chroot - likewise CAP_SYS_CHROOT, in a child that changes its root */
void gs_privs_raise_chroot(void);

/** gs_privs_drop - in a child: drop all capabilities for good; ids stay */
int gs_privs_drop(struct gs_err *err);

/**
 * gs_privs_fork - fork(2), with a descriptor of the child
 * @apart: in: create a pid namespace where root may make one; out: it was created. The child is pid
 *       1 there, so that its end ends all processes it started, in whatever session they are
 * @ret_pidfd: in the parent (pidfd_open(2)); -1 where Linux is before 5.2, and in the child
 * Returns -1 and errno as fork(2).
 */
pid_t gs_privs_fork(bool *apart, int *ret_pidfd);

/** gs_privs_kill - kill(2), with CAP_KILL for this call only where permitted; 0 or -errno */
int gs_privs_kill(pid_t pid, int signal);

/** struct gs_privs_ops - what a phase may do; see sys.h */
struct gs_privs_ops {
	/** raise what a phase needs, lower all else; GS_PHASE_NONE lowers all */
	int (*enter)(enum gs_phase, struct gs_err *);
	/** -GS_E_PRIVILEGE where this process may not do what the phase is for */
	int (*need)(enum gs_phase, struct gs_err *);
};

extern const struct gs_privs_ops gs_privs_host;
