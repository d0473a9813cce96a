/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/follower_status.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/follower/mountpoint.h"
#include "core/format/fstab.h"
#include "core/fskind/nfs.h"
#include "core/plan/finding.h"
#include "core/plan/plan.h"
#include "core/verify/access_report.h"

const char *gs_mount_says_name(enum gs_mount_says says)
{
	static const char *const name[] = {
		[GS_SAYS_UNASKED] = "unasked", [GS_SAYS_FINE] = "fine",
		[GS_SAYS_NOTHING] = "silent",  [GS_SAYS_STALE] = "stale",
		[GS_SAYS_DENIED] = "denied",   [GS_SAYS_ERROR] = "error",
	};

	return name[says];
}

enum gs_mount_says gs_health_says(int code)
{
	static const struct {
		int code;
		enum gs_mount_says says;
	} known[] = {
		{ 0, GS_SAYS_FINE },	    { -ETIMEDOUT, GS_SAYS_NOTHING },
		{ -ESTALE, GS_SAYS_STALE }, { -EACCES, GS_SAYS_DENIED },
		{ -EPERM, GS_SAYS_DENIED },
	};

	for (size_t i = 0; i < GS_COUNT(known); i++)
		if (known[i].code == code)
			return known[i].says;
	return GS_SAYS_ERROR;
}

bool gs_health_is_ro(const struct gs_health *health)
{
	return health->is_mounted && gs_mountopt_has(health->mount.options, "ro");
}

/* ---- judging ----------------------------------------------------------------------------- */

static void judge_mount(struct gs_health *h)
{
	gs_autofree char *mend = NULL;

	if (!h->is_mounted) {
		mend = gs_command_text("", "sudo", "gshare", "follower", "mount", h->server,
				       h->path);
		gs_findings_add(&h->findings, GS_FAIL, "NOT_MOUNTED", mend,
				"nothing is mounted on '%s'%s", h->path,
				h->is_kept ? ", though /etc/fstab has a line for it" : "");
	} else if (!h->is_nfs) {
		gs_findings_add(&h->findings, GS_FAIL, "NOT_NFS", NULL,
				"what is mounted on '%s' is no NFS share but %s of type %s",
				h->path, h->mount.source, h->mount.type);
	} else if (!h->is_kept) {
		mend = gs_command_text("", "sudo", "gshare", "follower", "mount", h->server,
				       h->path);
		gs_findings_add(&h->findings, GS_NOTE, "NOT_KEPT", mend,
				"/etc/fstab has no line of gshare for it: after a boot it is gone");
	}
}

static void judge_stuck(struct gs_health *h)
{
	const struct gs_err *why = &h->stuck;
	gs_autofree char *mend = NULL;

	if (why->id) {
		gs_findings_add(&h->findings, GS_FAIL, "MOUNT_SILENT",
				why->mend[0] ? why->mend : NULL, GS_TELLS_STUCK, gs_err_name(why),
				why->msg);
		return;
	}
	mend = gs_command_text("if it lasts, mount again after: ", "sudo", "gshare", "follower",
			       "unmount", h->path, "--lazy");
	gs_findings_add(&h->findings, GS_FAIL, "MOUNT_SILENT", mend,
			"the server answers, but not through the mount: after its reboot that "
			"lasts up to 90 s");
}

/* The mount says as whom the server knows this node, and what it exports: nfs(5) clientaddr. */
static void add_ourselves(const struct gs_health *h, struct gs_str *out)
{
	const char *path = h->mount.source ? strstr(h->mount.source, ":/") : NULL;
	gs_autofree char *addr = NULL;
	struct gs_span value;

	gs_command_on(out, h->server);
	if (!h->mount.options || !gs_mountopt_get(h->mount.options, "clientaddr", &value)) {
		gs_command(out, "sudo", "exportfs", "-v");
		return;
	}
	addr = gs_span_dup(value);
	gs_command(out, "sudo", "gshare", "leader", "add", addr, path ? "--path" : NULL,
		   path ? path + 1 : NULL);
}

