/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/exports/option_like.h"
#include "core/exports/script.h"

/* The state while one logical line is parsed into entries. */
struct reader {
	struct gs_exports *doc;
	size_t i, at;
	size_t end; /* of the word before */
	struct gs_span line;
	char *path;
	struct gs_exportopts base; /* not set before the first -defaults */
	bool is_base_unknown;	   /* the -defaults have a flaw: base is not what is written */
	struct gs_str defaults;
	char *bare; /* the previous client, if it had no options: perhaps a stray space */
	size_t bare_number;
};

static size_t number_at(const struct reader *r, size_t at)
{
	size_t number = r->doc->text.line[r->i].number;

	for (size_t i = 0; number && i < at && i < r->line.len; i++)
		number += r->line.ptr[i] == '\n';
	return number;
}

static void add_flaw(const struct reader *r, size_t at, bool is_fatal, const char *id, char *why)
{
	struct gs_exports *doc = r->doc;

	gs_grow(&doc->flaw, doc->flaws, &doc->flaw_room, sizeof *doc->flaw);
	doc->flaw[doc->flaws++] = (struct gs_exports_flaw){
		.number = number_at(r, at),
		.id = id,
		.why = why,
		.is_fatal = is_fatal,
		.path = r->path ? gs_strdup(r->path) : NULL,
	};
}

static void add_flaw_text(const struct reader *r, size_t at, bool is_fatal, const char *id,
			  const char *before, struct gs_span quoted, const char *after)
{
	gs_autostr struct gs_str why = { 0 };

	gs_str_adds(&why, before);
	gs_str_addc(&why, '\'');
	gs_str_add_safe(&why, quoted.len > 200 ? gs_span(quoted.ptr, 200) : quoted);
	gs_str_addc(&why, '\'');
	gs_str_adds(&why, after);
	add_flaw(r, at, is_fatal, id, gs_strdup(why.ptr));
}

/* Adds the flaw of a word at which exportfs stops. Returns true if there was one. */
static bool is_stopped(const struct reader *r, enum gs_word found, bool path,
		       const struct gs_exports_word *word)
{
	size_t at = word->at;

	if (found == GS_WORD_OK && at + word->len == r->line.len &&
	    r->line.ptr[r->line.len - 1] == '\\')
		add_flaw(r, at, true, "EXPORTS_BACKSLASH_END",
			 gs_strdup("the last word of the file ends in a backslash"));
	else if (found == GS_WORD_OPEN)
		add_flaw(r, at, true, "EXPORTS_QUOTE_OPEN",
			 gs_strdup("a quote is never closed, so the rest of the file is one word"));
	else if (found == GS_WORD_LONG && path)
		add_flaw(r, at, true, "EXPORTS_PATH_LONG",
			 gs_strdup("the path is over 1024 bytes, and exportfs stops there without "
				   "a message"));
	else if (found == GS_WORD_LONG)
		add_flaw(r, at, true, "EXPORTS_WORD_LONG",
			 gs_strdup("the client with its options is over 511 bytes"));
	else if (found == GS_WORD_EMPTY && path)
		add_flaw(
			r, at, true, "EXPORTS_PATH_EMPTY",
			gs_strdup("an empty word or a control character (a blank line that ends in "
				  "CR LF?) is in the place of a path, and exportfs stops there "
				  "without a message"));
	else
		return false;
	return true;
}

/* C strings end at a NUL byte that came from \000; exportfs uses the text before it. */
static struct gs_span c_span(const struct gs_str *text)
{
	return gs_span(text->ptr ? text->ptr : "", text->ptr ? strlen(text->ptr) : 0);
}

static bool ends_in_blank(struct gs_span text)
{
	return text.len > 1 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t');
}

/* In quotes, or as \040: a directory of that name is hardly meant. It is told of the one that is.
 */
static void add_blank_end(const struct reader *r, const struct gs_exports_word *word,
			  struct gs_span text)
{
	struct gs_exports_flaw *flaw;
	struct gs_span meant = text;

	add_flaw_text(r, word->at, false, "EXPORTS_PATH_BLANK", "the path ", text,
		      " ends in a blank, which belongs to it");
	while (ends_in_blank(meant))
		meant.len--;
	flaw = &r->doc->flaw[r->doc->flaws - 1];
	free(flaw->path);
	flaw->path = gs_span_dup(meant);
}

