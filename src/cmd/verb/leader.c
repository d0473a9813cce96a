/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/leader.h"

#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "cmd/call/confirm.h"
#include "cmd/call/install.h"
#include "cmd/call/words.h"
#include "cmd/output/output_plan.h"
#include "cmd/output/output_repair.h"
#include "cmd/output/output_switch.h"
#include "core/leader/firewall.h"
#include "core/leader/plan_leader.h"
#include "core/leader/request.h"
#include "core/plan/install.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/verify/plan_env.h"
#include "engine/observe/common.h"
#include "engine/observe/cut_off.h"
#include "engine/observe/repair.h"
#include "engine/observe/way.h"
#include "engine/run/apply.h"
#include "engine/verify/converge.h"

static void req_done(struct gs_leader_req *req)
{
	for (size_t i = 0; i < req->n_specs; i++)
		gs_hostspec_done(&req->spec[i].host);
	free(req->spec);
	gs_strs_done(&req->dirs);
}

/* "A,B", or "--follower A B": the command as it was typed, with a word for each follower. */
static int fix_hosts(const struct gs_call *call, const char *wrong, bool is_option,
		     struct gs_err *err)
{
	gs_autostr struct gs_str fix = { 0 };

	gs_command(&fix, "sudo", "gshare");
	for (size_t i = 0; i < call->typed.n; i++) {
		const char *word = call->typed.v[i], *value = strchr(word, '=');
		struct gs_span rest, host;
		bool joined = word[0] == '-' && value && !strcmp(value + 1, wrong);

		if (strcmp(word, wrong) != 0 && !joined) {
			gs_command(&fix, word);
			continue;
		}
		rest = gs_span_of(joined ? value + 1 : word);
		for (bool first = !joined; gs_span_cut(&rest, ',', &host); first = false) {
			gs_autofree char *text = gs_span_dup(host);

			gs_command(&fix,
				   is_option && (!first || !strchr(wrong, ',')) ? "--follower"
										: NULL,
				   text);
		}
	}
	return gs_err_fix_text(err, &fix);
}

static int add_specs(const struct gs_call *call, const struct gs_strs *words, bool with_access,
		     struct gs_leader_req *req, struct gs_err *err)
{
	for (size_t i = 0; i < words->n; i++) {
		struct gs_client_spec spec = { 0 };
		struct gs_span word = gs_span_of(words->v[i]);
		int r = with_access ? gs_hostspec_parse_follower(word, &spec.host, &spec.access,
								 &spec.access_given, err)
				    : gs_hostspec_parse(word, &spec.host, err);

		if (r < 0)
			return strchr(words->v[i], ',')
				       ? fix_hosts(call, words->v[i],
						   words == &call->words.opt[GS_OPT_FOLLOWER], err)
				       : r;
		gs_grow(&req->spec, req->n_specs, &req->room_specs, sizeof *req->spec);
		req->spec[req->n_specs++] = spec;
	}
	return 0;
}

static int parse_squash(const char *word, struct gs_leader_req *req, struct gs_err *err)
{
	static const struct {
		const char *word;
		enum gs_squash squash;
	} table[] = { { "all", GS_SQUASH_ALL },
		      { "root", GS_SQUASH_ROOT },
		      { "none", GS_SQUASH_NONE } };

	for (size_t i = 0; word && i < GS_COUNT(table); i++) {
		if (strcmp(word, table[i].word))
			continue;
		req->squash = table[i].squash;
		req->squash_given = true;
		return 0;
	}
	return word ? gs_err_set(err, GS_E_USAGE, "--squash must be all, root or none, not '%s'",
				 word)
		    : 0;
}

static int parse_subtree(const struct gs_words *words, struct gs_leader_req *req,
			 struct gs_err *err)
{
	bool check = gs_words_has(words, GS_OPT_SUBTREE_CHECK);
	bool no_check = gs_words_has(words, GS_OPT_NO_SUBTREE_CHECK);

	if (check && no_check)
		return gs_err_set(err, GS_E_USAGE,
				  "--subtree-check and --no-subtree-check cannot be used together");
	req->subtree = check	  ? GS_SUBTREE_CHECK
		       : no_check ? GS_SUBTREE_NO_CHECK
				  : GS_SUBTREE_UNSAID;
	return 0;
}

