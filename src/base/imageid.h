/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * UIDs that container images run as, whatever user has them on the node. Followers must not be
 * mapped to one of them: they would own what such a container writes on the leader.
 */

/** gs_image_of - the image that runs as this UID, static; NULL: no known image does */
const char *gs_image_of(uint32_t id);

/** gs_image_is_postgres - does an image of PostgreSQL run as this UID? */
bool gs_image_is_postgres(uint32_t id);
