/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/root.h"

#include "sys/proc/proc.h"

int64_t gs_sys_within(const struct gs_sys *sys, unsigned ms)
{
	int64_t end = gs_deadline_in(ms);

	return end < sys->deadline_ns ? end : sys->deadline_ns;
}
