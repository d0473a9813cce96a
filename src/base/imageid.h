/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Numbers of users that images of containers run as, whatever the node calls them. Whom followers
 * act as must be none of them: what such a container writes on the leader would be theirs.
 */

/** gs_image_of - the image that runs as this number, NULL: none that is known; static */
const char *gs_image_of(uint32_t id);

/** gs_image_is_postgres - does an image of PostgreSQL run as it? */
bool gs_image_is_postgres(uint32_t id);
