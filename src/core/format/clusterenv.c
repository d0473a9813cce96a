/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/clusterenv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { OWNED_KEYS = 4 };

struct pair {
	const char *key;
	const char *value;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct gs_span skip_blanks(struct gs_span a)
{
	while (a.len && is_blank(a.ptr[0]))
		a = gs_span_from(a, 1);
	return a;
}

static struct gs_span take_key(struct gs_span *rest)
{
	size_t n = 0;

	while (n < rest->len &&
	       (is_letter(rest->ptr[n]) || rest->ptr[n] == '_' ||
		(n && (is_digit(rest->ptr[n]) || rest->ptr[n] == '.' || rest->ptr[n] == '-'))))
		n++;
	*rest = gs_span_from(*rest, n);
	return gs_span(rest->ptr - n, n);
}

/* The length up to and with the closing quote, searched from at on; 0 if there is none. */
static size_t closing(struct gs_span text, char quote, size_t at)
{
	bool escaped = false;

	for (; at < text.len; at++) {
		if (text.ptr[at] == quote && !escaped)
			return at + 1;
		escaped = text.ptr[at] == '\\' && !escaped;
	}
	return 0;
}

/* A comment after a value needs a blank before it (Compose, bash). */
static bool is_comment_at(struct gs_span text, const char *p)
{
	return *p == '#' && p > text.ptr && is_blank(p[-1]);
}

/*
 * The value in text, the rest of the line after the separator. Text after a closing quote belongs
 * to the value, as in bash. ret_quote: the quote left open, or NUL.
 */
static struct gs_span take_value(struct gs_span text, char *ret_quote)
{
	struct gs_span v = skip_blanks(text);
	bool is_quoted = v.len && (v.ptr[0] == '"' || v.ptr[0] == '\'');
	size_t n = is_quoted ? closing(v, v.ptr[0], 1) : 0;

	*ret_quote = '\0';
	if (is_quoted && !n)
		*ret_quote = v.ptr[0];
	while (n < v.len && (*ret_quote || !is_comment_at(text, v.ptr + n)))
		n++;
	while (n && is_blank(v.ptr[n - 1]))
		n--;
	return n ? gs_span(v.ptr, n) : gs_span(text.ptr, 0);
}

/* Finds the line that closes a value's quote; without one the value ends on its own line. */
static void find_end(const struct gs_textdoc *text, char quote, struct gs_assignment *a)
{
	for (size_t i = a->line + 1; i < text->n; i++) {
		if (!closing(text->line[i].bytes, quote, 0))
			continue;
		a->last = i;
		return;
	}
	a->open = true;
}

static bool parse_line(const struct gs_textdoc *text, size_t i, struct gs_assignment *ret)
{
	struct gs_assignment a = { .line = i, .last = i };
	struct gs_span rest = text->line[i].bytes, word;
	char quote;

	if (!i && gs_span_has_prefix(rest, "\xef\xbb\xbf")) /* readers skip a byte order mark */
		rest = gs_span_from(rest, 3);
	if (rest.len && rest.ptr[rest.len - 1] == '\n')
		rest.len--;
	rest = skip_blanks(rest);
	word = take_key(&rest);
	if (gs_span_is_text(word, "export") && rest.len && is_blank(rest.ptr[0])) {
		struct gs_span after = skip_blanks(rest);

		if (after.len && after.ptr[0] != '=' && after.ptr[0] != ':') {
			rest = after;
			word = take_key(&rest);
		}
	}
	rest = skip_blanks(rest);
	if (!word.len || !rest.len || (rest.ptr[0] != '=' && rest.ptr[0] != ':'))
		return false;
	a.key = word;
	a.colon = rest.ptr[0] == ':';
	a.raw = take_value(gs_span_from(rest, 1), &quote);
	if (quote)
		find_end(text, quote, &a);
	*ret = a;
	return true;
}

static bool next_assignment(const struct gs_textdoc *text, size_t *i, struct gs_assignment *ret)
{
	while (*i < text->n) {
		if (parse_line(text, *i, ret)) {
			*i = ret->last + 1;
			return true;
		}
		++*i;
	}
	return false;
}

bool gs_clusterenv_next(const struct gs_clusterenv *env, size_t *i, struct gs_assignment *ret)
{
	return next_assignment(&env->text, i, ret);
}

int gs_clusterenv_parse(struct gs_span text, struct gs_clusterenv *env, struct gs_err *err)
{
	struct gs_clusterenv e = { 0 };

	if (gs_textdoc_parse(text, false, &e.text, err) < 0)
		return err->code;
	*env = e;
	return 0;
}

void gs_clusterenv_done(struct gs_clusterenv *env)
{
	gs_textdoc_done(&env->text);
}

void gs_clusterenv_render(const struct gs_clusterenv *env, struct gs_str *out)
{
	gs_textdoc_render(&env->text, out);
}

bool gs_clusterenv_get(const struct gs_clusterenv *env, const char *key, struct gs_span *ret_value)
{
	struct gs_assignment a, found = { 0 };
	struct gs_span value;

	for (size_t i = 0; next_assignment(&env->text, &i, &a);)
		if (gs_span_is_text(a.key, key))
			found = a;
	if (!found.key.len || found.last != found.line)
		return false;
	value = found.raw;
	if (value.len >= 2 && (value.ptr[0] == '"' || value.ptr[0] == '\'') &&
	    value.ptr[value.len - 1] == value.ptr[0])
		value = gs_span(value.ptr + 1, value.len - 2);
	*ret_value = value;
	return true;
}

static int check_value(const char *key, const char *value, struct gs_err *err)
{
	static const char also[] = "_./:@%+,=-";
	char shown[8];

	if (!value[0])
		return gs_err_set(err, EINVAL, "the value of '%s' is empty", key);
	for (const char *p = value; *p; p++) {
		if (is_letter(*p) || is_digit(*p) || strchr(also, *p))
			continue;
		if (*p >= ' ' && *p < 0x7f)
			snprintf(shown, sizeof shown, "'%c'", *p);
		else
			snprintf(shown, sizeof shown, "'\\%03o'", (unsigned char)*p);
		return gs_err_set(
			err, EINVAL,
			"the value of '%s' contains %s at byte %zu, which Compose, bash and "
			"docker --env-file read differently: only letters, digits and %s are "
			"written",
			key, shown, (size_t)(p - value) + 1, also);
	}
	return 0;
}

/* All checks before a key is set, so that no edit fails halfway. */
static int check_key(const struct gs_textdoc *text, const char *key, struct gs_err *err)
{
	size_t unclosed = 0;
	bool found = false;
	struct gs_assignment a;

	for (size_t i = 0; next_assignment(text, &i, &a);) {
		bool is_key = gs_span_is_text(a.key, key);

		if (is_key && a.last != a.line)
			return gs_err_set(err, EINVAL,
					  "the value of '%s' on line %zu spans several lines", key,
					  text->line[a.line].number);
		if (is_key && !a.colon)
			found = true;
		if (a.open && !is_key)
			unclosed = text->line[a.line].number;
	}
	if (!found && unclosed)
		return gs_err_set(
			err, EINVAL,
			"'%s' cannot be added: line %zu opens a quote that is never closed", key,
			unclosed);
	return 0;
}

/* What follows the value on its line, with the newline. */
static struct gs_span tail_of(const struct gs_textdoc *text, const struct gs_assignment *a)
{
	struct gs_span line = text->line[a->line].bytes;

