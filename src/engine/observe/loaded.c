/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/loaded.h"

#include <string.h>

#include "engine/observe/firewall_run.h"
#include "engine/observe/nft_list.h"

#define NFT "/usr/sbin/nft"

enum { NAMES_BYTES = 4096 };

/*
 * struct variant - which of the tables of iptables are wanted: those of the older kernel interface,
 * or those that the program keeps in nftables
 * @names: the kernel's list of the older tables; empty: there is none
 * @said: the program's first line has this where it is the other one
 */
static const struct variant {
	bool is_v6, is_legacy;
	const char *names;
	const char *tool[2]; /* without -save; the one that an administrator types comes first */
} variants[] = {
	{ false, true, "/proc/self/net/ip_tables_names", { "iptables", "iptables-legacy" } },
	{ true, true, "/proc/self/net/ip6_tables_names", { "ip6tables", "ip6tables-legacy" } },
	{ false, false, NULL, { "iptables", "iptables-nft" } },
	{ true, false, NULL, { "ip6tables", "ip6tables-nft" } },
};

#define IS_NFT "(nf_tables)"

static bool run(struct gs_sys *sys, bool beside, const char *const *argv, struct gs_str *ret)
{
	struct gs_err unread = { 0 };

	return gs_firewall_run(sys, beside, argv, ret, &unread) == 0;
}

/* The first line says which program it was; without tables of its own it prints nothing. */
static bool is_variant(const struct gs_str *text, bool is_legacy)
{
	struct gs_span rest = gs_str_span(text), first = { 0 };

	if (!gs_span_cut(&rest, '\n', &first) || !first.len)
		return !is_legacy;
	return !memmem(first.ptr, first.len, IS_NFT, sizeof IS_NFT - 1) == is_legacy;
}

static bool read_variant(struct gs_sys *sys, bool beside, const struct variant *variant,
			 struct gs_ruleset *ret)
{
	for (size_t i = 0; i < GS_COUNT(variant->tool); i++) {
		gs_autofree char *program = gs_printf("/usr/sbin/%s-save", variant->tool[i]);
		const char *const argv[] = { program, NULL };
		gs_autostr struct gs_str text = { 0 };

		if (!sys->ops->firewall->has(sys, program) || !run(sys, beside, argv, &text) ||
		    !is_variant(&text, variant->is_legacy))
			continue;
		gs_ruleset_read_save(ret, gs_str_span(&text), variant->is_v6, variant->is_legacy,
				     variant->tool[i]);
		return true;
	}
	return false;
}

/* The kernel lists the older tables once a program has used them; only root may read that. */
static bool read_legacy(struct gs_sys *sys, bool beside, const struct variant *variant,
			struct gs_ruleset *ret)
{
	gs_autostr struct gs_str names = { 0 };
	struct gs_err unread = { 0 };
	bool exists = false;

	if (sys->ops->fs->read_file(sys, variant->names, NAMES_BYTES, &names, &exists, &unread) < 0)
		return false;
	return !exists || !names.len || read_variant(sys, beside, variant, ret);
}

/* A table as iptables makes it, perhaps with rules that nft lists in full. */
static bool has_input(const struct gs_ruleset *rules, enum gs_nf_family family)
{
	const struct gs_nf_table *table = gs_ruleset_find(rules, family, gs_span_of("filter"));

	return table && gs_nf_find_chain(table, gs_span_of("INPUT"));
}

/* What iptables put there nft lists without what it looks at: iptables-save has that. */
static bool read_nft(struct gs_sys *sys, bool beside, bool *ret_foreign, struct gs_ruleset *ret)
{
	static const char *const argv[] = { NFT, "-j", "list", "ruleset", NULL };
	static const char foreign[] = "\"xt\"";
	gs_autostr struct gs_str list = { 0 };

	if (!sys->ops->firewall->has(sys, NFT)) {
		*ret_foreign = true;
		return true;
	}
	if (!run(sys, beside, argv, &list) || !gs_nft_list_read(gs_str_span(&list), ret))
		return false;
	*ret_foreign = memmem(list.ptr, list.len, foreign, sizeof foreign - 1) ||
		       has_input(ret, GS_NF_IP) || has_input(ret, GS_NF_IP6);
	return true;
}

bool gs_observe_loaded(struct gs_sys *sys, bool beside, struct gs_ruleset *ret)
{
	bool has_foreign = false;

	if (!sys->ops->firewall || !read_nft(sys, beside, &has_foreign, ret))
		return false;
	for (size_t i = 0; i < GS_COUNT(variants); i++) {
		const struct variant *variant = &variants[i];

		if (variant->is_legacy && !read_legacy(sys, beside, variant, ret))
			return false;
		if (!variant->is_legacy && has_foreign)
			(void)read_variant(sys, beside, variant, ret);
	}
	return true;
}
