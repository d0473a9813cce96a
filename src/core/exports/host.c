/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { V4_BITS = 32, V6_BITS = 128, ADDR_TEXT_BYTES = INET6_ADDRSTRLEN + sizeof "/128" };

/* The client for a message: of limited length, and safe for a terminal. */
struct shown {
	char text[320];
};

static struct shown show(struct gs_span text)
{
	struct shown shown = { 0 };
	gs_autostr struct gs_str safe = { 0 };

	gs_str_add_safe(&safe, text.len > 300 ? gs_span(text.ptr, 300) : text);
	if (safe.len)
		memcpy(shown.text, safe.ptr,
		       safe.len < sizeof shown.text ? safe.len : sizeof shown.text - 1);
	return shown;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool has(struct gs_span text, char c)
{
	return text.len && memchr(text.ptr, c, text.len);
}

static bool has_any(struct gs_span text, const char *set)
{
	for (; *set; set++)
		if (has(text, *set))
			return true;
	return false;
}

static char *lower(struct gs_span text)
{
	char *copy = gs_span_dup(text);

	for (size_t i = 0; i < text.len; i++)
		if (copy[i] >= 'A' && copy[i] <= 'Z')
			copy[i] = (char)(copy[i] - 'A' + 'a');
	return copy;
}

/* inet_pton() of a span: strict, no leading zeros, no shortened forms, no zone. */
static bool read_addr(struct gs_span text, bool is_v6, unsigned char *ret_addr)
{
	char copy[INET6_ADDRSTRLEN] = "";

	if (!text.len || text.len >= sizeof copy || gs_span_has_nul(text))
		return false;
	memcpy(copy, text.ptr, text.len);
	return inet_pton(is_v6 ? AF_INET6 : AF_INET, copy, ret_addr) == 1;
}

static bool is_v4_mapped(const unsigned char *addr)
{
	static const unsigned char prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(addr, prefix, sizeof prefix);
}

/* Zeroes the host bits; returns whether one was set. */
static bool mask_addr(unsigned char *addr, unsigned prefix, bool is_v6)
{
	bool had = false;

	for (unsigned i = 0; i < (is_v6 ? V6_BITS : V4_BITS) / 8; i++) {
		unsigned kept = prefix > i * 8 ? prefix - i * 8 : 0;
		unsigned char mask = kept >= 8 ? 0xff : (unsigned char)(0xff00U >> kept);

		had |= addr[i] & ~mask & 0xff;
		addr[i] &= mask;
	}
	return had;
}

/* inet_ntop() calls printf for this, which took a seventh of the time to read a large file. */
static size_t format_v4(const unsigned char *addr, char *text)
{
	size_t len = 0;

	for (unsigned i = 0; i < V4_BITS / 8; i++) {
		if (i)
			text[len++] = '.';
		if (addr[i] >= 100)
			text[len++] = (char)('0' + addr[i] / 100);
		if (addr[i] >= 10)
			text[len++] = (char)('0' + addr[i] / 10 % 10);
		text[len++] = (char)('0' + addr[i] % 10);
	}
	text[len] = '\0';
	return len;
}

static void format_net(const struct gs_hostspec *spec, char text[ADDR_TEXT_BYTES])
{
	size_t len;

	if (spec->is_v6) {
		text[0] = '\0';
		inet_ntop(AF_INET6, spec->addr, text, INET6_ADDRSTRLEN);
		len = strlen(text);
	} else {
		len = format_v4(spec->addr, text);
	}
	if (spec->kind == GS_HOST_NET)
		snprintf(text + len, ADDR_TEXT_BYTES - len, "/%u", spec->prefix);
}

/* Sets kind and text from an address and prefix whose host bits are zero. */
static void settle_net(struct gs_hostspec *spec)
{
	char text[ADDR_TEXT_BYTES];

	spec->kind = spec->prefix == (spec->is_v6 ? V6_BITS : V4_BITS) ? GS_HOST_ADDR : GS_HOST_NET;
	format_net(spec, text);
	spec->text = gs_strdup(text);
}

/* The length of a contiguous dotted mask. */
static bool read_dotted_mask(struct gs_span text, unsigned *ret_prefix)
{
	unsigned char mask[16];
	unsigned char want[16];
	unsigned prefix = 0;

	if (!read_addr(text, false, mask))
		return false;
	while (prefix < V4_BITS && mask[prefix / 8] & 0x80U >> prefix % 8)
		prefix++;
	memset(want, 0xff, sizeof want);
	mask_addr(want, prefix, false);
	if (memcmp(want, mask, 4))
		return false;
	*ret_prefix = prefix;
	return true;
}

static int refuse(struct gs_err *err, struct gs_span text, const char *why)
{
	return gs_err_set(err, GS_E_USAGE, "'%s' is not a host: %s", show(text).text, why);
}

static int parse_prefix(struct gs_span all, struct gs_span mask, struct gs_hostspec *spec,
			struct gs_err *err)
{
	unsigned bits = spec->is_v6 ? V6_BITS : V4_BITS;
	char addr[INET6_ADDRSTRLEN] = "";
	uint64_t prefix;

