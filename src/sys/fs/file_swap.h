/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/str.h"

/** struct gs_replace - a compare-and-swap of a whole file */
struct gs_replace {
	const char *path;
	struct gs_span old; /* what the plan saw; other content is -ESTALE */
	bool old_exists;
	struct gs_span text;
	bool remove; /* remove the file instead of writing text */
	mode_t mode; /* of a new file, owned by root; an old one keeps owner, mode, ACL and xattrs
		      */
};

/**
 * struct gs_new_file - a file that nothing may be in place of; of whoever runs gshare, 0600
 * @only_tries: look whether it could be made, and make nothing
 */
struct gs_new_file {
	const char *path;
	struct gs_span text;
	bool only_tries;
};