static void check_path(const struct reader *r, const struct gs_exports_word *word)
{
	struct gs_span text = gs_str_span(&word->text);

	if (text.ptr[0] != '/')
		add_flaw_text(r, word->at, false, "EXPORTS_PATH_RELATIVE", "the path ", text,
			      " does not begin with '/'");
	if (gs_span_has_nul(text))
		add_flaw_text(r, word->at, false, "EXPORTS_PATH_ODD", "the path ", text,
			      " contains a NUL byte, and exportfs exports what precedes it");
	else if (gs_exports_reads_twice(text))
		add_flaw_text(
			r, word->at, false, "EXPORTS_PATH_ODD", "the path ", text,
			" has a backslash before three digits, which is decoded a second time on "
			"the way to nfsd");
	else if (ends_in_blank(text))
		add_blank_end(r, word, text);
}

/* "[fd00::1]": the edit that writes fd00::1 */
static void add_unbracketed(const struct reader *r, struct gs_span text)
{
	struct gs_exports_flaw *flaw = &r->doc->flaw[r->doc->flaws - 1];
	gs_autofree char *bracketed = gs_span_dup(text);
	gs_autofree char *bare =
		gs_span_dup(gs_span(text.ptr + 1, text.len < 2 ? 0 : text.len - 2));
	GS_AUTO(gs_hostspec_done) struct gs_hostspec strict = { 0 };
	struct gs_err err = { 0 };

	if (text.len > 2 && text.ptr[text.len - 1] == ']' &&
	    gs_hostspec_parse(gs_span_of(bare), &strict, &err) == 0 && strict.kind == GS_HOST_ADDR)
		flaw->script = gs_exports_script_host(flaw->number, bracketed, bare);
}

/* Adds a flaw where exportfs reads the client differently than a person would. */
static void check_host(const struct reader *r, const struct gs_export *entry, struct gs_span text)
{
	struct gs_hostspec strict = { 0 };
	struct gs_err err = { 0 };

	if (entry->host.kind == GS_HOST_WILDCARD && text.ptr[0] == '[' &&
	    memchr(text.ptr, ':', text.len)) {
		add_flaw_text(r, entry->word_at, false, "EXPORTS_HOST_ODD", "", text,
			      " is a wildcard to exportfs: write an IPv6 address without brackets");
		add_unbracketed(r, text);
		return;
	}
	if (entry->host.kind == GS_HOST_WILDCARD || entry->host.kind == GS_HOST_NETGROUP ||
	    entry->host.kind == GS_HOST_ANYONE || entry->host.kind == GS_HOST_GSS)
		return;
	if (gs_hostspec_parse(text, &strict, &err) < 0)
		add_flaw(r, entry->word_at, false, "EXPORTS_HOST_ODD", gs_strdup(err.msg));
	gs_hostspec_done(&strict);
}

/* "HOST (rw)": HOST gets the defaults, and everyone the options that were meant for it. */
static void add_blank(const struct reader *r, const struct gs_export *entry)
{
	struct gs_exports_flaw *flaw;

	add_flaw_text(r, entry->word_at, false, "EXPORTS_CLIENT_BLANK",
		      "a blank before '(' gives these options to everyone, and the defaults to ",
		      gs_span_of(r->bare), "");
	flaw = &r->doc->flaw[r->doc->flaws - 1];
	flaw->host = gs_strdup(r->bare);
	if (flaw->number == r->bare_number)
		flaw->script = gs_exports_script_join(flaw->number, r->bare);
}

static void check_world(struct reader *r, const struct gs_export *entry)
{
	if (!entry->word_len)
		add_flaw_text(r, entry->word_at, false, "EXPORTS_WORLD", "", gs_span_of(r->path),
			      " has no client: it is exported to everyone");
	else if (!entry->host_len && r->bare)
		add_blank(r, entry);
	else if (!entry->host_len)
		add_flaw(r, entry->word_at, false, "EXPORTS_WORLD",
			 gs_strdup("options without a client are given to everyone"));
}

/* The edits of a list in parentheses that correct or leave out the option that was refused. */
static void add_edits(const struct reader *r, struct gs_span list)
{
	struct gs_exports_flaw *flaw = &r->doc->flaw[r->doc->flaws - 1];
	gs_autofree char *option = gs_exportopts_blamed(list, &r->base);
	const char *like;

	if (!option)
		return;
	if (gs_exportopt_is_removable(flaw->id, option))
		flaw->script = gs_exports_script_option(flaw->number, option, "");
	like = strcmp(flaw->id, "EXPORTS_OPTION_UNKNOWN") ? NULL : gs_exportopt_like(option);
	if (!like)
		return;
	flaw->like = gs_strdup(like);
	flaw->like_script = gs_exports_script_option(flaw->number, option, like);
}

