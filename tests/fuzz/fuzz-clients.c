/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as info and as what a file is called in states, split at the first NUL: no state that
 * the kernel began is missed, however it comes in pieces, no address is anything but one, and what
 * comes before a state changes nothing of it.
 */
#include "fuzz.h"

#include <string.h>

#include "core/exports/nfsd_clients.h"

#define ID    "- 0x00000001000000020000000300000004: { type: "
#define FIRST ID "open, access: r-, deny: --, superblock: \"0:0:0\", filename: \""
#define OPENED                                                                                     \
	"\", owner: \"\" }\n" ID                                                                   \
	"open, access: -w, deny: --, superblock: \"0:0:zz\", filename: \"last\", "                 \
	"owner: \"open id:\" }\n"

static void parse(struct gs_span info, struct gs_span name, size_t piece,
		  struct gs_nfs_clients *ret)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_nfs_client *client = gs_nfs_clients_add(ret, info);
	struct gs_span rest;

	gs_str_adds(&text, FIRST);
	gs_str_add(&text, name);
	gs_str_adds(&text, OPENED);
	rest = gs_str_span(&text);
	while (rest.len) {
		size_t n = piece < rest.len ? piece : rest.len;

		gs_nfs_client_read(client, gs_span(rest.ptr, n));
		rest = gs_span_from(rest, n);
	}
	gs_nfs_client_read(client, gs_span(NULL, 0));
	LAW(client->is_read && client->writing.names.n <= GS_WRITING_NAMED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gs_span all = { (const char *)data, size }, info = all, name = { NULL, 0 };
	const char *nul = size ? memchr(data, 0, size) : NULL;
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { 0 };
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients more = { 0 };
	const struct gs_nfs_client *client;

	if (nul) {
		info.len = (size_t)(nul - all.ptr);
		name = gs_span_from(all, info.len + 1);
	}
	parse(info, name, SIZE_MAX, &clients);
	client = &clients.v[0];
	if (client->addr) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

		gs_hostspec_read(gs_span_of(client->addr), &host);
		LAW(host.kind == GS_HOST_ADDR && gs_nfs_client_is_of(client, &host));
	}
	LAW(!client->host || (client->host[0] && !strchr(client->host, '/')));
	/* Whatever stands before it: the file that is open is found. */
	LAW(client->writing.n >= 1);
	LAW(client->writing.n > GS_WRITING_NAMED || gs_strs_has(&client->writing.names, "last"));
	parse(info, name, 1 + size % 97, &more);
	LAW(more.v[0].writing.n == client->writing.n);
	return 0;
}
