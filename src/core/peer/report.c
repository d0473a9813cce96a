/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/peer/report.h"

#include <errno.h>
#include <string.h>

#define FIRST "gshare-report 1"
#define LAST  "sum "

enum {
	SUM_DIGITS = 16,
	TAIL_BYTES = 64, /* of the lines that end a report: left-out, sum */
};

/* FNV-1a of 64 bits: it is to notice accidents, not forgers. */
static uint64_t sum_of(struct gs_span text)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.len; i++)
		sum = (sum ^ (unsigned char)text.ptr[i]) * UINT64_C(0x100000001b3);
	return sum;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void add_word(const char *text, struct gs_str *out)
{
	if (!text) {
		gs_str_addc(out, '-');
		return;
	}
	/* An empty word, and "-" itself, are told from what is not known. */
	if (!text[0])
		gs_str_adds(out, "\\000");
	for (const char *c = text; *c; c++) {
		if (*c <= ' ' || *c > '~' || *c == '\\' || !strcmp(text, "-"))
			gs_str_addf(out, "\\%03o", (unsigned)(unsigned char)*c);
		else
			gs_str_addc(out, *c);
	}
}

static void add_field(const struct gs_node_field *field, const void *base, struct gs_str *out)
{
	const char *at = (const char *)base + field->at;
	uint64_t number;
	const char *text;

	gs_str_addc(out, ' ');
	if (field->kind == GS_FIELD_NUMBER) {
		memcpy(&number, at, sizeof number);
		gs_str_addf(out, "%llu", (unsigned long long)number);
		return;
	}
	memcpy(&text, at, sizeof text);
	add_word(text, out);
}

static void add_fact(enum gs_node_what what, const void *base, struct gs_str *out)
{
	const struct gs_node_fact *fact = &gs_node_facts[what];

	gs_str_adds(out, fact->word);
	for (const struct gs_node_field *f = fact->field; f->kind; f++)
		add_field(f, base, out);
	gs_str_addc(out, '\n');
}

/* Returns how many did not fit. */
static size_t add_facts(const struct gs_node *node, enum gs_node_what what, struct gs_str *out)
{
	size_t left_out = 0;

	for (size_t i = 0; i < gs_node_count(node, what); i++) {
		gs_autostr struct gs_str line = { 0 };

		add_fact(what, gs_node_at(node, what, i), &line);
		if (i >= gs_node_facts[what].most ||
		    out->len + line.len + TAIL_BYTES > GS_REPORT_BYTES)
			left_out++;
		else
			gs_str_add(out, gs_str_span(&line));
	}
	return left_out;
}

void gs_report_node(const struct gs_node *node, struct gs_str *out)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_node tail = { .left_out = node->left_out };

	gs_str_adds(&text, FIRST "\n");
	for (enum gs_node_what what = 0; what < GS_NODE_FACTS; what++)
		if (what != GS_NODE_LEFT_OUT)
			tail.left_out += add_facts(node, what, &text);
	add_fact(GS_NODE_LEFT_OUT, &tail, &text);
	gs_str_addf(&text, LAST "%016llx\n", (unsigned long long)sum_of(gs_str_span(&text)));
	gs_str_add(out, gs_str_span(&text));
}

/* ---- parsing --------------------------------------------------------------------------------- */

struct reading {
	const char *name;
	size_t number; /* of the line */
	unsigned seen; /* facts that are no lists, as 1 << what */
	struct gs_node node;
};

static void reading_done(struct reading *r)
{
	gs_node_done(&r->node);
}

