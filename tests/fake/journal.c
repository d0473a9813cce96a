/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

/* Its records are files. */

static int records(struct gs_sys *sys, struct gs_record_files *ret, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);

	if (fake_step(sys, "records", err) < 0)
		return err->code;
	for (uint32_t id = 1; id < 100; id++) {
		gs_autofree char *path = gs_printf("/var/lib/gshare/%u.jsonl", id);
		const struct gs_file *file = fake_find(fake, path);

		if (!file || !file->exists)
			continue;
		gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
		ret->v[ret->n++] = (struct gs_record_file){ id, file->text.len };
	}
	return 0;
}

static int record_begin(struct gs_sys *sys, uint32_t id, struct gs_span text, struct gs_err *err)
{
	gs_autofree char *path = gs_printf("/var/lib/gshare/%u.jsonl", id);
	gs_autofree char *bytes = gs_span_dup(text);

	if (fake_change(sys, "record_begin", err) < 0)
		return err->code;
	fake_put(fake_of(sys), path, bytes);
	return 0;
}

static int record_end(struct gs_sys *sys, uint32_t id, size_t keep, struct gs_span text,
		      struct gs_err *err)
{
	gs_autofree char *path = gs_printf("/var/lib/gshare/%u.jsonl", id);
	struct gs_file *file = fake_find(fake_of(sys), path);
	gs_autostr struct gs_str whole = { 0 };

	if (fake_change(sys, "record_end", err) < 0)
		return err->code;
	gs_str_add(&whole, gs_span(file->text.ptr, keep));
	gs_str_add(&whole, text);
	fake_put(fake_of(sys), path, whole.ptr);
	return 0;
}

static int record_drop(struct gs_sys *sys, uint32_t id, struct gs_err *err)
{
	gs_autofree char *path = gs_printf("/var/lib/gshare/%u.jsonl", id);

	if (fake_change(sys, "record_drop", err) < 0)
		return err->code;
	fake_find(fake_of(sys), path)->exists = false;
	return 0;
}

/* Its records appear whole. */
static bool torn(struct gs_sys *sys, bool remove)
{
	(void)sys;
	(void)remove;
	return false;
}

static int keep_spare(struct gs_sys *sys, uint64_t bytes, struct gs_err *err)
{
	(void)bytes;
	return fake_step(sys, "keep_spare", err);
}

const struct gs_journal_ops fake_journal = {
	.list = records,
	.begin = record_begin,
	.end = record_end,
	.drop = record_drop,
	.torn = torn,
	.keep_spare = keep_spare,
};
