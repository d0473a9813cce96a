/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/early.h"

#include <stdlib.h>

#include "base/str.h"

void gs_earlies_add(struct gs_earlies *list, pid_t pid, bool is_old, const char *const text[3])
{
	gs_grow(&list->v, list->n, &list->room, sizeof *list->v);
	list->v[list->n++] = (struct gs_early){
		.is_old = is_old,
		.pid = pid,
		.name = gs_strdup(text[0]),
		.place = gs_strdup(text[1]),
		.cgroup = gs_strdup(text[2]),
	};
}

void gs_earlies_done(struct gs_earlies *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].name);
		free(list->v[i].place);
		free(list->v[i].cgroup);
	}
	free(list->v);
	*list = (struct gs_earlies){ 0 };
}
