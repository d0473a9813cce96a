/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/postgres.h"

/**
 * struct gs_postgres_fact - what responds where cluster.env has programs look for PostgreSQL
 * @file: that cluster.env; @host: as it says; @addr: what was asked
 * @own: the address that this node has on the way there; NULL: not known
 * @is_leader: this node is to serve it, for followers; @addr is its own
 */
struct gs_postgres_fact {
	const char *file, *host, *addr, *own;
	bool is_leader;
	enum gs_postgres state;
};
