/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/*
 * PATH/.gshare-id names a share, so that a follower notices when another one takes its place, and
 * its file system, so that a leader notices a copied tree:
 *
 *	gshare 1
 *	id 7c1e52d0
 *	fs 2b7e1516-28ae-d2a6-abf7-158809cf4f3c
 */

enum {
	GS_SHARE_ID_BYTES = 9,	    /* eight lower-case hex digits and the NUL */
	GS_SHARE_FILE_BYTES = 4096, /* more is not read */
};

#define GS_SHARE_FILE ".gshare-id"

/** gs_share_is_file - is this the path of such a file? */
bool gs_share_is_file(const char *path);

/**
 * gs_share_is_odd - may this errno come of what somebody has put in the place of such a file?
 * A FIFO, link, directory, a file that is too long, in use, or another one by now: the disk is
 * well.
 */
bool gs_share_is_odd(int code);

/** gs_share_is_no_file - the same, of a mount that is well: what is there is no file of that kind
 */
bool gs_share_is_no_file(int code);

/**
 * gs_share_id_parse - the id in the text of a .gshare-id
 * The first line is "gshare 1"; a later one "id" and eight lower-case hex digits; unknown lines
 * are passed over. Returns false, *ret_id untouched, for anything else.
 */
bool gs_share_id_parse(struct gs_span text, char ret_id[GS_SHARE_ID_BYTES]);

/** gs_share_id_is - eight lower-case hex digits */
bool gs_share_id_is(struct gs_span text);

/** gs_share_id_fs - the file system's UUID, empty where there is none */
struct gs_span gs_share_id_fs(struct gs_span text);

/**
 * gs_share_id_away - the command that moves a share's .gshare-id aside, whatever it is
 * @tree: below which the share lies, or NULL. What a ".gshare-id.old" was stays as well; a rename
 * follows no link. The next init gives the share a new id.
 */
void gs_share_id_away(const char *share, const char *tree, struct gs_str *out);

/**
 * gs_share_id_anew - the same for a mount's server, and the init that gives the new one
 * @host: the server, NULL: the one that the source names
 * @source: of the mount, "HOST:/PATH", or, without a host, the path of a share of this node. Empty
 * where the path on the server is not known, as that of a pseudo-root is not.
 */
void gs_share_id_anew(const char *host, const char *source, struct gs_str *out);

void gs_share_id_render(const char *id, const char *fs_uuid, struct gs_str *out);
