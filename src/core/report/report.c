/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/report/report.h"

#include <stdio.h>
#include <string.h>

#include "base/command.h"
#include "core/format/diff.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/step/step.h"
#include "core/step/steps.h"
#include "core/verify/access_report.h"

/* Three significant digits and a unit: "1.8 TB", "912 MB". */
static void add_size(uint64_t bytes, struct gs_str *out)
{
	static const char *const unit[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	double size = (double)bytes;
	size_t i = 0;

	for (; size >= 1000 && i + 1 < GS_COUNT(unit); i++)
		size /= 1000;
	gs_str_addf(out, size < 10 && i ? "%.1f %s" : "%.0f %s", size, unit[i]);
}

void gs_report_share(const char *path, const struct gs_fs *fs, struct gs_str *out)
{
	gs_str_adds(out, "share   ");
	gs_str_add_safe(out, gs_span_of(path));
	if (fs && fs->type) {
		gs_str_addf(out, "  (%s on ", fs->type);
		gs_str_add_safe(out, gs_span_of(fs->device));
		gs_str_adds(out, ", ");
		add_size(fs->free_bytes, out);
		gs_str_adds(out, " free)");
	}
	gs_str_addc(out, '\n');
}

void gs_report_items(const struct gs_plan *plan, struct gs_str *out)
{
	for (size_t i = 0; i < plan->items.n; i++)
		gs_str_addf(out, "  %c %-9s %s\n", plan->items.v[i].mark, plan->items.v[i].what,
			    plan->items.v[i].text);
}

/* Adds a diff line by line: each made safe, its backslashes and tabs kept. */
static void add_safe_lines(struct gs_span text, struct gs_str *out)
{
	struct gs_span line = { 0 };

	while (gs_span_cut(&text, '\n', &line)) {
		if (!text.ptr && !line.len)
			return;
		gs_str_add_message(out, line);
		gs_str_addc(out, '\n');
	}
}

static const char joint[] = " && ";

/* The offset of the next " && " outside of quotes; a quoted file name may contain it. */
static size_t find_joint(struct gs_span command)
{
	bool quoted = false;

	for (size_t i = 0; i + sizeof joint - 1 <= command.len; i++) {
		quoted ^= command.ptr[i] == '\'' && (!i || command.ptr[i - 1] != '\\' || quoted);
		if (!quoted && !strncmp(command.ptr + i, joint, sizeof joint - 1))
			return i;
	}
	return command.len;
}

/* Adds a command on its own lines, broken after "&&", where a shell continues. */
static void add_command_lines(struct gs_span command, struct gs_str *out)
{
	size_t len;

	while ((len = find_joint(command)) < command.len) {
		gs_str_addf(out, "       %.*s &&\n", (int)len, command.ptr);
		command = gs_span_from(command, len + sizeof joint - 1);
	}
	gs_str_addf(out, "       %.*s\n", (int)len, command.ptr);
}

void gs_report_dry_run(const struct gs_plan *plan, bool offline, struct gs_str *out)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct gs_step *step = &plan->v[i];
		gs_autostr struct gs_str diff = { 0 };

		if (step->kind != GS_STEP_WRITE_FILE)
			continue;
		gs_diff_unified(step->path, step->write.old, step->write.old_exists,
				step->write.text, &diff);
		add_safe_lines(gs_str_span(&diff), out);
	}
	gs_str_adds(out, "would run, in this order:\n");
	for (size_t i = 0; i < plan->n; i++) {
		gs_autostr struct gs_str command = { 0 };

		gs_step_command(&plan->v[i], &command);
		gs_str_addf(out, "  %zu. %s%s\n", i + 1, plan->v[i].why,
			    offline && !gs_step_is_offline(&plan->v[i]) ? "  (not offline)" : "");
		add_command_lines(gs_str_span(&command), out);
	}
}

static void add_fix(const char *fix, struct gs_str *out)
{
	gs_str_adds(out, "      fix: ");
	gs_str_add_message(out, gs_span_of(fix));
	gs_str_addc(out, '\n');
}

void gs_report_findings(const struct gs_findings *findings, enum gs_severity least,
			struct gs_str *out)
{
	for (size_t i = 0; i < findings->n; i++) {
		const struct gs_finding *f = &findings->v[i];

		if (f->severity < least)
			continue;
		gs_str_addf(out, "%s: %s (%s)\n", gs_severity_name(f->severity), f->text, f->id);
		if (f->fix)
			add_fix(f->fix, out);
	}
}