	return gs_span_from(line, (size_t)(a->raw.ptr - line.ptr) + a->raw.len);
}

/* The blanks before a comment that Compose takes for a part of the value; 0: it sees the comment.
 */
static size_t hidden_comment(struct gs_span tail)
{
	for (size_t i = 1; i < tail.len; i++)
		if (tail.ptr[i] == '#')
			return tail.ptr[i - 1] == ' ' ? 0 : i;
	return 0;
}

static void replace(struct gs_textdoc *text, const struct gs_assignment *a, const char *value)
{
	struct gs_span line = text->line[a->line].bytes, tail = tail_of(text, a);
	size_t at = (size_t)(a->raw.ptr - line.ptr), hidden = hidden_comment(tail);
	gs_autostr struct gs_str out = { 0 };

	gs_str_add(&out, gs_span(line.ptr, at));
	gs_str_adds(&out, value);
	gs_str_add(&out, gs_span(tail.ptr, hidden ? hidden - 1 : 0));
	gs_str_adds(&out, hidden ? " " : "");
	gs_str_add(&out, gs_span_from(tail, hidden));
	gs_textdoc_set(text, a->line, gs_str_span(&out));
}

static void append(struct gs_textdoc *text, const char *key, const char *value)
{
	gs_autostr struct gs_str line = { 0 };
	struct gs_span last = gs_span(NULL, 0);

	if (text->n)
		last = text->line[text->n - 1].bytes;
	if (last.len && last.ptr[last.len - 1] == '\n')
		last.len--;
	/* bash joins the line after a backslash: let it join an empty one. */
	if (last.len && last.ptr[last.len - 1] == '\\')
		gs_textdoc_insert(text, text->n, gs_span_of("\n"));
	gs_str_addf(&line, "%s=%s\n", key, value);
	gs_textdoc_insert(text, text->n, gs_str_span(&line));
}

/* After check_key(). Returns true if the text changed. */
static bool set(struct gs_textdoc *text, const char *key, const char *value)
{
	bool found = false, changed = false;
	struct gs_assignment a;

	for (size_t i = 0; next_assignment(text, &i, &a);) {
		if (!gs_span_is_text(a.key, key))
			continue;
		found |= !a.colon;
		if (gs_span_is_text(a.raw, value) && !hidden_comment(tail_of(text, &a)))
			continue;
		replace(text, &a, value);
		changed = true;
	}
	if (!found)
		append(text, key, value);
	return changed || !found;
}

static int set_all(struct gs_textdoc *text, const struct pair *pair, size_t n, bool *ret_changed,
		   struct gs_err *err)
{
	bool changed = false;

