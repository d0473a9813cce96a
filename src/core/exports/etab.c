/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/etab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/exports/exports.h"

/* An etab whose entries are sorted by path and client, so that two can be merged in one pass. */
struct table {
	struct gs_exports doc;
	const struct gs_export **by_name;
};

static int compare_entries(const struct gs_export *a, const struct gs_export *b)
{
	int order = strcmp(a->path, b->path);

	return order ? order : strcmp(a->host.text, b->host.text);
}

static int compare_pointers(const void *a, const void *b)
{
	const struct gs_export *const *x = a, *const *y = b;

	return compare_entries(*x, *y);
}

static int table_init(struct gs_span text, struct table *table, struct gs_err *err)
{
	struct table t = { 0 };

	if (gs_exports_parse(text, &t.doc, err) < 0)
		return gs_err_prefix(err, "etab");
	t.by_name = gs_alloc(t.doc.n * sizeof(*t.by_name));
	for (size_t i = 0; i < t.doc.n; i++)
		t.by_name[i] = &t.doc.entry[i];
	if (t.doc.n)
		qsort(t.by_name, t.doc.n, sizeof *t.by_name, compare_pointers);
	*table = t;
	return 0;
}

static void table_done(struct table *table)
{
	gs_exports_done(&table->doc);
	free(table->by_name);
	*table = (struct table){ 0 };
}

/*
 * The entries of a path and client: more than one where a client is spelled in two ways, which
 * is two exports for exportfs. Returns how many; *ret_first is an index of by_name.
 */
static size_t table_find(const struct table *table, const char *path, const char *host,
			 size_t *ret_first)
{
	size_t low = 0, high = table->doc.n, n = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct gs_export *entry = table->by_name[middle];
		int order = strcmp(path, entry->path);

		if (!order)
			order = strcmp(host, entry->host.text);
		if (order <= 0)
			high = middle;
		else
			low = middle + 1;
	}
	while (low + n < table->doc.n && !strcmp(table->by_name[low + n]->path, path) &&
	       !strcmp(table->by_name[low + n]->host.text, host))
		n++;
	*ret_first = low;
	return n;
}

static int compare_predictions(const void *a, const void *b)
{
	const struct gs_prediction *const *x = a, *const *y = b;
	int order = strcmp((*x)->path, (*y)->path);

	return order ? order : strcmp((*x)->host, (*y)->host);
}

/* Predictions sorted like the tables, for the same merge. */
static const struct gs_prediction **sort_predictions(const struct gs_prediction *predict, size_t n)
{
	const struct gs_prediction **sorted = gs_alloc(n * sizeof(*sorted));

	for (size_t i = 0; i < n; i++)
		sorted[i] = &predict[i];
	if (n)
		qsort(sorted, n, sizeof *sorted, compare_predictions);
	return sorted;
}

