/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/exports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/exports/line.h"

/* Editing exports(5): every change is made to one line, which is parsed again before it is set. */

static const size_t NOWHERE = SIZE_MAX;

static bool is_name_line(const struct gs_exports *doc, size_t i)
{
	return gs_exports_parse_name(doc->text.line[i].bytes).len > 0;
}

static int check_editable(const struct gs_exports *doc, const char *path, struct gs_err *err)
{
	const struct gs_exports_flaw *fatal = gs_exports_fatal(doc);

	if (!gs_textdoc_is_editable(&doc->text))
		return gs_err_set(err, EILSEQ, "the file contains a NUL byte and is not edited");
	if (fatal) {
		gs_err_set(err, EBADMSG, "line %zu: %.300s: exportfs drops the rest of the file",
			   fatal->number, fatal->why);
		return gs_err_cause(err, fatal->id);
	}
	if (path[0] != '/' || strlen(path) > GS_EXPORTS_PATH_MAX)
		return gs_err_set(err, EINVAL, "'%.300s' cannot be exported: %s", path,
				  path[0] == '/' ? "the path is over 1024 bytes"
						 : "the path is not absolute");
	if (gs_exports_reads_twice(gs_span_of(path)))
		return gs_err_set(
			err, EINVAL,
			"'%.300s' cannot be exported: exportfs reads a backslash and three digits "
			"as one character",
			path);
	return 0;
}

/* Writes the word client(list) with escapes; fails where exportfs would read it differently. */
static int make_word(struct gs_span client, struct gs_span list, struct gs_str *out,
		     struct gs_err *err)
{
	GS_AUTO(gs_exports_word_done) struct gs_exports_word word = { 0 };
	gs_autostr struct gs_str plain = { 0 };
	size_t at = out->len;

	gs_str_add(&plain, client);
	gs_str_addc(&plain, '(');
	gs_str_add(&plain, list);
	gs_str_addc(&plain, ')');
	gs_exports_escape(gs_str_span(&plain), out);
	if (!gs_span_has_nul(gs_str_span(&plain)) &&
	    gs_exports_next_word(gs_str_span(out), &at, GS_EXPORTS_WORD_MAX, &word) == GS_WORD_OK &&
	    at == out->len && gs_span_is(gs_str_span(&word.text), gs_str_span(&plain)))
		return 0;
	return gs_err_set(err, EINVAL, "'%.300s' cannot be written in a form that exportfs reads%s",
			  plain.ptr,
			  plain.len > GS_EXPORTS_WORD_MAX ? ": the entry is over 511 bytes" : "");
}

/*
 * The entry's client and option list with quotes and escapes undone. As it was read: to exportfs
 * the text ends at a NUL byte that came from \000, and what is behind it is no option list.
 */
static void decode_entry(const struct gs_exports *doc, const struct gs_export *entry,
			 struct gs_exports_word *word, struct gs_span *ret_client,
			 struct gs_span *ret_list)
{
	struct gs_span line = doc->text.line[entry->line].bytes;
	size_t at = entry->word_at, open, end;

	gs_exports_next_word(line, &at, GS_EXPORTS_WORD_MAX, word);
	end = word->text.ptr ? strlen(word->text.ptr) : 0;
	for (open = 0; open < end && word->text.ptr[open] != '('; open++)
		;
	*ret_client = gs_span(word->text.ptr, open);
	*ret_list = open < end ? gs_span(word->text.ptr + open + 1, end - open - 2)
			       : gs_span_of("");
}

static void read_base(const struct gs_export *entry, struct gs_exportopts *base)
{
	struct gs_span rest = gs_span_of(entry->defaults), list;
	struct gs_err err = { 0 };

	while (gs_span_cut(&rest, '\n', &list)) {
		struct gs_exportopts next = { 0 };

		if (list.len && gs_exportopts_parse(list, base, &next, &err) == 0) {
			gs_exportopts_done(base);
			*base = next;
		}
	}
}

/* Is the list byte for byte what gshare would write for its meaning? */
static bool is_our_list(struct gs_span list)
{
	GS_AUTO(gs_exportopts_done) struct gs_exportopts opts = { 0 };
	gs_autostr struct gs_str fsid = { 0 }, managed = { 0 };
	struct gs_exportspec spec;
	struct gs_err err = { 0 };
	struct gs_exportitem item;
	struct gs_span rest = list;

	if (gs_exportopts_parse(list, NULL, &opts, &err) < 0)
		return false;
	gs_exportopts_spec(&opts, &spec, &fsid);
	while (gs_exportopts_next(&rest, &item))
		if (gs_span_is_text(item.name, "fsid")) {
			fsid.len = 0;
			gs_str_add(&fsid, item.value);
			spec.fsid = fsid.ptr;
		}
	gs_exportopts_render_managed(&spec, &managed);
	return gs_span_is(list, gs_str_span(&managed));
}