/* Names of directories in the share: one component each, and not "..". */
static int parse_dirs(const struct gs_strs *words, struct gs_leader_req *req, struct gs_err *err)
{
	for (size_t i = 0; i < words->n; i++) {
		const char *name = words->v[i];

		if (!name[0] || strchr(name, '/') || name[0] == '.' || strlen(name) > 255)
			return gs_err_set(
				err, GS_E_USAGE,
				"--dir must be a name without '/' and without a leading dot, not "
				"'%s'",
				name);
		gs_strs_add(&req->dirs, name);
	}
	return 0;
}

/* The file must be one that exportfs reads: exportfs(8) FILES. */
static int parse_exports_file(const char *word, struct gs_leader_req *req, struct gs_err *err)
{
	static const char dir[] = "/etc/exports.d/";
	size_t n = word ? strlen(word) : 0;

	req->exports_file = word ? word : "/etc/exports";
	if (!word || !strcmp(word, "/etc/exports"))
		return 0;
	if (!strncmp(word, dir, sizeof dir - 1) && !strchr(word + sizeof dir - 1, '/') &&
	    word[sizeof dir - 1] != '.' && n > sizeof dir + 7 && !strcmp(word + n - 8, ".exports"))
		return 0;
	gs_err_set(err, GS_E_USAGE, "'%s' is not a file that exportfs reads", word);
	return gs_err_advise(err, "use /etc/exports or /etc/exports.d/NAME.exports");
}

/* A name may also be a relative path: it is none where other hosts are given, too. */
static bool is_host(const char *word, bool may_be_name)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	enum gs_access access;
	struct gs_err odd = { 0 };
	bool given;

	if (gs_hostspec_parse_follower(gs_span_of(word), &host, &access, &given, &odd) < 0)
		return false;
	return may_be_name || host.kind == GS_HOST_ADDR || host.kind == GS_HOST_NET;
}

static int parse_path(const struct gs_call *call, bool positional, struct gs_leader_req *req,
		      struct gs_err *err)
{
	const struct gs_strs *pos = &call->words.pos;

	req->path = gs_words_get(&call->words, GS_OPT_PATH);
	if (gs_words_absolute(call, NULL, req->path, err) < 0)
		return err->code;
	if (!positional || !pos->n)
		return 0;
	if (is_host(pos->v[0], gs_words_has(&call->words, GS_OPT_FOLLOWER))) {
		gs_err_set(err, GS_E_USAGE,
			   "'%s' is not a path, and each follower needs --follower", pos->v[0]);
		return fix_hosts(call, pos->v[0], true, err);
	}
	if (gs_words_absolute(call, NULL, pos->v[0], err) < 0)
		return err->code;
	if (pos->n > 1)
		return gs_err_set(err, GS_E_USAGE,
				  "only one PATH is accepted: unexpected argument '%s'", pos->v[1]);
	if (req->path && strcmp(req->path, pos->v[0]) != 0)
		return gs_err_set(err, GS_E_USAGE, "'%s' and --path '%s' are different paths",
				  pos->v[0], req->path);
	req->path = pos->v[0];
	return 0;
}

/* leader ro and rw: the hosts that are named, --all, or the only one. */
static int parse_switch(const struct gs_call *call, struct gs_leader_req *req, struct gs_err *err)
{
	req->all = gs_words_has(&call->words, GS_OPT_ALL);
	if (req->all && call->words.pos.n)
		return gs_err_set(err, GS_E_USAGE, "--all and '%s' cannot be used together",
				  call->words.pos.v[0]);
	for (size_t i = 0; i < req->n_specs; i++) {
		req->spec[i].access = req->access;
		req->spec[i].access_given = true;
	}
	return 0;
}

static int parse(const struct gs_call *call, enum gs_leader_verb verb, struct gs_leader_req *req,
		 struct gs_err *err)
{
	const struct gs_words *words = &call->words;
	bool is_init = verb == GS_LEADER_INIT;

