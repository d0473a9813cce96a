/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/target.h"

#include <string.h>

#include "base/command.h"
#include "core/check/row.h"

/* follower mount: the mount point, and the share's id. */

static bool is_replaceable(const struct gs_facts *facts)
{
	return facts->target->replaceable;
}

static void say_replaceable(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_target_fact *target = facts->target;

	gs_str_addf(out, "'%s' can be replaced by others: '%s' has owner %u, group %u, mode %04o",
		    target->replaceable, target->dir, target->inode->uid, target->inode->gid,
		    target->inode->mode);
}

static bool is_callers(const struct gs_facts *facts)
{
	return facts->target->dir && !facts->target->replaceable;
}

static void say_callers(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_target_fact *target = facts->target;

	gs_str_addf(out, "'%s' belongs to you (uid %u): anyone with your rights can replace '%s'",
		    target->dir, target->inode->uid, target->path);
}

static bool is_unguarded(const struct gs_facts *facts)
{
	return facts->target->is_unguarded;
}

static void say_unguarded(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "the file system of '%s' cannot make a directory immutable: while the share "
		    "is not mounted, programs of root can write to the local disk there",
		    facts->target->path);
}

static bool is_denied(const struct gs_facts *facts)
{
	return facts->target->guard_denied;
}

static void say_denied(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "'%s' cannot be made immutable: this node, as most containers, lacks "
		    "CAP_LINUX_IMMUTABLE; while the share is not mounted, programs of root can "
		    "write to the local disk there",
		    facts->target->path);
}

/*
 * A root as init makes it is sticky and writable by a group. With fs.protected_regular=2 (Debian's
 * and Ubuntu's default; 1 guards those writable by all) this node's kernel refuses open(O_CREAT)
 * there where the file belongs to neither the caller nor root. With squashing that is every new
 * file of a user who is not the owner, unless that owner is the top's, too. This node also checks
 * removal, by the owner that it sees; root passes by CAP_FOWNER.
 * Source: proc(5); fs/namei.c may_create_in_sticky(), which do_open() asks even of new files.
 */
static bool is_sticky(const struct gs_facts *facts)
{
	unsigned guards = facts->target->guards, mode = facts->target->top_mode;

	return facts->target->file_uid != facts->target->top_uid && mode & 01000 &&
	       ((guards >= 1 && mode & 0002) || (guards >= 2 && mode & 0020));
}

static void say_sticky(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(
		out,
		"directly in %s (mode %04o) this node's kernel lets only the owner create files "
		"(fs.protected_regular=%u), and only the owner and root remove them; in uploads, "
		"files and datasets every user can",
		facts->target->path, facts->target->top_mode, facts->target->guards);
}

void gs_check_say_boot_unit(const char *unit, const char *path, struct gs_str *out)
{
	gs_str_addf(out,
		    "systemd mounts '%s' at boot by %s, which comes before the entry in "
		    "/etc/fstab: another source or other options may be mounted",
		    path, unit);
}

void gs_check_fix_boot_unit(const char *unit, struct gs_str *out)
{
	gs_autofree char *old = gs_printf("%s.old", unit);

	gs_command(out, "sudo", "mv", "-T", "--backup=numbered", unit, old);
	gs_command_and(out);
	gs_command(out, "sudo", "systemctl", "daemon-reload");
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void gs_check_say_mask(const char *unit, const char *path, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s is masked by %s: systemd does not mount '%s', though /etc/fstab has it",
		    name_of(unit), unit, path);
}

void gs_check_fix_mask(const char *unit, struct gs_str *out)
{
	bool until_boot = !strncmp(unit, "/run/", 5);

	gs_command(out, "sudo", "systemctl", "unmask", until_boot ? "--runtime" : NULL,
		   name_of(unit));
}

static bool has_boot_unit(const struct gs_facts *facts)
{
	return facts->target->boot_unit && !facts->target->is_masked;
}

static bool has_mask(const struct gs_facts *facts)
{
	return facts->target->boot_unit && facts->target->is_masked;
}

static void say_mask(const struct gs_facts *facts, struct gs_str *out)
{
	gs_check_say_mask(facts->target->boot_unit, facts->target->path, out);
}