static int bad(const struct reading *r, struct gs_err *err, const char *what)
{
	gs_err_set(err, EBADMSG, "%s:%zu: %s", r->name, r->number, what);
	gs_err_cause(err, "PEER_REPORT_BAD");
	return gs_err_advise(err,
			     "make it anew, on the other node: sudo gshare doctor "
			     "--peer-report");
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Returns the byte at *at, and moves behind it; -1: no word of a report has that. */
static int byte_at(struct gs_span word, size_t *at)
{
	const char *c = word.ptr + *at;

	if (*c <= ' ' || *c > '~')
		return -1;
	if (*c != '\\') {
		++*at;
		return *c;
	}
	if (word.len - *at < 4 || c[1] > '3' || !is_octal(c[1]) || !is_octal(c[2]) ||
	    !is_octal(c[3]))
		return -1;
	*at += 4;
	return (c[1] - '0') * 64 + (c[2] - '0') * 8 + (c[3] - '0');
}

/* *ret is owned, NULL for "-". A word is read only as it would be written. */
static bool read_word(struct gs_span word, char **ret)
{
	gs_autostr struct gs_str text = { 0 }, again = { 0 };

	*ret = NULL;
	if (gs_span_is_text(word, "-"))
		return true;
	if (!gs_span_is_text(word, "\\000"))
		for (size_t at = 0; at < word.len;) {
			int byte = byte_at(word, &at);

			if (byte <= 0)
				return false;
			gs_str_addc(&text, (char)byte);
		}
	add_word(text.ptr ? text.ptr : "", &again);
	if (!gs_span_is(gs_str_span(&again), word))
		return false;
	*ret = gs_span_dup(gs_str_span(&text));
	return true;
}

static bool read_number(struct gs_span word, uint64_t max, void *at)
{
	uint64_t number = 0;

	if (!gs_span_number(word, max, &number) || (word.len > 1 && word.ptr[0] == '0'))
		return false;
	memcpy(at, &number, sizeof number);
	return true;
}

/* A text that was read belongs to the fact, right or not. */
static bool read_field(const struct gs_node_field *field, struct gs_span word, void *base)
{
	char *at = (char *)base + field->at;
	char *text = NULL;

	if (field->kind == GS_FIELD_NUMBER)
		return read_number(word, field->max, at);
	if (!read_word(word, &text))
		return false;
	memcpy(at, &text, sizeof text);
	return text ? field->kind == GS_FIELD_TEXT || gs_node_is_address(text) : !field->must;
}

static int read_fact(struct reading *r, enum gs_node_what what, struct gs_span words,
		     struct gs_err *err)
{
	const struct gs_node_fact *fact = &gs_node_facts[what];
	struct gs_span word = { 0 };
	void *base;

	if (!fact->is_list && r->seen & 1U << what)
		return bad(r, err, "this fact is there twice");
	if (fact->is_list && gs_node_count(&r->node, what) >= fact->most)
		return bad(r, err, "there are more facts of this kind than a report has");
	r->seen |= 1U << what;
	base = gs_node_add(&r->node, what);
	for (const struct gs_node_field *f = fact->field; f->kind; f++) {
		if (!gs_span_cut(&words, ' ', &word))
			return bad(r, err, "a word is missing");
		if (!read_field(f, word, base))
			return bad(r, err, "a word is not as a report has it");
	}
	return words.ptr ? bad(r, err, "there are more words than this fact has") : 0;
}

static int read_line(struct reading *r, struct gs_span line, struct gs_err *err)
{
	struct gs_span words = line, word = { 0 };

	gs_span_cut(&words, ' ', &word);
	for (enum gs_node_what what = 0; what < GS_NODE_FACTS; what++)
		if (gs_span_is_text(word, gs_node_facts[what].word))
			return read_fact(r, what, words, err);
	return bad(r, err, "no fact of a report begins with this word");
}

/* The end is looked at first: of a report that was cut short nothing is believed. */
static int check_sum(struct reading *r, struct gs_span text, struct gs_span *ret_facts,
		     struct gs_err *err)
{
	size_t end = sizeof LAST - 1 + SUM_DIGITS + 1;
	gs_autofree char *last = NULL;

	r->number = 0;
	for (size_t i = 0; i < text.len; i++)
		r->number += text.ptr[i] == '\n';
	if (text.len <= end || text.ptr[text.len - 1] != '\n' ||
	    text.ptr[text.len - end - 1] != '\n' ||
	    !gs_span_has_prefix(gs_span_from(text, text.len - end), LAST))
		return bad(r, err, "the report ends before its line with the checksum");
	*ret_facts = gs_span(text.ptr, text.len - end);
	last = gs_printf(LAST "%016llx\n", (unsigned long long)sum_of(*ret_facts));
	if (!gs_span_is_text(gs_span_from(text, text.len - end), last))
		return bad(r, err, "the checksum is not that of the report: it was changed");
	return 0;
}

static int check_version(struct reading *r, struct gs_span *text, struct gs_err *err)
{
	struct gs_span line = { 0 };

	r->number = 1;
	gs_span_cut(text, '\n', &line);
	if (!gs_span_has_prefix(line, "gshare-report "))
		return bad(r, err, "this is no report of gshare doctor --peer-report");
	if (!gs_span_is_text(line, FIRST))
		return bad(r, err,
			   "the report has another version than 1, which this gshare reads");
	return 0;
}

static int check_whole(struct reading *r, struct gs_err *err)
{
	for (enum gs_node_what what = 0; what < GS_NODE_FACTS; what++)
		if (!gs_node_facts[what].is_list && !(r->seen & 1U << what))
			return bad(r, err, "the report lacks a fact that every report has");
	return 0;
}

int gs_report_read(struct gs_span text, const char *name, struct gs_node *node, struct gs_err *err)
{
	GS_AUTO(reading_done) struct reading r = { .name = name, .number = 1 };
	struct gs_span facts = text, unused = text, line = { 0 };

	if (text.len > GS_REPORT_BYTES) {
		gs_err_set(err, EFBIG, "%s:1: a report has at most %d bytes", name,
			   GS_REPORT_BYTES);
		return gs_err_cause(err, "PEER_REPORT_BAD");
	}
	/* Something else than a report is told as such, before it is told to be cut short. */
	if (check_version(&r, &unused, err) < 0 || check_sum(&r, text, &facts, err) < 0 ||
	    check_version(&r, &facts, err) < 0)
		return err->code;
	while (facts.len && gs_span_cut(&facts, '\n', &line)) {
		r.number++;
		if (read_line(&r, line, err) < 0)
			return err->code;
	}
	if (check_whole(&r, err) < 0)
		return err->code;
	*node = r.node;
	r.node = (struct gs_node){ 0 };
	return 0;
}
