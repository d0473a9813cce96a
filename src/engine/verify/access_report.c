/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/check/fix.h"
#include "core/check/judge.h"
#include "core/exports/word.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/share/layout.h"
#include "core/share/select.h"
#include "core/verify/access_report.h"
#include "core/verify/coherence.h"
#include "engine/observe/common.h"
#include "engine/observe/escape.h"
#include "engine/observe/follower_status.h"
#include "engine/observe/server.h"
#include "engine/phase.h"
#include "engine/verify/converge.h"
#include "engine/verify/here.h"

/* For verify: what each user can do in the share. */

/* The users of the images that read datasets: root, postgres, the first login, nobody. */
static const struct gs_id container_ids[] = {
	{ 0, 0 }, { 999, 999 }, { 1000, 1000 }, { 65534, 65534 }
};

struct ids {
	struct gs_id *v;
	size_t n, room;
};

static void ids_done(struct ids *ids)
{
	free(ids->v);
}

static void add_id(struct ids *ids, uid_t uid, gid_t gid)
{
	for (size_t i = 0; i < ids->n; i++)
		if (ids->v[i].uid == uid && ids->v[i].gid == gid)
			return;
	gs_grow(&ids->v, ids->n, &ids->room, sizeof *ids->v);
	ids->v[ids->n++] = (struct gs_id){ uid, gid };
}

/* USER, UID or UID:GID */
static int add_asked(struct gs_sys *sys, const char *asked, struct ids *ids, struct gs_err *err)
{
	GS_AUTO(gs_account_done) struct gs_account account = { 0 };
	struct gs_span rest = gs_span_of(asked), part = { 0 };
	gs_autofree char *user = NULL;
	gs_autofree char *group = NULL;

	gs_span_cut(&rest, ':', &part);
	user = gs_span_dup(part);
	group = rest.ptr ? gs_span_dup(rest) : NULL;
	if (sys->ops->accounts->find(sys, user, &account, err) < 0 ||
	    (group && sys->ops->accounts->find_group(sys, group, &account.gid, err) < 0)) {
		if (err->code == -ENOENT)
			err->code = -GS_E_USAGE;
		return gs_err_prefix(err, "--as %s", asked);
	}
	add_id(ids, account.uid, account.gid);
	return 0;
}

static int list_ids(struct gs_sys *sys, const struct gs_strs *as, struct ids *ids,
		    struct gs_err *err)
{
	add_id(ids, 0, 0);
	for (size_t i = 0; i < as->n; i++) {
		if (!strcmp(as->v[i], "container"))
			for (size_t k = 0; k < GS_COUNT(container_ids); k++)
				add_id(ids, container_ids[k].uid, container_ids[k].gid);
		else if (add_asked(sys, as->v[i], ids, err) < 0)
			return err->code;
	}
	return 0;
}

/* ---- which share ------------------------------------------------------------------------- */

/* Owners are sent as numbers unless this parameter of the kernel's client is N: nfs(5). */
static bool does_map_ids(struct gs_sys *sys)
{
	/* The file has two bytes, but sysfs gives each file the size of a page: 64 KiB on arm64. */
	enum { PAGE_MAX_BYTES = 65536 };
	static const char path[] = "/sys/module/nfs/parameters/nfs4_disable_idmapping";
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unknown = { 0 };
	bool exists = false;

	return sys->ops->fs->read_file(sys, path, PAGE_MAX_BYTES, &text, &exists, &unknown) == 0 &&
	       exists && gs_span_has_prefix(gs_str_span(&text), "N");
}

/* Any directory can be verified, of gshare or not: "any distributed file system". */
static int find_for_verify(struct gs_sys *sys, const struct gs_verify_req *req,
			   struct gs_access_report *report, struct gs_err *err)
{
	GS_AUTO(gs_local_shares_done) struct gs_local_shares here = { 0 };
	struct gs_err not_managed = { 0 };
	int r = gs_find_here(sys, GS_SIDE_ANY, req, &here, &not_managed);

	if (r == -GS_E_FOUND && req->path && strcmp(not_managed.id, "NOT_MOUNTED") != 0) {
		report->path = gs_exports_clean_path(req->path);
	} else if (r < 0) {
		*err = not_managed;
		return r;
	} else {
		report->is_leader = here.is_leader;
		report->path = gs_strdup(here.path);
		memcpy(report->kept, here.kept, sizeof here.kept);
	}
	if (sys->ops->mount->find_of(sys, report->path, &report->mount, err) < 0)
		return err->code;
	report->is_nfs = gs_span_has_prefix(gs_span_of(report->mount.type), "nfs");
	report->maps_ids = report->is_nfs && does_map_ids(sys);
	return 0;
}

