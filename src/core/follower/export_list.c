/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/export_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/check/target.h"
#include "core/exports/host.h"
#include "core/follower/offer.h"
#include "core/follower/request.h"

enum { NAMED = 8 }; /* hosts that a message names; the others are counted */

static void collect(const struct gs_follower_req *req, const struct gs_grants *grants,
		    struct gs_strs *ret)
{
	for (size_t i = 0; i < grants->n; i++) {
		const struct gs_grant *grant = &grants->v[i];

		if (req->export_ && strcmp(grant->path, req->export_) != 0)
			continue;
		for (size_t c = 0; c < grant->clients.n; c++)
			if (!gs_strs_has(ret, grant->clients.v[c]))
				gs_strs_add(ret, grant->clients.v[c]);
	}
}

/* mountd may list a name that exportfs resolved; a name matches no address here. */
static bool is_for(const char *client, const char *addr)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec theirs = { 0 };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec own = { 0 };

	gs_hostspec_read(gs_span_of(client), &theirs);
	gs_hostspec_read(gs_span_of(addr), &own);
	return gs_hostspec_covers(&theirs, &own);
}

static const char *find_for(const struct gs_strs *clients, const char *addr)
{
	for (size_t i = 0; addr && i < clients->n; i++)
		if (is_for(clients->v[i], addr))
			return clients->v[i];
	return NULL;
}

static const char *find_for_any(const struct gs_strs *clients, const struct gs_strs *addrs)
{
	const char *found = NULL;

	for (size_t i = 0; !found && i < addrs->n; i++)
		found = find_for(clients, addrs->v[i]);
	return found;
}

static void add_names(const struct gs_strs *clients, struct gs_str *out)
{
	for (size_t i = 0; i < clients->n && i < NAMED; i++) {
		gs_str_adds(out, i ? ", " : "");
		gs_str_add_safe(out, gs_span_of(clients->v[i]));
	}
	if (clients->n > NAMED)
		gs_str_addf(out, " and %zu more", clients->n - NAMED);
}

static bool is_in(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return n > 1 && !strncmp(path, dir, n) && (!path[n] || path[n] == '/');
}

static void append(struct gs_err *err, const char *text)
{
	gs_autofree char *said = gs_strdup(err->msg);
	gs_autofree char *fix = gs_strdup(err->fix);
	const char *id = err->id;

	gs_err_set(err, err->code, "%s; %s", said, text);
	gs_err_advise(err, "%s", fix);
	gs_err_cause(err, id);
}

static void tell_other_address(const struct gs_follower_facts *facts, const char *client,
			       struct gs_err *err)
{
	gs_autostr struct gs_str text = { 0 };

	gs_str_addf(&text,
		    "this node reaches the leader as %s, but the leader exports the path to ",
		    facts->own_addr);
	gs_str_add_safe(&text, gs_span_of(client));
	gs_str_adds(&text, ", which matches another address of this node");
	append(err, text.ptr);
	gs_err_cause(err, "EXPORT_OTHER_ADDRESS");
}

/* NFSv4 shows what is exported and exists; mountd lists what is exported. */
const char *gs_grants_missing(const struct gs_follower_req *req,
			      const struct gs_follower_facts *facts)
{
	for (size_t i = 0; i < facts->grants.n; i++) {
		const struct gs_grant *grant = &facts->grants.v[i];

		if (req->export_ && strcmp(grant->path, req->export_) != 0)
			continue;
		if (find_for(&grant->clients, facts->own_addr))
			return grant->path;
	}
	return NULL;
}

/* An export with fsid=0 is "/" for NFSv4: what is below it loses its path. exports(5) fsid=. */
const char *gs_grants_below(const struct gs_grants *grants, const char *path)
{
	size_t longest = 0;

	for (size_t i = 0; i < grants->n; i++) {
		const char *dir = grants->v[i].path;

		if (is_in(path, dir) && strcmp(path, dir) != 0 && strlen(dir) > longest)
			longest = strlen(dir);
	}
	return longest ? path + longest : NULL;
}

void gs_missing_fix(const char *path, struct gs_str *out)
{
	gs_command(out, "sudo", "gshare", "leader", "status", "--path", path);
}

