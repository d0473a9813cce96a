/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/mount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "base/types.h"
#include "core/check/row.h"
#include "core/exports/host.h"
#include "core/format/fstab.h"
#include "core/fskind/nfs.h"
#include "core/verify/access_report.h"

const char *gs_mount_state_name(enum gs_mount_state says)
{
	static const char *const name[] = {
		[GS_STATE_UNASKED] = "unasked",
		[GS_STATE_FINE] = "fine",
		[GS_STATE_NOT_RESPONDING] = "not_responding",
		[GS_STATE_STALE] = "stale",
		[GS_STATE_DENIED] = "denied",
		[GS_STATE_ERROR] = "error",
	};

	return name[says];
}

void gs_health_done(struct gs_health *health)
{
	free(health->path);
	free(health->server);
	free(health->own_addr);
	free(health->asked);
	free(health->asked_source);
	free(health->boot_unit);
	gs_boot_done(&health->boot);
	gs_earlies_done(&health->early);
	gs_mounted_done(&health->mount);
	gs_mounted_done(&health->cover);
	gs_strs_done(&health->beside);
	gs_inode_done(&health->bare);
	gs_findings_done(&health->findings);
	*health = (struct gs_health){ 0 };
}

enum gs_mount_state gs_health_state(int code)
{
	static const struct {
		int code;
		enum gs_mount_state says;
	} known[] = {
		{ 0, GS_STATE_FINE },	     { -ETIMEDOUT, GS_STATE_NOT_RESPONDING },
		{ -ESTALE, GS_STATE_STALE }, { -EACCES, GS_STATE_DENIED },
		{ -EPERM, GS_STATE_DENIED },
	};

	for (size_t i = 0; i < GS_COUNT(known); i++)
		if (known[i].code == code)
			return known[i].says;
	return GS_STATE_ERROR;
}

bool gs_health_is_ro(const struct gs_health *health)
{
	return health->is_mounted && gs_mountopt_has(health->mount.options, "ro");
}

/* ---- is it mounted ----------------------------------------------------------------------- */

static bool is_covered(const struct gs_facts *facts)
{
	return facts->mount->cover.target;
}

static void say_covered(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_mounted *cover = &facts->mount->cover;

	gs_str_addf(out,
		    "the share is mounted on '%s', and hidden there: %s of type %s is mounted over "
		    "'%s'",
		    facts->mount->path, cover->source, cover->type, cover->target);
}

/* Mounted once more, on what covers it, the share would hide that, and be there twice. */
static void fix_covered(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, "if that is not meant: "), "sudo", "umount",
		   facts->mount->cover.target);
}

static bool is_absent(const struct gs_facts *facts)
{
	return !facts->mount->is_mounted && !facts->mount->is_trigger && !is_covered(facts);
}

static void say_absent(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_health *h = facts->mount;

	gs_str_addf(out, "nothing is mounted on '%s'", h->path);
	if (h->is_kept)
		gs_str_adds(out, ", although /etc/fstab has an entry for it");
	else if (h->foreign_line)
		gs_str_addf(out, ", although line %zu of /etc/fstab is to mount it at boot",
			    h->foreign_line);
	if (h->is_kept && h->boot.is_active)
		gs_str_addf(out, "; %s waits for the leader", h->boot.unit);
}

/* follower mount finds the port by itself in fstab and in the mount, but not once both are gone. */
void gs_health_add_port(const struct gs_health *h, struct gs_str *command)
{
	unsigned port = gs_mountopt_port(h->is_nfs ? h->mount.options : h->asked);

	if (port == GS_NFS_PORT)
		return;
	gs_command(command, "--port");
	gs_command_wordf(command, "%u", port);
}

void gs_health_add_mount(const struct gs_health *h, struct gs_str *command)
{
	gs_command(command, "sudo", "gshare", "follower", "mount", h->server, h->path);
	gs_health_add_port(h, command);
}

static void fix_by_mount(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_health_add_mount(facts->mount, gs_fix_here(out, ""));
}

/* By an entry of others, as they have written it. */
static void fix_absent(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_health *h = facts->mount;

	if (!h->is_kept && h->foreign_line)
		gs_command(gs_fix_here(out, ""), "sudo", "mount", h->path);
	else
		fix_by_mount(facts, out);
}

/* follower mount names a port in fstab only where it is asked for one. */
static bool is_other_port(const struct gs_facts *facts)
{
	return facts->mount->has_usual_port && !facts->mount->is_mounted;
}

