/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "base/types.h"
#include "core/boot/boot.h"
#include "core/check/mount.h"
#include "core/check/row.h"
#include "core/check/target.h"
#include "core/format/fstab.h"

/* follower status: does the share come back at boot, and what does not wait for it? */

static bool is_not_kept(const struct gs_facts *facts)
{
	const struct gs_health *h = facts->mount;

	return h->is_mounted && h->is_nfs && !h->is_kept && !h->foreign_line;
}

/* What follower mount --no-persist mounts has no unit of gshare's, and what unmount forgets. */
static bool is_orphaned(const struct gs_facts *facts)
{
	return is_not_kept(facts) && facts->mount->is_orphaned;
}

static bool is_for_now(const struct gs_facts *facts)
{
	return is_not_kept(facts) && !facts->mount->is_orphaned;
}

static void say_orphaned(const struct gs_facts *facts, struct gs_str *out)
{
	gs_autofree char *unit = gs_boot_unit(facts->mount->path);

	gs_str_addf(out,
		    "/etc/fstab has lost the entry of this mount, and %s of gshare is still there: "
		    "after a boot nothing is mounted on '%s'",
		    unit, facts->mount->path);
}

static void fix_by_mount(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_health_add_mount(facts->mount, gs_fix_here(out, ""));
}

/* The entry is gshare's, and somebody has added an option that leaves it out at boot. */
static bool is_left_out(const struct gs_facts *facts)
{
	return facts->mount->is_kept && !gs_mountopt_at_boot(facts->mount->asked);
}

static void say_left_out(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "the entry for '%s' in /etc/fstab has noauto: it is not mounted at boot",
		    facts->mount->path);
}

static bool is_kept_by_hand(const struct gs_facts *facts)
{
	return facts->mount->is_nfs && facts->mount->foreign_line;
}

static void say_kept_by_hand(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "line %zu of /etc/fstab mounts the share at boot and is not managed by gshare: "
		    "it records no share id",
		    facts->mount->foreign_line);
}

/* follower mount as the share is mounted, or was asked for: the server, the path, ro, the port. */
static void add_again(const struct gs_health *h, struct gs_str *command)
{
	const char *source = h->mount.source && h->is_nfs ? h->mount.source : h->asked_source;
	const char *path = source ? strstr(source, ":/") : NULL;
	bool ro = h->is_mounted ? gs_health_is_ro(h) : h->asked_ro;

	gs_command(command, "sudo", "gshare", "follower", "mount", h->server, h->path,
		   path ? "--export" : NULL, path ? path + 1 : NULL);
	if (ro)
		gs_command(command, "--ro");
}

/* follower mount adopts the line: the server, the path and ro are as they are mounted. */
static void fix_by_adopting(const struct gs_facts *facts, struct gs_fixes *out)
{
	add_again(facts->mount, gs_fix_here(out, "to have it managed: "));
}

static bool has_boot_unit(const struct gs_facts *facts)
{
	const struct gs_health *h = facts->mount;

	return h->boot_unit && h->is_kept && !h->is_masked;
}

static bool has_boot_mask(const struct gs_facts *facts)
{
	const struct gs_health *h = facts->mount;

	return h->boot_unit && h->is_kept && h->is_masked;
}

static void say_boot_mask(const struct gs_facts *facts, struct gs_str *out)
{
	gs_check_say_mask(facts->mount->boot_unit, facts->mount->path, out);
}

static void fix_boot_mask(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_check_fix_mask(facts->mount->boot_unit, gs_fix_here(out, ""));
}

static void say_boot_unit(const struct gs_facts *facts, struct gs_str *out)
{
	gs_check_say_boot_unit(facts->mount->boot_unit, facts->mount->path, out);
}

static void fix_boot_unit(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_check_fix_boot_unit(facts->mount->boot_unit, gs_fix_here(out, ""));
}

/* ---- the units ----------------------------------------------------------------------------- */

/* Without an entry that is mounted at boot there is nothing to wait for. */
static bool waits(const struct gs_health *h)
{
	return h->is_kept && h->boot.systemd && gs_mountopt_at_boot(h->asked);
}

static bool is_masked(const struct gs_facts *facts)
{
	return waits(facts->mount) && facts->mount->boot.link;
}

static void say_masked(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "%s is a link, as systemctl mask makes it, and not the file of gshare",
		    facts->mount->boot.link);
}

static void fix_masked(const struct gs_facts *facts, struct gs_fixes *out)
{
	struct gs_str *command = gs_fix_here(out, "");

	gs_command(command, "sudo", "rm", facts->mount->boot.link);
	gs_command_and(command);
	add_again(facts->mount, command);
}

static const struct gs_file *differing(const struct gs_health *h)
{
	return waits(h) && !h->boot.link ? gs_boot_differs(h->path, &h->boot) : NULL;
}

static bool is_changed(const struct gs_facts *facts)
{
	return differing(facts->mount);
}