	inet_ntop(spec->is_v6 ? AF_INET6 : AF_INET, spec->addr, addr, sizeof addr);
	if (!mask.len) {
		refuse(err, all, "nothing follows the slash, and exportfs reads that as /0");
		return gs_err_advise(err, "for this one host use '%s'", addr);
	}
	if (has(mask, '.')) {
		if (spec->is_v6)
			return refuse(err, all,
				      "an IPv6 network has a prefix length, not a netmask");
		if (!read_dotted_mask(mask, &spec->prefix))
			return refuse(err, all, "the netmask is not contiguous");
		return 0;
	}
	if (!gs_span_number(mask, bits, &prefix) || (mask.len > 1 && mask.ptr[0] == '0')) {
		refuse(err, all, "the prefix length is invalid");
		return gs_err_advise(err, "use a length from 0 to %u", bits);
	}
	spec->prefix = (unsigned)prefix;
	return 0;
}

static int refuse_mapped(struct gs_err *err, struct gs_span all, const struct gs_hostspec *spec)
{
	char v4[INET6_ADDRSTRLEN] = "";

	inet_ntop(AF_INET, spec->addr + 12, v4, sizeof v4);
	refuse(err, all, "an IPv4-mapped IPv6 address never matches a client");
	if (spec->prefix == V6_BITS)
		return gs_err_advise(err, "give '%s'", v4);
	return err->code;
}

/* Why no follower can have this address; NULL: one can. */
static const char *unusable(const struct gs_hostspec *spec)
{
	static const unsigned char zero[16], ones[4] = { 0xff, 0xff, 0xff, 0xff };

	if (!memcmp(spec->addr, zero, spec->is_v6 ? 16 : 4))
		return "no client has the unspecified address";
	if (spec->is_v6 ? spec->addr[0] == 0xff : spec->addr[0] >= 224 && spec->addr[0] < 240)
		return "no client has a multicast address";
	if (!spec->is_v6 && !memcmp(spec->addr, ones, 4))
		return "no client has the broadcast address";
	return NULL;
}

/* ADDR or ADDR/MASK; addr is the text before the slash, without brackets. */
static int parse_net(struct gs_span all, struct gs_span addr, const struct gs_span *mask,
		     struct gs_hostspec *spec, struct gs_err *err)
{
	struct gs_hostspec s = { .is_v6 = has(addr, ':') };
	char right[ADDR_TEXT_BYTES];
	const char *why;

