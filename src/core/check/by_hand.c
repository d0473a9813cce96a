/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/by_hand.h"

#include <stddef.h>
#include <string.h>

const struct gs_by_hand *const gs_by_hands[] = {
	gs_by_hand_server,
	gs_by_hand_exports,
	gs_by_hand_share,
	gs_by_hand_mount,
	gs_by_hand_network,
	gs_by_hand_run,
	NULL,
};

const struct gs_by_hand *gs_by_hand_find(const char *id)
{
	for (size_t i = 0; gs_by_hands[i]; i++)
		for (const struct gs_by_hand *row = gs_by_hands[i]; row->id; row++)
			if (!strcmp(row->id, id))
				return row;
	return NULL;
}
