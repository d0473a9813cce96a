/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/mountstats.h"

#include <string.h>

/* Decodes \ooo, with which the kernel's mangle() escapes blanks and backslashes. */
static void unescape(struct gs_span word, struct gs_str *out)
{
	for (size_t i = 0; i < word.len; i++) {
		const char *c = word.ptr + i;

		if (*c == '\\' && word.len - i > 3 && c[1] >= '0' && c[1] <= '3' && c[2] >= '0' &&
		    c[2] <= '7' && c[3] >= '0' && c[3] <= '7') {
			gs_str_addc(out,
				    (char)((c[1] - '0') << 6 | (c[2] - '0') << 3 | (c[3] - '0')));
			i += 3;
		} else {
			gs_str_addc(out, *c);
		}
	}
}

/* The next word, separated by blanks; false at the end. */
static bool next_word(struct gs_span *line, struct gs_span *ret)
{
	size_t begin = 0, end;

	while (begin < line->len && (line->ptr[begin] == ' ' || line->ptr[begin] == '\t'))
		begin++;
	end = begin;
	while (end < line->len && line->ptr[end] != ' ' && line->ptr[end] != '\t')
		end++;
	*ret = gs_span(line->ptr + begin, end - begin);
	*line = gs_span_from(*line, end);
	return ret->len > 0;
}

/* "device HOST:/x mounted on /mnt/x with fstype nfs4 statvers=1.1" */
static bool is_block_of(struct gs_span line, const char *target)
{
	static const char *const shape[] = { "device", NULL,   "mounted", "on",
					     NULL,     "with", "fstype",  NULL };
	gs_autostr struct gs_str at = { 0 };
	struct gs_span word;

	for (size_t i = 0; i < GS_COUNT(shape); i++) {
		if (!next_word(&line, &word) || (shape[i] && !gs_span_is_text(word, shape[i])))
			return false;
		if (i == 4)
			unescape(word, &at);
	}
	return gs_span_is_text(gs_str_span(&at), target) &&
	       (gs_span_is_text(word, "nfs") || gs_span_is_text(word, "nfs4"));
}

/* Reads up to n numbers from the line; the rest of ret stays 0. */
static void numbers(struct gs_span line, uint64_t *ret, size_t n)
{
	struct gs_span word;

	for (size_t i = 0; i < n && next_word(&line, &word); i++)
		if (!gs_span_number(word, UINT64_MAX, &ret[i]))
			return;
}

/*
 * The kernel counts a connection of TCP twice, when it begins and when it is established, one that
 * fails once, and one of RDMA once: xprtsock.c xs_stream_start_connect(), xs_tcp_state_change();
 * xprtrdma/transport.c xprt_rdma_connect_worker(). The first is no reconnection.
 */
static uint64_t reconnects(struct gs_span kind, uint64_t counted)
{
	if (!counted)
		return 0;
	return gs_span_is_text(kind, "rdma") ? counted - 1 : (counted - 1) / 2;
}

/* "tcp 832 1 2 0 0 25 25 0 25 0 2 0 0": srcport, bind count, connect count ... */
static void add_transport(struct gs_span line, struct gs_mountstats *stats)
{
	uint64_t value[3] = { 0 };
	struct gs_span kind;

	stats->connections++;
	if (!next_word(&line, &kind) || gs_span_is_text(kind, "udp"))
		return;
	numbers(line, value, GS_COUNT(value));
	stats->reconnects += reconnects(kind, value[2]);
}

/* "READ: 9 9 0 1764 37888 0 4 4 0": ops, transmissions, timeouts, bytes, bytes, queue, rtt */
static void add_operation(struct gs_span line, struct gs_mountstats *stats)
{
	uint64_t value[7] = { 0 };

	numbers(line, value, GS_COUNT(value));
	stats->requests += value[0];
	if (value[1] > value[0])
		stats->retransmitted += value[1] - value[0];
	stats->timeouts += value[2];
	stats->rtt_ms += value[6];
}

static bool is_operation(struct gs_span word)
{
	if (word.len < 2 || word.ptr[word.len - 1] != ':')
		return false;
	for (size_t i = 0; i + 1 < word.len; i++)
		if (!(word.ptr[i] >= 'A' && word.ptr[i] <= 'Z') && word.ptr[i] != '_')
			return false;
	return true;
}

static void add_age(struct gs_span line, unsigned *oldest)
{
	struct gs_span word;
	uint64_t age = 0;

	if (!next_word(&line, &word) || !gs_span_is_text(word, "age:"))
		return;
	numbers(line, &age, 1);
	age = age < UINT32_MAX ? age : UINT32_MAX;
	*oldest = age > *oldest ? (unsigned)age : *oldest;
}

static void add_line(struct gs_span line, bool *per_op, struct gs_mountstats *stats)
{
	struct gs_span word;
	uint64_t age = 0;

	if (!next_word(&line, &word))
		return;
	if (gs_span_is_text(word, "per-op")) {
		*per_op = true;
	} else if (gs_span_is_text(word, "age:")) {
		numbers(line, &age, 1);
		stats->age_s = age < UINT32_MAX ? (unsigned)age : UINT32_MAX;
	} else if (gs_span_is_text(word, "xprt:")) {
		add_transport(line, stats);
	} else if (*per_op && gs_span_is_text(word, "EXCHANGE_ID:")) {
		numbers(line, &stats->identified, 1);
		add_operation(line, stats);
	} else if (*per_op && is_operation(word)) {
		add_operation(line, stats);
	}
}

bool gs_mountstats_find(struct gs_span text, const char *target, struct gs_mountstats *ret)
{
	struct gs_mountstats stats = { 0 };
	unsigned oldest = 0;
	bool found = false, inside = false, per_op = false;
	struct gs_span line = { 0 };

	while (gs_span_cut(&text, '\n', &line)) {
		if (gs_span_has_prefix(line, "device ")) {
			inside = is_block_of(line, target);
			found = found || inside;
			per_op = false;
			if (inside)
				stats = (struct gs_mountstats){ 0 };
		} else {
			add_age(line, &oldest);
			if (inside)
				add_line(line, &per_op, &stats);
		}
	}
	if (!found)
		return false;
	stats.oldest_s = oldest;
	*ret = stats;
	return true;
}
