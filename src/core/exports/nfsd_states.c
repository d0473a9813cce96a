/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/nfsd_states.h"

#include <stdlib.h>
#include <string.h>

/*
 * "- 0x", the generation, the client's id and the state's number, 4, 8 and 4 bytes, in hex; the
 * latter two in the byte order of memory (nfs4_show_stateid()).
 */
#define HEAD_BEGIN "- 0x"
#define HEAD_END   ": { type: "

enum {
	GENERATION_DIGITS = 8,
	CLIENT_DIGITS = GS_STATE_CLIENT_DIGITS,
	NUMBER_DIGITS = 8,
	ID_DIGITS = GENERATION_DIGITS + CLIENT_DIGITS + NUMBER_DIGITS,
	HEAD_BYTES = sizeof HEAD_BEGIN - 1 + ID_DIGITS + sizeof HEAD_END - 1,
	/* Two names of 255 bytes and an owner of 1024, each byte as \x00: the kernel's longest. */
	STATE_MAX_BYTES = 16 << 10,
};

/* ---- files ------------------------------------------------------------------------------- */

static bool has_name(const struct gs_writing *writing, uint64_t file)
{
	for (size_t i = 0; i < writing->names.n; i++)
		if (writing->named[i] == file)
			return true;
	return false;
}

