/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/proc/running.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/proc/fd.h"

enum {
	COMM_BYTES = 64,	 /* fs/proc/array.c proc_task_name() */
	PROCESSES_MAX = 1 << 22, /* PID_MAX_LIMIT of linux/threads.h */
};

/* Called for hundreds of processes, so it does no more than necessary for each. */
bool gs_is_called(uint64_t pid, const char *comm)
{
	gs_autofree char *path = gs_printf("/proc/%" PRIu64 "/comm", pid);
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[COMM_BYTES];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);

	return n > 0 && gs_span_is_text(gs_span_trim(gs_span(text, (size_t)n)), comm);
}

/* The directory itself is its effective user's, dumpable or not: fs/proc/base.c task_dump_owner()
 */
static bool is_roots(DIR *dir, const char *pid)
{
	struct stat st;

	return fstatat(dirfd(dir), pid, &st, 0) == 0 && st.st_uid == 0;
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
