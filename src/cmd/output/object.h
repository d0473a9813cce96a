/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/output/result.h"

/*
 * "gshare/1": data/gshare.schema.json is the contract, and the tests validate against it. Here is
 * what every object has, each with the members of its kind in between.
 */

/** gs_object_result, gs_object_error - the object as text; owned by the caller, by free() */
char *gs_object_result(const struct gs_call *call, const struct gs_result *result);
char *gs_object_error(const struct gs_call *call, const struct gs_err *err, int status);
