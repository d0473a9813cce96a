/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/output/result.h"

/*
 * "gshare/1": data/gshare.schema.json is the contract, and the tests validate against it. These
 * functions write the members that every object has, with those of its kind in between.
 */

/** gs_object_result, gs_object_error - the object as text; the caller frees it with free() */
char *gs_object_result(const struct gs_call *call, const struct gs_result *result);
char *gs_object_error(const struct gs_call *call, const struct gs_err *err, int status);
