/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/firewall/firewall.h"

/* The first that is in charge counts, else the first that will be once it is enabled. */
static const struct gs_firewall_kind *const table[] = {
	&gs_firewall_firewalld, &gs_firewall_ufw,  &gs_firewall_iptables,
	&gs_firewall_nft,	&gs_firewall_none,
};

const struct gs_firewall_kind *gs_firewall_at(size_t i)
{
	return i < GS_COUNT(table) ? table[i] : NULL;
}

const struct gs_firewall_kind *gs_firewall_find(const char *name)
{
	for (size_t i = 0; name && i < GS_COUNT(table); i++)
		if (!strcmp(table[i]->name, name))
			return table[i];
	return NULL;
}
