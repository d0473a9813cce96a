/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/entries.h"

#include <stdlib.h>
#include <string.h>

#include "core/check/check.h"
#include "core/check/fstab_line.h"
#include "core/check/judge.h"
#include "core/follower/leader_word.h"
#include "core/format/fstab.h"
#include "core/peer/node.h"
#include "engine/doctor/leader.h"
#include "engine/observe/common.h"
#include "engine/observe/follower_status.h"
#include "engine/phase.h"

enum { ENTRIES_MAX = 64 }; /* that are looked at, and told */

static bool is_meant(const struct gs_fstab *fstab, size_t i, const char *path)
{
	const struct gs_fstab_entry *entry = &fstab->entry[i];

	return gs_span_has_prefix(gs_span_of(entry->type), "nfs") && !entry->managed &&
	       gs_fstab_find(fstab, entry->target) == entry &&
	       (!path || !strcmp(path, entry->target));
}

/* What fstab says of it, as of a mount of gshare's own. */
static void take_entry(const struct gs_fstab_entry *entry, const char *leader,
		       struct gs_health *ret, struct gs_cases *cases)
{
	*ret = (struct gs_health){
		.foreign_line = entry->number,
		.path = gs_strdup(entry->target),
		.server = gs_strdup(leader),
		.asked_source = gs_strdup(entry->source),
		.asked = gs_strdup(entry->options),
	};
	gs_health_judge(ret);
	gs_cases_add_all(cases, GS_SIDE_FOLLOWER, entry->target, &ret->findings);
}

/* Why is it not mounted? */
static void look_absent(struct gs_sys *sys, const struct gs_fstab_entry *entry,
			struct gs_cases *cases)
{
	GS_AUTO(gs_health_done) struct gs_health health = { 0 };
	gs_autofree char *leader = NULL, *export_ = NULL;
	struct gs_err odd = { 0 };

	/* A source that mount.nfs(8) would not understand either. */
	if (gs_leader_word_parse(entry->source, &leader, &export_, &odd) < 0) {
		gs_cases_add_error(cases, GS_SIDE_FOLLOWER, entry->target, &odd);
		return;
	}
	take_entry(entry, leader, &health, cases);
	gs_look_absent(sys, &health, cases);
}

static bool is_on_demand(const struct gs_fstab_entry *entry)
{
	return gs_mountopt_has(entry->options, "noauto") ||
	       gs_mountopt_has(entry->options, "x-systemd.automount");
}

bool gs_entry_server(const struct gs_fstab_entry *entry, char **ret_addr)
{
	gs_autofree char *leader = NULL, *export_ = NULL;
	struct gs_err odd = { 0 };

	if (gs_leader_word_parse(entry->source, &leader, &export_, &odd) < 0 ||
	    !gs_node_is_address(leader))
		return false;
	*ret_addr = gs_strdup(leader);
	return true;
}

bool gs_tell_silent(struct gs_sys *sys, const struct gs_fstab_entry *entry, struct gs_cases *cases)
{
	GS_AUTO(gs_health_done) struct gs_health health = { 0 };
	gs_autofree char *addr = NULL;
	struct gs_err silent = { 0 };

	if (is_on_demand(entry) || !gs_entry_server(entry, &addr) ||
	    sys->ops->nfs->held(sys, addr, gs_mountopt_port(entry->options), &silent) == 0)
		return false;
	take_entry(entry, addr, &health, cases);
	gs_cases_add_error(cases, GS_SIDE_FOLLOWER, entry->target, &silent);
	return true;
}

void gs_look_entry(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases)
{
	const struct gs_fstab_entry *entry = look->arg;
	bool on_use = gs_mountopt_has(entry->options, "x-systemd.automount");

	if (is_on_demand(entry))
		gs_cases_add_well(cases, GS_SIDE_FOLLOWER, entry->target,
				  "not mounted: line %zu of /etc/fstab has %s", entry->number,
				  on_use ? "x-systemd.automount" : "noauto");
	else
		look_absent(sys, entry, cases);
}

static int observe(struct gs_sys *sys, struct gs_fstab *ret, struct gs_mounts *ret_mounts,
		   struct gs_err *err)
{
	GS_AUTO(gs_file_done) struct gs_file file = { 0 };

	if (gs_observe_file(sys, "/etc/fstab", &file, err) < 0 ||
	    sys->ops->mount->list_nfs(sys, ret_mounts, err) < 0)
		return err->code;
	return gs_fstab_parse(gs_str_span(&file.text), ret, err);
}

/* A link on the way to TARGET: mount(8) follows it, and the table has where it leads. */
static bool is_elsewhere(const struct gs_fstab *fstab, const struct gs_fstab_entry *entry,
			 const struct gs_mounted *mount)
{
	return !strcmp(mount->source, entry->source) && !gs_fstab_find(fstab, mount->target);
}

static bool is_mounted(const struct gs_fstab *fstab, const struct gs_fstab_entry *entry,
		       const struct gs_mounts *mounts)
{
	for (size_t i = 0; i < mounts->n; i++)
		if (!strcmp(mounts->v[i].target, entry->target) ||
		    is_elsewhere(fstab, entry, &mounts->v[i]))
			return true;
	return false;
}

static size_t look_ignored(const struct gs_fstab *fstab, struct gs_cases *cases)
{
	size_t n = 0;

	for (size_t i = 0; i < fstab->n_broken && n < ENTRIES_MAX; i++) {
		const struct gs_fstab_line_fact line = { &fstab->broken[i] };
		const struct gs_facts facts = { .fstab_line = &line };
		GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

		if (!gs_fstab_line_is_nfs(fstab->text.line[line.broken->line].bytes))
			continue;
		gs_checks_run(&facts, GS_FAIL, &findings);
		gs_cases_add_all(cases, GS_SIDE_FOLLOWER, NULL, &findings);
		n++;
	}
	return n;
}

size_t gs_find_entries(struct gs_sys *sys, const char *path, struct gs_entries *ret,
		       struct gs_cases *cases)
{
	GS_AUTO(gs_mounts_done) struct gs_mounts mounts = { 0 };
	struct gs_fstab *fstab = &ret->fstab;
	struct gs_err unread = { 0 };

	/* A file that cannot be read is told by who looks at the mounts. */
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, &unread) < 0 ||
	    gs_phase_end(sys, observe(sys, fstab, &mounts, &unread), &unread) < 0)
		return 0;
	for (size_t i = 0; i < fstab->n && ret->n < ENTRIES_MAX; i++) {
		if (!is_meant(fstab, i, path) || is_mounted(fstab, &fstab->entry[i], &mounts))
			continue;
		gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
		ret->v[ret->n++] = &fstab->entry[i];
	}
	return path ? 0 : look_ignored(fstab, cases);
}

void gs_entries_done(struct gs_entries *entries)
{
	free(entries->v);
	gs_fstab_done(&entries->fstab);
	*entries = (struct gs_entries){ 0 };
}
