/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as /etc/fstab: what is parsed is rendered as it was; a second edit changes nothing;
 * what was written reads back as specified; lines of others keep their bytes.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "core/format/diff.h"
#include "core/format/fstab.h"

static const struct gs_fstab_spec specs[] = {
	{ "192.168.18.13:/mnt/data", "/mnt/data", "nfs4", "hard,x-gshare.id=7c" },
	{ "[fd00::1]:/a b", "/a b\\/", "nfs", "rw" },
	{ "s", "/", "t", "o" },
	{ "s", "//m//n/", "t", "x=\"a,b\"" },
};

/* Written without the marker's own parser: its last word is put where a target stands. */
static bool is_marker(struct gs_span line, const char *target)
{
	static const char prefix[] = "# gshare mount ";
	GS_AUTO(gs_fstab_done) struct gs_fstab probe = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_err err = { 0 };

	if (!gs_span_has_prefix(line, prefix))
		return false;
	gs_str_adds(&text, "source ");
	if (line.ptr[line.len - 1] == '\n')
		line.len--;
	if (line.ptr[line.len - 1] == '\r')
		line.len--;
	gs_str_add(&text, gs_span_from(line, strlen(prefix)));
	gs_str_adds(&text, " type");
	LAW(gs_fstab_parse(gs_str_span(&text), &probe, &err) == 0);
	return probe.n && !strcmp(probe.entry[0].target, target) && !probe.entry[0].options[0];
}

static bool is_managed(const struct gs_fstab *fstab, size_t line, const char *target)
{
	for (size_t i = 0; i < fstab->n; i++) {
		const struct gs_fstab_entry *e = &fstab->entry[i];

		if (!e->managed || strcmp(e->target, target) != 0)
			continue;
		if (e->line == line ||
		    (e->line == line + 1 && is_marker(fstab->text.line[line].bytes, target)))
			return true;
	}
	return false;
}

/* The lines that are not about our target, each with a newline: the last one may get its own. */
static void add_others(const struct gs_fstab *fstab, const char *target, struct gs_str *out)
{
	for (size_t i = 0; i < fstab->text.n; i++) {
		struct gs_span line = fstab->text.line[i].bytes;

		if (is_managed(fstab, i, target))
			continue;
		gs_str_add(out, line);
		if (!line.len || line.ptr[line.len - 1] != '\n')
			gs_str_addc(out, '\n');
	}
}

static void check_confined(const struct gs_fstab *before, const struct gs_fstab *after,
			   const char *target)
{
	gs_autostr struct gs_str a = { 0 };
	gs_autostr struct gs_str b = { 0 };

	add_others(before, target, &a);
	add_others(after, target, &b);
	LAW(gs_span_is(gs_str_span(&a), gs_str_span(&b)));
}

static void check_wished(const struct gs_fstab *fstab, const struct gs_fstab_spec *spec)
{
	const struct gs_fstab_entry *e = gs_fstab_find(fstab, spec->target);

	LAW(e && e->managed);
	LAW(e == gs_fstab_find_managed(fstab, spec->target));
	LAW(!strcmp(e->source, spec->source));
	LAW(!strcmp(e->type, spec->type));
	LAW(!strcmp(e->options, spec->options));
}

static void reparse(const struct gs_fstab *fstab, struct gs_fstab *again)
{
	gs_autostr struct gs_str one = { 0 };
	gs_autostr struct gs_str two = { 0 };
	struct gs_err err = { 0 };

	gs_fstab_render(fstab, &one);
	LAW(gs_fstab_parse(gs_str_span(&one), again, &err) == 0);
	gs_fstab_render(again, &two);
	LAW(gs_span_is(gs_str_span(&one), gs_str_span(&two)));
	LAW(fstab->n == again->n && fstab->n_broken == again->n_broken);
	for (size_t i = 0; i < fstab->n; i++) {
		LAW(fstab->entry[i].line == again->entry[i].line);
		LAW(fstab->entry[i].managed == again->entry[i].managed);
		LAW(!strcmp(fstab->entry[i].target, again->entry[i].target));
	}
}

static void check_set(struct gs_span text, const struct gs_fstab_spec *spec)
{
	GS_AUTO(gs_fstab_done) struct gs_fstab before = { 0 };
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	GS_AUTO(gs_fstab_done) struct gs_fstab again = { 0 };
	gs_autostr struct gs_str out = { 0 };
	gs_autostr struct gs_str diff = { 0 };
	struct gs_err err = { 0 };
	bool changed = false, more = true;
	const char *target;
	int code;

	LAW(gs_fstab_parse(text, &before, &err) == 0);
	reparse(&before, &fstab);
	code = gs_fstab_set(&fstab, spec, &changed, &err);
	gs_fstab_render(&fstab, &out);
	LAW(changed != gs_span_is(gs_str_span(&out), text));
	if (code < 0) {
		LAW(code == -EEXIST || code == -EILSEQ);
		return;
	}
	gs_diff_unified("fstab", text, true, gs_str_span(&out), &diff);
	reparse(&fstab, &again);
	check_wished(&again, spec);
	target = gs_fstab_find(&again, spec->target)->target;
	check_confined(&before, &again, target);
	LAW(gs_fstab_set(&again, spec, &more, &err) == 0 && !more);
	LAW(gs_fstab_remove(&again, spec->target, &more, &err) == 0 && more);
	LAW(!gs_fstab_find_managed(&again, spec->target));
	LAW(gs_fstab_remove(&again, spec->target, &more, &err) == 0 && !more);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < GS_COUNT(specs); i++)
		check_set(gs_span((const char *)data, size), &specs[i]);
	return 0;
}