	req->verb = verb;
	req->owner = gs_words_get(words, GS_OPT_OWNER);
	req->allow_wide = gs_words_has(words, GS_OPT_ALLOW_WIDE);
	req->new_id = gs_words_has(words, GS_OPT_NEW_ID);
	req->no_firewall = gs_words_has(words, GS_OPT_NO_FIREWALL);
	req->firewall = gs_words_get(words, GS_OPT_FIREWALL);
	req->firewall_first = gs_words_has(words, GS_OPT_FIREWALL_FIRST);
	req->crossmnt = gs_words_has(words, GS_OPT_CROSSMNT);
	if ((verb == GS_LEADER_DESTROY || verb == GS_LEADER_REPAIR) && words->pos.n) {
		gs_err_set(err, GS_E_USAGE, "unexpected argument '%s'", words->pos.v[0]);
		return gs_err_fix(err, "specify the share as an option: ", "sudo", "gshare",
				  "leader", verb == GS_LEADER_DESTROY ? "destroy" : "repair",
				  "--path", words->pos.v[0]);
	}
	if ((verb == GS_LEADER_ADD || verb == GS_LEADER_REMOVE) && !words->pos.n) {
		gs_err_set(err, GS_E_USAGE, "'%s' needs a HOST", call->name);
		return gs_err_advise(err, "gshare %s --help", call->name);
	}
	if (parse_path(call, is_init, req, err) < 0 ||
	    parse_exports_file(gs_words_get(words, GS_OPT_EXPORTS_FILE), req, err) < 0 ||
	    parse_squash(gs_words_get(words, GS_OPT_SQUASH), req, err) < 0 ||
	    parse_subtree(words, req, err) < 0 ||
	    parse_dirs(&words->opt[GS_OPT_DIR], req, err) < 0 ||
	    gs_call_drain(call, &req->drain_s, &req->force, err) < 0 ||
	    add_specs(call, is_init ? &words->opt[GS_OPT_FOLLOWER] : &words->pos,
		      gs_leader_gives(verb), req, err) < 0)
		return err->code;
	req->drain_given = gs_words_has(words, GS_OPT_DRAIN);
	return verb == GS_LEADER_SWITCH ? parse_switch(call, req, err) : 0;
}

static int confirm(const struct gs_call *call, const struct gs_leader_req *req, struct gs_err *err)
{
	if (req->squash_given && req->squash == GS_SQUASH_NONE &&
	    gs_confirm(call,
		       "--squash none gives root of every follower root's access to the "
		       "share",
		       err) < 0)
		return err->code;
	if (req->allow_wide)
		return gs_confirm(call, "--allow-wide opens the share to more than a few hosts",
				  err);
	return 0;
}

/* Asks once the plan has what is unexported; the time that the answer takes does not count. */
static int confirm_plan(const struct gs_call *call, const struct gs_leader_req *req,
			const struct gs_plan *plan, const struct gs_strs *live, struct gs_sys *sys,
			struct gs_err *err)
{
	gs_autostr struct gs_str question = { 0 };
	size_t followers = 0;

	if (req->verb != GS_LEADER_DESTROY || !plan->n)
		return 0;
	for (size_t i = 0; i < plan->exports.n; i++)
		followers += plan->exports.predict[i].gone;
	gs_str_addf(&question, "destroy unexports '%s' from %zu follower%s%s", req->path, followers,
		    followers == 1 ? "" : "s", live->n ? ", of which are connected: " : "");
	gs_join(live, ", ", &question);
	gs_str_adds(&question, "; its data is kept");
	if (gs_confirm(call, question.ptr, err) < 0)
		return err->code;
	gs_sys_extend(sys, call->timeout_ms);
	return 0;
}

static int emit(const struct gs_call *call, const struct gs_sys *sys,
		const struct gs_leader_facts *facts, const struct gs_plan *plan,
		const struct gs_done *done, enum gs_leader_verb verb, struct gs_err *err)
{
	const struct gs_env env = {
		.is_leader = true,
		.dataset_dir = facts->path,
		.postgres_host = "postgres",
	};
	const struct gs_change change = {
		.fs = &facts->fs,
		.plan = plan,
		.done = done,
		.env = done && plan->n && !sys->offline && verb == GS_LEADER_INIT ? &env : NULL,
		.offline = sys->offline,
	};

	if (verb == GS_LEADER_SWITCH)
		return gs_emit_switch(call, facts->path, &change, err);
	return gs_emit_plan(call, facts->path, &change, err);
}

/* @timeout_s: of what has to be installed first */
static int look(struct gs_sys *sys, const struct gs_leader_req *req, unsigned timeout_s,
		struct gs_leader_facts *facts, struct gs_plan *plan, struct gs_err *err)
{
	if (gs_observe_leader(sys, req, NULL, facts, err) < 0 ||
	    gs_plan_leader(req, facts, plan, err) < 0)
		return err->code;
	if (facts->installs)
		gs_plan_install(plan, &(struct gs_install){ facts->server.manager, GS_ROLE_LEADER,
							    timeout_s });
	return gs_ways_check(sys, plan, err);
}

