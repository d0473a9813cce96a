/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/access.h"

#include <string.h>

#include "core/follower/follower_status.h"
#include "core/leader/escape.h"
#include "core/plan/finding.h"
#include "core/plan/plan.h"
#include "core/verify/access_report.h"
#include "core/verify/errno_cause.h"
#include "core/verify/explain.h"

/* Read-only is what is in force, not less than it; nobody is promised to give files away. */
static bool is_promised(const struct gs_row *row, const struct gs_refusal *refusal)
{
	return refusal->act != GS_ACT_CHOWN && (refusal->act == GS_ACT_READ || !row->readonly);
}

static bool is_alike(const struct gs_refusal *a, const struct gs_refusal *b)
{
	return a->act == b->act && a->error == b->error && !strcmp(a->why, b->why);
}

/* One finding for all directories where the same was refused for the same reason. */
static void add_less(struct gs_survey *survey, const struct gs_row *row, size_t first)
{
	const struct gs_refusal *refusal = &row->refused[first];
	const struct gs_errno_cause *known = gs_errno_cause_of(refusal->error);
	gs_autostr struct gs_str dirs = { 0 };

	for (size_t i = 0; i < first; i++)
		if (is_alike(&row->refused[i], refusal))
			return;
	for (size_t i = first; i < row->n_refused; i++)
		if (is_alike(&row->refused[i], refusal))
			gs_str_addf(&dirs, "%s%s", dirs.len ? " and " : "", row->refused[i].dir);
	gs_findings_add(&survey->findings, GS_FAIL, known ? known->id : "VERIFY_LESS",
			refusal->mend ? refusal->mend
			: known	      ? known->mend
				      : NULL,
			"uid %u cannot %s files in %s: %s (%s: %s)", row->uid,
			gs_act_name(refusal->act), dirs.ptr, gs_errno_text(refusal->error),
			gs_reason_name(refusal->reason), refusal->why);
}

/* What a file's owner is shown as where this node knows no name for the number, or the word. */
enum { NOBODY = 65534 };

static void note_mapping(struct gs_survey *survey)
{
	for (size_t i = 0; survey->maps_ids && i < survey->n; i++) {
		const struct gs_row *row = &survey->row[i];

		if (!row->has_owner || row->owner != NOBODY || row->uid == NOBODY)
			continue;
		gs_findings_add(&survey->findings, GS_NOTE, "ID_MAPPING",
				"the same Domain in /etc/idmapd.conf of both nodes, or "
				"nfs4_disable_idmapping=Y",
				"the file of uid %u is shown as nobody's: this node names owners "
				"by words, and may not know this one",
				row->uid);
		return;
	}
}

static void judge_row(struct gs_survey *survey, struct gs_row *row)
{
	for (size_t i = 0; i < row->n_refused; i++)
		gs_reason_find(survey, row, &row->refused[i]);
	if (row->timed_out) {
		gs_findings_add(&survey->findings, GS_FAIL, "VERIFY_SILENT", NULL,
				"'%s' did not answer uid %u in time", survey->path, row->uid);
		return;
	}
	for (size_t i = 0; i < row->n_refused; i++)
		if (is_promised(row, &row->refused[i]))
			add_less(survey, row, i);
}

/* Nobody was tried: what is asked of a silent server now, it may do when it is back. */
static void judge_silence(struct gs_survey *survey)
{
	const struct gs_err *silence = &survey->silence, *stuck = &survey->stuck;

	if (silence->code)
		gs_findings_add(&survey->findings, GS_FAIL, "SERVER_SILENT",
				silence->mend[0] ? silence->mend : NULL, GS_TELLS_SILENCE,
				gs_err_name(silence), silence->msg);
	if (survey->is_stuck && stuck->id)
		gs_findings_add(&survey->findings, GS_FAIL, "MOUNT_SILENT",
				stuck->mend[0] ? stuck->mend : NULL, GS_TELLS_STUCK,
				gs_err_name(stuck), stuck->msg);
	else if (survey->is_stuck)
		gs_findings_add(&survey->findings, GS_FAIL, "MOUNT_SILENT", NULL,
				"the server answers, but not through the mount");
}

/* What was not begun has left nothing; with more time it can be. */
static void judge_time(struct gs_survey *survey)
{
	enum { DIRS = 3, MORE_S = 5 };
	gs_autofree char *mend = NULL;
	bool is_cut = false;
	uint64_t s = (uint64_t)survey->trip_us * GS_PROBE_TRIPS * DIRS * survey->n / 1000000;

	for (size_t i = 0; i < survey->n; i++)
		is_cut = is_cut || survey->row[i].cut_short;
	if (!is_cut)
		return;
	mend = gs_printf("give it the time that it needs: --timeout %u", (unsigned)s + MORE_S);
	gs_findings_add(&survey->findings, GS_FAIL, "LINK_SLOW", mend,
			"a request to the server takes %u.%u s, and what a user can do in a "
			"directory is some %u of them: there was no time to try it",
			survey->trip_us / 1000000, survey->trip_us % 1000000 / 100000,
			(unsigned)GS_PROBE_TRIPS);
}

/* Root's powers are not used where somebody could lead them elsewhere: a "-", and no refusal. */
static void note_restraint(struct gs_survey *survey)
{
	for (size_t i = 0; i < survey->n; i++)
		if (survey->row[i].restrained) {
			gs_findings_add(&survey->findings, GS_NOTE, "ROOT_RESTRAINED", NULL,
					"others can write here, so uid 0 was tried without root's "
					"powers over files; what would take them is shown as -");
			return;
		}
}

static void judge_escape(struct gs_survey *survey)
{
	gs_autostr struct gs_str mend = { 0 };

	for (size_t i = 0; survey->escape && i < survey->n; i++) {
		if (!survey->row[i].is_left_out)
			continue;
		gs_escape_mend(survey->path, survey->escape, survey->mount.type, &mend);
		gs_findings_add(&survey->findings, GS_WARN, "PROBE_UNSAFE",
				mend.len ? mend.ptr : NULL, "uid 0 was not tried: " GS_TELLS_ESCAPE,
				survey->escape);
		return;
	}
}

static void judge_id(struct gs_survey *survey)
{
	gs_autostr struct gs_str fix = { 0 };
	/* Below a share's top such a file is nobody's business. */
	bool is_mount = survey->is_nfs && survey->mount.target &&
			!strcmp(survey->mount.target, survey->path);

	if (survey->id_broken && (is_mount || survey->is_leader)) {
		gs_share_id_anew(NULL, survey->is_nfs ? survey->mount.source : survey->path, &fix);
		gs_findings_add(&survey->findings, survey->kept[0] ? GS_FAIL : GS_WARN, "ID_BROKEN",
				fix.len ? fix.ptr : NULL, "%s: it does not say which share this is",
				survey->id_error.msg);
		return;
	}
	if (survey->id_read && survey->kept[0] && strcmp(survey->kept, survey->id) != 0)
		gs_findings_add(&survey->findings, GS_FAIL, "ID_DIFFERS", NULL,
				"the share's id is %s, not %s as kept in /etc/fstab",
				survey->id[0] ? survey->id : "missing", survey->kept);
}

void gs_survey_judge(struct gs_survey *survey)
{
	judge_silence(survey);
	for (size_t i = 0; i < survey->n; i++)
		judge_row(survey, &survey->row[i]);
	judge_time(survey);
	note_mapping(survey);
	note_restraint(survey);
	judge_escape(survey);
	judge_id(survey);
}
