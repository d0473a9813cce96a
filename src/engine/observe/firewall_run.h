/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/sys.h"

/**
 * gs_firewall_run - run a program of a firewall to its end
 * @beside: what it takes is beside the command's time; at most 15 s
 * @ret:    its output is added; NULL: of no interest
 */
int gs_firewall_run(struct gs_sys *sys, bool beside, const char *const *argv, struct gs_str *ret,
		    struct gs_err *err);
