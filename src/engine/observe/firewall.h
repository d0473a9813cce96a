/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/docs.h"
#include "core/firewall/firewall.h"
#include "core/share/names.h"
#include "sys/sys.h"

/**
 * gs_observe_firewall - which firewall is in charge, and its rules
 * @beside: what its programs take is beside the command's time, where that may be extended
 * What cannot be read is said in ret->unread: that is no error here. Offline only files are read.
 */
void gs_observe_firewall(struct gs_sys *sys, bool beside, struct gs_firewall *ret);

/**
 * gs_firewall_deadline - until when one program of a firewall may run
 * @begin_ns: when it begins; gs_firewall_took() then moves the command's end by what it took
 */
int64_t gs_firewall_deadline(const struct gs_sys *sys, bool beside);
void gs_firewall_took(struct gs_sys *sys, int64_t begin_ns);

/** gs_observe_way - the interface by which a client's packets come; @addr may be a network */
void gs_observe_way(struct gs_sys *sys, const char *addr, struct gs_names *ways);

/** gs_observe_ways - the same for every client in the files */
void gs_observe_ways(struct gs_sys *sys, const struct gs_docs *docs, struct gs_names *ways);
