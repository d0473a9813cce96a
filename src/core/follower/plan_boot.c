/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/plan_boot.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/plan/plan.h"
#include "core/step/step.h"

static char *dir_of(const char *path)
{
	return gs_span_dup(gs_span(path, (size_t)(strrchr(path, '/') - path)));
}

static void plan_dir(const struct gs_boot *boot, const char *path, struct gs_plan *plan)
{
	gs_autofree char *dir = dir_of(path);

	if (!gs_strs_has(&boot->absent, dir))
		return;
	gs_plan_step(plan, GS_STEP_MAKE_DIR, gs_plan_keep(plan, gs_span_of(dir)),
		     "for the unit's drop-in")
		->dir.mode = 0755;
}

/* "docker.service, docker.socket" */
static void tell_ordered(const struct gs_boot *boot, char mark, struct gs_plan *plan)
{
	gs_autostr struct gs_str list = { 0 };

	for (size_t i = 0; i < boot->units.n; i++)
		gs_str_addf(&list, "%s%s", i ? ", " : "", boot->units.v[i]);
	if (list.len)
		gs_plan_item(plan, mark, "order", "%s: after the share", list.ptr);
}

static int check_asked(const struct gs_boot *boot, struct gs_err *err)
{
	if (boot->asks && !boot->systemd) {
		gs_err_set(err, EINVAL,
			   "there is no systemd that could have a unit wait: --before");
		gs_err_cause(err, "NO_SYSTEMD");
		return gs_err_advise(err, "leave --before out");
	}
	if (boot->needed.n) {
		gs_err_set(
			err, EINVAL,
			"%s cannot wait for the share: it starts before any share can be mounted",
			boot->needed.v[0]);
		gs_err_cause(err, "UNIT_NEEDED");
		return gs_err_advise(err, "leave it out: --before is for what uses the share");
	}
	if (!boot->missing.n)
		return 0;
	gs_err_set(err, EINVAL, "there is no unit '%s' on this node", boot->missing.v[0]);
	gs_err_cause(err, "UNIT_UNKNOWN");
	return gs_err_fix(err, "see which there are: ", "sudo", "systemctl", "list-unit-files");
}

/* systemctl mask makes such a link: whoever did it wants no such unit. */
static int is_link(const struct gs_boot *boot, struct gs_err *err)
{
	gs_err_set(err, ELOOP, "%s is a link, as systemctl mask makes it", boot->link);
	gs_err_cause(err, "BOOT_MASKED");
	return gs_err_fix(err, "to have the unit again, first: ", "sudo", "rm", boot->link);
}

int gs_boot_plan(const char *target, const struct gs_boot *boot, struct gs_plan *plan,
		 struct gs_err *err)
{
	GS_AUTO(gs_files_done) struct gs_files wanted = { 0 };
	size_t before = plan->n;
	struct gs_step *step;
	char mark;

	if (check_asked(boot, err) < 0)
		return err->code;
	if (!boot->systemd)
		return 0;
	if (boot->link)
		return is_link(boot, err);
	gs_boot_files(target, &boot->units, &wanted);
	for (size_t i = 0; i < wanted.n; i++) {
		if (gs_boot_file_is(&boot->now.v[i], &wanted.v[i]))
			continue;
		plan_dir(boot, wanted.v[i].path, plan);
		gs_plan_write(plan, &boot->now.v[i], gs_str_span(&wanted.v[i].text), 0644,
			      i > 1 ? "keep it off the mount point until the share is there"
			      : i   ? "start that unit at boot, and bound the mount"
				    : "the unit that waits for the leader and watches the share");
	}
	mark = plan->n > before || !(boot->is_active || boot->offline) ? '+' : '=';
	gs_plan_item(plan, mark, "unit", "%s waits for the leader, watches the share", boot->unit);
	tell_ordered(boot, plan->n > before ? '+' : '=', plan);
	if (mark == '=')
		return 0;
	step = gs_plan_step(plan, GS_STEP_START_UNIT, gs_plan_keep(plan, gs_span_of(boot->unit)),
			    "watch the share");
	step->unit.was_active = boot->is_active;
	return 0;
}

void gs_boot_plan_stop(const struct gs_boot *boot, const char *why, struct gs_plan *plan)
{
	struct gs_step *step;

	if (!boot->is_active)
		return;
	step = gs_plan_step(plan, GS_STEP_STOP_UNIT, gs_plan_keep(plan, gs_span_of(boot->unit)),
			    why);
	step->unit.was_active = true;
	gs_plan_item(plan, '-', "unit", "%s is stopped", boot->unit);
}

static void plan_remove_file(const struct gs_file *now, struct gs_plan *plan)
{
	struct gs_step *step;

	if (!now->exists)
		return;
	step = gs_plan_step(plan, GS_STEP_WRITE_FILE, gs_plan_keep(plan, gs_span_of(now->path)),
			    "the share is forgotten");
	step->write.old_exists = true;
	step->write.old = gs_span(gs_plan_keep(plan, gs_str_span(&now->text)), now->text.len);
	step->write.remove = true;
	step->write.mode = 0644;
}

/* One that a rollback could not fill again is empty, and means nothing to systemd. */
static void plan_remove(const struct gs_boot *boot, const struct gs_file *now, struct gs_plan *plan)
{
	gs_autofree char *dir = dir_of(now->path);

	plan_remove_file(now, plan);
	if (gs_strs_has(&boot->sole, dir))
		gs_plan_step(plan, GS_STEP_REMOVE_DIR, gs_plan_keep(plan, gs_span_of(dir)),
			     "it holds nothing else")
			->dir.mode = 0755;
}

/* What writes where the share was is not started for anybody. */
static void tell_skipped(const struct gs_boot *boot, struct gs_plan *plan)
{
	gs_autostr struct gs_str list = { 0 }, fix = { 0 };

	if (!boot->skipped.n)
		return;
	gs_str_adds(&fix, "to start without the share: ");
	gs_command(&fix, "sudo", "systemctl", "start");
	for (size_t i = 0; i < boot->skipped.n; i++) {
		gs_str_addf(&list, "%s%s", i ? ", " : "", boot->skipped.v[i]);
		gs_command(&fix, boot->skipped.v[i]);
	}
	gs_findings_add(&plan->findings, GS_NOTE, "UNITS_SKIPPED", fix.ptr,
			"%s waited for the share, and now nothing starts %s before the next boot",
			list.ptr, boot->skipped.n > 1 ? "them" : "it");
}

void gs_boot_plan_removal(const struct gs_boot *boot, struct gs_plan *plan)
{
	size_t before;

	gs_boot_plan_stop(boot, "the share is forgotten", plan);
	before = plan->n;
	for (size_t i = 0; i < boot->now.n; i++)
		plan_remove(boot, &boot->now.v[i], plan);
	if (plan->n == before)
		return;
	gs_plan_item(plan, '-', "unit", "%s is removed", boot->unit);
	tell_ordered(boot, '-', plan);
	tell_skipped(boot, plan);
}
