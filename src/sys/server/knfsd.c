/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/command.h"
#include "sys/fs/rootfs.h"
#include "sys/proc/fd.h"
#include "sys/proc/running.h"
#include "sys/proc/spawn.h"
#include "sys/server/knfsd.h"
#include "sys/server/taker.h"

/* The NFS server as a service: is it installed, is it running, start it, stop it. */

#define SYSTEMCTL "/usr/bin/systemctl"
#define UNIT	  "nfs-server.service"
#define NFSD	  "/usr/sbin/rpc.nfsd"

enum {
	SMALL_FILE_BYTES = 4096,
	MODULES_BYTES = 16 << 20, /* Debian's modules.dep has 0.6 MB */
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

/* rpc.mountd writes no pid file. A run checks four times, so the last known pid is tried first. */
static bool is_mountd_alive(struct gs_sys *sys)
{
	static const char comm[] = "rpc.mountd";

	return (sys->mountd_pid && gs_is_called(sys->mountd_pid, comm)) ||
	       gs_count_running(comm, 1, &sys->mountd_pid) > 0;
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
		*ret = gs_count_running("nfsd", UINT_MAX, &pid);
		return 0;
	}
	(void)gs_span_number(gs_span_trim(gs_str_span(&text)), UINT32_MAX, &threads);
	*ret = (unsigned)threads;
	return 0;
}

/* Runs systemctl; @ret_said: what it printed, with @of_errors as messages. */
static int run_argv(struct gs_sys *sys, const char *const *argv, bool of_errors, int *ret_status,
		    struct gs_str *ret_said, struct gs_err *err)
{
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
			       SYSTEMCTL " %s " UNIT " %s", argv[1],
			       result.timed_out ? "did not end in time" : "was killed");
	else
		*ret_status = WEXITSTATUS(result.status);
	gs_str_add(ret_said, gs_span_trim(gs_str_span(of_errors ? &result.errs : &result.out)));
	gs_spawn_result_done(&result);
	return r;
}

static int run_systemctl(struct gs_sys *sys, const char *verb, const char *option, int *ret_status,
			 struct gs_str *ret_said, struct gs_err *err)
{
	const char *const argv[] = { SYSTEMCTL, verb, option, UNIT, NULL };

	return run_argv(sys, argv, true, ret_status, ret_said, err);
}

/*
 * Is the kernel without nfsd, now and later? modprobe(8) takes modules from this directory alone.
 * A list that is missing is that of a kernel that was removed, or stays outside of a container.
 */
static bool lacks_nfsd(struct gs_sys *sys, bool *ret_unlisted)
{
	gs_autostr struct gs_str loaded = { 0 }, modules = { 0 };
	gs_autofree char *list = NULL;
	struct gs_err unread = { 0 };
	struct utsname kernel;
	bool exists = false;

	if (gs_rootfs_read_file(sys, "/proc/filesystems", SMALL_FILE_BYTES, &loaded, &exists,
				&unread) < 0 ||
	    !exists || (loaded.ptr && strstr(loaded.ptr, "\tnfsd\n")) || uname(&kernel) < 0)
		return false;
	list = gs_printf("/lib/modules/%s/modules.dep", kernel.release);
	if (gs_rootfs_read_file(sys, list, MODULES_BYTES, &modules, &exists, &unread) < 0)
		return false;
	*ret_unlisted = !exists;
	return !exists || !modules.ptr || !strstr(modules.ptr, "/nfsd.ko");
}

/* Are all programs there? @ret_lacks: the first that is not, where another is. */
static bool has_programs(const char **ret_lacks)
{
	static const char *const programs[] = { "/usr/sbin/exportfs", NFSD,
						"/usr/sbin/rpc.mountd" };
	const char *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < GS_COUNT(programs); i++) {
		if (is_program(programs[i]))
			n++;
		else if (!first)
			first = programs[i];
	}
	*ret_lacks = n ? first : NULL;
	return n == GS_COUNT(programs);
}

int gs_nfsd_serving(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err)
{
	struct gs_server server = {
		.systemd = is_program(SYSTEMCTL) && is_dir("/run/systemd/system"),
	};
	uint64_t pid = 0;

	server.installed = has_programs(&server.lacks);
	if (read_threads(sys, &server.threads, err) < 0)
		return err->code;
	server.mountd = (server.threads || !server.systemd) && is_mountd_alive(sys);
	server.mountd_stopped = server.mountd && gs_is_stopped(sys->mountd_pid);
	server.rpcbind = !server.systemd && gs_count_running("rpcbind", 1, &pid);
	server.lacks_nfsd = !server.threads && lacks_nfsd(sys, &server.unlisted);
	*ret = server;
	return 0;
}

/* Units without which the server does not start; a mask of one that it only wants does no harm. */
static const char *const needed[] = { UNIT, "nfs-mountd.service", "proc-fs-nfsd.mount" };

/*
 * systemctl(1), is-enabled: one word for each unit; only "disabled" and worse end in failure. Where
 * the service manager does not respond, as to an ordinary user without D-Bus, the files say it.
 */
