/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/xdr.h"

#include <stdio.h>

enum {
	UNIT = 4, /* RFC 4506 section 3: everything is a multiple of it */
};

static const char CUT_OFF[] = "the reply is truncated";

/* In size_t, where neither a length of 32 bits nor its padding wraps. */
static bool take(struct gs_xdr *xdr, uint32_t len, struct gs_span *ret)
{
	size_t padded = ((size_t)len + UNIT - 1) / UNIT * UNIT;

	if (xdr->wrong)
		return false;
	if (padded > xdr->rest.len)
		return gs_xdr_fail(xdr, "a length beyond the end of the reply", len);
	*ret = gs_span(xdr->rest.ptr, len);
	xdr->rest = gs_span_from(xdr->rest, padded);
	return true;
}

bool gs_xdr_number(struct gs_xdr *xdr, uint32_t *ret)
{
	const unsigned char *at = (const unsigned char *)xdr->rest.ptr;
	struct gs_span ignored;

	if (!xdr->wrong && xdr->rest.len < UNIT)
		return gs_xdr_fail(xdr, CUT_OFF, 0);
	if (!take(xdr, UNIT, &ignored))
		return false;
	*ret = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
	return true;
}

bool gs_xdr_long(struct gs_xdr *xdr, uint64_t *ret)
{
	uint32_t high, low;

	if (!gs_xdr_number(xdr, &high) || !gs_xdr_number(xdr, &low))
		return false;
	*ret = (uint64_t)high << 32 | low;
	return true;
}

bool gs_xdr_bool(struct gs_xdr *xdr, bool *ret)
{
	uint32_t value;

	if (!gs_xdr_number(xdr, &value))
		return false;
	if (value > 1)
		return gs_xdr_fail(xdr, "neither true nor false", value);
	*ret = value;
	return true;
}

bool gs_xdr_fixed(struct gs_xdr *xdr, uint32_t len, struct gs_span *ret)
{
	return take(xdr, len, ret);
}

bool gs_xdr_opaque(struct gs_xdr *xdr, uint32_t max, struct gs_span *ret)
{
	uint32_t len;

	if (!gs_xdr_number(xdr, &len))
		return false;
	if (len > max && len <= xdr->rest.len)
		return gs_xdr_fail(xdr, "an impossible length", len);
	return take(xdr, len, ret);
}

bool gs_xdr_end(struct gs_xdr *xdr)
{
	if (!xdr->wrong && xdr->rest.len)
		return gs_xdr_fail(xdr, "bytes after the end of the reply",
				   (uint32_t)xdr->rest.len);
	return !xdr->wrong;
}

void gs_xdr_explain(const struct gs_xdr *xdr, char ret[GS_XDR_WRONG_BYTES])
{
	if (!xdr->wrong || xdr->wrong == CUT_OFF)
		snprintf(ret, GS_XDR_WRONG_BYTES, "%s", xdr->wrong ? xdr->wrong : "");
	else
		snprintf(ret, GS_XDR_WRONG_BYTES, "%s: 0x%x", xdr->wrong, xdr->value);
}

void gs_xdr_put_number(struct gs_str *out, uint32_t value)
{
	const char bytes[UNIT] = { (char)(value >> 24), (char)(value >> 16), (char)(value >> 8),
				   (char)value };

	gs_str_add(out, gs_span(bytes, sizeof bytes));
}

void gs_xdr_put_long(struct gs_str *out, uint64_t value)
{
	gs_xdr_put_number(out, (uint32_t)(value >> 32));
	gs_xdr_put_number(out, (uint32_t)value);
}

void gs_xdr_put_opaque(struct gs_str *out, struct gs_span bytes)
{
	gs_xdr_put_number(out, (uint32_t)bytes.len);
	gs_str_add(out, bytes);
	gs_str_add(out, gs_span("\0\0\0", -bytes.len % UNIT));
}
