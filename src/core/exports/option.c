/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/option.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum kind {
	KIND_SET,	 /* sets the flag */
	KIND_CLEAR,	 /* clears it */
	KIND_ID,	 /* anonuid, anongid */
	KIND_FSID,	 /* number, "root" or UUID */
	KIND_MOUNTPOINT, /* with or without a path */
	KIND_TEXT,	 /* any text */
	KIND_RANGE,	 /* squash_uids: one range, though old exports(5) showed lists */
	KIND_SEC,	 /* flavours, colon between */
	KIND_XPRTSEC,	 /* modes, colon between */
	KIND_REEXPORT,	 /* one of three words */
};

#define TEXT_AT(member) offsetof(struct gs_exportopts, member)

/* value: a flag of KIND_SET, KIND_CLEAR; else the offset of the member */
static const struct option {
	const char *name;
	enum kind kind;
	size_t value;
	const char *opposite;
	const char *risk;
} option[] = {
	{ "ro", KIND_SET, GS_EXPORT_RO, "rw", NULL },
	{ "rw", KIND_CLEAR, GS_EXPORT_RO, "ro", NULL },
	{ "root_squash", KIND_SET, GS_EXPORT_ROOT_SQUASH, "no_root_squash", NULL },
	{ "no_root_squash", KIND_CLEAR, GS_EXPORT_ROOT_SQUASH, "root_squash",
	  "root of a client is root in the share" },
	{ "all_squash", KIND_SET, GS_EXPORT_ALL_SQUASH, "no_all_squash", NULL },
	{ "no_all_squash", KIND_CLEAR, GS_EXPORT_ALL_SQUASH, "all_squash", NULL },
	{ "insecure", KIND_SET, GS_EXPORT_INSECURE, "secure",
	  "any user of a client can speak to the server as any uid" },
	{ "secure", KIND_CLEAR, GS_EXPORT_INSECURE, "insecure", NULL },
	{ "async", KIND_SET, GS_EXPORT_ASYNC, "sync",
	  "writes that were acknowledged are lost when the server crashes" },
	{ "sync", KIND_CLEAR, GS_EXPORT_ASYNC, "async", NULL },
	{ "wdelay", KIND_SET, GS_EXPORT_WDELAY, "no_wdelay", NULL },
	{ "no_wdelay", KIND_CLEAR, GS_EXPORT_WDELAY, "wdelay", NULL },
	{ "nohide", KIND_SET, GS_EXPORT_NOHIDE, "hide", NULL },
	{ "hide", KIND_CLEAR, GS_EXPORT_NOHIDE, "nohide", NULL },
	{ "crossmnt", KIND_SET, GS_EXPORT_CROSSMNT, "nocrossmnt",
	  "file systems mounted below the path are exported with it" },
	{ "nocrossmnt", KIND_CLEAR, GS_EXPORT_CROSSMNT, "crossmnt", NULL },
	{ "subtree_check", KIND_SET, GS_EXPORT_SUBTREE_CHECK, "no_subtree_check", NULL },
	{ "no_subtree_check", KIND_CLEAR, GS_EXPORT_SUBTREE_CHECK, "subtree_check", NULL },
	{ "insecure_locks", KIND_SET, GS_EXPORT_INSECURE_LOCKS, "secure_locks",
	  "locks are granted without authentication" },
	{ "secure_locks", KIND_CLEAR, GS_EXPORT_INSECURE_LOCKS, "insecure_locks", NULL },
	{ "no_auth_nlm", KIND_SET, GS_EXPORT_INSECURE_LOCKS, "auth_nlm",
	  "locks are granted without authentication" },
	{ "auth_nlm", KIND_CLEAR, GS_EXPORT_INSECURE_LOCKS, "no_auth_nlm", NULL },
	{ "no_acl", KIND_SET, GS_EXPORT_NO_ACL, "acl", NULL },
	{ "acl", KIND_CLEAR, GS_EXPORT_NO_ACL, "no_acl", NULL },
	{ "pnfs", KIND_SET, GS_EXPORT_PNFS, "no_pnfs", NULL },
	{ "no_pnfs", KIND_CLEAR, GS_EXPORT_PNFS, "pnfs", NULL },
	{ "nordirplus", KIND_SET, GS_EXPORT_NORDIRPLUS, NULL, NULL },
	{ "security_label", KIND_SET, GS_EXPORT_SECURITY_LABEL, NULL, NULL },
	{ "sign_fh", KIND_SET, GS_EXPORT_SIGN_FH, NULL, NULL }, /* after 2.8 */
	{ "anonuid", KIND_ID, TEXT_AT(anonuid), NULL, NULL },
	{ "anongid", KIND_ID, TEXT_AT(anongid), NULL, NULL },
	{ "fsid", KIND_FSID, 0, NULL, NULL },
	{ "mountpoint", KIND_MOUNTPOINT, TEXT_AT(mountpoint), NULL, NULL },
	{ "mp", KIND_MOUNTPOINT, TEXT_AT(mountpoint), NULL, NULL },
	{ "refer", KIND_TEXT, TEXT_AT(refer), NULL, NULL },
	{ "replicas", KIND_TEXT, TEXT_AT(replicas), NULL, NULL },
	{ "squash_uids", KIND_RANGE, TEXT_AT(squash_uids), NULL, NULL },
	{ "squash_gids", KIND_RANGE, TEXT_AT(squash_gids), NULL, NULL },
	{ "sec", KIND_SEC, 0, NULL, NULL },
	{ "xprtsec", KIND_XPRTSEC, 0, NULL, NULL },		      /* since 2.6.3 */
	{ "reexport", KIND_REEXPORT, TEXT_AT(reexport), NULL, NULL }, /* since 2.6.3 */
};

