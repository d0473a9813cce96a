/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/report/report_follower.h"

#include <string.h>

#include "core/format/fstab.h"
#include "core/fskind/nfs.h"
#include "core/fskind/nfs_options.h"
#include "core/fskind/nfs_profile.h"
#include "core/report/report.h"

static bool is_healthy(const struct gs_health *h)
{
	for (size_t i = 0; i < h->findings.n; i++)
		if (h->findings.v[i].severity == GS_FAIL)
			return false;
	return !h->is_given_ro;
}

static void add_mount(const struct gs_health *h, struct gs_str *out)
{
	gs_autostr struct gs_str security = { 0 };
	struct gs_span version = { 0 };

	gs_str_adds(out, "  mounted      ");
	if (!h->is_mounted) {
		gs_str_adds(out, h->is_trigger ? "no, automount: idle\n" : "no\n");
		return;
	}
	gs_str_add_safe(out, gs_span_of(h->mount.source));
	if (!h->is_nfs) {
		gs_str_adds(out, ", type ");
		gs_str_add_safe(out, gs_span_of(h->mount.type));
	} else if (gs_mountopt_get(h->mount.options, "vers", &version)) {
		gs_str_adds(out, ", NFS ");
		gs_str_add_safe(out, version);
	}
	gs_mountopt_security(h->mount.options, &security);
	if (h->is_nfs && security.len) {
		gs_str_adds(out, ", ");
		gs_str_add_safe(out, gs_str_span(&security));
	}
	gs_str_addf(out, ", %s", gs_health_is_ro(h) ? "ro" : "rw");
	if (h->is_trigger)
		gs_str_adds(out, ", by automount");
	if (h->is_kept)
		gs_str_addf(out, " (configured: %s)", h->asked_ro ? "ro" : "rw");
	if (h->is_given_ro)
		gs_str_adds(out, ", read-only on the leader");
	gs_str_addc(out, '\n');
}

static void add_traffic(const struct gs_health *h, struct gs_str *out)
{
	const struct gs_mountstats *s = &h->stats;

	if (h->reached == GS_ANSWER_YES)
		gs_str_addf(out, "  round trip   %u.%u ms to port %u\n", h->rtt_us / 1000,
			    h->rtt_us % 1000 / 100, gs_mountopt_port(h->mount.options));
	if (!h->has_stats)
		return;
	gs_str_addf(out, "  connections  %u", s->connections);
	if (s->reconnects)
		gs_str_addf(out, " (reconnected %llu time%s)", (unsigned long long)s->reconnects,
			    s->reconnects == 1 ? "" : "s");
	gs_str_addc(out, '\n');
	gs_str_addf(out, "  requests     %llu, %llu retransmissions, %llu timeouts",
		    (unsigned long long)s->requests, (unsigned long long)s->retransmitted,
		    (unsigned long long)s->timeouts);
	if (s->requests)
		gs_str_addf(out, ", %llu.%llu ms average response",
			    (unsigned long long)(s->rtt_ms / s->requests),
			    (unsigned long long)(s->rtt_ms % s->requests * 10 / s->requests));
	gs_str_addc(out, '\n');
}

/* A server with little memory accepts only small requests. */
static void add_transfer(const struct gs_health *h, struct gs_str *out)
{
	struct gs_transfer t = { 0 };

	gs_mountpoint_transfer(h->mount.options, h->asked, &t);
	if (!t.rsize || !t.wsize)
		return;
	gs_str_adds(out, "  transfer     reads of ");
	gs_size_add(t.rsize, out);
	gs_str_adds(out, ", writes of ");
	gs_size_add(t.wsize, out);
	if (gs_mountpoint_is_capped(&t)) {
		gs_str_adds(out, "; limited by the leader, requested: ");
		gs_size_add(t.asked_rsize, out);
		gs_str_adds(out, " and ");
		gs_size_add(t.asked_wsize, out);
	}
	gs_str_addc(out, '\n');
}

static void add_list(const struct gs_str *list, struct gs_str *out)
{
	if (list->len)
		gs_str_add_safe(out, gs_str_span(list));
	else
		gs_str_adds(out, "none");
}

