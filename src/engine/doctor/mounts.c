/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/mounts.h"

#include <errno.h>
#include <string.h>

#include "core/check/check.h"
#include "core/check/judge.h"
#include "core/check/mount.h"
#include "core/format/fstab.h"
#include "core/fskind/nfs.h"
#include "engine/doctor/leader.h"
#include "engine/doctor/uses.h"
#include "engine/observe/follower_status.h"
#include "engine/observe/server.h"
#include "engine/phase.h"

enum { LEAST_MS = 1400 };

static void tell_mounted(const struct gs_health *h, struct gs_cases *cases)
{
	struct gs_span version = { 0 };
	bool has = gs_mountopt_get(h->mount.options, "vers", &version);

	gs_cases_add_well(cases, GS_SIDE_FOLLOWER, h->path, "mounted from %s%s%.*s, %s",
			  h->mount.source, has ? ", NFS " : "", has ? (int)version.len : 0,
			  has ? version.ptr : "",
			  h->is_given_ro       ? "read-only on the leader"
			  : gs_health_is_ro(h) ? "ro"
					       : "rw");
}

/* A share without an id has no file that shows it: the test has shown it. */
static void tell_given_ro(struct gs_health *h)
{
	const struct gs_facts facts = { .mount = h };
	const char *path = strstr(h->mount.source, ":/");

	if (h->is_given_ro || gs_health_is_ro(h))
		return;
	h->is_given_ro = true;
	/* The pseudo root, which every server of NFS 4 gives read-only: RFC 8881 section 7.3 */
	if (path && !strcmp(path, ":/"))
		return;
	gs_checks_tell("LEADER_READONLY", &facts, GS_WARN, &h->findings);
}

/* What users can do with another share than the one that is meant is no question. */
static bool fails(const struct gs_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		if (findings->v[i].severity == GS_FAIL)
			return true;
	return false;
}

/* Before somebody tries to write, who would hang; also where the mount does already. */
static void look_at_large(struct gs_sys *sys, struct gs_health *h)
{
	const struct gs_facts facts = { .mount = h };
	unsigned port = 0;
	gs_autofree char *addr = h->is_mounted ? gs_mount_server(&h->mount, &port) : NULL;
	struct gs_err unseen = { 0 };

	if (!addr || !h->is_nfs || h->reached != GS_ANSWER_YES ||
	    sys->ops->privs->enter(GS_PHASE_OBSERVE, &unseen) < 0)
		return;
	h->loses_large = sys->ops->nfs->loses_large(sys, addr, port);
	if (gs_phase_end(sys, 0, &unseen) == 0 && h->loses_large)
		gs_checks_tell("PACKETS_LOST", &facts, GS_FAIL, &h->findings);
}

/* What is wrong with the mount as it stands is in h. */
static void look_at(struct gs_sys *sys, struct gs_health *h, bool is_crowded,
		    struct gs_cases *cases)
{
	size_t begin = cases->n;
	bool is_ro = false;

	look_at_large(sys, h);
	if (h->is_mounted && h->says == GS_STATE_FINE && !fails(&h->findings))
		gs_look_uses(sys, GS_SIDE_FOLLOWER, h->path, is_crowded, cases, &is_ro);
	if (is_ro)
		tell_given_ro(h);
	if (h->reached == GS_ANSWER_NO && h->silence.id)
		gs_cases_add_error(cases, GS_SIDE_FOLLOWER, h->path, &h->silence);
	gs_cases_add_all(cases, GS_SIDE_FOLLOWER, h->path, &h->findings);
	if (!h->is_mounted && !h->is_trigger && !h->cover.target)
		gs_look_absent(sys, h, cases);
	if (!gs_cases_fail_since(cases, begin) && h->is_mounted)
		tell_mounted(h, cases);
}

/* With less a server that is there may seem silent. */
static int need_time(struct gs_sys *sys, struct gs_err *err)
{
	if (sys->deadline_ns - sys->ops->clock->now_ns(sys) >= LEAST_MS * INT64_C(1000000))
		return 0;
	return gs_err_set(err, ETIMEDOUT, "no time was left to ask its server");
}

void gs_look_mount(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases)
{
	GS_AUTO(gs_health_done) struct gs_health h = { 0 };
	int64_t end_ns = sys->deadline_ns;
	struct gs_err err = { 0 };
	int r = need_time(sys, &err);

	if (r == 0)
		r = gs_health_look(sys, look->place, &h, &err);
	sys->deadline_ns = end_ns;
	if (r == -GS_E_FOUND) /* unmounted since */
		return;
	if (r < 0)
		gs_cases_add_error(cases, GS_SIDE_FOLLOWER, look->place, &err);
	else if (h.silence.id && !strcmp(h.silence.id, "NO_TIME"))
		gs_cases_add_error(cases, GS_SIDE_FOLLOWER, look->place, &h.silence);
	else
		look_at(sys, &h, look->is_crowded, cases);
}

void gs_look_other_mount(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases)
{
	GS_AUTO(gs_cases_done) struct gs_cases found = { 0 };

	gs_look_mount(sys, look, &found);
	gs_cases_copy_failing(cases, &found);
}
