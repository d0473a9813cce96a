/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/offer.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "base/types.h"
#include "core/exports/exports.h"
#include "core/exports/word.h"
#include "core/follower/request.h"
#include "core/share/path.h"

/* Directories for data: FHS 3.0, 3.11, 3.12, 3.17, and /data by custom. No program is in them. */
static const char *const data_dirs[] = { "/mnt/", "/srv/", "/data/", "/media/" };

#define DATA_DIRS "/mnt, /srv, /data and /media"

static bool is_below_data(const char *path)
{
	for (size_t i = 0; i < GS_COUNT(data_dirs); i++) {
		size_t n = strlen(data_dirs[i]);

		if (!strncmp(path, data_dirs[i], n) && path[n])
			return true;
	}
	return false;
}

/* ".", ".." and hidden names: programs read ~/.config, .ssh and .local. */
static bool has_dot(const char *path)
{
	return strstr(path, "/.") != NULL;
}

static int refuse(const char *path, const char *why, struct gs_err *err)
{
	gs_autostr struct gs_str safe = { 0 };

	gs_str_add_safe(&safe, gs_span_of(path));
	gs_err_set(err, EINVAL, "the server's '%.300s' is not used as TARGET by default: %s",
		   safe.ptr, why);
	return gs_err_cause(err, "TARGET_UNNAMED");
}

int gs_offer_check(const char *path, struct gs_err *err)
{
	gs_autofree char *clean = NULL;
	struct gs_err odd = { 0 };

	if (path[0] != '/' || has_dot(path))
		return refuse(path, "one of its directories begins with a dot", err);
	clean = gs_exports_clean_path(path);
	if (!is_below_data(clean))
		return refuse(path, "only a path below " DATA_DIRS " is", err);
	if (gs_leader_check_new_path(clean, &odd) < 0)
		return refuse(path,
			      "it is too long, or has characters other than letters, digits and "
			      "_./:@%+,=-",
			      err);
	return 0;
}

void gs_offer_places(const char *path, struct gs_strs *ret)
{
	static const char *const usual[] = { GS_DEFAULT_PATH, "/mnt/shared", "/srv/shared",
					     "/mnt/data/gshare", "/srv/gshare" };
	const char *last = strrchr(path, '/');
	gs_autofree char *named = gs_printf("/mnt%s", last ? last : "/");
	struct gs_err odd = { 0 };

	gs_strs_add(ret, usual[0]);
	if (gs_offer_check(named, &odd) == 0)
		gs_strs_add(ret, named);
	for (size_t i = 1; i < GS_COUNT(usual); i++)
		gs_strs_add(ret, usual[i]);
}

void gs_offer_command(const struct gs_follower_req *req, const char *target, const char *export_,
		      struct gs_str *out)
{
	gs_autofree char *port = req->port && req->port != GS_NFS_PORT ? gs_printf("%u", req->port)
								       : NULL;
	bool may_be_users = req->allow_user_path && target && target == req->target;

	gs_command(out, "sudo", "gshare", "follower", "mount", req->leader, target,
		   port ? "--port" : NULL, port, export_ ? "--export" : NULL, export_,
		   req->id ? "--id" : NULL, req->id, may_be_users ? "--allow-user-path" : NULL,
		   req->ro ? "--ro" : NULL, req->profile ? "--profile" : NULL,
		   req->profile ? req->profile->name : NULL, req->options ? "--options" : NULL,
		   req->options, req->no_persist ? "--no-persist" : NULL,
		   req->unverified ? "--unverified" : NULL, req->root ? "--root" : NULL, req->root);
}

int gs_offer_fix(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		 struct gs_err *err)
{
	gs_autostr struct gs_str command = { 0 };

	if (!facts->free_place)
		return gs_err_advise(err, "specify an empty directory of root as TARGET");
	gs_offer_command(req, facts->free_place, req->export_, &command);
	return gs_err_fix_text(err, &command);
}
