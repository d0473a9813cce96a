/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/docs.h"

#include <stdlib.h>
#include <string.h>

int gs_docs_parse(const struct gs_files *files, struct gs_docs *docs, struct gs_err *err)
{
	struct gs_docs d = { .v = gs_alloc(files->n * sizeof *d.v) };

	for (; d.n < files->n; d.n++) {
		if (gs_exports_parse(gs_str_span(&files->v[d.n].text), &d.v[d.n], err) < 0) {
			gs_docs_done(&d);
			return gs_err_prefix(err, "%s", files->v[d.n].path);
		}
	}
	*docs = d;
	return 0;
}

void gs_docs_done(struct gs_docs *docs)
{
	for (size_t i = 0; i < docs->n; i++)
		gs_exports_done(&docs->v[i]);
	free(docs->v);
	*docs = (struct gs_docs){ 0 };
}

size_t gs_docs_at(const struct gs_files *files, size_t i)
{
	size_t before = 0;

	while (before + 1 < files->n && strcmp(files->v[before + 1].path, files->v[0].path) < 0)
		before++;
	if (i < before)
		return i + 1;
	return i == before ? 0 : i;
}
