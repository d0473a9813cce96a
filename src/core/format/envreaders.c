/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/envreaders.h"

#include <stdlib.h>
#include <string.h>

#define BOM "\xef\xbb\xbf"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A line without its end; @cr: with a CR before it. */
static struct gs_span body_of(struct gs_span line, bool cr)
{
	if (line.len && line.ptr[line.len - 1] == '\n')
		line.len--;
	if (!cr && line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static struct gs_span without_blanks(struct gs_span a)
{
	while (a.len && is_blank(a.ptr[0]))
		a = gs_span_from(a, 1);
	return a;
}

static struct gs_span without_end(struct gs_span a, const char *bytes)
{
	while (a.len && strchr(bytes, a.ptr[a.len - 1]))
		a.len--;
	return a;
}

/* ---- lines that set gshare's keys ------------------------------------------------------------ */

/**
 * struct own - such a line in parts: HEAD KEY GAP = LEAD VALUE TAIL
 * @rest: all that follows the separator
 * @is_exported, @has_mark: HEAD holds "export", or a byte order mark
 */
struct own {
	struct gs_span value, head, gap, lead, rest, tail;
	bool is_exported, has_mark, has_comment, is_colon, is_joined, below_comment;
};

static struct gs_span between(const char *from, const char *to)
{
	return gs_span(from, (size_t)(to - from));
}

static void take_apart(const struct gs_clusterenv *env, const struct gs_assignment *a,
		       struct own *ret)
{
	struct gs_span line = body_of(env->text.line[a->line].bytes, true);
	const char *end = line.ptr + line.len, *after = a->key.ptr + a->key.len;
	const char *mark = memchr(after, a->colon ? ':' : '=', (size_t)(end - after));
	struct gs_span above = { 0 };

	if (a->line)
		above = without_blanks(env->text.line[a->line - 1].bytes);
	*ret = (struct own){
		.value = a->raw,
		.head = between(line.ptr, a->key.ptr),
		.gap = between(after, mark),
		.lead = between(mark + 1, a->raw.ptr),
		.rest = body_of(between(mark + 1, end), false),
		.tail = between(a->raw.ptr + a->raw.len, end),
		.is_colon = a->colon,
		.is_joined = gs_clusterenv_joins(env, a->line),
		.below_comment = above.len && above.ptr[0] == '#',
	};
	ret->has_mark = !a->line && gs_span_has_prefix(ret->head, BOM);
	if (ret->has_mark)
		ret->head = gs_span_from(ret->head, 3);
	ret->is_exported = without_blanks(ret->head).len;
	ret->has_comment = ret->tail.len && memchr(ret->tail.ptr, '#', ret->tail.len);
}

static enum gs_env_effect by_docker(const struct own *own, struct gs_span *ret_value)
{
	if (own->is_colon)
		return own->gap.len || own->lead.len || own->is_exported ? GS_ENV_REFUSED
									 : GS_ENV_SAME;
	if (own->is_exported || own->gap.len)
		return GS_ENV_REFUSED;
	*ret_value = own->rest;
	return GS_ENV_OTHER;
}

static enum gs_env_effect by_shells(const struct own *own, struct gs_span *ret_value)
{
	struct gs_span tail = own->tail;

	if (own->is_colon)
		return GS_ENV_SAME;
	if (own->has_mark || own->gap.len || own->lead.len ||
	    (own->is_joined && !own->below_comment))
		return GS_ENV_UNSEEN;
	if (own->has_comment || !tail.len || tail.ptr[tail.len - 1] != '\r')
		return GS_ENV_SAME;
	if (tail.len > 1) /* the CR is a command, which alone gets the value */
		return GS_ENV_UNSEEN;
	*ret_value = gs_span(own->value.ptr, own->value.len + 1);
	return GS_ENV_OTHER;
}

static enum gs_env_effect by_systemd(const struct own *own, struct gs_span *ret_value)
{
	if (own->is_colon)
		return GS_ENV_SAME;
	if (own->has_mark || own->is_exported || own->is_joined)
		return GS_ENV_UNSEEN;
	*ret_value = without_end(without_blanks(own->rest), " \t");
	return GS_ENV_OTHER;
}

static enum gs_env_effect by_python(const struct own *own, struct gs_span *ret_value)
{
	(void)ret_value;
	return own->has_mark ? GS_ENV_UNSEEN : GS_ENV_SAME;
}

static enum gs_env_effect by_node(const struct own *own, struct gs_span *ret_value)
{
	struct gs_span value = without_blanks(own->rest);
	const char *comment = value.len ? memchr(value.ptr, '#', value.len) : NULL;

	if (own->has_mark || own->is_colon ||
	    (own->is_exported && memchr(own->head.ptr, '\t', own->head.len)))
		return GS_ENV_UNSEEN;
	if (comment)
		value.len = (size_t)(comment - value.ptr);
	*ret_value = without_end(value, " \r");
	return GS_ENV_OTHER;
}

static bool judge_own(const struct gs_clusterenv *env, const struct gs_assignment *a,
		      struct gs_env_flaw *flaw)
{
	static enum gs_env_effect (*const by[GS_ENV_READERS])(
		const struct own *, struct gs_span *) = { by_docker, by_shells, by_systemd,
							  by_python, by_node };
	struct own own;
	bool found = false;

	take_apart(env, a, &own);
	flaw->key = gs_clusterenv_key(a->key);
	for (size_t i = 0; i < GS_ENV_READERS; i++) {
		struct gs_span value = own.value;

		flaw->effect[i] = by[i](&own, &value);
		if (flaw->effect[i] == GS_ENV_OTHER && gs_span_is(value, own.value))
			flaw->effect[i] = GS_ENV_SAME;
		if (flaw->effect[i] == GS_ENV_OTHER)
			flaw->value[i] = gs_span_dup(value);
		found |= flaw->effect[i] != GS_ENV_SAME;
	}
	return found;
}

/* ---- lines of others ------------------------------------------------------------------------- */

/* struct shell - how far a shell gets, read line by line */
struct shell {
	char quote;	/* open; NUL: none */
	size_t depth;	/* of $( ) */
	size_t opened;	/* the line of either */
	bool is_broken; /* a syntax error ends the file */
};

static bool begins_comment(struct gs_span line, size_t i)
{
	return line.ptr[i] == '#' && (!i || is_blank(line.ptr[i - 1]));
}

static void pass_char(struct shell *shell, struct gs_span line, size_t i, size_t number)
{
	char c = line.ptr[i];

	if (shell->quote) {
		if (c == shell->quote)
			shell->quote = '\0';
		return;
	}
	if (strchr("'\"`", c)) {
		shell->quote = c;
		shell->opened = number;
	} else if (c == '(' && i && line.ptr[i - 1] == '$') {
		shell->opened = shell->depth++ ? shell->opened : number;
	} else if (c == ')' && shell->depth) {
		shell->depth--;
	} else if (c == '(' || c == ')' || (c == '|' && i + 1 == line.len)) {
		shell->is_broken = true;
	}
}

/* Passes a line; returns true where the shell gets no further than there. */
static bool pass_line(struct shell *shell, struct gs_span line, size_t number)
{
	for (size_t i = 0; i < line.len && !shell->is_broken; i++) {
		if (!line.ptr[i] || (!shell->quote && begins_comment(line, i)))
			break;
		if (line.ptr[i] == '\\' && shell->quote != '\'')
			i++;
		else
			pass_char(shell, line, i, number);
	}
	return shell->is_broken;
}

/* The last line that sets one of gshare's keys; lines below it are none of theirs to hide. */
static size_t find_last(const bool *own, size_t n)
{
	while (n && !own[n - 1])
		n--;
	return n;
}

/* The number of the line that keeps a shell from one of gshare's below it; 0: none does. */
static size_t find_shell_stop(const struct gs_clusterenv *env, const bool *own)
{
	struct shell shell = { 0 };
	size_t last = find_last(own, env->text.n);

	for (size_t i = 0; i < last; i++) {
		if (own[i] && (shell.quote || shell.depth))
			return shell.opened;
		if (!own[i] &&
		    pass_line(&shell, without_end(env->text.line[i].bytes, " \t\r\n"), i + 1))
			return i + 1;
	}
	return 0;
}

static bool is_docker_refused(struct gs_span line)
{
	struct gs_span name = without_blanks(line);
	const char *mark;

	if (!name.len || name.ptr[0] == '#')
		return false;
	mark = memchr(name.ptr, '=', name.len);
	if (mark)
		name.len = (size_t)(mark - name.ptr);
	return !name.len || memchr(name.ptr, ' ', name.len) || memchr(name.ptr, '\t', name.len);
}

static bool has_mark(struct gs_span line)
{
	return line.len && memchr(line.ptr, '=', line.len);
}

/*
 * node takes a line without "=" for the beginning of a name, which ends at the next "="; it does
 * not see that a comment is one where a byte order mark is before it.
 */
static bool is_node_name(struct gs_span line)
{
	line = gs_span_trim(line);
	return line.len && line.ptr[0] != '#' && !has_mark(line);
}

/* node reads no further than a line without a name. */
static bool is_nameless(struct gs_span line)
{
	line = without_blanks(line);
	return line.len && line.ptr[0] == '=';
}

static bool judge_other(struct gs_span line, bool hides_node, struct gs_env_flaw *flaw)
{
	bool found = false;

	if (is_docker_refused(line))
		flaw->effect[GS_ENV_DOCKER] = GS_ENV_REFUSED;
	if (hides_node)
		flaw->effect[GS_ENV_NODE] = GS_ENV_UNSEEN;
	if (!gs_span_is_utf8(line)) {
		flaw->effect[GS_ENV_DOCKER] = flaw->effect[GS_ENV_PYTHON] = GS_ENV_REFUSED;
		if (without_blanks(line).ptr[0] != '#')
			flaw->effect[GS_ENV_SYSTEMD] = GS_ENV_REFUSED;
	}
	for (size_t i = 0; i < GS_ENV_READERS; i++)
		found |= flaw->effect[i] != GS_ENV_SAME;
	return found;
}

/* ---- all ------------------------------------------------------------------------------------- */

/**
 * struct lines - what is known of each line
 * @own:    it sets one of gshare's keys
 * @inside: it goes on with a quoted value that began above
 * @leads:  the next line below it with "=" sets one of gshare's keys
 */
struct lines {
	bool *own, *inside, *leads;
	size_t last, stop; /* find_last(), find_shell_stop() */
};

static void lines_done(struct lines *lines)
{
	free(lines->own);
	free(lines->inside);
	free(lines->leads);
}

static void look_at_lines(const struct gs_clusterenv *env, struct lines *ret)
{
	size_t n = env->text.n;
	struct gs_assignment a;
	bool leads = false;

	ret->own = gs_alloc((n + 1) * sizeof *ret->own);
	ret->inside = gs_alloc((n + 1) * sizeof *ret->inside);
	ret->leads = gs_alloc((n + 1) * sizeof *ret->leads);
	gs_clusterenv_mark(env, ret->own);
	for (size_t i = n; i-- > 0;) {
		ret->leads[i] = leads;
		leads = has_mark(env->text.line[i].bytes) ? ret->own[i] : leads;
	}
	for (size_t i = 0; gs_clusterenv_next(env, &i, &a);)
		for (size_t k = a.line + 1; k <= a.last; k++)
			ret->inside[k] = true;
	ret->last = find_last(ret->own, n);
	ret->stop = find_shell_stop(env, ret->own);
}

static bool judge_line(const struct gs_clusterenv *env, const struct lines *lines, size_t i,
		       struct gs_env_flaw *flaw)
{
	struct gs_span line = env->text.line[i].bytes;
	struct gs_assignment a;
	bool hides_node;

	if (lines->own[i])
		return gs_clusterenv_next(env, &i, &a) && judge_own(env, &a, flaw);
	if (!i && gs_span_has_prefix(line, BOM))
		line = gs_span_from(line, 3);
	hides_node = !lines->inside[i] &&
		     ((lines->leads[i] && is_node_name(env->text.line[i].bytes)) ||
		      (is_nameless(line) && i < lines->last));
	return judge_other(body_of(line, false), hides_node, flaw);
}

struct flaws {
	struct gs_env_flaw *v;
	size_t n, room;
};

static void free_values(struct gs_env_flaw *flaw)
{
	for (size_t k = 0; k < GS_ENV_READERS; k++)
		free(flaw->value[k]);
}

static void flaws_done(struct flaws *flaws)
{
	for (size_t i = 0; i < flaws->n; i++)
		free_values(&flaws->v[i]);
	free(flaws->v);
}

static struct gs_env_flaw *find_alike(const struct flaws *flaws, const struct gs_env_flaw *flaw)
{
	for (size_t i = 0; i < flaws->n; i++)
		if (flaws->v[i].key == flaw->key &&
		    !memcmp(flaws->v[i].effect, flaw->effect, sizeof flaw->effect))
			return &flaws->v[i];
	return NULL;
}

/* Takes the values over. Of several lines that set a key the last one counts. */
static void add_line(struct flaws *flaws, struct gs_env_flaw *flaw, size_t number)
{
	struct gs_env_flaw *alike = find_alike(flaws, flaw);

	if (!alike) {
		gs_grow(&flaws->v, flaws->n, &flaws->room, sizeof *flaws->v);
		alike = &flaws->v[flaws->n++];
		*alike = *flaw;
	} else {
		free_values(alike);
		memcpy(alike->value, flaw->value, sizeof flaw->value);
	}
	if (alike->lines < GS_ENV_NUMBERS)
		alike->number[alike->lines] = number;
	alike->lines++;
}

void gs_env_flaws(const struct gs_clusterenv *env,
		  void (*each)(void *arg, const struct gs_env_flaw *flaw), void *arg)
{
	GS_AUTO(lines_done) struct lines lines = { 0 };
	GS_AUTO(flaws_done) struct flaws flaws = { 0 };

	look_at_lines(env, &lines);
	for (size_t i = 0; i < env->text.n; i++) {
		struct gs_env_flaw flaw = { 0 };
		bool found = judge_line(env, &lines, i, &flaw);

		if (lines.stop == i + 1) {
			flaw.effect[GS_ENV_SHELLS] = GS_ENV_UNSEEN;
			found = true;
		}
		if (found)
			add_line(&flaws, &flaw, i + 1);
	}
	for (size_t i = 0; i < flaws.n; i++)
		each(arg, &flaws.v[i]);
}
