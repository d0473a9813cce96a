/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/row.h"

/** Every table, NULL at the end. */
extern const struct gs_check *const gs_checks[];
