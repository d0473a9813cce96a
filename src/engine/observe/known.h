/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/sys.h"

/**
 * gs_known_share - the share's id and the UUID of its file system, as the newest run wrote them
 * From the journal, which only root can read. Nothing is set where no record has them; the texts
 * are owned by the caller.
 */
void gs_known_share(struct gs_sys *sys, const char *path, char **ret_id, char **ret_uuid);

/** gs_known_exports - add the exports file as the newest run left it that wrote one; none: nothing
 */
void gs_known_exports(struct gs_sys *sys, struct gs_str *ret);