/* Reads a list into *opts. False where exportfs stops. */
static bool read_options(const struct reader *r, size_t at, struct gs_span list,
			 struct gs_exportopts *opts, bool *ret_readable)
{
	struct gs_err err = { 0 };

	*ret_readable = gs_exportopts_parse(list, &r->base, opts, &err) == 0;
	if (*ret_readable)
		return true;
	gs_exportopts_copy(&r->base, opts);
	add_flaw(r, at, err.code == -EINVAL, err.id, gs_strdup(err.msg));
	return err.code != -EINVAL;
}

static bool read_defaults(struct reader *r, const struct gs_exports_word *word)
{
	struct gs_exportopts opts = { 0 };
	struct gs_span list = gs_span_from(c_span(&word->text), 1);
	bool readable;

	if (!read_options(r, word->at, list, &opts, &readable)) {
		gs_exportopts_done(&opts);
		return false;
	}
	gs_exportopts_done(&r->base);
	r->base = opts;
	r->is_base_unknown |= !readable;
	gs_str_add(&r->defaults, list);
	gs_str_addc(&r->defaults, '\n');
	return true;
}

/* Finds client and options in the raw word; in a quoted word only approximately. */
static void place_parts(const struct reader *r, const struct gs_exports_word *word,
			struct gs_export *entry)
{
	struct gs_span raw = gs_span(r->line.ptr + word->at, word->len);
	const char *open = word->len ? memchr(raw.ptr, '(', raw.len) : NULL;
	const char *close = open ? memrchr(open, ')', raw.len - (size_t)(open - raw.ptr)) : NULL;

	entry->word_at = word->at;
	entry->word_len = word->len;
	entry->host_len = open ? (size_t)(open - raw.ptr) : raw.len;
	entry->opts_at = word->at + entry->host_len + (close ? 1 : 0);
	entry->opts_len = close ? (size_t)(close - open) - 1 : 0;
}

/*
 * Most entries have the options of the entry before them, byte for byte: these are copied. Quotes
 * and backslashes shift the offsets of place_parts(), so neither word may hold one.
 */
static bool copy_options(const struct reader *r, const struct gs_exports_word *word,
			 struct gs_span list, struct gs_exportopts *opts)
{
	const struct gs_exports *doc = r->doc;
	const struct gs_export *last = doc->n ? &doc->entry[doc->n - 1] : NULL;
	struct gs_span raw;

	if (!last || !last->is_readable || !last->has_options || last->defaults ||
	    r->defaults.len || r->is_base_unknown || !word->is_plain ||
	    !gs_span_is(gs_exports_options(doc, last), list))
		return false;
	raw = gs_span(doc->text.line[last->line].bytes.ptr + last->word_at, last->word_len);
	if (memchr(raw.ptr, '"', raw.len) || memchr(raw.ptr, '\\', raw.len))
		return false;
	gs_exportopts_copy(&last->opts, opts);
	return true;
}

static bool add_entry(struct reader *r, const struct gs_exports_word *word, bool anonymous)
{
	struct gs_exports *doc = r->doc;
	struct gs_export e = { .line = r->i, .number = number_at(r, word->at) };
	struct gs_span text = anonymous ? gs_span_of("") : c_span(&word->text);
	const char *open = text.len ? memchr(text.ptr, '(', text.len) : NULL;
	struct gs_span host = open ? gs_span(text.ptr, (size_t)(open - text.ptr)) : text;
	struct gs_span list = open ? gs_span_from(text, host.len + 1) : gs_span_of("");
	bool going;

	if (open && (!list.len || memchr(list.ptr, ')', list.len) != list.ptr + list.len - 1)) {
		add_flaw_text(r, word->at, true, "EXPORTS_LIST_BAD", "", text,
			      " does not end with its one ')'");
		return false;
	}
	list.len -= open ? 1 : 0;
	going = e.is_readable = open && copy_options(r, word, list, &e.opts);
	if (!going)
		going = read_options(r, word->at, list, &e.opts, &e.is_readable);
	if (!e.is_readable && open && word->is_plain)
		add_edits(r, list);
	if (!going) {
		gs_exportopts_done(&e.opts);
		return false;
	}
	e.is_readable = e.is_readable && !r->is_base_unknown;
	place_parts(r, word, &e);
	e.has_options = open;
	e.path = gs_strdup(r->path);
	e.defaults = r->defaults.len ? gs_span_dup(gs_str_span(&r->defaults)) : NULL;
	gs_hostspec_read(host, &e.host);
	check_world(r, &e);
	check_host(r, &e, host);
	free(r->bare);
	r->bare = open || anonymous ? NULL : gs_span_dup(host);
	r->bare_number = e.number;
	gs_grow(&doc->entry, doc->n, &doc->room, sizeof *doc->entry);
	doc->entry[doc->n++] = e;
	return true;
}

