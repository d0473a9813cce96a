/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/option.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Comparing option lists, and editing them to a spec; gs_exportopts_parse() reads them. */

enum { ID_TEXT_BYTES = 40 };

struct differing {
	struct gs_str *out; /* NULL: no text is wanted */
	bool found;
};

static void differ(struct differing *d, const char *where, const char *is, const char *want)
{
	if (!d->found && d->out)
		gs_str_addf(d->out, "%s%s, not %s", where, is, want);
	d->found = true;
}

static void differ_flags(struct differing *d, const char *where, unsigned is, unsigned want)
{
	struct gs_exportflag_words words;

	for (size_t i = 0; gs_exportopt_flag(i, &words); i++) {
		gs_autofree char *clear = words.clear ? gs_strdup(words.clear)
						      : gs_printf("no %s", words.set);

		if ((is ^ want) & words.flag)
			differ(d, where, is & words.flag ? words.set : clear,
			       want & words.flag ? words.set : clear);
	}
}

static void differ_text(struct differing *d, const char *where, const char *is, const char *want)
{
	gs_autostr struct gs_str a = { 0 }, b = { 0 };

	if (is == want || (is && want && !strcmp(is, want)))
		return;
	gs_str_add_safe(&a, gs_span_of(is ? is : "none"));
	gs_str_add_safe(&b, gs_span_of(want ? want : "none"));
	differ(d, where, a.ptr ? a.ptr : "''", b.ptr ? b.ptr : "''");
}

static void differ_id(struct differing *d, const char *where, uint32_t is, uint32_t want)
{
	char a[ID_TEXT_BYTES], b[ID_TEXT_BYTES];

	snprintf(a, sizeof a, "%u", is);
	snprintf(b, sizeof b, "%u", want);
	differ_text(d, where, a, b);
}

/*
 * Adds sys to an empty list, as exportfs does. Flags that may differ between flavours are compared
 * here only: in a list read back from etab the flags outside are those of the last flavour.
 */
static void settle_sec(struct gs_exportopts *opts)
{
	if (opts->sec_n)
		return;
	opts->sec[0].name = "sys";
	opts->sec[0].flags = opts->flags;
	opts->sec_n = 1;
}

static void differ_sec(struct differing *d, struct gs_exportopts is, struct gs_exportopts want)
{
	settle_sec(&is);
	settle_sec(&want);
	for (unsigned i = 0; i < is.sec_n || i < want.sec_n; i++) {
		gs_autofree char *where = NULL;

		differ_text(d, "sec=", i < is.sec_n ? is.sec[i].name : NULL,
			    i < want.sec_n ? want.sec[i].name : NULL);
		if (i >= is.sec_n || i >= want.sec_n)
			return;
		where = is.sec_n == 1 ? gs_strdup("") : gs_printf("sec=%s,", is.sec[i].name);
		differ_flags(d, where, is.sec[i].flags & GS_EXPORT_BY_FLAVOR,
			     want.sec[i].flags & GS_EXPORT_BY_FLAVOR);
	}
	for (unsigned i = 0; i < is.xprtsec_n || i < want.xprtsec_n; i++)
		differ_text(d, "xprtsec=", i < is.xprtsec_n ? is.xprtsec[i] : NULL,
			    i < want.xprtsec_n ? want.xprtsec[i] : NULL);
}

static struct gs_exportopts or_defaults(const struct gs_exportopts *opts)
{
	if (opts->is_set)
		return *opts;
	return (struct gs_exportopts){ .flags = GS_EXPORT_DEFAULTS,
				       .anonuid = GS_ANON_ID,
				       .anongid = GS_ANON_ID };
}

bool gs_exportopts_difference(const struct gs_exportopts *is, const struct gs_exportopts *want,
			      struct gs_str *out)
{
	struct gs_exportopts a = or_defaults(is), b = or_defaults(want);
	struct differing d = { .out = out };

	differ_sec(&d, a, b);
	differ_flags(&d, "", a.flags & ~(unsigned)GS_EXPORT_BY_FLAVOR,
		     b.flags & ~(unsigned)GS_EXPORT_BY_FLAVOR);
	differ_id(&d, "anonuid=", a.anonuid, b.anonuid);
	differ_id(&d, "anongid=", a.anongid, b.anongid);
	differ_text(&d, "fsid=", a.has_fsid ? "a number" : NULL, b.has_fsid ? "a number" : NULL);
	differ_id(&d, "fsid=", a.fsid, b.fsid);
	differ_text(&d, "fsid=", a.uuid, b.uuid);
	differ_text(&d, "mountpoint=", a.mountpoint, b.mountpoint);
	differ_text(&d, "refer=", a.refer, b.refer);
	differ_text(&d, "replicas=", a.replicas, b.replicas);
	differ_text(&d, "squash_uids=", a.squash_uids, b.squash_uids);
	differ_text(&d, "squash_gids=", a.squash_gids, b.squash_gids);
	differ_text(&d, "reexport=", a.reexport, b.reexport);
	return d.found;
}

