/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/** gs_prove - the PROVE step */
int gs_prove(struct gs_sys *sys, const struct gs_proof *proof, struct gs_done *done,
	     struct gs_err *err);
