/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/proc/privs.h"

/*
 * A process that parses network data must own nothing. A child that does so (struct gs_child_req,
 * confined) is confined in three steps, each for good:
 *
 *   gs_child_run()      no terminal, only the descriptors it was given, its own pid namespace
 *   gs_privs_confine()  nobody, in an empty root: libraries are loaded before, sockets may follow
 *   gs_seal()           once connected: only open descriptors, memory, the clock, and exit
 *
 * The child reads no data of the peer before the last step. Where the caller is not root, or root
 * may not become nobody, the last step still applies; where it is not available, nothing is parsed.
 */

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(GS_SANITIZED)
#define GS_SANITIZED 1
#endif

/**
 * gs_seal - in a confined child: give up all that is not needed to use open descriptors
 * From here on a system call fails with EPERM (seccomp(2)) unless it reads, writes or waits on open
 * descriptors, maps memory that is not executable, reads the clock or exits: a library that tries
 * something harmless gets an ordinary error, and the child can still report what it saw. A call by
 * the numbers of another architecture kills the child.
 * No capabilities, no new privileges, no new descriptors, no processes, no core file, no tracing by
 * the same user.
 * Errors (cause CHILD_UNCONFINED): the kernel has no seccomp filters or refuses them here.
 * Builds with AddressSanitizer (GS_SANITIZED) have no filter and no empty root, and keep stderr:
 * the sanitizer's reports open files, start programs and map what they like.
 */
int gs_seal(struct gs_err *err);

/** gs_seal_fix - in the parent: the fix where a child reports CHILD_UNCONFINED; err->code */
int gs_seal_fix(struct gs_err *err);

/**
 * gs_seal_root - in a child, before it gives up its capabilities: enter an empty root directory
 * A read-only tmpfs that is mounted nowhere: no path leads into it or out of it. Where root may not
 * do that (a container without CAP_SYS_ADMIN) the root stays; gs_seal() refuses every open.
 */
void gs_seal_root(void);

/**
 * gs_privs_confine - in a child that will parse network data: become nobody, in an empty root
 * What the child needs from files, libraries above all, must be read before. Call gs_seal() next.
 */
int gs_privs_confine(enum gs_keep keep, struct gs_err *err);
