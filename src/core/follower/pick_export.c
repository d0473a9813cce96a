/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/pick_export.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/follower/export_list.h"
#include "core/follower/mounted.h"
#include "core/follower/offer.h"

static int pick_asked(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		      const struct gs_export_seen **ret, struct gs_err *err)
{
	for (size_t i = 0; i < facts->exports.n; i++) {
		if (!strcmp(facts->exports.v[i].path, req->export_)) {
			*ret = &facts->exports.v[i];
			return 0;
		}
	}
	gs_err_set(err, ENOENT, "%s does not export '%s' to this node", req->leader, req->export_);
	gs_err_cause(err, "EXPORT_ABSENT");
	if (facts->own_addr)
		gs_err_fix_on(err, req->leader, "sudo", "gshare", "leader", "add", facts->own_addr,
			      "--path", req->export_);
	else
		gs_err_fix_on(err, req->leader, "sudo", "exportfs", "-v");
	return gs_grants_tell(req, facts, err);
}

/*
 * A directory of the pseudo-file system above a hidden export looks like a read-only export:
 * mounted, it would be empty, and its verification would pass, since every write is refused.
 */
static int refuse_unclear(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			  const struct gs_export_seen *seen, struct gs_err *err)
{
	gs_autostr struct gs_str safe = { 0 }, command = { 0 };

	gs_str_add_safe(&safe, gs_span_of(seen->path));
	gs_err_set(
		err, EINVAL,
		"%s shows only '%.300s', with no .gshare-id and no write access: it may be an "
		"export that its users may not enter, or no export but a directory on the way to "
		"one that is missing on the leader",
		req->leader, safe.ptr);
	gs_err_cause(err, "EXPORT_UNCLEAR");
	gs_command_on(&command, req->leader);
	gs_command(&command, "sudo", "gshare", "leader", "status");
	gs_str_adds(&command, "; if it was exported by hand: ");
	gs_command_on(&command, req->leader);
	gs_command(&command, "sudo", "gshare", "leader", "status", "--path", seen->path);
	gs_str_adds(&command, "; to mount it anyway: ");
	gs_offer_command(req, req->target ? req->target : facts->free_place, seen->path, &command);
	return gs_err_fix_text(err, &command);
}

/* For an example: before one that may only lead to an export. */
static const char *likely_export(const struct gs_exports_seen *seen)
{
	for (size_t i = 0; i < seen->n; i++)
		if (!seen->v[i].may_lead)
			return seen->v[i].path;
	return seen->v[0].path;
}

/* A command that mounts again what is configured needs no --export; another one is asked for. */
static const struct gs_export_seen *of_entry(const struct gs_follower_req *req,
					     const struct gs_follower_facts *facts,
					     const struct gs_fstab *fstab)
{
	const struct gs_fstab_entry *entry = facts->target ? gs_fstab_find(fstab, facts->target)
							   : NULL;

	for (size_t i = 0; entry && i < facts->exports.n; i++) {
		const struct gs_export_seen *seen = &facts->exports.v[i];
		gs_autofree char *source = gs_mounted_source(req->leader, seen->path);

		if (gs_mounted_by_entry(facts, entry, source, seen->path))
			return seen;
	}
	return NULL;
}

static int pick_only(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		     const struct gs_export_seen **ret, struct gs_err *err)
{
	gs_autostr struct gs_str list = { 0 };

	if (facts->exports.n == 1) {
		*ret = &facts->exports.v[0];
		return (*ret)->may_lead ? refuse_unclear(req, facts, *ret, err) : 0;
	}
	if (!facts->exports.n) {
		gs_err_set(err, ENOENT,
			   "the NFS server at %s responds, but exports nothing to this node%s%s",
			   req->leader, facts->own_addr ? ", which it sees as " : "",
			   facts->own_addr ? facts->own_addr : "");
		gs_err_cause(err, "NOT_EXPORTED");
		if (facts->own_addr)
			gs_err_fix_on(err, req->leader, "sudo", "gshare", "leader", "add",
				      facts->own_addr);
		else
			gs_err_fix_on(err, req->leader, "sudo", "exportfs", "-v");
		return gs_grants_tell(req, facts, err);
	}
	for (size_t i = 0; i < facts->exports.n; i++) {
		gs_str_adds(&list, i ? ", " : "");
		gs_str_add_safe(&list, gs_span_of(facts->exports.v[i].path));
	}
	gs_err_set(err, EINVAL, "%s exports %zu directories to this node: %s", req->leader,
		   facts->exports.n, list.ptr);
	gs_err_cause(err, "EXPORT_AMBIGUOUS");
	gs_str_done(&list);
	gs_str_adds(&list, "specify one, for example: ");
	gs_offer_command(req, req->target, likely_export(&facts->exports), &list);
	return gs_err_fix_text(err, &list);
}

int gs_pick_export(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		   const struct gs_fstab *fstab, const struct gs_export_seen **ret,
		   struct gs_err *err)
{
	if (req->export_)
		return pick_asked(req, facts, ret, err);
	*ret = facts->exports.n > 1 ? of_entry(req, facts, fstab) : NULL;
	return *ret ? 0 : pick_only(req, facts, ret, err);
}
