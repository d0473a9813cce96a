/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/diff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	CONTEXT = 3,
	NOWHERE = INT32_MIN / 2, /* x of a diagonal that no path reaches; remains below 0 */
};

/* One side of the search: lines as numbers, equal where the lines are equal. */
struct side {
	uint32_t *id;
	bool *changed;
	size_t n;
};

struct gs_span gs_diff_take_line(struct gs_span *rest)
{
	const char *end = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
	struct gs_span line = gs_span(rest->ptr, end ? (size_t)(end - rest->ptr) + 1 : rest->len);

	*rest = gs_span_from(*rest, line.len);
	return line;
}

static size_t count_lines(struct gs_span text)
{
	size_t n = 0;

	for (; text.len; n++)
		gs_diff_take_line(&text);
	return n;
}

/* The length of the whole lines at the begin of both texts that are equal. */
static size_t common_head(struct gs_span a, struct gs_span b)
{
	size_t max = a.len < b.len ? a.len : b.len, n = 0, lines = 0;

	for (; n < max && a.ptr[n] == b.ptr[n]; n++)
		if (a.ptr[n] == '\n')
			lines = n + 1;
	return lines;
}

static bool is_line_start(struct gs_span text, size_t at)
{
	return !at || text.ptr[at - 1] == '\n';
}

/* The length of the whole lines at the end of both texts that are equal. */
static size_t common_tail(struct gs_span a, struct gs_span b)
{
	size_t max = a.len < b.len ? a.len : b.len, n = 0, lines = 0;

	for (; n < max && a.ptr[a.len - n - 1] == b.ptr[b.len - n - 1]; n++)
		if (is_line_start(a, a.len - n) && is_line_start(b, b.len - n))
			lines = n;
	if (is_line_start(a, a.len - n) && is_line_start(b, b.len - n))
		lines = n;
	return lines;
}

/* FNV-1a; a collision costs time only. */
static uint32_t hash(struct gs_span line)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < line.len; i++)
		h = (h ^ (unsigned char)line.ptr[i]) * 16777619U;
	return h;
}

struct intern {
	struct gs_span *line; /* by id, from 1 */
	uint32_t *slot;	      /* 0 is free */
	uint32_t n, mask;
};

static uint32_t intern(struct intern *table, struct gs_span line)
{
	uint32_t at = hash(line) & table->mask;

	while (table->slot[at] && !gs_span_is(table->line[table->slot[at]], line))
		at = (at + 1) & table->mask;
	if (!table->slot[at]) {
		table->slot[at] = ++table->n;
		table->line[table->n] = line;
	}
	return table->slot[at];
}

static void side_init(struct side *side, size_t n)
{
	side->n = n;
	side->id = gs_alloc(n * sizeof *side->id);
	side->changed = gs_alloc((n + 1) * sizeof *side->changed);
}

static void side_done(struct side *side)
{
	free(side->id);
	free(side->changed);
	*side = (struct side){ 0 };
}

/* Both sides have at most GS_DIFF_MAX_LINES lines, so 32 bits do. */
static void number_lines(struct gs_span old, struct side *a, struct gs_span new, struct side *b)
{
	struct intern table = { .mask = 1 };

	while (table.mask < 2 * (a->n + b->n))
		table.mask = table.mask * 2 + 1;
	table.slot = gs_alloc((table.mask + 1) * sizeof *table.slot);
	table.line = gs_alloc((a->n + b->n + 1) * sizeof *table.line);
	for (size_t i = 0; i < a->n; i++)
		a->id[i] = intern(&table, gs_diff_take_line(&old));
	for (size_t i = 0; i < b->n; i++)
		b->id[i] = intern(&table, gs_diff_take_line(&new));
	free(table.slot);
	free(table.line);
}

/* The state after d edits: the x in a that each diagonal k = x - y reached, k from -d to d by 2. */
static size_t state_at(int32_t d, int32_t k)
{
	return (size_t)d * ((size_t)d + 1) / 2 + (size_t)(k + d) / 2;
}

/* The x reached on diagonal k by the d-th edit itself, before equal lines follow. */
static int32_t after_edit(const int32_t *x, int32_t d, int32_t k, bool *ret_added)
{
	int32_t added = k < d ? x[state_at(d - 1, k + 1)] : NOWHERE;
	int32_t removed = k > -d ? x[state_at(d - 1, k - 1)] + 1 : NOWHERE;

	*ret_added = added >= removed;
	return *ret_added ? added : removed;
}

