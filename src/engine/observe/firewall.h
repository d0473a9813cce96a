/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/docs.h"
#include "core/firewall/firewall.h"
#include "core/share/names.h"
#include "engine/observe/firewall_run.h"
#include "sys/sys.h"

/**
 * gs_observe_firewall - which firewall is in charge, and its rules
 * @beside: what its programs take is beside the command's time, where that may be extended
 * What cannot be read is said in ret->unread: that is no error here. Offline only files are read.
 */
void gs_observe_firewall(struct gs_sys *sys, bool beside, struct gs_firewall *ret);

/** gs_observe_kind - the same of one firewall, whether it is in charge or not */
void gs_observe_kind(struct gs_sys *sys, bool beside, const struct gs_firewall_kind *kind,
		     struct gs_firewall *ret);

/**
 * gs_observe_way - the interface by which a client's packets come, then this host's address there
 * @addr: may be a network
 */
void gs_observe_way(struct gs_sys *sys, const char *addr, struct gs_names *ways);

/** gs_observe_ways - the same for every client in the files */
void gs_observe_ways(struct gs_sys *sys, const struct gs_docs *docs, struct gs_names *ways);
