/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/known.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/shareid.h"
#include "core/plan/model.h"

enum { RECORD_MAX_BYTES = 1 << 20 }; /* a run that makes a share writes little beside its entry */

/*
 * Only the one text is looked for: records of every kind and age have it as "new" of the step that
 * writes the file. gs_record_decode() reads all of a record, for undo.
 */
static const char *id_text(const json_t *record, const char *id_path)
{
	const json_t *step;
	size_t i;

	json_array_foreach(json_object_get(record, "steps"), i, step)
	{
		const char *path = json_string_value(json_object_get(step, "path"));

		if (path && !strcmp(path, id_path))
			return json_string_value(json_object_get(step, "new"));
	}
	return NULL;
}

static bool take(struct gs_span line, const char *id_path, char **ret_id, char **ret_uuid)
{
	json_t *record = json_loadb(line.ptr, line.len, 0, NULL);
	const char *text = id_text(record, id_path);
	struct gs_span uuid = { 0 };
	char id[GS_SHARE_ID_BYTES];
	bool found = text && gs_share_id_parse(gs_span_of(text), id);

	if (found) {
		*ret_id = gs_strdup(id);
		uuid = gs_share_id_fs(gs_span_of(text));
		*ret_uuid = uuid.len ? gs_span_dup(uuid) : NULL;
	}
	json_decref(record);
	return found;
}

static bool take_record(struct gs_sys *sys, uint32_t id, const char *id_path, char **ret_id,
			char **ret_uuid)
{
	gs_autofree char *path = gs_printf("/var/lib/gshare/%" PRIu32 ".jsonl", id);
	gs_autostr struct gs_str text = { 0 };
	struct gs_span rest, line = { 0 };
	struct gs_err unread = { 0 };
	bool exists = false;

	if (sys->ops->fs->read_file(sys, path, RECORD_MAX_BYTES, &text, &exists, &unread) < 0 ||
	    !exists)
		return false;
	rest = gs_str_span(&text);
	return gs_span_cut(&rest, '\n', &line) && take(line, id_path, ret_id, ret_uuid);
}

void gs_known_share(struct gs_sys *sys, const char *path, char **ret_id, char **ret_uuid)
{
	gs_autofree char *id_path = gs_printf("%s/" GS_SHARE_FILE, path);
	struct gs_record_files records = { 0 };
	struct gs_err unread = { 0 };

	if (sys->ops->journal->list(sys, &records, &unread) == 0)
		for (size_t i = records.n; i > 0; i--)
			if (take_record(sys, records.v[i - 1].id, id_path, ret_id, ret_uuid))
				break;
	free(records.v);
}