static int ask_enabled(struct gs_sys *sys, struct gs_str *ret_said, struct gs_err *err)
{
	const char *const argv[] = {
		SYSTEMCTL, "is-enabled", needed[0], needed[1], needed[2], NULL
	};
	const char *const by_files[] = { SYSTEMCTL, "is-enabled", "--root=/", needed[0],
					 needed[1], needed[2],	  NULL };
	int status = 0;

	if (run_argv(sys, argv, false, &status, ret_said, err) < 0)
		return err->code;
	return ret_said->len ? 0 : run_argv(sys, by_files, false, &status, ret_said, err);
}

static int look_units(struct gs_sys *sys, struct gs_server *server, struct gs_err *err)
{
	static const char *const starts[] = { "enabled",  "enabled-runtime", "static",	 "alias",
					      "indirect", "generated",	     "transient" };
	gs_autostr struct gs_str said = { 0 };
	struct gs_span rest, word;

	if (ask_enabled(sys, &said, err) < 0)
		return err->code;
	server->unsaid = !said.len;
	rest = gs_str_span(&said);
	for (size_t i = 0; i < GS_COUNT(needed) && gs_span_cut(&rest, '\n', &word); i++) {
		for (size_t k = 0; !i && k < GS_COUNT(starts); k++)
			server->enabled |= gs_span_is_text(word, starts[k]);
		if (!gs_span_has_prefix(word, "masked") || server->masked)
			continue;
		server->masked = needed[i];
		server->masked_until_boot = gs_span_is_text(word, "masked-runtime");
	}
	return 0;
}

/*
 * "rpc.nfsd 0", typed by hand, ends every thread and leaves the unit active. One word for each
 * unit, as of is-enabled.
 */
static int look_idle(struct gs_sys *sys, struct gs_server *server, struct gs_err *err)
{
	const char *const argv[] = {
		SYSTEMCTL, "is-active", needed[0], needed[1], needed[2], NULL
	};
	gs_autostr struct gs_str said = { 0 };
	struct gs_span rest, word;
	int status = 0;

	if (run_argv(sys, argv, false, &status, &said, err) < 0)
		return err->code;
	rest = gs_str_span(&said);
	for (size_t i = 0; i < GS_COUNT(needed) && gs_span_cut(&rest, '\n', &word); i++) {
		server->stays_idle |= !i && gs_span_is_text(word, "active");
		if (!server->failed && gs_span_is_text(word, "failed"))
			server->failed = needed[i];
	}
	server->failed = server->stays_idle ? NULL : server->failed;
	return 0;
}

int gs_nfsd_look(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err)
{
	struct gs_server server = { 0 };

	if (gs_nfsd_serving(sys, &server, err) < 0 ||
	    (server.installed && server.systemd && look_units(sys, &server, err) < 0) ||
	    (server.installed && server.systemd && !server.threads &&
	     look_idle(sys, &server, err) < 0))
		return err->code;
	if (server.installed && !server.threads)
		gs_nfsd_taker(sys, &server.taker);
	*ret = server;
	return 0;
}

/* Of systemctl's lines only the first tells what failed; the journal has why. */
static int start_failed(struct gs_span said, struct gs_err *err)
{
	gs_autostr struct gs_str safe = { 0 };
	struct gs_span line = { 0 };

	(void)gs_span_cut(&said, '\n', &line);
	gs_str_add_safe(&safe, gs_span_trim(line));
	gs_err_set(err, GS_E_CHILD, "the NFS server (" UNIT ") does not start: %.300s",
		   safe.len ? safe.ptr : "systemctl does not say why");
	gs_err_cause(err, "SERVER_FAILED");
	return gs_err_fix(err, "see what it says: ", "sudo", "journalctl", "--boot", "--no-pager",
			  "--lines", "20", "--unit", needed[0], "--unit", needed[1], "--unit",
			  needed[2]);
}

/* What the unit's own line does, where systemd does not run it: the unit is active already. */
static int start_threads(struct gs_sys *sys, struct gs_server *server, struct gs_err *err)
{
	const char *const argv[] = { NFSD, NULL };
	struct gs_spawn_req req = {
		.path = NFSD,
		.argv = argv,
		.deadline_ns = sys->deadline_ns,
	};
	struct gs_spawn_result result = { 0 };

	if (gs_spawn(&req, &result, err) < 0)
		return err->code;
	gs_spawn_result_done(&result);
	return gs_nfsd_serving(sys, server, err);
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
		return start_failed(gs_str_span(&said), err);
	/* A started unit is not yet a server that serves: its exec lines hide failures. */
	if (gs_nfsd_serving(sys, &server, err) < 0 ||
	    (!server.threads && look_idle(sys, &server, err) < 0) ||
	    (server.stays_idle && start_threads(sys, &server, err) < 0))
		return err->code;
	if (!server.threads)
		return start_failed(gs_span_of("it was started, but nfsd has no threads"), err);
	if (!server.mountd)
		return start_failed(gs_span_of("it was started, but rpc.mountd is not alive"), err);
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
