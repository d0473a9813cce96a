/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/tar.h"

#include <stdio.h>
#include <string.h>

enum { OCTAL_MAX_BITS = 33 }; /* eleven octal digits */

/* The header, as POSIX lays it out: 500 bytes and 12 that are not used. */
struct header {
	char name[GS_TAR_NAME_BYTES];
	char mode[8], uid[8], gid[8];
	char size[12], mtime[12];
	char sum[8];
	char type;
	char link[GS_TAR_NAME_BYTES];
	char magic[6], version[2];
	char user[32], group[32];
	char major[8], minor[8];
	char prefix[155];
	char unused[12];
};

_Static_assert(sizeof(struct header) == GS_TAR_BLOCK_BYTES, "a header is one block");

bool gs_tar_fits(const char *name)
{
	struct gs_span rest = gs_span_of(name), part;

	if (!name[0] || strlen(name) >= GS_TAR_NAME_BYTES)
		return false;
	for (const char *c = name; *c; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	while (gs_span_cut(&rest, '/', &part))
		if (!part.len || gs_span_is_text(part, ".") || gs_span_is_text(part, ".."))
			return false;
	return true;
}

static uint64_t padding(uint64_t len)
{
	return (GS_TAR_BLOCK_BYTES - len % GS_TAR_BLOCK_BYTES) % GS_TAR_BLOCK_BYTES;
}

uint64_t gs_tar_bytes(uint64_t len)
{
	return GS_TAR_BLOCK_BYTES + len + padding(len);
}

static void add_zeros(struct gs_str *out, size_t n)
{
	static const char zeros[GS_TAR_END_BYTES];

	gs_str_add(out, gs_span(zeros, n));
}

/* Of all bytes of the header, with blanks in the sum's own place. */
static void set_sum(struct header *header)
{
	const unsigned char *byte = (const unsigned char *)header;
	unsigned sum = 0;

	memset(header->sum, ' ', sizeof header->sum);
	for (size_t i = 0; i < sizeof *header; i++)
		sum += byte[i];
	snprintf(header->sum, sizeof header->sum, "%06o", sum);
	header->sum[7] = ' ';
}

void gs_tar_add(struct gs_str *out, const char *name, struct gs_span content, uint64_t time_s)
{
	struct header header = { .type = '0', .magic = "ustar", .version = { '0', '0' } };
	const uint64_t max = (UINT64_C(1) << OCTAL_MAX_BITS) - 1;
	uint64_t time = time_s < max ? time_s : max;

	memcpy(header.name, name, strlen(name));
	snprintf(header.mode, sizeof header.mode, "%07o", 0600U);
	snprintf(header.uid, sizeof header.uid, "%07o", 0U);
	snprintf(header.gid, sizeof header.gid, "%07o", 0U);
	snprintf(header.size, sizeof header.size, "%011llo",
		 (unsigned long long)(content.len < max ? content.len : max));
	snprintf(header.mtime, sizeof header.mtime, "%011llo", (unsigned long long)time);
	snprintf(header.user, sizeof header.user, "root");
	snprintf(header.group, sizeof header.group, "root");
	snprintf(header.major, sizeof header.major, "%07o", 0U);
	snprintf(header.minor, sizeof header.minor, "%07o", 0U);
	set_sum(&header);
	gs_str_add(out, gs_span((const char *)&header, sizeof header));
	gs_str_add(out, content);
	add_zeros(out, (size_t)padding(content.len));
}

void gs_tar_end(struct gs_str *out)
{
	add_zeros(out, GS_TAR_END_BYTES);
}
