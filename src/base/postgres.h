/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

enum { GS_POSTGRES_PORT = 5432 }; /* services(5) postgresql; what Graphistry's containers take */

/** enum gs_postgres - what a client of PostgreSQL would meet at an address */
enum gs_postgres {
	GS_POSTGRES_UNKNOWN,   /* something listens; libpq is not here to ask it */
	GS_POSTGRES_READY,     /* PQPING_OK */
	GS_POSTGRES_STARTING,  /* PQPING_REJECT: it starts, stops or recovers */
	GS_POSTGRES_OTHER,     /* PQPING_NO_RESPONSE, though something listens */
	GS_POSTGRES_REFUSED,   /* nothing listens */
	GS_POSTGRES_SILENT,    /* packets get no answer */
	GS_POSTGRES_UNREACHED, /* the network, or this node, reports why not */
};