bool gs_exportopts_is_same(const struct gs_exportopts *a, const struct gs_exportopts *b)
{
	return !gs_exportopts_difference(a, b, NULL);
}

bool gs_exportopts_grows(const struct gs_exportopts *before, const struct gs_exportopts *after,
			 struct gs_str *out)
{
	const unsigned narrows = GS_EXPORT_RO | GS_EXPORT_SUBTREE_CHECK;
	struct gs_exportopts less = or_defaults(before), more = or_defaults(after);

	less.flags |= more.flags & narrows;
	for (unsigned i = 0; i < less.sec_n && i < more.sec_n; i++)
		less.sec[i].flags |= more.sec[i].flags & narrows;
	return gs_exportopts_difference(&more, &less, out);
}

/* The flags for a client with sec=sys, else those of the first flavour. */
static unsigned active_flags(const struct gs_exportopts *opts)
{
	struct gs_exportopts o = or_defaults(opts);

	for (unsigned i = 0; i < o.sec_n; i++)
		if (!strcmp(o.sec[i].name, "sys"))
			return o.sec[i].flags;
	return o.sec_n ? o.sec[0].flags : o.flags;
}

enum gs_access gs_exportopts_access(const struct gs_exportopts *opts)
{
	return active_flags(opts) & GS_EXPORT_RO ? GS_ACCESS_RO : GS_ACCESS_RW;
}

enum gs_squash gs_exportopts_squash(const struct gs_exportopts *opts)
{
	unsigned flags = active_flags(opts);

	if (flags & GS_EXPORT_ALL_SQUASH)
		return GS_SQUASH_ALL;
	return flags & GS_EXPORT_ROOT_SQUASH ? GS_SQUASH_ROOT : GS_SQUASH_NONE;
}

void gs_exportopts_spec(const struct gs_exportopts *opts, struct gs_exportspec *ret_spec,
			struct gs_str *ret_fsid)
{
	struct gs_exportopts o = or_defaults(opts);

	ret_fsid->len = 0;
	if (o.uuid)
		gs_str_adds(ret_fsid, o.uuid);
	else if (o.has_fsid)
		gs_str_addf(ret_fsid, "%u", o.fsid);
	*ret_spec = (struct gs_exportspec){
		.access = gs_exportopts_access(&o),
		.squash = gs_exportopts_squash(&o),
		.anonuid = o.anonuid,
		.anongid = o.anongid,
		.subtree_check = o.flags & GS_EXPORT_SUBTREE_CHECK,
		.crossmnt = o.flags & GS_EXPORT_CROSSMNT,
		.mountpoint = o.mountpoint && !o.mountpoint[0],
		.fsid = ret_fsid->len ? ret_fsid->ptr : NULL,
	};
}

void gs_exportopts_render_managed(const struct gs_exportspec *spec, struct gs_str *out)
{
	static const char *const squash[] = {
		[GS_SQUASH_ALL] = "all_squash",
		[GS_SQUASH_ROOT] = "root_squash",
		[GS_SQUASH_NONE] = "no_root_squash",
	};

	gs_str_addf(out, "%s,sync,%ssubtree_check,%s", spec->access == GS_ACCESS_RO ? "ro" : "rw",
		    spec->subtree_check ? "" : "no_", squash[spec->squash]);
	if (spec->squash != GS_SQUASH_NONE)
		gs_str_addf(out, ",anonuid=%u,anongid=%u", spec->anonuid, spec->anongid);
	if (spec->crossmnt)
		gs_str_adds(out, ",crossmnt");
	if (spec->mountpoint)
		gs_str_adds(out, ",mountpoint");
	if (spec->fsid)
		gs_str_addf(out, ",fsid=%s", spec->fsid);
}

static void carry_names(const char *option, const char *const *name, size_t n, struct gs_str *out)
{
	if (!n)
		return;
	gs_str_addf(out, "%s%s=", out->len ? "," : "", option);
	for (size_t i = 0; i < n; i++)
		gs_str_addf(out, "%s%s", i ? ":" : "", name[i]);
}