static void say_other_port(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_health *h = facts->mount;

	gs_str_addf(out,
		    "the entry for '%s' in /etc/fstab has port=%u, where %s does not respond: its "
		    "NFS server is on port %d",
		    h->path, gs_mountopt_port(h->asked), h->server, GS_NFS_PORT);
}

static void fix_other_port(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_health *h = facts->mount;
	struct gs_str *command;

	if (!h->is_kept) {
		gs_fix_advise(out, "remove port=%u from line %zu of /etc/fstab",
			      gs_mountopt_port(h->asked), h->foreign_line);
		return;
	}
	command = gs_fix_here(out, "");
	gs_command(command, "sudo", "gshare", "follower", "mount", h->server, h->path, "--port");
	gs_command_wordf(command, "%d", GS_NFS_PORT);
}

static bool is_idle(const struct gs_facts *facts)
{
	return !facts->mount->is_mounted && facts->mount->is_trigger;
}

static void say_idle(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "'%s' is an automount point (x-systemd.automount): the share is mounted at its "
		    "first use",
		    facts->mount->path);
}

static void fix_idle(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, "to use it and test it: "), "sudo", "gshare", "verify",
		   facts->mount->path);
}

static bool is_not_nfs(const struct gs_facts *facts)
{
	return facts->mount->is_mounted && !facts->mount->is_nfs;
}

static void say_not_nfs(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_mounted *mount = &facts->mount->mount;

	gs_str_addf(out, "what is mounted on '%s' is not an NFS share but %s of type %s",
		    facts->mount->path, mount->source, mount->type);
}

/* Whether the share's own mount is beneath it or not: where it is, the second does nothing. */
static void fix_not_nfs(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_health *h = facts->mount;
	struct gs_str *command = gs_fix_here(out, "if that is not meant: ");

	gs_command(command, "sudo", "umount", h->path);
	if (!h->server)
		return;
	gs_command_and(command);
	gs_health_add_mount(h, command);
}

/* follower mount refuses to hide files: they came while the share was not mounted, unguarded. */
static bool is_hiding(const struct gs_facts *facts)
{
	const struct gs_health *h = facts->mount;

	return h->is_mounted && h->is_nfs && h->is_kept && h->bare.has_entries;
}

static void say_hiding(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "the mount hides files of the local disk in '%s': they were written while the "
		    "share was not mounted",
		    facts->mount->path);
}

static void fix_hiding(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_health *h = facts->mount;

	gs_command(gs_fix_here(out, ""), "sudo", "gshare", "follower", "unmount", h->path);
	gs_fix_advise(out, "move the files away");
	gs_health_add_mount(h, gs_fix_here(out, "then mount it again: "));
}

/* ---- does the server answer -------------------------------------------------------------- */

static bool is_silent(const struct gs_facts *facts)
{
	return facts->mount->reached == GS_ANSWER_NO;
}

static void say_silent(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_err *why = &facts->mount->silence;

	gs_str_addf(out, GS_TELLS_SILENCE, gs_err_name(why), why->msg);
}

static void fix_silent(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_fix_advise(out, "%s", facts->mount->silence.fix);
}

static bool says(const struct gs_facts *facts, enum gs_mount_state what)
{
	return facts->mount->reached != GS_ANSWER_NO && facts->mount->says == what;
}

static bool is_losing(const struct gs_facts *facts)
{
	return facts->mount->loses_large;
}

static void say_losing(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "packets that are large do not reach %s, and small ones do: programs that "
		    "write hang",
		    facts->mount->server ? facts->mount->server : "the server");
}

static void fix_losing(const struct gs_facts *facts, struct gs_fixes *out)
{
	if (facts->mount->server)
		gs_fix_large(out, "see whether that is so for all of them: ", facts->mount->server);
	gs_fix_advise(out,
		      "if it is, let 'fragmentation needed' of ICMP through on the way, or "
		      "give the interface there a smaller MTU");
}

static bool is_refused(const struct gs_facts *facts)
{
	return says(facts, GS_STATE_NOT_RESPONDING) && facts->mount->stuck.id;
}

static void say_refused(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_err *why = &facts->mount->stuck;

	gs_str_addf(out, GS_TELLS_STUCK, gs_err_name(why), why->msg);
}

static void fix_refused(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_fix_advise(out, "%s", facts->mount->stuck.fix);
}

static bool is_stuck(const struct gs_facts *facts)
{
	return says(facts, GS_STATE_NOT_RESPONDING) && !facts->mount->stuck.id;
}

