/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/proc/privs.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/proc/fd.h"

#define PHASE(name) (1U << GS_PHASE_##name)

/*
 * CAP_KILL is raised in every phase that has children of another uid: both the deadline's SIGKILL
 * and the one that the kernel sends when gshare dies (PR_SET_PDEATHSIG) are checked against
 * gshare's effective set (kernel/signal.c kill_ok_by_cred). Children themselves raise from the
 * permitted set what they need to become another user.
 */
static const struct {
	cap_value_t cap;
	const char *name;
	unsigned raised; /* in these phases */
	unsigned needed; /* these phases make no sense without it */
} caps[] = {
	{ CAP_DAC_READ_SEARCH, "cap_dac_read_search", PHASE(OBSERVE) | PHASE(APPLY) | PHASE(PROBE),
	  PHASE(OBSERVE) },
	{ CAP_KILL, "cap_kill", PHASE(OBSERVE) | PHASE(APPLY) | PHASE(PROBE), 0 },
	{ CAP_CHOWN, "cap_chown", PHASE(APPLY), PHASE(APPLY) },
	{ CAP_DAC_OVERRIDE, "cap_dac_override", PHASE(APPLY), PHASE(APPLY) },
	{ CAP_FOWNER, "cap_fowner", PHASE(APPLY), PHASE(APPLY) },
	{ CAP_FSETID, "cap_fsetid", PHASE(APPLY), 0 },
	{ CAP_LINUX_IMMUTABLE, "cap_linux_immutable", PHASE(APPLY), 0 },
	{ CAP_SYS_ADMIN, "cap_sys_admin", PHASE(APPLY), PHASE(APPLY) },
	{ CAP_SETUID, "cap_setuid", PHASE(PROBE), PHASE(PROBE) },
	{ CAP_SETGID, "cap_setgid", PHASE(PROBE), PHASE(PROBE) },
};

static const cap_value_t becoming[] = { CAP_SETUID, CAP_SETGID, CAP_SETPCAP };
static const cap_value_t net_bind[] = { CAP_NET_BIND_SERVICE };
static const cap_value_t files[] = { CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID };

static void free_caps(cap_t *set)
{
	if (*set)
		cap_free(*set);
}

#define autocaps GS_AUTO(free_caps)

static bool is_permitted(cap_value_t cap)
{
	autocaps cap_t now = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;

	return now && !cap_get_flag(now, cap, CAP_PERMITTED, &value) && value == CAP_SET;
}

/* The effective set becomes the permitted part of want[]; with drop the permitted set too. */
static int set_caps(const cap_value_t *want, size_t n, bool drop)
{
	autocaps cap_t now = cap_get_proc(), next = cap_init();

	if (!now || !next)
		return -errno;
	if (!drop) {
		cap_free(next);
		next = cap_dup(now);
		if (!next || cap_clear_flag(next, CAP_EFFECTIVE) < 0)
			return -errno;
	}
	for (size_t i = 0; i < n; i++) {
		cap_flag_value_t value = CAP_CLEAR;

		/*
		 * A kernel older than the headers does not know the capability: it is not permitted
		 * then.
		 */
		if (cap_get_flag(now, want[i], CAP_PERMITTED, &value) < 0 || value != CAP_SET)
			continue;
		if (cap_set_flag(next, CAP_EFFECTIVE, 1, &want[i], CAP_SET) < 0 ||
		    (drop && cap_set_flag(next, CAP_PERMITTED, 1, &want[i], CAP_SET) < 0))
			return -errno;
	}
	return cap_set_proc(next) < 0 ? -errno : 0;
}

int gs_privs_init(struct gs_err *err)
{
	int r = set_caps(NULL, 0, false);

	if (r < 0)
		return gs_err_set(err, r, "cannot lower privileges: %s", strerror(-r));
	return 0;
}

