/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/nfsd_clients.h"

#include <stdlib.h>
#include <string.h>

/* A value without the quotes around it. */
static struct gs_span unquoted(struct gs_span value)
{
	if (value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"')
		return gs_span(value.ptr + 1, value.len - 2);
	return value;
}

/* "192.168.18.8:682", "[fd00::8]:682": the address alone, as the command line would spell it. */
static char *address_of(struct gs_span value)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	struct gs_span all = unquoted(value);
	size_t len = all.len;
	struct gs_err odd = { 0 };

	while (len && all.ptr[len - 1] != ':')
		len--;
	if (!len || gs_hostspec_parse(gs_span(all.ptr, len - 1), &host, &odd) < 0 ||
	    host.kind != GS_HOST_ADDR)
		return NULL;
	return gs_strdup(host.text);
}

/*
 * "Linux NFSv4.2 gpu-1", with nfs4_unique_id "Linux NFSv4.2 ID/gpu-1", in 4.0 "Linux NFSv4.0
 * gpu-1/192.168.18.13": fs/nfs/nfs4proc.c nfs4_init_uniform_client_string(),
 * nfs4_init_nonuniform_client_string().
 */
static char *host_of(struct gs_span name)
{
	static const char prefix[] = "Linux NFSv4.";
	struct gs_span word = { 0 }, host = { 0 };

	if (!gs_span_has_prefix(name, prefix))
		return NULL;
	name = gs_span_from(name, sizeof prefix - 1);
	if (!gs_span_cut(&name, ' ', &word) || !name.ptr || !gs_span_cut(&name, '/', &host) ||
	    !host.len)
		return NULL;
	/* The id may have a '/' of its own. */
	while (!gs_span_is_text(word, "0") && name.ptr && name.len)
		gs_span_cut(&name, '/', &host);
	return host.len ? gs_span_dup(host) : NULL;
}

static void take_address(struct gs_span value, struct gs_nfs_client *client)
{
	free(client->addr);
	client->addr = address_of(value);
}

static void take_status(struct gs_span value, struct gs_nfs_client *client)
{
	client->confirmed = gs_span_is_text(value, "confirmed");
	client->lapsed = gs_span_is_text(value, "courtesy") || gs_span_is_text(value, "expirable");
}

static void take_renewed(struct gs_span value, struct gs_nfs_client *client)
{
	client->has_renewed = gs_span_number(value, UINT32_MAX, &client->renewed_s);
}

static void take_name(struct gs_span value, struct gs_nfs_client *client)
{
	struct gs_span name = unquoted(value);

	free(client->name);
	free(client->host);
	client->name = gs_span_dup(name);
	client->host = host_of(name);
	client->is_libnfs = gs_span_has_prefix(name, "Libnfs pid:");
}

static void take_minor(struct gs_span value, struct gs_nfs_client *client)
{
	uint64_t minor = 0;

	if (gs_span_number(value, 9, &minor))
		client->minor = (unsigned)minor;
}

static const struct {
	const char *key;
	void (*take)(struct gs_span, struct gs_nfs_client *);
} keys[] = {
	{ "address: ", take_address },
	{ "status: ", take_status },
	{ "seconds from last renew: ", take_renewed },
	{ "name: ", take_name },
	{ "minor version: ", take_minor },
};

static void parse_info(struct gs_span text, struct gs_nfs_client *client)
{
	struct gs_span line = { 0 };

	while (gs_span_cut(&text, '\n', &line))
		for (size_t i = 0; i < GS_COUNT(keys); i++)
			if (gs_span_has_prefix(line, keys[i].key))
				keys[i].take(gs_span_from(line, strlen(keys[i].key)), client);
}

struct gs_nfs_client *gs_nfs_clients_add(struct gs_nfs_clients *clients, struct gs_span info)
{
	struct gs_nfs_client *client;

	gs_grow(&clients->v, clients->n, &clients->room, sizeof *clients->v);
	client = &clients->v[clients->n++];
	parse_info(info, client);
	client->states.addr = client->addr;
	client->states.known = clients->known;
	return client;
}

void gs_nfs_client_read(struct gs_nfs_client *client, struct gs_span piece)
{
	if (piece.len) {
		gs_states_read(&client->states, piece, &client->writing);
		return;
	}
	gs_states_end(&client->states, &client->writing);
	client->is_read = true;
}

void gs_nfs_clients_done(struct gs_nfs_clients *clients)
{
	for (size_t i = 0; i < clients->n; i++) {
		free(clients->v[i].addr);
		free(clients->v[i].name);
		free(clients->v[i].host);
		gs_states_done(&clients->v[i].states);
		gs_writing_done(&clients->v[i].writing);
	}
	free(clients->v);
	*clients = (struct gs_nfs_clients){ 0 };
}

bool gs_nfs_client_is_of(const struct gs_nfs_client *client, const struct gs_hostspec *host)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec addr = { 0 };

	if (!client->addr)
		return false;
	gs_hostspec_read(gs_span_of(client->addr), &addr);
	return gs_hostspec_covers(host, &addr);
}