static void fix_stuck(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_health *h = facts->mount;

	gs_command(gs_fix_here(out, "if it persists, mount again after: "), "sudo", "gshare",
		   "follower", "unmount", h->path, "--lazy");
	if (h->server)
		gs_fix_large(out, "if that does not help, see whether large packets get through: ",
			     h->server);
}

static bool is_stale(const struct gs_facts *facts)
{
	return says(facts, GS_STATE_STALE);
}

static void add_recover(const struct gs_health *h, const char *advice, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, advice), "sudo", "gshare", "follower", "remount", h->path,
		   "--recover");
}

static void fix_stale(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_on(out, facts->mount->server), "sudo", "exportfs", "-v");
	add_recover(facts->mount, "then on this node: ", out);
}

static bool is_denied(const struct gs_facts *facts)
{
	return says(facts, GS_STATE_DENIED) && !facts->mount->is_closed;
}

static bool is_closed(const struct gs_facts *facts)
{
	return says(facts, GS_STATE_DENIED) && facts->mount->is_closed;
}

/* This node's address as the server sees it; where that is not known, as of the mount: nfs(5). */
static char *own_address(const struct gs_health *h)
{
	struct gs_span value;

	if (h->own_addr)
		return gs_strdup(h->own_addr);
	if (!h->mount.options || !gs_mountopt_get(h->mount.options, "clientaddr", &value))
		return NULL;
	return gs_span_dup(value);
}

/* gshare leader VERB for this node, with the path that is mounted. */
static struct gs_str *fix_on_leader(const struct gs_health *h, const char *verb,
				    struct gs_fixes *out)
{
	const char *path = h->mount.source ? strstr(h->mount.source, ":/") : NULL;
	struct gs_str *command = gs_fix_on(out, h->server);
	gs_autofree char *addr = own_address(h);

	if (!addr) {
		gs_command(command, "sudo", "exportfs", "-v");
		return command;
	}
	gs_command(command, "sudo", "gshare", "leader", verb, addr, path ? "--path" : NULL,
		   path ? path + 1 : NULL);
	return command;
}

/* What a follower cannot see of the leader, the leader's status names. */
static void see_leader(const struct gs_health *h, const char *when, struct gs_fixes *out)
{
	gs_command(gs_fix_on_if(out, h->server, when), "sudo", "gshare", "leader", "status");
}

/* Where the export is there already, the directory or one above it is closed. */
static void fix_denied(const struct gs_facts *facts, struct gs_fixes *out)
{
	(void)fix_on_leader(facts->mount, "add", out);
	see_leader(facts->mount, "if it is listed already: ", out);
}

/* Which user that is, and what closes the directory to them, the leader knows. */
static void fix_closed(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_on(out, facts->mount->server), "sudo", "gshare", "doctor");
}

static bool is_given_ro(const struct gs_facts *facts)
{
	return facts->mount->is_given_ro;
}

/* Where the entry is rw already it is the file system. */
static void fix_given_ro(const struct gs_facts *facts, struct gs_fixes *out)
{
	(void)fix_on_leader(facts->mount, "rw", out);
	see_leader(facts->mount, "if it is rw already: ", out);
}

/* NFS4ERR_MINOR_VERS_MISMATCH: nfsd was started anew, with fewer versions. */
static bool is_version(const struct gs_facts *facts)
{
	return says(facts, GS_STATE_ERROR) && facts->mount->says_error == EPROTONOSUPPORT;
}

static void say_version(const struct gs_facts *facts, struct gs_str *out)
{
	struct gs_span version = { 0 };

	gs_str_adds(out,
		    "the server no longer has the version of NFS by which the share is mounted");
	if (gs_mountopt_get(facts->mount->mount.options, "vers", &version)) {
		gs_str_adds(out, ": ");
		gs_str_add_safe(out, version);
	}
}

/* follower mount takes the newest that the server has. */
static void fix_version(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_health *h = facts->mount;
	struct gs_str *command = gs_fix_here(out, "to use another one: ");

	gs_command(command, "sudo", "gshare", "follower", "unmount", h->path);
	gs_command_and(command);
	gs_health_add_mount(h, command);
	gs_fix_advise(out, "or enable it again in nfsd on %s: vers4.2 in /etc/nfs.conf", h->server);
}

static bool is_broken(const struct gs_facts *facts)
{
	return says(facts, GS_STATE_ERROR) && !is_version(facts);
}

static void say_broken(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "the mount responds with an error: %s",
		    gs_errno_text(facts->mount->says_error));
}

