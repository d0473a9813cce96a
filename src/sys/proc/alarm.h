/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <signal.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Bounds for changes below a share. A follower that has read a file may hold a delegation of it:
 * whoever changes, renames or removes the inode then waits in the kernel until the follower gives
 * it back or, where that has died, until nfsd takes it after a lease, 90 s (RFC 8881, 10.2). A
 * signal ends that wait with EINTR, and nothing has changed: fs/locks.c, __break_lease().
 */

/** struct gs_alarm - what was active before; all-zero: no alarm */
struct gs_alarm {
	int64_t deadline_ns;
	struct sigaction action;
	sigset_t mask;
};

/**
 * gs_alarm_begin - from the deadline on every wait of this process ends with EINTR
 * @deadline_ns: CLOCK_MONOTONIC; 0: never. One at a time.
 */
void gs_alarm_begin(struct gs_alarm *alarm, int64_t deadline_ns);

/** gs_alarm_end - as before; hands result through, but -EINTR after the deadline is -ETIMEDOUT */
int gs_alarm_end(struct gs_alarm *alarm, int result);

/** gs_alarm_held - the error of such an end: -ETIMEDOUT, cause CLIENT_DELEGATION, names the path */
int gs_alarm_held(const char *path, struct gs_err *err);

/** gs_alarm_why - the same as a clause */
const char *gs_alarm_why(void);
