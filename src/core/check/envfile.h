/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/facts.h"
#include "core/format/envreaders.h"

/**
 * struct gs_envfile_fact - a line of a cluster.env that not all programs read as Docker Compose
 * does
 * @again: the command as typed, with --canonical; NULL: it was given
 */
struct gs_envfile_fact {
	const char *file, *again;
	const struct gs_env_flaw *flaw;
};
