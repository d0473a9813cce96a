/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/shareid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"

#define FIRST_LINE "gshare 1"

bool gs_share_id_is(struct gs_span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!memchr("0123456789abcdef", text.ptr[i], 16))
			return false;
	return text.len == GS_SHARE_ID_BYTES - 1;
}

/* The rest of the first line that begins with a word and a space; ptr is NULL if no line does. */
static struct gs_span find_line(struct gs_span text, const char *word)
{
	struct gs_span line = { 0 };

	if (!gs_span_cut(&text, '\n', &line) || !gs_span_is_text(gs_span_trim(line), FIRST_LINE))
		return gs_span(NULL, 0);
	while (gs_span_cut(&text, '\n', &line))
		if (gs_span_has_prefix(line, word))
			return gs_span_trim(gs_span_from(line, strlen(word)));
	return gs_span(NULL, 0);
}

bool gs_share_id_parse(struct gs_span text, char ret_id[GS_SHARE_ID_BYTES])
{
	struct gs_span id = find_line(text, "id ");

	if (!gs_share_id_is(id))
		return false;
	memcpy(ret_id, id.ptr, id.len);
	ret_id[id.len] = '\0';
	return true;
}

struct gs_span gs_share_id_fs(struct gs_span text)
{
	return find_line(text, "fs ");
}

void gs_share_id_render(const char *id, const char *fs_uuid, struct gs_str *out)
{
	gs_str_addf(out, FIRST_LINE "\nid %s\n", id);
	if (fs_uuid)
		gs_str_addf(out, "fs %s\n", fs_uuid);
}

bool gs_share_is_odd(int code)
{
	static const int codes[] = {
		EINVAL, ELOOP, EISDIR, ENOTDIR, EFBIG, ESTALE, ETXTBSY, EAGAIN
	};

	for (size_t i = 0; i < GS_COUNT(codes); i++)
		if (abs(code) == codes[i])
			return true;
	return false;
}

bool gs_share_is_no_file(int code)
{
	return gs_share_is_odd(code) && abs(code) != ESTALE && abs(code) != EAGAIN;
}

void gs_share_id_away(const char *share, const char *tree, struct gs_str *out)
{
	gs_autofree char *path = gs_printf("%s%s/" GS_SHARE_FILE, tree ? tree : "", share);
	gs_autofree char *old = gs_printf("%s.old", path);

	gs_command(out, "sudo", "mv", "-T", "--backup=numbered", path, old);
}

void gs_share_id_anew(const char *host, const char *source, struct gs_str *out)
{
	const char *colon = source && *source != '/' ? strstr(source, ":/") : NULL;
	const char *share = colon ? colon + 1 : source;
	gs_autofree char *named = NULL;

	if (!share || share[0] != '/' || !share[1])
		return;
	if (colon && !host)
		host = named = gs_span_dup(gs_span(source, (size_t)(colon - source)));
	if (host)
		gs_command_on(out, host);
	gs_share_id_away(share, NULL, out);
	gs_command_and(out);
	gs_command(out, "sudo", "gshare", "leader", "init", share, "--new-id");
}

bool gs_share_is_file(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && !strcmp(slash + 1, GS_SHARE_FILE);
}
