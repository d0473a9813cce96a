/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/offered.h"

#include "core/exports/exports.h"

#define CONF   "/etc/nfs.conf"
#define CONF_D CONF ".d"

enum {
	SMALL_BYTES = 4096,
	CONF_BYTES = 1 << 16,
	SOCKETS_BYTES = 8 << 20, /* some 50,000 sockets; with more, addresses are not known */
	FACES_MAX = 256,
};

/* False where it cannot be read, or is too long. */
static bool read_text(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret)
{
	struct gs_err unread = { 0 };
	bool exists = false;

	return sys->ops->fs->read_file(sys, path, max, ret, &exists, &unread) == 0 && exists;
}

static void add_conf(struct gs_sys *sys, const char *path, struct gs_files *conf)
{
	gs_autostr struct gs_str text = { 0 };

	if (read_text(sys, path, CONF_BYTES, &text))
		gs_files_add(conf, path, true, gs_str_span(&text));
}

/* nfs.conf(5): the files of the directory after the main one, in the order of their names. */
void gs_observe_nfs_conf(struct gs_sys *sys, struct gs_files *conf)
{
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	struct gs_err unread = { 0 };

	add_conf(sys, CONF, conf);
	(void)sys->ops->fs->list_dir(sys, CONF_D, ".conf", &names, &unread);
	for (size_t i = 0; i < names.n; i++) {
		gs_autofree char *path = gs_printf(CONF_D "/%s", names.v[i]);

		add_conf(sys, path, conf);
	}
}

void gs_observe_taker(struct gs_sys *sys, struct gs_server *server)
{
	GS_AUTO(gs_nfsd_offer_done) struct gs_nfsd_offer conf = { 0 };

	if (!server->taker.pid)
		return;
	gs_observe_nfs_conf(sys, &conf.conf);
	if (gs_nfsd_conf_of(&conf, "port") || gs_nfsd_conf_of(&conf, "host"))
		server->taker = (struct gs_taker){ 0 };
}

void gs_observe_offer(struct gs_sys *sys, const struct gs_server *server, struct gs_nfsd_offer *ret)
{
	gs_autostr struct gs_str versions = { 0 }, ports = { 0 }, tcp = { 0 }, tcp6 = { 0 };

	if (!server->threads || !read_text(sys, "/proc/fs/nfsd/versions", SMALL_BYTES, &versions) ||
	    !read_text(sys, "/proc/fs/nfsd/portlist", SMALL_BYTES, &ports))
		return;
	if (!read_text(sys, "/proc/self/net/tcp", SOCKETS_BYTES, &tcp) ||
	    !read_text(sys, "/proc/self/net/tcp6", SOCKETS_BYTES, &tcp6))
		gs_str_done(&tcp);
	gs_nfsd_offer_read(gs_str_span(&versions), gs_str_span(&ports), gs_str_span(&tcp),
			   gs_str_span(&tcp6), ret);
	if (!gs_nfsd_offer_is_usual(ret) || server->threads < GS_NFSD_THREADS)
		gs_observe_nfs_conf(sys, &ret->conf);
}

void gs_observe_face(struct gs_sys *sys, const char *addr, struct gs_names *faces)
{
	struct gs_strs own = { 0 };
	gs_autofree char *text = NULL;
	struct gs_err no_way = { 0 };

	if (sys->ops->net->address_facing(sys, addr, &text, &no_way) < 0)
		return;
	gs_strs_add(&own, text);
	gs_names_add(faces, addr, &own);
}

void gs_observe_faces(struct gs_sys *sys, const struct gs_docs *docs, struct gs_names *faces)
{
	for (size_t d = 0; d < docs->n; d++)
		for (size_t i = 0; i < docs->v[d].n && faces->n < FACES_MAX; i++) {
			const struct gs_hostspec *host = &docs->v[d].entry[i].host;

			if (host->kind == GS_HOST_ADDR && !gs_names_find(faces, host->text))
				gs_observe_face(sys, host->text, faces);
		}
}
