/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "sys/nfs/browse_answer.h"

/* The parent checks the answer, since the child has talked to the network. */

enum {
	MAX_PATH = 4096,
	MAX_EXPORTS = 256,
};

static bool is_id(struct gs_span text)
{
	if (text.len != GS_SHARE_ID_BYTES - 1)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!(text.ptr[i] >= '0' && text.ptr[i] <= '9') &&
		    !(text.ptr[i] >= 'a' && text.ptr[i] <= 'f'))
			return false;
	return true;
}

static void take_id(struct gs_span text, char ret_id[GS_SHARE_ID_BYTES])
{
	memcpy(ret_id, text.ptr, GS_SHARE_ID_BYTES - 1);
	ret_id[GS_SHARE_ID_BYTES - 1] = '\0';
}

/* Absolute, no control bytes, and no component that would lead elsewhere. */
static bool is_path(struct gs_span path)
{
	struct gs_span rest, part;

	if (!path.len || path.len > MAX_PATH || path.ptr[0] != '/')
		return false;
	for (size_t i = 0; i < path.len; i++)
		if ((unsigned char)path.ptr[i] < 0x20 || path.ptr[i] == 0x7f)
			return false;
	rest = gs_span_from(path, 1);
	while (path.len > 1 && gs_span_cut(&rest, '/', &part))
		if (!part.len || gs_span_is_text(part, ".") || gs_span_is_text(part, ".."))
			return false;
	return true;
}

static bool take_export(struct gs_span line, struct gs_nfs_exports *exports)
{
	struct gs_span flags, id;
	struct gs_nfs_export *e;

	if (!gs_span_cut(&line, ' ', &flags) || !gs_span_cut(&line, ' ', &id) || flags.len != 2 ||
	    !is_path(line) || exports->n == MAX_EXPORTS)
		return false;
	if (!is_id(id) && !gs_span_is_text(id, "-"))
		return false;
	gs_grow(&exports->v, exports->n, &exports->room, sizeof *exports->v);
	e = &exports->v[exports->n++];
	*e = (struct gs_nfs_export){
		.path = gs_span_dup(line),
		.has_id = is_id(id),
		.writable = flags.ptr[0] == 'w',
		.unreadable = flags.ptr[1] == 'u',
	};
	if (e->has_id)
		take_id(id, e->id);
	return true;
}

bool gs_nfs_exports_parse(struct gs_span text, struct gs_nfs_exports *ret)
{
	GS_AUTO(gs_nfs_exports_done) struct gs_nfs_exports exports = { 0 };
	struct gs_span line;

	while (gs_span_cut(&text, '\n', &line)) {
		exports.partial = gs_span_is_text(line, "partial");
		if (exports.partial || gs_span_is_text(line, "all")) {
			if (text.len)
				return false;
			*ret = exports;
			exports = (struct gs_nfs_exports){ 0 };
			return true;
		}
		if (!take_export(line, &exports))
			return false;
	}
	return false;
}

void gs_nfs_exports_done(struct gs_nfs_exports *exports)
{
	for (size_t i = 0; i < exports->n; i++)
		free(exports->v[i].path);
	free(exports->v);
	*exports = (struct gs_nfs_exports){ 0 };
}