	if (has(addr, '%'))
		return refuse(err, all, "a zone (%) is valid on one host only");
	if (!read_addr(addr, s.is_v6, s.addr))
		return refuse(
			err, all,
			s.is_v6 ? "it has a colon but is not an IPv6 address"
				: "it looks like an IPv4 address but is not one (four numbers "
				  "from 0 to 255, no leading zeros)");
	s.prefix = s.is_v6 ? V6_BITS : V4_BITS;
	if (mask && parse_prefix(all, *mask, &s, err) < 0)
		return err->code;
	if (s.is_v6 && s.prefix >= 96 && is_v4_mapped(s.addr))
		return refuse_mapped(err, all, &s);
	if (mask && mask_addr(s.addr, s.prefix, s.is_v6)) {
		s.kind = GS_HOST_NET;
		format_net(&s, right);
		refuse(err, all, "host bits are set below the prefix");
		return gs_err_advise(err, "for the network use '%s', for the host '%s'", right,
				     show(addr).text);
	}
	why = s.prefix == (s.is_v6 ? V6_BITS : V4_BITS) ? unusable(&s) : NULL;
	if (why)
		return refuse(err, all, why);
	settle_net(&s);
	*spec = s;
	return 0;
}

/* Networks that hold no client: all their addresses have another use. */
static const struct {
	bool is_v6;
	unsigned char first;
	unsigned prefix;
	const char *why;
} empty_nets[] = {
	{ false, 0, 8, "no client has an address in 0.0.0.0/8" },
	{ false, 127, 8, "loopback addresses are this node itself, which needs no entry" },
	{ false, 224, 4, "no client has a multicast address" },
	{ false, 255, 8, "no client has a broadcast or reserved address" },
	{ true, 0xff, 8, "no client has a multicast address" },
};

static bool is_loopback_v6(const struct gs_hostspec *spec)
{
	static const unsigned char one[16] = { [15] = 1 };

	return spec->is_v6 && !memcmp(spec->addr, one, sizeof one);
}

int gs_hostspec_check_client(const struct gs_hostspec *spec, struct gs_err *err)
{
	if (spec->kind != GS_HOST_ADDR && spec->kind != GS_HOST_NET)
		return 0;
	if (is_loopback_v6(spec))
		return refuse(err, gs_span_of(spec->text), empty_nets[1].why);
	for (size_t i = 0; i < GS_COUNT(empty_nets); i++) {
		unsigned char first = spec->addr[0];

		if (spec->is_v6 != empty_nets[i].is_v6 || spec->prefix < empty_nets[i].prefix)
			continue;
		if (empty_nets[i].prefix < 8)
			first &= (unsigned char)(0xff00U >> empty_nets[i].prefix);
		if (first == empty_nets[i].first)
			return refuse(err, gs_span_of(spec->text), empty_nets[i].why);
	}
	return 0;
}

static const char *name_flaw(struct gs_span name)
{
	struct gs_span rest = name, label;

	if (name.len > GS_HOST_NAME_MAX)
		return "a name may have at most 253 characters";
	while (gs_span_cut(&rest, '.', &label)) {
		if (!label.len)
			return "a part between dots is empty";
		if (label.len > GS_HOST_LABEL_MAX)
			return "a part between dots may have at most 63 characters";
		if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
			return "a part between dots begins or ends with '-'";
		for (size_t i = 0; i < label.len; i++)
			if (!is_alnum(label.ptr[i]) && label.ptr[i] != '-' && label.ptr[i] != '_')
				return "a name may contain only letters, digits, '-' and '.'";
	}
	return NULL;
}

/* Resolvers read such names as addresses: 10.1 is 10.0.0.1, 0x7f.1 is 127.0.0.1. */
static bool looks_numeric(struct gs_span text)
{
	struct gs_span rest = text, label = text;

	while (gs_span_cut(&rest, '.', &label))
		;
	if (gs_span_has_prefix(label, "0x") || gs_span_has_prefix(label, "0X")) {
		label = gs_span_from(label, 2);
		for (size_t i = 0; i < label.len; i++)
			if (!is_hex(label.ptr[i]))
				return false;
		return true;
	}
	for (size_t i = 0; i < label.len; i++)
		if (!is_digit(label.ptr[i]))
			return false;
	return label.len > 0;
}

/* Is a letter in it, and nothing that only addresses and patterns have? */
static bool is_name(struct gs_span text)
{
	bool found = false;

	for (size_t i = 0; i < text.len; i++)
		found |= is_alnum(text.ptr[i]) && !is_digit(text.ptr[i]);
	return found && !has_any(text, ":*?[") && !looks_numeric(text);
}

static int parse_name(struct gs_span text, struct gs_hostspec *spec, struct gs_err *err)
{
	struct gs_span name = text;
	const char *why;

	if (name.len > 1 && name.ptr[name.len - 1] == '.')
		name.len--;
	if (looks_numeric(name))
		return parse_net(text, name, NULL, spec, err);
	why = name_flaw(name);
	if (why)
		return refuse(err, text, why);
	*spec = (struct gs_hostspec){ .kind = GS_HOST_NAME, .text = lower(name) };
	return 0;
}

static int parse_pattern(struct gs_span text, struct gs_hostspec *spec, struct gs_err *err)
{
	bool netgroup = text.ptr[0] == '@';

	if (text.len > GS_HOST_NAME_MAX)
		return refuse(err, text, "a pattern may have at most 253 characters");
	if (netgroup && text.len == 1)
		return refuse(err, text, "the netgroup has no name");
	for (size_t i = netgroup; i < text.len; i++)
		if (!is_alnum(text.ptr[i]) && !strchr(netgroup ? "-_." : "-_.*?[]!^", text.ptr[i]))
			return refuse(err, text,
				      "a pattern may contain only letters, digits and -_.*?[]");
	*spec = (struct gs_hostspec){
		.kind = netgroup ? GS_HOST_NETGROUP : GS_HOST_WILDCARD,
		.text = netgroup ? gs_span_dup(text) : lower(text),
	};
	return 0;
}

/* "[fd00::1]" or "[fd00::]/64": the text before the slash without its brackets. */
static bool drop_brackets(struct gs_span *addr)
{
	if (addr->len < 2 || addr->ptr[0] != '[' || addr->ptr[addr->len - 1] != ']' ||
	    !has(*addr, ':'))
		return false;
	*addr = gs_span(addr->ptr + 1, addr->len - 2);
	return true;
}

int gs_hostspec_parse(struct gs_span text, struct gs_hostspec *spec, struct gs_err *err)
{
	struct gs_span mask = text, addr;
	bool network;

	if (!text.len)
		return gs_err_set(err, GS_E_USAGE, "the host is empty");
	if (memchr(text.ptr, '(', text.len)) {
		refuse(err, text, "it contains options of exports(5)");
		return gs_err_advise(err, "use HOST, HOST:ro or HOST:rw");
	}
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || (unsigned char)text.ptr[i] >= 0x7f)
			return refuse(err, text,
				      "it contains a space, a control or a non-ASCII character");
	if (has_any(text, "(),;'\"#\\"))
		return refuse(err, text, "it contains one of ( ) , ; ' \" # \\");
	if (gs_span_is_text(text, "*")) {
		*spec = (struct gs_hostspec){ .kind = GS_HOST_ANYONE, .text = gs_strdup("*") };
		return 0;
	}
	if (gs_span_has_prefix(text, "gss/")) {
		refuse(err, text, "exportfs no longer accepts this form");
		return gs_err_advise(err, "list the hosts, and use sec=krb5 for Kerberos");
	}
	if (text.ptr[0] == '@')
		return parse_pattern(text, spec, err);
	gs_span_cut(&mask, '/', &addr);
	network = mask.ptr;
	if (network && is_name(addr))
		return refuse(err, text, "only an address can have a prefix length, not a name");
	if (drop_brackets(&addr) || has(addr, ':') || (network && !has_any(addr, "*?[")))
		return parse_net(text, addr, network ? &mask : NULL, spec, err);
	if (network)
		return refuse(err, text, "a wildcard cannot have a prefix length");
	if (has_any(text, "*?["))
		return parse_pattern(text, spec, err);
	return parse_name(text, spec, err);
}