static int make_list(const struct gs_export *entry, struct gs_span old,
		     const struct gs_exportspec *spec, struct gs_str *out, struct gs_err *err)
{
	GS_AUTO(gs_exportopts_done) struct gs_exportopts base = { 0 };

	if (entry->is_managed && is_our_list(old)) {
		gs_exportopts_render_managed(spec, out);
		return 0;
	}
	read_base(entry, &base);
	return gs_exportopts_edit(old, &base, spec, out, err);
}

/* Edits the options of one entry in place. */
static int edit_entry(struct gs_exports *doc, size_t e, const struct gs_exportspec *spec,
		      bool *changed, struct gs_err *err)
{
	const struct gs_export *entry = &doc->entry[e];
	GS_AUTO(gs_exports_word_done) struct gs_exports_word word = { 0 };
	gs_autostr struct gs_str list = { 0 }, text = { 0 }, line = { 0 };
	struct gs_span bytes = doc->text.line[entry->line].bytes, client, old;

	if (entry->word_len)
		decode_entry(doc, entry, &word, &client, &old);
	else
		client = old = gs_span_of("");
	if (make_list(entry, old, spec, &list, err) < 0)
		return err->code;
	if (gs_span_is(old, gs_str_span(&list)))
		return 0;
	if (make_word(entry->word_len ? client : gs_span_of("*"), gs_str_span(&list), &text, err) <
	    0)
		return err->code;
	gs_str_add(&line, gs_span(bytes.ptr, entry->word_at));
	if (!entry->word_len)
		gs_str_addc(&line, ' ');
	gs_str_add(&line, gs_str_span(&text));
	gs_str_add(&line, gs_span_from(bytes, entry->word_at + entry->word_len));
	*changed = true;
	return gs_exports_replace_line(doc, e, false, gs_str_span(&line), err);
}

static int check_name(const char *name, struct gs_err *err)
{
	struct gs_hostspec spec = { 0 };
	bool good = gs_hostspec_parse(gs_span_of(name), &spec, err) == 0;

	gs_hostspec_done(&spec);
	return good ? 0 : err->code;
}

/* Sets the name comment above a managed entry; returns the entry's line. */
static void set_name(struct gs_exports *doc, size_t e, const char *name, bool *changed)
{
	size_t i = doc->entry[e].line;
	gs_autostr struct gs_str line = { 0 };

	if (gs_span_is_text(gs_exports_name(doc, &doc->entry[e]), name))
		return;
	gs_str_addf(&line, "%s%s\n", GS_EXPORTS_NAME, name);
	if (is_name_line(doc, i - 1))
		gs_textdoc_set(&doc->text, i - 1, gs_str_span(&line));
	else
		gs_exports_insert_line(doc, i, gs_str_span(&line));
	*changed = true;
}

static size_t find_mark(const struct gs_exports *doc, const char *path)
{
	for (size_t m = 0; m < doc->marks; m++)
		if (!strcmp(doc->mark[m].path, path))
			return doc->mark[m].line;
	return NOWHERE;
}

/* The line after the last entry of a marker's block. */
static size_t block_end(const struct gs_exports *doc, size_t mark, const char *path)
{
	size_t end = mark + 1;

	for (size_t i = mark + 1; i < doc->text.n; i++) {
		if (gs_exports_is_own_line(doc, i, path))
			end = i + 1;
		else if (!is_name_line(doc, i))
			break;
	}
	return end;
}

static void add_mark(struct gs_exports *doc, const char *path)
{
	gs_autostr struct gs_str line = { 0 };
	size_t i = doc->text.n;

	gs_str_adds(&line, GS_EXPORTS_MARK);
	gs_exports_escape(gs_span_of(path), &line);
	gs_str_addc(&line, '\n');
	gs_textdoc_insert(&doc->text, i, gs_str_span(&line));
	gs_grow(&doc->mark, doc->marks, &doc->mark_room, sizeof *doc->mark);
	doc->mark[doc->marks++] = (struct gs_exports_mark){ .line = i, .path = gs_strdup(path) };
}

/* The line of a managed entry, and above it the name that its host was resolved from. */
static int add_lines(const char *path, const struct gs_exports_new *new, struct gs_str *out,
		     struct gs_err *err)
{
	gs_autostr struct gs_str list = { 0 };

