/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/check/audit.h"
#include "core/check/row.h"
#include "core/format/fstab.h"

/* What a mount takes from its server beyond files. */

/* The options are the fourth field; the line must still mount there when the edit is run. */
static char *script_of(size_t number, const char *target)
{
	gs_autostr struct gs_str path = { 0 };

	for (const char *c = target; *c; c++) {
		bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
				(*c >= '0' && *c <= '9') || strchr("-_/", *c);

		if (!is_plain && *c != '.')
			return NULL;
		gs_str_adds(&path, is_plain ? "" : "\\");
		gs_str_addc(&path, *c);
	}
	return gs_printf(
		"%zus#^\\([^[:blank:]]*[[:blank:]]*%s/*[[:blank:]][[:blank:]]*"
		"[^[:blank:]]*[[:blank:]]*[^[:blank:]]*\\)#\\1,nosuid,nodev#",
		number, path.ptr);
}

static bool lacks(const struct gs_facts *facts, const char *option)
{
	return !gs_mountopt_has(facts->audit_mount->mount->options, option);
}

static bool is_trusting(const struct gs_facts *facts)
{
	return lacks(facts, "nosuid") || lacks(facts, "nodev");
}

static void say_trusting(const struct gs_facts *facts, struct gs_str *out)
{
	bool suid = lacks(facts, "nosuid"), dev = lacks(facts, "nodev");

	gs_str_addf(out, "%s is mounted without %s: whoever can write on the server makes ",
		    facts->audit_mount->mount->target,
		    suid && dev ? "nosuid and nodev"
		    : suid	? "nosuid"
				: "nodev");
	gs_str_adds(out, suid && dev ? "programs of root, and devices, that work here"
			 : suid	     ? "programs of root that work here"
				     : "devices that work here");
}

/* bind: only the flags of this mount point change, and no request goes to the server. */
static void fix_trusting(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_audit_mount_fact *fact = facts->audit_mount;
	const char *target = fact->mount->target;
	gs_autofree char *script = fact->number ? script_of(fact->number, target) : NULL;
	struct gs_str *fix = gs_fix_here(out, "");

	if (script) {
		gs_command(fix, "sudo", "sed", "-i", "--follow-symlinks", script, "/etc/fstab");
		gs_command_and(fix);
	}
	gs_command(fix, "sudo", "mount", "-o", "remount,bind,nosuid,nodev", target);
	if (fact->number && !script)
		gs_fix_advise(out, "and add nosuid,nodev to line %zu of /etc/fstab", fact->number);
}

const struct gs_check gs_checks_audit_mount[] = {
	{ "MOUNT_SUID", "A mount takes setuid programs or devices from its server.", GS_ON_FOLLOWER,
	  GS_GIVEN(AUDIT_MOUNT), GS_WARN, is_trusting, .message = say_trusting,
	  .fix = fix_trusting },
	{ 0 },
};
