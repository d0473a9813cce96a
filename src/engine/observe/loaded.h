/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/firewall/ruleset.h"
#include "sys/sys.h"

/**
 * gs_observe_loaded - the netfilter rules that the kernel has, of nftables and of iptables
 * @beside: as gs_observe_firewall()
 * Returns whether all could be read; else nothing may be concluded from them.
 */
bool gs_observe_loaded(struct gs_sys *sys, bool beside, struct gs_ruleset *ret);