/* Entries come in order, so that *at only moves on. */
static bool is_predicted(const struct gs_export *entry, const struct gs_prediction **sorted,
			 size_t n, size_t *at)
{
	for (; *at < n; ++*at) {
		/* merge() leaves an entry null only where the other side has one.
		 * NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		int order = strcmp(sorted[*at]->path, entry->path);

		if (!order)
			order = strcmp(sorted[*at]->host, entry->host.text);
		if (order >= 0)
			return order == 0;
	}
	return false;
}

/* Adds the first line that exportfs printed, if any. */
static void add_output(struct gs_err *err, struct gs_span said)
{
	gs_autostr struct gs_str safe = { 0 };
	gs_autofree char *old = NULL;
	struct gs_span line = { 0 };
	const char *id = err->id;

	said = gs_span_trim(said);
	if (!said.len || !gs_span_cut(&said, '\n', &line) || !line.len)
		return;
	gs_str_add_safe(&safe, gs_span_trim(line));
	old = gs_strdup(err->msg);
	gs_err_set(err, err->code, "%s; its output: %s", old, safe.ptr);
	gs_err_cause(err, id);
}

static int fail_entry(struct gs_err *err, const char *id, const char *path, const char *host,
		      const char *what, struct gs_span said)
{
	gs_autostr struct gs_str safe = { 0 };

	gs_str_add_safe(&safe, gs_span_of(path));
	gs_err_set(err, EPROTO, "'%s' to %s %s", safe.ptr, host, what);
	gs_err_cause(err, id);
	add_output(err, said);
	return err->code;
}

/* @mine, @other: both in etab; the message tells them apart by their spelling there. */
static int fail_twice(struct gs_err *err, const struct table *after, const struct gs_export *mine,
		      const struct gs_export *other, const char *what)
{
	struct gs_span a = gs_exports_host(&after->doc, mine);
	struct gs_span b = gs_exports_host(&after->doc, other);

	gs_err_set(err, EPROTO,
		   "'%.300s' is exported to one client twice, as %.*s and as %.*s: one %s",
		   mine->path, (int)a.len, a.ptr, (int)b.len, b.ptr, what);
	gs_err_cause(err, "EXPORT_DIFFERS");
	return gs_err_advise(
		err, "remove one of the two from the exports files, then run the command again");
}

static int check_managed(const struct table *after, const struct gs_prediction *predict,
			 struct gs_span said, struct gs_err *err)
{
	size_t first, n = table_find(after, predict->path, predict->host, &first);

	if (predict->gone)
		return n ? fail_entry(err, "EXPORT_STAYS", predict->path, predict->host,
				      "would still be exported", said)
			 : 0;
	if (!n)
		return fail_entry(err, "EXPORT_MISSING", predict->path, predict->host,
				  "would not be exported", said);
	for (size_t i = first; i < first + n && !predict->any; i++) {
		const struct gs_export *entry = after->by_name[i];
		gs_autostr struct gs_str what = { 0 };

		if (!gs_exportopts_difference(&entry->opts, &predict->opts, &what))
			continue;
		gs_str_addf(&what, ", as predicted");
		if (n > 1)
			return fail_twice(err, after, after->by_name[first],
					  after->by_name[first + 1], what.ptr);
		return fail_entry(err, "EXPORT_DIFFERS", predict->path, predict->host, what.ptr,
				  said);
	}
	return 0;
}

static int check_foreign(const struct table *before, const struct table *after,
			 const struct gs_export *a, const struct gs_export *b, struct gs_span said,
			 struct gs_err *err)
{
	if (!b) {
		/* One of the two is set. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		fail_entry(err, "FOREIGN_REMOVED", a->path, a->host.text,
			   "is exported but not listed in the exports files: exportfs -ra would "
			   "unexport it",
			   said);
		return gs_err_advise(
			err,
			"add it to /etc/exports, or unexport it with exportfs -u, then run the "
			"command again");
	}
	if (!a) {
		fail_entry(err, "FOREIGN_ADDED", b->path, b->host.text,
			   "is listed in the exports files but not exported: exportfs -ra would "
			   "export it",
			   said);
		return gs_err_advise(
			err,
			"apply it first with exportfs -ra, or remove it from the file, then run "
			"the command again");
	}
	if (gs_span_is(gs_exports_options(&before->doc, a), gs_exports_options(&after->doc, b)))
		return 0;
	fail_entry(err, "FOREIGN_CHANGES", a->path, a->host.text,
		   "is exported with other options than the exports files list", said);
	return gs_err_advise(err, "apply the file with exportfs -ra, then run the command again");
}

static int merge(const struct table *before, const struct table *after,
		 const struct gs_prediction *predict, size_t n, struct gs_span said,
		 size_t *ret_foreign, struct gs_err *err)
{
	gs_autofree const struct gs_prediction **sorted = sort_predictions(predict, n);
	size_t i = 0, j = 0, at = 0;

	*ret_foreign = 0;
	while (i < before->doc.n || j < after->doc.n) {
		const struct gs_export *a = i < before->doc.n ? before->by_name[i] : NULL;
		const struct gs_export *b = j < after->doc.n ? after->by_name[j] : NULL;
		int order = !a ? 1 : !b ? -1 : compare_entries(a, b);

		i += order <= 0;
		j += order >= 0;
		if (is_predicted(order <= 0 ? a : b, sorted, n, &at))
			continue;
		if (check_foreign(before, after, order <= 0 ? a : NULL, order >= 0 ? b : NULL, said,
				  err) < 0)
			return err->code;
		++*ret_foreign;
	}
	return 0;
}

int gs_etab_check(struct gs_span before, struct gs_span after, const struct gs_prediction *predict,
		  size_t n, struct gs_span said, size_t *ret_foreign, struct gs_err *err)
{
	GS_AUTO(table_done) struct table old = { 0 }, new = { 0 };
	size_t foreign = 0;

	if (table_init(before, &old, err) < 0 || table_init(after, &new, err) < 0)
		return err->code;
	for (size_t i = 0; i < n; i++)
		if (check_managed(&new, &predict[i], said, err) < 0)
			return err->code;
	if (merge(&old, &new, predict, n, said, &foreign, err) < 0)
		return err->code;
	*ret_foreign = foreign;
	return 0;
}

bool gs_etab_has_others(struct gs_span etab, const struct gs_prediction *predict, size_t n)
{
	gs_autofree const struct gs_prediction **sorted = sort_predictions(predict, n);
	GS_AUTO(table_done) struct table table = { 0 };
	struct gs_err unsaid = { 0 };
	size_t at = 0;

	if (table_init(etab, &table, &unsaid) < 0)
		return true;
	for (size_t i = 0; i < table.doc.n; i++)
		if (!is_predicted(table.by_name[i], sorted, n, &at))
			return true;
	return false;
}

bool gs_etab_fulfils(struct gs_span etab, const struct gs_prediction *predict, size_t n)
{
	GS_AUTO(table_done) struct table table = { 0 };
	struct gs_err unsaid = { 0 };

	if (table_init(etab, &table, &unsaid) < 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (check_managed(&table, &predict[i], gs_span(NULL, 0), &unsaid) < 0)
			return false;
	return true;
}