static void judge_server(struct gs_health *h)
{
	gs_autofree char *lead = NULL;
	gs_autofree char *mend = NULL;
	gs_autostr struct gs_str add = { 0 };

	if (h->reached == GS_ANSWER_NO) {
		gs_findings_add(&h->findings, GS_FAIL, "SERVER_SILENT", h->silence.mend,
				GS_TELLS_SILENCE, gs_err_name(&h->silence), h->silence.msg);
		return;
	}
	switch (h->says) {
	case GS_SAYS_NOTHING:
		judge_stuck(h);
		return;
	case GS_SAYS_STALE:
		lead = gs_printf("on %s look: sudo exportfs -v; here then: ", h->server);
		mend = gs_command_text(lead, "sudo", "gshare", "follower", "remount", h->path,
				       "--recover");
		gs_findings_add(
			&h->findings, GS_FAIL, "EXPORT_STALE", mend,
			"the mount is stale: the server no longer exports to this node what "
			"was mounted, or it is another directory now");
		return;
	case GS_SAYS_DENIED:
		add_ourselves(h, &add);
		gs_findings_add(&h->findings, GS_FAIL, "EXPORT_DENIED", add.ptr,
				"the server denies this node the share that it has mounted");
		return;
	case GS_SAYS_ERROR:
		mend = gs_command_text("", "sudo", "gshare", "follower", "remount", h->path,
				       "--recover");
		gs_findings_add(&h->findings, GS_FAIL, "MOUNT_BROKEN", mend,
				"the mount answers: %s", gs_errno_text(h->says_error));
		return;
	case GS_SAYS_UNASKED:
	case GS_SAYS_FINE:
		return;
	}
}

static void judge_access(struct gs_health *h)
{
	bool is_ro = gs_health_is_ro(h);
	gs_autofree char *mend = NULL;

	if (!h->is_mounted || !h->is_kept || is_ro == h->asked_ro)
		return;
	mend = gs_command_text("", "sudo", "gshare", "follower", "remount", h->path);
	gs_findings_add(&h->findings, GS_WARN, "MOUNTED_OTHERWISE", mend,
			"it is mounted %s, and /etc/fstab asks for %s", is_ro ? "ro" : "rw",
			h->asked_ro ? "ro" : "rw");
}

static void judge_connections(struct gs_health *h)
{
	struct gs_transfer t = { 0 };

	if (!h->is_nfs || !h->has_stats)
		return;
	gs_mountpoint_transfer(h->mount.options, h->asked, &t);
	if (t.asked_connections > h->stats.connections)
		gs_findings_add(&h->findings, GS_NOTE, "CONNECTIONS_CAPPED",
				"unmount every share of that server on this node, then mount again",
				"it has %u connection%s, not %u as asked: the first mount of a "
				"server fixes their number for all",
				h->stats.connections, h->stats.connections == 1 ? "" : "s",
				t.asked_connections);
}

/* Only whoever knows the leader can tell which of the two it is; then the new id can be kept. */
static void tell_other_id(struct gs_health *h)
{
	static const char ask[] =
		"ask the leader's administrator which share is meant: its id is in .gshare-id";
	const char *path = h->mount.source ? strstr(h->mount.source, ":/") : NULL;
	gs_autofree char *lead = gs_printf("%s; where it has got this one since: ", ask);
	gs_autofree char *mend = NULL;

	if (!h->id[0]) {
		gs_findings_add(&h->findings, GS_FAIL, "ID_DIFFERS", ask,
				"the share's id is missing, not %s as kept in /etc/fstab: another "
				"directory is there, or its .gshare-id is lost",
				h->kept);
		return;
	}
	mend = gs_command_text(lead, "sudo", "gshare", "follower", "mount", h->server, h->path,
			       path ? "--export" : NULL, path ? path + 1 : NULL, "--id", h->id,
			       h->asked_ro ? "--ro" : NULL);
	gs_findings_add(&h->findings, GS_FAIL, "ID_DIFFERS", mend,
			"the share's id is %s, not %s as kept in /etc/fstab: another share is "
			"there, or the leader's init has given it a new id",
			h->id, h->kept);
}

static void judge_id(struct gs_health *h)
{
	gs_autostr struct gs_str fix = { 0 };

	if (h->says != GS_SAYS_FINE)
		return;
	if (h->id_broken) {
		gs_share_id_anew(h->server, h->mount.source, &fix);
		gs_findings_add(&h->findings, h->kept[0] ? GS_FAIL : GS_WARN, "ID_BROKEN",
				fix.len ? fix.ptr : NULL, "%s: it does not say which share this is",
				h->id_error.msg);
		return;
	}
	if (h->id_read && h->kept[0] && strcmp(h->id, h->kept) != 0)
		tell_other_id(h);
}

void gs_health_judge(struct gs_health *h)
{
	judge_mount(h);
	judge_server(h);
	judge_access(h);
	judge_connections(h);
	judge_id(h);
}
