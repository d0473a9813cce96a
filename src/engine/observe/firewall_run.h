/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/sys.h"

/**
 * gs_firewall_deadline - until when one program of a firewall may run
 * @begin_ns: when it begins; gs_firewall_took() then moves the command's end by what it took
 */
int64_t gs_firewall_deadline(const struct gs_sys *sys, bool beside);
void gs_firewall_took(struct gs_sys *sys, int64_t begin_ns);

/**
 * gs_firewall_run - run a program of a firewall to its end
 * @beside: what it takes is beside the command's time
 */
int gs_firewall_run(struct gs_sys *sys, bool beside, const char *const *argv, struct gs_str *ret,
		    struct gs_err *err);
