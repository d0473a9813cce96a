/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/diagnose/case_text.h"

#include <errno.h>
#include <string.h>

#include "core/check/causes.h"

enum field { SIDE, PLACE, SEVERITY, ID, TEXT, FIX, UNSEEN, FIELDS };

static void write_text(const char *text, struct gs_str *out)
{
	/* One byte more than the text: a text that is absent has none. */
	gs_str_addf(out, "%zu:%s%s,", text ? strlen(text) + 1 : 0, text ? "=" : "",
		    text ? text : "");
}

static void write_number(unsigned number, struct gs_str *out)
{
	gs_autofree char *text = gs_printf("%u", number);

	write_text(text, out);
}

void gs_cases_write(const struct gs_cases *cases, struct gs_str *out)
{
	for (size_t i = 0; i < cases->n; i++) {
		const struct gs_case *c = &cases->v[i];

		write_number(c->side, out);
		write_text(c->place, out);
		write_number(c->finding.severity, out);
		write_text(c->finding.id, out);
		write_text(c->finding.text, out);
		write_text(c->finding.fix, out);
		write_number(c->is_unseen, out);
	}
}

/* @ret: empty where the text is absent, else with its '=' */
static bool read_field(struct gs_span *rest, struct gs_span *ret)
{
	struct gs_span length = { 0 };
	uint64_t n = 0;

	if (!gs_span_cut(rest, ':', &length) || !gs_span_number(length, rest->len, &n) ||
	    n >= rest->len || rest->ptr[n] != ',' || (n && rest->ptr[0] != '='))
		return false;
	*ret = gs_span(rest->ptr, n);
	*rest = gs_span_from(*rest, n + 1);
	return true;
}

static bool read_number(struct gs_span field, unsigned max, unsigned *ret)
{
	uint64_t number = 0;

	if (!field.len || !gs_span_number(gs_span_from(field, 1), max, &number))
		return false;
	*ret = (unsigned)number;
	return true;
}

static char *text_of(struct gs_span field)
{
	return field.len ? gs_span_dup(gs_span_from(field, 1)) : NULL;
}

static const char *id_of(struct gs_span field)
{
	gs_autofree char *id = text_of(field);
	const char *own = id ? gs_own_id(id) : NULL;

	return !id || own ? own : "LOOK_FAILED";
}

static void add(const struct gs_span field[FIELDS], const unsigned number[FIELDS],
		struct gs_cases *cases)
{
	gs_autofree char *place = text_of(field[PLACE]);
	gs_autofree char *text = text_of(field[TEXT]), *fix = text_of(field[FIX]);
	const struct gs_case one = {
		.side = number[SIDE],
		.place = place,
		.finding = { .severity = number[SEVERITY],
			     .id = id_of(field[ID]),
			     .text = text,
			     .fix = fix },
		.is_unseen = number[UNSEEN],
	};

	gs_cases_copy(cases, &one);
}

int gs_cases_read(struct gs_span text, struct gs_cases *cases, struct gs_err *err)
{
	static const unsigned max[FIELDS] = {
		[SIDE] = GS_SIDE_FOLLOWER, [SEVERITY] = GS_FAIL, [UNSEEN] = 1
	};

	while (text.len) {
		struct gs_span field[FIELDS] = { 0 };
		unsigned number[FIELDS] = { 0 };

		for (size_t i = 0; i < FIELDS; i++)
			if (!read_field(&text, &field[i]) ||
			    (max[i] && !read_number(field[i], max[i], &number[i])))
				return gs_err_set(err, EPROTO, "what was seen cannot be read");
		if (!field[TEXT].len)
			return gs_err_set(err, EPROTO, "what was seen has no text");
		add(field, number, cases);
	}
	return 0;
}