void gs_exportopts_carry(const struct gs_exportopts *opts, struct gs_str *out)
{
	const unsigned carried = GS_EXPORT_INSECURE | GS_EXPORT_NOHIDE | GS_EXPORT_INSECURE_LOCKS |
				 GS_EXPORT_NO_ACL | GS_EXPORT_PNFS | GS_EXPORT_SECURITY_LABEL;
	const char *name[GS_SEC_FLAVORS] = { 0 };
	struct gs_exportflag_words words;
	unsigned flags = active_flags(opts) | (opts->flags & ~(unsigned)GS_EXPORT_BY_FLAVOR);

	for (unsigned i = 0; i < opts->sec_n; i++) {
		name[i] = opts->sec[i].name;
		if ((opts->sec[i].flags ^ opts->sec[0].flags) & GS_EXPORT_BY_FLAVOR)
			return;
	}
	for (size_t i = 0; gs_exportopt_flag(i, &words); i++)
		if (flags & words.flag & carried)
			gs_str_addf(out, "%s%s", out->len ? "," : "", words.set);
	carry_names("xprtsec", opts->xprtsec, opts->xprtsec_n, out);
	if (opts->sec_n > 1 || (opts->sec_n && strcmp(opts->sec[0].name, "sys") != 0))
		carry_names("sec", name, opts->sec_n, out);
}

/* The flags that the spec determines, and their values. */
static void spec_flags(const struct gs_exportspec *spec, unsigned *ret_mask, unsigned *ret_value)
{
	*ret_mask = GS_EXPORT_RO | GS_EXPORT_ALL_SQUASH | GS_EXPORT_SUBTREE_CHECK;
	*ret_value = spec->access == GS_ACCESS_RO ? GS_EXPORT_RO : 0;
	if (spec->squash == GS_SQUASH_ALL)
		*ret_value |= GS_EXPORT_ALL_SQUASH;
	else
		*ret_mask |= GS_EXPORT_ROOT_SQUASH;
	if (spec->squash == GS_SQUASH_ROOT)
		*ret_value |= GS_EXPORT_ROOT_SQUASH;
	if (spec->subtree_check)
		*ret_value |= GS_EXPORT_SUBTREE_CHECK;
	if (spec->crossmnt) {
		*ret_mask |= GS_EXPORT_CROSSMNT;
		*ret_value |= GS_EXPORT_CROSSMNT;
	}
}

/* The difference that is left between list and spec. */
struct lack {
	unsigned flags, value; /* flags that differ; their specified values */
	bool by_flavor;	       /* one of them differs in a flavour only */
	bool anonuid, anongid, fsid;
};

static bool find_lack(const struct gs_exportopts *opts, const struct gs_exportspec *spec,
		      struct lack *ret_lack)
{
	struct lack lack = { 0 };
	unsigned mask;

	spec_flags(spec, &mask, &lack.value);
	lack.flags = (opts->flags ^ lack.value) & mask;
	for (unsigned i = 0; i < opts->sec_n; i++)
		if ((opts->sec[i].flags ^ lack.value) & mask & GS_EXPORT_BY_FLAVOR)
			lack.by_flavor = true;
	if (spec->squash != GS_SQUASH_NONE) {
		lack.anonuid = opts->anonuid != spec->anonuid;
		lack.anongid = opts->anongid != spec->anongid;
	}
	if (spec->fsid) {
		struct gs_err other = { 0 };
		gs_autofree char *list = gs_printf("fsid=%s", spec->fsid);
		GS_AUTO(gs_exportopts_done) struct gs_exportopts fsid = { 0 };

		lack.fsid = gs_exportopts_parse(gs_span_of(list), NULL, &fsid, &other) < 0 ||
			    opts->has_fsid != fsid.has_fsid || opts->fsid != fsid.fsid ||
			    !opts->uuid != !fsid.uuid ||
			    (fsid.uuid && strcmp(opts->uuid, fsid.uuid) != 0);
	}
	*ret_lack = lack;
	return lack.flags || lack.by_flavor || lack.anonuid || lack.anongid || lack.fsid;
}

/* The text that replaces an option; false: the option stays. */
static bool replace_item(const struct gs_exportitem *item, const struct gs_exportspec *spec,
			 const struct lack *lack, struct gs_str *out)
{
	unsigned mask, value;

	spec_flags(spec, &mask, &value);
	if (item->flag & mask && item->opposite && item->sets != !!(value & item->flag))
		gs_str_adds(out, item->opposite);
	else if (lack->anonuid && gs_span_is_text(item->name, "anonuid"))
		gs_str_addf(out, "anonuid=%u", spec->anonuid);
	else if (lack->anongid && gs_span_is_text(item->name, "anongid"))
		gs_str_addf(out, "anongid=%u", spec->anongid);
	else if (lack->fsid && gs_span_is_text(item->name, "fsid"))
		gs_str_addf(out, "fsid=%s", spec->fsid);
	else
		return false;
	return true;
}

