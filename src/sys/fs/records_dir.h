/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct gs_sys;

/**
 * gs_records_dir - open the directory, which must be root's alone; @make: create it where absent
 */
int gs_records_dir(struct gs_sys *sys, bool make, struct gs_err *err);

/** gs_records_fix - add what helps where the journal could not be written; returns err->code */
int gs_records_fix(struct gs_err *err);
