/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/** gs_repair_stay - a failure after rights were given becomes -GS_E_PARTLY: the rights stay */
int gs_repair_stay(const struct gs_done *done, struct gs_err *err);
