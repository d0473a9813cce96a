/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/proc/privs.h"

/*
 * What parses the network owns nothing. A child that does so (struct gs_child_req, confined) comes
 * to it in three steps, each for good:
 *
 *   gs_child_run()      no terminal, no descriptor but those it was given, pids of its own
 *   gs_privs_confine()  nobody, in an empty root: libraries are loaded before, sockets may follow
 *   gs_seal()           only what is open, memory, the time, and its end: once it is connected
 *
 * Nothing of the peer is read before the last. Where the caller is no root, or root may not become
 * nobody, the last holds all the same; where it cannot be had, nothing is parsed.
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
 * gs_seal - in a confined child: give up all that is not needed to talk on what is open
 * From here on a system call that is not for reading, writing and waiting on open descriptors, for
 * memory that is not executable, for the clock or for the end fails with EPERM (seccomp(2)): a
 * library that tries something harmless gets an error as from any kernel, and the child can still
 * say what it saw. A call by the numbers of another architecture ends the child.
 * No capabilities, no new privileges, no new descriptors, no processes, no core file, no tracing by
 * the same user.
 * Errors (cause CHILD_UNCONFINED): the kernel has no seccomp filters or refuses them here.
 * Builds with AddressSanitizer (GS_SANITIZED) have no filter and no empty root, and keep stderr:
 * the sanitizer's reports open files, start programs and map what they like.
 */
int gs_seal(struct gs_err *err);

/** gs_seal_fix - in the parent: what helps where a child said CHILD_UNCONFINED; err->code */
int gs_seal_fix(struct gs_err *err);

/**
 * gs_seal_root - in a child, before it gives up its capabilities: an empty root directory
 * A read-only tmpfs that is mounted nowhere: no name leads into it, nor out of it. Where root may
 * not do that (a container without CAP_SYS_ADMIN) the root stays; gs_seal() refuses every open.
 */
void gs_seal_root(void);

/**
 * gs_privs_confine - in a child that will parse what the network sent: nobody, in an empty root
 * What is read from files, libraries above all, is read before. Then gs_seal().
 */
int gs_privs_confine(enum gs_keep keep, struct gs_err *err);
