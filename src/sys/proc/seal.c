/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/proc/seal.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"

/*
 * The system calls of gs_rpc_converse(), malloc(3) and send_answer() after connecting, by strace.
 */
static const int allowed[] = {
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(close),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(restart_syscall), /* resumes a call after a stop or a tracer */
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* Soft and hard limits, so none can be raised again. They also forbid what the filter forbids. */
static const struct {
	__rlimit_resource_t which;
	rlim_t value;
} limits[] = {
	/* 0 to 2 are taken, so no number is left; poll(2) takes no more entries than this limit. */
	{ RLIMIT_NOFILE, 3 }, { RLIMIT_NPROC, 0 },   { RLIMIT_CORE, 0 },
	{ RLIMIT_FSIZE, 0 },  { RLIMIT_MEMLOCK, 0 }, { RLIMIT_MSGQUEUE, 0 },
};

/* glibc before 2.36 defines neither the calls nor these flags. */
enum {
	CLOSE_ON_EXEC = 1, /* FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC */
	CREATE = 6,	   /* FSCONFIG_CMD_CREATE */
	READ_ONLY = 0xf,   /* MOUNT_ATTR_RDONLY, NOSUID, NODEV, NOEXEC */
};

static void end_filter(const scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

/* Allows anonymous memory that is not executable. */
static int allow_memory(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
				SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
				SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
}

/* Returns 0 or -errno; also sets no_new_privs. */
static int load_filter(void)
{
	GS_AUTO(end_filter) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r;

	if (!filter)
		return -ENOMEM;
	r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; !r && i < GS_COUNT(allowed); i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (!r)
		r = allow_memory(filter);
	if (r)
		return r;
	errno = 0;
	r = seccomp_load(filter);
	return r && errno ? -errno : r; /* the code of libseccomp hides the kernel's */
}

static int unconfined(int r, struct gs_err *err)
{
	gs_err_set(err, r, "cannot confine the process that reads replies from the network: %s",
		   gs_errno_text(r));
	return gs_err_cause(err, "CHILD_UNCONFINED");
}

int gs_seal_fix(struct gs_err *err)
{
	return gs_err_advise(err,
			     "run gshare on a kernel with CONFIG_SECCOMP_FILTER, and where "
			     "seccomp(2) is not forbidden");
}

int gs_seal(struct gs_err *err)
{
	int r;

	if (gs_privs_drop(err) < 0)
		return err->code;
	prctl(PR_SET_DUMPABLE, 0);
#if defined(GS_SANITIZED)
	(void)limits;
	(void)load_filter;
	(void)unconfined;
	(void)r;
	return 0;
#else
	for (size_t i = 0; i < GS_COUNT(limits); i++) {
		const struct rlimit limit = { limits[i].value, limits[i].value };

		setrlimit(limits[i].which, &limit);
	}
	r = load_filter();
	return r < 0 ? unconfined(r, err) : 0;
#endif
}

#if !defined(GS_SANITIZED)
static int make_empty(void)
{
	gs_autoclose int fs = (int)syscall(SYS_fsopen, "tmpfs", CLOSE_ON_EXEC);

	if (fs < 0 || syscall(SYS_fsconfig, fs, CREATE, NULL, NULL, 0) < 0)
		return -1;
	return (int)syscall(SYS_fsmount, fs, CLOSE_ON_EXEC, READ_ONLY);
}
#endif

void gs_seal_root(void)
{
#if !defined(GS_SANITIZED)
	gs_autoclose int fd = -1;

	gs_privs_raise_mount();
	gs_privs_raise_chroot();
	fd = make_empty();
	if (fd >= 0 && fchdir(fd) == 0 && chroot(".") < 0)
		(void)!chdir("/");
#endif
}

int gs_privs_confine(enum gs_keep keep, struct gs_err *err)
{
	gs_seal_root();
	return gs_privs_be_nobody(keep, err);
}
