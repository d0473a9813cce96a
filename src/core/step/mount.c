/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/fskind/nfs.h"
#include "core/step/step.h"
#include "core/step/step_state.h"

static void add_stage(const struct gs_step *step, struct gs_str *out)
{
	gs_command(out, "unshare", "--mount", "mount", "-t", step->mount.type, "-o",
		   step->mount.options, step->mount.source, "/run/gshare.stage");
}

static void add_read_ahead(const struct gs_step *step, struct gs_str *out)
{
	gs_str_addf(out, "echo %u >/sys/class/bdi/$(", step->ahead.kib);
	gs_str_adds(out, "mountpoint");
	gs_command(out, "-d", step->path);
	gs_str_adds(out, ")/read_ahead_kb");
}

static void add_guard(const struct gs_step *step, struct gs_str *out)
{
	gs_command(out, "chattr", step->guard.on ? "+i" : "-i", step->path);
}

static void add_umount(const struct gs_step *step, struct gs_str *out)
{
	gs_command(out, "umount", step->umount.force ? "--force" : NULL,
		   step->umount.lazy ? "--lazy" : NULL, step->path);
}

static void add_remount(const struct gs_step *step, struct gs_str *out)
{
	gs_command(out, "mount", "-o");
	gs_command_wordf(out, "remount,%s", step->remount.flags);
	gs_command(out, step->path);
}

static void add_renew(const struct gs_step *step, struct gs_str *out)
{
	gs_command(out, "umount", "--lazy", step->path);
	gs_command_and(out);
	gs_command(out, "mount", "--move", "/run/gshare.stage", step->path);
}

static enum gs_step_state judge_remount(const struct gs_step *step,
					const struct gs_mounted *mounted)
{
	gs_autostr struct gs_str flags = { 0 };

	if (!mounted)
		return GS_STEP_UNDONE;
	gs_mountpoint_flags(mounted->options, &flags);
	if (!strcmp(flags.ptr, step->remount.flags))
		return GS_STEP_DONE;
	return strcmp(flags.ptr, step->remount.was) ? GS_STEP_OTHER : GS_STEP_UNDONE;
}

bool gs_step_is_mount_of(const struct gs_step *step, const struct gs_mounted *mounted)
{
	const char *is = strstr(mounted->source, ":/"), *was = strstr(step->mount.source, ":/");

	if (strncmp(mounted->type, "nfs", 3) != 0)
		return false;
	return !strcmp(mounted->source, step->mount.source) ||
	       (mounted->also && is && was && !strcmp(is, was));
}

enum gs_step_state gs_step_judge_mount(const struct gs_step *step, const struct gs_mounted *mounted)
{
	if (step->kind == GS_STEP_REMOUNT)
		return judge_remount(step, mounted);
	if (step->kind == GS_STEP_UMOUNT)
		return mounted ? GS_STEP_UNDONE : GS_STEP_DONE;
	if (!mounted)
		return GS_STEP_UNDONE;
	return gs_step_is_mount_of(step, mounted) ? GS_STEP_DONE : GS_STEP_OTHER;
}

static void verify_done(struct gs_step *step)
{
	gs_strs_done(&step->verification.dirs);
}

enum gs_step_state gs_step_judge_guard(const struct gs_step *step, const struct gs_inode *bare)
{
	return bare->is_guarded == step->guard.on ? GS_STEP_DONE : GS_STEP_UNDONE;
}

enum gs_step_state gs_step_judge_ahead(const struct gs_step *step, const struct gs_mounted *mounted,
				       unsigned kib)
{
	if (!step->ahead.was_kib || !mounted || kib == step->ahead.was_kib)
		return GS_STEP_UNDONE;
	return kib == step->ahead.kib ? GS_STEP_DONE : GS_STEP_OTHER;
}

const struct gs_step_info gs_info_stage = {
	.name = "STAGE",
	.add = add_stage,
};

const struct gs_step_info gs_info_mount = {
	.name = "MOUNT",
	.words = "mount --move /run/gshare.stage",
	.with_path = true,
};

const struct gs_step_info gs_info_umount = {
	.name = "UMOUNT",
	.add = add_umount,
};

const struct gs_step_info gs_info_remount = {
	.name = "REMOUNT",
	.add = add_remount,
};

const struct gs_step_info gs_info_renew = {
	.name = "RENEW",
	.add = add_renew,
};

const struct gs_step_info gs_info_guard = {
	.name = "GUARD",
	.add = add_guard,
};

const struct gs_step_info gs_info_read_ahead = {
	.name = "READ_AHEAD",
	.add = add_read_ahead,
};

const struct gs_step_info gs_info_verify = {
	.name = "VERIFY",
	.only_looks = true,
	.was = "PROVE",
	.words = "verify",
	.with_path = true,
	.done = verify_done,
};
