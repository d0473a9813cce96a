/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/fstab.h"
#include "base/types.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static const char marker[] = "# gshare mount ";

enum field { SOURCE, TARGET, TYPE, OPTIONS, FREQ, PASSNO, FIELDS };

static bool is_separator(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The line without its end: libmount drops one carriage return, with or without a newline. */
static struct gs_span line_body(struct gs_span line)
{
	if (line.len && line.ptr[line.len - 1] == '\n')
		line.len--;
	if (line.len && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

static size_t split(struct gs_span body, struct gs_span field[FIELDS])
{
	size_t n = 0, at = 0;

	while (n < FIELDS) {
		size_t start;

		while (at < body.len && is_separator(body.ptr[at]))
			at++;
		if (at == body.len)
			break;
		start = at;
		while (at < body.len && !is_separator(body.ptr[at]))
			at++;
		field[n++] = gs_span(body.ptr + start, at - start);
	}
	return n;
}

/* Owned. A NUL byte, raw or as \000, ends the text as in libmount. */
static char *unescape(struct gs_span field)
{
	char *text = gs_alloc(field.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < field.len; i++) {
		const char *p = field.ptr + i;

		if (*p == '\\' && field.len - i > 3 && is_octal(p[1]) && is_octal(p[2]) &&
		    is_octal(p[3])) {
			text[n++] = (char)((p[1] & 7) << 6 | (p[2] & 7) << 3 | (p[3] & 7));
			i += 3;
		} else {
			text[n++] = *p;
		}
	}
	return text;
}

/* The four bytes that lib/mangle.c escapes are the four that getmntent(3) understands. */
void gs_fstab_add_field(const char *text, struct gs_str *out)
{
	/* No member of a spec is NULL. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
	for (; *text; text++) {
		if (strchr(" \t\n\\", *text))
			gs_str_addf(out, "\\%03o", (unsigned char)*text);
		else
			gs_str_addc(out, *text);
	}
}

static void clean_path(char *path)
{
	size_t n = 0;

	for (size_t i = 0; path[i]; i++)
		if (path[i] != '/' || !n || path[n - 1] != '/')
			path[n++] = path[i];
	if (n > 1 && path[n - 1] == '/')
		n--;
	path[n] = '\0';
}

static char *cleaned(const char *path)
{
	char *copy = gs_strdup(path);

	clean_path(copy);
	return copy;
}

/* A number as strtol(3) reads it, limited to int, since nothing is computed with it. */
static bool parse_number(struct gs_span field, int *ret_value)
{
	uint64_t value;
	bool minus = gs_span_has_prefix(field, "-");

	if (minus || gs_span_has_prefix(field, "+"))
		field = gs_span_from(field, 1);
	if (!gs_span_number(field, INT64_MAX, &value))
		return false;
	if (value > INT_MAX)
		value = INT_MAX;
	*ret_value = minus ? -(int)value : (int)value;
	return true;
}

/* Is line i the marker of that target (cleaned)? */
static bool is_marker(const struct gs_textdoc *text, size_t i, const char *target)
{
	struct gs_span body = line_body(text->line[i].bytes), word[FIELDS];
	gs_autofree char *named = NULL;

	if (!gs_span_has_prefix(body, marker) ||
	    split(gs_span_from(body, strlen(marker)), word) != 1)
		return false;
	named = unescape(word[0]);
	clean_path(named);
	return !strcmp(named, target);
}

static bool is_marked(const struct gs_fstab *fstab, const struct gs_fstab_entry *entry)
{
	return entry->line && is_marker(&fstab->text, entry->line - 1, entry->target);
}

static void entry_done(struct gs_fstab_entry *entry)
{
	free(entry->source);
	free(entry->target);
	free(entry->type);
	free(entry->options);
	*entry = (struct gs_fstab_entry){ 0 };
}

static void add_broken(struct gs_fstab *fstab, size_t i, const char *why)
{
	gs_grow(&fstab->broken, fstab->n_broken, &fstab->broken_room, sizeof *fstab->broken);
	fstab->broken[fstab->n_broken++] = (struct gs_fstab_broken){
		.line = i,
		.number = fstab->text.line[i].number,
		.why = why,
	};
}

static void add_entry(struct gs_fstab *fstab, size_t i, const struct gs_span *field, size_t n)
{
	struct gs_fstab_entry e = { .line = i, .number = fstab->text.line[i].number };

	if (n <= TYPE)
		return add_broken(fstab, i, n == SOURCE + 1 ? "no mount point" : "no type");
	if (n > FREQ && !parse_number(field[FREQ], &e.freq))
		return add_broken(fstab, i, "the fifth field is not a number");
	if (n > PASSNO && !parse_number(field[PASSNO], &e.passno))
		return add_broken(fstab, i, "the sixth field is not a number");
	e.source = unescape(field[SOURCE]);
	e.target = unescape(field[TARGET]);
	clean_path(e.target);
	e.type = unescape(field[TYPE]);
	e.options = n > OPTIONS ? unescape(field[OPTIONS]) : gs_strdup("");
	e.managed = is_marked(fstab, &e) || gs_mountopt_has(e.options, "x-gshare.id");
	gs_grow(&fstab->entry, fstab->n, &fstab->room, sizeof *fstab->entry);
	fstab->entry[fstab->n++] = e;
}

/* Read the entries from the text, again after every edit. */
static void index_lines(struct gs_fstab *fstab)
{
	struct gs_span field[FIELDS];

	while (fstab->n)
		entry_done(&fstab->entry[--fstab->n]);
	fstab->n_broken = 0;
	for (size_t i = 0; i < fstab->text.n; i++) {
		size_t n = split(line_body(fstab->text.line[i].bytes), field);

		if (n && field[SOURCE].ptr[0] != '#')
			add_entry(fstab, i, field, n);
	}
}

int gs_fstab_parse(struct gs_span text, struct gs_fstab *fstab, struct gs_err *err)
{
	struct gs_fstab f = { 0 };

	if (gs_textdoc_parse(text, false, &f.text, err) < 0)
		return err->code;
	index_lines(&f);
	*fstab = f;
	return 0;
}

void gs_fstab_done(struct gs_fstab *fstab)
{
	while (fstab->n)
		entry_done(&fstab->entry[--fstab->n]);
	free(fstab->entry);
	free(fstab->broken);
	gs_textdoc_done(&fstab->text);
	*fstab = (struct gs_fstab){ 0 };
}

void gs_fstab_render(const struct gs_fstab *fstab, struct gs_str *out)
{
	gs_textdoc_render(&fstab->text, out);
}

const struct gs_fstab_entry *gs_fstab_find(const struct gs_fstab *fstab, const char *target)
{
	gs_autofree char *path = cleaned(target);

	for (size_t i = 0; i < fstab->n; i++)
		if (!strcmp(fstab->entry[i].target, path))
			return &fstab->entry[i];
	return NULL;
}

const struct gs_fstab_entry *gs_fstab_find_managed(const struct gs_fstab *fstab, const char *target)
{
	gs_autofree char *path = target ? cleaned(target) : NULL;

	for (size_t i = 0; i < fstab->n; i++)
		if (fstab->entry[i].managed && (!path || !strcmp(fstab->entry[i].target, path)))
			return &fstab->entry[i];
	return NULL;
}

bool gs_fstab_has_all(const struct gs_fstab *fstab, const struct gs_strs *targets)
{
	for (size_t i = 0; i < targets->n; i++)
		if (!gs_fstab_find(fstab, targets->v[i]))
			return false;
	return true;
}

static int check_editable(const struct gs_fstab *fstab, struct gs_err *err)
{
	if (gs_textdoc_is_editable(&fstab->text))
		return 0;
	return gs_err_set(err, EILSEQ, "the file contains a NUL byte and is not edited");
}

static int check_spec(const struct gs_fstab *fstab, const struct gs_fstab_spec *spec,
		      const char *path, struct gs_err *err)
{
	if (spec->target[0] != '/')
		return gs_err_set(err, EINVAL, "the mount point '%s' is not absolute",
				  spec->target);
	if (!spec->source[0] || !spec->type[0] || !spec->options[0])
		return gs_err_set(err, EINVAL, "an fstab entry for '%s' with an empty field", path);
	/* util-linux and glibc disagree on \043, so a leading '#' cannot be written. */
	if (spec->source[0] == '#')
		return gs_err_set(err, EINVAL, "the source '%s' would be read as a comment",
				  spec->source);
	for (size_t i = 0; i < fstab->n; i++) {
		const struct gs_fstab_entry *e = &fstab->entry[i];

		if (!e->managed && !strcmp(e->target, path))
			return gs_err_set(err, EEXIST,
					  "line %zu mounts something at '%s' and is not managed "
					  "by gshare",
					  e->number, path);
	}
	return 0;
}

/* The line of an entry, with the fields replaced that differ from the spec. */
static void fit_line(struct gs_span line, const struct gs_fstab_spec *spec, struct gs_str *out)
{
	const char *const want[] = { spec->source, NULL, spec->type, spec->options };
	struct gs_span field[FIELDS];
	size_t n = split(line_body(line), field);
	const char *at = line.ptr;

	for (size_t i = 0; i <= OPTIONS && i < n; i++) {
		gs_autofree char *now = unescape(field[i]);

		gs_str_add(out, gs_span(at, (size_t)(field[i].ptr - at)));
		if (!want[i] || !strcmp(now, want[i]))
			gs_str_add(out, field[i]);
		else
			gs_fstab_add_field(want[i], out);
		at = field[i].ptr + field[i].len;
	}
	if (n == OPTIONS) {
		gs_str_addc(out, ' ');
		gs_fstab_add_field(spec->options, out);
		gs_str_adds(out, " 0 0");
	}
	gs_str_add(out, gs_span(at, (size_t)(line.ptr + line.len - at)));
}

static void add_marker(struct gs_fstab *fstab, size_t i, const char *path)
{
	gs_autostr struct gs_str line = { 0 };

	gs_str_adds(&line, marker);
	gs_fstab_add_field(path, &line);
	gs_str_addc(&line, '\n');
	gs_textdoc_insert(&fstab->text, i, gs_str_span(&line));
}

static void append(struct gs_fstab *fstab, const struct gs_fstab_spec *spec, const char *path)
{
	const char *const field[] = { spec->source, path, spec->type, spec->options };
	gs_autostr struct gs_str line = { 0 };

	for (size_t i = 0; i < GS_COUNT(field); i++) {
		gs_fstab_add_field(field[i], &line);
		gs_str_addc(&line, ' ');
	}
	gs_str_adds(&line, "0 0\n");
	add_marker(fstab, fstab->text.n, path);
	gs_textdoc_insert(&fstab->text, fstab->text.n, gs_str_span(&line));
}

/* True if the entry had to be changed. */
static bool fit(struct gs_fstab *fstab, const struct gs_fstab_entry *e,
		const struct gs_fstab_spec *spec)
{
	gs_autostr struct gs_str line = { 0 };
	size_t i = e->line;

	fit_line(fstab->text.line[i].bytes, spec, &line);
	if (gs_span_is(gs_str_span(&line), fstab->text.line[i].bytes))
		return false;
	/* The marker keeps it managed where the spec has no x-gshare.id. */
	if (!is_marked(fstab, e))
		add_marker(fstab, i++, e->target);
	gs_textdoc_set(&fstab->text, i, gs_str_span(&line));
	return true;
}

/* Drop entry k with its marker; callers go backwards, so that earlier line numbers stay valid. */
static void drop(struct gs_fstab *fstab, size_t k)
{
	size_t i = fstab->entry[k].line;
	bool marked = is_marked(fstab, &fstab->entry[k]);

	gs_textdoc_remove(&fstab->text, i);
	if (marked)
		gs_textdoc_remove(&fstab->text, i - 1);
}

int gs_fstab_set(struct gs_fstab *fstab, const struct gs_fstab_spec *spec, bool *ret_changed,
		 struct gs_err *err)
{
	gs_autofree char *path = cleaned(spec->target);
	const struct gs_fstab_entry *managed;
	bool changed = false;

	if (check_editable(fstab, err) < 0 || check_spec(fstab, spec, path, err) < 0)
		return err->code;
	managed = gs_fstab_find_managed(fstab, path);
	if (!managed) {
		append(fstab, spec, path);
		changed = true;
	} else {
		for (size_t k = fstab->n; &fstab->entry[--k] != managed;) {
			if (strcmp(fstab->entry[k].target, path) != 0)
				continue;
			drop(fstab, k);
			changed = true;
		}
		changed |= fit(fstab, managed, spec);
	}
	if (changed)
		index_lines(fstab);
	*ret_changed = changed;
	return 0;
}

int gs_fstab_adopt(struct gs_fstab *fstab, size_t k, struct gs_err *err)
{
	if (check_editable(fstab, err) < 0)
		return err->code;
	if (fstab->entry[k].managed)
		return 0;
	add_marker(fstab, fstab->entry[k].line, fstab->entry[k].target);
	index_lines(fstab);
	return 0;
}

int gs_fstab_remove(struct gs_fstab *fstab, const char *target, bool *ret_changed,
		    struct gs_err *err)
{
	gs_autofree char *path = cleaned(target);
	bool changed = false;

	if (check_editable(fstab, err) < 0)
		return err->code;
	for (size_t k = fstab->n; k-- > 0;) {
		if (!fstab->entry[k].managed || strcmp(fstab->entry[k].target, path) != 0)
			continue;
		drop(fstab, k);
		changed = true;
	}
	if (changed)
		index_lines(fstab);
	*ret_changed = changed;
	return 0;
}

bool gs_mountopt_next(struct gs_span *rest, struct gs_span *ret_option)
{
	bool quoted = false;
	size_t n = 0;

	while (rest->len && rest->ptr[0] == ',')
		*rest = gs_span_from(*rest, 1);
	for (; n < rest->len; n++) {
		if (rest->ptr[n] == '"')
			quoted = !quoted;
		else if (rest->ptr[n] == ',' && !quoted)
			break;
	}
	if (!n || quoted)
		return false;
	*ret_option = gs_span(rest->ptr, n);
	*rest = gs_span_from(*rest, n);
	return true;
}

bool gs_mountopt_get(const char *options, const char *name, struct gs_span *ret_value)
{
	struct gs_span rest = gs_span_of(options), option;

	while (gs_mountopt_next(&rest, &option)) {
		struct gs_span key, value = option;

		gs_span_cut(&value, '=', &key);
		if (!gs_span_is_text(key, name))
			continue;
		if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
			value = gs_span(value.ptr + 1, value.len - 2);
		*ret_value = value;
		return true;
	}
	return false;
}

bool gs_mountopt_has(const char *options, const char *name)
{
	struct gs_span value;

	return gs_mountopt_get(options, name, &value);
}

bool gs_mountopt_at_boot(const char *options)
{
	return !gs_mountopt_has(options, "noauto") ||
	       gs_mountopt_has(options, "x-systemd.automount");
}

bool gs_mountopt_is_for_fstab(struct gs_span option)
{
	static const char *const words[] = { "_netdev",	 "nofail",  "fail",    "auto",	"noauto",
					     "user",	 "nouser",  "users",   "owner", "group",
					     "_rnetdev", "nousers", "defaults" };

	for (size_t i = 0; i < GS_COUNT(words); i++)
		if (gs_span_is_text(option, words[i]))
			return true;
	return gs_span_has_prefix(option, "x-") || gs_span_has_prefix(option, "X-") ||
	       gs_span_has_prefix(option, "comment=");
}

unsigned gs_mountopt_port(const char *options)
{
	struct gs_span value = { 0 };
	uint64_t port = 0;

	if (!gs_mountopt_get(options, "port", &value) ||
	    !gs_span_number(value, UINT16_MAX, &port) || !port)
		return GS_NFS_PORT;
	return (unsigned)port;
}

void gs_mountopt_security(const char *options, struct gs_str *out)
{
	static const struct {
		const char *name, *none;
	} kinds[] = { { "sec", "sys" }, { "xprtsec", "none" } };

	for (size_t i = 0; i < GS_COUNT(kinds); i++) {
		struct gs_span value = { 0 };

		if (!gs_mountopt_get(options, kinds[i].name, &value) || !value.len ||
		    gs_span_is_text(value, kinds[i].none))
			continue;
		gs_str_addf(out, "%s%s=", out->len ? "," : "", kinds[i].name);
		gs_str_add(out, value);
	}
}
