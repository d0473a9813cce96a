/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/firewall/ruleset.h"

#include <stdlib.h>
#include <string.h>

/*
 * iptables-save(8): "*filter", ":INPUT DROP [0:0]", "-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport
 * 22 -j ACCEPT", "COMMIT". Matches stand before the target; "! " negates the option that follows.
 */

/* struct reader - the words of one rule */
struct reader {
	struct gs_strs words;
	size_t at;
	bool is_negated;
	const char *module; /* of the options that follow: the last -m */
	struct gs_nf_rule *rule;
};

/* ---- words ---- */

/* "a \"quoted\" word": xtables_save_string() of libxtables */
void gs_nf_words(struct gs_span line, struct gs_strs *ret)
{
	for (;;) {
		gs_autostr struct gs_str word = { 0 };
		bool is_quoted = false;

		line = gs_span_trim(line);
		if (!line.len)
			return;
		for (; line.len && (is_quoted || *line.ptr != ' '); line = gs_span_from(line, 1)) {
			if (*line.ptr == '"') {
				is_quoted = !is_quoted;
				continue;
			}
			if (*line.ptr == '\\' && line.len > 1)
				line = gs_span_from(line, 1);
			if (*line.ptr)
				gs_str_addc(&word, *line.ptr);
		}
		gs_strs_add(ret, word.ptr ? word.ptr : "");
	}
}

static const char *next(struct reader *in)
{
	return in->at < in->words.n ? in->words.v[in->at++] : "";
}

/* The value of an option; "! " may stand before it in old versions. */
static struct gs_span value(struct reader *in)
{
	const char *word = next(in);

	if (!strcmp(word, "!")) {
		in->is_negated = true;
		word = next(in);
	}
	return gs_span_of(word);
}

static struct gs_nf_item *match(struct reader *in, enum gs_nf_key key)
{
	struct gs_nf_item *item = gs_nf_match(in->rule, key);

	item->is_negated = in->is_negated;
	return item;
}

static void unknown(struct reader *in)
{
	gs_nf_match(in->rule, GS_NF_UNKNOWN);
}

/* ---- options; each is called with the reader after its name ---- */

/* "10.0.0.0/8", "10.0.0.0/255.0.255.0"; a mask with holes is not understood */
static bool read_net(struct gs_span text, struct gs_nf_range *ret)
{
	unsigned char address[GS_NF_BYTES], mask[GS_NF_BYTES];
	unsigned family = 0, mask_family = 0, bits = 0;
	struct gs_span name;
	uint64_t number = 0;

	gs_span_cut(&text, '/', &name);
	if (!gs_nf_address(name, address, &family))
		return false;
	if (!text.len)
		bits = family == 4 ? 32 : 128;
	else if (gs_span_number(text, 128, &number))
		bits = (unsigned)number;
	else if (!gs_nf_address(text, mask, &mask_family) ||
		 !gs_nf_mask_bits(mask, mask_family, &bits))
		return false;
	gs_nf_prefix(address, family, bits, ret);
	return true;
}

static void read_address(struct reader *in, enum gs_nf_key key)
{
	struct gs_nf_range range;

	if (!read_net(value(in), &range)) {
		unknown(in);
		return;
	}
	gs_nf_add_elem(&match(in, key)->set)->part[0] = range;
}

static void read_from_to(struct reader *in, enum gs_nf_key key)
{
	struct gs_span high = value(in), low;
	struct gs_nf_range range = { 0 };
	unsigned family;

	gs_span_cut(&high, '-', &low);
	if (!gs_nf_address(low, range.low, &family) || !gs_nf_address(high, range.high, &family)) {
		unknown(in);
		return;
	}
	gs_nf_add_elem(&match(in, key)->set)->part[0] = range;
}

static void read_interface(struct reader *in, enum gs_nf_key key)
{
	struct gs_span name = value(in);

	gs_nf_interface(name, '+', &gs_nf_add_elem(&match(in, key)->set)->part[0]);
}

