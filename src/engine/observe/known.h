/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/sys.h"

/**
 * gs_known_share - the share's id and the UUID of its file system, as the newest run wrote them
 * From the journal, which only root can read. Nothing is set where no record has them; the texts
 * are owned by the caller.
 */
void gs_known_share(struct gs_sys *sys, const char *path, char **ret_id, char **ret_uuid);