	if (new->name && check_name(new->name, err) < 0)
		return err->code;
	if (new->name)
		gs_str_addf(out, "%s%s\n", GS_EXPORTS_NAME, new->name);
	gs_exportopts_render_managed(&new->spec, &list);
	if (new->more)
		gs_str_addf(&list, ",%s", new->more);
	gs_exports_escape(gs_span_of(path), out);
	gs_str_addc(out, ' ');
	if (make_word(gs_span_of(new->host->text), gs_str_span(&list), out, err) < 0)
		return err->code;
	gs_str_addc(out, '\n');
	return 0;
}

/* Parses the new lines as exportfs does: each must hold the one entry that is specified. */
static int check_lines(const struct gs_exports *lines, const char *path,
		       const struct gs_exports_new *list, size_t n, struct gs_err *err)
{
	for (size_t i = 0, line = 0; i < n; i++, line++) {
		const struct gs_export *entry = &lines->entry[i];

		line += list[i].name != NULL;
		if (lines->n != n || entry->line != line || !entry->is_readable ||
		    strcmp(entry->path, path) != 0 ||
		    !gs_hostspec_is_same(&entry->host, list[i].host))
			return gs_err_set(err, EINVAL,
					  "exportfs would misread an entry of '%.300s' to '%.100s'",
					  path, list[i].host->text);
	}
	return 0;
}

int gs_exports_add(struct gs_exports *doc, const char *path, const struct gs_exports_new *list,
		   size_t n, struct gs_err *err)
{
	GS_AUTO(gs_exports_done) struct gs_exports lines = { 0 };
	gs_autofree char *clean = gs_exports_clean_path(path);
	gs_autostr struct gs_str text = { 0 };

	if (!n)
		return 0;
	if (check_editable(doc, clean, err) < 0)
		return err->code;
	for (size_t i = 0; i < n; i++)
		if (add_lines(clean, &list[i], &text, err) < 0)
			return err->code;
	if (gs_exports_parse(gs_str_span(&text), &lines, err) < 0 ||
	    check_lines(&lines, clean, list, n, err) < 0)
		return err->code;
	if (find_mark(doc, clean) == NOWHERE)
		add_mark(doc, clean);
	gs_exports_insert_own(doc, block_end(doc, find_mark(doc, clean), clean), &lines);
	return 0;
}

int gs_exports_set_entry(struct gs_exports *doc, size_t e, const char *name,
			 const struct gs_exportspec *spec, bool *ret_changed, struct gs_err *err)
{
	bool changed = false;

	if (check_editable(doc, doc->entry[e].path, err) < 0 ||
	    (name && check_name(name, err) < 0) || edit_entry(doc, e, spec, &changed, err) < 0)
		return err->code;
	if (name && doc->entry[e].is_managed)
		set_name(doc, e, name, &changed);
	*ret_changed = changed;
	return 0;
}

int gs_exports_set(struct gs_exports *doc, const char *path, const struct gs_hostspec *host,
		   const char *name, const struct gs_exportspec *spec, bool *ret_changed,
		   struct gs_err *err)
{
	const struct gs_exports_new new = { .host = host, .name = name, .spec = *spec };
	gs_autofree char *clean = gs_exports_clean_path(path);
	bool changed = false, edited = false, found = false;

	for (size_t e = 0; e < doc->n; e++) {
		if (!gs_hostspec_is_same(&doc->entry[e].host, host) ||
		    strcmp(doc->entry[e].path, clean) != 0)
			continue;
		found = true;
		if (gs_exports_set_entry(doc, e, name, spec, &edited, err) < 0)
			return err->code;
		changed |= edited;
	}
	if (!found && gs_exports_add(doc, clean, &new, 1, err) < 0)
		return err->code;
	*ret_changed = changed || !found;
	return 0;
}

int gs_exports_mark(struct gs_exports *doc, const char *path, bool *ret_changed, struct gs_err *err)
{
	gs_autofree char *clean = gs_exports_clean_path(path);

	if (check_editable(doc, clean, err) < 0)
		return err->code;
	*ret_changed = find_mark(doc, clean) == NOWHERE;
	if (*ret_changed)
		add_mark(doc, clean);
	return 0;
}

/* The range to cut from a line together with an entry's word: the blanks before it, and, where no
 * client follows, the -defaults before it, which alone would export to everyone. */
