/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/at_once.h"

#include <stdlib.h>

#include "core/diagnose/case_text.h"

enum { CROWD = 8 }; /* a share's test takes some 20 ms of a processor */

struct gs_look *gs_looks_add(struct gs_looks *looks, enum gs_side side, const char *place,
			     void (*fn)(struct gs_sys *, const struct gs_look *, struct gs_cases *),
			     const void *arg)
{
	gs_grow(&looks->v, looks->n, &looks->room, sizeof *looks->v);
	looks->v[looks->n++] =
		(struct gs_look){ .side = side, .place = place, .fn = fn, .arg = arg };
	return &looks->v[looks->n - 1];
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

void gs_look_at_once(struct gs_sys *sys, struct gs_looks *looks, size_t width,
		     struct gs_cases *cases)
{
	gs_autofree struct gs_task *task = gs_alloc((looks->n + 1) * sizeof *task);

	for (size_t i = 0; i < looks->n; i++) {
		struct gs_look *look = &looks->v[i];

		look->ret = look->ret ? look->ret : cases;
		look->is_crowded = looks->n > CROWD;
		task[i] = (struct gs_task){ .fn = work, .arg = look };
	}
	if (looks->n == 1) {
		looks->v[0].fn(sys, &looks->v[0], looks->v[0].ret);
		return;
	}
	sys->ops->task->at_once(sys, task, looks->n, width);
	for (size_t i = 0; i < looks->n; i++)
		take(&looks->v[i], &task[i], looks->v[i].ret);
}

void gs_looks_done(struct gs_looks *looks)
{
	free(looks->v);
	*looks = (struct gs_looks){ 0 };
}
