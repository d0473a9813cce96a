/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <string.h>

#include "core/exports/exports.h"

static const struct gs_exportspec spec = { GS_ACCESS_RW, GS_SQUASH_ALL, 1000, 1001,
					   false,	 false,		NULL, false };

/* The entry that a run is about; everything else is foreign. */
struct aim {
	const char *path;
	const struct gs_hostspec *host;
};

static bool is_aim(const struct gs_export *e, const struct aim *aim)
{
	return !strcmp(e->path, aim->path) && gs_hostspec_is_same(&e->host, aim->host);
}

static struct gs_str render(const struct gs_exports *doc)
{
	struct gs_str out = { 0 };

	gs_exports_render(doc, &out);
	return out;
}

static void parse(struct gs_span text, struct gs_exports *doc)
{
	struct gs_err err = { 0 };

	LAW(gs_exports_parse(text, doc, &err) == 0);
}

static void check_same_entry(const struct gs_exports *a, const struct gs_export *x,
			     const struct gs_exports *b, const struct gs_export *y)
{
	LAW(!strcmp(x->path, y->path));
	LAW(gs_hostspec_is_same(&x->host, &y->host));
	LAW(gs_span_is(gs_exports_host(a, x), gs_exports_host(b, y)));
	LAW(gs_span_is(gs_exports_options(a, x), gs_exports_options(b, y)));
	LAW(gs_exportopts_is_same(&x->opts, &y->opts));
}

/* Foreign entries are the same, in the same order. */
static void check_foreign(const struct gs_exports *a, const struct gs_exports *b,
			  const struct aim *aim)
{
	size_t y = 0;

	for (size_t x = 0; x < a->n; x++) {
		if (is_aim(&a->entry[x], aim))
			continue;
		while (y < b->n && is_aim(&b->entry[y], aim))
			y++;
		LAW(y < b->n);
		check_same_entry(a, &a->entry[x], b, &b->entry[y++]);
	}
	while (y < b->n && is_aim(&b->entry[y], aim))
		y++;
	LAW(y == b->n);
}

/* Lines without an entry (comments, blanks) keep their bytes and order. */
static void check_comments(const struct gs_exports *a, const struct gs_exports *b)
{
	size_t e = 0, k = 0;

	for (size_t i = 0; i < a->text.n; i++) {
		struct gs_span was = a->text.line[i].bytes;
		bool closed = false;

		while (e < a->n && a->entry[e].line < i)
			e++;
		if ((e < a->n && a->entry[e].line == i) || gs_span_has_prefix(was, "# gshare "))
			continue;
		for (; k < b->text.n && !closed; k++) {
			struct gs_span is = b->text.line[k].bytes;

			closed = gs_span_is(gs_span_trim(is), gs_span_trim(was));
		}
		LAW(closed);
	}
}

/* What the edited document says of itself is what its text says. */
static void check_fixpoint(const struct gs_exports *doc, struct gs_exports *again)
{
	gs_autostr struct gs_str text = render(doc), twice = { 0 };

	parse(gs_str_span(&text), again);
	twice = render(again);
	LAW(gs_span_is(gs_str_span(&text), gs_str_span(&twice)));
	LAW(!gs_exports_fatal(again));
	LAW(doc->n == again->n && doc->marks == again->marks && doc->text.n == again->text.n);
	for (size_t i = 0; i < doc->n; i++) {
		check_same_entry(doc, &doc->entry[i], again, &again->entry[i]);
		LAW(doc->entry[i].line == again->entry[i].line);
		LAW(doc->entry[i].is_managed == again->entry[i].is_managed);
		LAW(gs_exports_line_number(doc, &doc->entry[i]) == again->entry[i].number);
	}
	for (size_t i = 0; i < doc->marks; i++)
		LAW(doc->mark[i].line == again->mark[i].line &&
		    !strcmp(doc->mark[i].path, again->mark[i].path));
}

/* Of a text that only grew: all of the old text is there, around one addition. */
static void check_grown(struct gs_span was, struct gs_span is)
{
	size_t head = 0, tail = 0;

	LAW(is.len >= was.len);
	while (head < was.len && was.ptr[head] == is.ptr[head])
		head++;
	while (tail < was.len && was.ptr[was.len - 1 - tail] == is.ptr[is.len - 1 - tail])
		tail++;
	LAW(head + tail >= was.len);
}

static bool has_aim(const struct gs_exports *doc, const struct aim *aim)
{
	size_t at = 0;

	return gs_exports_find(doc, aim->path, aim->host, &at);
}

static void check_granted(const struct gs_exports *doc, const struct aim *aim)
{
	const struct gs_export *e;
	size_t at = 0;

	while ((e = gs_exports_find(doc, aim->path, aim->host, &at))) {
		LAW(gs_exportopts_access(&e->opts) == spec.access);
		LAW(gs_exportopts_squash(&e->opts) == spec.squash);
		LAW(e->opts.anonuid == spec.anonuid && e->opts.anongid == spec.anongid);
	}
}

