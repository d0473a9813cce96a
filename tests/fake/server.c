/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <errno.h>
#include <string.h>

#include "core/exports/exports.h"

static int look_server(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err)
{
	if (fake_step(sys, "server", err) < 0)
		return err->code;
	*ret = fake_of(sys)->server;
	return 0;
}

static int serving(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err)
{
	struct gs_server server = { 0 };

	if (look_server(sys, &server, err) < 0)
		return err->code;
	server.enabled = false; /* it is not asked */
	*ret = server;
	return 0;
}

/* exportfs as it should be: every entry of every file, with its options as they are written. */
static void export_files(const struct gs_files *files, struct gs_str *out)
{
	for (size_t i = 0; i < files->n; i++) {
		GS_AUTO(gs_exports_done) struct gs_exports doc = { 0 };
		struct gs_err bad = { 0 };

		if (!files->v[i].exists || strncmp(files->v[i].path, "/etc/exports", 12) != 0 ||
		    gs_exports_parse(gs_str_span(&files->v[i].text), &doc, &bad) < 0)
			continue;
		for (size_t k = 0; k < doc.n; k++) {
			struct gs_span options = gs_exports_options(&doc, &doc.entry[k]);

			gs_str_addf(out, "%s\t%s(%.*s)\n", doc.entry[k].path,
				    doc.entry[k].host.text, (int)options.len, options.ptr);
		}
	}
}

static int active_exports(struct gs_sys *sys, struct gs_str *ret_etab, struct gs_err *err)
{
	if (fake_step(sys, "active_exports", err) < 0)
		return err->code;
	gs_str_add(ret_etab, gs_str_span(&fake_of(sys)->etab));
	return 0;
}

static int held_exports(struct gs_sys *sys, struct gs_str *ret, struct gs_err *err)
{
	(void)ret;
	return fake_step(sys, "held_exports", err);
}

static int check_exports(struct gs_sys *sys, const struct gs_files *candidates,
			 struct gs_span hosts, struct gs_str *ret_etab, struct gs_str *ret_output,
			 struct gs_err *err)
{
	(void)hosts;
	(void)ret_output;
	if (fake_step(sys, "check_exports", err) < 0)
		return err->code;
	export_files(candidates, ret_etab);
	return 0;
}

static int room_for_etab(struct gs_sys *sys, size_t bytes, unsigned files, struct gs_err *err)
{
	(void)bytes;
	fake_of(sys)->room_files = files;
	return fake_step(sys, "room_for_etab", err);
}

static void refresh_etab(struct fake *fake)
{
	if (fake->lies)
		return;
	gs_str_done(&fake->etab);
	if (fake->server.threads)
		export_files(&fake->files, &fake->etab);
}

static int apply_exports(struct gs_sys *sys, size_t bytes, struct gs_str *ret_output,
			 struct gs_err *err)
{
	(void)ret_output;
	fake_of(sys)->etab_bytes = bytes;
	if (fake_change(sys, "apply_exports", err) < 0)
		return err->code;
	fake_of(sys)->flushes++;
	refresh_etab(fake_of(sys));
	return 0;
}

static int start_server(struct gs_sys *sys, struct gs_err *err)
{
	struct gs_server *server = &fake_of(sys)->server;

	if (fake_change(sys, "start_server", err) < 0)
		return err->code;
	server->threads = 8;
	server->mountd = server->enabled = true;
	refresh_etab(fake_of(sys));
	return 0;
}

static int stop_server(struct gs_sys *sys, bool was_running, bool was_enabled, struct gs_err *err)
{
	struct gs_server *server = &fake_of(sys)->server;

	if (fake_change(sys, "stop_server", err) < 0)
		return err->code;
	server->enabled = was_enabled;
	if (!was_running) {
		server->threads = 0;
		server->mountd = false;
		gs_str_done(&fake_of(sys)->etab);
	}
	return 0;
}

#define CLIENT_INFO                                                                                \
	"address: \"192.168.18.8:839\"\nstatus: confirmed\nname: \"Linux NFSv4.2 gpu-1\"\n"        \
	"minor version: 2\n"
#define CLIENT_STATE                                                                               \
	"- 0x000000013125036bc1ac63f416000000: { type: open, access: -w, deny: --, superblock: "   \
	"\"62:00:1\", filename: \"%s\", owner: \"open id:\" }\n"

/* One client, which has the file "writes" open in the time that was asked for. */
static int clients(struct gs_sys *sys, const struct gs_client_sink *sink, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);
	gs_autofree char *state = fake->writes ? gs_printf(CLIENT_STATE, fake->writes) : NULL;
	bool wanted;

	if (fake_step(sys, "clients", err) < 0)
		return err->code;
	wanted = sink->info(sink->arg, gs_span_of(CLIENT_INFO));
	fake->looks++;
	if (fake->unread && fake->looks >= fake->unread) {
		gs_err_set(err, fake->unread_error, "the list of clients was made to fail");
		return fake->unread_error == ETIMEDOUT ? gs_err_cause(err, "CLIENTS_SLOW")
						       : err->code;
	}
	if (state && wanted &&
	    (fake->now_ns < fake->writes_until_ns || (fake->races && fake->looks > 1)))
		sink->states(sink->arg, 0, gs_span_of(state));
	if (wanted)
		sink->states(sink->arg, 0, gs_span(NULL, 0));
	return 0;
}

const struct gs_nfsd_ops fake_server = {
	.look = look_server,
	.serving = serving,
	.active_exports = active_exports,
	.held_exports = held_exports,
	.check_exports = check_exports,
	.room_for_etab = room_for_etab,
	.apply_exports = apply_exports,
	.start = start_server,
	.stop = stop_server,
	.clients = clients,
};