int gs_privs_need(enum gs_phase phase, struct gs_err *err)
{
	gs_autostr struct gs_str missing = { 0 };

	for (size_t i = 0; i < GS_COUNT(caps); i++)
		if (caps[i].needed & 1U << phase && !is_permitted(caps[i].cap))
			gs_str_addf(&missing, "%s%s", missing.len ? ", " : "", caps[i].name);
	/* Programs that the apply phase runs get their capabilities only where uid 0 runs them. */
	if (!missing.len && !(phase == GS_PHASE_APPLY && geteuid()))
		return 0;
	if (geteuid())
		gs_err_set(err, GS_E_PRIVILEGE, "this needs root");
	else
		gs_err_set(err, GS_E_PRIVILEGE, "root lacks %s", missing.ptr);
	gs_err_cause(err, "NEED_ROOT");
	return gs_err_advise(err, "run it with sudo%s",
			     geteuid() ? ""
				       : " outside of a container, or give the container these");
}

int gs_privs_enter(enum gs_phase phase, struct gs_err *err)
{
	cap_value_t want[GS_COUNT(caps)];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < GS_COUNT(caps); i++)
		if (caps[i].raised & 1U << phase)
			want[n++] = caps[i].cap;
	r = set_caps(want, n, false);
	if (r < 0)
		return gs_err_set(err, r, "cannot raise privileges: %s", strerror(-r));
	return 0;
}

void gs_privs_leave(void)
{
	set_caps(NULL, 0, false);
}

/* Raises cap beside the current set; where it is not permitted, the call that needs it fails. */
static void raise_one(cap_value_t cap)
{
	autocaps cap_t raised = cap_get_proc();

	if (raised && !cap_set_flag(raised, CAP_EFFECTIVE, 1, &cap, CAP_SET))
		cap_set_proc(raised);
}

static void put_back(cap_t before)
{
	if (before)
		cap_set_proc(before);
}

int gs_privs_kill(pid_t pid, int signal)
{
	autocaps cap_t before = cap_get_proc();
	int r;

	/* A group may hold processes of several users; kill(2) skips those it may not signal. */
	raise_one(CAP_KILL);
	r = kill(pid, signal) < 0 ? -errno : 0;
	put_back(before);
	return r;
}

int gs_privs_readlink(const char *path, char *ret, size_t size)
{
	autocaps cap_t before = cap_get_proc();
	ssize_t len;
	int r;

	raise_one(CAP_SYS_PTRACE);
	len = readlink(path, ret, size - 1);
	r = len < 0 ? -errno : 0;
	ret[len < 0 ? 0 : len] = '\0';
	put_back(before);
	return r;
}

int gs_privs_raw_socket(int family, int protocol)
{
	autocaps cap_t before = cap_get_proc();
	int fd;

	raise_one(CAP_NET_RAW);
	fd = socket(family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (fd < 0)
		fd = -errno;
	put_back(before);
	return fd;
}

void gs_privs_raise_ptrace(void)
{
	raise_one(CAP_SYS_PTRACE);
}

void gs_privs_raise_mount(void)
{
	raise_one(CAP_SYS_ADMIN);
}

void gs_privs_raise_chroot(void)
{
	raise_one(CAP_SYS_CHROOT);
}

/*
 * Not glibc's fork(): only clone(2) takes flags, as its first argument except on s390 (clone(2), "C
 * library/kernel differences"). What else fork() does is for threads, which gshare does not have.
 */
static pid_t clone_child(unsigned long more, int *ret_pidfd)
{
	const unsigned long flags = SIGCHLD | CLONE_PIDFD | more;

#if defined(__s390__)
	return (pid_t)syscall(SYS_clone, NULL, flags, ret_pidfd, NULL, NULL);
#else
	return (pid_t)syscall(SYS_clone, flags, NULL, ret_pidfd, NULL, NULL);
#endif
}

static pid_t clone_apart(int *ret_pidfd)
{
	autocaps cap_t before = cap_get_proc();
	pid_t pid;

	raise_one(CAP_SYS_ADMIN);
	pid = clone_child(CLONE_NEWPID, ret_pidfd);
	put_back(before); /* in parent and child */
	return pid;
}

pid_t gs_privs_fork(bool *apart, int *ret_pidfd)
{
	pid_t pid = -1;

	*ret_pidfd = -1;
	if (*apart)
		pid = clone_apart(ret_pidfd);
	*apart = pid >= 0;
	return pid >= 0 ? pid : clone_child(0, ret_pidfd);
}

int gs_privs_drop(struct gs_err *err)
{
	int r = set_caps(NULL, 0, true);

	if (!r && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	if (r < 0)
		return gs_err_set(err, r, "cannot drop privileges: %s", strerror(-r));
	return 0;
}

static int drop_bounding_set(void)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap) < 0)
			return -errno;
	return 0;
}