/* "22,80:90"; one that cannot be read leaves the set partly known */
static void read_ports(struct reader *in, enum gs_nf_key key)
{
	struct gs_span list = value(in), part;
	struct gs_nf_item *item = match(in, key);

	while (gs_span_cut(&list, ',', &part)) {
		uint64_t low = 0, high = UINT16_MAX;
		struct gs_span first;
		bool is_range = part.len && memchr(part.ptr, ':', part.len);

		gs_span_cut(&part, ':', &first);
		if ((first.len && !gs_span_number(first, UINT16_MAX, &low)) ||
		    (part.len && !gs_span_number(part, UINT16_MAX, &high))) {
			item->set.is_partly = true;
			continue;
		}
		gs_nf_numbers((uint32_t)low, (uint32_t)(is_range ? high : low),
			      &gs_nf_add_elem(&item->set)->part[0]);
	}
}

/* "NEW,ESTABLISHED", "tcp" */
static void read_words(struct reader *in, enum gs_nf_key key)
{
	struct gs_span list = value(in), part;
	struct gs_nf_item *item = match(in, key);

	while (gs_span_cut(&list, ',', &part)) {
		uint32_t number = 0;

		if (gs_nf_number_of(key, part, &number))
			gs_nf_numbers(number, number, &gs_nf_add_elem(&item->set)->part[0]);
		else
			item->set.is_partly = true;
	}
}

static void read_protocol(struct reader *in, enum gs_nf_key key)
{
	const char *word = in->at < in->words.n ? in->words.v[in->at] : "";

	if (strcmp(word, "all") != 0)
		read_words(in, key);
	else
		next(in);
}

/* 0x8000/0x8000; @ret_mask: all bits where there is none */
static bool read_hex_pair(struct gs_span text, uint32_t *ret, uint32_t *ret_mask)
{
	struct gs_span first;

	gs_span_cut(&text, '/', &first);
	*ret_mask = UINT32_MAX;
	return gs_nf_hex(first, ret) && (!text.len || gs_nf_hex(text, ret_mask));
}

static void read_mark(struct reader *in, enum gs_nf_key key)
{
	uint32_t number = 0, mask = 0;
	struct gs_nf_item *item;

	if (!read_hex_pair(value(in), &number, &mask)) {
		unknown(in);
		return;
	}
	item = match(in, key);
	item->mask = mask == UINT32_MAX ? 0 : mask;
	gs_nf_numbers(number, number, &gs_nf_add_elem(&item->set)->part[0]);
	if (!mask) /* matches all, or nothing */
		gs_nf_numbers(0, number ? 0 : UINT32_MAX, &item->set.elem[0].part[0]);
}

static uint32_t flags_of(struct gs_span list)
{
	struct gs_span part;
	uint32_t all = 0, number = 0;

	while (gs_span_cut(&list, ',', &part))
		if (gs_nf_number_of(GS_NF_TCP_FLAGS, part, &number))
			all |= number;
	return all;
}

static void read_flags(struct reader *in, enum gs_nf_key key)
{
	uint32_t mask = flags_of(value(in)), flags = flags_of(value(in));
	struct gs_nf_item *item = match(in, key);

	item->mask = mask;
	gs_nf_numbers(flags, flags, &gs_nf_add_elem(&item->set)->part[0]);
}

static void read_syn(struct reader *in, enum gs_nf_key key)
{
	struct gs_nf_item *item = match(in, key);

	item->mask = GS_NF_FIN | GS_NF_SYN | GS_NF_RST | GS_NF_ACK;
	gs_nf_numbers(GS_NF_SYN, GS_NF_SYN, &gs_nf_add_elem(&item->set)->part[0]);
}

/* A fragment: the first packet of a connection is none. */
static void read_fragment(struct reader *in, enum gs_nf_key key)
{
	(void)key;
	gs_nf_fixed(in->rule, in->is_negated);
}

static void skip(struct reader *in, enum gs_nf_key key)
{
	(void)key;
	next(in);
}

/* -m rpfilter: the packet came by the way to its source; with --invert: it did not */
static void read_inverted(struct reader *in, enum gs_nf_key key)
{
	(void)key;
	gs_nf_fixed(in->rule, false);
}

static void no_value(struct reader *in, enum gs_nf_key key)
{
	(void)in;
	(void)key;
}

