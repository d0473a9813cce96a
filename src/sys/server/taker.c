/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/server/taker.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sys/fs/root.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/proc.h"
#include "sys/proc/running.h"

enum {
	SOCKETS_BYTES = 8 << 20,
	SMALL_BYTES = 4096,
	PROCS_BYTES = 1 << 16,
	LINK_BYTES = 64,
	PIDS_MAX = 1 << 22, /* PID_MAX_LIMIT of linux/threads.h */
	FDS_MAX = 1 << 16,
	SEARCH_MS = 500,
};

/* ---- the socket --------------------------------------------------------------------------- */

/* "  0: LOCAL:PORT REMOTE STATE ... INODE": proc(5), /proc/net/tcp; 0: no listener on 2049. */
static uint64_t inode_of(struct gs_span line)
{
	enum { NUMBER, LOCAL, REMOTE, STATE, INODE = 9, WORDS };
	struct gs_span word[WORDS] = { 0 };
	uint64_t inode = 0;

	for (size_t i = 0; i < WORDS; i++) {
		line = gs_span_trim(line);
		if (!gs_span_cut(&line, ' ', &word[i]))
			return 0;
	}
	if (word[LOCAL].len < 5 || memcmp(word[LOCAL].ptr + word[LOCAL].len - 5, ":0801", 5) != 0 ||
	    !gs_span_is_text(word[STATE], "0A") || !gs_span_number(word[INODE], INT64_MAX, &inode))
		return 0;
	return inode;
}

static uint64_t find_listener(const char *path)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_span rest, line;
	uint64_t inode = 0;

	if (!gs_proc_text(AT_FDCWD, path, SOCKETS_BYTES, &text))
		return 0;
	rest = gs_str_span(&text);
	while (!inode && gs_span_cut(&rest, '\n', &line))
		inode = inode_of(line);
	return inode;
}

/* ---- its process -------------------------------------------------------------------------- */

static bool holds(const char *pid, const char *socket)
{
	gs_autofree char *fds = gs_printf("/proc/%s/fd", pid);
	DIR *dir = opendir(fds);
	struct dirent *entry;
	bool found = false;

	if (!dir)
		return false;
	for (int n = 0; n < FDS_MAX && !found && (entry = readdir(dir)); n++) {
		gs_autofree char *path = gs_printf("%s/%s", fds, entry->d_name);
		char target[LINK_BYTES];

		found = gs_privs_readlink(path, target, sizeof target) == 0 &&
			!strcmp(target, socket);
	}
	closedir(dir);
	return found;
}

static uint64_t find_holder(const struct gs_sys *sys, uint64_t inode)
{
	int64_t soon = gs_deadline_in(SEARCH_MS);
	int64_t end_ns = soon < sys->deadline_ns ? soon : sys->deadline_ns;
	gs_autofree char *socket = gs_printf("socket:[%" PRIu64 "]", inode);
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	uint64_t found = 0;

	if (!dir)
		return 0;
	for (int n = 0; n < PIDS_MAX && !found && gs_now_ns() < end_ns && (entry = readdir(dir));
	     n++) {
		uint64_t pid = 0;

		if (gs_span_number(gs_span_of(entry->d_name), PIDS_MAX, &pid) &&
		    holds(entry->d_name, socket))
			found = pid;
	}
	closedir(dir);
	return found;
}

static void put(struct gs_span text, char *ret, size_t size)
{
	if (text.len < size && text.len)
		memcpy(ret, text.ptr, text.len);
}

/* "0::/system.slice/NAME.service"; empty for what is deeper, or of a session. */
static struct gs_span unit_of(struct gs_span line)
{
	static const char slice[] = ":/system.slice/", service[] = ".service";
	const char *at = memmem(line.ptr, line.len, slice, sizeof slice - 1);
	struct gs_span unit = { 0 };

	if (!at)
		return unit;
	unit = gs_span_from(line, (size_t)(at - line.ptr) + sizeof slice - 1);
	if (unit.len < sizeof service || memchr(unit.ptr, '/', unit.len) ||
	    memcmp(unit.ptr + unit.len - (sizeof service - 1), service, sizeof service - 1) != 0)
		return (struct gs_span){ 0 };
	return unit;
}

/*
 * Is it what the unit is there for? Its first process has the least PID. Others, as what was begun
 * by hand from a job of cron's, are not ended by ending the whole unit.
 */
static bool is_main(uint64_t pid, const char *unit)
{
	static const char *const trees[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/systemd" };
	gs_autostr struct gs_str text = { 0 };
	struct gs_span rest, line;
	uint64_t other = 0;

	for (size_t i = 0; i < GS_COUNT(trees) && !text.len; i++) {
		gs_autofree char *path = gs_printf("%s/system.slice/%s/cgroup.procs", trees[i],
						   unit);

		(void)gs_proc_text(AT_FDCWD, path, PROCS_BYTES, &text);
	}
	rest = gs_str_span(&text);
	while (gs_span_cut(&rest, '\n', &line))
		if (gs_span_number(line, PIDS_MAX, &other) && other < pid)
			return false;
	return text.len;
}

static void find_unit(struct gs_taker *taker)
{
	gs_autofree char *groups = gs_printf("/proc/%" PRIu64 "/cgroup", taker->pid);
	gs_autostr struct gs_str text = { 0 };
	struct gs_span rest, line;

	(void)gs_proc_text(AT_FDCWD, groups, SMALL_BYTES, &text);
	rest = gs_str_span(&text);
	while (!taker->unit[0] && gs_span_cut(&rest, '\n', &line))
		put(unit_of(line), taker->unit, sizeof taker->unit);
	if (taker->unit[0] && !is_main(taker->pid, taker->unit))
		taker->unit[0] = '\0';
}

static void name(struct gs_taker *taker)
{
	gs_autofree char *comm = gs_printf("/proc/%" PRIu64 "/comm", taker->pid);
	gs_autostr struct gs_str text = { 0 };

	if (gs_proc_text(AT_FDCWD, comm, SMALL_BYTES, &text))
		put(gs_span_trim(gs_str_span(&text)), taker->name, sizeof taker->name);
	find_unit(taker);
}

void gs_nfsd_taker(struct gs_sys *sys, struct gs_taker *ret)
{
	static const char *const lists[] = { "/proc/self/net/tcp", "/proc/self/net/tcp6" };
	struct gs_taker taker = { 0 };

	for (size_t i = 0; i < GS_COUNT(lists) && !taker.pid; i++) {
		uint64_t inode = find_listener(lists[i]);

		taker.pid = inode ? find_holder(sys, inode) : 0;
	}
	if (taker.pid)
		name(&taker);
	*ret = taker;
}
