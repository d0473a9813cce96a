/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/boot/show.h"

#include "base/types.h"

static bool is_one_of(struct gs_span value, const char *const *words)
{
	for (; *words; words++)
		if (gs_span_is_text(value, *words))
			return true;
	return false;
}

static bool is_running(struct gs_span state)
{
	static const char *const words[] = { "active", "activating", "reloading", NULL };

	return is_one_of(state, words);
}

/* What systemctl says of a unit: one line a property, an empty line between units. */
struct said {
	struct gs_span id, active, result, when;
};

static void take_line(struct gs_span line, struct said *said)
{
	const struct {
		const char *name;
		struct gs_span *value;
	} known[] = {
		{ "Id", &said->id },
		{ "ActiveState", &said->active },
		{ "ConditionResult", &said->result },
		{ "ConditionTimestampMonotonic", &said->when },
	};
	struct gs_span value = line, name;

	gs_span_cut(&value, '=', &name);
	for (size_t i = 0; i < GS_COUNT(known); i++)
		if (gs_span_is_text(name, known[i].name))
			*known[i].value = gs_span_trim(value);
}

bool gs_show_next(struct gs_span *rest, struct gs_shown *ret)
{
	struct said said = { 0 };
	struct gs_span line;

	while (gs_span_cut(rest, '\n', &line)) {
		if (line.len)
			take_line(line, &said);
		else if (said.id.len)
			break;
	}
	if (!said.id.len)
		return false;
	*ret = (struct gs_shown){
		.id = said.id,
		.is_active = is_running(said.active),
	};
	/* Without a time no start was tried: ConditionResult is "no" then, too. */
	ret->is_skipped = !ret->is_active && gs_span_is_text(said.result, "no") && said.when.len &&
			  !gs_span_is_text(said.when, "0");
	return true;
}