static const struct option {
	const char *module, *name; /* module NULL: of any */
	void (*read)(struct reader *in, enum gs_nf_key key);
	enum gs_nf_key key;
} options[] = {
	{ NULL, "-s", read_address, GS_NF_SADDR },
	{ NULL, "-d", read_address, GS_NF_DADDR },
	{ NULL, "-i", read_interface, GS_NF_IIF },
	{ NULL, "-p", read_protocol, GS_NF_PROTOCOL },
	{ NULL, "-f", read_fragment, GS_NF_UNKNOWN },
	{ NULL, "--dport", read_ports, GS_NF_DPORT },
	{ NULL, "--sport", read_ports, GS_NF_SPORT },
	{ NULL, "--tcp-flags", read_flags, GS_NF_TCP_FLAGS },
	{ NULL, "--syn", read_syn, GS_NF_TCP_FLAGS },
	{ "multiport", "--dports", read_ports, GS_NF_DPORT },
	{ "multiport", "--sports", read_ports, GS_NF_SPORT },
	{ "conntrack", "--ctstate", read_words, GS_NF_STATE },
	{ "state", "--state", read_words, GS_NF_STATE },
	{ "addrtype", "--dst-type", read_words, GS_NF_DTYPE },
	{ "addrtype", "--src-type", read_words, GS_NF_STYPE },
	{ "iprange", "--src-range", read_from_to, GS_NF_SADDR },
	{ "iprange", "--dst-range", read_from_to, GS_NF_DADDR },
	{ "pkttype", "--pkt-type", read_words, GS_NF_PKTTYPE },
	{ "mark", "--mark", read_mark, GS_NF_MARK },
	{ "connmark", "--mark", read_mark, GS_NF_CT_MARK },
	{ "comment", "--comment", skip, GS_NF_UNKNOWN },
	{ "rpfilter", "--invert", read_inverted, GS_NF_UNKNOWN },
	{ "rpfilter", "--loose", no_value, GS_NF_UNKNOWN },
	{ "rpfilter", "--validmark", no_value, GS_NF_UNKNOWN },
	{ "rpfilter", "--accept-local", no_value, GS_NF_UNKNOWN },
	{ "recent", "--set", no_value, GS_NF_UNKNOWN }, /* always true */
	{ "recent", "--name", skip, GS_NF_UNKNOWN },
	{ "recent", "--mask", skip, GS_NF_UNKNOWN },
	{ "recent", "--rsource", no_value, GS_NF_UNKNOWN },
	{ "recent", "--rdest", no_value, GS_NF_UNKNOWN },
};

/* ---- modules ---- */

/* Those whose options say all; of others it is not known when they match. */
static const char *const plain_modules[] = {
	"tcp",	   "udp",     "comment", "multiport", "conntrack", "state",  "addrtype",
	"iprange", "pkttype", "mark",	 "connmark",  "rpfilter",  "recent",
};

/* Of other protocols, or of headers that a connection's first packet does not have. */
static const char *const foreign_modules[] = {
	"icmp", "icmp6", "sctp", "dccp", "udplite", "ah",	  "esp",
	"rt",	"frag",	 "hbh",	 "dst",	 "mh",	    "ipv6header",
};

static bool is_listed(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i], word))
			return true;
	return false;
}

static void read_module(struct reader *in)
{
	in->module = next(in);
	if (is_listed(foreign_modules, GS_COUNT(foreign_modules), in->module))
		gs_nf_fixed(in->rule, false);
	else if (!is_listed(plain_modules, GS_COUNT(plain_modules), in->module))
		unknown(in);
}

static const struct option *find_option(const struct reader *in, const char *word)
{
	for (size_t i = 0; i < GS_COUNT(options); i++)
		if (!strcmp(options[i].name, word) &&
		    (!options[i].module || (in->module && !strcmp(options[i].module, in->module))))
			return &options[i];
	return NULL;
}

/* An option that is not known, and what belongs to it. */
static void pass_over(struct reader *in)
{
	unknown(in);
	while (in->at < in->words.n && in->words.v[in->at][0] != '-' &&
	       strcmp(in->words.v[in->at], "!") != 0)
		in->at++;
}

/* ---- targets ---- */