/* What it brings is looked at before the rest is planned. */
static int install(struct gs_call *call, struct gs_sys *sys, const struct gs_leader_req *req,
		   struct gs_leader_facts *facts, struct gs_plan *plan, struct gs_err *err)
{
	GS_AUTO(gs_plan_done) struct gs_plan first = *plan;
	const struct gs_step *step = gs_plan_find(&first, GS_STEP_INSTALL);

	*plan = (struct gs_plan){ 0 };
	if (gs_call_run_install(call, &first, sys, err) < 0)
		return err->code;
	gs_leader_facts_done(facts);
	if (look(sys, req, step->install.timeout_s, facts, plan, err) < 0)
		return err->code;
	gs_plan_install(plan, &step->install);
	return 0;
}

static int run(struct gs_call *call, enum gs_leader_verb verb, enum gs_access access,
	       struct gs_err *err)
{
	GS_AUTO(req_done) struct gs_leader_req req = { .access = access };
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_leader_facts_done) struct gs_leader_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs live = { 0 };
	unsigned install_s = 0;

	if (parse(call, verb, &req, err) < 0 ||
	    gs_call_install(call, &req.no_install, &install_s, err) < 0 ||
	    confirm(call, &req, err) < 0 || gs_call_begin(call, !call->dry_run, &sys, err) < 0)
		return err->code;
	req.caller = call->caller.number;
	if (look(&sys, &req, install_s, &facts, &plan, err) < 0 ||
	    gs_leader_check_firewall(&req, &facts, err) < 0 ||
	    gs_observe_cut_off(&sys, &facts.names, &plan, &live, err) < 0)
		return err->code;
	if (call->dry_run) {
		gs_plan_tell_anew(&plan);
		return emit(call, &sys, &facts, &plan, NULL, verb, err);
	}
	if (facts.installs && install(call, &sys, &req, &facts, &plan, err) < 0)
		return err->code;
	/* gs_verify_leader() finds the share by this path, also when no export has it any more. */
	req.path = facts.path;
	if (confirm_plan(call, &req, &plan, &live, &sys, err) < 0)
		return err->code;
	gs_call_extend(call, &plan, &sys);
	if (gs_apply(&sys, &plan, &done, err) < 0)
		return err->code;
	/* The share has its new id: planned again, nothing must be left to do. */
	req.new_id = false;
	if (gs_verify_leader(&sys, &req, &plan, &done, err) < 0)
		return err->code;
	return emit(call, &sys, &facts, &plan, &done, verb, err);
}

int gs_cmd_leader_init(struct gs_call *call, struct gs_err *err)
{
	return run(call, GS_LEADER_INIT, GS_ACCESS_RW, err);
}

int gs_cmd_leader_add(struct gs_call *call, struct gs_err *err)
{
	return run(call, GS_LEADER_ADD, GS_ACCESS_RW, err);
}

int gs_cmd_leader_remove(struct gs_call *call, struct gs_err *err)
{
	return run(call, GS_LEADER_REMOVE, GS_ACCESS_RW, err);
}

int gs_cmd_leader_destroy(struct gs_call *call, struct gs_err *err)
{
	return run(call, GS_LEADER_DESTROY, GS_ACCESS_RW, err);
}

int gs_cmd_leader_ro(struct gs_call *call, struct gs_err *err)
{
	return run(call, GS_LEADER_SWITCH, GS_ACCESS_RO, err);
}

int gs_cmd_leader_rw(struct gs_call *call, struct gs_err *err)
{
	return run(call, GS_LEADER_SWITCH, GS_ACCESS_RW, err);
}

/* The caller does not matter: repair gives rights to the owner that the share names. */
int gs_cmd_leader_repair(struct gs_call *call, struct gs_err *err)
{
	GS_AUTO(req_done) struct gs_leader_req req = { 0 };
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_repair_facts_done) struct gs_repair_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	struct gs_change change = { .plan = &plan, .fs = &facts.fs };

	if (parse(call, GS_LEADER_REPAIR, &req, err) < 0 ||
	    gs_call_begin(call, !call->dry_run, &sys, err) < 0 ||
	    gs_observe_repair(&sys, &req, &facts, err) < 0 ||
	    gs_plan_repair(&facts, call->dry_run, &plan, err) < 0)
		return err->code;
	if (call->dry_run)
		return gs_emit_repair(call, facts.path, &change, &facts.found, err);
	if (gs_apply(&sys, &plan, &done, err) < 0 ||
	    gs_verify_repair(&sys, &req, &plan, &done, err) < 0)
		return err->code;
	change.done = &done;
	return gs_emit_repair(call, facts.path, &change, plan.n ? &done.repair : &facts.found, err);
}
