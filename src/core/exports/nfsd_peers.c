/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/nfsd_peers.h"

#include <stdint.h>
#include <string.h>

#include "core/exports/host.h"

enum {
	V4_DIGITS = 8, /* of an address, in hexadecimal */
	V6_DIGITS = 32,
	V6_BYTES = 16,
};

#define ESTABLISHED "01" /* include/net/tcp_states.h */

static bool hex(struct gs_span text, uint32_t *ret)
{
	uint32_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		uint32_t digit = c >= '0' && c <= '9' ? (uint32_t)(c - '0')
						      : (uint32_t)(c - 'A' + 10);

		if (digit > 15)
			return false;
		value = value << 4 | digit;
	}
	*ret = value;
	return text.len > 0 && text.len <= V4_DIGITS;
}

/* "0812A8C0": words of 32 bits as this machine prints them, so that they are in its own order. */
static bool take_bytes(struct gs_span digits, unsigned char *ret)
{
	if (digits.len != V4_DIGITS && digits.len != V6_DIGITS)
		return false;
	for (size_t i = 0; i < digits.len / V4_DIGITS; i++) {
		uint32_t word = 0;

		if (!hex(gs_span(digits.ptr + i * V4_DIGITS, V4_DIGITS), &word))
			return false;
		memcpy(ret + i * sizeof word, &word, sizeof word);
	}
	return true;
}

static char *name_v4(const unsigned char *b)
{
	return gs_printf("%u.%u.%u.%u", b[0], b[1], b[2], b[3]);
}

/* As the command line would spell it; an IPv4 address on a socket of IPv6 is one of IPv4. */
static char *name_of(const unsigned char *b, bool is_v6)
{
	static const unsigned char mapped[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_err odd = { 0 };

	if (!is_v6)
		return name_v4(b);
	if (!memcmp(b, mapped, sizeof mapped))
		return name_v4(b + sizeof mapped);
	for (size_t i = 0; i < V6_BYTES; i += 2)
		gs_str_addf(&text, "%s%x", i ? ":" : "", (unsigned)(b[i] << 8 | b[i + 1]));
	return gs_hostspec_parse(gs_str_span(&text), &host, &odd) < 0 ? NULL : gs_strdup(host.text);
}

/* "0: 0D12A8C0:0801 0812A8C0:0396 01 ...": number, this side, the other, state */
static void take_line(struct gs_span line, unsigned nfs_port, struct gs_strs *ret)
{
	struct gs_span word[4] = { { 0 } }, host = { 0 };
	unsigned char bytes[V6_BYTES] = { 0 };
	gs_autofree char *name = NULL;
	uint32_t port = 0;

	for (size_t i = 0; i < GS_COUNT(word); i++) {
		line = gs_span_trim(line);
		if (!gs_span_cut(&line, ' ', &word[i]))
			return;
	}
	if (!gs_span_is_text(word[3], ESTABLISHED) || !gs_span_cut(&word[1], ':', &host) ||
	    !hex(word[1], &port) || port != nfs_port || !gs_span_cut(&word[2], ':', &host) ||
	    !take_bytes(host, bytes))
		return;
	name = name_of(bytes, host.len == V6_DIGITS);
	if (name && !gs_strs_has(ret, name))
		gs_strs_add(ret, name);
}

void gs_nfs_peers_read(struct gs_span text, unsigned port, struct gs_strs *ret)
{
	struct gs_span line = { 0 };

	while (gs_span_cut(&text, '\n', &line))
		take_line(line, port, ret);
}

const struct gs_nfs_client *gs_nfs_client_of(const struct gs_nfs_clients *clients, const char *addr)
{
	for (size_t i = 0; i < clients->n; i++) {
		const struct gs_nfs_client *client = &clients->v[i];

		if ((client->confirmed || client->lapsed) && client->addr &&
		    !strcmp(client->addr, addr))
			return client;
	}
	return NULL;
}

static bool is_twin(const struct gs_nfs_client *a, const struct gs_nfs_client *b)
{
	return a->name && b->name && a->addr && b->addr && a->minor == b->minor &&
	       !strcmp(a->name, b->name) && strcmp(a->addr, b->addr) != 0;
}

const struct gs_nfs_client *gs_nfs_client_twin(const struct gs_nfs_clients *clients,
					       const struct gs_strs *peers, const char *addr)
{
	for (size_t i = 0; i < clients->n && gs_strs_has(peers, addr); i++) {
		const struct gs_nfs_client *own = &clients->v[i];

		if (!own->addr || strcmp(own->addr, addr) != 0)
			continue;
		for (size_t k = 0; k < clients->n; k++)
			if (is_twin(own, &clients->v[k]) && gs_strs_has(peers, clients->v[k].addr))
				return &clients->v[k];
	}
	return NULL;
}

void gs_nfs_hidden_tell(const char *addr, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s is connected to the NFS server, but has no NFSv4 client: another node has "
		    "the same host name and takes its place, or it uses NFS 3, or it went down "
		    "minutes ago; what it has open for writing cannot be seen",
		    addr);
}
