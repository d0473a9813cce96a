/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * An archive that every tar(1) reads: regular files alone, of root, with mode 0600. Pure.
 * Source: POSIX.1-2017 pax(1), "ustar Interchange Format".
 */

enum {
	GS_TAR_BLOCK_BYTES = 512,
	GS_TAR_NAME_BYTES = 100, /* a name is shorter */
	GS_TAR_END_BYTES = 2 * GS_TAR_BLOCK_BYTES,
};

/** gs_tar_fits - can a member have that name: short enough, relative, printable ASCII, no ".."? */
bool gs_tar_fits(const char *name);

/** gs_tar_bytes - how many bytes a member with so many bytes of content adds */
uint64_t gs_tar_bytes(uint64_t len);

/**
 * gs_tar_add - add a member
 * @name: one that fits; @content: at most 8 GiB - 1; @time_s: since 1970
 */
void gs_tar_add(struct gs_str *out, const char *name, struct gs_span content, uint64_t time_s);

/** gs_tar_end - nothing follows */
void gs_tar_end(struct gs_str *out);
