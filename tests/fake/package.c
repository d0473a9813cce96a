/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <errno.h>
#include <string.h>

/* A manager that plays a script: what each run of it prints, and how it ends. */

static bool is_manager(const char *path)
{
	return !strcmp(path, "/usr/bin/apt-get") || !strcmp(path, "/var/lib/dpkg/status");
}

static bool has(struct gs_sys *sys, const char *path)
{
	return is_manager(path) || !fake_of(sys)->lacks_programs;
}

static int run(struct gs_sys *sys, const struct gs_package_run *what, struct gs_package_end *ret,
	       struct gs_err *err)
{
	struct fake *fake = fake_of(sys);
	const struct fake_tool *tool = fake->tools ? fake->tools++ : NULL;
	const char *const *last = what->argv;

	if (fake_change(sys, "package", err) < 0)
		return err->code;
	while (last[1])
		last++;
	gs_str_addf(&fake->told, "run %s\n", *last);
	if (!tool || !tool->says)
		return gs_err_set(err, ENOENT, "the script is over");
	if (what->said)
		what->said(what->arg, gs_span_of(tool->says));
	gs_str_adds(&ret->output, tool->says);
	if (tool->hangs)
		fake->now_ns = what->deadline_ns;
	ret->timed_out = tool->hangs;
	ret->done = tool->ends;
	if (tool->brings)
		fake->lacks_programs = false;
	return 0;
}

static unsigned long holder(struct gs_sys *sys, const char *path, char ret_name[GS_HOLDER_BYTES])
{
	const struct fake *fake = fake_of(sys);

	if (fake->now_ns >= fake->held_until_ns || strcmp(path, "/var/lib/dpkg/lock") != 0)
		return 0;
	strncpy(ret_name, "upd\033ater", GS_HOLDER_BYTES - 1);
	return 812;
}

const struct gs_package_ops fake_package = {
	.has = has,
	.run = run,
	.holder = holder,
};