static void fix_by_recover(const struct gs_facts *facts, struct gs_fixes *out)
{
	add_recover(facts->mount, "", out);
}

/* ---- is it mounted as asked -------------------------------------------------------------- */

static bool is_otherwise(const struct gs_facts *facts)
{
	const struct gs_health *h = facts->mount;

	return h->is_mounted && h->is_kept && gs_health_is_ro(h) != h->asked_ro;
}

static void say_otherwise(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "the share is mounted %s, but /etc/fstab has %s",
		    gs_health_is_ro(facts->mount) ? "ro" : "rw",
		    facts->mount->asked_ro ? "ro" : "rw");
}

static void fix_by_remount(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, ""), "sudo", "gshare", "follower", "remount",
		   facts->mount->path);
}

/* Options other than ro and rw, which is_otherwise() compares. */
static bool other_options(const struct gs_health *h, struct gs_mount_diff *ret)
{
	return h->is_nfs && h->asked && gs_health_is_ro(h) == h->asked_ro &&
	       gs_mount_differs(h->mount.options, h->asked, ret);
}

static bool has_other_options(const struct gs_facts *facts)
{
	GS_AUTO(gs_mount_diff_done) struct gs_mount_diff diff = { 0 };

	return other_options(facts->mount, &diff);
}

static void say_other_options(const struct gs_facts *facts, struct gs_str *out)
{
	GS_AUTO(gs_mount_diff_done) struct gs_mount_diff diff = { 0 };

	(void)other_options(facts->mount, &diff);
	gs_str_adds(out, "the share is mounted with other options than in /etc/fstab: ");
	gs_mount_diff_add(&diff, out);
}

/* unmount keeps the entry, by which mount(8) then mounts. */
static void mount_by_entry(const struct gs_health *h, struct gs_fixes *out)
{
	struct gs_str *command = gs_fix_here(out, "");

	gs_command(command, "sudo", "gshare", "follower", "unmount", h->path);
	gs_command_and(command);
	gs_command(command, "sudo", "mount", h->path);
}

static void fix_options(const struct gs_facts *facts, struct gs_fixes *out)
{
	GS_AUTO(gs_mount_diff_done) struct gs_mount_diff diff = { 0 };

	(void)other_options(facts->mount, &diff);
	if (diff.fixed.len + diff.tuned.len)
		mount_by_entry(facts->mount, out);
	else
		fix_by_remount(facts, out);
}

/* ---- is it what fstab has ------------------------------------------------------------------ */

static size_t path_len(const char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	return n;
}

static bool is_other_address(struct gs_span a, struct gs_span b)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec one = { 0 }, two = { 0 };
	struct gs_err odd = { 0 };

	return gs_hostspec_parse(a, &one, &odd) == 0 && gs_hostspec_parse(b, &two, &odd) == 0 &&
	       one.kind == GS_HOST_ADDR && two.kind == GS_HOST_ADDR &&
	       !gs_hostspec_is_same(&one, &two);
}

/*
 * The kernel shows the source of the first mount of a file system for all of them. That the server
 * of the entry is the same shows only in the share id; what does not respond has its own finding.
 */
static bool is_by_first(const struct gs_health *h)
{
	return h->shows_first &&
	       (h->says != GS_STATE_FINE || (h->kept[0] && !strcmp(h->id, h->kept)));
}

/* Another path, or another address: a name may stand for the address that is mounted. */
static bool is_source_other(const struct gs_facts *facts)
{
	const struct gs_health *h = facts->mount;
	const char *is = h->mount.source ? strstr(h->mount.source, ":/") : NULL;
	const char *shall = h->asked_source ? strstr(h->asked_source, ":/") : NULL;

	if (!h->is_nfs || !is || !shall)
		return false;
	if (!gs_span_is(gs_span(is, path_len(is)), gs_span(shall, path_len(shall))))
		return true;
	return !is_by_first(h) &&
	       is_other_address(gs_span(h->mount.source, (size_t)(is - h->mount.source)),
				gs_span(h->asked_source, (size_t)(shall - h->asked_source)));
}

static void say_source(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "%s is mounted%s, but /etc/fstab has %s", facts->mount->mount.source,
		    facts->mount->is_over ? " over the share" : "", facts->mount->asked_source);
}

static void fix_source(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_health *h = facts->mount;

	if (h->is_over)
		gs_command(gs_fix_here(out, ""), "sudo", "umount", h->path);
	else
		mount_by_entry(h, out);
}

