/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/peer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/peer/report.h"

enum { PIECE_BYTES = 4096 };

static bool is_input(const char *file)
{
	return file && !strcmp(file, "-");
}

/* One byte more than a report has, at most: gs_report_read() says that it is too long. */
int gs_verb_read_input(const char *file, struct gs_str *ret, struct gs_err *err)
{
	char piece[PIECE_BYTES];
	size_t n = is_input(file);

	while (n && ret->len <= GS_REPORT_BYTES) {
		n = fread(piece, 1, sizeof piece, stdin);
		gs_str_add(ret, gs_span(piece, n));
	}
	if (is_input(file) && ferror(stdin))
		return gs_err_set(err, EIO, "cannot read standard input: %s", gs_errno_text(errno));
	return 0;
}

static int read_file(struct gs_sys *sys, const char *file, struct gs_str *ret, struct gs_err *err)
{
	bool exists = false;

	if (sys->ops->fs->read_file(sys, file, GS_REPORT_BYTES, ret, &exists, err) < 0)
		return err->code == -EFBIG ? gs_err_cause(err, "PEER_REPORT_BAD") : err->code;
	if (exists)
		return 0;
	return gs_err_set(err, ENOENT, "cannot read '%s': %s", file, gs_errno_text(ENOENT));
}

int gs_verb_read_peer(struct gs_sys *sys, const char *file, struct gs_str *text,
		      struct gs_node *ret, struct gs_err *err)
{
	const char *name = is_input(file) ? "standard input" : file;

	if (!is_input(file) && read_file(sys, file, text, err) < 0)
		return err->code;
	return gs_report_read(gs_str_span(text), name, ret, err);
}
