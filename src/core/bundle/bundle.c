/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/bundle/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "core/format/tar.h"

enum { MISSING_BYTES = 32 << 10 }; /* lines beyond that are not said */

/* What is kept of a text that is too long, in whole lines where it has any. */
static struct gs_span cut(struct gs_span text, bool keeps_end)
{
	const char *line;
	size_t drop;

	if (!keeps_end) {
		line = memrchr(text.ptr, '\n', GS_BUNDLE_FILE_BYTES);
		return gs_span(text.ptr,
			       line ? (size_t)(line + 1 - text.ptr) : GS_BUNDLE_FILE_BYTES);
	}
	drop = text.len - GS_BUNDLE_FILE_BYTES;
	line = memchr(text.ptr + drop, '\n', GS_BUNDLE_FILE_BYTES);
	return gs_span_from(text, line && line + 1 < text.ptr + text.len
					  ? (size_t)(line + 1 - text.ptr)
					  : drop);
}

static void add(struct gs_bundle *bundle, const char *name, struct gs_span text)
{
	gs_tar_add(&bundle->tar, name, text, bundle->time_s);
	bundle->n++;
}

/* Room for what is missing is kept. */
static bool has_room(const struct gs_bundle *bundle, size_t len)
{
	return bundle->tar.len + gs_tar_bytes(len) + gs_tar_bytes(MISSING_BYTES) +
		       GS_TAR_END_BYTES <=
	       GS_BUNDLE_BYTES;
}

void gs_bundle_add(struct gs_bundle *bundle, const struct gs_bundle_file *file, struct gs_span text)
{
	gs_autofree char *name = gs_printf(GS_BUNDLE_TOP "%s", file->name);
	gs_autostr struct gs_str clean = { 0 };
	struct gs_span kept;

	if (!gs_tar_fits(name)) {
		gs_bundle_miss(bundle, file->name, "a bundle can have no file of this name");
		return;
	}
	gs_secrets_leave_out(text, file->in, &clean);
	kept = gs_str_span(&clean);
	if (kept.len > GS_BUNDLE_FILE_BYTES)
		kept = cut(kept, file->keeps_end);
	if (!has_room(bundle, kept.len)) {
		gs_bundle_miss(bundle, file->name, "the bundle is full");
		return;
	}
	if (kept.len < clean.len)
		gs_bundle_miss(bundle, file->name,
			       file->keeps_end ? "cut: only its end is there"
					       : "cut: only its beginning is there");
	add(bundle, name, kept);
}

void gs_bundle_miss(struct gs_bundle *bundle, const char *name, const char *why)
{
	gs_autostr struct gs_str line = { 0 }, clean = { 0 };

	gs_str_add_safe(&line, gs_span_of(name));
	gs_str_adds(&line, ": ");
	gs_str_add_message(&line, gs_span_of(why));
	gs_str_addc(&line, '\n');
	gs_secrets_leave_out(gs_str_span(&line), GS_SECRET_IN_TEXT, &clean);
	if (bundle->missing.len + clean.len <= MISSING_BYTES)
		gs_str_add(&bundle->missing, gs_str_span(&clean));
}

void gs_bundle_end(struct gs_bundle *bundle)
{
	if (bundle->missing.len)
		add(bundle, GS_BUNDLE_TOP "missing.txt", gs_str_span(&bundle->missing));
	gs_tar_end(&bundle->tar);
}

void gs_bundle_done(struct gs_bundle *bundle)
{
	gs_str_done(&bundle->tar);
	gs_str_done(&bundle->missing);
	*bundle = (struct gs_bundle){ 0 };
}
