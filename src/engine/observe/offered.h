/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/docs.h"
#include "core/exports/nfsd_offer.h"
#include "core/share/names.h"
#include "sys/sys.h"

/** gs_observe_offer - what the running nfsd offers; not known where only root may look */
void gs_observe_offer(struct gs_sys *sys, const struct gs_server *server,
		      struct gs_nfsd_offer *ret);

/** gs_observe_taker - forget who has port 2049 where nfs.conf(5) has nfsd listen somewhere else */
void gs_observe_taker(struct gs_sys *sys, struct gs_server *server);

/** gs_observe_nfs_conf - the files of nfs.conf(5), in the order in which they are read */
void gs_observe_nfs_conf(struct gs_sys *sys, struct gs_files *conf);

/** gs_observe_face - add this node's address towards another one; none where there is no route */
void gs_observe_face(struct gs_sys *sys, const char *addr, struct gs_names *faces);

/** gs_observe_faces - the same for every client of the files that is one address; at most 256 */
void gs_observe_faces(struct gs_sys *sys, const struct gs_docs *docs, struct gs_names *faces);
