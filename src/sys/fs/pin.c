/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/pin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

struct gs_pin *gs_pin_for(const struct gs_sys *sys, const char *target)
{
	return sys->held && !strcmp(sys->held->target, target) ? sys->held : NULL;
}

/* The rest of path below dir, "" for dir itself; NULL where it is not below. */
static const char *below(const char *path, const char *dir)
{
	size_t n = strcmp(dir, "/") ? strlen(dir) : 0;

	if (strncmp(path, dir, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	while (path[n] == '/')
		n++;
	return path + n;
}

const char *gs_pin_rest(const struct gs_sys *sys, const char *path)
{
	const struct gs_pin *held = sys->held;
	const char *rest = NULL;

	if (held && path[0] == '/' && (below(held->target, path) || below(path, held->target)))
		rest = below(path, held->dir);
	return rest && !*rest ? "." : rest;
}

int gs_pin_is_bent(const char *path, struct gs_err *err)
{
	gs_err_set(err, ESTALE,
		   "something was moved or mounted on the path to '%s' during the "
		   "run",
		   path);
	return gs_err_cause(err, "TARGET_MOVED");
}

void gs_pin_done(struct gs_sys *sys)
{
	if (!sys->held)
		return;
	close(sys->held->fd);
	free(sys->held->target);
	free(sys->held->dir);
	free(sys->held);
	sys->held = NULL;
}
