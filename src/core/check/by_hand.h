/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/by_hand_row.h"

/** gs_by_hands - every table; NULL at the end */
extern const struct gs_by_hand *const gs_by_hands[];

/** gs_by_hand_find - of an id of the program, which always has one; NULL: no such id */
const struct gs_by_hand *gs_by_hand_find(const char *id);