static void find_cut(const struct gs_exports *doc, const struct gs_export *entry, size_t *ret_from,
		     size_t *ret_comment)
{
	GS_AUTO(gs_exports_word_done) struct gs_exports_word word = { 0 };
	struct gs_span line = doc->text.line[entry->line].bytes;
	size_t at = 0, end = 0, client_end = 0;
	bool path = true, after = false, before = true;

	while (gs_exports_next_word(line, &at, GS_EXPORTS_PATH_MAX, &word) != GS_WORD_END) {
		bool is_default = !path && word.text.len && word.text.ptr[0] == '-';

		before = before && word.at < entry->word_at;
		after = after || (!before && !is_default && word.at > entry->word_at);
		if (before)
			end = word.at + word.len;
		if (before && !is_default)
			client_end = end;
		path = false;
	}
	*ret_from = after ? end : client_end;
	*ret_comment = word.at;
}

static int remove_word(struct gs_exports *doc, size_t e, struct gs_err *err)
{
	const struct gs_export *entry = &doc->entry[e];
	struct gs_span bytes = doc->text.line[entry->line].bytes;
	gs_autostr struct gs_str line = { 0 };
	size_t from, comment;

	find_cut(doc, entry, &from, &comment);
	gs_str_add(&line, gs_span(bytes.ptr, from));
	gs_str_add(&line, gs_span_from(bytes, entry->word_at + entry->word_len));
	return gs_exports_replace_line(doc, e, true, gs_str_span(&line), err);
}

/* Removes a line and its only entry; a comment at its end stays, the name comment above goes. */
static void remove_entry_line(struct gs_exports *doc, size_t e)
{
	const struct gs_export *entry = &doc->entry[e];
	struct gs_span bytes = doc->text.line[entry->line].bytes;
	size_t from, comment, i = entry->line;
	bool named = gs_exports_name(doc, entry).len;

	find_cut(doc, entry, &from, &comment);
	if (comment < bytes.len && bytes.ptr[comment] == '#') {
		gs_autostr struct gs_str kept = { 0 };

		if (gs_span_has_prefix(gs_span_from(bytes, comment), GS_EXPORTS_MANAGED))
			gs_str_addc(&kept, ' '); /* else the comment would be a marker */
		gs_str_add(&kept, gs_span_from(bytes, comment));
		gs_exports_drop_entries(doc, i);
		gs_textdoc_set(&doc->text, i, gs_str_span(&kept));
	} else {
		gs_exports_remove_line(doc, i);
	}
	if (named)
		gs_exports_remove_line(doc, i - 1);
}

int gs_exports_remove_hosts(struct gs_exports *doc, const char *path, const struct gs_keymap *hosts,
			    bool *gone, struct gs_err *err)
{
	gs_autofree char *clean = gs_exports_clean_path(path);
	bool changed = false;

	if (check_editable(doc, clean, err) < 0)
		return err->code;
	/* Backwards, so that few entries have to be moved when many are removed. */
	for (size_t e = doc->n; e-- > 0;) {
		size_t i = doc->entry[e].line, which = 0;

		if (strcmp(doc->entry[e].path, clean) != 0)
			continue;
		if (hosts)
			which = gs_keymap_get(hosts, doc->entry[e].host.text, "");
		if (which == GS_NO_KEY)
			continue;
		gone[which] = true;
		if (gs_exports_first_of_line(doc, i + 1) - gs_exports_first_of_line(doc, i) == 1)
			remove_entry_line(doc, e);
		else if (remove_word(doc, e, err) < 0)
			return err->code;
		changed = true;
	}
	if (changed)
		gs_exports_find_blocks(doc);
	return 0;
}

int gs_exports_remove(struct gs_exports *doc, const char *path, const struct gs_hostspec *host,
		      bool *ret_changed, struct gs_err *err)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap hosts = { 0 };
	bool gone = false;

	if (host)
		gs_keymap_put(&hosts, host->text, "", 0);
	if (gs_exports_remove_hosts(doc, path, host ? &hosts : NULL, &gone, err) < 0)
		return err->code;
	*ret_changed = gone;
	return 0;
}

int gs_exports_unmark(struct gs_exports *doc, const char *path, bool *ret_changed,
		      struct gs_err *err)
{
	gs_autofree char *clean = gs_exports_clean_path(path);
	size_t mark;

	if (check_editable(doc, clean, err) < 0)
		return err->code;
	*ret_changed = false;
	while ((mark = find_mark(doc, clean)) != NOWHERE) {
		gs_exports_remove_line(doc, mark);
		for (size_t i = mark; i < doc->text.n;) {
			if (is_name_line(doc, i))
				gs_exports_remove_line(doc, i);
			else if (gs_exports_is_own_line(doc, i, clean))
				i++;
			else
				break;
		}
		*ret_changed = true;
	}
	gs_exports_find_blocks(doc);
	return 0;
}
