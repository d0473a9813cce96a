/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/task.h"

#include "sys/fs/root.h"
#include "sys/proc/child.h"
#include "sys/proc/proc.h"

enum { MARGIN_MS = GS_REAP_GRACE_MS + 100 }; /* in which a task tells that it had no time */

struct work {
	struct gs_sys sys;
	struct gs_task *task;
	struct gs_child child;
};

static int work(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct work *w = arg;

	(void)err;
	w->sys.who = NULL; /* it tells nobody what it does */
	w->sys.deadline_ns -= MARGIN_MS * INT64_C(1000000);
	w->task->fn(&w->sys, w->task->arg, ret_answer);
	return 0;
}

static void carry_out(struct gs_sys *sys, struct gs_task *task, size_t n)
{
	gs_autofree struct work *all = gs_alloc(n * sizeof *all);
	size_t begun;

	for (begun = 0; begun < n; begun++) {
		struct work *w = &all[begun];
		const struct gs_child_req req = {
			.fn = work,
			.arg = w,
			.keep = &w->sys.root_fd,
			.n_keep = 1,
			.deadline_ns = sys->deadline_ns,
			.max_answer = GS_TASK_BYTES,
		};

		*w = (struct work){ .sys = *sys, .task = &task[begun] };
		if (gs_child_start(&req, &w->child, &task[begun].err) < 0)
			break;
	}
	for (size_t i = begun; i < n; i++)
		task[i].err = task[begun].err;
	for (size_t i = begun; i-- > 0;)
		(void)gs_child_finish(&all[i].child, &task[i].ret, &task[i].err);
}

/* Most end soon: each part may take half of what is left, the last one all of it. */
static void at_once(struct gs_sys *sys, struct gs_task *task, size_t n, size_t width)
{
	int64_t end_ns = sys->deadline_ns;

	while (n) {
		size_t some = n < width ? n : width;
		int64_t now_ns = gs_now_ns();

		sys->deadline_ns = n > some ? now_ns + (end_ns - now_ns) / 2 : end_ns;
		carry_out(sys, task, some);
		task += some;
		n -= some;
	}
	sys->deadline_ns = end_ns;
}

const struct gs_task_ops gs_task_host = { .at_once = at_once };
