/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/firewall/firewall.h"

/*
 * firewalld(1) sorts a packet into a zone: the first one with a source that covers it, else that of
 * its interface, else the default one. There rich rules of a negative priority count first, then
 * those that deny, then all that allows, then those of a positive priority, then the target.
 * Source: firewalld.richlanguage(5); firewalld 1.3 src/firewall/core/fw_zone.py, ipXtables.py.
 *
 * A rich rule has no comment: the tag is the prefix of its log, which writes one line in an hour at
 * most. firewalld refuses 1/d as too slow.
 */

#define CMD "/usr/bin/firewall-cmd"

enum { CONF, NOW, KEPT };

static const char *const list[] = { CMD, "--list-all-zones", NULL };
static const char *const list_kept[] = { CMD, "--permanent", "--list-all-zones", NULL };

static const struct gs_firewall_read reads[] = {
	[CONF] = { .file = "/etc/firewalld/firewalld.conf" },
	[NOW] = { .argv = list, .must = true },
	[KEPT] = { .argv = list_kept, .must = true },
	{ 0 },
};

/* One that runs is in charge, whether or not it says anything. */
static enum gs_charge charge(const struct gs_firewall *firewall)
{
	(void)firewall;
	return GS_CHARGE_NOW;
}

/* It always has zones, and each of them a target. */
static bool makes_sense(const struct gs_firewall *firewall)
{
	return firewall->text[NOW].len && strstr(firewall->text[NOW].ptr, "\n  target:") &&
	       firewall->text[KEPT].len && strstr(firewall->text[KEPT].ptr, "\n  target:");
}

/* ---- zones: a line with the name, indented ones with its settings, rich rules after a tab --- */

static bool is_name(struct gs_span line)
{
	return line.len && line.ptr[0] != ' ' && line.ptr[0] != '\t';
}

/* The lines of a zone: "public", "public (active)", "public (default, active)". */
static bool next_zone(struct gs_span *rest, struct gs_span *ret_name, struct gs_span *ret_lines)
{
	struct gs_span line = { 0 }, after;

	do {
		if (!gs_span_cut(rest, '\n', &line))
			return false;
	} while (!is_name(line));
	gs_span_cut(&line, ' ', ret_name);
	after = *rest;
	*ret_lines = gs_span(rest->ptr, 0);
	while (gs_span_cut(&after, '\n', &line) && !is_name(line)) {
		*rest = after;
		ret_lines->len = (size_t)(line.ptr + line.len - ret_lines->ptr);
	}
	return true;
}

/* The value of "  key: value"; empty: it has none. */
static struct gs_span value_of(struct gs_span lines, const char *key)
{
	struct gs_span line, name;

	while (gs_span_cut(&lines, '\n', &line))
		if (line.len && line.ptr[0] == ' ' && gs_span_cut(&line, ':', &name) &&
		    gs_span_is_text(gs_span_trim(name), key))
			return gs_span_trim(line);
	return gs_span(NULL, 0);
}

static bool has_word(struct gs_span words, const char *text)
{
	struct gs_span word;

	while (text && gs_span_cut(&words, ' ', &word))
		if (gs_span_is_text(word, text))
			return true;
	return false;
}

static bool covers(struct gs_span from, const struct gs_hostspec *host)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec source = { 0 };

	gs_hostspec_read(from, &source);
	return gs_hostspec_covers(&source, host);
}

static bool has_source(struct gs_span words, const struct gs_hostspec *host)
{
	struct gs_span word;

	while (gs_span_cut(&words, ' ', &word))
		if (word.len && covers(word, host))
			return true;
	return false;
}

static struct gs_span default_zone(const struct gs_firewall *firewall)
{
	struct gs_span rest = gs_str_span(&firewall->text[CONF]), line, key;

	while (gs_span_cut(&rest, '\n', &line))
		if (gs_span_cut(&line, '=', &key) &&
		    gs_span_is_text(gs_span_trim(key), "DefaultZone"))
			return gs_span_trim(line);
	return gs_span_of("public");
}

