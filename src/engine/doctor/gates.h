/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/peer/node.h"
#include "sys/sys.h"

/* What this node's firewall does with the followers of its nfsd: facts for a report. */

/** gs_look_gates - with each of these addresses; none where no nfsd runs, or no rule can be read */
void gs_look_gates(struct gs_sys *sys, const struct gs_strs *addrs, struct gs_node *node);

/** gs_look_client_gates - with each address that it exports something to */
void gs_look_client_gates(struct gs_sys *sys, struct gs_node *node);

/** gs_look_peer_gates - with the addresses of the other node; a phase of its own */
void gs_look_peer_gates(struct gs_sys *sys, const struct gs_node *peer, struct gs_node *here);