/*
 * On an NFS mount the server limits what root's test can do; on a local path nothing does. Uses the
 * mount table alone: the path may be on any file system, and statfs(2) waits for a server that does
 * not respond.
 */
static int find_escape(struct gs_sys *sys, struct gs_access_report *report, struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted under = { 0 };

	if (report->is_nfs)
		return 0;
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	if (sys->ops->mount->find_of(sys, report->path, &under, err) == 0)
		(void)gs_observe_escape(sys, report->path,
					under.is_whole && !strcmp(under.target, report->path),
					&report->escape, err);
	return gs_phase_end(sys, err->code, err);
}

/* ---- what can be done -------------------------------------------------------------------- */

/* A user's answer is the worst one over all directories. */
static void worsen(struct gs_act *act, const struct gs_try *try)
{
	if (try->can == GS_CAN_UNTRIED || act->answer == GS_ANSWER_NO)
		return;
	act->answer = try->can == GS_CAN_YES ? GS_ANSWER_YES : GS_ANSWER_NO;
	act->error = try->error;
}

static void add_denial(struct gs_row *row, const char *dir, enum gs_act_kind act,
		       const struct gs_try *try, const struct gs_dir_look *look)
{
	gs_grow(&row->refused, row->n_refused, &row->room_refused, sizeof *row->refused);
	row->refused[row->n_refused++] = (struct gs_denial){
		.dir = gs_strdup(dir), .act = act, .error = try->error, .look = *look
	};
}

/* Each act needs those before it: where one fails, the later ones fail with it. */
static void take_acts(struct gs_row *row, const char *dir, const struct gs_access_result *result)
{
	const struct {
		enum gs_act_kind kind;
		const struct gs_try *try;
		struct gs_act *act;
	} acts[] = {
		{ GS_ACT_READ, &result->read, &row->read },
		{ GS_ACT_CREATE, &result->create, &row->create },
		{ GS_ACT_CHANGE, &result->change, &row->change },
		{ GS_ACT_RENAME, &result->rename, &row->rename },
		{ GS_ACT_DELETE, &result->remove, &row->remove },
		{ GS_ACT_CHOWN, &result->chown_, &row->chown_ },
	};
	bool is_first = true;

	for (size_t i = 0; i < GS_COUNT(acts); i++) {
		bool was_refused = acts[i].act->answer == GS_ANSWER_NO;

		worsen(acts[i].act, acts[i].try);
		if (acts[i].try->can != GS_CAN_NO)
			continue;
		/* One denial for each directory; chown only once, as it is the same everywhere. */
		if (acts[i].kind == GS_ACT_CHOWN ? !was_refused : is_first)
			add_denial(row, dir, acts[i].kind, acts[i].try, &result->look);
		is_first = false;
	}
}

enum { FAR_US = 100000 }; /* round-trip times below it are not considered */

/* A probe that the deadline ends leaves its test file: no time is left to remove it. */
static bool has_time(struct gs_sys *sys, const struct gs_access_report *report)
{
	int64_t left_ns = sys->deadline_ns - sys->ops->clock->now_ns(sys);

	return report->trip_us < FAR_US ||
	       report->trip_us * INT64_C(1000) * GS_PROBE_TRIPS < left_ns;
}

/* The file has one of two names. The leader's root can remove it, whatever the export allows. */
static void tell_left(struct gs_access_report *report, const char *dir, const char *left)
{
	const struct gs_mounted *mount = &report->mount;
	GS_AUTO(gs_seen_at_done) struct gs_seen_at at = { 0 };
	GS_AUTO(gs_fixes_done) struct gs_fixes fixes = { 0 };
	gs_autostr struct gs_str fix = { 0 };
	bool is_far = report->is_nfs &&
		      gs_seen_find(mount->source, mount->target, mount->options, dir, &at);
	gs_autofree char *path = gs_printf("%s/%s", is_far ? at.path : dir, left);
	gs_autofree char *moved = gs_printf("%s.b", path);

	gs_command(gs_fix_on(&fixes, is_far ? at.server : NULL), "sudo", "rm", "-f", path, moved);
	gs_fixes_print(&fixes, &fix);
	gs_findings_add(&report->findings, GS_FAIL, "PROBE_LEFT", fix.ptr,
			"the test file '%s/%s' could not be removed and may still exist", dir,
			left);
}

static void tell_swapped(struct gs_access_report *report, const char *dir, uid_t uid)
{
	gs_autofree char *again = gs_command_text("", "sudo", "gshare", "verify", report->path);

	gs_findings_add(
		&report->findings, GS_FAIL, "PROBE_SWAPPED", again,
		"the test file in '%s' was replaced, linked or removed by another process while "
		"uid %u was tested; its replacement was not read or changed",
		dir, uid);
}

/* The first directory found in which a user can create and remove a file, and that user. */
struct spot {
	char *dir;
	struct gs_id id;
};

