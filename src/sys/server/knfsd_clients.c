/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/fs/rootfs.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"
#include "sys/server/knfsd.h"

/*
 * nfsd's own list of its NFSv4 clients, which the kernel fills on reading: nothing blocks. The
 * clients decide how many they are and what they hold open, so the list is never held as a whole,
 * and the deadline is checked before each read.
 */

#define CLIENTS "/proc/fs/nfsd/clients"

enum {
	INFO_MAX_BYTES = 16 << 10, /* ids and names of at most 1 KiB each: NFS4_OPAQUE_LIMIT */
	PIECE_BYTES = 64 << 10,
};

/* The ids of all clients, and of those whose states are wanted. */
struct list {
	uint32_t *id;
	size_t n, room;
	uint32_t *wanted;
	size_t *as; /* the number of its info */
	size_t n_wanted, room_wanted, room_as;
	size_t given;
};

static void list_done(struct list *list)
{
	free(list->id);
	free(list->wanted);
	free(list->as);
}

static int cannot(const char *path, int error, struct gs_err *err)
{
	if (error == -EACCES || error == -EPERM) {
		gs_err_set(err, GS_E_PRIVILEGE, "only root can see who is connected");
		gs_err_cause(err, "NEED_ROOT");
		return gs_err_advise(err, "run it with sudo");
	}
	return gs_err_set(err, error, "cannot read '%s': %s", path, strerror(-error));
}

static bool is_late(const struct gs_sys *sys)
{
	return gs_now_ns() >= sys->deadline_ns;
}

static int late(const struct list *list, struct gs_err *err)
{
	gs_err_set(err, ETIMEDOUT, "the list of clients was not read in time: %zu are connected",
		   list->n);
	return gs_err_cause(err, "CLIENTS_SLOW");
}

static int compare_ids(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int list_ids(struct gs_sys *sys, struct list *ret, struct gs_err *err)
{
	int fd = gs_open_in_root(sys, CLIENTS, O_RDONLY | O_DIRECTORY, GS_LINKS_IN_ROOT);
	struct dirent *entry;
	DIR *dir;
	int r = 0;

	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? 0 : cannot(CLIENTS, fd, err);
	dir = fdopendir(fd);
	if (!dir) {
		r = cannot(CLIENTS, -errno, err);
		close(fd);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(dir))) {
		uint64_t id = 0;

		if (!gs_span_number(gs_span_of(entry->d_name), UINT32_MAX, &id))
			continue;
		gs_grow(&ret->id, ret->n, &ret->room, sizeof *ret->id);
		ret->id[ret->n++] = (uint32_t)id;
		r = is_late(sys) ? late(ret, err) : 0;
	}
	if (r == 0 && errno)
		r = cannot(CLIENTS, -errno, err);
	closedir(dir);
	if (r == 0 && ret->n)
		qsort(ret->id, ret->n, sizeof *ret->id, compare_ids);
	return r;
}

/* The client has gone meanwhile (ENXIO: client_info_show()). */
static bool has_gone(int error)
{
	return error == -ENOENT || error == -ENXIO || error == -ENOTDIR;
}

static int give_info(struct gs_sys *sys, const struct gs_client_sink *sink, uint32_t id,
		     struct list *list, struct gs_err *err)
{
	gs_autofree char *path = gs_printf(CLIENTS "/%u/info", id);
	gs_autoclose int fd = gs_open_in_root(sys, path, O_RDONLY | O_NOCTTY, GS_LINKS_IN_ROOT);
	gs_autostr struct gs_str info = { 0 };
	int r = fd < 0 ? fd : gs_read_fd(fd, INFO_MAX_BYTES, &info);

	if (r < 0)
		return has_gone(r) ? 0 : cannot(path, r, err);
	if (sink->info(sink->arg, gs_str_span(&info))) {
		gs_grow(&list->wanted, list->n_wanted, &list->room_wanted, sizeof *list->wanted);
		gs_grow(&list->as, list->n_wanted, &list->room_as, sizeof *list->as);
		list->as[list->n_wanted] = list->given;
		list->wanted[list->n_wanted++] = id;
	}
	list->given++;
	return 0;
}

static int give_states(struct gs_sys *sys, const struct gs_client_sink *sink, size_t at,
		       const struct list *list, struct gs_err *err)
{
	gs_autofree char *path = gs_printf(CLIENTS "/%u/states", list->wanted[at]);
	gs_autofree char *piece = gs_alloc(PIECE_BYTES);
	gs_autoclose int fd = gs_open_in_root(sys, path, O_RDONLY | O_NOCTTY, GS_LINKS_IN_ROOT);
	ssize_t n = fd < 0 ? 0 : 1;

	if (fd < 0 && !has_gone(fd))
		return cannot(path, fd, err);
	while (n > 0) {
		if (is_late(sys))
			return late(list, err);
		n = read(fd, piece, PIECE_BYTES);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			sink->states(sink->arg, list->as[at], gs_span(piece, (size_t)n));
	}
	if (n < 0 && !has_gone(-errno))
		return cannot(path, -errno, err);
	sink->states(sink->arg, list->as[at], gs_span(NULL, 0));
	return 0;
}

int gs_nfsd_clients(struct gs_sys *sys, const struct gs_client_sink *sink, struct gs_err *err)
{
	GS_AUTO(list_done) struct list list = { 0 };
	int r = list_ids(sys, &list, err);

	for (size_t i = 0; r == 0 && i < list.n; i++)
		r = is_late(sys) ? late(&list, err) : give_info(sys, sink, list.id[i], &list, err);
	for (size_t i = 0; r == 0 && i < list.n_wanted; i++)
		r = give_states(sys, sink, i, &list, err);
	return r;
}
