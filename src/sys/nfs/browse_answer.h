/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/shareid.h"
#include "base/str.h"

/* The exports of a server, as the child of gs_nfs_find_exports() answers them. */

/** struct gs_nfs_export - one export as the server showed it */
struct gs_nfs_export {
	char *path;		    /* owned; absolute; no control characters */
	char id[GS_SHARE_ID_BYTES]; /* of PATH/.gshare-id, "" where has_id is false */
	bool has_id;
	bool writable;	 /* the server's ACCESS lets root of this host write, or its handles tell
			    that it is an export and not on the way to one */
	bool unreadable; /* exists, but root of this host may not list it */
};

struct gs_nfs_exports {
	struct gs_nfs_export *v;
	size_t n, room;
	bool partial; /* a limit was reached: there may be more */
};

/** struct gs_nfs_seen - one directory of a server */
struct gs_nfs_seen {
	char id[GS_SHARE_ID_BYTES]; /* "" where it has no .gshare-id that we may read */
	bool is_closed;		    /* it, or its .gshare-id, is closed to us */
};

void gs_nfs_exports_done(struct gs_nfs_exports *exports);

/**
 * gs_nfs_exports_parse - parse the answer of gs_nfs_find_exports()'s child
 * Lines "FLAGS ID PATH": w or - for writable, u or - for unreadable; an id or -; then "all" or
 * "partial". Returns false, *ret untouched, for anything else.
 */
bool gs_nfs_exports_parse(struct gs_span text, struct gs_nfs_exports *ret);
