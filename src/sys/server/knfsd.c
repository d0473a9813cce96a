/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/fs/rootfs.h"
#include "sys/proc/fd.h"
#include "sys/proc/spawn.h"
#include "sys/server/knfsd.h"

/* The NFS server as a service: is it installed, is it running, start it, stop it. */

#define SYSTEMCTL "/usr/bin/systemctl"
#define UNIT	  "nfs-server.service"

enum {
	SMALL_FILE_BYTES = 4096,
	COMM_BYTES = 64,	 /* fs/proc/array.c proc_task_name() */
	PROCESSES_MAX = 1 << 22, /* PID_MAX_LIMIT of linux/threads.h */
};

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

/* sd_booted(3): this directory exists if systemd runs this host. */
static bool is_dir(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Called for hundreds of processes, so it does no more than necessary for each. */
static bool is_called(uint64_t pid, const char *comm)
{
	gs_autofree char *path = gs_printf("/proc/%" PRIu64 "/comm", pid);
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[COMM_BYTES];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);

	return n > 0 && gs_span_is_text(gs_span_trim(gs_span(text, (size_t)n)), comm);
}

/* @enough: stop after so many; @ret_pid: the last one found, untouched where there is none */
static unsigned count_running(const char *comm, unsigned enough, uint64_t *ret_pid)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	unsigned found = 0;

	if (!dir)
		return 0;
	for (unsigned n = 0; n < PROCESSES_MAX && found < enough && (entry = readdir(dir)); n++) {
		uint64_t pid = 0;

		if (!gs_span_number(gs_span_of(entry->d_name), PROCESSES_MAX, &pid) ||
		    !is_called(pid, comm))
			continue;
		*ret_pid = pid;
		found++;
	}
	closedir(dir);
	return found;
}

/* rpc.mountd writes no pid file. A run checks four times, so the last known pid is tried first. */
static bool is_mountd_alive(struct gs_sys *sys)
{
	static const char comm[] = "rpc.mountd";

	return (sys->mountd_pid && is_called(sys->mountd_pid, comm)) ||
	       count_running(comm, 1, &sys->mountd_pid) > 0;
}

/*
 * 0 where the file is absent: nfsd is not even loaded. An ordinary user may not read the file, but
 * may count the kernel's threads.
 */
static int read_threads(struct gs_sys *sys, unsigned *ret, struct gs_err *err)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unread = { 0 };
	uint64_t threads = 0, pid = 0;
	bool exists = false;

	if (gs_rootfs_read_file(sys, "/proc/fs/nfsd/threads", SMALL_FILE_BYTES, &text, &exists,
				&unread) < 0) {
		if (unread.code != -EACCES || !geteuid()) {
			*err = unread;
			return err->code;
		}
		*ret = count_running("nfsd", UINT_MAX, &pid);
		return 0;
	}
	(void)gs_span_number(gs_span_trim(gs_str_span(&text)), UINT32_MAX, &threads);
	*ret = (unsigned)threads;
	return 0;
}

static int run_systemctl(struct gs_sys *sys, const char *verb, const char *option, int *ret_status,
			 struct gs_str *ret_output, struct gs_err *err)
{
	const char *const argv[] = { SYSTEMCTL, verb, option, UNIT, NULL };
	struct gs_spawn_req req = {
		.path = SYSTEMCTL,
		.argv = argv,
		.deadline_ns = sys->deadline_ns,
	};
	struct gs_spawn_result result = { 0 };
	int r = gs_spawn(&req, &result, err);

	if (r < 0)
		return r;
	if (!WIFEXITED(result.status))
		r = gs_err_set(err, result.timed_out ? ETIMEDOUT : GS_E_CHILD,
			       SYSTEMCTL " %s " UNIT " %s", verb,
			       result.timed_out ? "did not end in time" : "was killed");
	else
		*ret_status = WEXITSTATUS(result.status);
	gs_str_add(ret_output, gs_span_trim(gs_str_span(&result.errs)));
	gs_spawn_result_done(&result);
	return r;
}

int gs_nfsd_serving(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err)
{
	struct gs_server server = {
		.installed = is_program("/usr/sbin/exportfs") && is_program("/usr/sbin/rpc.nfsd") &&
			     is_program("/usr/sbin/rpc.mountd"),
		.systemd = is_program(SYSTEMCTL) && is_dir("/run/systemd/system"),
	};

	if (read_threads(sys, &server.threads, err) < 0)
		return err->code;
	server.mountd = server.threads && is_mountd_alive(sys);
	*ret = server;
	return 0;
}

int gs_nfsd_look(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err)
{
	struct gs_server server = { 0 };
	gs_autostr struct gs_str said = { 0 };
	int status = 0;

	if (gs_nfsd_serving(sys, &server, err) < 0)
		return err->code;
	if (server.installed && server.systemd) {
		if (run_systemctl(sys, "is-enabled", "--quiet", &status, &said, err) < 0)
			return err->code;
		server.enabled = status == 0;
	}
	*ret = server;
	return 0;
}

/*
 * Enables and starts in one call: a server that runs but does not start at the next boot must not
 * be left behind.
 */
int gs_nfsd_start(struct gs_sys *sys, struct gs_err *err)
{
	gs_autostr struct gs_str said = { 0 };
	struct gs_server server = { 0 };
	int status = 0, r;

	r = run_systemctl(sys, "enable", "--now", &status, &said, err);
	if (r < 0)
		return r;
	if (status)
		return gs_err_set(err, GS_E_CHILD, SYSTEMCTL " enable --now " UNIT " failed: %.*s",
				  (int)said.len, said.len ? said.ptr : "");
	/* A started unit is not yet a server that serves: its exec lines hide failures. */
	if (gs_nfsd_serving(sys, &server, err) < 0)
		return err->code;
	if (!server.threads)
		return gs_err_set(err, GS_E_CHILD, UNIT " was started, but nfsd has no threads");
	if (!server.mountd)
		return gs_err_set(err, GS_E_CHILD,
				  UNIT " was started, but rpc.mountd is not alive");
	return 0;
}

int gs_nfsd_stop(struct gs_sys *sys, bool was_running, bool was_enabled, struct gs_err *err)
{
	static const struct {
		const char *verb, *option;
	} action[2][2] = {
		[false][false] = { "disable", "--now" },
		[false][true] = { "stop", "--quiet" },
		[true][false] = { "disable", "--quiet" },
	};
	const char *verb = action[was_running][was_enabled].verb;
	const char *option = action[was_running][was_enabled].option;
	gs_autostr struct gs_str said = { 0 };
	int status = 0, r;

	if (!verb)
		return 0;
	r = run_systemctl(sys, verb, option, &status, &said, err);
	if (r == 0 && status)
		return gs_err_set(err, GS_E_CHILD, SYSTEMCTL " %s " UNIT " failed: %.*s", verb,
				  (int)said.len, said.len ? said.ptr : "");
	return r;
}
