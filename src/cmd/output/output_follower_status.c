/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_follower_status.h"

#include "cmd/output/emit.h"
#include "cmd/output/json.h"
#include "cmd/output/result.h"
#include "core/format/fstab.h"
#include "core/fskind/nfs.h"
#include "core/fskind/nfs_options.h"
#include "core/fskind/nfs_profile.h"
#include "core/report/report_follower.h"

struct result {
	struct gs_result head;
	const struct gs_health *health;
};

static const struct gs_health *health_of(const struct gs_result *result)
{
	return ((const struct result *)result)->health;
}

static const struct gs_findings *findings_of(const struct gs_result *result)
{
	return &health_of(result)->findings;
}

static int add_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err)
{
	(void)call, (void)err;
	gs_health_report(health_of(result), out);
	return 0;
}

/* The options that somebody has chosen, one a string. */
static json_t *options_of(const char *options)
{
	gs_autostr struct gs_str tuned = { 0 };
	json_t *list = json_array();
	struct gs_span rest, option;

	gs_nfs_options_tuned(options, &tuned);
	rest = gs_str_span(&tuned);
	while (gs_mountopt_next(&rest, &option))
		json_array_append_new(list, gs_output_text(option));
	return list;
}

static json_t *ordered_of(const struct gs_boot *boot)
{
	json_t *list = json_array();

	for (size_t i = 0; i < boot->ordered.n; i++)
		json_array_append_new(list, gs_output_text(gs_span_of(boot->ordered.v[i])));
	return list;
}

/* An unknown value is null. */
json_t *gs_output_mount(const struct gs_health *h)
{
	const struct gs_mountstats *s = &h->stats;
	json_t *object = json_object();
	struct gs_span version = { 0 };
	struct gs_transfer transfer = { 0 };
	bool has_version = h->is_nfs && gs_mountopt_get(h->mount.options, "vers", &version);

	json_object_set_new(object, "mounted", json_boolean(h->is_mounted));
	json_object_set_new(object, "automount", json_boolean(h->is_trigger));
	json_object_set_new(object, "source", gs_output_text_or_null(h->mount.source));
	json_object_set_new(object, "type", gs_output_text_or_null(h->mount.type));
	json_object_set_new(object, "version", has_version ? gs_output_text(version) : json_null());
	json_object_set_new(object, "access",
			    h->is_mounted ? json_string(gs_health_is_ro(h) ? "ro" : "rw")
					  : json_null());
	json_object_set_new(object, "configured",
			    h->is_kept ? json_string(h->asked_ro ? "ro" : "rw") : json_null());
	json_object_set_new(object, "in_fstab", json_boolean(h->is_kept));
	json_object_set_new(object, "unit",
			    gs_output_text_or_null(h->boot.systemd ? h->boot.unit : NULL));
	json_object_set_new(object, "watched",
			    h->boot.systemd && !h->boot.unasked ? json_boolean(h->boot.is_active)
								: json_null());
	json_object_set_new(object, "ordered", ordered_of(&h->boot));
	json_object_set_new(object, "fstab_id", h->kept[0] ? json_string(h->kept) : json_null());
	json_object_set_new(object, "guarded",
			    h->bare.type != GS_INODE_ABSENT ? json_boolean(h->bare.is_guarded)
							    : json_null());
	json_object_set_new(object, "guard_unseen",
			    gs_output_text_or_null(h->unseen.code ? h->unseen.msg : NULL));
	json_object_set_new(object, "read_ahead_kib",
			    h->ahead_kib ? json_integer(h->ahead_kib) : json_null());
	json_object_set_new(object, "server", json_string(gs_answer_name(h->reached)));
	json_object_set_new(object, "state", json_string(gs_mount_state_name(h->says)));
	json_object_set_new(object, "rtt_us",
			    h->reached == GS_ANSWER_YES ? json_integer(h->rtt_us) : json_null());
	json_object_set_new(object, "connections",
			    h->has_stats ? json_integer(s->connections) : json_null());
	json_object_set_new(object, "reconnects",
			    h->has_stats ? json_integer((json_int_t)s->reconnects) : json_null());
	gs_mountpoint_transfer(h->is_nfs ? h->mount.options : "", h->asked, &transfer);
	json_object_set_new(object, "configured_connections",
			    gs_output_number_or_null(transfer.asked_connections));
	json_object_set_new(object, "profile",
			    h->is_kept ? json_string(gs_nfs_profile_of(h->asked)->name)
				       : json_null());
	json_object_set_new(object, "configured_options",
			    h->is_kept ? options_of(h->asked) : json_null());
	json_object_set_new(object, "active_options",
			    h->is_nfs ? options_of(h->mount.options) : json_null());
	json_object_set_new(object, "rsize", gs_output_number_or_null(transfer.rsize));
	json_object_set_new(object, "wsize", gs_output_number_or_null(transfer.wsize));
	json_object_set_new(object, "requests",
			    h->has_stats ? json_integer((json_int_t)s->requests) : json_null());
	json_object_set_new(object, "retransmitted",
			    h->has_stats ? json_integer((json_int_t)s->retransmitted)
					 : json_null());
	json_object_set_new(object, "timeouts",
			    h->has_stats ? json_integer((json_int_t)s->timeouts) : json_null());
	return object;
}

static void add_json(const struct gs_result *result, json_t *object)
{
	json_object_set_new(object, "mount", gs_output_mount(health_of(result)));
}

int gs_emit_follower_status(const struct gs_call *call, const struct gs_health *health,
			    struct gs_err *err)
{
	static const struct gs_result_ops ops = {
		.findings = findings_of,
		.text = add_text,
		.json_early = add_json,
	};
	const struct result result = {
		.head = { .ops = &ops,
			  .path = health->path,
			  .id = health->id[0] ? health->id : NULL },
		.health = health,
	};

	return gs_emit(call, &result.head, err);
}
