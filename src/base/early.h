/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct gs_early - a process that does not have the share as this node has it; owned
 * @is_old: it has a mount of the share that is no longer this node's; else the bare directory
 */
struct gs_early {
	bool is_old;
	pid_t pid;	    /* the first one of its mount namespace */
	char *name, *place; /* as /proc/PID/comm has it; the directory, as it is named there */
	char *cgroup;	    /* "/system.slice/docker-0123abcd.scope"; "" where not known */
};

struct gs_earlies {
	struct gs_early *v;
	size_t n, room;
};

/** gs_earlies_add - @text: its name, place and cgroup, which are copied */
void gs_earlies_add(struct gs_earlies *list, pid_t pid, bool is_old, const char *const text[3]);
void gs_earlies_done(struct gs_earlies *list);
