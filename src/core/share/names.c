/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/share/names.h"

#include <stdlib.h>
#include <string.h>

const struct gs_strs *gs_names_find(const struct gs_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->v[i].name, name))
			return &names->v[i].addrs;
	return NULL;
}

void gs_names_done(struct gs_names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		free(names->v[i].name);
		gs_strs_done(&names->v[i].addrs);
	}
	free(names->v);
	free(names->silent);
	*names = (struct gs_names){ 0 };
}

void gs_names_list_hosts(const struct gs_names *names, struct gs_str *out)
{
	for (size_t i = 0; i < names->n; i++)
		for (size_t k = 0; k < names->v[i].addrs.n; k++)
			gs_str_addf(out, "%s %s\n", names->v[i].addrs.v[k], names->v[i].name);
}

void gs_path_inodes_done(struct gs_path_inodes *places)
{
	for (size_t i = 0; i < places->n; i++) {
		free(places->v[i].path);
		gs_inode_done(&places->v[i].inode);
	}
	free(places->v);
	*places = (struct gs_path_inodes){ 0 };
}

void gs_names_add(struct gs_names *names, const char *name, struct gs_strs *addrs)
{
	gs_grow(&names->v, names->n, &names->room, sizeof *names->v);
	names->v[names->n++] = (struct gs_name){ gs_strdup(name), *addrs };
	*addrs = (struct gs_strs){ 0 };
}

size_t gs_names_same(const struct gs_names *names, const struct gs_hostspec *host, size_t n,
		     struct gs_keymap *seen)
{
	const struct gs_strs *addrs = NULL;
	size_t first = n;

	if (host->kind == GS_HOST_ADDR)
		return gs_keymap_put(seen, host->text, "", n);
	if (host->kind == GS_HOST_NAME)
		addrs = gs_names_find(names, host->text);
	for (size_t i = 0; addrs && i < addrs->n; i++) {
		size_t at = gs_keymap_put(seen, addrs->v[i], "", n);

		if (at < first)
			first = at;
	}
	return first;
}
