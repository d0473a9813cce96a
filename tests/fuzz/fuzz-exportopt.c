/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "core/exports/option.h"

static const struct gs_exportspec spec[] = {
	{ GS_ACCESS_RW, GS_SQUASH_ALL, 1000, 1000, false, false, NULL, false },
	{ GS_ACCESS_RO, GS_SQUASH_ALL, 4294967294, 0, true, false, "7", false },
	{ GS_ACCESS_RW, GS_SQUASH_ROOT, 1, 2, false, false, "01234567-89ab-cdef-0123-456789abcdef",
	  true },
	{ GS_ACCESS_RO, GS_SQUASH_NONE, 0, 0, true, false, "root", true },
};

static bool is_granted(struct gs_span list, const struct gs_exportopts *base,
		       const struct gs_exportspec *w)
{
	GS_AUTO(gs_exportopts_done) struct gs_exportopts opts = { 0 };
	struct gs_err err = { 0 };

	LAW(gs_exportopts_parse(list, base, &opts, &err) == 0);
	return gs_exportopts_access(&opts) == w->access &&
	       gs_exportopts_squash(&opts) == w->squash &&
	       (w->squash == GS_SQUASH_NONE ||
		(opts.anonuid == w->anonuid && opts.anongid == w->anongid)) &&
	       w->subtree_check == !!(opts.flags & GS_EXPORT_SUBTREE_CHECK) &&
	       (!w->fsid || opts.has_fsid || opts.uuid);
}

/* Idempotent, granted, and what the wish does not name keeps its bytes and order. */
static void check_edit(struct gs_span list, const struct gs_exportopts *base,
		       const struct gs_exportspec *w)
{
	gs_autostr struct gs_str once = { 0 }, twice = { 0 };
	struct gs_err err = { 0 };
	struct gs_span before = list, after;
	struct gs_exportitem was, is;
	int edited = gs_exportopts_edit(list, base, w, &once, &err);

	LAW(edited == 0 || edited == -ENOTSUP || edited == -EINVAL || edited == -ERANGE);
	if (edited < 0)
		return;
	LAW(is_granted(gs_str_span(&once), base, w));
	LAW(gs_exportopts_edit(gs_str_span(&once), base, w, &twice, &err) == 0);
	LAW(gs_span_is(gs_str_span(&once), gs_str_span(&twice)));
	after = gs_str_span(&once);
	while (gs_exportopts_next(&before, &was)) {
		bool managed = was.flag & (GS_EXPORT_RO | GS_EXPORT_ROOT_SQUASH |
					   GS_EXPORT_ALL_SQUASH | GS_EXPORT_SUBTREE_CHECK) ||
			       gs_span_is_text(was.name, "anonuid") ||
			       gs_span_is_text(was.name, "anongid") ||
			       gs_span_is_text(was.name, "fsid");
		bool found = managed;

		while (!found && gs_exportopts_next(&after, &is))
			found = gs_span_is(was.all, is.all);
		LAW(found);
	}
}

static void check_managed(void)
{
	for (size_t i = 0; i < GS_COUNT(spec); i++) {
		gs_autostr struct gs_str list = { 0 }, again = { 0 }, fsid = { 0 };
		GS_AUTO(gs_exportopts_done) struct gs_exportopts opts = { 0 };
		struct gs_exportspec back;
		struct gs_err err = { 0 };

		gs_exportopts_render_managed(&spec[i], &list);
		LAW(gs_exportopts_parse(gs_str_span(&list), NULL, &opts, &err) == 0);
		gs_exportopts_spec(&opts, &back, &fsid);
		LAW(!back.fsid == !spec[i].fsid);
		back.fsid = spec[i].fsid; /* "root" comes back as 0 */
		gs_exportopts_render_managed(&back, &again);
		LAW(gs_span_is(gs_str_span(&list), gs_str_span(&again)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gs_span rest = gs_span((const char *)data, size), first = { 0 }, list;
	GS_AUTO(gs_exportopts_done) struct gs_exportopts base = { 0 }, opts = { 0 }, copy = { 0 };
	struct gs_err err = { 0 };
	int parsed;

	check_managed();
	gs_span_cut(&rest, '\n', &first);
	list = rest.ptr ? rest : first;
	if (rest.ptr && gs_exportopts_parse(first, NULL, &base, &err) < 0)
		LAW(!base.is_set && err.msg[0] && err.id);
	parsed = gs_exportopts_parse(list, &base, &opts, &err);
	LAW(parsed == 0 || ((parsed == -EINVAL || parsed == -ERANGE) && !opts.is_set && err.id));
	LAW(gs_exportopts_is_same(&opts, &opts));
	gs_exportopts_copy(&opts, &copy);
	LAW(gs_exportopts_is_same(&opts, &copy));
	for (size_t i = 0; i < GS_COUNT(spec); i++)
		check_edit(list, &base, &spec[i]);
	return 0;
}
