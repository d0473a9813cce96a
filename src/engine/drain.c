/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "core/clients.h"
#include "core/plan.h"
#include "engine/apply.h"

/*
 * Before a follower loses write access: data that it has not synced yet would be lost, so wait for
 * a moment in which it has no file open for writing. Between that look and the switch a file can
 * still be opened; the look right after it says so.
 */

enum {
	LOOK_EVERY_MS = 10,
	RESERVE_MS = 2000, /* of the command's deadline, for what comes after the drain */
	NAMED_MAX = 4,	   /* files that a message names */
};

static bool is_of_any(const struct gs_nfs_client *client, const struct gs_strs *hosts)
{
	for (size_t i = 0; i < hosts->n; i++) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

		gs_hostspec_read(gs_span_of(hosts->v[i]), &host);
		/* Whom a wildcard or a netgroup means cannot be told from an address. */
		if (host.kind == GS_HOST_WILDCARD || host.kind == GS_HOST_NETGROUP ||
		    gs_nfs_client_is_of(client, &host))
			return true;
	}
	return false;
}

static bool is_concerned(const struct gs_nfs_client *client, const struct gs_drain *drain)
{
	if (!client->confirmed || !client->addr)
		return false;
	if (gs_strs_has(&drain->hosts, client->addr))
		return true;
	return !gs_strs_has(&drain->spared, client->addr) && is_of_any(client, &drain->hosts);
}

static void add_open(const struct gs_nfs_client *client, struct gs_strs *ret)
{
	for (size_t i = 0; i < client->writing.n; i++) {
		gs_autofree char *label =
			client->host ? gs_printf("'%s' on %s (%s)", client->writing.v[i],
						 client->host, client->addr)
				     : gs_printf("'%s' on %s", client->writing.v[i], client->addr);

		gs_strs_add(ret, label);
	}
}

/* @ret: every file that those who lose write access have open for writing now */
static int look(struct gs_sys *sys, const struct gs_drain *drain, struct gs_strs *ret,
		struct gs_err *err)
{
	GS_AUTO(gs_client_texts_done) struct gs_client_texts texts = { 0 };
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { 0 };
	int r = sys->ops->clients(sys, &texts, err);

	if (r < 0)
		return r;
	gs_nfs_clients_parse(&texts, &clients);
	for (size_t i = 0; i < clients.n; i++)
		if (is_concerned(&clients.v[i], drain))
			add_open(&clients.v[i], ret);
	return 0;
}

static void name_files(const struct gs_strs *open, struct gs_str *out)
{
	for (size_t i = 0; i < open->n && i < NAMED_MAX; i++) {
		gs_str_adds(out, i ? ", " : "");
		gs_str_add_safe(out, gs_span_of(open->v[i]));
	}
	if (open->n > NAMED_MAX)
		gs_str_addf(out, " and %zu more", open->n - NAMED_MAX);
}

static int refuse(const struct gs_drain *drain, const struct gs_strs *open, unsigned waited_ms,
		  struct gs_err *err)
{
	gs_autostr struct gs_str names = { 0 };

	name_files(open, &names);
	gs_err_set(err, EBUSY, "after %u.%u s %zu file%s still open for writing: %s",
		   waited_ms / 1000, waited_ms % 1000 / 100, open->n, open->n > 1 ? "s are" : " is",
		   names.ptr);
	gs_err_cause(err, "FILES_OPEN");
	return gs_err_mend(err, "%s", drain->mend);
}

static void tell(struct gs_done *done, const char *id, const char *what, const struct gs_strs *open)
{
	gs_autostr struct gs_str names = { 0 };

	name_files(open, &names);
	gs_findings_add(&done->findings, GS_WARN, id,
			"look at these files: what was not synced is lost", "%zu file%s %s: %s",
			open->n, open->n > 1 ? "s were" : " was", what, names.ptr);
}

int gs_drain(struct gs_sys *sys, const struct gs_drain *drain, struct gs_done *done,
	     struct gs_err *err)
{
	int64_t begin = sys->ops->now_ns(sys), end = begin + drain->seconds * INT64_C(1000000000);
	int64_t last = sys->deadline_ns - RESERVE_MS * INT64_C(1000000);

	for (;;) {
		int r;

		gs_strs_done(&done->open);
		r = look(sys, drain, &done->open, err);
		done->drained_ms = (unsigned)((sys->ops->now_ns(sys) - begin) / 1000000);
		if (r < 0)
			return gs_err_prefix(err, "cannot see what is open for writing");
		if (!done->open.n)
			return 0;
		if (sys->ops->now_ns(sys) >= (end < last ? end : last))
			break;
		sys->ops->pause(sys, LOOK_EVERY_MS);
	}
	if (!drain->force)
		return refuse(drain, &done->open, done->drained_ms, err);
	tell(done, "SWITCH_FORCED", "open for writing when write access ended", &done->open);
	return 0;
}

void gs_drain_again(struct gs_sys *sys, const struct gs_drain *drain, struct gs_done *done)
{
	GS_AUTO(gs_strs_done) struct gs_strs open = { 0 }, raced = { 0 };
	struct gs_err unseen = { 0 };

	if (!drain->hosts.n)
		return;
	if (look(sys, drain, &open, &unseen) < 0) {
		gs_findings_add(&done->findings, GS_WARN, "SWITCH_UNSEEN", NULL,
				"what was opened for writing just before the switch is not known: "
				"%s",
				unseen.msg);
		return;
	}
	for (size_t i = 0; i < open.n; i++)
		if (!gs_strs_has(&done->open, open.v[i]))
			gs_strs_add(&raced, open.v[i]);
	if (raced.n)
		tell(done, "SWITCH_RACED",
		     "opened for writing between the last look and the switch", &raced);
}
