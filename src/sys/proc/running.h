/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gs_str;

/*
 * Processes by what /proc/PID has of them: proc(5). Their name, in comm, each chooses itself.
 */

/** gs_call_self - this process and those that it forks get that name: at most 15 bytes of it */
void gs_call_self(const char *comm);

/**
 * gs_proc_text - add the text of a file below the directory at, up to some KiB more than max bytes
 * of it
 * Returns false where it cannot be opened; a process may end meanwhile.
 */
bool gs_proc_text(int at, const char *path, size_t max, struct gs_str *ret);

/** gs_is_called - has this process that name, and has it not ended? */
bool gs_is_called(uint64_t pid, const char *comm);

/** gs_is_stopped - by a signal, or traced; false where its state cannot be read */
bool gs_is_stopped(uint64_t pid);

/**
 * gs_count_running - root's processes and kernel threads of a name: any user may choose that name
 * @enough: stop after so many; @ret_pid: the last one found, untouched where there is none
 */
unsigned gs_count_running(const char *comm, unsigned enough, uint64_t *ret_pid);

/** gs_may_run - does root run a process of that name, as far as all of them can be looked at? */
bool gs_may_run(const char *comm);
