/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <errno.h>
#include <string.h>

/* Units that run are a list; one that a condition skipped is in another. */

static bool runs(struct gs_sys *sys)
{
	return fake_of(sys)->systemd;
}

static int show(struct gs_sys *sys, const struct gs_strs *units, const char *properties,
		struct gs_str *ret, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);

	(void)properties;
	if (fake_step(sys, "show", err) < 0)
		return err->code;
	for (size_t i = 0; i < units->n; i++)
		gs_str_addf(ret,
			    "%sId=%s\nActiveState=%s\nConditionResult=%s\n"
			    "ConditionTimestampMonotonic=%s\n",
			    i ? "\n" : "", units->v[i],
			    gs_strs_has(&fake->active, units->v[i]) ? "active" : "inactive",
			    gs_strs_has(&fake->skipped, units->v[i]) ? "no" : "yes",
			    gs_strs_has(&fake->skipped, units->v[i]) ? "12" : "0");
	return 0;
}

static int earlier(struct gs_sys *sys, const struct gs_strs *units, struct gs_strs *ret,
		   struct gs_err *err)
{
	(void)units;
	gs_strs_add(ret, "network.service");
	return fake_step(sys, "earlier", err);
}

static int start(struct gs_sys *sys, const char *unit, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);

	if (fake_change(sys, "start_unit", err) < 0)
		return err->code;
	if (!gs_strs_has(&fake->active, unit))
		gs_strs_add(&fake->active, unit);
	return 0;
}

static int stop(struct gs_sys *sys, const char *unit, const char *other, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);
	GS_AUTO(gs_strs_done) struct gs_strs old = fake->active;

	(void)other;
	if (fake_change(sys, "stop_unit", err) < 0) {
		old = (struct gs_strs){ 0 };
		return err->code;
	}
	fake->active = (struct gs_strs){ 0 };
	for (size_t i = 0; i < old.n; i++)
		if (strcmp(old.v[i], unit) != 0)
			gs_strs_add(&fake->active, old.v[i]);
	return 0;
}

static int start_later(struct gs_sys *sys, const struct gs_strs *units, struct gs_err *err)
{
	for (size_t i = 0; i < units->n; i++)
		if (start(sys, units->v[i], err) < 0)
			return err->code;
	return 0;
}

const struct gs_service_ops fake_service = {
	.runs = runs,
	.show = show,
	.earlier = earlier,
	.start = start,
	.stop = stop,
	.start_later = start_later,
};
