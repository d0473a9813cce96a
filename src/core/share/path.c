/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/share/path.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "core/exports/word.h"

enum { SHOWN_BYTES = 60 }; /* of a path that is too long to be shown */

/* System directories: exporting one, or a part of it, would export keys and programs. */
static const struct {
	const char *path;
	bool and_below;
} of_system[] = {
	{ "/bin", true },	{ "/boot", true },	  { "/dev", true },
	{ "/etc", true },	{ "/lib", true },	  { "/lib32", true },
	{ "/lib64", true },	{ "/proc", true },	  { "/root", true },
	{ "/run", true },	{ "/sbin", true },	  { "/sys", true },
	{ "/usr", true },	{ "/home", false },	  { "/media", false },
	{ "/mnt", false },	{ "/opt", false },	  { "/srv", false },
	{ "/tmp", false },	{ "/var", false },	  { "/var/lib", false },
	{ "/var/log", true },	{ "/var/lib/nfs", true }, { "/var/lib/gshare", true },
	{ "/var/spool", true }, { "/var/tmp", false },
};

static bool is_or_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	return !strncmp(path, top, n) && (!path[n] || path[n] == '/');
}

static bool goes_up(const char *path)
{
	struct gs_span rest = gs_span_of(path), part = { 0 };

	while (gs_span_cut(&rest, '/', &part))
		if (gs_span_is_text(part, ".."))
			return true;
	return false;
}

int gs_leader_check_path(const char *path, struct gs_err *err)
{
	if (path[0] != '/') {
		gs_err_set(err, GS_E_USAGE, "'%s' is not an absolute path", path);
		return gs_err_advise(err, "use an absolute path");
	}
	if (!strcmp(path, "/")) {
		gs_err_set(err, GS_E_USAGE, "'/' would share the whole file system tree");
		return gs_err_advise(
			err, "specify a directory for the datasets, such as " GS_DEFAULT_PATH);
	}
	if (goes_up(path)) {
		gs_err_set(err, GS_E_USAGE, "'%.300s' contains '..'", path);
		return gs_err_advise(err, "use a path without '..'");
	}
	for (size_t i = 0; i < GS_COUNT(of_system); i++) {
		if (strcmp(path, of_system[i].path) &&
		    !(of_system[i].and_below && is_or_below(path, of_system[i].path)))
			continue;
		gs_err_set(err, EINVAL, "'%s' cannot be shared: it is a system directory", path);
		gs_err_cause(err, "PATH_OF_SYSTEM");
		return gs_err_advise(
			err, "specify a directory for the datasets, such as " GS_DEFAULT_PATH);
	}
	return 0;
}

/* Compose, bash and docker run --env-file read it alike, and exportfs needs no escape for it. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_./:@%+,=-", c));
}

int gs_leader_check_new_path(const char *path, struct gs_err *err)
{
	size_t len = strlen(path);

	if (len > GS_EXPORTS_PATH_MAX) {
		gs_err_set(err, GS_E_USAGE,
			   "'%.*s...' has %zu characters: exportfs reads at most %d", SHOWN_BYTES,
			   path, len, GS_EXPORTS_PATH_MAX);
		gs_err_cause(err, "PATH_LONG");
		return gs_err_advise(err, "specify a shorter path, such as " GS_DEFAULT_PATH);
	}
	for (size_t i = 0; i < len; i++) {
		if (is_plain(path[i]))
			continue;
		gs_err_set(err, GS_E_USAGE,
			   "'%.300s' cannot be written to cluster.env: character %zu is not a "
			   "letter, a digit or one of _./:@%%+,=-",
			   path, i + 1);
		gs_err_cause(err, "PATH_CHARACTER");
		return gs_err_advise(err, "specify another path, such as " GS_DEFAULT_PATH);
	}
	return 0;
}
