/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/near.h"

#include <stdint.h>
#include <string.h>

enum { WORD_MAX_BYTES = 32 }; /* for a longer word nothing is suggested */

/* Transposed letters count as two edits: Levenshtein's distance is enough for short words. */
unsigned gs_near_edits(const char *a, const char *b)
{
	unsigned row[WORD_MAX_BYTES + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > WORD_MAX_BYTES || m > WORD_MAX_BYTES)
		return UINT32_MAX;
	for (size_t j = 0; j <= m; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned corner = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned best = corner + (a[i - 1] != b[j - 1]);

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			corner = row[j];
			row[j] = best;
		}
	}
	return row[m];
}

unsigned gs_near_limit(size_t n)
{
	return n < 2 ? 0 : (unsigned)(n + 1) / 3 + 1;
}
