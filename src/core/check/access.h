/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/verify/access_report.h"

/**
 * gs_survey_judge - findings about what is less than the access in force promises
 * A share that is read-only promises reading; otherwise creating, reading, changing and deleting.
 */
void gs_survey_judge(struct gs_survey *survey);
