/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/postgres.h"

/**
 * gs_postgres_ask - is there a PostgreSQL server at a numeric address, and does it accept clients?
 * By PQping() of libpq, in a child that is nobody's, once the port is open; libpq is loaded then,
 * and only if it is installed. No account is needed: see "PQpingParams" in libpq's manual.
 * Errors: -EINVAL for an address that is none; of the child, but for one that ends it in time.
 */
int gs_postgres_ask(const char *addr, int64_t deadline_ns, enum gs_postgres *ret,
		    struct gs_err *err);