/* The last group of a bare IPv6 address is hexadecimal, a dotted quad, or is before a slash. */
static bool is_v6_tail(struct gs_span tail)
{
	if (has(tail, '/') || has(tail, '%') || has(tail, '.'))
		return true;
	for (size_t i = 0; i < tail.len; i++)
		if (!is_hex(tail.ptr[i]))
			return false;
	return true;
}

int gs_hostspec_parse_follower(struct gs_span text, struct gs_hostspec *spec,
			       enum gs_access *ret_access, bool *ret_given, struct gs_err *err)
{
	const char *colon = text.len ? memrchr(text.ptr, ':', text.len) : NULL;
	struct gs_span host = text, tail = { 0 };
	enum gs_access access = GS_ACCESS_RW;
	struct gs_hostspec client = { 0 };
	bool given = false, lone;

	if (colon) {
		host = gs_span(text.ptr, (size_t)(colon - text.ptr));
		tail = gs_span_from(text, host.len + 1);
		lone = !has(host, ':') || (host.len && host.ptr[host.len - 1] == ']');
		given = gs_span_is_text(tail, "ro") || gs_span_is_text(tail, "rw");
		if (given) {
			access = gs_span_is_text(tail, "ro") ? GS_ACCESS_RO : GS_ACCESS_RW;
		} else if (has(tail, ']') || (!lone && is_v6_tail(tail))) {
			host = text;
		} else {
			gs_err_set(err, GS_E_USAGE, "'%s' after '%s:' is not ro or rw",
				   show(tail).text, show(host).text);
			return gs_err_advise(err, "use '%s:ro' or '%s:rw'", show(host).text,
					     show(host).text);
		}
	}
	if (gs_hostspec_parse(host, &client, err) < 0 ||
	    gs_hostspec_check_client(&client, err) < 0) {
		gs_hostspec_done(&client);
		return err->code;
	}
	*spec = client;
	*ret_access = access;
	*ret_given = given;
	return 0;
}

