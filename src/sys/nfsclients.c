/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/exportfs.h"
#include "sys/fd.h"
#include "sys/rootfs.h"

/* nfsd's own list of its NFSv4 clients, which the kernel fills on reading: nothing blocks. */

#define CLIENTS "/proc/fs/nfsd/clients"

enum {
	INFO_MAX_BYTES = 16 << 10,  /* ids and names of at most 1 KiB each: NFS4_OPAQUE_LIMIT */
	STATES_MAX_BYTES = 8 << 20, /* some 200 bytes for each open file */
};

static int cannot(const char *path, int error, struct gs_err *err)
{
	if (error == -EACCES || error == -EPERM) {
		gs_err_set(err, GS_E_PRIVILEGE, "only root may see who is connected");
		gs_err_cause(err, "NEED_ROOT");
		return gs_err_mend(err, "run it with sudo");
	}
	return gs_err_set(err, error, "cannot read '%s': %s", path, strerror(-error));
}

/* 1 where it was read, 0 where the client has gone meanwhile (ENOENT, ENXIO of client_info_show) */
static int read_one(struct gs_sys *sys, const char *id, const char *name, size_t max,
		    struct gs_str *ret, struct gs_err *err)
{
	gs_autofree char *path = gs_printf(CLIENTS "/%s/%s", id, name);
	gs_autoclose int fd = gs_open_in_root(sys, path, O_RDONLY | O_NOCTTY, GS_LINKS_IN_ROOT);
	int r = fd < 0 ? fd : gs_read_fd(fd, max, ret);

	if (r == -ENOENT || r == -ENXIO || r == -ENOTDIR)
		return 0;
	return r < 0 ? cannot(path, r, err) : 1;
}

static int read_client(struct gs_sys *sys, const char *id, struct gs_client_texts *texts,
		       struct gs_err *err)
{
	gs_autostr struct gs_str info = { 0 }, states = { 0 };
	int r = read_one(sys, id, "info", INFO_MAX_BYTES, &info, err);

	if (r <= 0)
		return r;
	r = read_one(sys, id, "states", STATES_MAX_BYTES, &states, err);
	if (r <= 0)
		return r;
	gs_grow(&texts->v, texts->n, &texts->room, sizeof *texts->v);
	texts->v[texts->n++] = (struct gs_client_text){ info, states };
	info = states = (struct gs_str){ 0 };
	return 0;
}

int gs_nfsd_clients(struct gs_sys *sys, struct gs_client_texts *ret, struct gs_err *err)
{
	GS_AUTO(gs_client_texts_done) struct gs_client_texts texts = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };
	int r = gs_rootfs_list_dir(sys, CLIENTS, "", &ids, err);

	if (r == -EACCES || r == -EPERM)
		return cannot(CLIENTS, r, err);
	for (size_t i = 0; r >= 0 && i < ids.n; i++)
		r = read_client(sys, ids.v[i], &texts, err);
	if (r < 0)
		return r;
	*ret = texts;
	texts = (struct gs_client_texts){ 0 };
	return 0;
}