static int compare_files(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool has_file(const struct gs_writing *writing, uint64_t file)
{
	return writing && writing->n &&
	       bsearch(&file, writing->file, writing->n, sizeof file, compare_files);
}

void gs_writing_add(struct gs_writing *writing, uint64_t file, const char *name,
		    const struct gs_writing *known)
{
	gs_grow(&writing->file, writing->n, &writing->room, sizeof *writing->file);
	writing->file[writing->n++] = file;
	if (writing->names.n == GS_WRITING_NAMED || has_name(writing, file) ||
	    has_file(known, file))
		return;
	writing->named[writing->names.n] = file;
	gs_strs_add(&writing->names, name);
}

void gs_writing_end(struct gs_writing *writing)
{
	size_t kept = 0;

	if (!writing->n)
		return;
	qsort(writing->file, writing->n, sizeof *writing->file, compare_files);
	for (size_t i = 0; i < writing->n; i++)
		if (!i || writing->file[i] != writing->file[kept - 1])
			writing->file[kept++] = writing->file[i];
	writing->n = kept;
}

size_t gs_writing_new(const struct gs_writing *writing, const struct gs_writing *known)
{
	size_t n = 0;

	for (size_t i = 0; i < writing->n; i++)
		n += !has_file(known, writing->file[i]);
	return n;
}

void gs_writing_done(struct gs_writing *writing)
{
	free(writing->file);
	gs_strs_done(&writing->names);
	*writing = (struct gs_writing){ 0 };
}

/* ---- states ------------------------------------------------------------------------------ */

static bool is_hex(struct gs_span digits)
{
	for (size_t i = 0; i < digits.len; i++)
		if (!digits.ptr[i] || !strchr("0123456789abcdef", digits.ptr[i]))
			return false;
	return true;
}

/* Does a state of this client begin here? */
static bool is_head(const struct gs_states *states, struct gs_span text)
{
	struct gs_span id;

	if (text.len < HEAD_BYTES || !gs_span_has_prefix(text, HEAD_BEGIN))
		return false;
	id = gs_span(text.ptr + sizeof HEAD_BEGIN - 1, ID_DIGITS);
	if (!is_hex(id) ||
	    !gs_span_has_prefix(gs_span_from(text, sizeof HEAD_BEGIN - 1 + ID_DIGITS), HEAD_END))
		return false;
	return !states->client[0] ||
	       !memcmp(id.ptr + GENERATION_DIGITS, states->client, sizeof states->client);
}

static unsigned hex_value(char digit)
{
	return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static uint32_t number_of(struct gs_span state)
{
	const char *digits = state.ptr + sizeof HEAD_BEGIN - 1 + GENERATION_DIGITS + CLIENT_DIGITS;
	unsigned char bytes[sizeof(uint32_t)];
	uint32_t number;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(hex_value(digits[2 * i]) << 4 |
					   hex_value(digits[2 * i + 1]));
	memcpy(&number, bytes, sizeof number);
	return number;
}

static bool take(struct gs_span *rest, const char *text)
{
	if (!gs_span_has_prefix(*rest, text))
		return false;
	*rest = gs_span_from(*rest, strlen(text));
	return true;
}

static bool take_one_of(struct gs_span *rest, const char *set)
{
	if (!rest->len || !rest->ptr[0] || !strchr(set, rest->ptr[0]))
		return false;
	*rest = gs_span_from(*rest, 1);
	return true;
}

/*
 * Is the state a write open, or a write delegation, under which the client may hold unwritten data
 * after close(2)? @ret_rest: the text after it
 */
static bool is_writing(struct gs_span state, struct gs_span *ret_rest)
{
	struct gs_span rest = gs_span_from(state, HEAD_BYTES);
	bool writes = false, is_open = take(&rest, "open, access: ");

	if (!is_open && !take(&rest, "deleg, access: "))
		return false;
	for (int i = 0; i < 2 && rest.len && rest.ptr[0] != ',' && rest.ptr[0] != ' '; i++) {
		writes |= rest.ptr[0] == 'w';
		if (!take_one_of(&rest, is_open ? "rw-" : "rw"))
			return false;
	}
	/* The line of a delegation on a file that was removed ends here. */
	if (!take(&rest, ", ") && (is_open || !take(&rest, " ")))
		return false;
	if (is_open && !(take(&rest, "deny: ") && take_one_of(&rest, "r-") &&
			 take_one_of(&rest, "w-") && take(&rest, ", ")))
		return false;
	*ret_rest = rest;
	return writes;
}

/* The name is raw and may hold quotes and newlines: it ends where the last owner begins. */
static char *file_name(struct gs_span name)
{
	static const char end[] = "\", owner: \"";
	size_t len;

	for (len = name.len; len >= sizeof end - 1; len--)
		if (!memcmp(name.ptr + len - (sizeof end - 1), end, sizeof end - 1))
			return gs_span_dup(gs_span(name.ptr, len - (sizeof end - 1)));
	/* A delegation has no owner; its name is followed by " }". */
	for (len = name.len; len && name.ptr[len - 1] != '"';)
		len--;
	return gs_span_dup(gs_span(name.ptr, len ? len - 1 : name.len));
}

/* FNV-1a, as hash_text() in base; two files with the same hash would count as one. */
static uint64_t hash(uint64_t seed, struct gs_span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		seed = (seed ^ (unsigned char)bytes.ptr[i]) * 0x100000001b3ULL;
	return (seed ^ 0xff) * 0x100000001b3ULL;
}

static void take_state(struct gs_states *states, struct gs_span state, struct gs_writing *ret)
{
	uint64_t client = hash(0xcbf29ce484222325ULL, gs_span_of(states->addr));
	uint32_t number = number_of(state);
	gs_autofree char *name = NULL;
	struct gs_span rest = { 0 }, inode = { 0 };

	/* The kernel prints states in the order of their numbers: states_start(). */
	ret->may_be_forged |= states->any && number <= states->last;
	states->any = true;
	states->last = number;
	if (!is_writing(state, &rest))
		return;
	if (take(&rest, "superblock: \"") && gs_span_cut(&rest, '"', &inode) &&
	    take(&rest, ", filename: \"")) {
		name = file_name(rest);
		gs_writing_add(ret, hash(client, inode), name, states->known);
		return;
	}
	/* The server has removed the file: the state's own number identifies it. */
	gs_writing_add(ret, hash(client, gs_span(state.ptr, HEAD_BYTES)), "?", states->known);
}

/* The offset of the next state after the first byte; SIZE_MAX: none. */
static size_t next_state(const struct gs_states *states, struct gs_span text)
{
	static const char mark[] = "\n" HEAD_BEGIN;
	struct gs_span rest = text;

	while (rest.len) {
		const char *at = memmem(rest.ptr, rest.len, mark, sizeof mark - 1);

		if (!at)
			return SIZE_MAX;
		rest = gs_span_from(rest, (size_t)(at - rest.ptr) + 1);
		if (is_head(states, rest))
			return (size_t)(rest.ptr - text.ptr);
	}
	return SIZE_MAX;
}

static void take_part(struct gs_states *states, struct gs_span part, struct gs_writing *ret)
{
	if (is_head(states, part))
		take_state(states, part, ret);
}

void gs_states_read(struct gs_states *states, struct gs_span piece, struct gs_writing *ret)
{
	struct gs_span text;
	size_t at, keep;

	gs_str_add(&states->rest, piece);
	text = gs_str_span(&states->rest);
	if (!states->client[0] && is_head(states, text))
		memcpy(states->client, text.ptr + sizeof HEAD_BEGIN - 1 + GENERATION_DIGITS,
		       sizeof states->client);
	while ((at = next_state(states, text)) != SIZE_MAX) {
		take_part(states, gs_span(text.ptr, at), ret);
		text = gs_span_from(text, at);
	}
	/* Longer than any state of the kernel: it counts; its tail stays, where one may begin. */
	keep = text.len;
	if (keep > STATE_MAX_BYTES) {
		take_part(states, text, ret);
		keep = HEAD_BYTES;
		text = gs_span_from(text, text.len - keep);
	}
	if (keep && text.ptr != states->rest.ptr)
		memmove(states->rest.ptr, text.ptr, keep);
	states->rest.len = keep;
}

void gs_states_end(struct gs_states *states, struct gs_writing *ret)
{
	take_part(states, gs_str_span(&states->rest), ret);
	gs_str_done(&states->rest);
	gs_writing_end(ret);
}

void gs_states_done(struct gs_states *states)
{
	gs_str_done(&states->rest);
}