static void mark(struct side *a, struct side *b, const int32_t *x, int32_t d, int32_t k)
{
	for (; d > 0; d--) {
		bool added;
		int32_t at = after_edit(x, d, k, &added);

		if (added)
			b->changed[at - k - 1] = true;
		else
			a->changed[at - 1] = true;
		k += added ? 1 : -1;
	}
}

/*
 * Marks the fewest changed lines, and late ones where there is a choice, since equal lines are
 * followed first. False where more than GS_DIFF_MAX_EDITS are needed.
 */
static bool search(struct side *a, struct side *b)
{
	int32_t n = (int32_t)a->n, m = (int32_t)b->n;
	size_t states = state_at(GS_DIFF_MAX_EDITS, GS_DIFF_MAX_EDITS) + 1;
	gs_autofree int32_t *x = gs_alloc(states * sizeof *x);

	for (int32_t d = 0; d <= GS_DIFF_MAX_EDITS; d++) {
		for (int32_t k = -d; k <= d; k += 2) {
			bool added;
			int32_t at = d ? after_edit(x, d, k, &added) : 0;

			/* Off the edge: no path ends here, and none may start from here. */
			if (at < 0 || at > n || at - k < 0 || at - k > m)
				at = NOWHERE;
			while (at >= 0 && at < n && at - k < m && a->id[at] == b->id[at - k])
				at++;
			x[state_at(d, k)] = at;
			if (at == n && at - k == m) {
				mark(a, b, x, d, k);
				return true;
			}
		}
	}
	return false;
}

static void add_change(struct gs_diff_changes *list, struct gs_diff_change change)
{
	gs_grow(&list->v, list->n, &list->room, sizeof *list->v);
	list->v[list->n++] = change;
}

static void collect(const struct side *a, const struct side *b, struct gs_diff_changes *list)
{
	size_t i = 0, j = 0;

	while (i < a->n || j < b->n) {
		struct gs_diff_change c = { .a = i, .b = j };

		while (i < a->n && a->changed[i])
			i++;
		while (j < b->n && b->changed[j])
			j++;
		c.a_lines = i - c.a;
		c.b_lines = j - c.b;
		if (c.a_lines || c.b_lines)
			add_change(list, c);
		if (i < a->n && j < b->n) {
			i++;
			j++;
		}
	}
}

/* The changes between two texts, counted from their first lines. */
static void compare(struct gs_span old, struct gs_span new, struct gs_diff_changes *list)
{
	size_t n = count_lines(old), m = count_lines(new);
	GS_AUTO(side_done) struct side a = { 0 };
	GS_AUTO(side_done) struct side b = { 0 };

	if (n && m && n <= GS_DIFF_MAX_LINES && m <= GS_DIFF_MAX_LINES) {
		side_init(&a, n);
		side_init(&b, m);
		number_lines(old, &a, new, &b);
		if (search(&a, &b)) {
			return collect(&a, &b, list);
		}
	}
	add_change(list, (struct gs_diff_change){ .a_lines = n, .b_lines = m });
}

static void add_line(struct gs_str *out, char sign, struct gs_span line)
{
	gs_str_addc(out, sign);
	gs_str_add(out, line);
	if (!line.len || line.ptr[line.len - 1] != '\n')
		gs_str_adds(out, "\n\\ No newline at end of file\n");
}

static void add_lines(struct gs_str *out, char sign, struct gs_span *rest, size_t n)
{
	while (n-- > 0)
		add_line(out, sign, gs_diff_take_line(rest));
}

static void skip_lines(struct gs_span *rest, size_t n)
{
	while (n-- > 0)
		gs_diff_take_line(rest);
}

/* A range of one line is its number; of no lines, the number of the line before. */
static void add_range(struct gs_str *out, size_t first, size_t n)
{
	gs_str_addf(out, "%zu", n ? first + 1 : first);
	if (n != 1)
		gs_str_addf(out, ",%zu", n);
}

/* A position in both texts while hunks are printed; a and b count lines. */
struct cursor {
	struct gs_span old, new;
	size_t a, b;
};