static void check_set(struct gs_span text, const struct aim *aim, const char *name)
{
	GS_AUTO(gs_exports_done) struct gs_exports was = { 0 }, doc = { 0 }, again = { 0 };
	gs_autostr struct gs_str once = { 0 }, twice = { 0 };
	struct gs_err err = { 0 };
	bool changed = false, had;

	parse(text, &was);
	parse(text, &doc);
	had = has_aim(&was, aim);
	if (gs_exports_set(&doc, aim->path, aim->host, name, &spec, &changed, &err) < 0) {
		LAW(err.msg[0]);
		return;
	}
	once = render(&doc);
	LAW(changed == !gs_span_is(gs_str_span(&once), text));
	LAW(has_aim(&doc, aim));
	check_granted(&doc, aim);
	check_fixpoint(&doc, &again);
	check_foreign(&was, &again, aim);
	check_comments(&was, &again);
	if (!had)
		check_grown(text, gs_str_span(&once));
	LAW(gs_exports_set(&again, aim->path, aim->host, name, &spec, &changed, &err) == 0);
	LAW(!changed);
	LAW(gs_exports_set(&doc, aim->path, aim->host, name, &spec, &changed, &err) == 0);
	LAW(!changed);
	twice = render(&doc);
	LAW(gs_span_is(gs_str_span(&once), gs_str_span(&twice)));
	if (had || gs_exports_is_marked(&was, aim->path))
		return;
	LAW(gs_exports_remove(&doc, aim->path, aim->host, &changed, &err) == 0 && changed);
	LAW(gs_exports_unmark(&doc, aim->path, &changed, &err) == 0 && changed);
	gs_str_done(&twice);
	twice = render(&doc);
	LAW(twice.len >= text.len && gs_span_is(gs_span(twice.ptr, text.len), text));
	LAW(twice.len - text.len <= 2); /* the newlines that closed the last line */
}

static void check_remove(struct gs_span text, const struct aim *aim)
{
	GS_AUTO(gs_exports_done) struct gs_exports was = { 0 }, doc = { 0 }, again = { 0 };
	struct gs_err err = { 0 };
	bool changed = false;

	parse(text, &was);
	parse(text, &doc);
	if (gs_exports_remove(&doc, aim->path, aim->host, &changed, &err) < 0)
		return;
	LAW(changed == has_aim(&was, aim));
	LAW(!has_aim(&doc, aim));
	check_fixpoint(&doc, &again);
	check_foreign(&was, &again, aim);
	check_comments(&was, &again);
	LAW(gs_exports_remove(&again, aim->path, aim->host, &changed, &err) == 0 && !changed);
}

static void check_mark(struct gs_span text, const struct aim *aim)
{
	GS_AUTO(gs_exports_done) struct gs_exports was = { 0 }, doc = { 0 }, again = { 0 };
	gs_autostr struct gs_str out = { 0 };
	struct gs_err err = { 0 };
	bool changed = false;

	parse(text, &was);
	parse(text, &doc);
	if (gs_exports_mark(&doc, aim->path, &changed, &err) < 0)
		return;
	LAW(changed != gs_exports_is_marked(&was, aim->path));
	out = render(&doc);
	check_grown(text, gs_str_span(&out));
	LAW(gs_exports_mark(&doc, aim->path, &changed, &err) == 0 && !changed);
	check_fixpoint(&doc, &again);
	LAW(gs_exports_unmark(&doc, aim->path, &changed, &err) == 0 && changed);
	LAW(!gs_exports_is_marked(&doc, aim->path));
	gs_exports_done(&again);
	check_fixpoint(&doc, &again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gs_span text = gs_span((const char *)data, size);
	GS_AUTO(gs_exports_done) struct gs_exports doc = { 0 };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	gs_autostr struct gs_str out = { 0 };

	parse(text, &doc);
	out = render(&doc);
	LAW(gs_span_is(gs_str_span(&out), text));
	gs_hostspec_read(gs_span_of("10.9.8.7"), &host);
	check_set(text, &(struct aim){ "/srv/x y", &host }, "gpu-2");
	for (size_t i = 0; i < doc.n && i < 8; i++) {
		check_set(text, &(struct aim){ doc.entry[i].path, &host }, NULL);
		check_set(text, &(struct aim){ doc.entry[i].path, &doc.entry[i].host }, "gpu-3");
		check_remove(text, &(struct aim){ doc.entry[i].path, &doc.entry[i].host });
	}
	for (size_t i = 0; i < doc.marks && i < 4; i++) {
		check_set(text, &(struct aim){ doc.mark[i].path, &host }, "gpu-4");
		check_mark(text, &(struct aim){ doc.mark[i].path, &host });
	}
	check_mark(text, &(struct aim){ "/srv/a\tb", &host });
	return 0;
}
