/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/plan/finding.h"
#include "core/plan/plan.h"
#include "core/share/layout.h"
#include "core/step/step.h"
#include "core/verify/errno_cause.h"
#include "engine/step/step.h"
#include "engine/step/write_test.h"

/*
 * The write test: the user that matters creates, reads back and removes a real file. Every access
 * to the share is in a child with a deadline: its server may stop responding.
 */

struct act {
	const struct gs_try *try;
	const char *verb;
};

static int refused(const struct gs_verification *verification, const char *dir, const char *verb,
		   int error, struct gs_err *err)
{
	const struct gs_errno_cause *known = gs_errno_cause_of(error);
	const char *path = verification->source ? strstr(verification->source, ":/") : NULL;
	gs_autofree char *host = NULL, *there = NULL, *who = NULL;
	gs_autostr struct gs_str fix = { 0 };

	gs_err_set(err, error ? error : EIO, "%s could not %s a file in '%s': %s",
		   verification->who, verb, dir, error ? gs_errno_text(error) : "not tried");
	gs_err_cause(err, known ? known->id : "WRITE_TEST_FAILED");
	if (path) {
		host = gs_span_dup(
			gs_span(verification->source, (size_t)(path - verification->source)));
		there = gs_printf("%s%s", path + 1, dir + strlen(verification->root));
	}
	gs_errno_fix(error, host, there ? there : dir, NULL, &fix);
	if (known)
		return gs_err_fix_text(err, &fix);
	/* There it is known whom followers are mapped to: verify names the cause and the ACL. */
	if (host)
		return gs_err_fix_on(err, host, "sudo", "gshare", "verify", path + 1);
	/* Of a directory that is not exported verify knows no owner: it is named. */
	who = gs_printf("%u:%u", verification->uid, verification->gid);
	return gs_err_fix(err, "", "sudo", "gshare", "verify", verification->root, "--as", who);
}

/* Writable: every act but chown must succeed. */
static int judge_writable(const struct gs_verification *verification, const char *dir,
			  const struct gs_access_result *result, struct gs_err *err)
{
	const struct act acts[] = {
		{ &result->create, "create" }, { &result->read, "read back" },
		{ &result->change, "change" }, { &result->rename, "rename" },
		{ &result->remove, "remove" },
	};

	if (result->timed_out) {
		gs_err_set(err, ETIMEDOUT, "'%s' timed out while a file was written there", dir);
		return gs_err_cause(err, "WRITE_TEST_TIMEOUT");
	}
	for (size_t i = 0; i < GS_COUNT(acts); i++)
		if (acts[i].try->can != GS_CAN_YES)
			return refused(verification, dir, acts[i].verb, acts[i].try->error, err);
	return 0;
}

/* One child for all of them: a node with little memory or a slow fork feels each. */
static int probe(struct gs_sys *sys, const struct gs_verification *verification,
		 const struct gs_strs *dirs, struct gs_access_result *ret, struct gs_err *err)
{
	gs_autofree struct gs_access_req *req = gs_alloc(dirs->n * sizeof *req);

	for (size_t i = 0; i < dirs->n; i++)
		req[i] = (struct gs_access_req){
			.dir = dirs->v[i],
			.uid = verification->uid,
			.gid = verification->gid,
			.deadline_ns = sys->deadline_ns,
			.ro = !verification->writable,
			.sweep = verification->writable,
		};
	return sys->ops->access->probe(sys, req, dirs->n, ret, err);
}

static int judge_file(const char *dir, const struct gs_access_result *result, struct gs_err *err)
{
	if (result->swapped) {
		gs_err_set(err, EPROTO,
			   "the test file in '%s' was replaced, linked or removed by another "
			   "process; its replacement was not read or changed",
			   dir);
		return gs_err_cause(err, "PROBE_SWAPPED");
	}
	if (!result->left[0])
		return 0;
	gs_err_set(err, EIO, "the test file '%s/%s' could not be removed", dir, result->left);
	return gs_err_cause(err, "PROBE_LEFT");
}

/* An absent directory is not tested: an export that gshare did not make need not have it. */
static bool is_absent(const struct gs_access_result *result)
{
	return result->create.can == GS_CAN_NO && result->create.error == ENOENT;
}

static int judge_dir(const struct gs_verification *verification, const char *dir,
		     const struct gs_access_result *result, struct gs_done *done,
		     struct gs_strs *ret_written, struct gs_err *err)
{
	/* The share itself by its path: its last name alone reads like a dataset directory's. */
	const char *name = strcmp(dir, verification->root) != 0 ? strrchr(dir, '/') : NULL;

	if (judge_file(dir, result, err) < 0)
		return err->code;
	if (is_absent(result))
		return 0;
	if (result->readonly_fs) {
		done->readonly = true;
		return 0;
	}
	if (!verification->writable) {
		gs_err_set(err, EPROTO,
			   "'%s' was expected to be read-only, but a file could be "
			   "created there",
			   dir);
		return gs_err_cause(err, "WRITE_TEST_FAILED");
	}
	if (judge_writable(verification, dir, result, err) < 0)
		return err->code;
	done->owner_uid = result->owner_uid;
	done->has_owner = true;
	gs_strs_add(ret_written, name ? name + 1 : dir);
	return 0;
}

