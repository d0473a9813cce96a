/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/nfsd_clients.h"

/** struct gs_peer_fact - an address that is connected to nfsd, and may use the share */
struct gs_peer_fact {
	const char *addr;
	bool is_hidden;			  /* it has no confirmed client */
	const struct gs_nfs_client *twin; /* another node's, of the same name; NULL: none */
};