static struct gs_span zone_of(const struct gs_firewall *firewall, const struct gs_knock *knock)
{
	struct gs_span rest = gs_str_span(&firewall->text[NOW]), name, lines;
	struct gs_span found = default_zone(firewall);

	while (next_zone(&rest, &name, &lines)) {
		if (has_source(value_of(lines, "sources"), knock->host))
			return name;
		if (has_word(value_of(lines, "interfaces"), knock->interface))
			found = name;
	}
	return found;
}

/* ---- rich rules --------------------------------------------------------------------------- */

/* struct rich - a rich rule, as far as it is about a connection; empty: it has none of that */
struct rich {
	struct gs_span family, source, port, protocol, service, tag, action;
	int level;
	bool odd; /* it has a condition that is not known here */
};

/* A word, or what stands between its quotes: prefix="gshare /srv". */
static bool next_word(struct gs_span *rest, struct gs_span *ret_key, struct gs_span *ret_value)
{
	size_t n = 0;
	bool quoted = false;

	while (rest->len && rest->ptr[0] == ' ')
		*rest = gs_span_from(*rest, 1);
	for (; n < rest->len && (quoted || rest->ptr[n] != ' '); n++)
		quoted ^= rest->ptr[n] == '"';
	*ret_value = gs_span(rest->ptr, n);
	*rest = gs_span_from(*rest, n);
	if (!n)
		return false;
	gs_span_cut(ret_value, '=', ret_key);
	if (ret_value->len > 1 && ret_value->ptr[0] == '"')
		*ret_value = gs_span(ret_value->ptr + 1, ret_value->len - 2);
	return true;
}

static int number_of(struct gs_span text)
{
	bool negative = text.len && text.ptr[0] == '-';
	uint64_t number = 0;

	(void)gs_span_number(gs_span_from(text, negative), INT16_MAX + 1, &number);
	return negative ? -(int)number : (int)number;
}

/* Some words say of what the next ones are: "source address=", "port port=", "log prefix=". */
static struct gs_span *slot_of(struct rich *rule, struct gs_span of, struct gs_span key)
{
	const struct {
		const char *of, *key; /* of NULL: whatever it is of */
		struct gs_span *slot;
	} slots[] = {
		{ NULL, "family", &rule->family },	  { NULL, "address", &rule->source },
		{ "port", "port", &rule->port },	  { NULL, "protocol", &rule->protocol },
		{ "protocol", "value", &rule->protocol }, { "service", "name", &rule->service },
		{ "log", "prefix", &rule->tag },
	};

	for (size_t i = 0; i < GS_COUNT(slots); i++)
		if (gs_span_is_text(key, slots[i].key) &&
		    (!slots[i].of || gs_span_is_text(of, slots[i].of)))
			return slots[i].slot;
	return NULL;
}

static bool is_one_of(struct gs_span key, const char *const *words)
{
	for (; *words; words++)
		if (gs_span_is_text(key, *words))
			return true;
	return false;
}

static void read_rich(struct gs_span line, struct rich *ret)
{
	static const char *const odd[] = { "destination", "source-port",   "icmp-type",
					   "icmp-block",  "masquerade",	   "forward-port",
					   "NOT",	  "mac",	   "ipset",
					   "mark",	  "tcp-mss-clamp", NULL };
	static const char *const end[] = { "accept", "reject", "drop", NULL };
	struct gs_span key, value, of = { 0 };

	*ret = (struct rich){ 0 };
	while (next_word(&line, &key, &value)) {
		struct gs_span *slot = value.len ? slot_of(ret, of, key) : NULL;

		ret->odd |= is_one_of(key, odd);
		if (is_one_of(key, end))
			ret->action = key;
		if (gs_span_is_text(key, "priority"))
			ret->level = number_of(value);
		if (slot)
			*slot = value;
		if (!value.len)
			of = key;
	}
}

