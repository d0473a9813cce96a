/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "sys/proc/proc.h"
#include "sys/sys.h"

/* Tasks that run at once: a letter each, what becomes of it, and how long all of them take. */

struct row {
	const char *name;
	const char
		*tasks; /* w: waits 200 ms; a: answers; x: crashes; h: hangs; l: answers too much */
	size_t times;	/* so many of each */
	const char *ends; /* a: an answer; x: an error; t: it had no time */
	unsigned least_ms, most_ms;
};

enum { DEADLINE_MS = 1500, WAIT_MS = 200, WIDTH = 16 };

static const struct row rows[] = {
	{ "one answers", "a", 1, "a", 0, 1000 },
	{ "several wait as long as one", "wwwwwwww", 1, "aaaaaaaa", WAIT_MS, 1000 },
	{ "one that crashes costs no other", "axa", 1, "axa", 0, 1000 },
	{ "one that hangs ends at the deadline", "aha", 1, "ata", DEADLINE_MS, 2200 },
	{ "an answer has a limit", "la", 1, "xa", 0, 1200 },
	{ "more than there are processes for", "w", 17, "a", WAIT_MS * 2, DEADLINE_MS },
	{ "none", "", 1, "", 0, 500 },
};

static void work(struct gs_sys *sys, const void *arg, struct gs_str *ret)
{
	switch (*(const char *)arg) {
	case 'w':
		sys->ops->clock->pause(sys, WAIT_MS);
		break;
	case 'x':
		raise(SIGKILL);
		break;
	case 'h':
		sys->ops->clock->pause(sys, 60000);
		break;
	case 'l':
		for (size_t i = 0; i <= GS_TASK_BYTES; i++)
			gs_str_adds(ret, "x");
		return;
	}
	gs_str_addf(ret, "%c", *(const char *)arg);
}

static char how(const struct gs_task *task)
{
	if (!task->err.code)
		return gs_str_span(&task->ret).len == 1 ? 'a' : '?';
	return task->err.code == -ETIMEDOUT ? 't' : 'x';
}

static void test_row(void **state)
{
	const struct row *row = *state;
	size_t kinds = strlen(row->tasks), n = kinds * row->times;
	gs_autofree struct gs_task *task = gs_alloc((n + 1) * sizeof *task);
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	struct gs_err err = { 0 };
	int64_t begin_ns;
	unsigned ms;

	assert_int_equal(gs_sys_init(&sys, NULL, DEADLINE_MS, &err), 0);
	for (size_t i = 0; i < n; i++)
		task[i] = (struct gs_task){ .fn = work, .arg = &row->tasks[i % kinds] };
	begin_ns = gs_now_ns();
	sys.ops->task->at_once(&sys, task, n, WIDTH);
	ms = (unsigned)((gs_now_ns() - begin_ns) / 1000000);
	for (size_t i = 0; i < n; i++) {
		if (how(&task[i]) != row->ends[i % kinds])
			fail_msg("task %zu: '%c' (%s)", i, how(&task[i]), task[i].err.msg);
		gs_str_done(&task[i].ret);
	}
	if (ms < row->least_ms || ms > row->most_ms)
		fail_msg("%u ms", ms);
}

int main(void)
{
	static struct table table;

	TABLE_ADD(&table, rows, test_row);
	return table_run("task", &table);
}