void gs_report_next(const struct gs_plan *plan, struct gs_str *out)
{
	if (!plan->next.n)
		return;
	gs_str_addf(out, "on the follower%s run:\n", plan->next.n > 1 ? "s" : "");
	for (size_t i = 0; i < plan->next.n; i++) {
		gs_str_adds(out, "  ");
		gs_str_add_message(out, gs_span_of(plan->next.v[i]));
		gs_str_addc(out, '\n');
	}
}

const char *gs_row_squash(const struct gs_access_report *report, const struct gs_row *row)
{
	bool others_kept = false;

	if (!report->is_nfs || !row->has_owner || row->owner == row->uid)
		return NULL;
	for (size_t i = 0; i < report->n; i++)
		if (report->row[i].uid && report->row[i].has_owner &&
		    report->row[i].owner == report->row[i].uid && report->row[i].uid != row->owner)
			others_kept = true;
	return row->uid == 0 && (others_kept || row->owner == 65534) ? "root_squash" : "all_squash";
}

static void add_row(const struct gs_access_report *report, const struct gs_row *row,
		    struct gs_str *out)
{
	const char *squash = gs_row_squash(report, row);
	gs_autofree char *owner = row->has_owner ? gs_printf("%u", row->owner) : gs_strdup("-");

	gs_str_addf(out, "  %-10u  %-6s  %-4s  %-6s  %-6s  %-5s  %s", row->uid,
		    gs_answer_name(row->create.answer), gs_answer_name(row->read.answer),
		    gs_answer_name(row->change.answer), gs_answer_name(row->remove.answer),
		    gs_answer_name(row->chown_.answer), owner);
	if (squash)
		gs_str_addf(out, " (%s)", squash);
	if (row->readonly)
		gs_str_adds(out, "  the share is read-only");
	gs_str_addc(out, '\n');
}

static void add_seen(const struct gs_seen *seen, struct gs_str *out)
{
	if (!seen->has_lag)
		return;
	gs_str_adds(out, "new files of other nodes appear ");
	if (seen->measured)
		gs_str_addf(out, "after %.1f ms", seen->us / 1000.0);
	else {
		gs_str_adds(out, "on this node (not measured: ");
		gs_str_add_safe(out, gs_span_of(seen->why));
		gs_str_addc(out, ')');
	}
	if (seen->lag_s)
		gs_str_addf(out, " (up to %u s if the name was looked up before)", seen->lag_s);
	gs_str_addc(out, '\n');
}

void gs_report_access(const struct gs_access_report *report, struct gs_str *out)
{
	gs_str_adds(out, "verify  ");
	gs_str_add_safe(out, gs_span_of(report->path));
	gs_str_addf(out, "  (%s ", report->mount.type);
	gs_str_adds(out, report->is_nfs ? "from " : "on ");
	gs_str_add_safe(out, gs_span_of(report->mount.source));
	gs_str_addf(out, ")\n  %-10s  create  read  change  delete  chown  owner%s\n", "uid",
		    report->is_nfs ? " on the leader" : "");
	for (size_t i = 0; i < report->n; i++)
		add_row(report, &report->row[i], out);
	if (report->id[0])
		gs_str_addf(out, "share id %s%s\n", report->id,
			    !strcmp(report->id, report->kept) ? ", matches /etc/fstab" : "");
	add_seen(&report->seen, out);
	gs_report_findings(&report->findings, GS_NOTE, out);
}

void gs_report_error(const struct gs_err *err, bool changes, const char *kept, struct gs_str *out)
{
	/* Messages quote text of users, files and servers, which must not reach the terminal
	 * raw. */
	gs_str_adds(out, "gshare: ");
	gs_str_add_message(out, gs_span_of(err->msg));
	if (err->id)
		gs_str_addf(out, " (%s)", err->id);
	gs_str_addc(out, '\n');
	if (err->fix[0]) {
		gs_str_adds(out, "  fix     ");
		gs_str_add_message(out, gs_span_of(err->fix));
		gs_str_addc(out, '\n');
	}
	if (!changes || err->code == -GS_E_LEFT || err->code == -GS_E_PARTLY)
		return;
	if (kept)
		gs_str_addf(out, "nothing else was changed: %s\n", kept);
	else
		gs_str_adds(out, "nothing was changed\n");
}
