/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/firewall_run.h"

enum { PROGRAM_MS = 15000 /* firewall-cmd and ufw are Python: a second, on a slow machine five */ };

static bool may_extend(const struct gs_sys *sys)
{
	return sys->who && sys->who->extend_ms;
}

static int64_t deadline(struct gs_sys *sys, bool beside)
{
	int64_t end_ns = sys->ops->clock->now_ns(sys) + PROGRAM_MS * INT64_C(1000000);

	return (beside && may_extend(sys)) || end_ns < sys->deadline_ns ? end_ns : sys->deadline_ns;
}

static void took(struct gs_sys *sys, int64_t begin_ns)
{
	int64_t took_ns = sys->ops->clock->now_ns(sys) - begin_ns;

	if (!may_extend(sys))
		return;
	sys->end_ns += took_ns;
	sys->deadline_ns += took_ns;
}

int gs_firewall_run(struct gs_sys *sys, bool beside, const char *const *argv, struct gs_str *ret,
		    struct gs_err *err)
{
	const struct gs_firewall_run what = { argv, deadline(sys, beside) };
	int64_t begin_ns = sys->ops->clock->now_ns(sys);
	int r = sys->ops->firewall->run(sys, &what, ret, err);

	if (beside)
		took(sys, begin_ns);
	return r;
}
