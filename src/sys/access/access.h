/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/access/access_result.h"

/*
 * The proof: what can a user really do in a directory? A child becomes that user and does it.
 * Works on every file system. Nothing here blocks the caller past the deadline.
 */

/**
 * gs_access_probe - find out
 * Returns 0 whenever the child ran, whatever it could do; a dir that cannot be opened is create and
 * read NO. dir is opened with the caller's rights, then as the user where those do not reach: what
 * the parents of dir allow is not part of the question (a mount is verified in a place of root's).
 * The probe's file is .gshare-probe-HEX, later .gshare-probe-HEX.b. It is removed by the child on
 * any failure; by a second child when the first was killed; and by the child itself when gshare
 * was killed: for that it outlives gshare, until a second after its deadline.
 * Errors: -GS_E_PRIVILEGE (an ordinary user can only be itself).
 */
int gs_access_probe(const struct gs_access_req *req, struct gs_access_result *ret,
		    struct gs_err *err);
