/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "base/str.h"
#include "sys/proc/proc.h"

static int64_t now_ns(struct gs_sys *sys)
{
	(void)sys;
	return gs_now_ns();
}

static void date(struct gs_sys *sys, char ret[static GS_TIME_BYTES])
{
	time_t now = time(NULL);
	struct tm utc;

	(void)sys;
	if (!gmtime_r(&now, &utc) || !strftime(ret, GS_TIME_BYTES, "%FT%TZ", &utc))
		snprintf(ret, GS_TIME_BYTES, "1970-01-01T00:00:00Z");
}

static uint64_t wall_ms(struct gs_sys *sys)
{
	struct timespec now = { 0 };

	(void)sys;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec < 0 ? 0 : (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void rest_for(struct gs_sys *sys, unsigned ms)
{
	struct timespec rest = { ms / 1000, (long)(ms % 1000) * 1000000 };

	(void)sys;
	while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
		;
}

static const int ends[] = { SIGINT, SIGTERM, SIGHUP };

static void hold_signals(struct gs_sys *sys)
{
	sigset_t set;

	(void)sys;
	sigemptyset(&set);
	for (size_t i = 0; i < GS_COUNT(ends); i++)
		sigaddset(&set, ends[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* A signal that is ignored, as SIGHUP under nohup(1), does not become pending. */
static int interrupted(struct gs_sys *sys)
{
	sigset_t set;

	(void)sys;
	if (sigpending(&set) < 0)
		return 0;
	for (size_t i = 0; i < GS_COUNT(ends); i++)
		if (sigismember(&set, ends[i]) == 1)
			return ends[i];
	return 0;
}

const struct gs_clock_ops gs_clock_host = {
	.now_ns = now_ns,
	.date = date,
	.wall_ms = wall_ms,
	.pause = rest_for,
	.hold_signals = hold_signals,
	.interrupted = interrupted,
};