static int change_ids(uid_t uid, gid_t gid, bool keep_caps)
{
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0)
		return -errno;
	if (keep_caps && prctl(PR_SET_KEEPCAPS, 1) < 0)
		return -errno;
	if (setresuid(uid, uid, uid) < 0)
		return -errno;
	return 0;
}

static int drop_to(enum gs_keep keep)
{
	switch (keep) {
	case GS_KEEP_NET_BIND:
		return set_caps(net_bind, GS_COUNT(net_bind), true);
	case GS_KEEP_FILES:
		return set_caps(files, GS_COUNT(files), true);
	case GS_KEEP_NOTHING:
		break;
	}
	return set_caps(NULL, 0, true);
}

/* change_ids() cleared the death signal; the parent may have died meanwhile. */
static int renew_death_signal(int signal, pid_t parent)
{
	if (!signal)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, signal) < 0)
		return -errno;
	return getppid() == parent ? 0 : -ESRCH;
}

/* Not the first user namespace, which has every id: user_namespaces(7). */
static bool is_in_userns(void)
{
	static const char whole[] = "         0          0 4294967295\n";
	gs_autoclose int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	char text[sizeof whole + 1] = "";

	return fd >= 0 && read(fd, text, sizeof text - 1) > 0 && strcmp(text, whole) != 0;
}

/* An id without a place in the map is EINVAL, setgroups(2) where it is denied EPERM. */
static int become_failed(uid_t uid, gid_t gid, int r, struct gs_err *err)
{
	if ((r != -EINVAL && r != -EPERM) || !is_in_userns())
		return gs_err_set(err, r, "cannot become user %u:%u: %s", uid, gid, strerror(-r));
	if (r == -EINVAL)
		gs_err_set(err, r,
			   "this container has no user %u:%u: its user namespace maps others", uid,
			   gid);
	else
		gs_err_set(err, r,
			   "cannot become user %u:%u: this container's user namespace denies "
			   "setgroups(2)",
			   uid, gid);
	gs_err_cause(err, GS_USER_UNMAPPED);
	return gs_err_advise(err, "run the command on the container's host");
}

int gs_privs_become(uid_t uid, gid_t gid, enum gs_keep keep, struct gs_err *err)
{
	bool able = is_permitted(CAP_SETUID) && is_permitted(CAP_SETGID);
	int death_signal = 0, r = 0;
	pid_t parent = getppid();

	if (uid == (uid_t)-1 || gid == (gid_t)-1)
		return gs_err_set(err, EINVAL, "there is no user %u:%u", uid, gid);
	if (!able && (uid != geteuid() || gid != getegid())) {
		gs_err_set(err, GS_E_PRIVILEGE, "cannot become user %u:%u without root", uid, gid);
		gs_err_cause(err, "NEED_ROOT");
		return gs_err_advise(err, "run it with sudo");
	}
	prctl(PR_GET_PDEATHSIG, &death_signal);
	if (able) {
		r = set_caps(becoming, GS_COUNT(becoming), false);
		if (!r && is_permitted(CAP_SETPCAP))
			r = drop_bounding_set();
		if (!r)
			r = change_ids(uid, gid, keep != GS_KEEP_NOTHING);
	}
	if (!r)
		r = drop_to(keep);
	if (!r && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	if (!r)
		r = renew_death_signal(death_signal, parent);
	return r < 0 ? become_failed(uid, gid, r, err) : 0;
}

int gs_privs_be_nobody(enum gs_keep keep, struct gs_err *err)
{
	struct gs_err impossible = { 0 };
	int r;

	if (is_permitted(CAP_SETUID) && is_permitted(CAP_SETGID) &&
	    gs_privs_become(GS_NOBODY, GS_NOBODY, keep, &impossible) == 0)
		return 0;
	/* For an ordinary user, or root of a user namespace without nobody (user_namespaces(7)). */
	r = drop_to(keep);
	if (!r && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	if (r < 0)
		return gs_err_set(err, r, "cannot drop privileges: %s", strerror(-r));
	return 0;
}

const struct gs_privs_ops gs_privs_host = {
	.enter = gs_privs_enter,
	.need = gs_privs_need,
};
