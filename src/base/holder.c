/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/holder.h"

#include <stdlib.h>

void gs_holders_done(struct gs_holders *holders)
{
	for (size_t i = 0; i < holders->n; i++) {
		free(holders->v[i].name);
		free(holders->v[i].path);
	}
	free(holders->v);
	*holders = (struct gs_holders){ 0 };
}