static unsigned asked_connections(const struct gs_health *h)
{
	struct gs_transfer transfer = { 0 };

	gs_mountpoint_transfer(h->mount.options, h->asked, &transfer);
	return transfer.asked_connections;
}

static bool is_capped(const struct gs_facts *facts)
{
	const struct gs_health *h = facts->mount;

	return h->is_nfs && h->has_stats && asked_connections(h) > h->stats.connections;
}

static void say_capped(const struct gs_facts *facts, struct gs_str *out)
{
	unsigned n = facts->mount->stats.connections;

	gs_str_addf(out,
		    "the mount has %u connection%s (expected %u): the first mount of a server sets "
		    "the number for all",
		    n, n == 1 ? "" : "s", asked_connections(facts->mount));
}

/* The last of them closes the connections, and the first to come back sets their number. */
static void fix_capped(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_health *h = facts->mount;
	struct gs_str *command;

	if (!h->is_kept || (h->beside.n && !h->beside_kept))
		return;
	command = gs_fix_here(out, "");
	gs_command(command, "sudo", "gshare", "follower", "unmount", h->path);
	for (size_t i = 0; i < h->beside.n; i++) {
		gs_command_and(command);
		gs_command(command, "sudo", "gshare", "follower", "unmount", h->beside.v[i]);
	}
	gs_command_and(command);
	gs_command(command, "sudo", "mount", h->path);
	for (size_t i = 0; i < h->beside.n; i++) {
		gs_command_and(command);
		gs_command(command, "sudo", "mount", h->beside.v[i]);
	}
}

/* ---- is it still the same share ---------------------------------------------------------- */

static bool holds_no_id(const struct gs_health *h)
{
	return h->says == GS_STATE_FINE && h->id_broken;
}

static bool has_lost_id(const struct gs_facts *facts)
{
	return holds_no_id(facts->mount) && facts->mount->kept[0];
}

static bool has_no_id(const struct gs_facts *facts)
{
	return holds_no_id(facts->mount) && !facts->mount->kept[0];
}

static void say_no_id(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "%s: the share cannot be identified", facts->mount->id_error.msg);
}

static void fix_id(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_share_id_anew(facts->mount->server, facts->mount->mount.source, gs_fix_here(out, ""));
}

static bool is_other(const struct gs_health *h)
{
	return h->says == GS_STATE_FINE && !h->id_broken && h->id_read && h->kept[0] &&
	       strcmp(h->id, h->kept) != 0;
}

static bool lacks_id(const struct gs_facts *facts)
{
	return is_other(facts->mount) && !facts->mount->id[0];
}

static void say_lacks_id(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "the share id is missing, but /etc/fstab has %s: another directory is "
		    "mounted, or its .gshare-id is lost",
		    facts->mount->kept);
}

static void fix_lacks_id(const struct gs_facts *facts, struct gs_fixes *out)
{
	see_leader(facts->mount, "", out);
}

static bool has_other_id(const struct gs_facts *facts)
{
	return is_other(facts->mount) && facts->mount->id[0];
}

static void say_other_id(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "the share id is %s, but /etc/fstab has %s: another share is mounted, or the "
		    "leader's init gave it a new id",
		    facts->mount->id, facts->mount->kept);
}

/* Only the administrator of the leader can tell which share it is; then fstab gets the new id. */
static void fix_other_id(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_health *h = facts->mount;
	const char *path = h->mount.source ? strstr(h->mount.source, ":/") : NULL;

	gs_command(gs_fix_here(out,
			       "ask the leader's administrator for the share id: it is in "
			       ".gshare-id; if the new id is right: "),
		   "sudo", "gshare", "follower", "mount", h->server, h->path,
		   path ? "--export" : NULL, path ? path + 1 : NULL, "--id", h->id,
		   h->asked_ro ? "--ro" : NULL);
}

