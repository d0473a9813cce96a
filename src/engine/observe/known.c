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
 * Only the one step is looked for: records of every kind and age have the text as "new" of the step
 * that writes the file, and null where it is removed. gs_record_decode() reads all of a record, for
 * undo. NULL: the run did nothing to the file.
 */
static const json_t *find_step(const json_t *record, const char *id_path)
{
	const json_t *step;
	size_t i;

	json_array_foreach(json_object_get(record, "steps"), i, step)
	{
		const char *path = json_string_value(json_object_get(step, "path"));

		if (path && !strcmp(path, id_path))
			return step;
	}
	return NULL;
}

static void take(const json_t *step, char **ret_id, char **ret_uuid)
{
	const char *text = json_string_value(json_object_get(step, "new"));
	struct gs_span uuid;
	char id[GS_SHARE_ID_BYTES];

	if (!text || !gs_share_id_parse(gs_span_of(text), id))
		return;
	*ret_id = gs_strdup(id);
	uuid = gs_share_id_fs(gs_span_of(text));
	*ret_uuid = uuid.len ? gs_span_dup(uuid) : NULL;
}

/* The first line is the run, the last one how it ended: what was rolled back does not count. */
static bool is_done(struct gs_span end)
{
	return gs_span_has_prefix(end, "{\"end\":\"DONE\"");
}

/* The run of that number, if it is done and its record names this; NULL: it is not, or is too long.
 */
static json_t *load(struct gs_sys *sys, uint32_t id, const char *names)
{
	gs_autofree char *path = gs_printf("/var/lib/gshare/%" PRIu32 ".jsonl", id);
	gs_autostr struct gs_str text = { 0 };
	struct gs_span rest, line = { 0 };
	struct gs_err unread = { 0 };
	bool exists = false;

	if (sys->ops->fs->read_file(sys, path, RECORD_MAX_BYTES, &text, &exists, &unread) < 0 ||
	    !exists)
		return NULL;
	rest = gs_str_span(&text);
	/* Most runs write no such file: that is seen faster than a record is parsed. */
	if (!memmem(rest.ptr, rest.len, names, strlen(names)) || !gs_span_cut(&rest, '\n', &line) ||
	    !rest.ptr || !is_done(rest))
		return NULL;
	return json_loadb(line.ptr, line.len, 0, NULL);
}

/* Returns whether this run decides. */
static bool take_record(struct gs_sys *sys, uint32_t id, const char *id_path, char **ret_id,
			char **ret_uuid)
{
	json_t *record = load(sys, id, GS_SHARE_FILE);
	const json_t *step = find_step(record, id_path);

	if (step)
		take(step, ret_id, ret_uuid);
	json_decref(record);
	return step;
}

static bool is_exports(const char *path)
{
	static const char dir[] = "/etc/exports.d/";

	return !strcmp(path, "/etc/exports") || !strncmp(path, dir, sizeof dir - 1);
}

/* Returns whether this run wrote an exports file. */
static bool take_exports(struct gs_sys *sys, uint32_t id, struct gs_str *ret)
{
	json_t *record = load(sys, id, "/etc/exports");
	const json_t *step;
	bool found = false;
	size_t i;

	json_array_foreach(json_object_get(record, "steps"), i, step)
	{
		const char *path = json_string_value(json_object_get(step, "path"));
		const char *text = json_string_value(json_object_get(step, "new"));

		if (!path || !text || !is_exports(path))
			continue;
		gs_str_adds(ret, text);
		found = true;
	}
	json_decref(record);
	return found;
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

void gs_known_exports(struct gs_sys *sys, struct gs_str *ret)
{
	struct gs_record_files records = { 0 };
	struct gs_err unread = { 0 };

	if (sys->ops->journal->list(sys, &records, &unread) == 0)
		for (size_t i = records.n; i > 0; i--)
			if (take_exports(sys, records.v[i - 1].id, ret))
				break;
	free(records.v);
}
