/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/facts.h"
#include "core/format/envreaders.h"

/**
 * struct gs_envfile_fact - what is doubtful of a cluster.env
 * @flaw:    lines that not all programs read as Docker Compose does; NULL: none
 * @file:    of flaw; @again: the command as typed, with --canonical; NULL: it was given
 * @guessed: POSTGRES_HOST, a server that no gshare leader has set up; NULL: it is known
 */
struct gs_envfile_fact {
	const char *file, *again;
	const struct gs_env_flaw *flaw;
	const char *guessed;
};