static void spot_done(struct spot *spot)
{
	free(spot->dir);
}

/* A dataset directory that the share's root hides does not count: the root is judged instead. */
static bool is_there(const char *share, const char *dir, const struct gs_access_result *result)
{
	if (result->create.can == GS_CAN_NO && result->create.error == ENOENT)
		return false;
	return !result->hidden || !strcmp(dir, share);
}

static int probe_dir(struct gs_sys *sys, struct gs_access_report *report, const char *dir,
		     struct gs_row *row, struct spot *spot, bool *ret_exists, struct gs_err *err)
{
	const struct gs_access_req req = {
		.dir = dir,
		.uid = row->uid,
		.gid = row->gid,
		.deadline_ns = sys->deadline_ns,
		.sweep = true,
		.look = true,
	};
	struct gs_access_result result = { 0 };

	row->cut_short = !has_time(sys, report);
	*ret_exists = row->cut_short;
	if (row->cut_short)
		return 0;
	if (sys->ops->access->probe(sys, &req, 1, &result, err) < 0)
		return err->code;
	if (result.left[0])
		tell_left(report, dir, result.left);
	if (result.swapped)
		tell_swapped(report, dir, row->uid);
	*ret_exists = is_there(report->path, dir, &result);
	if (!*ret_exists)
		return 0;
	take_acts(row, dir, &result);
	row->readonly |= result.readonly_fs;
	row->timed_out |= result.timed_out;
	row->restrained |= result.restrained;
	if (result.create.can == GS_CAN_YES) {
		row->has_owner = true;
		row->owner = result.owner_uid;
		row->owner_group = result.owner_gid;
	}
	if (!spot->dir && result.remove.can == GS_CAN_YES)
		*spot = (struct spot){ gs_strdup(dir), { row->uid, row->gid } };
	return 0;
}

static void row_done(struct gs_row *row)
{
	for (size_t i = 0; i < row->n_refused; i++) {
		free(row->refused[i].dir);
		free(row->refused[i].why);
		free(row->refused[i].fix);
	}
	free(row->refused);
	*row = (struct gs_row){ 0 };
}

static void add_row(struct gs_access_report *report, struct gs_row *row)
{
	gs_grow(&report->row, report->n, &report->room, sizeof *report->row);
	report->row[report->n++] = *row;
	*row = (struct gs_row){ 0 };
}

static int report_id(struct gs_sys *sys, struct gs_access_report *report, const struct gs_id *id,
		     struct spot *spot, struct gs_err *err)
{
	GS_AUTO(row_done) struct gs_row row = { .uid = id->uid, .gid = id->gid };
	bool exists = false, any = false;

	if (!id->uid && report->escape) {
		row.is_left_out = true;
		add_row(report, &row);
		return 0;
	}

	for (size_t i = 0; gs_dataset_dirs[i] && !row.timed_out && !row.cut_short; i++) {
		gs_autofree char *dir = gs_printf("%s/%s", report->path, gs_dataset_dirs[i]);

		if (probe_dir(sys, report, dir, &row, spot, &exists, err) < 0)
			return err->code;
		any |= exists;
	}
	if (!any && probe_dir(sys, report, report->path, &row, spot, &exists, err) < 0)
		return err->code;
	if (!any && !exists)
		return gs_err_set(err, ENOENT, "'%s' is not a directory", report->path);
	add_row(report, &row);
	return 0;
}

static int read_id(struct gs_sys *sys, struct gs_access_report *report)
{
	gs_autofree char *path = gs_printf("%s/" GS_SHARE_FILE, report->path);
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unread = { 0 };
	int r = sys->ops->mount->read_bounded(sys, path, GS_SHARE_FILE_BYTES, &text, &unread);

	report->id_read = r == 0 || r == -ENOENT;
	if (r == 0 && !gs_share_id_parse(gs_str_span(&text), report->id))
		gs_err_set(&unread, EBADMSG, "'%s' contains no share id", path);
	report->id_broken = r == 0 ? unread.code != 0 : gs_share_is_no_file(r);
	report->id_error = unread;
	return r;
}

/*
 * Called before a file is created: the kernel completes the requests of a killed process, so a file
 * requested from a server that does not respond would appear once it does, and nobody would remove
 * it.
 */
