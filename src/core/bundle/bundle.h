/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "core/bundle/secret.h"

/*
 * What somebody who helps would ask for, as one archive: below GS_BUNDLE_TOP a file each, without
 * secrets, and "missing.txt" with a line for each that is not there, or not as a whole. Pure.
 */

#define GS_BUNDLE_TOP "gshare-bundle/"

enum {
	GS_BUNDLE_FILE_BYTES = 256 << 10, /* of one file: more says little */
	GS_BUNDLE_READ_BYTES = 1 << 20, /* of a source, before secrets are left out and it is cut */
	GS_BUNDLE_BYTES = 4 << 20,	/* of the whole: it may be sent by mail */
};

/**
 * struct gs_bundle - an archive that is being made; free with gs_bundle_done()
 * @time_s: of each file, since 1970; set before the first one
 * @n: how many files it has
 */
struct gs_bundle {
	struct gs_str tar, missing;
	uint64_t time_s;
	size_t n;
};

/**
 * struct gs_bundle_file - one file
 * @name: below GS_BUNDLE_TOP; @in: where values of secrets end in it
 * @keeps_end: of one that is too long the last lines are kept, as of a log; else its beginning
 */
struct gs_bundle_file {
	const char *name;
	enum gs_secret_in in;
	bool keeps_end;
};

/** gs_bundle_add - add a file without its secrets; where it does not fit, or is cut, that is said
 */
void gs_bundle_add(struct gs_bundle *bundle, const struct gs_bundle_file *file,
		   struct gs_span text);

/** gs_bundle_miss - say that a file is not there, and why; @why: one line, untrusted */
void gs_bundle_miss(struct gs_bundle *bundle, const char *name, const char *why);

/** gs_bundle_end - add what is missing; tar is whole then */
void gs_bundle_end(struct gs_bundle *bundle);

void gs_bundle_done(struct gs_bundle *bundle);
