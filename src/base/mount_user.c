/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/mount_user.h"

#include <stdlib.h>

void gs_mount_users_done(struct gs_mount_users *users)
{
	for (size_t i = 0; i < users->n; i++) {
		free(users->v[i].name);
		free(users->v[i].path);
	}
	free(users->v);
	*users = (struct gs_mount_users){ 0 };
}
