/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <string.h>

static void tell_date(struct gs_sys *sys, char ret[static GS_TIME_BYTES])
{
	(void)sys;
	memcpy(ret, "2026-11-22T19:06:14Z", sizeof "2026-11-22T19:06:14Z");
}

static int64_t now_ns(struct gs_sys *sys)
{
	return fake_of(sys)->now_ns;
}

static uint64_t wall_ms(struct gs_sys *sys)
{
	(void)sys;
	return UINT64_C(1795374374000);
}

static void pass_time(struct gs_sys *sys, unsigned ms)
{
	fake_of(sys)->now_ns += ms * INT64_C(1000000);
}

static void hold_signals(struct gs_sys *sys)
{
	(void)sys;
}

static int interrupted(struct gs_sys *sys)
{
	struct fake *fake = fake_of(sys);

	return fake->interrupt_at && ++fake->interrupt_looks >= fake->interrupt_at ? 15 : 0;
}

const struct gs_clock_ops fake_clock = {
	.now_ns = now_ns,
	.date = tell_date,
	.wall_ms = wall_ms,
	.pause = pass_time,
	.hold_signals = hold_signals,
	.interrupted = interrupted,
};
