/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_leader_status.h"

#include "cmd/output/emit.h"
#include "cmd/output/json.h"
#include "cmd/output/result.h"
#include "core/report/report.h"

struct result {
	struct gs_result head;
	const struct gs_leader_status *status;
};

static const struct gs_leader_status *status_of(const struct gs_result *result)
{
	return ((const struct result *)result)->status;
}

static const struct gs_findings *findings_of(const struct gs_result *result)
{
	return &status_of(result)->findings;
}

static int add_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err)
{
	(void)call, (void)err;
	gs_report_status(status_of(result), out);
	return 0;
}

static json_t *client_of(const struct gs_nfs_client *client)
{
	json_t *object = json_object(), *writing = json_array();
	gs_autofree char *version = gs_printf("4.%u", client->minor);

	for (size_t i = 0; i < client->writing.names.n; i++)
		json_array_append_new(writing, gs_output_text_or_null(client->writing.names.v[i]));
	json_object_set_new(object, "address", gs_output_text_or_null(client->addr));
	json_object_set_new(object, "name", gs_output_text_or_null(client->host));
	json_object_set_new(object, "version", json_string(version));
	json_object_set_new(object, "renewed_s",
			    client->has_renewed ? json_integer((json_int_t)client->renewed_s)
						: json_null());
	json_object_set_new(object, "open_for_write", writing);
	json_object_set_new(object, "open_files",
			    client->is_read ? json_integer((json_int_t)client->writing.n)
					    : json_null());
	return object;
}

static json_t *access_of(bool has, enum gs_access access)
{
	return has ? json_string(gs_access_name(access)) : json_null();
}

static json_t *follower_of(const struct gs_leader_status *status,
			   const struct gs_follower_status *follower)
{
	const struct gs_status_facts *facts = &status->facts;
	bool is_known = facts->clients_known && (follower->n || !facts->clients_unread);
	json_t *object = json_object(), *clients = is_known ? json_array() : json_null();

	for (size_t i = 0; is_known && i < follower->n; i++)
		json_array_append_new(clients, client_of(&facts->clients.v[follower->client[i]]));
	json_object_set_new(object, "host", gs_output_text_or_null(follower->host.text));
	json_object_set_new(object, "configured",
			    access_of(follower->configured, follower->configured_access));
	json_object_set_new(object, "active", access_of(follower->active, follower->active_access));
	json_object_set_new(object, "clients", clients);
	json_object_set_new(object, "firewall", json_string(gs_gate_name(follower->gate)));
	return object;
}

json_t *gs_output_shares(const struct gs_leader_status *status)
{
	json_t *shares = json_array();

	for (size_t i = 0; i < status->n; i++) {
		const struct gs_share_status *share = &status->share[i];
		json_t *object = json_object(), *followers = json_array();

		for (size_t k = 0; k < share->n; k++)
			json_array_append_new(followers, follower_of(status, &share->follower[k]));
		json_object_set_new(object, "path", gs_output_text_or_null(share->path));
		json_object_set_new(object, "healthy", json_boolean(share->healthy));
		json_object_set_new(object, "followers", followers);
		json_array_append_new(shares, object);
	}
	return shares;
}

static void add_json(const struct gs_result *result, json_t *object)
{
	json_object_set_new(object, "shares", gs_output_shares(status_of(result)));
}

int gs_emit_leader_status(const struct gs_call *call, const struct gs_leader_status *status,
			  struct gs_err *err)
{
	static const struct gs_result_ops ops = {
		.findings = findings_of,
		.text = add_text,
		.json = add_json,
	};
	const struct result result = { .head = { .ops = &ops, .is_many = status->n > 1 },
				       .status = status };

	return gs_emit(call, &result.head, err);
}