static void say_changed(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_health *h = facts->mount;
	const struct gs_file *file = differing(h);

	if (!file)
		return;
	gs_str_addf(out, "%s %s: ", file->path,
		    file->exists ? "is not as gshare writes it" : "is missing");
	for (size_t i = 0; i < h->boot.units.n; i++) {
		gs_autofree char *path = gs_boot_drop_in(h->path, h->boot.units.v[i]);

		if (strcmp(path, file->path) != 0)
			continue;
		gs_str_addf(out, "%s can start before the share is there, on the bare directory",
			    h->boot.units.v[i]);
		return;
	}
	gs_str_adds(out, "after a boot without the leader, the share may stay away");
}

static void fix_changed(const struct gs_facts *facts, struct gs_fixes *out)
{
	add_again(facts->mount, gs_fix_here(out, ""));
}

/* What is not mounted has its own finding, and the same command starts the unit. */
static bool is_unwatched(const struct gs_facts *facts)
{
	const struct gs_health *h = facts->mount;

	return waits(h) && h->is_mounted && !h->boot.is_active && !h->boot.unasked &&
	       !h->boot.link && !differing(h);
}

static void say_unwatched(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "%s does not run: a mount that goes stale is not replaced",
		    facts->mount->boot.unit);
}

static void fix_unwatched(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, ""), "sudo", "systemctl", "start", facts->mount->boot.unit);
}

/* ---- what mounts it ------------------------------------------------------------------------ */

/* A mount goes on without its program, until it has to be made again. */
static bool lacks_client(const struct gs_facts *facts)
{
	return facts->mount->is_mounted && facts->mount->is_nfs && facts->mount->lacks_client;
}

static void install(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_manager *manager = facts->mount->manager;

	gs_install_fix(manager, GS_ROLE_FOLLOWER, gs_fix_here(out, ""));
	if (manager)
		gs_reinstall_fix(manager, GS_ROLE_FOLLOWER,
				 gs_fix_here(out, "if that finds it installed: "));
}

/* What is not mounted is guarded by the command that mounts it. */
static bool is_unguarded(const struct gs_facts *facts)
{
	const struct gs_health *h = facts->mount;

	return h->is_mounted && h->is_nfs && h->is_kept && h->is_unguarded;
}

/* ---- what started too early ------------------------------------------------------------------ */

static bool has_early(const struct gs_facts *facts, bool old)
{
	const struct gs_earlies *early = &facts->mount->early;

	for (size_t i = 0; i < early->n; i++)
		if (early->v[i].is_old == old)
			return true;
	return false;
}

static void add_early(const struct gs_facts *facts, bool old, struct gs_str *out)
{
	const struct gs_earlies *early = &facts->mount->early;
	const char *between = "";

	for (size_t i = 0; i < early->n; i++) {
		if (early->v[i].is_old != old)
			continue;
		gs_str_adds(out, between);
		gs_str_add_safe(out, gs_span_of(early->v[i].name));
		gs_str_addf(out, " (pid %d), as ", (int)early->v[i].pid);
		gs_str_add_safe(out, gs_span_of(early->v[i].place));
		between = ", ";
	}
}

/* What a local mount on the mount point shows is no bare directory of the share's. */
static bool is_early(const struct gs_facts *facts)
{
	const struct gs_health *h = facts->mount;

	return (!h->is_mounted || h->is_nfs) && has_early(facts, false);
}

static void say_early(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_adds(out, "started before the share was mounted, and still on the bare directory: ");
	add_early(facts, false, out);
}

static bool is_left_behind(const struct gs_facts *facts)
{
	return has_early(facts, true);
}

static void say_left_behind(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_adds(out, "still on a mount of the share that this node has replaced: ");
	add_early(facts, true, out);
}

/* The names of cgroups that say how a process was started: SCOPES of docker, podman and systemd. */
static const struct {
	const char *prefix, *suffix;
	const char *command[2];
	size_t shown; /* characters of the name; 0: all of it */
} starters[] = {
	{ "docker-", ".scope", { "docker", "restart" }, 12 },
	{ "libpod-", ".scope", { "podman", "restart" }, 12 },
	{ "", ".service", { "systemctl", "restart" }, 0 },
};

static bool has_suffix(struct gs_span a, const char *suffix)
{
	size_t n = strlen(suffix);

	return a.len > n && gs_span_is_text(gs_span_from(a, a.len - n), suffix);
}

/* A name from a cgroup is used in a command: only what such names have. */
static bool is_plain(struct gs_span name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789:-_.@";
	gs_autofree char *text = gs_span_dup(name);

	return text[0] != '-' && strlen(text) == name.len && !text[strspn(text, letters)];
}

