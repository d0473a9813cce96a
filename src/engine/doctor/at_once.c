/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/at_once.h"

#include <stdlib.h>

#include "core/diagnose/case_text.h"

enum { CROWD = 8 }; /* a share's test takes some 20 ms of a processor */

void gs_looks_add(struct gs_looks *looks, enum gs_side side, const char *place,
		  void (*fn)(struct gs_sys *, const struct gs_look *, struct gs_cases *),
		  const void *arg)
{
	gs_grow(&looks->v, looks->n, &looks->room, sizeof *looks->v);
	looks->v[looks->n++] =
		(struct gs_look){ .side = side, .place = place, .fn = fn, .arg = arg };
}

static void work(struct gs_sys *sys, const void *arg, struct gs_str *ret)
{
	const struct gs_look *look = arg;
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };

	look->fn(sys, look, &cases);
	gs_cases_write(&cases, ret);
}

static void take(const struct gs_look *look, struct gs_task *task, struct gs_cases *cases)
{
	if (task->err.code || gs_cases_read(gs_str_span(&task->ret), cases, &task->err) < 0)
		gs_cases_add_error(cases, look->side, look->place, &task->err);
	gs_str_done(&task->ret);
}

void gs_look_at_once(struct gs_sys *sys, struct gs_looks *looks, struct gs_cases *cases)
{
	gs_autofree struct gs_task *task = gs_alloc((looks->n + 1) * sizeof *task);

	if (looks->n == 1) {
		looks->v[0].fn(sys, &looks->v[0], cases);
		return;
	}
	for (size_t i = 0; i < looks->n; i++) {
		looks->v[i].is_crowded = looks->n > CROWD;
		task[i] = (struct gs_task){ .fn = work, .arg = &looks->v[i] };
	}
	sys->ops->task->at_once(sys, task, looks->n);
	for (size_t i = 0; i < looks->n; i++)
		take(&looks->v[i], &task[i], cases);
}

void gs_looks_done(struct gs_looks *looks)
{
	free(looks->v);
	*looks = (struct gs_looks){ 0 };
}
