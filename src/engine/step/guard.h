/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/sys.h"

/** gs_set_read_ahead - of the mount at target; -ENOENT where nothing is mounted there */
int gs_set_read_ahead(struct gs_sys *sys, const char *target, unsigned kib, struct gs_err *err);
