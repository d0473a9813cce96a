/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/change.h"

#include <stdlib.h>

void gs_exports_change_done(struct gs_exports_change *change)
{
	for (size_t i = 0; i < change->n; i++)
		gs_exportopts_done(&change->predict[i].opts);
	free(change->predict);
	gs_str_done(&change->etab_before);
	free(change->switched);
	*change = (struct gs_exports_change){ 0 };
}

struct gs_prediction *gs_exports_predict(struct gs_exports_change *change, const char *path,
					 const char *host)
{
	struct gs_prediction *p;

	gs_grow(&change->predict, change->n, &change->room, sizeof *change->predict);
	p = &change->predict[change->n++];
	p->path = path;
	p->host = host;
	return p;
}

void gs_exports_switch(struct gs_exports_change *change, const char *host, enum gs_access from,
		       enum gs_access to)
{
	gs_grow(&change->switched, change->n_switched, &change->room_switched,
		sizeof *change->switched);
	change->switched[change->n_switched++] = (struct gs_switch){ host, from, to };
}

bool gs_exports_removes_access(const struct gs_exports_change *change)
{
	bool any = false;

	for (size_t i = 0; !any && i < change->n; i++)
		any = change->predict[i].gone;
	for (size_t i = 0; !any && i < change->n_switched; i++)
		any = change->switched[i].to == GS_ACCESS_RO;
	return any;
}