/* Is the row a second name of a flag? */
static bool is_again(size_t k)
{
	for (size_t i = 0; i < k; i++)
		if (option[i].kind == KIND_SET && option[i].value == option[k].value)
			return true;
	return false;
}

bool gs_exportopt_flag(size_t i, struct gs_exportflag_words *ret)
{
	for (size_t k = 0, n = 0; k < GS_COUNT(option); k++) {
		if (option[k].kind != KIND_SET || is_again(k) || n++ != i)
			continue;
		*ret = (struct gs_exportflag_words){ (unsigned)option[k].value, option[k].name,
						     option[k].opposite };
		return true;
	}
	return false;
}

/* The owned texts, for copy, done and comparison. */
static const struct {
	const char *name;
	size_t at;
} text_member[] = {
	{ "fsid", TEXT_AT(uuid) },
	{ "mountpoint", TEXT_AT(mountpoint) },
	{ "refer", TEXT_AT(refer) },
	{ "replicas", TEXT_AT(replicas) },
	{ "squash_uids", TEXT_AT(squash_uids) },
	{ "squash_gids", TEXT_AT(squash_gids) },
	{ "reexport", TEXT_AT(reexport) },
};

static const struct {
	const char *name, *canonical;
} flavor[] = {
	{ "sys", "sys" },   { "unix", "sys" },	  { "none", "none" },	{ "null", "none" },
	{ "krb5", "krb5" }, { "krb5i", "krb5i" }, { "krb5p", "krb5p" },
};

static const char *const xprtsec_mode[] = { "none", "tls", "mtls" };

/* One option of a list with its row of the table, NULL if unknown. */
struct item {
	struct gs_span all, name, value;
	bool has_value;
	const struct option *option;
};

/* The state while a list is read: flags apply to the flavours of the last sec= before them. */
struct reading {
	struct gs_exportopts *opts;
	unsigned active;
	struct gs_err *err;
};

static void *member(struct gs_exportopts *opts, size_t at)
{
	return (char *)opts + at;
}

static char *text_of(const struct gs_exportopts *opts, size_t at)
{
	char *text;

	memcpy(&text, (const char *)opts + at, sizeof text);
	return text;
}