static bool next_rich(struct gs_span *lines, struct gs_span *ret_line, struct rich *ret)
{
	while (gs_span_cut(lines, '\n', ret_line)) {
		*ret_line = gs_span_trim(*ret_line);
		if (!gs_span_has_prefix(*ret_line, "rule "))
			continue;
		read_rich(*ret_line, ret);
		return true;
	}
	return false;
}

/* "2049", "2000-3000" */
static bool has_port(struct gs_span range, unsigned port)
{
	struct gs_span first = { 0 };
	uint64_t low = 0, high = 0;

	if (!gs_span_cut(&range, '-', &first) || !gs_span_number(first, UINT16_MAX, &low))
		return false;
	if (!gs_span_number(range, UINT16_MAX, &high))
		high = low;
	return low <= port && port <= high;
}

/* The services of NFS that firewalld brings, which are about its usual port. */
static bool is_nfs(struct gs_span service, unsigned port)
{
	return port == 2049 &&
	       (gs_span_is_text(service, "nfs") || gs_span_is_text(service, "nfs3"));
}

static bool denies(const struct rich *rule)
{
	return gs_span_is_text(rule->action, "drop") || gs_span_is_text(rule->action, "reject");
}

static bool is_about(const struct rich *rule, const struct gs_knock *knock)
{
	if (rule->odd || !rule->action.len ||
	    (rule->family.len && gs_span_is_text(rule->family, "ipv6") != knock->host->is_v6) ||
	    (rule->source.len && !covers(rule->source, knock->host)) ||
	    (rule->protocol.len && !gs_span_is_text(rule->protocol, "tcp")))
		return false;
	return rule->port.len	   ? has_port(rule->port, knock->port)
	       : rule->service.len ? is_nfs(rule->service, knock->port)
				   : true;
}

/* ---- one zone ----------------------------------------------------------------------------- */

static bool has_open_port(struct gs_span ports, unsigned port)
{
	struct gs_span word, range;

	while (gs_span_cut(&ports, ' ', &word))
		if (gs_span_cut(&word, '/', &range) && gs_span_is_text(word, "tcp") &&
		    has_port(range, port))
			return true;
	return false;
}

static bool has_open_service(struct gs_span services, unsigned port)
{
	struct gs_span word;

	while (gs_span_cut(&services, ' ', &word))
		if (is_nfs(word, port))
			return true;
	return false;
}

static bool allows(struct gs_span lines, const struct gs_knock *knock)
{
	return has_open_port(value_of(lines, "ports"), knock->port) ||
	       has_open_service(value_of(lines, "services"), knock->port) ||
	       has_word(value_of(lines, "protocols"), "tcp");
}

/* The order in which a rule counts: less is earlier. What the zone allows itself is 1. */
enum { OF_ZONE = 1 };

static int order_of(const struct rich *rule)
{
	if (rule->level)
		return rule->level < 0 ? rule->level : OF_ZONE + rule->level;
	return denies(rule) ? 0 : OF_ZONE;
}

static enum gs_gate judge_target(struct gs_span target)
{
	return gs_span_is_text(target, "ACCEPT") ? GS_GATE_OPEN : GS_GATE_CLOSED;
}

/* @ret: gets the rule that decides, if it is a rich one */
static enum gs_gate judge_zone(struct gs_span lines, const struct gs_knock *knock,
			       struct gs_verdict *ret)
{
	struct gs_span rest = lines, line, found = { 0 };
	struct rich rule, best = { 0 };
	bool open = allows(lines, knock);

	while (next_rich(&rest, &line, &rule)) {
		if (!is_about(&rule, knock) || (found.len && order_of(&best) <= order_of(&rule)))
			continue;
		best = rule;
		found = line;
	}
	if (!found.len || (open && order_of(&best) >= OF_ZONE))
		return open ? GS_GATE_OPEN : judge_target(value_of(lines, "target"));
	if (denies(&best) || !ret->rule.len) {
		ret->rule.len = 0;
		gs_str_add(&ret->rule, found);
		ret->is_ours = gs_opening_is_tag(best.tag);
		ret->level = denies(&best) ? best.level - 1 : 0;
	}
	return denies(&best) ? GS_GATE_DENIED : GS_GATE_OPEN;
}