static bool add_restart(struct gs_span part, struct gs_str *command)
{
	for (size_t i = 0; i < GS_COUNT(starters); i++) {
		size_t n = strlen(starters[i].prefix);
		gs_autofree char *name = NULL;

		if (!gs_span_has_prefix(part, starters[i].prefix) ||
		    !has_suffix(part, starters[i].suffix) || !is_plain(part))
			continue;
		name = gs_span_dup(starters[i].shown && part.len > n + starters[i].shown
					   ? gs_span(part.ptr + n, starters[i].shown)
					   : part);
		gs_command(command, "sudo", starters[i].command[0], starters[i].command[1], name);
		return true;
	}
	return false;
}

/* By the innermost of its cgroups that says how it was started. */
static void fix_one(const struct gs_early *early, struct gs_fixes *out)
{
	struct gs_span rest = gs_span_of(early->cgroup), part;
	gs_autostr struct gs_str command = { 0 };

	while (gs_span_cut(&rest, '/', &part)) {
		gs_autostr struct gs_str found = { 0 };

		if (!add_restart(part, &found))
			continue;
		gs_str_done(&command);
		command = found;
		found = (struct gs_str){ 0 };
	}
	if (command.len)
		gs_str_add(gs_fix_here(out, ""), gs_str_span(&command));
	else
		gs_fix_advise(out, "start process %d again, so that it gets the share",
			      (int)early->pid);
}

static void restart(const struct gs_facts *facts, bool old, struct gs_fixes *out)
{
	const struct gs_earlies *early = &facts->mount->early;

	for (size_t i = 0; i < early->n; i++)
		if (early->v[i].is_old == old)
			fix_one(&early->v[i], out);
}

static void fix_early(const struct gs_facts *facts, struct gs_fixes *out)
{
	restart(facts, false, out);
}

static void fix_left_behind(const struct gs_facts *facts, struct gs_fixes *out)
{
	restart(facts, true, out);
}

const struct gs_check gs_checks_boot[] = {
	{ "NOT_PERSISTED", "The mount has no gshare entry in /etc/fstab.", GS_ON_FOLLOWER,
	  GS_GIVEN(MOUNT), GS_NOTE, is_for_now,
	  .text = "/etc/fstab has no gshare entry for this mount: it is not mounted at boot",
	  .fix = fix_by_mount },
	{ "NOT_PERSISTED", NULL, GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_WARN, is_orphaned,
	  .message = say_orphaned, .fix = fix_by_mount },
	{ "BOOT_NOAUTO", "The entry in /etc/fstab has noauto.", GS_ON_FOLLOWER, GS_GIVEN(MOUNT),
	  GS_WARN, is_left_out, .message = say_left_out, .fix = fix_by_mount },
	{ "FOREIGN_LINE", "An entry of /etc/fstab that gshare does not manage mounts there.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_NOTE, is_kept_by_hand, .message = say_kept_by_hand,
	  .fix = fix_by_adopting },
	{ "BOOT_UNIT", NULL, GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_WARN, has_boot_unit,
	  .message = say_boot_unit, .fix = fix_boot_unit },
	{ "BOOT_MASKED", NULL, GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_WARN, has_boot_mask,
	  .message = say_boot_mask, .fix = fix_boot_mask },
	{ "BOOT_MASKED", "A file that the share needs at boot is a link.", GS_ON_FOLLOWER,
	  GS_GIVEN(MOUNT), GS_WARN, is_masked, .message = say_masked, .fix = fix_masked },
	{ "BOOT_FILES", "What systemd is told about the share is missing, or changed by hand.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_WARN, is_changed, .message = say_changed,
	  .fix = fix_changed },
	{ "NOT_WATCHED", "The unit that watches the share does not run.", GS_ON_FOLLOWER,
	  GS_GIVEN(MOUNT), GS_WARN, is_unwatched, .message = say_unwatched, .fix = fix_unwatched },
	{ "GUARD_LOST", "The bare mount point is no longer immutable.", GS_ON_FOLLOWER,
	  GS_GIVEN(MOUNT), GS_WARN, is_unguarded,
	  .text = "the directory below the mount is not immutable, as follower mount makes it: "
		  "whenever the share is not mounted, programs of root write to the local disk",
	  .fix = fix_changed },
	{ "STARTED_EARLY", "A container started before the mount, and has the bare directory.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_WARN, is_early, .message = say_early,
	  .fix = fix_early },
	{ "MOUNT_REPLACED", "A container still has a mount of the share that was replaced.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_WARN, is_left_behind, .message = say_left_behind,
	  .fix = fix_left_behind },
	{ 0 },
};

const struct gs_check gs_checks_client[] = {
	{ "CLIENT_MISSING", "The NFS client is not installed.", GS_ON_FOLLOWER, GS_GIVEN(MOUNT),
	  GS_WARN, lacks_client,
	  .text = "the NFS client is not installed, or not whole: there is no mount.nfs; the share is "
		  "mounted still, and after a boot it cannot be",
	  .fix = install },
	{ 0 },
};