/* With the TARGET that it would have had. */
static void add_renamed(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			const char *path, struct gs_str *out)
{
	const char *target = req->target;
	struct gs_err odd = { 0 };

	if (!target)
		target = gs_offer_check(path, &odd) == 0 ? path : facts->free_place;
	gs_str_adds(out, "; or mount what NFSv4 shows in its place: ");
	gs_offer_command(req, target, facts->renamed, out);
}

static int tell_missing(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			struct gs_err *err)
{
	const char *path = facts->missing ? facts->missing : gs_grants_missing(req, facts);
	gs_autostr struct gs_str safe = { 0 }, command = { 0 };

	gs_str_add_safe(&safe, gs_span_of(path));
	if (req->export_ && strcmp(req->export_, path) != 0) {
		gs_err_set(err, ENOENT,
			   "'%.300s' is no export of %s, only a directory on the way to '%.300s'",
			   req->export_, req->leader, safe.ptr);
		gs_err_cause(err, "EXPORT_ABSENT");
		gs_offer_command(req, req->target, path, &command);
		return gs_err_fix_text(err, &command);
	}
	gs_err_set(err, ENOENT, "%s lists '%.300s' for this node, " GS_GRANT_UNSEEN, req->leader,
		   safe.ptr);
	gs_err_cause(err, "PATH_MISSING");
	gs_command_on(&command, req->leader);
	gs_missing_fix(path, &command);
	if (facts->renamed)
		add_renamed(req, facts, path, &command);
	return gs_err_fix_text(err, &command);
}

int gs_grants_tell(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		   struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs clients = { 0 };
	gs_autostr struct gs_str text = { 0 };
	const char *other;

	if (!facts->grants_known)
		return err->code;
	if (facts->missing || gs_grants_missing(req, facts))
		return tell_missing(req, facts, err);
	collect(req, &facts->grants, &clients);
	other = facts->own_addr ? find_for_any(&clients, &facts->own_addrs) : NULL;
	if (other) {
		tell_other_address(facts, other, err);
		return err->code;
	}
	gs_str_adds(&text, clients.n ? "it is exported to: " : "it is not exported to any client");
	add_names(&clients, &text);
	append(err, text.ptr);
	return err->code;
}

/* ---- which directory is the export? --------------------------------------------------------- */

/* The closest export in mountd's list that is or holds path; NULL: none. */
static const char *export_of(const struct gs_grants *grants, const char *path)
{
	const char *closest = NULL;

	for (size_t i = 0; i < grants->n; i++)
		if (is_in(path, grants->v[i].path) &&
		    (!closest || strlen(closest) < strlen(grants->v[i].path)))
			closest = grants->v[i].path;
	return closest;
}

static bool is_before(const struct gs_exports_seen *seen, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(seen->v[i].path, path))
			return true;
	return false;
}

/* An export below path, for this node before any; NULL: path leads to none. */
static const char *export_below(const struct gs_grants *grants, const char *path,
				const char *own_addr)
{
	const char *below = NULL;

	for (size_t i = 0; i < grants->n; i++) {
		if (!is_in(grants->v[i].path, path))
			continue;
		if (find_for(&grants->v[i].clients, own_addr))
			return grants->v[i].path;
		below = below ? below : grants->v[i].path;
	}
	return below;
}

const char *gs_exports_settle(struct gs_exports_seen *seen, const struct gs_grants *grants,
			      const char *own_addr)
{
	const char *missing = NULL;
	size_t n = 0;

	for (size_t i = 0; i < seen->n; i++) {
		struct gs_export_seen one = seen->v[i];
		const char *itself = one.id[0] ? NULL : export_of(grants, one.path);
		const char *below = itself || one.id[0] || !one.may_lead
					    ? NULL
					    : export_below(grants, one.path, own_addr);

		if (below) {
			missing = missing ? missing : below;
			free(one.path);
			continue;
		}

		if (itself) {
			char *path = gs_strdup(itself);

			free(one.path);
			one.path = path;
			one.may_lead = false;
		}
		if (is_before(seen, n, one.path))
			free(one.path);
		else
			seen->v[n++] = one;
	}
	seen->n = n;
	return missing;
}
