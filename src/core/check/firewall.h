/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"
#include "core/firewall/firewall.h"

/**
 * struct gs_firewall_fact - does this node's firewall let a follower reach the NFS server?
 * @knock, @verdict: NULL where the rules could not be read
 * @path:   of the share
 */
struct gs_firewall_fact {
	const struct gs_firewall *firewall;
	const struct gs_knock *knock;
	const struct gs_verdict *verdict;
	const char *path;
};
