/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/sockets.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

enum { WORD_DIGITS = 8, WORDS_MAX = 4, PORT_DIGITS = 4, STATE_DIGITS = 2 };

static bool read_hex(struct gs_span text, size_t digits, uint32_t *ret)
{
	static const char all[] = "0123456789ABCDEF";
	uint32_t value = 0;

	if (text.len != digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		const char *at = memchr(all, text.ptr[i], sizeof all - 1);

		if (!at)
			return false;
		value = value << 4 | (uint32_t)(at - all);
	}
	*ret = value;
	return true;
}

/* "0812A8C0:0801": words of 32 bits as this machine prints them, so that they are in its order. */
static bool read_end(struct gs_span field, char ret_name[INET6_ADDRSTRLEN], unsigned *ret_port)
{
	uint32_t word[WORDS_MAX] = { 0 }, port = 0;
	struct in6_addr six = { 0 };
	struct gs_span digits;
	size_t n;

	if (!gs_span_cut(&field, ':', &digits) || !read_hex(field, PORT_DIGITS, &port))
		return false;
	n = digits.len / WORD_DIGITS;
	if (digits.len % WORD_DIGITS || (n != 1 && n != WORDS_MAX))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!read_hex(gs_span(digits.ptr + i * WORD_DIGITS, WORD_DIGITS), WORD_DIGITS,
			      &word[i]))
			return false;
	if (n == WORDS_MAX)
		memcpy(&six, word, sizeof six);
	if (n == 1)
		inet_ntop(AF_INET, word, ret_name, INET6_ADDRSTRLEN);
	else if (IN6_IS_ADDR_V4MAPPED(&six))
		inet_ntop(AF_INET, &word[WORDS_MAX - 1], ret_name, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, &six, ret_name, INET6_ADDRSTRLEN);
	*ret_port = port;
	return true;
}

/* "  0: LOCAL REMOTE STATE ..." */
static bool read_line(struct gs_span line, struct gs_socket *ret)
{
	enum { NUMBER, LOCAL, REMOTE, STATE, WORDS };
	struct gs_span word[WORDS];
	unsigned port;
	uint32_t state;

	for (size_t i = 0; i < WORDS; i++) {
		line = gs_span_trim(line);
		if (!gs_span_cut(&line, ' ', &word[i]))
			return false;
	}
	if (!read_end(word[LOCAL], ret->local, &ret->port) ||
	    !read_end(word[REMOTE], ret->remote, &port) ||
	    !read_hex(word[STATE], STATE_DIGITS, &state))
		return false;
	ret->state = state;
	return true;
}

bool gs_sockets_next(struct gs_span *text, struct gs_socket *ret)
{
	struct gs_span line;

	while (gs_span_cut(text, '\n', &line))
		if (read_line(line, ret))
			return true;
	return false;
}
