/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/units.h"

#include <sys/stat.h>

#include "sys/proc/spawn.h"

#define SYSTEMCTL "/usr/bin/systemctl"

int gs_units_reload(int64_t deadline_ns, struct gs_err *err)
{
	static const char *const argv[] = { SYSTEMCTL, "daemon-reload", NULL };
	const struct gs_spawn_req req = {
		.path = SYSTEMCTL,
		.argv = argv,
		.deadline_ns = deadline_ns,
	};
	struct gs_spawn_result result = { 0 };
	struct stat st;
	int r;

	if (stat("/run/systemd/system", &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	r = gs_spawn(&req, &result, err);
	if (r == 0)
		r = gs_spawn_check(&req, &result, err);
	gs_spawn_result_done(&result);
	return r;
}