/* What somebody has chosen, in the entry and as the kernel has it; where nobody has, no line. */
static void add_options(const struct gs_health *h, struct gs_str *out)
{
	const struct gs_nfs_profile *profile = gs_nfs_profile_of(h->asked);
	gs_autostr struct gs_str active = { 0 }, configured = { 0 };

	gs_nfs_options_tuned(h->mount.options, &active);
	gs_nfs_options_tuned(h->asked, &configured);
	if (!active.len && !configured.len && profile == gs_nfs_profiles)
		return;
	gs_str_adds(out, "  options      ");
	add_list(&active, out);
	if (h->is_kept) {
		gs_str_adds(out, " (configured: ");
		add_list(&configured, out);
		if (profile != gs_nfs_profiles)
			gs_str_addf(out, ", profile %s", profile->name);
		gs_str_addc(out, ')');
	}
	gs_str_addc(out, '\n');
}

/* "15 MiB", "128 KiB" */
static void add_read_ahead(const struct gs_health *h, struct gs_str *out)
{
	bool whole = h->ahead_kib % 1024 == 0;

	if (h->ahead_kib)
		gs_str_addf(out, "  read-ahead   %u %s\n",
			    whole ? h->ahead_kib / 1024 : h->ahead_kib, whole ? "MiB" : "KiB");
}

static void add_boot(const struct gs_health *h, struct gs_str *out)
{
	if (h->foreign_line)
		gs_str_addf(out, "  boot         in /etc/fstab, line %zu, not managed by gshare\n",
			    h->foreign_line);
	else
		gs_str_addf(out, "  boot         %s\n",
			    !h->is_kept			     ? "not in /etc/fstab"
			    : !gs_mountopt_at_boot(h->asked) ? "in /etc/fstab, noauto"
							     : "in /etc/fstab");
}

static void add_units(const struct gs_health *h, struct gs_str *out)
{
	if (!h->boot.systemd)
		return;
	gs_str_addf(out, "  unit         %s, ", h->boot.unit);
	gs_str_adds(out, h->boot.unasked     ? "not known whether it runs: "
			 : h->boot.is_active ? "running"
					     : "not running");
	if (h->boot.unasked)
		gs_str_add_safe(out, gs_span_of(h->boot.unasked));
	gs_str_addc(out, '\n');
	for (size_t i = 0; i < h->boot.ordered.n; i++)
		gs_str_addf(out, "%s%s", i ? ", " : "  order        ", h->boot.ordered.v[i]);
	if (h->boot.ordered.n)
		gs_str_adds(out, ": after the share\n");
}

static void add_guard(const struct gs_health *h, struct gs_str *out)
{
	if (h->unseen.code) {
		gs_str_adds(out, "  guard        not known: ");
		gs_str_add_safe(out, gs_span_of(h->unseen.msg));
		gs_str_addc(out, '\n');
	}
	if (h->bare.type != GS_INODE_ABSENT)
		gs_str_addf(out, "  guard        %s\n",
			    h->bare.is_guarded ? "the mount point is immutable"
					       : "none: the mount point is writable");
}

static void add_id(const struct gs_health *h, struct gs_str *out)
{
	if (!h->id[0] && !h->kept[0])
		return;
	gs_str_addf(out, "  share id     %s", h->id[0] ? h->id : h->kept);
	if (!h->id[0])
		gs_str_adds(out, " in /etc/fstab; not read from the share");
	else if (h->kept[0])
		gs_str_adds(out, strcmp(h->id, h->kept) ? ", differs from /etc/fstab"
							: ", matches /etc/fstab");
	gs_str_addc(out, '\n');
}

void gs_health_report(const struct gs_health *h, struct gs_str *out)
{
	gs_str_adds(out, "status  ");
	gs_str_add_safe(out, gs_span_of(h->path));
	gs_str_addc(out, '\n');
	add_mount(h, out);
	add_traffic(h, out);
	if (h->is_nfs) {
		add_options(h, out);
		add_transfer(h, out);
	}
	add_read_ahead(h, out);
	add_boot(h, out);
	add_units(h, out);
	add_guard(h, out);
	add_id(h, out);
	if (is_healthy(h))
		gs_str_adds(out, "healthy\n");
	gs_report_findings(&h->findings, GS_NOTE, out);
}