static void move(struct cursor *at, size_t lines)
{
	skip_lines(&at->old, lines);
	skip_lines(&at->new, lines);
	at->a += lines;
	at->b += lines;
}

/* Print the n changes of one hunk; at is before the context of the first. */
static void add_hunk(struct gs_str *out, struct cursor *at, const struct gs_diff_change *c,
		     size_t n)
{
	const struct gs_diff_change *last = &c[n - 1];
	struct gs_span tail = at->old;
	size_t a_end = last->a + last->a_lines, after = 0;

	skip_lines(&tail, a_end - at->a);
	while (after < CONTEXT && tail.len) {
		gs_diff_take_line(&tail);
		after++;
	}
	gs_str_adds(out, "@@ -");
	add_range(out, at->a, a_end + after - at->a);
	gs_str_adds(out, " +");
	add_range(out, at->b, last->b + last->b_lines + after - at->b);
	gs_str_adds(out, " @@\n");
	for (size_t i = 0; i < n; i++) {
		size_t same = c[i].a - at->a;

		add_lines(out, ' ', &at->old, same);
		skip_lines(&at->new, same);
		add_lines(out, '-', &at->old, c[i].a_lines);
		add_lines(out, '+', &at->new, c[i].b_lines);
		at->a = c[i].a + c[i].a_lines;
		at->b = c[i].b + c[i].b_lines;
	}
	add_lines(out, ' ', &at->old, after);
	skip_lines(&at->new, after);
	at->a += after;
	at->b += after;
}

static void add_hunks(struct gs_str *out, struct cursor at, const struct gs_diff_changes *list)
{
	for (size_t i = 0, n; i < list->n; i += n) {
		const struct gs_diff_change *c = &list->v[i];
		size_t gap = c->a - at.a;

		for (n = 1; i + n < list->n; n++)
			if (c[n].a - c[n - 1].a - c[n - 1].a_lines > (size_t)2 * CONTEXT)
				break;
		move(&at, gap > CONTEXT ? gap - CONTEXT : 0);
		add_hunk(out, &at, c, n);
	}
}

static void add_quoted(struct gs_str *out, const char *path)
{
	gs_str_addc(out, '"');
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (c == '"' || c == '\\')
			gs_str_addf(out, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			gs_str_addf(out, "\\%03o", c);
		else
			gs_str_addc(out, *path);
	}
	gs_str_addc(out, '"');
}

static void add_header(struct gs_str *out, const char *sign, const char *path)
{
	bool quote = false;

	for (const char *p = path; *p; p++)
		quote |= *p == '"' || *p == '\\' || (*p > 0 && *p < ' ') || *p == 0x7f;
	gs_str_addf(out, "%s ", sign);
	if (quote)
		add_quoted(out, path);
	else
		gs_str_adds(out, path);
	/* patch(1) ends a name at a tab, or at the first blank where there is none. */
	gs_str_adds(out, !quote && strchr(path, ' ') ? "\t\n" : "\n");
}

/* An empty text may come without a pointer, and C17 has no NULL + 0. */
static struct gs_span from_empty(struct gs_span text)
{
	return text.ptr ? text : gs_span("", 0);
}

void gs_diff_compare(struct gs_span old, struct gs_span new, struct gs_diff_changes *ret)
{
	size_t head, tail, lines;
	struct gs_span a, b;

	if (gs_span_is(old, new))
		return;
	old = from_empty(old);
	new = from_empty(new);
	head = common_head(old, new);
	a = gs_span_from(old, head);
	b = gs_span_from(new, head);
	tail = common_tail(a, b);
	compare(gs_span(a.ptr, a.len - tail), gs_span(b.ptr, b.len - tail), ret);
	lines = count_lines(gs_span(old.ptr, head));
	for (size_t i = 0; i < ret->n; i++) {
		ret->v[i].a += lines;
		ret->v[i].b += lines;
	}
}

void gs_diff_unified(const char *path, struct gs_span old, bool old_exists, struct gs_span new,
		     struct gs_str *out)
{
	struct cursor start = { .old = from_empty(old), .new = from_empty(new) };
	struct gs_diff_changes list = { 0 };

	if (gs_span_is(old, new))
		return;
	gs_diff_compare(old, new, &list);
	add_header(out, "---", old_exists ? path : "/dev/null");
	add_header(out, "+++", path);
	add_hunks(out, start, &list);
	free(list.v);
}
