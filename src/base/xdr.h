/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * XDR (RFC 4506), as much as RPC, mountd and NFSv4 need: the only place where a peer's lengths and
 * counts become sizes. Decoding allocates and copies nothing: it gives a number, or a span of the
 * encoded bytes.
 */

enum { GS_XDR_WRONG_BYTES = 128 }; /* for gs_xdr_explain() */

/**
 * struct gs_xdr - encoded bytes that are not decoded yet
 * @wrong: the first error, static; NULL: none
 * @value: the number that was wrong
 * After an error every call fails: a caller may check once, after many calls.
 */
struct gs_xdr {
	struct gs_span rest;
	const char *wrong;
	uint32_t value;
};

/* Each returns false, the output untouched, on an error, also an earlier one. */
bool gs_xdr_number(struct gs_xdr *xdr, uint32_t *ret);
bool gs_xdr_long(struct gs_xdr *xdr, uint64_t *ret);
bool gs_xdr_bool(struct gs_xdr *xdr, bool *ret);

/** gs_xdr_fixed - opaque bytes whose number both sides know, with their padding */
bool gs_xdr_fixed(struct gs_xdr *xdr, uint32_t len, struct gs_span *ret);

/** gs_xdr_opaque - opaque bytes or a string, at most max bytes: length, bytes, padding */
bool gs_xdr_opaque(struct gs_xdr *xdr, uint32_t max, struct gs_span *ret);

/** gs_xdr_end - check that no bytes follow */
bool gs_xdr_end(struct gs_xdr *xdr);

/** gs_xdr_fail - record that a value is invalid; returns false. The first error is kept. */
static inline bool gs_xdr_fail(struct gs_xdr *xdr, const char *wrong, uint32_t value)
{
	if (!xdr->wrong) {
		xdr->wrong = wrong;
		xdr->value = value;
	}
	return false;
}

/** gs_xdr_explain - the error as text: "a length that goes over its end: 0x40000001" */
void gs_xdr_explain(const struct gs_xdr *xdr, char ret[GS_XDR_WRONG_BYTES]);

/* Encoding. */
void gs_xdr_put_number(struct gs_str *out, uint32_t value);
void gs_xdr_put_long(struct gs_str *out, uint64_t value);
void gs_xdr_put_opaque(struct gs_str *out, struct gs_span bytes);