static const struct target {
	const char *name;
	enum gs_nf_end end;
} targets[] = {
	{ "ACCEPT", GS_NF_ACCEPT },
	{ "DROP", GS_NF_DROP },
	{ "REJECT", GS_NF_REJECT },
	{ "RETURN", GS_NF_RETURN },
	{ "TARPIT", GS_NF_DROP },
	{ "DNAT", GS_NF_ELSEWHERE },
	{ "REDIRECT", GS_NF_ELSEWHERE },
	{ "NETMAP", GS_NF_ELSEWHERE },
	{ "TPROXY", GS_NF_ELSEWHERE },
	{ "NFQUEUE", GS_NF_ELSEWHERE },
	{ "QUEUE", GS_NF_ELSEWHERE },
	{ "SYNPROXY", GS_NF_ELSEWHERE },
	{ "SNAT", GS_NF_ACCEPT },
	{ "MASQUERADE", GS_NF_ACCEPT },
	{ "LOG", GS_NF_NEXT },
	{ "NFLOG", GS_NF_NEXT },
	{ "ULOG", GS_NF_NEXT },
	{ "AUDIT", GS_NF_NEXT },
	{ "TRACE", GS_NF_NEXT },
	{ "CHECKSUM", GS_NF_NEXT },
	{ "CLASSIFY", GS_NF_NEXT },
	{ "CONNSECMARK", GS_NF_NEXT },
	{ "DSCP", GS_NF_NEXT },
	{ "ECN", GS_NF_NEXT },
	{ "HL", GS_NF_NEXT },
	{ "IDLETIMER", GS_NF_NEXT },
	{ "RATEEST", GS_NF_NEXT },
	{ "SECMARK", GS_NF_NEXT },
	{ "SET", GS_NF_NEXT },
	{ "TCPMSS", GS_NF_NEXT },
	{ "TCPOPTSTRIP", GS_NF_NEXT },
	{ "TEE", GS_NF_NEXT },
	{ "TOS", GS_NF_NEXT },
	{ "TTL", GS_NF_NEXT },
};

static void read_set_mark(struct reader *in)
{
	struct gs_nf_item *item = gs_nf_match(in->rule, GS_NF_MARK);
	bool is_xor = in->at < in->words.n && !strcmp(in->words.v[in->at], "--set-xmark");
	uint32_t number = 0, mask = 0;

	next(in);
	item->kind = is_xor && read_hex_pair(value(in), &number, &mask) ? GS_NF_SET_MARK
									: GS_NF_LOSE_MARK;
	item->mask = ~mask;
	item->value = number;
}

static void read_connmark(struct reader *in)
{
	gs_nf_match(in->rule, GS_NF_MARK)->kind = GS_NF_LOSE_MARK;
	gs_nf_match(in->rule, GS_NF_CT_MARK)->kind = GS_NF_SET_CT_MARK;
}

static void read_no_track(struct reader *in)
{
	gs_nf_match(in->rule, GS_NF_STATE)->kind = GS_NF_SET_NO_TRACK;
}

/* CT: other options than --notrack change nothing here */
static void read_ct(struct reader *in)
{
	if (!strcmp(next(in), "--notrack"))
		read_no_track(in);
}

static const struct {
	const char *name;
	void (*read)(struct reader *in);
} changes[] = {
	{ "MARK", read_set_mark },
	{ "CONNMARK", read_connmark },
	{ "NOTRACK", read_no_track },
	{ "CT", read_ct },
};

/* A chain of the table, or a target that is not known. */
static void read_other_target(struct reader *in, const struct gs_nf_table *table, const char *name,
			      enum gs_nf_end end)
{
	if (!gs_nf_find_chain(table, gs_span_of(name))) {
		in->rule->verdict.end = GS_NF_ELSEWHERE;
		return;
	}
	in->rule->verdict.end = end;
	in->rule->verdict.chain = gs_strdup(name);
}

static void read_target(struct reader *in, const struct gs_nf_table *table, enum gs_nf_end end)
{
	const char *name = next(in);

	for (size_t i = 0; i < GS_COUNT(changes); i++)
		if (!strcmp(changes[i].name, name)) {
			changes[i].read(in);
			return;
		}
	for (size_t i = 0; i < GS_COUNT(targets); i++)
		if (!strcmp(targets[i].name, name)) {
			in->rule->verdict.end = targets[i].end;
			return;
		}
	read_other_target(in, table, name, end);
}