const struct gs_check gs_checks_mount[] = {
	{ "MOUNT_COVERED", "The share is mounted, and another mount above it hides it.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_FAIL, is_covered, .message = say_covered,
	  .fix = fix_covered },
	{ "NOT_MOUNTED", "Nothing is mounted on the mount point.", GS_ON_FOLLOWER, GS_GIVEN(MOUNT),
	  GS_FAIL, is_absent, .message = say_absent, .fix = fix_absent },
	{ "PORT_DIFFERS", "The entry in /etc/fstab has another port than the server.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_FAIL, is_other_port, .message = say_other_port,
	  .fix = fix_other_port },
	{ "AUTOMOUNT_IDLE", "The share is not mounted yet: its automount point waits for a use.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_NOTE, is_idle, .message = say_idle, .fix = fix_idle },
	{ "NOT_NFS", "The mount is not an NFS share.", GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_FAIL,
	  is_not_nfs, .message = say_not_nfs, .fix = fix_not_nfs },
	{ "TARGET_NOT_EMPTY", "The mount point holds files.", GS_ON_FOLLOWER, GS_GIVEN(MOUNT),
	  GS_WARN, is_hiding, .message = say_hiding, .fix = fix_hiding },
	{ "SERVER_NOT_RESPONDING",
	  "The server is not responding: programs that use the share wait.", GS_ON_FOLLOWER,
	  GS_GIVEN(MOUNT), GS_FAIL, is_silent, .message = say_silent, .fix = fix_silent },
	{ "PACKETS_LOST", "Large packets do not reach the server, and small ones do.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_FAIL, is_losing, .message = say_losing,
	  .fix = fix_losing },
	{ "MOUNT_NOT_RESPONDING", "The server responds, but not through the mount.", GS_ON_FOLLOWER,
	  GS_GIVEN(MOUNT), GS_FAIL, is_refused, .message = say_refused, .fix = fix_refused },
	{ "MOUNT_NOT_RESPONDING", NULL, GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_FAIL, is_stuck,
	  .text = "the server responds, but not through the mount: after a reboot of the server, "
		  "or another address of this node, this takes up to 90 s",
	  .fix = fix_stuck },
	{ "EXPORT_STALE", "The mount is stale: the server no longer exports what was mounted.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_FAIL, is_stale,
	  .text = "the mount is stale: the server no longer exports it to this node, or exports "
		  "another directory now",
	  .fix = fix_stale },
	{ "EXPORT_DENIED", "The server denies this node the share.", GS_ON_FOLLOWER,
	  GS_GIVEN(MOUNT), GS_FAIL, is_denied,
	  .text = "the server denies this node access to the mounted share", .fix = fix_denied },
	{ "PATH_CLOSED", NULL, GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_FAIL, is_closed,
	  .text = "the server exports the share to this node, but its directory there, or "
		  ".gshare-id in it, is closed to the user to whom this node is mapped",
	  .fix = fix_closed },
	{ "VERSION_REFUSED", "The server refuses the version of NFS.", GS_ON_FOLLOWER,
	  GS_GIVEN(MOUNT), GS_FAIL, is_version, .message = say_version, .fix = fix_version },
	{ "MOUNT_BROKEN", "The mount responds with an error.", GS_ON_FOLLOWER, GS_GIVEN(MOUNT),
	  GS_FAIL, is_broken, .message = say_broken, .fix = fix_by_recover },
	{ "MOUNT_OPTIONS_DIFFER", "The mount has other options than its entry in /etc/fstab.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_WARN, is_otherwise, .message = say_otherwise,
	  .fix = fix_by_remount },
	{ "MOUNT_OPTIONS_DIFFER", NULL, GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_WARN, has_other_options,
	  .message = say_other_options, .fix = fix_options },
	{ "SOURCE_DIFFERS", "The mount is of another server or path than its entry in /etc/fstab.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_FAIL, is_source_other, .message = say_source,
	  .fix = fix_source },
	{ "LEADER_READONLY", "The leader gives the share read-only, though it is mounted rw.",
	  GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_WARN, is_given_ro,
	  .text = "the share is mounted rw, but every write fails: on the leader its export to this "
		  "node, or its file system, is read-only",
	  .fix = fix_given_ro },
	{ "CONNECTIONS_CAPPED", "The mount has fewer connections than configured.", GS_ON_FOLLOWER,
	  GS_GIVEN(MOUNT), GS_NOTE, is_capped, .message = say_capped,
	  .command = "unmount every share of that server on this node, then mount again",
	  .fix = fix_capped },
	{ "ID_BROKEN", NULL, GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_FAIL, has_lost_id,
	  .message = say_no_id, .fix = fix_id },
	{ "ID_BROKEN", NULL, GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_WARN, has_no_id,
	  .message = say_no_id, .fix = fix_id },
	{ "ID_DIFFERS", "The share has another id than the one in /etc/fstab.", GS_ON_FOLLOWER,
	  GS_GIVEN(MOUNT), GS_FAIL, lacks_id, .message = say_lacks_id, .fix = fix_lacks_id },
	{ "ID_DIFFERS", NULL, GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_FAIL, has_other_id,
	  .message = say_other_id, .fix = fix_other_id },
	{ 0 },
};
