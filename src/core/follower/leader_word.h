/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"

/**
 * gs_leader_word_parse - LEADER as it is typed: HOST, or HOST:/PATH as mount(8) takes it
 * @word: a name, an IPv4 address, an IPv6 address with or without brackets, a link-local one with
 *	its zone: "fe80::1%eth0"
 * @ret_host: owned, without brackets
 * @ret_path: owned, as typed; NULL: none
 * Errors: -GS_E_USAGE for what is not one host. Source: mount.nfs(8), RFC 4007 11.
 */
int gs_leader_word_parse(const char *word, char **ret_host, char **ret_path, struct gs_err *err);
