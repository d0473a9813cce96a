/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/mount.h"
#include "core/verify/access_report.h"

/* The findings of what was looked at as a whole. */

/** gs_health_judge - of a mount; one that is a failure means: not healthy */
void gs_health_judge(struct gs_health *health);

/**
 * gs_access_report_judge - of what users can do: what is less than the access active promises
 * A share that is read-only promises reading; otherwise creating, reading, changing and deleting.
 */
void gs_access_report_judge(struct gs_access_report *report);
