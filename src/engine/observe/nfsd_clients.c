/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/nfsd_clients.h"

#include "core/exports/nfsd_offer.h"
#include "core/exports/nfsd_peers.h"

enum {
	SOCKETS_BYTES = 32 << 20, /* some 200,000 sockets, of 150 bytes each */
	PORTS_BYTES = 4096,
};

struct looking {
	const struct gs_clients_req *req;
	struct gs_nfs_clients *ret;
};

static bool take_info(void *arg, struct gs_span text)
{
	const struct looking *l = arg;
	const struct gs_nfs_client *client = gs_nfs_clients_add(l->ret, text);

	return !l->req->wants || l->req->wants(l->req->arg, client);
}

static void take_states(void *arg, size_t client, struct gs_span piece)
{
	const struct looking *l = arg;

	gs_nfs_client_read(&l->ret->v[client], piece);
}

static unsigned nfsd_port(struct gs_sys *sys)
{
	GS_AUTO(gs_nfsd_offer_done) struct gs_nfsd_offer offer = { 0 };
	gs_autostr struct gs_str text = { 0 };
	const struct gs_span none = { 0 };
	struct gs_err unread = { 0 };
	bool exists = false;

	if (sys->ops->fs->read_file(sys, "/proc/fs/nfsd/portlist", PORTS_BYTES, &text, &exists,
				    &unread) == 0)
		gs_nfsd_offer_read(none, gs_str_span(&text), none, none, &offer);
	return offer.port ? offer.port : GS_NFS_PORT;
}

void gs_look_peers(struct gs_sys *sys, struct gs_strs *ret)
{
	static const char *const file[] = { "/proc/net/tcp", "/proc/net/tcp6" };
	unsigned port = nfsd_port(sys);

	for (size_t i = 0; i < GS_COUNT(file); i++) {
		gs_autostr struct gs_str text = { 0 };
		struct gs_err unread = { 0 };
		bool exists = false;

		if (sys->ops->fs->read_file(sys, file[i], SOCKETS_BYTES, &text, &exists, &unread) ==
		    0)
			gs_nfs_peers_read(gs_str_span(&text), port, ret);
	}
}

int gs_look_clients(struct gs_sys *sys, const struct gs_clients_req *req,
		    struct gs_nfs_clients *ret, struct gs_err *err)
{
	struct looking looking = { req, ret };
	const struct gs_client_sink sink = { take_info, take_states, &looking };
	int64_t end_ns = sys->deadline_ns, now_ns = sys->ops->clock->now_ns(sys);
	int r;

	sys->deadline_ns = now_ns + (end_ns - now_ns) / req->part;
	r = sys->ops->server->clients(sys, &sink, err);
	sys->deadline_ns = end_ns;
	return r;
}
