/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/peer/node.h"
#include "sys/sys.h"

/**
 * gs_look_node - what this node says of itself to another one: its report
 * No server is asked for anything. Errors: -GS_E_PRIVILEGE where nfsd has clients that only root
 * can see; and what the machine refuses.
 * @ret: free with gs_node_done()
 */
int gs_look_node(struct gs_sys *sys, struct gs_node *ret, struct gs_err *err);

/** gs_look_links - add its addresses alone */
int gs_look_links(struct gs_sys *sys, struct gs_node *node, struct gs_err *err);

/** gs_look_accounts - add the accounts here that have the name or the UID of owners there */
void gs_look_accounts(struct gs_sys *sys, const struct gs_node *peer, struct gs_node *here);
