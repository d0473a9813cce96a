/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/report/report_explain.h"

#include "core/check/by_hand.h"
#include "core/check/causes.h"
#include "core/diagnose/follows.h"
#include "core/diagnose/only.h"

/* "  after   SERVER_DOWN       The NFS server is installed but not running." */
static void add_line(const char *what, const char *id, struct gs_str *out)
{
	const char *meaning = gs_meaning(id);

	gs_str_addf(out, "  %-8s %-24s %s\n", what, id, meaning ? meaning : "");
}

/* "  by hand  cat /proc/fs/nfsd/threads" */
static void add_by_hand(const char *id, struct gs_str *out)
{
	const struct gs_by_hand *row = gs_by_hand_find(id);

	if (row && row->look)
		gs_str_addf(out, "  %-8s %s\n", "by hand", row->look);
	if (row)
		gs_str_addf(out, "  %-8s %s\n", "see", row->refs);
}

void gs_report_explain(const char *id, struct gs_str *out)
{
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };

	gs_meanings(&ids);
	gs_str_addf(out, "%s  (%s)\n  %s\n", id, gs_area(id), gs_meaning(id));
	add_by_hand(id, out);
	for (size_t i = 0; i < ids.n; i++)
		if (gs_follows(id, ids.v[i]))
			add_line("because", ids.v[i], out);
	for (size_t i = 0; i < ids.n; i++)
		if (gs_follows(ids.v[i], id))
			add_line("then", ids.v[i], out);
}

void gs_report_ids(struct gs_str *out)
{
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };

	gs_meanings(&ids);
	for (size_t i = 0; i < ids.n; i++)
		gs_str_addf(out, "%-24s  %s\n", ids.v[i], gs_meaning(ids.v[i]));
}

void gs_report_doctor_ids(struct gs_str *out)
{
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };

	gs_doctor_ids(&ids);
	for (size_t i = 0; i < ids.n; i++)
		gs_str_addf(out, "%-24s  %-8s  %s\n", ids.v[i], gs_doctor_side(ids.v[i]),
			    gs_meaning(ids.v[i]));
}
