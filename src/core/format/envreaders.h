/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "core/format/clusterenv.h"

/*
 * What other programs than Docker Compose make of a cluster.env in which gshare's keys are set: a
 * line that Compose reads as it is meant may be read differently, or make a program refuse all.
 * Measured with docker 28.2, bash 5.2, dash 0.5.12, systemd 252, python-dotenv 0.21 and node 20;
 * tests/envfiles.py runs them. Source: docker cli pkg/kvfile; systemd src/basic/env-file.c.
 */

enum gs_env_reader {
	GS_ENV_DOCKER, /* docker run --env-file */
	GS_ENV_SHELLS, /* bash, dash */
	GS_ENV_SYSTEMD,
	GS_ENV_PYTHON,
	GS_ENV_NODE,
	GS_ENV_READERS,
};

enum gs_env_effect {
	GS_ENV_SAME,
	GS_ENV_OTHER,	/* it reads another value */
	GS_ENV_UNSEEN,	/* it does not see the line; of others' lines: nor the one below */
	GS_ENV_REFUSED, /* it refuses the whole file */
};

enum { GS_ENV_NUMBERS = 3 }; /* lines that a message names; the others are counted */

/**
 * struct gs_env_flaw - lines that not all programs read as Compose does, each with the same effects
 * @lines:  how many; @number: of the first ones, from 1
 * @key:    which of gshare's they set; NULL: lines of others
 * @value:  of OTHER, what the reader takes from the last of them; owned by gs_env_flaws()
 */
struct gs_env_flaw {
	size_t lines, number[GS_ENV_NUMBERS];
	const char *key;
	enum gs_env_effect effect[GS_ENV_READERS];
	char *value[GS_ENV_READERS];
};

/** gs_env_flaws - call @each for every set of effects, in the order of their first lines */
void gs_env_flaws(const struct gs_clusterenv *env,
		  void (*each)(void *arg, const struct gs_env_flaw *flaw), void *arg);