/* getexportent() after the path, until the line or an empty word ends the list. */
static bool read_clients(struct reader *r)
{
	GS_AUTO(gs_exports_word_done) struct gs_exports_word word = { 0 };

	for (bool first = true;; first = false) {
		enum gs_word found = gs_exports_next_word(r->line, &r->at, GS_EXPORTS_WORD_MAX,
							  &word);
		bool anonymous = first;

		if (is_stopped(r, found, false, &word))
			return false;
		if (found == GS_WORD_OK && word.text.ptr[0] == '-') {
			if (!read_defaults(r, &word))
				return false;
			r->end = word.at + word.len;
			found = gs_exports_next_word(r->line, &r->at, GS_EXPORTS_WORD_MAX, &word);
			anonymous = true;
			if (is_stopped(r, found, false, &word))
				return false;
		}
		if (found != GS_WORD_OK && !anonymous)
			return true;
		if (found != GS_WORD_OK) {
			word.at = r->end;
			word.len = 0;
		}
		r->end = word.at + word.len;
		if (!add_entry(r, &word, found != GS_WORD_OK))
			return false;
	}
}

static void reader_done(struct reader *r)
{
	free(r->path);
	free(r->bare);
	gs_exportopts_done(&r->base);
	gs_str_done(&r->defaults);
}

bool gs_exports_parse_line(struct gs_exports *doc, size_t i)
{
	GS_AUTO(gs_exports_word_done) struct gs_exports_word word = { 0 };
	struct gs_span line = doc->text.line[i].bytes;
	size_t at = 0;

	for (;;) {
		GS_AUTO(reader_done) struct reader r = { .doc = doc, .i = i, .line = line };
		enum gs_word found = gs_exports_next_word(line, &at, GS_EXPORTS_PATH_MAX, &word);
		gs_autofree char *path = NULL;

		if (found == GS_WORD_END) {
			if (line.len && line.ptr[line.len - 1] == '\\' && word.at == line.len)
				add_flaw(&r, word.at, false, "EXPORTS_BACKSLASH_END",
					 gs_strdup("the file ends in a backslash"));
			return true;
		}
		if (is_stopped(&r, found, true, &word))
			return false;
		check_path(&r, &word);
		path = gs_span_dup(c_span(&word.text));
		r.path = gs_exports_clean_path(path);
		r.at = at;
		r.end = word.at + word.len;
		if (!read_clients(&r))
			return false;
		at = r.at;
	}
}

char *gs_exports_parse_mark(struct gs_span line)
{
	GS_AUTO(gs_exports_word_done) struct gs_exports_word word = { 0 }, after = { 0 };
	size_t at = strlen(GS_EXPORTS_MARK);
	gs_autofree char *path = NULL;

	if (!gs_span_has_prefix(line, GS_EXPORTS_MARK))
		return NULL;
	line = gs_span_trim(line);
	if (at > line.len ||
	    gs_exports_next_word(line, &at, GS_EXPORTS_PATH_MAX, &word) != GS_WORD_OK ||
	    gs_exports_next_word(line, &at, GS_EXPORTS_PATH_MAX, &after) != GS_WORD_END ||
	    word.text.ptr[0] != '/' || gs_span_has_nul(gs_str_span(&word.text)))
		return NULL;
	path = gs_span_dup(gs_str_span(&word.text));
	return gs_exports_clean_path(path);
}

struct gs_span gs_exports_parse_name(struct gs_span line)
{
	if (!gs_span_has_prefix(line, GS_EXPORTS_NAME))
		return gs_span(NULL, 0);
	return gs_span_trim(gs_span_from(line, strlen(GS_EXPORTS_NAME)));
}
