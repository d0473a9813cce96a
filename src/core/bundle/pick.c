/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/bundle/pick.h"

#include <string.h>
#include <strings.h>

static bool has(struct gs_span line, const char *word)
{
	return line.len && memmem(line.ptr, line.len, word, strlen(word)) != NULL;
}

static bool has_any_case(struct gs_span line, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= line.len; i++)
		if (!strncasecmp(line.ptr + i, word, n))
			return true;
	return false;
}

/* With the newline, where the text has it. */
static void add_line(struct gs_span line, struct gs_span text, struct gs_str *out)
{
	gs_str_add(out, line);
	if (line.ptr + line.len < text.ptr + text.len)
		gs_str_addc(out, '\n');
}

static void pick(struct gs_span text, bool (*is_wanted)(struct gs_span line), struct gs_str *out)
{
	struct gs_span rest = text, line;

	while (text.len && gs_span_cut(&rest, '\n', &line))
		if (line.len && is_wanted(line))
			add_line(line, text, out);
}

/* The next field of a line of fstab; empty at its end. */
static struct gs_span field(struct gs_span *rest)
{
	struct gs_span part;
	size_t n = 0;

	*rest = gs_span_trim(*rest);
	while (n < rest->len && rest->ptr[n] != ' ' && rest->ptr[n] != '\t')
		n++;
	part = gs_span(rest->ptr, n);
	*rest = gs_span_from(*rest, n);
	return part;
}

static bool is_nfs_type(struct gs_span type)
{
	return gs_span_is_text(type, "nfs") || gs_span_is_text(type, "nfs4");
}

/* As somebody may have meant it. */
static bool may_be_nfs_type(struct gs_span span)
{
	gs_autofree char *type = gs_span_dup(span);

	return !strncasecmp(type, "nfs", 3) || !strcmp(type, "auto") || !strcmp(type, "none") ||
	       gs_is_near(type, "nfs") || gs_is_near(type, "nfs4");
}

static bool is_nfs_entry(struct gs_span line)
{
	struct gs_span rest = line, source, type;

	if (gs_span_has_prefix(gs_span_trim(line), "# gshare "))
		return true;
	source = field(&rest);
	(void)field(&rest);
	type = field(&rest);
	if (!source.len || source.ptr[0] == '#')
		return false;
	return is_nfs_type(type) || (has(source, ":/") && may_be_nfs_type(type));
}

void gs_pick_fstab(struct gs_span text, struct gs_str *out)
{
	pick(text, is_nfs_entry, out);
}

static bool is_nfs_mount(struct gs_span line)
{
	return has(line, " - nfs ") || has(line, " - nfs4 ") || has(line, " - nfsd ");
}

void gs_pick_mountinfo(struct gs_span text, struct gs_str *out)
{
	pick(text, is_nfs_mount, out);
}

void gs_pick_mountstats(struct gs_span text, struct gs_str *out)
{
	struct gs_span rest = text, line;
	bool is_nfs = false;

	while (text.len && gs_span_cut(&rest, '\n', &line)) {
		if (gs_span_has_prefix(line, "device ") || gs_span_has_prefix(line, "no device "))
			is_nfs = has(line, " with fstype nfs ") || has(line, " with fstype nfs4 ");
		if (is_nfs && (line.len || rest.ptr))
			add_line(line, text, out);
	}
}

static bool is_of_nfs(struct gs_span line)
{
	static const char *const words[] = { "nfs", "rpc", "lockd", "svc" };

	for (size_t i = 0; i < GS_COUNT(words); i++)
		if (has_any_case(line, words[i]))
			return true;
	return false;
}

void gs_pick_kernel(struct gs_span text, struct gs_str *out)
{
	pick(text, is_of_nfs, out);
}

static struct gs_span value_of(struct gs_span text, const char *name)
{
	struct gs_span rest = text, line, value = { 0 };

	while (gs_span_cut(&rest, '\n', &line))
		if (gs_span_has_prefix(gs_span_trim(line), name))
			value = gs_span_trim(gs_span_from(gs_span_trim(line), strlen(name)));
	return value;
}

bool gs_pick_is_nfs_unit(struct gs_span text)
{
	struct gs_span type = value_of(text, "Type=");

	return is_nfs_type(type) ||
	       (has(value_of(text, "What="), ":/") && (!type.len || may_be_nfs_type(type)));
}
