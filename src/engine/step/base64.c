/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/step/base64.h"

#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void gs_base64_add(struct gs_str *out, struct gs_span bytes)
{
	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
		uint32_t bits = 0;

		for (size_t k = 0; k < 3; k++)
			bits = bits << 8 | (k < n ? (unsigned char)bytes.ptr[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			gs_str_add(out,
				   gs_span(k <= n ? &digits[bits >> (18 - 6 * k) & 63] : "=", 1));
	}
}

static bool add_group(const char *group, bool is_last, struct gs_str *out)
{
	size_t n = strnlen(group, 4);
	uint32_t bits = 0;

	while (is_last && n > 2 && group[n - 1] == '=')
		n--;
	for (size_t k = 0; k < 4; k++) {
		const char *digit = k < n ? memchr(digits, group[k], sizeof digits - 1) : digits;

		if (!digit)
			return false;
		bits = bits << 6 | (uint32_t)(digit - digits);
	}
	/* The bits that a short group leaves over are 0: one way to write each text. */
	if (bits & (n < 4 ? (1U << (n == 3 ? 8 : 16)) - 1 : 0))
		return false;
	for (size_t k = 0; k + 1 < n; k++)
		gs_str_addc(out, (char)(bits >> (16 - 8 * k)));
	return true;
}

bool gs_base64_parse(struct gs_span text, struct gs_str *ret_bytes)
{
	gs_autostr struct gs_str bytes = { 0 };

	if (text.len % 4)
		return false;
	for (size_t i = 0; i < text.len; i += 4)
		if (!add_group(text.ptr + i, i + 4 == text.len, &bytes))
			return false;
	gs_str_add(ret_bytes, gs_str_span(&bytes));
	return true;
}