static void set_text(struct gs_exportopts *opts, size_t at, char *text)
{
	free(text_of(opts, at));
	memcpy(member(opts, at), &text, sizeof text);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool takes(const struct option *o, const struct item *item)
{
	if (!item->name.len || item->name.ptr[0] != o->name[0] ||
	    !gs_span_is_text(item->name, o->name))
		return false;
	if (o->kind == KIND_MOUNTPOINT)
		return true;
	return item->has_value == (o->kind != KIND_SET && o->kind != KIND_CLEAR);
}

/*
 * Takes the next option off the list. parseopts() skips blanks before an option, not after it;
 * a comma at the end is fine, two in a row are an unknown option.
 */
static bool next_item(struct gs_span *rest, struct item *item)
{
	struct gs_span value;

	*item = (struct item){ 0 };
	while (rest->len && is_blank(rest->ptr[0]))
		*rest = gs_span_from(*rest, 1);
	if (!rest->len)
		return false;
	gs_span_cut(rest, ',', &item->all);
	value = item->all;
	gs_span_cut(&value, '=', &item->name);
	item->has_value = value.ptr;
	item->value = value;
	for (size_t i = 0; i < GS_COUNT(option) && !item->option; i++)
		if (takes(&option[i], item))
			item->option = &option[i];
	return true;
}

bool gs_exportopts_next(struct gs_span *rest, struct gs_exportitem *ret_item)
{
	struct item item;

	if (!next_item(rest, &item))
		return false;
	*ret_item =
		(struct gs_exportitem){ .all = item.all, .name = item.name, .value = item.value };
	if (!item.option)
		return true;
	ret_item->risk = item.option->risk;
	if (item.option->kind == KIND_SET || item.option->kind == KIND_CLEAR) {
		ret_item->flag = (unsigned)item.option->value;
		ret_item->sets = item.option->kind == KIND_SET;
		ret_item->opposite = item.option->opposite;
	}
	return true;
}

static int bad(struct gs_err *err, struct gs_span item, const char *why)
{
	gs_autostr struct gs_str safe = { 0 };

	gs_str_add_safe(&safe, item.len > 200 ? gs_span(item.ptr, 200) : item);
	gs_err_set(err, EINVAL, "option '%s': %s", safe.ptr ? safe.ptr : "", why);
	return gs_err_cause(err, "EXPORTS_OPTION_BAD");
}

static int misread(struct gs_err *err, struct gs_span item, const char *why, const char *id)
{
	bad(err, item, why);
	err->code = -ERANGE;
	return gs_err_cause(err, id);
}

static void set_flag(struct reading *r, unsigned flag, bool on)
{
	for (unsigned i = 0; i < r->opts->sec_n; i++)
		if (r->active & 1U << i)
			r->opts->sec[i].flags = on ? r->opts->sec[i].flags | flag
						   : r->opts->sec[i].flags & ~flag;
	r->opts->flags = on ? r->opts->flags | flag : r->opts->flags & ~flag;
}

enum number { NUMBER_NONE, NUMBER_WRAPS, NUMBER_OK };

/* As strtol() cut to 32 bits: digits of a base, a sign allowed. */
static enum number read_number(struct gs_span text, unsigned base, uint32_t *ret_value)
{
	bool negative = text.len && text.ptr[0] == '-';
	uint64_t value = 0, max = negative ? (uint64_t)INT32_MAX + 1 : UINT32_MAX;
	bool wraps = false;

	if (text.len && (text.ptr[0] == '-' || text.ptr[0] == '+'))
		text = gs_span_from(text, 1);
	if (!text.len)
		return NUMBER_NONE;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		unsigned digit = c >= '0' && c <= '9'	? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
				 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
							: base;

		if (digit >= base)
			return NUMBER_NONE;
		value = value * base + digit;
		wraps |= value > max;
		if (wraps)
			value = 0;
	}
	if (wraps)
		return NUMBER_WRAPS;
	*ret_value = negative ? (uint32_t)0 - (uint32_t)value : (uint32_t)value;
	return NUMBER_OK;
}

static int read_id(struct reading *r, const struct item *item)
{
	uint32_t id;

	switch (read_number(item->value, 10, &id)) {
	case NUMBER_NONE:
		return bad(r->err, item->all, "exportfs stops there: the value is not a number");
	case NUMBER_WRAPS:
		return misread(r->err, item->all, "exportfs cuts the number to 32 bits",
			       "EXPORTS_NUMBER_WRAPS");
	case NUMBER_OK:
		break;
	}
	if (id == UINT32_MAX)
		return misread(r->err, item->all, "the kernel refuses the id -1",
			       "EXPORTS_NUMBER_WRAPS");
	memcpy(member(r->opts, item->option->value), &id, sizeof id);
	return 0;
}

static bool is_uuid(struct gs_span text)
{
	unsigned digits = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];

		digits += (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
			  (c >= 'A' && c <= 'F');
	}
	return digits == 32;
}