static void fix_mask(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_check_fix_mask(facts->target->boot_unit, gs_fix_here(out, ""));
}

static void say_boot_unit(const struct gs_facts *facts, struct gs_str *out)
{
	gs_check_say_boot_unit(facts->target->boot_unit, facts->target->path, out);
}

static void fix_boot_unit(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_check_fix_boot_unit(facts->target->boot_unit, gs_fix_here(out, ""));
}

static bool lacks_systemd(const struct gs_facts *facts)
{
	return facts->target->lacks_systemd;
}

static bool lacks_another(const struct gs_facts *facts)
{
	return facts->target->missing;
}

static void say_another(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "%s also lists '", facts->target->leader);
	gs_str_add_safe(out, gs_span_of(facts->target->missing));
	gs_str_adds(out, "' for this node, " GS_GRANT_UNSEEN);
}

static void fix_another(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_on(out, facts->target->leader), "sudo", "gshare", "leader", "status",
		   "--path", facts->target->missing);
}

static bool is_first_sight(const struct gs_facts *facts)
{
	return !facts->seen_id->known && facts->seen_id->id[0];
}

static void say_first_sight(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "share id %s was trusted on first use%s", facts->seen_id->id,
		    facts->seen_id->is_kept ? "; it is recorded in /etc/fstab and compared from "
					      "now on"
					    : "");
}

static bool has_no_id(const struct gs_facts *facts)
{
	return !facts->seen_id->id[0];
}

const struct gs_check gs_checks_target[] = {
	{ "TARGET_USER_PATH", "Other users than root and the caller can replace the mount point.",
	  GS_ON_FOLLOWER, GS_GIVEN(TARGET), GS_NOTE, is_replaceable, .message = say_replaceable },
	{ "TARGET_IN_HOME", "The mount point is below a directory that the caller owns.",
	  GS_ON_FOLLOWER, GS_GIVEN(TARGET), GS_NOTE, is_callers, .message = say_callers },
	{ "GUARD_UNSUPPORTED", "The bare mount point cannot be made immutable.", GS_ON_FOLLOWER,
	  GS_GIVEN(TARGET), GS_NOTE, is_unguarded, .message = say_unguarded },
	{ "GUARD_DENIED", "This node may not make the bare mount point immutable.", GS_ON_FOLLOWER,
	  GS_GIVEN(TARGET), GS_NOTE, is_denied, .message = say_denied },
	{ "STICKY_TOP", "This node's kernel refuses new files directly in the share.",
	  GS_ON_FOLLOWER, GS_GIVEN(TARGET), GS_NOTE, is_sticky, .message = say_sticky },
	{ "BOOT_UNIT", "A unit file of systemd beats the entry in /etc/fstab at boot.",
	  GS_ON_FOLLOWER, GS_GIVEN(TARGET), GS_WARN, has_boot_unit, .message = say_boot_unit,
	  .fix = fix_boot_unit },
	{ "BOOT_MASKED", NULL, GS_ON_FOLLOWER, GS_GIVEN(TARGET), GS_WARN, has_mask,
	  .message = say_mask, .fix = fix_mask },
	{ "NO_SYSTEMD", "Nothing waits for a leader that is late at boot, without systemd.",
	  GS_ON_FOLLOWER, GS_GIVEN(TARGET), GS_NOTE, lacks_systemd,
	  .text = "systemd does not run this node: its /etc/fstab mounts the share at boot, but "
		  "nothing mounts it later where the leader is late, nor keeps containers waiting "
		  "until then" },
	{ "PATH_MISSING", NULL, GS_ON_FOLLOWER, GS_GIVEN(TARGET), GS_WARN, lacks_another,
	  .message = say_another, .fix = fix_another },
	{ "TRUSTED_ON_FIRST_USE", "The share id was not known before: it is trusted on first use.",
	  GS_ON_FOLLOWER, GS_GIVEN(SEEN_ID), GS_NOTE, is_first_sight, .message = say_first_sight },
	{ "NO_ID", "The share has no id: another share in its place would not be noticed.",
	  GS_ON_FOLLOWER, GS_GIVEN(SEEN_ID), GS_NOTE, has_no_id,
	  .text = "the share has no id: gshare cannot tell if another share replaces it" },
	{ 0 },
};
