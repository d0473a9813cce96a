/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/merge3.h"

#include <stdlib.h>
#include <string.h>

#include "core/format/diff.h"

/*
 * Merges two differences from one text, the one that the run wrote (new): back to the text before
 * the run, and on to the text now. Positions are lines of new.
 */

struct merge {
	struct gs_span new;
	struct gs_span old, now;	    /* the texts that hold the changed lines */
	struct gs_diff_changes back, since; /* new to old, new to now */
	struct gs_str out;
};

static struct gs_span lines_at(struct gs_span text, size_t first, size_t n)
{
	const char *start;

	while (first-- > 0)
		gs_diff_take_line(&text);
	start = text.ptr;
	while (n-- > 0)
		gs_diff_take_line(&text);
	return gs_span(start, (size_t)(text.ptr - start));
}

/* Do two changes touch the same lines? An insertion between two lines touches neither. */
static bool overlap(const struct gs_diff_change *x, const struct gs_diff_change *y)
{
	return x->a < y->a + y->a_lines && y->a < x->a + x->a_lines;
}

/* Was the same change undone by hand already? */
static bool is_same(const struct merge *m, const struct gs_diff_change *back,
		    const struct gs_diff_change *since)
{
	return back->a == since->a && back->a_lines == since->a_lines &&
	       gs_span_is(lines_at(m->old, back->b, back->b_lines),
			  lines_at(m->now, since->b, since->b_lines));
}

static void drop(struct gs_diff_changes *list, size_t i)
{
	memmove(list->v + i, list->v + i + 1, (--list->n - i) * sizeof *list->v);
}

/* Checked in both directions: either change may be an insertion inside the other. */
static bool is_conflict(const struct gs_diff_change *back, const struct gs_diff_change *since)
{
	return overlap(back, since) || (since->a > back->a && since->a < back->a + back->a_lines) ||
	       (back->a > since->a && back->a < since->a + since->a_lines);
}

static bool find_conflict(struct merge *m, struct gs_undo_conflict *ret)
{
	for (size_t i = 0; i < m->back.n; i++) {
		bool same = false;

		for (size_t k = 0; k < m->since.n && !same; k++) {
			const struct gs_diff_change *since = &m->since.v[k];
			struct gs_span now;

			same = is_same(m, &m->back.v[i], since);
			if (same || !is_conflict(&m->back.v[i], since))
				continue;
			now = lines_at(m->now, since->b, since->b_lines);
			ret->number = since->b + 1;
			ret->found = gs_diff_take_line(&now);
			ret->want = lines_at(m->new, m->back.v[i].a, m->back.v[i].a_lines ? 1 : 0);
			return true;
		}
		if (same)
			drop(&m->back, i--);
	}
	return false;
}

/* A line that was the last may have no newline; after a backslash it needs two. */
static void add_lines(struct gs_str *out, struct gs_span lines)
{
	if (lines.len && out->len && out->ptr[out->len - 1] != '\n')
		gs_str_adds(out, out->ptr[out->len - 1] == '\\' ? "\n\n" : "\n");
	gs_str_add(out, lines);
}

static const struct gs_diff_change *next(const struct gs_diff_changes *list, size_t i, size_t at)
{
	return i < list->n && list->v[i].a == at ? &list->v[i] : NULL;
}

static void merge(struct merge *m)
{
	struct gs_span rest = m->new;
	size_t at = 0, i = 0, k = 0;

	for (;;) {
		const struct gs_diff_change *back = next(&m->back, i, at);
		const struct gs_diff_change *since = next(&m->since, k, at);
		const struct gs_diff_change *change;

		/* An insertion of others goes before the lines that the run changed. */
		change = since && (!back || (!since->a_lines && back->a_lines)) ? since : back;
		if (!change) {
			if (!rest.len)
				return;
			add_lines(&m->out, gs_diff_take_line(&rest));
			at++;
			continue;
		}
		add_lines(&m->out,
			  lines_at(change == since ? m->now : m->old, change->b, change->b_lines));
		for (size_t n = 0; n < change->a_lines; n++)
			gs_diff_take_line(&rest);
		at += change->a_lines;
		i += change == back;
		k += change == since;
	}
}

static struct gs_span from_empty(struct gs_span text)
{
	return text.ptr ? text : gs_span("", 0);
}

static bool merge_three(struct gs_span old, struct gs_span new, struct gs_span now,
			struct gs_str *ret, struct gs_undo_conflict *ret_conflict)
{
	struct merge m = { .new = from_empty(new), .old = from_empty(old), .now = from_empty(now) };
	bool conflict;

	gs_diff_compare(m.new, m.old, &m.back);
	gs_diff_compare(m.new, m.now, &m.since);
	conflict = find_conflict(&m, ret_conflict);
	if (!conflict) {
		merge(&m);
		gs_str_add(ret, gs_str_span(&m.out));
	}
	gs_str_done(&m.out);
	free(m.back.v);
	free(m.since.v);
	return !conflict;
}

/* Does only a newline lack after the last line for another to follow? Not after a backslash. */
static bool lacks_end(struct gs_span text)
{
	return text.len && text.ptr[text.len - 1] != '\n' && text.ptr[text.len - 1] != '\\';
}

static void add_ended(struct gs_str *out, struct gs_span text)
{
	gs_str_add(out, text);
	if (lacks_end(text))
		gs_str_addc(out, '\n');
}

bool gs_undo_text(struct gs_span old, struct gs_span new, struct gs_span now, struct gs_str *ret,
		  struct gs_undo_conflict *ret_conflict)
{
	gs_autostr struct gs_str ended_old = { 0 }, ended = { 0 };
	struct gs_undo_conflict unused;

	if (gs_span_is(new, now)) {
		gs_str_add(ret, old);
		return true;
	}
	if (merge_three(old, new, now, ret, ret_conflict))
		return true;
	if (!lacks_end(new) && !lacks_end(old))
		return false;
	add_ended(&ended_old, old);
	add_ended(&ended, new);
	return merge_three(gs_str_span(&ended_old), gs_str_span(&ended), now, ret, &unused);
}
