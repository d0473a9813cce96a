/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Processes by their name in /proc/PID/comm, which a process chooses itself. */

/** gs_is_called - has this process that name? */
bool gs_is_called(uint64_t pid, const char *comm);

/**
 * gs_count_running - root's processes and kernel threads of a name: any user may choose that name
 * @enough: stop after so many; @ret_pid: the last one found, untouched where there is none
 */
unsigned gs_count_running(const char *comm, unsigned enough, uint64_t *ret_pid);

/** gs_may_run - does root run a process of that name, as far as all of them can be looked at? */
bool gs_may_run(const char *comm);
