/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/served.h"
#include "sys/sys.h"

/**
 * gs_observe_served - the directory that is served at a share's path
 * @id_file: the share's .gshare-id; the journal is asked for the id only where that is missing
 * @server:  nfsd's caches are read where it runs
 * The user and the group are looked up by gs_observe_served_owner(). What an ordinary user cannot
 * see is left out.
 */
int gs_observe_served(struct gs_sys *sys, const char *path, const struct gs_file *id_file,
		      const struct gs_server *server, struct gs_served *ret, struct gs_err *err);

/** gs_observe_served_owner - do the user and the group exist that followers are mapped to? */
void gs_observe_served_owner(struct gs_sys *sys, uid_t uid, gid_t gid, struct gs_served *served);
