/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes before a secret in a line of its own, or in a string of JSON: it is left out. All else
 * is kept in its order, and nothing is added but the mark.
 */
#include "fuzz.h"

#include <string.h>

#include "core/bundle/pick.h"
#include "core/bundle/secret.h"

#define SECRET "hunter-8f3c"

/* Without its marks, is it what is left of the text when some bytes are taken away? */
static void check_kept(struct gs_span text, struct gs_span clean)
{
	static const char mark[] = GS_SECRET_LEFT_OUT;
	size_t at = 0;

	for (size_t i = 0; i < clean.len; i++, at++) {
		if (clean.len - i >= sizeof mark - 1 &&
		    !memcmp(clean.ptr + i, mark, sizeof mark - 1))
			i += sizeof mark - 1;
		while (i < clean.len && at < text.len && text.ptr[at] != clean.ptr[i])
			at++;
		LAW(i >= clean.len || at < text.len);
	}
}

static bool has(struct gs_span text, const char *word)
{
	return text.len && memmem(text.ptr, text.len, word, strlen(word));
}

/* What the fuzzer has put elsewhere is no secret there. */
static void check(struct gs_span data, enum gs_secret_in in, const char *line, bool may_keep)
{
	gs_autostr struct gs_str text = { 0 }, clean = { 0 };

	gs_str_add(&text, data);
	gs_str_adds(&text, line);
	gs_secrets_leave_out(gs_str_span(&text), in, &clean);
	LAW(may_keep || has(data, SECRET) || !has(gs_str_span(&clean), SECRET));
	if (!has(data, "<left"))
		check_kept(gs_str_span(&text), gs_str_span(&clean));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gs_span text = gs_span((const char *)data, size);
	gs_autostr struct gs_str picked = { 0 };

	check(text, GS_SECRET_IN_TEXT, "\n password=" SECRET "\n", false);
	check(text, GS_SECRET_IN_OPTIONS, "\n//h/s /m cifs rw,password=" SECRET ",ro\n", false);
	check(text, GS_SECRET_IN_TEXT, "\npostgres://u:" SECRET "@h/d\n", false);
	check(text, GS_SECRET_IN_JSON, "", true);
	gs_pick_fstab(text, &picked);
	gs_pick_mountinfo(text, &picked);
	gs_pick_mountstats(text, &picked);
	gs_pick_kernel(text, &picked);
	(void)gs_pick_is_nfs_unit(text);
	return 0;
}
