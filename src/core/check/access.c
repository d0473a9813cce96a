/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/access.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "base/shareid.h"
#include "core/check/escape.h"
#include "core/check/mount.h"
#include "core/check/row.h"
#include "core/format/fstab.h"
#include "core/verify/errno_cause.h"
#include "core/verify/explain.h"

/* Can users do in the share what its access promises? */

/* ---- no user was tested ------------------------------------------------------------------ */

static bool is_silent(const struct gs_facts *facts)
{
	return facts->answer->silence.code;
}

static void say_silent(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_err *why = &facts->answer->silence;

	gs_str_addf(out, GS_TELLS_SILENCE, gs_err_name(why), why->msg);
}

static void fix_silent(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_fix_advise(out, "%s", facts->answer->silence.fix);
}

static bool is_refused(const struct gs_facts *facts)
{
	return facts->answer->is_stuck && facts->answer->stuck.id;
}

static void say_refused(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_err *why = &facts->answer->stuck;

	gs_str_addf(out, GS_TELLS_STUCK, gs_err_name(why), why->msg);
}

static void fix_refused(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_fix_advise(out, "%s", facts->answer->stuck.fix);
}

static bool is_stuck(const struct gs_facts *facts)
{
	return facts->answer->is_stuck && !facts->answer->stuck.id;
}

static void fix_stuck(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, "if it persists, mount again after: "), "sudo", "gshare",
		   "follower", "unmount", facts->answer->mount.target, "--lazy");
}

/* ---- one user ---------------------------------------------------------------------------- */

static bool is_late(const struct gs_facts *facts)
{
	return facts->row->row->timed_out;
}

static void say_late(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "'%s' timed out for uid %u", facts->row->report->path,
		    facts->row->row->uid);
}

/* A write is a large packet, which a link that loses those never carries. */
static void fix_late(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_access_report *report = facts->row->report;
	gs_autofree char *server = NULL;
	struct gs_span addr;

	if (!report->is_nfs || !report->mount.options ||
	    !gs_mountopt_get(report->mount.options, "addr", &addr))
		return;
	server = gs_span_dup(addr);
	gs_fix_large(out, "see whether large packets get through: ", server);
}

/* A read-only share promises no write; no share promises chown. */
static bool is_promised(const struct gs_denial_fact *denial)
{
	return denial->of->act != GS_ACT_CHOWN &&
	       (denial->of->act == GS_ACT_READ || !denial->row->readonly);
}

static const char *less_id(const struct gs_facts *facts)
{
	const struct gs_errno_cause *known = gs_errno_cause_of(facts->denial->of->error);

	if (!is_promised(facts->denial))
		return NULL;
	return known ? known->id : "VERIFY_LESS";
}

static void say_less(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_denial *of = facts->denial->of;

	gs_str_addf(out, "uid %u cannot %s files in %s: %s (%s: %s)", facts->denial->row->uid,
		    gs_act_name(of->act), facts->denial->dirs, gs_errno_text(of->error),
		    gs_cause_name(of->cause), of->why);
}

static void fix_less(const struct gs_facts *facts, struct gs_fixes *out)
{
	if (facts->denial->fix)
		gs_fix_advise(out, "%s", facts->denial->fix);
}

#define LESS(ID, MEANING)                                                                          \
	{                                                                                          \
		ID, MEANING, GS_ON_ANY, GS_GIVEN(DENIAL), GS_FAIL,                                 \
			.names = less_id, .message = say_less, .fix = fix_less                     \
	}

/* ---- all users --------------------------------------------------------------------------- */

static bool is_cut(const struct gs_facts *facts)
{
	for (size_t i = 0; i < facts->access->n; i++)
		if (facts->access->row[i].cut_short)
			return true;
	return false;
}

static void say_cut(const struct gs_facts *facts, struct gs_str *out)
{
	unsigned trip_us = facts->access->trip_us;

	gs_str_addf(out,
		    "a request to the server takes %u.%u s, and the test of a user in a directory "
		    "takes some %u of them: no time was left for it",
		    trip_us / 1000000, trip_us % 1000000 / 100000, (unsigned)GS_PROBE_TRIPS);
}

