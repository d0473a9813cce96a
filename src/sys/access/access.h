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
 * Tests what a user can really do in a directory: a child becomes that user and does it. Works on
 * every file system. Nothing here blocks the caller past the deadline.
 */

/**
 * gs_access_probe - test what a user can do in each of some directories, in a child for each
 * @req: @n of them, at least one, with one identity, one deadline and one place of at
 * @ret: @n results
 * All work at once: each waits for the server most of its time.
 * Returns 0 whenever the children ran, whatever it could do; where dir cannot be opened, create and
 * read are NO. dir is opened with the caller's rights, then as the user where those are denied: the
 * permissions of dir's parents are not tested (a mount is verified in a directory that only root
 * can reach).
 * The probe's file is .gshare-probe-HEX, later .gshare-probe-HEX.b. The child removes it on any
 * failure; a second child removes it when the first was killed. When gshare was killed, the child
 * removes it itself: for that it outlives gshare until a second after its deadline.
 * Errors: -GS_E_PRIVILEGE (an ordinary user can only be itself).
 */
int gs_access_probe(const struct gs_access_req *req, size_t n, struct gs_access_result *ret,
		    struct gs_err *err);
