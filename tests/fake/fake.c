/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <errno.h>
#include <string.h>

int fake_step(struct gs_sys *sys, const char *what, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);

	fake->calls++;
	if (fake->odd_from && !strcmp(fake->odd_from, what))
		fake->odd_from = NULL;
	if (fake->fail_at &&
	    (fake->calls == fake->fail_at || (fake->fail_on && fake->calls > fake->fail_at)))
		return gs_err_set(err, EIO, "call %u: %s was made to fail", fake->calls, what);
	return 0;
}

int fake_change(struct gs_sys *sys, const char *what, struct gs_err *err)
{
	int r = fake_step(sys, what, err);

	fake_of(sys)->changes += r == 0;
	return r;
}

static bool is_record(const char *path)
{
	return !strncmp(path, "/var/lib/gshare/", 16);
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* In the order of their paths: one that is made again may be another one's neighbour. */
static void add_dirs(const struct fake *fake, struct gs_str *out)
{
	const struct gs_path_inode *last = NULL, *next;

	for (size_t n = 0; n < fake->dirs.n; n++, last = next) {
		next = NULL;
		for (size_t i = 0; i < fake->dirs.n; i++) {
			const struct gs_path_inode *dir = &fake->dirs.v[i];

			if ((!last || strcmp(dir->path, last->path) > 0) &&
			    (!next || strcmp(dir->path, next->path) < 0))
				next = dir;
		}
		if (!next)
			return;
		gs_str_addf(out, "dir %s %04o %u:%u %s\n", next->path, next->inode.mode,
			    next->inode.uid, next->inode.gid, or_empty(next->inode.acl_default));
	}
}

void fake_picture(const struct fake *fake, struct gs_str *out)
{
	for (size_t i = 0; i < fake->files.n; i++)
		if (fake->files.v[i].exists && !is_record(fake->files.v[i].path))
			gs_str_addf(out, "file %s\n%s\n", fake->files.v[i].path,
				    fake->files.v[i].text.ptr ? fake->files.v[i].text.ptr : "");
	add_dirs(fake, out);
	for (size_t i = 0; i < fake->accounts.n; i++)
		gs_str_addf(out, "account %s\n", fake->accounts.v[i]);
	for (size_t i = 0; i < fake->active.n; i++)
		gs_str_addf(out, "unit %s\n", fake->active.v[i]);
	gs_str_addf(out, "server %u %d mounted %d %s%s, ahead %u, guarded %d\netab\n%s",
		    fake->server.threads, fake->server.enabled, fake->mounted,
		    fake->mounted ? fake->flags : "", fake->staged ? " and staged" : "",
		    fake->ahead_kib, fake->guarded, fake->etab.ptr ? fake->etab.ptr : "");
}

static int any_phase(enum gs_phase phase, struct gs_err *err)
{
	(void)phase;
	(void)err;
	return 0;
}

static const struct gs_privs_ops fake_privs = {
	.enter = any_phase,
	.need = any_phase,
};

static const struct gs_sys_ops fake_ops = {
	.fs = &fake_fs,
	.journal = &fake_journal,
	.accounts = &fake_accounts,
	.server = &fake_server,
	.mount = &fake_mount,
	.net = &fake_net,
	.nfs = &fake_nfs,
	.access = &fake_access,
	.package = &fake_package,
	.firewall = &fake_firewall,
	.service = &fake_service,
	.privs = &fake_privs,
	.clock = &fake_clock,
};

static void tell(void *arg, const char *line)
{
	struct fake *fake = arg;

	gs_str_addf(&fake->told, "%s\n", line);
}

void fake_init(struct fake *fake)
{
	*fake = (struct fake){
		.sys = { .ops = &fake_ops,
			 .root = "/",
			 .deadline_ns = INT64_MAX,
			 .end_ns = INT64_MAX },
		.server = { .installed = true, .systemd = true },
		.flags = "rw,nosuid,nodev",
	};
	fake->who = (struct gs_who){
		.by = "ubuntu", .command = &fake->command, .tell = tell, .tell_arg = fake
	};
	fake->sys.who = &fake->who;
	gs_strs_add(&fake->command, "leader");
	gs_strs_add(&fake->command, "add");
	fake_put_dir(fake, "/mnt", &(struct gs_dir_spec){ .mode = 0755 });
	fake_put_dir(fake, "/srv", &(struct gs_dir_spec){ .mode = 0755 });
}

void fake_done(struct fake *fake)
{
	gs_files_done(&fake->files);
	gs_path_inodes_done(&fake->dirs);
	gs_strs_done(&fake->accounts);
	gs_strs_done(&fake->groups);
	gs_strs_done(&fake->command);
	gs_strs_done(&fake->active);
	gs_strs_done(&fake->skipped);
	gs_str_done(&fake->told);
	gs_str_done(&fake->last_text);
	gs_str_done(&fake->etab);
}