/* The same test again, of the same users, with more time. */
static void fix_by_verify(const struct gs_access_report *report, unsigned timeout_s,
			  struct gs_fixes *out)
{
	struct gs_str *command = gs_fix_here(out, "");

	gs_command(command, "sudo", "gshare", "verify", report->path);
	for (size_t i = 0; i < report->n; i++) {
		if (!report->row[i].uid)
			continue;
		gs_command(command, "--as");
		gs_command_wordf(command, "%u:%u", report->row[i].uid, report->row[i].gid);
	}
	gs_command(command, "--timeout");
	gs_command_wordf(command, "%u", timeout_s);
}

/* A test that was not begun has left no file; it can run with more time. */
static void fix_cut(const struct gs_facts *facts, struct gs_fixes *out)
{
	enum { DIRS = 3, MORE_S = 5 };
	const struct gs_access_report *report = facts->access;
	uint64_t s = (uint64_t)report->trip_us * GS_PROBE_TRIPS * DIRS * report->n / 1000000;

	fix_by_verify(report, (unsigned)s + MORE_S, out);
}

/* The owner shown for a file whose UID or user name this node cannot map. */
enum { NOBODY = 65534 };

/* A uid whose file is shown as nobody's; NOBODY where there is none. */
static uid_t find_unmapped(const struct gs_access_report *report)
{
	for (size_t i = 0; report->maps_ids && i < report->n; i++) {
		const struct gs_row *row = &report->row[i];

		if (row->has_owner && row->owner == NOBODY && row->uid != NOBODY)
			return row->uid;
	}
	return NOBODY;
}

static bool is_unmapped(const struct gs_facts *facts)
{
	return find_unmapped(facts->access) != NOBODY;
}

static void say_unmapped(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(
		out,
		"the file of uid %u is shown as owned by nobody: this node uses names for owners, "
		"and may not know this one",
		find_unmapped(facts->access));
}

/* Root's capabilities are not used where other users could replace a path: a "-", no denial. */
static bool is_restrained(const struct gs_facts *facts)
{
	for (size_t i = 0; i < facts->access->n; i++)
		if (facts->access->row[i].restrained)
			return true;
	return false;
}

static bool is_left_out(const struct gs_facts *facts)
{
	for (size_t i = 0; facts->access->escape && i < facts->access->n; i++)
		if (facts->access->row[i].is_left_out)
			return true;
	return false;
}

static void say_left_out(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "uid 0 was not tested: " GS_TELLS_ESCAPE, facts->access->escape);
}

static void fix_left_out(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_access_report *report = facts->access;

	gs_escape_fix(report->path, report->escape, report->mount.type, gs_fix_here(out, ""));
}

/* ---- the share's id ---------------------------------------------------------------------- */

/* Only the .gshare-id at a share's root counts. */
static bool holds_no_id(const struct gs_access_report *report)
{
	bool is_mount = report->is_nfs && report->mount.target &&
			!strcmp(report->mount.target, report->path);

	return report->id_broken && (is_mount || report->is_leader);
}

static bool has_lost_id(const struct gs_facts *facts)
{
	return holds_no_id(facts->access) && facts->access->kept[0];
}

static bool has_no_id(const struct gs_facts *facts)
{
	return holds_no_id(facts->access) && !facts->access->kept[0];
}

static void say_no_id(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "%s: the share cannot be identified", facts->access->id_error.msg);
}

static void fix_id(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_access_report *report = facts->access;

	gs_share_id_anew(NULL, report->is_nfs ? report->mount.source : report->path,
			 gs_fix_here(out, ""));
}

/* A directory that the leader no longer knows seems to be without a file. */
static bool is_stale(const struct gs_access_report *report)
{
	for (size_t i = 0; i < report->n; i++)
		for (size_t j = 0; j < report->row[i].n_refused; j++)
			if (report->row[i].refused[j].error == ESTALE)
				return true;
	return false;
}

