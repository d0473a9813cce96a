/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/again.h"

#include <string.h>

#include "base/command.h"
#include "core/leader/top_facts.h"

static const char *verb_of(const struct gs_leader_req *req)
{
	static const char *const name[] = {
		[GS_LEADER_INIT] = "init",     [GS_LEADER_ADD] = "add",
		[GS_LEADER_REMOVE] = "remove", [GS_LEADER_DESTROY] = "destroy",
		[GS_LEADER_REPAIR] = "repair",
	};

	if (req->verb == GS_LEADER_SWITCH)
		return req->access == GS_ACCESS_RO ? "ro" : "rw";
	return name[req->verb];
}

static void add_init(const struct gs_leader_req *req, const char *path, struct gs_str *out)
{
	struct gs_typed typed = { 0 };

	gs_typed_of(req, &typed);
	gs_command(out, path);
	gs_typed_add(&typed, out);
	gs_strs_done(&typed.words);
}

static void add_hosts(const struct gs_leader_req *req, struct gs_str *out)
{
	for (size_t i = 0; i < req->n_specs; i++) {
		const struct gs_client_spec *spec = &req->spec[i];

		if (req->verb == GS_LEADER_ADD && spec->access_given)
			gs_command_wordf(out, "%s:%s", spec->host.text,
					 gs_access_name(spec->access));
		else
			gs_command(out, spec->host.text);
	}
}

void gs_leader_again(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		     const char *option, struct gs_str *out)
{
	const char *file = req->exports_file;

	if (file && !strcmp(file, "/etc/exports"))
		file = NULL;
	gs_command(out, "sudo", "gshare", "leader", verb_of(req));
	if (req->verb == GS_LEADER_INIT) {
		add_init(req, facts->path, out);
	} else {
		add_hosts(req, out);
		gs_command(out, req->all ? "--all" : NULL, "--path", facts->path,
			   file ? "--exports-file" : NULL, file);
		if (req->drain_given)
			gs_command(out, "--drain");
		if (req->drain_given)
			gs_command_wordf(out, "%u", req->drain_s);
		gs_command(out, req->force ? "--force" : NULL);
	}
	gs_command(out, option, facts->tree ? "--root" : NULL, facts->tree);
}
