/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/proc/running.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/proc/fd.h"

enum {
	COMM_BYTES = 64,	 /* fs/proc/array.c proc_task_name() */
	PROCESSES_MAX = 1 << 22, /* PID_MAX_LIMIT of linux/threads.h */
};

void gs_call_self(const char *comm)
{
	(void)prctl(PR_SET_NAME, comm, 0, 0, 0);
}

bool gs_proc_text(int at, const char *path, size_t max, struct gs_str *ret)
{
	gs_autoclose int fd = openat(at, path, O_RDONLY | O_CLOEXEC);
	char bytes[8192];
	ssize_t n;

	if (fd < 0)
		return false;
	while (ret->len < max && (n = read(fd, bytes, sizeof bytes)) > 0)
		gs_str_add(ret, gs_span(bytes, (size_t)n));
	return true;
}

/*
 * "PID (COMM) STATE ...": proc(5), /proc/pid/stat; a name may have parentheses, and what follows it
 * has none. 'X', as of one that is gone, where there is none.
 */
static char state_of(uint64_t pid)
{
	gs_autofree char *path = gs_printf("/proc/%" PRIu64 "/stat", pid);
	gs_autostr struct gs_str text = { 0 };
	const char *end;

	if (!gs_proc_text(AT_FDCWD, path, COMM_BYTES, &text))
		return *(errno == ENOENT || errno == ESRCH ? "X" : "?");
	end = text.len ? strrchr(text.ptr, ')') : NULL;
	return *(end && end[1] == ' ' ? end + 2 : "?");
}

/* One that has ended keeps its name until its parent asks. */
static bool has_ended(uint64_t pid)
{
	char state = state_of(pid);

	return state == 'Z' || state == 'X';
}

enum called { CALLED_NO, CALLED_YES, CALLED_UNKNOWN };

/* Called for hundreds of processes, so it does no more than necessary for each. */
static enum called look_at(uint64_t pid, const char *comm)
{
	gs_autofree char *path = gs_printf("/proc/%" PRIu64 "/comm", pid);
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[COMM_BYTES];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);

	if (n < 0) /* it may have ended */
		return errno == ENOENT || errno == ESRCH ? CALLED_NO : CALLED_UNKNOWN;
	if (!gs_span_is_text(gs_span_trim(gs_span(text, (size_t)n)), comm))
		return CALLED_NO;
	return has_ended(pid) ? CALLED_NO : CALLED_YES;
}

bool gs_is_called(uint64_t pid, const char *comm)
{
	return look_at(pid, comm) == CALLED_YES;
}

bool gs_is_stopped(uint64_t pid)
{
	char state = state_of(pid);

	return state == 'T' || state == 't';
}

/* The directory itself is its effective user's, dumpable or not: fs/proc/base.c task_dump_owner()
 */
static bool is_roots(DIR *dir, const char *pid)
{
	struct stat st;

	/* One that is there and cannot be looked at may well be. */
	return fstatat(dirfd(dir), pid, &st, 0) == 0 ? st.st_uid == 0 : errno != ENOENT;
}

unsigned gs_count_running(const char *comm, unsigned enough, uint64_t *ret_pid)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	unsigned found = 0;

	if (!dir)
		return 0;
	for (unsigned n = 0; n < PROCESSES_MAX && found < enough && (entry = readdir(dir)); n++) {
		uint64_t pid = 0;

		if (!gs_span_number(gs_span_of(entry->d_name), PROCESSES_MAX, &pid) ||
		    !gs_is_called(pid, comm) || !is_roots(dir, entry->d_name))
			continue;
		*ret_pid = pid;
		found++;
	}
	closedir(dir);
	return found;
}

bool gs_may_run(const char *comm)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	bool may = !dir;

	for (unsigned n = 0; dir && n < PROCESSES_MAX && !may; n++) {
		uint64_t pid = 0;

		errno = 0;
		entry = readdir(dir);
		if (!entry) {
			may = errno; /* the rest was not looked at */
			break;
		}
		may = gs_span_number(gs_span_of(entry->d_name), PROCESSES_MAX, &pid) &&
		      look_at(pid, comm) != CALLED_NO && is_roots(dir, entry->d_name);
	}
	if (dir)
		closedir(dir);
	return may;
}