static bool has_other_id(const struct gs_facts *facts)
{
	const struct gs_access_report *report = facts->access;

	return !holds_no_id(report) && report->id_read && report->kept[0] &&
	       strcmp(report->kept, report->id) != 0 && (report->id[0] || !is_stale(report));
}

static void say_other_id(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_access_report *report = facts->access;

	gs_str_addf(out, "the share id is %s, but /etc/fstab has %s",
		    report->id[0] ? report->id : "missing", report->kept);
}

/* Only the administrator of the leader can tell which share it is; status has the command. */
static void fix_other_id(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_access_report *report = facts->access;

	gs_command(gs_fix_here(out, "see which share it is: "), "sudo", "gshare",
		   report->is_nfs ? "follower" : "leader", "status",
		   report->is_nfs ? report->path : NULL);
}

const struct gs_check gs_checks_access[] = {
	{ "SERVER_NOT_RESPONDING", NULL, GS_ON_FOLLOWER, GS_GIVEN(ANSWER), GS_FAIL, is_silent,
	  .message = say_silent, .fix = fix_silent },
	{ "MOUNT_NOT_RESPONDING", NULL, GS_ON_FOLLOWER, GS_GIVEN(ANSWER), GS_FAIL, is_refused,
	  .message = say_refused, .fix = fix_refused },
	{ "MOUNT_NOT_RESPONDING", NULL, GS_ON_FOLLOWER, GS_GIVEN(ANSWER), GS_FAIL, is_stuck,
	  .text = "the server responds, but not through the mount", .fix = fix_stuck },
	{ "VERIFY_TIMEOUT", "The test of a user timed out.", GS_ON_ANY, GS_GIVEN(ROW), GS_FAIL,
	  is_late, .message = say_late, .fix = fix_late },
	LESS("SERVER_FULL", "The leader's file system has no free bytes or no free inodes."),
	LESS("QUOTA_REACHED", "A quota of the leader is used up."),
	LESS("EXPORT_STALE", NULL),
	LESS("VERIFY_LESS", "A user can do less than the active access promises."),
	{ "LINK_SLOW", "The server responds too slowly to test everything in time.", GS_ON_ANY,
	  GS_GIVEN(ACCESS), GS_FAIL, is_cut, .message = say_cut, .fix = fix_cut },
	{ "ID_MAPPING", "This node uses names for owners, and does not know one of them.",
	  GS_ON_FOLLOWER, GS_GIVEN(ACCESS), GS_NOTE, is_unmapped, .message = say_unmapped,
	  .command = "set the same Domain in /etc/idmapd.conf of both nodes; this shows the one in "
		     "use on each: sudo nfsidmap -d" },
	{ "ROOT_RESTRAINED",
	  "Other users can write to a directory: root was tested without capabilities.", GS_ON_ANY,
	  GS_GIVEN(ACCESS), GS_NOTE, is_restrained,
	  .text = "others can write to this directory, so uid 0 was tested without root's "
		  "capabilities; acts that need them are shown as -" },
	{ "PROBE_UNSAFE", "Followers could redirect the test of root: root was not tested.",
	  GS_ON_LEADER, GS_GIVEN(ACCESS), GS_WARN, is_left_out, .message = say_left_out,
	  .fix = fix_left_out },
	{ "ID_BROKEN", NULL, GS_ON_ANY, GS_GIVEN(ACCESS), GS_FAIL, has_lost_id,
	  .message = say_no_id, .fix = fix_id },
	{ "ID_BROKEN", NULL, GS_ON_ANY, GS_GIVEN(ACCESS), GS_WARN, has_no_id, .message = say_no_id,
	  .fix = fix_id },
	{ "ID_DIFFERS", NULL, GS_ON_ANY, GS_GIVEN(ACCESS), GS_FAIL, has_other_id,
	  .message = say_other_id, .fix = fix_other_id },
	{ 0 },
};
