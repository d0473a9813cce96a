/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/nft_text.h"

#include <stdint.h>
#include <string.h>

enum { SHOWN = 6 /* elements of a set */, DEPTH = 8 };

static const char *key_of(const json_t *object)
{
	return json_object_iter_key(json_object_iter((json_t *)(uintptr_t)object));
}

static void add_text(const json_t *value, struct gs_str *out)
{
	gs_str_add(out, gs_span(json_string_value(value), json_string_length(value)));
}

static void add_value(const json_t *value, unsigned depth, struct gs_str *out);

static void add_list(const json_t *list, const char *between, unsigned depth, struct gs_str *out)
{
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n && i < SHOWN; i++) {
		gs_str_adds(out, i ? between : "");
		add_value(json_array_get(list, i), depth, out);
	}
	gs_str_adds(out, n > SHOWN ? ", …" : "");
}

/* {"key": {"a": x, "b": y}}: x y, in words of the rule */
static void add_members(const json_t *body, const char *first, const char *second,
			const char *between, struct gs_str *out)
{
	add_value(json_object_get(body, first), DEPTH, out);
	gs_str_adds(out, between);
	add_value(json_object_get(body, second), DEPTH, out);
}

static void add_set(const json_t *list, unsigned depth, struct gs_str *out)
{
	gs_str_adds(out, "{ ");
	if (json_is_array(list))
		add_list(list, ", ", depth, out);
	else
		add_value(list, depth, out);
	gs_str_adds(out, " }");
}

/* Keys of meta need no "meta" where nft prints none. */
static void add_meta(const json_t *body, struct gs_str *out)
{
	const char *key = json_string_value(json_object_get(body, "key"));

	if (key && strncmp(key, "iif", 3) != 0 && strncmp(key, "oif", 3) != 0)
		gs_str_adds(out, "meta ");
	gs_str_adds(out, key ? key : "");
}

static void add_fib(const json_t *body, struct gs_str *out)
{
	const json_t *flags = json_object_get(body, "flags");

	gs_str_adds(out, "fib ");
	if (json_is_array(flags))
		add_list(flags, " . ", DEPTH, out);
	else
		add_text(flags, out);
	gs_str_addc(out, ' ');
	add_text(json_object_get(body, "result"), out);
}

static void add_object(const json_t *value, unsigned depth, struct gs_str *out)
{
	const char *key = key_of(value);
	const json_t *body = key ? json_object_get(value, key) : NULL;

	if (!key)
		return;
	if (!strcmp(key, "payload")) {
		add_members(body, "protocol", "field", " ", out);
	} else if (!strcmp(key, "meta")) {
		add_meta(body, out);
	} else if (!strcmp(key, "ct")) {
		gs_str_adds(out, "ct ");
		add_text(json_object_get(body, "key"), out);
	} else if (!strcmp(key, "fib")) {
		add_fib(body, out);
	} else if (!strcmp(key, "prefix")) {
		add_members(body, "addr", "len", "/", out);
	} else if (!strcmp(key, "range")) {
		add_list(body, "-", depth, out);
	} else if (!strcmp(key, "concat")) {
		add_list(body, " . ", depth, out);
	} else if (!strcmp(key, "set")) {
		add_set(body, depth, out);
	} else if (!strcmp(key, "elem")) {
		add_value(json_object_get(body, "val"), depth, out);
	} else if (!strcmp(key, "&") || !strcmp(key, "|") || !strcmp(key, "^")) {
		add_value(json_array_get(body, 0), depth, out);
		gs_str_addf(out, " %s ", key);
		add_value(json_array_get(body, 1), depth, out);
	} else {
		gs_str_adds(out, key);
	}
}

static void add_value(const json_t *value, unsigned depth, struct gs_str *out)
{
	if (!depth)
		gs_str_adds(out, "…");
	else if (json_is_string(value))
		add_text(value, out);
	else if (json_is_integer(value))
		gs_str_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_array(value))
		add_list(value, ",", depth - 1, out);
	else if (json_is_boolean(value))
		gs_str_adds(out, json_is_true(value) ? "exists" : "missing");
	else if (json_is_object(value))
		add_object(value, depth - 1, out);
}

static void add_match(const json_t *match, struct gs_str *out)
{
	const char *op = json_string_value(json_object_get(match, "op"));

	add_value(json_object_get(match, "left"), DEPTH, out);
	gs_str_addc(out, ' ');
	if (op && strcmp(op, "==") != 0 && strcmp(op, "in") != 0)
		gs_str_addf(out, "%s ", op);
	add_value(json_object_get(match, "right"), DEPTH, out);
}

static void add_statement(const json_t *statement, struct gs_str *out)
{
	const char *word = key_of(statement);
	const json_t *body = word ? json_object_get(statement, word) : NULL;

	if (!word || !strcmp(word, "counter"))
		return;
	gs_str_adds(out, out->len ? " " : "");
	if (!strcmp(word, "match")) {
		add_match(body, out);
		return;
	}
	if (!strcmp(word, "vmap")) {
		add_value(json_object_get(body, "key"), DEPTH, out);
		gs_str_adds(out, " vmap");
		return;
	}
	gs_str_adds(out, word);
	if (json_object_get(body, "target")) {
		gs_str_addc(out, ' ');
		add_text(json_object_get(body, "target"), out);
	}
}

void gs_nft_text(const json_t *rule, struct gs_str *out)
{
	const json_t *exprs = json_object_get(rule, "expr");
	const json_t *comment = json_object_get(rule, "comment");

	for (size_t i = 0; i < json_array_size(exprs); i++)
		add_statement(json_array_get(exprs, i), out);
	if (!comment)
		return;
	gs_str_adds(out, " comment \"");
	add_text(comment, out);
	gs_str_addc(out, '"');
}