/* strtoul() with base 0: 010 is eight; a UUID of digits alone is a number, cut to 32 bits. */
static int take_fsid(struct reading *r, const struct item *item)
{
	struct gs_span digits = item->value;
	size_t sign = digits.len && (digits.ptr[0] == '-' || digits.ptr[0] == '+');
	unsigned base = 10;
	char sign_text[40];
	uint32_t fsid = 0;
	enum number found;

	if (gs_span_is_text(item->value, "root"))
		digits = gs_span_of("0");
	if (digits.len > sign + 2 && digits.ptr[sign] == '0' && (digits.ptr[sign + 1] | 32) == 'x')
		base = 16;
	else if (digits.len > sign + 1 && digits.ptr[sign] == '0')
		base = 8;
	if (base == 16 && sign && digits.len < sizeof sign_text) {
		sign_text[0] = digits.ptr[0];
		memcpy(sign_text + 1, digits.ptr + 3, digits.len - 3);
		digits = gs_span(sign_text, digits.len - 2);
	} else if (base == 16) {
		digits = gs_span_from(digits, 2);
	}
	found = read_number(digits, base, &fsid);
	if (found == NUMBER_WRAPS)
		return misread(r->err, item->all, "exportfs cuts the number to 32 bits",
			       "EXPORTS_NUMBER_WRAPS");
	if (found == NUMBER_OK) {
		r->opts->has_fsid = true;
		r->opts->fsid = fsid;
		return 0;
	}
	if (!is_uuid(item->value))
		return bad(r->err, item->all,
			   "exportfs stops there: not a number, 'root' or a UUID");
	set_text(r->opts, TEXT_AT(uuid), gs_span_dup(item->value));
	return 0;
}

/* After a number exportfs also takes the leading digits of a UUID as the fsid: a flaw. */
static int read_fsid(struct reading *r, const struct item *item)
{
	if (take_fsid(r, item) < 0)
		return r->err->code;
	if (r->opts->has_fsid && r->opts->uuid)
		return misread(r->err, item->all, "one fsid is a number, another a UUID",
			       "EXPORTS_FSID_TWICE");
	return 0;
}

/* parsesquash(): "0-15" or "20"; -1 is refused. A comma ends it: a list is an unknown option. */
static int read_range(struct reading *r, const struct item *item)
{
	struct gs_span rest = item->value, low, high;
	uint32_t from, to;
	bool good;

	gs_span_cut(&rest, '-', &low);
	high = rest.ptr ? rest : low;
	good = read_number(low, 10, &from) == NUMBER_OK && read_number(high, 10, &to) == NUMBER_OK;
	if (!good || from > INT32_MAX || to > INT32_MAX)
		return bad(r->err, item->all, "exportfs stops there: not one uid or one range");
	set_text(r->opts, item->option->value,
		 from == to ? gs_printf("%u", from) : gs_printf("%u-%u", from, to));
	return 0;
}

static unsigned add_flavor(struct gs_exportopts *opts, const char *canonical)
{
	unsigned i = 0;

	while (i < opts->sec_n && strcmp(opts->sec[i].name, canonical) != 0)
		i++;
	if (i == opts->sec_n && i < GS_SEC_FLAVORS) {
		opts->sec[i].name = canonical;
		opts->sec[i].flags = opts->flags;
		opts->sec_n++;
	}
	return i;
}

static int read_sec(struct reading *r, const struct item *item)
{
	struct gs_span rest = item->value, name;

	r->active = 0;
	while (gs_span_cut(&rest, ':', &name)) {
		const char *canonical = NULL;

		for (size_t i = 0; i < GS_COUNT(flavor); i++)
			if (gs_span_is_text(name, flavor[i].name))
				canonical = flavor[i].canonical;
		if (!canonical)
			return bad(r->err, item->all, "exportfs stops there: unknown flavour");
		r->active |= 1U << add_flavor(r->opts, canonical);
	}
	return 0;
}