/* The mask as init_netmask() takes it: atoi() of the text, so that "" and "x" are 0. */
static bool read_mask(struct gs_span mask, bool is_v6, unsigned *ret_prefix)
{
	unsigned bits = is_v6 ? V6_BITS : V4_BITS;
	size_t digits = 0;
	uint64_t prefix = 0;

	if (!is_v6 && has(mask, '.'))
		return read_dotted_mask(mask, ret_prefix);
	while (digits < mask.len && is_digit(mask.ptr[digits]))
		digits++;
	if (digits && !gs_span_number(gs_span(mask.ptr, digits), bits, &prefix))
		return false;
	*ret_prefix = (unsigned)prefix;
	return true;
}

static enum gs_host_kind kind_in_file(struct gs_span text)
{
	if (!text.len || gs_span_is_text(text, "*"))
		return GS_HOST_ANYONE;
	if (gs_span_has_prefix(text, "gss/"))
		return GS_HOST_GSS;
	if (text.ptr[0] == '@')
		return GS_HOST_NETGROUP;
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '*' || text.ptr[i] == '?' || text.ptr[i] == '[')
			return GS_HOST_WILDCARD;
		if (text.ptr[i] == '/')
			return GS_HOST_NET;
		if (text.ptr[i] == '\\' && i + 1 < text.len)
			i++;
	}
	return GS_HOST_NAME;
}

void gs_hostspec_read(struct gs_span text, struct gs_hostspec *spec)
{
	struct gs_hostspec s = { .kind = kind_in_file(text) };
	struct gs_span mask = text, addr = text;

	if (s.kind == GS_HOST_NET)
		gs_span_cut(&mask, '/', &addr);
	s.is_v6 = has(addr, ':');
	if (s.kind == GS_HOST_ANYONE) {
		s.text = gs_strdup("*");
	} else if (s.kind == GS_HOST_NAME && read_addr(addr, s.is_v6, s.addr)) {
		s.prefix = s.is_v6 ? V6_BITS : V4_BITS;
		settle_net(&s);
	} else if (s.kind == GS_HOST_NET && read_addr(addr, s.is_v6, s.addr) &&
		   read_mask(mask, s.is_v6, &s.prefix)) {
		mask_addr(s.addr, s.prefix, s.is_v6);
		settle_net(&s);
	} else {
		if (s.kind == GS_HOST_NET)
			s.kind = GS_HOST_OTHER;
		if (s.kind == GS_HOST_NAME && addr.len > 1 && addr.ptr[addr.len - 1] == '.')
			addr.len--;
		s = (struct gs_hostspec){ .kind = s.kind };
		s.text = s.kind == GS_HOST_NAME || s.kind == GS_HOST_WILDCARD ? lower(addr)
									      : gs_span_dup(text);
	}
	*spec = s;
}

void gs_hostspec_copy(const struct gs_hostspec *from, struct gs_hostspec *to)
{
	*to = *from;
	to->text = gs_strdup(from->text ? from->text : "");
}

void gs_hostspec_done(struct gs_hostspec *spec)
{
	free(spec->text);
	*spec = (struct gs_hostspec){ 0 };
}
