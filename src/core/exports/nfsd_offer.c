/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/nfsd_offer.h"

#include <stdint.h>
#include <string.h>

#include "core/exports/sockets.h"

static void read_versions(struct gs_span text, struct gs_nfsd_offer *ret)
{
	struct gs_span word;
	bool lacks_40 = false;

	text = gs_span_trim(text);
	while (gs_span_cut(&text, ' ', &word)) {
		uint64_t minor = 0;
		bool has = gs_span_has_prefix(word, "+");

		ret->has_v3 |= gs_span_is_text(word, "+3");
		if (gs_span_is_text(word, "+4"))
			ret->minors |= 1;
		lacks_40 |= gs_span_is_text(word, "-4.0");
		if (has && gs_span_has_prefix(word, "+4.") &&
		    gs_span_number(gs_span_from(word, strlen("+4.")), 31, &minor))
			ret->minors |= 1U << minor;
	}
	if (lacks_40)
		ret->minors &= ~1U;
}

static void read_ports(struct gs_span text, struct gs_nfsd_offer *ret)
{
	struct gs_span line;

	while (gs_span_cut(&text, '\n', &line)) {
		uint64_t port = 0;

		if (!gs_span_has_prefix(line, "tcp ") ||
		    !gs_span_number(gs_span_trim(gs_span_from(line, strlen("tcp "))), UINT16_MAX,
				    &port))
			continue;
		if (!ret->port || port == GS_NFS_PORT)
			ret->port = (unsigned)port;
	}
}

static void read_sockets(struct gs_span text, struct gs_nfsd_offer *ret)
{
	struct gs_socket socket;

	while (ret->port && gs_sockets_next(&text, &socket))
		if (socket.state == GS_SOCKET_LISTENS && socket.port == ret->port &&
		    !gs_strs_has(&ret->addrs, socket.local))
			gs_strs_add(&ret->addrs, socket.local);
}

void gs_nfsd_offer_read(struct gs_span versions, struct gs_span portlist, struct gs_span tcp,
			struct gs_span tcp6, struct gs_nfsd_offer *ret)
{
	ret->is_known = true;
	read_versions(versions, ret);
	read_ports(portlist, ret);
	read_sockets(tcp, ret);
	read_sockets(tcp6, ret);
}

static const char *all_of(const char *addr)
{
	return strchr(addr, ':') ? "::" : "0.0.0.0";
}

bool gs_nfsd_offer_is_usual(const struct gs_nfsd_offer *offer)
{
	return !offer->is_known ||
	       (offer->port == GS_NFS_PORT && offer->minors & GS_NFSD_MINORS_MOUNTED &&
		(!offer->addrs.n || gs_strs_has(&offer->addrs, "0.0.0.0")));
}

/* A link-local address has its interface behind it, which sockets do not show. */
bool gs_nfsd_offer_serves(const struct gs_nfsd_offer *offer, const char *addr)
{
	gs_autofree char *bare = gs_strdup(addr);

	bare[strcspn(bare, "%")] = '\0';
	return !offer->is_known || !offer->addrs.n || gs_strs_has(&offer->addrs, all_of(addr)) ||
	       gs_strs_has(&offer->addrs, bare);
}

const char *gs_nfsd_offer_addr(const struct gs_nfsd_offer *offer, const char *addr)
{
	bool is_v6 = strchr(addr, ':');

	if (gs_nfsd_offer_serves(offer, addr))
		return addr;
	for (size_t i = 0; i < offer->addrs.n; i++) {
		const char *other = offer->addrs.v[i];

		if (!!strchr(other, ':') == is_v6 && strncmp(other, "127.", 4) != 0 &&
		    strcmp(other, "::1") != 0 && strncmp(other, "fe80:", 5) != 0)
			return other;
	}
	return NULL;
}

/* Sections and names are taken without regard to case: nfs-utils support/nfs/conffile.c. */
static bool sets(struct gs_span text, const char *tag)
{
	struct gs_span line;
	bool in_section = false;
	size_t n = strlen(tag);

	while (gs_span_cut(&text, '\n', &line)) {
		line = gs_span_trim(line);
		if (gs_span_has_prefix(line, "["))
			in_section = line.len > 5 && !strncasecmp(line.ptr, "[nfsd]", 6);
		else if (in_section && line.len > n && !strncasecmp(line.ptr, tag, n) &&
			 gs_span_has_prefix(gs_span_trim(gs_span_from(line, n)), "="))
			return true;
	}
	return false;
}

const char *gs_nfsd_conf_of(const struct gs_nfsd_offer *offer, const char *tag)
{
	const char *last = NULL;

	for (size_t i = 0; i < offer->conf.n; i++)
		if (sets(gs_str_span(&offer->conf.v[i].text), tag))
			last = offer->conf.v[i].path;
	return last;
}

void gs_nfsd_offer_done(struct gs_nfsd_offer *offer)
{
	gs_strs_done(&offer->addrs);
	gs_files_done(&offer->conf);
	*offer = (struct gs_nfsd_offer){ 0 };
}
