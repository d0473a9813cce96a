/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/leader/status_peers.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/report/report.h"

/* The reports of leader ro, rw and status. */

/* The length of the longest name, so that the next column is aligned. */
static int widest(const struct gs_exports_change *exports)
{
	size_t width = 0;

	for (size_t i = 0; i < exports->n_switched; i++)
		if (strlen(exports->switched[i].host) > width)
			width = strlen(exports->switched[i].host);
	return (int)width;
}

void gs_report_switch(const struct gs_exports_change *exports, const struct gs_switched *how,
		      struct gs_str *out)
{
	int width = widest(exports);

	for (size_t i = 0; i < exports->n_switched; i++) {
		const struct gs_switch *change = &exports->switched[i];

		gs_str_addf(out, "%-*s  %s -> %s   active after %u.%02u s, no restart", width,
			    change->host, gs_access_name(change->from), gs_access_name(change->to),
			    how->active_ms / 1000, how->active_ms % 1000 / 10);
		if (change->to == GS_ACCESS_RO && how->open_unknown)
			gs_str_adds(out, "; what was open for writing is not known");
		else if (change->to == GS_ACCESS_RO)
			gs_str_addf(out, "; %zu file%s open for writing", how->open,
				    how->open == 1 ? " was" : "s were");
		gs_str_addc(out, '\n');
	}
	/* After a run that broke off: the file had the change already, the active exports not. */
	if (!exports->n_switched)
		gs_str_addf(out, "active after %u.%02u s, no restart\n", how->active_ms / 1000,
			    how->active_ms % 1000 / 10);
}

/* "3 s ago (gpu-1, NFS 4.2)" of the one seen last, and how many more there are. */
static void add_seen(const struct gs_leader_status *status, const struct gs_follower_status *f,
		     struct gs_str *out)
{
	const struct gs_nfs_client *client = gs_status_best(status, f);

	if (!status->facts.clients_known || (!client && status->facts.clients_unread)) {
		gs_str_addc(out, '?');
		return;
	}
	if (!client) {
		gs_str_adds(out, gs_status_is_hidden(status, f) ? "connected, no NFSv4 client"
								: "not connected");
		return;
	}
	if (client->has_renewed)
		gs_str_addf(out, "%llu s ago", (unsigned long long)client->renewed_s);
	else
		gs_str_adds(out, "connected");
	gs_str_adds(out, " (");
	gs_str_add_safe(out, gs_span_of(client->host	    ? client->host
					: client->is_libnfs ? "a libnfs program"
							    : client->addr));
	gs_str_addf(out, ", NFS 4.%u)", client->minor);
	if (f->n > 1)
		gs_str_addf(out, " and %zu more", f->n - 1);
}

static const char *access_or_none(bool has, enum gs_access access)
{
	return has ? gs_access_name(access) : "-";
}

/* Without a firewall there is no such column. */
static bool has_firewall(const struct gs_leader_status *status)
{
	const struct gs_firewall *firewall = &status->facts.firewall;

	return firewall->kind && firewall->charge == GS_CHARGE_NOW;
}

static void add_writing(const struct gs_leader_status *status, const struct gs_follower_status *f,
			struct gs_str *out)
{
	size_t writing = 0;
	bool known = gs_status_writing(status, f, &writing);

	if (!known || (!writing && gs_status_is_hidden(status, f)))
		gs_str_addc(out, '?');
	else if (writing)
		gs_str_addf(out, "%zu file%s", writing, writing > 1 ? "s" : "");
	else
		gs_str_addc(out, '-');
}

static void add_follower(const struct gs_leader_status *status, const struct gs_follower_status *f,
			 int width, struct gs_str *out)
{
	gs_autostr struct gs_str host = { 0 }, seen = { 0 }, writing = { 0 };

	gs_str_add_safe(&host, gs_span_of(f->host.text));
	add_seen(status, f, &seen);
	add_writing(status, f, &writing);
	gs_str_addf(out, "  %-*s  %-10s  %-6s  %-30s  ", width, host.ptr,
		    access_or_none(f->configured, f->configured_access),
		    access_or_none(f->active, f->active_access), seen.ptr);
	if (has_firewall(status))
		gs_str_addf(out, "%-14s  %s\n", writing.ptr, gs_gate_name(f->gate));
	else
		gs_str_addf(out, "%s\n", writing.ptr);
}

void gs_report_status(const struct gs_leader_status *status, struct gs_str *out)
{
	for (size_t i = 0; i < status->n; i++) {
		const struct gs_share_status *share = &status->share[i];
		size_t width = strlen("follower");

		gs_str_adds(out, "share ");
		gs_str_add_safe(out, gs_span_of(share->path));
		gs_str_addf(out, "   %s\n", share->healthy ? "healthy" : "not healthy");
		for (size_t k = 0; k < share->n; k++)
			if (strlen(share->follower[k].host.text) > width)
				width = strlen(share->follower[k].host.text);
		if (share->n)
			gs_str_addf(out, "  %-*s  configured  active  %-30s  open for write%s\n",
				    (int)width, "follower", "last seen",
				    has_firewall(status) ? "  firewall" : "");
		for (size_t k = 0; k < share->n; k++)
			add_follower(status, &share->follower[k], (int)width, out);
	}
	gs_report_findings(&status->findings, GS_NOTE, out);
}