	if (!gs_textdoc_is_editable(text))
		return gs_err_set(err, EILSEQ, "the file contains a NUL byte and is not edited");
	for (size_t i = 0; i < n; i++)
		if (check_value(pair[i].key, pair[i].value, err) < 0 ||
		    check_key(text, pair[i].key, err) < 0)
			return err->code;
	for (size_t i = 0; i < n; i++)
		changed |= set(text, pair[i].key, pair[i].value);
	*ret_changed = changed;
	return 0;
}

int gs_clusterenv_set(struct gs_clusterenv *env, const char *key, const char *value,
		      bool *ret_changed, struct gs_err *err)
{
	const struct pair pair = { key, value };

	return set_all(&env->text, &pair, 1, ret_changed, err);
}

static const char *const owned[OWNED_KEYS] = {
	"ENABLE_CLUSTER_MODE",
	"NODE_TYPE",
	"LOCAL_DATASET_CACHE_DIR",
	"POSTGRES_HOST",
};

const char *gs_clusterenv_key(struct gs_span key)
{
	for (size_t k = 0; k < OWNED_KEYS; k++)
		if (gs_span_is_text(key, owned[k]))
			return owned[k];
	return NULL;
}

bool gs_clusterenv_joins(const struct gs_clusterenv *env, size_t i)
{
	struct gs_span above = i ? env->text.line[i - 1].bytes : gs_span(NULL, 0);
	size_t n = 0;

	if (above.len && above.ptr[above.len - 1] == '\n')
		above.len--;
	while (n < above.len && above.ptr[above.len - 1 - n] == '\\')
		n++;
	return n % 2;
}

bool gs_clusterenv_canonical(struct gs_clusterenv *env)
{
	struct gs_textdoc *text = &env->text;
	struct gs_assignment a;
	bool changed = false;

	for (size_t i = 0; next_assignment(text, &i, &a);) {
		const char *key = gs_clusterenv_key(a.key);
		gs_autostr struct gs_str line = { 0 };
		struct gs_span is = text->line[a.line].bytes;

		if (!key || a.last != a.line)
			continue;
		gs_str_adds(&line, key);
		gs_str_addc(&line, '=');
		gs_str_add(&line, a.raw);
		gs_str_adds(&line, is.ptr[is.len - 1] == '\n' ? "\n" : "");
		if (!gs_span_is(is, gs_str_span(&line))) {
			gs_textdoc_set(text, a.line, gs_str_span(&line));
			changed = true;
		}
		if (gs_clusterenv_joins(env, a.line)) {
			gs_textdoc_insert(text, a.line, gs_span_of("\n"));
			i++;
			changed = true;
		}
	}
	return changed;
}

void gs_clusterenv_mark(const struct gs_clusterenv *env, bool *ret_managed)
{
	struct gs_assignment a;

	for (size_t i = 0; next_assignment(&env->text, &i, &a);)
		if (a.line == a.last && gs_clusterenv_key(a.key))
			ret_managed[a.line] = true;
}

/* dir is where the directory with its trailing slash is kept. */
static void list_pairs(const struct gs_clusterenv_values *values, struct gs_str *dir,
		       struct pair pair[OWNED_KEYS])
{
	static const char *const type[] = {
		[GS_NODE_LEADER] = "leader",
		[GS_NODE_FOLLOWER] = "follower",
	};

	gs_str_adds(dir, values->dataset_dir);
	if (dir->len && dir->ptr[dir->len - 1] != '/')
		gs_str_addc(dir, '/');
	pair[0] = (struct pair){ owned[0], "true" };
	pair[1] = (struct pair){ owned[1], type[values->node_type] };
	pair[2] = (struct pair){ owned[2], dir->ptr };
	pair[3] = (struct pair){ owned[3], values->postgres_host };
}

int gs_clusterenv_apply(struct gs_clusterenv *env, const struct gs_clusterenv_values *values,
			bool *ret_changed, struct gs_err *err)
{
	gs_autostr struct gs_str dir = { 0 };
	struct pair pair[OWNED_KEYS];

	list_pairs(values, &dir, pair);
	return set_all(&env->text, pair, OWNED_KEYS, ret_changed, err);
}

int gs_clusterenv_print(const struct gs_clusterenv_values *values, struct gs_str *out,
			struct gs_err *err)
{
	gs_autostr struct gs_str dir = { 0 };
	struct pair pair[OWNED_KEYS];

	list_pairs(values, &dir, pair);
	for (size_t i = 0; i < OWNED_KEYS; i++)
		if (check_value(pair[i].key, pair[i].value, err) < 0)
			return err->code;
	for (size_t i = 0; i < OWNED_KEYS; i++)
		gs_str_addf(out, "%s=%s\n", pair[i].key, pair[i].value);
	return 0;
}
