/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/envmask.h"

#include <stdlib.h>

#include "core/format/clusterenv.h"
#include "core/format/diff.h"

/* ---- masking ----------------------------------------------------------------------------- */

static struct gs_span body_of(struct gs_span line)
{
	if (line.len && line.ptr[line.len - 1] == '\n')
		line.len--;
	return line;
}

bool gs_envmask_is_other(struct gs_span line)
{
	line = body_of(line);
	return line.len == 1 && !line.ptr[0];
}

/* gshare adds a blank line where the last line ends in a backslash. */
static bool is_blank(struct gs_span line)
{
	return !gs_span_trim(line).len;
}

void gs_envmask(struct gs_span text, struct gs_str *out)
{
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	gs_autofree bool *managed = NULL;
	struct gs_err long_text = { 0 };

	if (gs_clusterenv_parse(text, &env, &long_text) < 0)
		return;
	managed = gs_alloc((env.text.n + 1) * sizeof *managed);
	gs_clusterenv_mark(&env, managed);
	for (size_t i = 0; i < env.text.n; i++) {
		struct gs_span line = env.text.line[i].bytes, body = body_of(line);

		if (managed[i] || is_blank(line))
			gs_str_add(out, body);
		else
			gs_str_addc(out, '\0');
		gs_str_add(out, gs_span_from(line, body.len));
	}
}

/* ---- filling ----------------------------------------------------------------------------- */

/* struct gaps - for each number of others' lines in a mask: how many of now's come before it */
struct gaps {
	size_t *v;
	size_t n; /* others' lines of the mask */
};

static size_t count_others(struct gs_span mask)
{
	size_t n = 0;

	while (mask.len)
		n += gs_envmask_is_other(gs_diff_take_line(&mask));
	return n;
}

static void add_ended(struct gs_span text, struct gs_str *out)
{
	gs_str_add(out, text);
	if (text.len && text.ptr[text.len - 1] != '\n')
		gs_str_addc(out, '\n');
}

/* struct walk - the state while a mask is compared with that of now */
struct walk {
	struct gaps *gaps;
	size_t gap, others; /* others' lines passed in the mask and in now's */
	bool placed;	    /* a line in this gap was found in now */
};

static void pass_other(struct walk *w)
{
	w->gaps->v[++w->gap] = w->others;
	w->placed = false;
}

static void pass_same(struct walk *w, struct gs_span line)
{
	if (gs_envmask_is_other(line)) {
		w->others++;
		pass_other(w);
	} else if (!w->placed) {
		w->gaps->v[w->gap] = w->others;
		w->placed = true;
	}
}

static void pass_change(struct walk *w, const struct gs_diff_change *change, struct gs_span *mask,
			struct gs_span *now)
{
	for (size_t i = 0; i < change->b_lines; i++)
		w->others += gs_envmask_is_other(gs_diff_take_line(now));
	for (size_t i = 0; i < change->a_lines; i++)
		if (gs_envmask_is_other(gs_diff_take_line(mask)))
			pass_other(w);
}

/* Others have added or removed lines: gshare's lines between them show where. */
static void align(struct gs_span mask, struct gs_span now, struct gaps *gaps)
{
	gs_autostr struct gs_str a = { 0 }, b = { 0 };
	struct gs_diff_changes changes = { 0 };
	struct walk w = { .gaps = gaps };
	struct gs_span rest, other;
	size_t at = 0;

	add_ended(mask, &a);
	add_ended(now, &b);
	rest = gs_str_span(&a);
	other = gs_str_span(&b);
	gs_diff_compare(rest, other, &changes);
	for (size_t i = 0; i <= changes.n; i++) {
		size_t end = i < changes.n ? changes.v[i].a : SIZE_MAX;

		for (; rest.len && at < end; at++) {
			gs_diff_take_line(&other);
			pass_same(&w, gs_diff_take_line(&rest));
		}
		if (i == changes.n)
			break;
		pass_change(&w, &changes.v[i], &rest, &other);
		at += changes.v[i].a_lines;
	}
	free(changes.v);
}

/* struct others - the lines of others in now, in their order */
struct others {
	struct gs_span *v;
	size_t n, room;
};

static void list_others(struct gs_span now, struct gs_span mask, struct others *ret)
{
	while (now.len) {
		struct gs_span line = gs_diff_take_line(&now);

		if (!gs_envmask_is_other(gs_diff_take_line(&mask)))
			continue;
		gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
		ret->v[ret->n++] = body_of(line);
	}
}

static void add_others(const struct others *others, size_t *at, size_t end, struct gs_str *out)
{
	for (; *at < end && *at < others->n; ++*at) {
		gs_str_add(out, others->v[*at]);
		gs_str_addc(out, '\n');
	}
}

static void weave(struct gs_span mask, const struct others *others, const struct gaps *gaps,
		  struct gs_str *out)
{
	bool ended = !mask.len || mask.ptr[mask.len - 1] == '\n', last_is_managed = false;
	size_t gap = 0, at = 0;

	while (mask.len) {
		struct gs_span line = gs_diff_take_line(&mask);

		last_is_managed = !gs_envmask_is_other(line);
		if (!last_is_managed) {
			gap++;
			continue;
		}
		add_others(others, &at, gaps->v[gap], out);
		gs_str_add(out, body_of(line));
		gs_str_addc(out, '\n');
	}
	/* The last line had no newline: it has none as long as it is the last. */
	if (!ended && (last_is_managed ? at == others->n : gaps->n == others->n)) {
		add_others(others, &at, others->n, out);
		out->ptr[--out->len] = '\0';
		return;
	}
	add_others(others, &at, others->n, out);
}

bool gs_envmask_fits(struct gs_span old, struct gs_span new)
{
	return count_others(old) == count_others(new);
}

void gs_envmask_fill(struct gs_span old, struct gs_span new, struct gs_span now,
		     struct gs_str *ret_old, struct gs_str *ret_new)
{
	gs_autostr struct gs_str mask = { 0 };
	struct gaps gaps = { .n = count_others(new) };
	struct others others = { 0 };

	gs_envmask(now, &mask);
	list_others(now, gs_str_span(&mask), &others);
	gaps.v = gs_alloc((gaps.n + 1) * sizeof *gaps.v);
	for (size_t i = 0; i <= gaps.n; i++)
		gaps.v[i] = i;
	/* If now is as the run left or found it, every line of others has its old place. */
	if (!gs_span_is(gs_str_span(&mask), new) && !gs_span_is(gs_str_span(&mask), old)) {
		gaps.v[0] = 0;
		align(new, gs_str_span(&mask), &gaps);
	}
	weave(old, &others, &gaps, ret_old);
	weave(new, &others, &gaps, ret_new);
	free(gaps.v);
	free(others.v);
}