static enum gs_gate judge_half(const struct gs_firewall *firewall, size_t half,
			       const struct gs_knock *knock, struct gs_verdict *ret)
{
	struct gs_span rest = gs_str_span(&firewall->text[half]), name, lines;

	while (next_zone(&rest, &name, &lines))
		if (gs_span_is(name, gs_str_span(&ret->zone)))
			return judge_zone(lines, knock, ret);
	return GS_GATE_UNKNOWN;
}

static void judge(const struct gs_firewall *firewall, const struct gs_knock *knock,
		  struct gs_verdict *ret)
{
	gs_str_add(&ret->zone, zone_of(firewall, knock));
	ret->now = judge_half(firewall, NOW, knock, ret);
	ret->kept = judge_half(firewall, KEPT, knock, ret);
}

/* ---- rules of gshare's -------------------------------------------------------------------- */

static void add_opening(const struct gs_firewall *firewall, struct gs_span zone,
			const struct rich *rule, unsigned half, struct gs_openings *ret)
{
	gs_autofree char *name = gs_span_dup(zone), *host = gs_span_dup(rule->source),
			 *tag = gs_span_dup(rule->tag);
	uint64_t port = 0;
	const struct gs_opening opening = {
		.kind = firewall->kind,
		.host = host,
		.tag = tag,
		.zone = name,
		.port = gs_span_number(rule->port, UINT16_MAX, &port) ? (unsigned)port : 0,
		.before = rule->level < 0,
		.level = rule->level,
	};

	if (rule->odd || !opening.port || !gs_opening_is_tag(rule->tag) ||
	    !gs_span_is_text(rule->action, "accept"))
		return;
	gs_openings_add(ret, &opening, half);
}

static void openings(const struct gs_firewall *firewall, struct gs_openings *ret)
{
	for (size_t half = NOW; half <= KEPT; half++) {
		struct gs_span rest = gs_str_span(&firewall->text[half]), name, lines, line;
		struct rich rule;

		while (next_zone(&rest, &name, &lines))
			while (next_rich(&lines, &line, &rule))
				add_opening(firewall, name, &rule,
					    half == NOW ? GS_HALF_NOW : GS_HALF_KEPT, ret);
	}
}

/* Opened in the files first, and closed in the kernel first: in between it is closed. */
static bool command(const struct gs_opening *opening, bool removes, size_t i, struct gs_strs *ret)
{
	gs_autofree char *level = opening->level ? gs_printf("priority=\"%d\" ", opening->level)
						 : gs_strdup("");
	gs_autofree char *zone = gs_printf("--zone=%s", opening->zone);
	gs_autofree char *rule = gs_printf(
		"--%s-rich-rule=rule %sfamily=\"%s\" source address=\"%s\" port port=\"%u\" "
		"protocol=\"tcp\" log prefix=\"%s\" level=\"debug\" limit value=\"1/h\" accept",
		removes ? "remove" : "add", level, gs_opening_is_v6(opening) ? "ipv6" : "ipv4",
		opening->host, opening->port, opening->tag);

	if (i > 1)
		return false;
	gs_strs_add(ret, CMD);
	if ((i == 0) != removes)
		gs_strs_add(ret, "--permanent");
	gs_strs_add(ret, zone);
	gs_strs_add(ret, rule);
	return true;
}

const struct gs_firewall_kind gs_firewall_firewalld = {
	.name = "firewalld",
	.program = CMD,
	.process = "firewalld",
	.reads = reads,
	.charge = charge,
	.makes_sense = makes_sense,
	.judge = judge,
	.openings = openings,
	.command = command,
};
