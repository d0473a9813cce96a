/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/way.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/check/check.h"
#include "core/check/file.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "core/step/steps.h"
#include "engine/phase.h"

/*
 * A user's private group has the user's name: useradd(8) USERGROUPS_ENAB. A user who cannot be
 * looked up has none: the stricter rule.
 */
gid_t gs_private_group(struct gs_sys *sys, uid_t uid)
{
	GS_AUTO(gs_account_done) struct gs_account account = { 0 };
	gs_autofree char *number = gs_printf("%u", uid);
	struct gs_err unknown = { 0 };

	if (!uid || sys->ops->accounts->find(sys, number, &account, &unknown) < 0 ||
	    strcmp(account.name, account.group) != 0 || !strcmp(account.name, number))
		return 0;
	return account.gid;
}

/* Called only where a path is refused without the groups: looking them up takes a child. */
static bool learn_groups(struct gs_sys *sys)
{
	struct gs_trusted *const users[] = { &sys->trust.caller, &sys->trust.author };
	bool learnt = false;

	for (size_t i = 0; i < GS_COUNT(users); i++) {
		if (users[i]->group)
			continue;
		users[i]->group = gs_private_group(sys, users[i]->uid);
		learnt |= users[i]->group;
	}
	return learnt;
}

static void add_notes(const struct gs_way *way, const char *path, struct gs_findings *notes)
{
	if (way->entry)
		gs_findings_add(notes, GS_NOTE, "PATH_OF_OTHERS", NULL,
				"'%s' can be replaced by others: '%s' has owner %u, group %u, mode "
				"%04o",
				way->entry, way->dir, way->inode.uid, way->inode.gid,
				way->inode.mode);
	else if (way->callers)
		gs_findings_add(notes, GS_NOTE, "PATH_IN_HOME", NULL,
				"'%s' belongs to you (uid %u): anyone with your rights can "
				"replace '%s'",
				way->callers, way->callers_uid, path);
}

/* sed -i puts a regular file of the same content, owner and mode in the link's place. */
static int refuse_link(const char *path, struct gs_err *err)
{
	gs_err_set(err, ELOOP, "'%s' is a symbolic link, which replacing would destroy", path);
	gs_err_cause(err, "FILE_IS_LINK");
	return gs_err_fix(err, "to have a regular file with the same content: ", "sudo", "sed",
			  "-i", "-n", "p", path);
}

/* Where is the file's file system mounted? Its directory's: on a bound file it is the file. */
static void find_mount(struct gs_sys *sys, const char *path, struct gs_mounted *ret)
{
	gs_autofree char *dir = gs_strdup(path);
	struct gs_err unknown = { 0 };

	*strrchr(dir, '/') = '\0';
	if (!sys->offline)
		(void)sys->ops->mount->find_of(sys, dir[0] ? dir : "/", ret, &unknown);
}

static int refuse_obstacle(struct gs_sys *sys, const char *path, enum gs_obstacle obstacle,
			   struct gs_err *err)
{
	gs_autofree char *real = gs_printf("%s%s", strcmp(sys->root, "/") != 0 ? sys->root : "",
					   path);
	GS_AUTO(gs_findings_done) struct gs_findings none = { 0 };
	GS_AUTO(gs_mounted_done) struct gs_mounted mount = { 0 };
	struct gs_file_fact file = {
		.path = path,
		.real = real,
		.obstacle = obstacle,
		.typed = sys->who ? sys->who->command : NULL,
	};

	if (obstacle == GS_OBSTACLE_READ_ONLY)
		find_mount(sys, real, &mount);
	file.mount = mount.target;
	return gs_checks_refuse(&(struct gs_facts){ .file = &file }, &none, err);
}

int gs_way_check(struct gs_sys *sys, const char *path, struct gs_findings *notes,
		 struct gs_err *err)
{
	GS_AUTO(gs_way_done) struct gs_way way = { 0 };

	if (sys->ops->fs->way(sys, path, &way, err) < 0)
		return err->code;
	if (way.refused && !way.is_link && learn_groups(sys)) {
		gs_way_done(&way);
		if (sys->ops->fs->way(sys, path, &way, err) < 0)
			return err->code;
	}
	if (way.refused)
		return gs_way_refuse(&way, path, sys->root, &sys->trust,
				     sys->who ? sys->who->again : NULL, err);
	if (way.ends_in_link)
		return refuse_link(path, err);
	if (notes && way.obstacle)
		return refuse_obstacle(sys, path, way.obstacle, err);
	if (notes)
		add_notes(&way, path, notes);
	return 0;
}

static int check_all(struct gs_sys *sys, struct gs_plan *plan, struct gs_err *err)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct gs_step *step = &plan->v[i];

		/* A .gshare-id is in a directory of the share's owner: no link leads to it. */
		if (gs_step_info_of(step->kind)->writes_file && !gs_share_is_file(step->path) &&
		    gs_way_check(sys, step->path, &plan->findings, err) < 0)
			return err->code;
	}
	return 0;
}

int gs_ways_check(struct gs_sys *sys, struct gs_plan *plan, struct gs_err *err)
{
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, check_all(sys, plan, err), err);
}

/* Does the run write files outside /etc? If not, no user need be trusted, and none is looked up. */
static bool is_elsewhere(const struct gs_run *run)
{
	for (size_t i = 0; i < run->plan.n; i++)
		if (gs_step_info_of(run->plan.v[i].kind)->writes_file &&
		    strncmp(run->plan.v[i].path, "/etc/", 5) != 0 &&
		    !gs_share_is_file(run->plan.v[i].path))
			return true;
	return false;
}

struct gs_trust gs_trust_run(struct gs_sys *sys, const struct gs_run *run)
{
	struct gs_trust before = sys->trust;
	GS_AUTO(gs_account_done) struct gs_account author = { 0 };
	struct gs_err unknown = { 0 };

	if (!is_elsewhere(run))
		return before;
	for (size_t i = 0; i < run->command.n; i++)
		sys->trust.others |= !strcmp(run->command.v[i], "--allow-user-path");
	if (sys->ops->accounts->find(sys, run->by, &author, &unknown) == 0)
		sys->trust.author.uid = author.uid;
	(void)learn_groups(sys);
	return before;
}
