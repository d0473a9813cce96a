/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * XDR (RFC 4506), as far as RPC, mountd and NFSv4 are spoken here: the one place where lengths and
 * counts of a peer become sizes. Nothing is allocated and nothing is copied: what is taken is a
 * number, or a span of the bytes that are there.
 */

enum { GS_XDR_WRONG_BYTES = 128 }; /* for gs_xdr_explain() */

/**
 * struct gs_xdr - encoded bytes, as far as they have not been taken
 * @wrong: what did not fit, static; NULL while all did
 * @value: the number that did not
 * Once something is wrong nothing more is taken: whoever takes much may ask once, at the end.
 */
struct gs_xdr {
	struct gs_span rest;
	const char *wrong;
	uint32_t value;
};

/* Each returns false, the output untouched, where something is wrong or was before. */
bool gs_xdr_number(struct gs_xdr *xdr, uint32_t *ret);
bool gs_xdr_long(struct gs_xdr *xdr, uint64_t *ret);
bool gs_xdr_bool(struct gs_xdr *xdr, bool *ret);

/** gs_xdr_fixed - opaque bytes whose number both sides know, with their padding */
bool gs_xdr_fixed(struct gs_xdr *xdr, uint32_t len, struct gs_span *ret);

/** gs_xdr_opaque - opaque bytes or a string, at most max bytes: length, bytes, padding */
bool gs_xdr_opaque(struct gs_xdr *xdr, uint32_t max, struct gs_span *ret);

/** gs_xdr_end - nothing may follow */
bool gs_xdr_end(struct gs_xdr *xdr);

/** gs_xdr_fail - say that a value makes no sense; false. The first to say so is heard. */
static inline bool gs_xdr_fail(struct gs_xdr *xdr, const char *wrong, uint32_t value)
{
	if (!xdr->wrong) {
		xdr->wrong = wrong;
		xdr->value = value;
	}
	return false;
}

/** gs_xdr_explain - "a length that goes over its end: 0x40000001" */
void gs_xdr_explain(const struct gs_xdr *xdr, char ret[GS_XDR_WRONG_BYTES]);

/* The way back. */
void gs_xdr_put_number(struct gs_str *out, uint32_t value);
void gs_xdr_put_long(struct gs_str *out, uint64_t value);
void gs_xdr_put_opaque(struct gs_str *out, struct gs_span bytes);