/* ---- lines ---- */

static void read_rule(struct reader *in, const struct gs_nf_table *table)
{
	while (in->at < in->words.n) {
		const char *word = next(in);
		const struct option *option = find_option(in, word);

		if (!strcmp(word, "!")) {
			in->is_negated = true;
			continue;
		}
		if (!strcmp(word, "-j") || !strcmp(word, "-g")) {
			read_target(in, table, word[1] == 'j' ? GS_NF_JUMP : GS_NF_GOTO);
			return;
		}
		if (!strcmp(word, "-m"))
			read_module(in);
		else if (option)
			option->read(in, option->key);
		else
			pass_over(in);
		in->is_negated = false;
	}
}

static void end_reader(struct reader *in)
{
	gs_strs_done(&in->words);
}

/* "-A INPUT …"; with -c counters stand before it */
static void read_line(struct gs_nf_table *table, struct gs_span line)
{
	GS_AUTO(end_reader) struct reader in = { 0 };
	const char *name;

	if (gs_span_has_prefix(line, "[")) {
		struct gs_span counters;

		gs_span_cut(&line, ' ', &counters);
	}
	if (!gs_span_has_prefix(line, "-A "))
		return;
	gs_nf_words(line, &in.words);
	next(&in);
	name = next(&in);
	in.rule = gs_nf_add_rule(gs_nf_chain(table, gs_span_of(name)));
	in.rule->text = gs_span_dup(line);
	read_rule(&in, table);
}

/* The built-in chains on the way in; linux/netfilter_ipv4.h NF_IP_PRI_* */
static const struct {
	const char *table, *chain;
	enum gs_nf_hook hook;
	int priority;
} built_in[] = {
	{ "raw", "PREROUTING", GS_NF_PREROUTING, -300 },
	{ "mangle", "PREROUTING", GS_NF_PREROUTING, -150 },
	{ "nat", "PREROUTING", GS_NF_PREROUTING, -100 },
	{ "mangle", "INPUT", GS_NF_INPUT, -150 },
	{ "filter", "INPUT", GS_NF_INPUT, 0 },
	{ "security", "INPUT", GS_NF_INPUT, 50 },
	{ "nat", "INPUT", GS_NF_INPUT, 100 },
};

/* "INPUT DROP [0:0]", "f2b-sshd - [0:0]" */
static void read_chain(struct gs_nf_table *table, struct gs_span line)
{
	struct gs_span name, policy = { 0 };
	struct gs_nf_chain *chain;

	gs_span_cut(&line, ' ', &name);
	gs_span_cut(&line, ' ', &policy);
	chain = gs_nf_chain(table, name);
	chain->drops = gs_span_is_text(policy, "DROP");
	for (size_t i = 0; i < GS_COUNT(built_in); i++)
		if (!strcmp(built_in[i].table, table->name) &&
		    gs_span_is_text(name, built_in[i].chain)) {
			chain->hook = built_in[i].hook;
			chain->priority = built_in[i].priority;
		}
}

static struct gs_nf_table *read_table(struct gs_ruleset *rules, struct gs_span name, bool is_v6,
				      bool is_legacy, const char *tool)
{
	enum gs_nf_family family = is_v6 ? GS_NF_IP6 : GS_NF_IP;
	struct gs_nf_table *table = is_legacy ? NULL : gs_ruleset_find(rules, family, name);

	if (table)
		gs_nf_empty(table);
	else
		table = gs_ruleset_add(rules, family, name);
	table->is_xt = true;
	table->is_legacy = is_legacy;
	table->tool = tool;
	return table;
}

void gs_ruleset_read_save(struct gs_ruleset *rules, struct gs_span text, bool is_v6, bool is_legacy,
			  const char *tool)
{
	struct gs_nf_table *table = NULL;
	struct gs_span line;

	while (gs_span_cut(&text, '\n', &line)) {
		line = gs_span_trim(line);
		if (gs_span_has_prefix(line, "*"))
			table = read_table(rules, gs_span_from(line, 1), is_v6, is_legacy, tool);
		else if (table && gs_span_has_prefix(line, ":"))
			read_chain(table, gs_span_from(line, 1));
		else if (table)
			read_line(table, line);
	}
}
