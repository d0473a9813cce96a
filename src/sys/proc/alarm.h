/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <signal.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Time limits for changes below a share. A follower that has read a file may hold a delegation of
 * it: a process that changes, renames or removes the inode then waits in the kernel until the
 * follower returns the delegation or, where the follower is dead, until nfsd revokes it after a
 * lease, 90 s (RFC 8881, 10.2). A signal ends that wait with EINTR, and nothing has changed:
 * fs/locks.c, __break_lease().
 */

/** struct gs_alarm - the previous handling of the signal; all-zero: no alarm */
struct gs_alarm {
	int64_t deadline_ns;
	struct sigaction action;
	sigset_t mask;
};

/**
 * gs_alarm_begin - after the deadline, every wait of this process ends with EINTR
 * @deadline_ns: CLOCK_MONOTONIC; 0: never. Alarms do not nest.
 */
void gs_alarm_begin(struct gs_alarm *alarm, int64_t deadline_ns);

/**
 * gs_alarm_end - restore the previous handling
 * Returns result, but -ETIMEDOUT for an -EINTR after the deadline.
 */
int gs_alarm_end(struct gs_alarm *alarm, int result);

/** gs_alarm_held - the error for that: -ETIMEDOUT, cause CLIENT_DELEGATION, with the path */
int gs_alarm_held(const char *path, struct gs_err *err);

/** gs_alarm_why - the text of that error, as a clause */
const char *gs_alarm_why(void);
