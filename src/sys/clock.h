/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

struct gs_sys;

enum { GS_TIME_BYTES = 24 }; /* "2026-11-22T19:06:14Z" */

/** struct gs_clock_ops - time: CLOCK_MONOTONIC, except for date() and wall_ms(); see sys.h */
struct gs_clock_ops {
	int64_t (*now_ns)(struct gs_sys *);
	void (*date)(struct gs_sys *, char ret[static GS_TIME_BYTES]); /* UTC, ISO 8601 */
	uint64_t (*wall_ms)(struct gs_sys *); /* CLOCK_REALTIME, since 1970 */
	void (*pause)(struct gs_sys *, unsigned ms);
	/**
	 * from now on SIGINT, SIGTERM and SIGHUP only ask for an end, until this process ends;
	 * children of this process take them as ever
	 */
	void (*hold_signals)(struct gs_sys *);
	int (*interrupted)(struct gs_sys *); /* the signal that came since; 0: none */
};

extern const struct gs_clock_ops gs_clock_host;