static bool answers(struct gs_sys *sys, struct gs_access_report *report)
{
	struct gs_err said = { 0 };
	unsigned rtt_us = 0;
	enum gs_answer reached;
	int64_t asked_ns;

	if (!report->is_nfs)
		return true;
	report->own_addr = gs_address_towards(sys, &report->mount);
	reached = gs_reach_server(sys, &report->mount, &rtt_us, &report->silence);
	if (reached == GS_ANSWER_NO)
		return false;
	asked_ns = sys->ops->clock->now_ns(sys);
	report->is_stuck = sys->ops->mount->ask(sys, report->path, &said) == -ETIMEDOUT;
	/* The shorter round-trip time counts: the longer may include a lost packet. */
	report->trip_us = (unsigned)((sys->ops->clock->now_ns(sys) - asked_ns) / 1000);
	if (reached == GS_ANSWER_YES && rtt_us < report->trip_us)
		report->trip_us = rtt_us;
	report->is_stuck = report->is_stuck || read_id(sys, report) == -ETIMEDOUT;
	if (report->is_stuck && reached == GS_ANSWER_YES)
		(void)gs_ask_anew(sys, &report->mount, rtt_us, &report->stuck);
	return !report->is_stuck;
}

static bool was_hurried(const struct gs_access_report *report)
{
	for (size_t i = 0; i < report->n; i++)
		if (report->row[i].timed_out || report->row[i].cut_short)
			return true;
	return false;
}

/* A server that let a user create a file may still refuse NFSv4.0: that is no failure. */
static void measure_seen(struct gs_sys *sys, struct gs_access_report *report,
			 const struct spot *spot)
{
	GS_AUTO(gs_seen_at_done) struct gs_seen_at at = { 0 };
	const struct gs_mounted *mount = &report->mount;
	struct gs_seen_req req = { .deadline_ns = sys->deadline_ns };
	struct gs_err failed = { 0 };

	if (!report->is_nfs)
		return;
	report->seen.has_lag = true;
	report->seen.lag_s = gs_seen_lag(mount->options);
	if (was_hurried(report) || !has_time(sys, report)) {
		report->seen.why = gs_strdup("no time was left");
		return;
	}
	if (!spot->dir) {
		report->seen.why = gs_strdup("no file can be made");
		return;
	}
	if (!gs_seen_find(mount->source, mount->target, mount->options, spot->dir, &at)) {
		report->seen.why = gs_strdup("it is not mounted by NFSv4 over TCP");
		return;
	}
	req.server = at.server;
	req.port = at.port;
	req.path = at.path;
	req.dir = spot->dir;
	req.uid = spot->id.uid;
	req.gid = spot->id.gid;
	if (sys->ops->access->seen(sys, &req, &report->seen.us, &failed) == 0)
		report->seen.measured = true;
	else
		report->seen.why = gs_strdup(failed.msg);
	if (failed.id && !strcmp(failed.id, "PROBE_LEFT"))
		gs_findings_add(&report->findings, GS_FAIL, "PROBE_LEFT",
				failed.fix[0] ? failed.fix : NULL, "%s", failed.msg);
}

static int report_ids(struct gs_sys *sys, struct gs_access_report *report, const struct ids *ids,
		      struct gs_err *err)
{
	GS_AUTO(spot_done) struct spot spot = { 0 };
	int r = sys->ops->privs->enter(GS_PHASE_PROBE, err);

	if (r == 0 && !answers(sys, report))
		return gs_phase_end(sys, 0, err);
	for (size_t i = 0; r == 0 && i < ids->n; i++)
		r = report_id(sys, report, &ids->v[i], &spot, err);
	if (r == 0 && !report->is_nfs)
		(void)read_id(sys, report);
	if (r == 0)
		measure_seen(sys, report, &spot);
	return gs_phase_end(sys, r, err);
}

int gs_access_report(struct gs_sys *sys, const struct gs_verify_req *req,
		     struct gs_access_report *ret, struct gs_err *err)
{
	GS_AUTO(gs_access_report_done) struct gs_access_report report = { 0 };
	GS_AUTO(ids_done) struct ids ids = { 0 };
	GS_AUTO(gs_account_done) struct gs_account owner = { 0 };

	if (sys->ops->privs->need(GS_PHASE_PROBE, err) < 0 ||
	    find_for_verify(sys, req, &report, err) < 0 || find_escape(sys, &report, err) < 0 ||
	    (report.is_leader &&
	     gs_find_owner(sys, req, report.path, &owner, &report.findings, err) < 0) ||
	    list_ids(sys, &req->as, &ids, err) < 0)
		return err->code;
	if (report.is_leader)
		add_id(&ids, owner.uid, owner.gid);
	if (report_ids(sys, &report, &ids, err) < 0)
		return err->code;
	gs_access_report_judge(&report);
	*ret = report;
	report = (struct gs_access_report){ 0 };
	return 0;
}

void gs_access_report_done(struct gs_access_report *report)
{
	for (size_t i = 0; i < report->n; i++)
		row_done(&report->row[i]);
	free(report->row);
	free(report->path);
	free(report->escape);
	free(report->seen.why);
	free(report->own_addr);
	gs_mounted_done(&report->mount);
	gs_findings_done(&report->findings);
	*report = (struct gs_access_report){ 0 };
}