static void replace_items(struct gs_span old, const struct gs_exportspec *spec,
			  const struct lack *lack, struct gs_str *out)
{
	struct gs_span rest = old;
	struct gs_exportitem item;
	const char *done = old.ptr;

	while (gs_exportopts_next(&rest, &item)) {
		gs_autostr struct gs_str text = { 0 };

		if (!replace_item(&item, spec, lack, &text))
			continue;
		gs_str_add(out, gs_span(done, (size_t)(item.all.ptr - done)));
		gs_str_add(out, gs_str_span(&text));
		done = item.all.ptr + item.all.len;
	}
	gs_str_add(out, gs_span(done, old.len - (size_t)(done - old.ptr)));
}

static void append(struct gs_str *out, const char *text)
{
	size_t used = out->len;

	while (used && (out->ptr[used - 1] == ' ' || out->ptr[used - 1] == '\t'))
		used--;
	if (used && out->ptr[used - 1] != ',')
		gs_str_addc(out, ',');
	gs_str_adds(out, text);
}

static void append_missing(const struct gs_exportspec *spec, const struct lack *lack,
			   struct gs_str *out)
{
	struct gs_exportflag_words words;
	char text[ID_TEXT_BYTES];
	gs_autofree char *fsid = NULL;

	for (size_t i = 0; gs_exportopt_flag(i, &words); i++)
		if (lack->flags & words.flag)
			append(out, lack->value & words.flag ? words.set : words.clear);
	if (lack->anonuid) {
		snprintf(text, sizeof text, "anonuid=%u", spec->anonuid);
		append(out, text);
	}
	if (lack->anongid) {
		snprintf(text, sizeof text, "anongid=%u", spec->anongid);
		append(out, text);
	}
	if (lack->fsid) {
		fsid = gs_printf("fsid=%s", spec->fsid);
		append(out, fsid);
	}
}

/* Parses the edited list, and finds what still differs from the spec. */
static int look_again(struct gs_span list, const struct gs_exportopts *base,
		      const struct gs_exportspec *spec, struct lack *ret_lack, struct gs_err *err)
{
	GS_AUTO(gs_exportopts_done) struct gs_exportopts opts = { 0 };

	if (gs_exportopts_parse(list, base, &opts, err) < 0)
		return err->code;
	return find_lack(&opts, spec, ret_lack);
}

/* With several sec= an option at the end applies to the last only; at the front to all. */
static int put_first(const struct gs_exportopts *base, const struct gs_exportspec *spec,
		     unsigned flags, struct gs_str *text, struct gs_err *err)
{
	gs_autostr struct gs_str moved = { 0 };
	struct lack lack = { .flags = flags };
	unsigned mask;

	spec_flags(spec, &mask, &lack.value);
	append_missing(spec, &lack, &moved);
	gs_str_addc(&moved, ',');
	gs_str_add(&moved, gs_str_span(text));
	text->len = 0;
	gs_str_add(text, gs_str_span(&moved));
	return look_again(gs_str_span(text), base, spec, &lack, err);
}

int gs_exportopts_edit(struct gs_span old, const struct gs_exportopts *base,
		       const struct gs_exportspec *spec, struct gs_str *out, struct gs_err *err)
{
	gs_autostr struct gs_str text = { 0 };
	struct lack lack = { 0 };
	int lacks = look_again(old, base, spec, &lack, err);

	if (lacks > 0) {
		replace_items(old, spec, &lack, &text);
		lacks = look_again(gs_str_span(&text), base, spec, &lack, err);
	} else {
		gs_str_add(&text, old);
	}
	if (lacks > 0) {
		unsigned flags = lack.flags & GS_EXPORT_BY_FLAVOR;

		append_missing(spec, &lack, &text);
		lacks = look_again(gs_str_span(&text), base, spec, &lack, err);
		if (lacks > 0 && flags)
			lacks = put_first(base, spec, flags, &text, err);
	}
	if (lacks < 0)
		return err->code;
	if (lacks)
		return gs_err_set(err, ENOTSUP,
				  "the options '%.200s' cannot be changed as requested", text.ptr);
	gs_str_add(out, gs_str_span(&text));
	return 0;
}
