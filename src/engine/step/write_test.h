/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/** gs_verify_share - the VERIFY step */
int gs_verify_share(struct gs_sys *sys, const struct gs_verification *verification,
		    struct gs_done *done, struct gs_err *err);