static int verify_each(struct gs_sys *sys, const struct gs_verification *verification,
		       const struct gs_strs *dirs, struct gs_done *done,
		       struct gs_strs *ret_written, struct gs_err *err)
{
	gs_autofree struct gs_access_result *result = gs_alloc(dirs->n * sizeof *result);

	if (probe(sys, verification, dirs, result, err) < 0)
		return err->code;
	for (size_t i = 0; i < dirs->n; i++)
		if (judge_dir(verification, dirs->v[i], &result[i], done, ret_written, err) < 0)
			return err->code;
	return 0;
}

/* Tests the given directories, or the dataset directories that exist, or else the root itself. */
static int verify_dirs(struct gs_sys *sys, const struct gs_verification *verification,
		       struct gs_done *done, struct gs_strs *ret_written, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs usual = { 0 }, top = { 0 };

	for (size_t i = 0; gs_dataset_dirs[i]; i++) {
		gs_autofree char *dir = gs_printf("%s/%s", verification->root, gs_dataset_dirs[i]);

		gs_strs_add(&usual, dir);
	}
	gs_strs_add(&top, verification->root);
	if (verify_each(sys, verification, verification->dirs.n ? &verification->dirs : &usual,
			done, ret_written, err) < 0)
		return err->code;
	if (ret_written->n || done->readonly)
		return 0;
	return verify_each(sys, verification, &top, done, ret_written, err);
}

static int broken_id(const struct gs_verification *verification, struct gs_err *err)
{
	gs_err_cause(err, "ID_BROKEN");
	return gs_err_advise(err, "%s",
			     verification->id_fix && strlen(verification->id_fix) < GS_ERR_FIX_BYTES
				     ? verification->id_fix
				     : "");
}

/* Its mode is 0444; a directory above it, or the whole share, is shut to this user. */
static int unreadable_id(const struct gs_verification *verification, const char *path,
			 struct gs_err *err)
{
	const char *source = verification->source, *there = source ? strstr(source, ":/") : NULL;
	gs_autofree char *host = NULL, *file = NULL;

	gs_err_cause(err, "ID_UNREADABLE");
	if (!there)
		return gs_err_fix(err, "look at the modes on its path: ", "sudo", "namei", "-l",
				  path);
	host = gs_span_dup(gs_span(source, (size_t)(there - source)));
	file = gs_printf("%s/" GS_SHARE_FILE, there + 1);
	return gs_err_fix_on(err, host, "sudo", "namei", "-l", file);
}

static int verify_id(struct gs_sys *sys, const struct gs_verification *verification,
		     struct gs_err *err)
{
	gs_autofree char *path = gs_printf("%s/" GS_SHARE_FILE, verification->root);
	gs_autostr struct gs_str text = { 0 };
	char id[GS_SHARE_ID_BYTES] = { 0 };

	if (!verification->id)
		return 0;
	if (sys->ops->mount->read_bounded(sys, path, GS_SHARE_FILE_BYTES, &text, err) < 0)
		return gs_share_is_no_file(err->code) ? broken_id(verification, err)
						      : unreadable_id(verification, path, err);
	if (!gs_share_id_parse(gs_str_span(&text), id)) {
		gs_err_set(err, EBADMSG, "'%s' contains no share id", path);
		return broken_id(verification, err);
	}
	if (strcmp(id, verification->id) != 0) {
		gs_err_set(err, EPROTO, "'%s' contains share id %s, not %s", path, id,
			   verification->id);
		return gs_err_cause(err, "ID_DIFFERS");
	}
	return 0;
}

static int verify_all(struct gs_sys *sys, const struct gs_verification *verification,
		      struct gs_done *done, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs written = { 0 };
	gs_autostr struct gs_str text = { 0 }, dirs = { 0 };
	bool is_top;

	if (verify_id(sys, verification, err) < 0 ||
	    verify_dirs(sys, verification, done, &written, err) < 0)
		return err->code;
	gs_join(&written, " ", &dirs);
	is_top = written.n && !strcmp(written.v[0], verification->root);
	if (done->readonly)
		gs_str_addf(&text, "%s read the share; a write was denied: it is read-only",
			    verification->who);
	else
		gs_str_addf(&text, "%s wrote, read back and removed a file in %s%s",
			    verification->who, dirs.ptr,
			    is_top ? " itself: it has no dataset directories" : "");
	if (done->has_owner)
		gs_str_addf(&text, "; its owner was %u", done->owner_uid);
	gs_strs_add(&done->verified, text.ptr);
	return 0;
}

int gs_verify_share(struct gs_sys *sys, const struct gs_verification *verification,
		    struct gs_done *done, struct gs_err *err)
{
	struct gs_err failed = { 0 };

	if (verification->skip || verify_all(sys, verification, done, &failed) == 0)
		return 0;
	if (!verification->keep_unverified) {
		*err = failed;
		return err->code;
	}
	gs_findings_add(&done->findings, GS_FAIL, failed.id ? failed.id : "WRITE_TEST_FAILED",
			failed.fix[0] ? failed.fix : NULL, "%s", failed.msg);
	done->unverified = true;
	return 0;
}

static int run_verify(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return gs_verify_share(run->sys, &step->verification, run->done, err);
}

const struct gs_step_ops gs_step_verify = {
	.run = run_verify,
	.back = gs_step_nothing,
};
