/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as info and states, split at the first NUL: no state that the kernel began is missed,
 * no address is anything but one, and what comes before a state changes nothing of it.
 */
#include "fuzz.h"

#include <string.h>

#include "core/clients.h"

#define OPENED                                                                                     \
	"\n- 0x1: { type: open, access: -w, deny: --, superblock: \"0:0:0\", filename: \"last\", " \
	"owner: \"open id:\" }\n"

static void parse(struct gs_span info, struct gs_span states, const char *more,
		  struct gs_nfs_clients *ret)
{
	struct gs_client_text text = { 0 };
	struct gs_client_texts texts = { .v = &text, .n = 1 };

	gs_str_add(&text.info, info);
	gs_str_add(&text.states, states);
	gs_str_adds(&text.states, more);
	gs_nfs_clients_parse(&texts, ret);
	gs_str_done(&text.info);
	gs_str_done(&text.states);
	LAW(ret->n == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gs_span all = { (const char *)data, size }, info = all, states = { NULL, 0 };
	const char *nul = size ? memchr(data, 0, size) : NULL;
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { 0 };
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients more = { 0 };
	const struct gs_nfs_client *client;

	if (nul) {
		info.len = (size_t)(nul - all.ptr);
		states = gs_span_from(all, info.len + 1);
	}
	parse(info, states, "", &clients);
	client = &clients.v[0];
	if (client->addr) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

		gs_hostspec_read(gs_span_of(client->addr), &host);
		LAW(host.kind == GS_HOST_ADDR && gs_nfs_client_is_of(client, &host));
	}
	LAW(!client->host || (client->host[0] && !strchr(client->host, '/')));
	/* Whatever stands before it: the file that is open is found. */
	parse(info, states, OPENED, &more);
	LAW(more.v[0].writing.n >= client->writing.n);
	LAW(gs_strs_has(&more.v[0].writing, "last"));
	return 0;
}
