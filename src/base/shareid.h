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
 * gs_share_is_odd - can this errno mean that something else lies at the path of a .gshare-id?
 * A FIFO, link, directory, or a file that is too long, in use or was replaced: no disk error.
 */
bool gs_share_is_odd(int code);

/** gs_share_is_no_file - the same without ESTALE and EAGAIN, which a mount itself can cause */
bool gs_share_is_no_file(int code);

/**
 * gs_share_id_parse - the id in the text of a .gshare-id
 * The first line is "gshare 1"; a later one "id" and eight lower-case hex digits; unknown lines
 * are ignored. Returns false, *ret_id untouched, for anything else.
 */
bool gs_share_id_parse(struct gs_span text, char ret_id[GS_SHARE_ID_BYTES]);

/** gs_share_id_is - eight lower-case hex digits */
bool gs_share_id_is(struct gs_span text);

/** gs_share_id_fs - the file system's UUID, empty where there is none */
struct gs_span gs_share_id_fs(struct gs_span text);

/**
 * gs_share_id_away - the command that renames a share's .gshare-id, whatever type it has
 * @tree: DIR of --root, or NULL. An earlier ".gshare-id.old" is kept as a numbered backup; a
 * rename follows no link. init --new-id gives the share a new id then.
 */
void gs_share_id_away(const char *share, const char *tree, struct gs_str *out);

/**
 * gs_share_id_anew - the same on a mount's server, followed by the init that gives a new id
 * @host: the server, NULL: the host in @source
 * @source: of the mount, "HOST:/PATH", or, without a host, the path of a share of this node. Adds
 * nothing where the path on the server is not known, as for a pseudo-root.
 */
void gs_share_id_anew(const char *host, const char *source, struct gs_str *out);

void gs_share_id_render(const char *id, const char *fs_uuid, struct gs_str *out);
