/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/share/container.h"

#include <string.h>

#define WHOLE UINT32_MAX /* ids of the first user namespace: kernel/user.c init_user_ns */

static const char *find_kind(struct gs_span word)
{
	static const char *const kinds[] = { "docker", "lxc",	     "lxc-libvirt",   "oci",
					     "podman", "pouch",	     "proot",	      "rkt",
					     "wsl",    "kubernetes", "systemd-nspawn" };

	word = gs_span_trim(word);
	if (!word.len)
		return NULL;
	for (size_t i = 0; i < GS_COUNT(kinds); i++)
		if (gs_span_is_text(word, kinds[i]))
			return kinds[i];
	return "";
}

/* "INSIDE OUTSIDE COUNT" a line */
static void read_map(struct gs_span text, struct gs_container *ret)
{
	struct gs_span line;

	while (gs_span_cut(&text, '\n', &line)) {
		uint64_t number[3] = { 0 };
		size_t n = 0;
		struct gs_span word;

		while (n < GS_COUNT(number) && gs_span_cut(&line, ' ', &word))
			if (word.len && gs_span_number(word, UINT32_MAX, &number[n]))
				n++;
		if (n < GS_COUNT(number))
			continue;
		ret->ids += number[2];
		ret->has_userns |= number[1] != 0 || number[2] != WHOLE;
	}
}

void gs_container_read(struct gs_span uid_map, struct gs_span first, struct gs_span file,
		       struct gs_container *ret)
{
	struct gs_span word;

	read_map(uid_map, ret);
	ret->kind = find_kind(file);
	while (!ret->kind && gs_span_cut(&first, '\0', &word))
		if (gs_span_has_prefix(word, "container="))
			ret->kind = find_kind(gs_span_from(word, strlen("container=")));
}

void gs_container_add(const struct gs_container *container, struct gs_str *out)
{
	gs_str_adds(out, container->has_userns ? "an unprivileged container" : "a container");
	if (container->kind && container->kind[0])
		gs_str_addf(out, " (%s)", container->kind);
	else if (container->has_userns && !container->kind)
		gs_str_adds(out, " (a user namespace)");
}