static int read_xprtsec(struct reading *r, const struct item *item)
{
	struct gs_exportopts *opts = r->opts;
	struct gs_span rest = item->value, name;

	while (gs_span_cut(&rest, ':', &name)) {
		const char *mode = NULL;
		unsigned i = 0;

		for (size_t k = 0; k < GS_COUNT(xprtsec_mode); k++)
			if (gs_span_is_text(name, xprtsec_mode[k]))
				mode = xprtsec_mode[k];
		if (!mode)
			return bad(r->err, item->all, "exportfs stops there: unknown mode");
		while (i < opts->xprtsec_n && opts->xprtsec[i] != mode)
			i++;
		if (i == opts->xprtsec_n)
			opts->xprtsec[opts->xprtsec_n++] = mode;
	}
	return 0;
}

static int read_reexport(struct reading *r, const struct item *item)
{
	static const char *const word[] = { "none", "auto-fsidnum", "predefined-fsidnum" };

	for (size_t i = 0; i < GS_COUNT(word); i++)
		if (gs_span_is_text(item->value, word[i])) {
			set_text(r->opts, item->option->value, i ? gs_strdup(word[i]) : NULL);
			return 0;
		}
	return bad(r->err, item->all,
		   "exportfs stops there: not none, auto-fsidnum or predefined-fsidnum");
}

static int unknown(struct gs_err *err, const struct item *item)
{
	bad(err, item->all, "exportfs does not know this option and stops there");
	for (size_t i = 0; i < item->all.len; i++)
		if (is_blank(item->all.ptr[i]))
			bad(err, item->all, "exportfs stops at the space after it");
	if (!item->all.len)
		bad(err, item->all, "exportfs stops at two commas in a row");
	return gs_err_cause(err, "EXPORTS_OPTION_UNKNOWN");
}

static int read_item(struct reading *r, const struct item *item)
{
	const struct option *o = item->option;

	if (!o)
		return unknown(r->err, item);
	switch (o->kind) {
	case KIND_SET:
	case KIND_CLEAR:
		set_flag(r, (unsigned)o->value, o->kind == KIND_SET);
		return 0;
	case KIND_ID:
		return read_id(r, item);
	case KIND_FSID:
		return read_fsid(r, item);
	case KIND_MOUNTPOINT:
	case KIND_TEXT:
		set_text(r->opts, o->value, gs_span_dup(item->value));
		return 0;
	case KIND_RANGE:
		return read_range(r, item);
	case KIND_SEC:
		return read_sec(r, item);
	case KIND_XPRTSEC:
		return read_xprtsec(r, item);
	case KIND_REEXPORT:
		return read_reexport(r, item);
	}
	__builtin_unreachable();
}

/* putexportent() writes values as they are: a blank or quote would end the word in etab. */
static bool is_plain(struct gs_span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || text.ptr[i] == 0x7f || text.ptr[i] == '"')
			return false;
	return true;
}

int gs_exportopts_parse(struct gs_span list, const struct gs_exportopts *base,
			struct gs_exportopts *out, struct gs_err *err)
{
	GS_AUTO(gs_exportopts_done) struct gs_exportopts opts = { 0 };
	struct reading r = { .opts = &opts, .err = err };
	struct item item;

	if (base && base->is_set)
		gs_exportopts_copy(base, &opts);
	else
		opts = (struct gs_exportopts){ .is_set = true,
					       .flags = GS_EXPORT_DEFAULTS,
					       .anonuid = GS_ANON_ID,
					       .anongid = GS_ANON_ID };
	while (next_item(&list, &item)) {
		if (read_item(&r, &item) < 0)
			return err->code;
		if (item.has_value && !is_plain(item.value))
			return misread(err, item.all, "the server's table cannot store the space",
				       "EXPORTS_OPTION_BLANK");
	}
	*out = opts;
	opts = (struct gs_exportopts){ 0 };
	return 0;
}

void gs_exportopts_copy(const struct gs_exportopts *from, struct gs_exportopts *to)
{
	*to = *from;
	for (size_t i = 0; i < GS_COUNT(text_member); i++) {
		char *text = text_of(from, text_member[i].at);

		text = text ? gs_strdup(text) : NULL;
		memcpy(member(to, text_member[i].at), &text, sizeof text);
	}
}

void gs_exportopts_done(struct gs_exportopts *opts)
{
	for (size_t i = 0; i < GS_COUNT(text_member); i++)
		set_text(opts, text_member[i].at, NULL);
	*opts = (struct gs_exportopts){ 0 };
}

const char *gs_access_name(enum gs_access access)
{
	return access == GS_ACCESS_RO ? "ro" : "rw";
}
