/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/nfsd_peers.h"

#include <string.h>

#include "core/exports/sockets.h"

void gs_nfs_peers_read(struct gs_span text, unsigned port, struct gs_strs *ret)
{
	struct gs_socket socket;

	while (gs_sockets_next(&text, &socket))
		if (socket.state == GS_SOCKET_ESTABLISHED && socket.port == port &&
		    !gs_strs_has(ret, socket.remote))
			gs_strs_add(ret, socket.remote);
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
