/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <string.h>

#include "core/boot/boot.h"
#include "core/boot/show.h"
#include "core/check/judge.h"
#include "core/follower/plan_boot.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step_state.h"

/* A share at boot: the files, what systemctl says, the plan, and what status finds. */

/* ---- names and texts ----------------------------------------------------------------------- */

static const struct name_row {
	const char *name, *word;
	const char *unit; /* NULL: refused */
} names[] = {
	{ "a service", "docker.service", "docker.service" },
	{ "its type may be missing", "docker", "docker.service" },
	{ "a socket", "docker.socket", "docker.socket" },
	{ "dots in the name", "snap.docker.dockerd", "snap.docker.dockerd.service" },
	{ "an instance", "app@blue", "app@blue.service" },
	{ "escaped", "a\\x2db.service", "a\\x2db.service" },
	{ "a path", "/etc/systemd/system/x.service", NULL },
	{ "up", "../x", NULL },
	{ "an option", "--now", NULL },
	{ "a blank", "a b", NULL },
	{ "empty", "", NULL },
	{ "control characters", "a\nb", NULL },
};

static void test_name(void **state)
{
	const struct name_row *row = *state;
	struct gs_err err = { 0 };
	gs_autofree char *unit = NULL;
	int r = gs_boot_take_unit(row->word, &unit, &err);

	assert_int_equal(r, row->unit ? 0 : -GS_E_USAGE);
	if (row->unit)
		assert_string_equal(unit, row->unit);
}

/* A record of the journal may hold any name. */
static void test_mount_of(void **state)
{
	static const char *const rows[][2] = {
		{ "gshare-mnt-data-shared.service", "mnt-data-shared.mount" },
		{ "gshare-mnt-a.b.service", "mnt-a.b.mount" },
		{ "gshare-.service", "gshare-.service" },
		{ "gshare-x", "gshare-x" },
		{ "x.service", "x.service" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		gs_autofree char *mount = gs_boot_mount_of(rows[i][0]);

		assert_string_equal(mount, rows[i][1]);
	}
}

static void test_long(void **state)
{
	char word[300];
	struct gs_err err = { 0 };
	char *unit = NULL;

	(void)state;
	memset(word, 'a', sizeof word);
	word[255 - strlen(".service")] = '\0';
	assert_int_equal(gs_boot_take_unit(word, &unit, &err), 0);
	free(unit);
	word[255 - strlen(".service")] = 'a';
	word[256 - strlen(".service")] = '\0';
	assert_int_equal(gs_boot_take_unit(word, &unit, &err), -GS_E_USAGE);
}

static void make_files(const char *target, const char *unit, struct gs_files *ret)
{
	GS_AUTO(gs_strs_done) struct gs_strs units = { 0 };

	if (unit)
		gs_strs_add(&units, unit);
	gs_boot_files(target, &units, ret);
}

/* '%' is a specifier in a value, and escaped in a name. */
static void test_files(void **state)
{
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };

	(void)state;
	make_files("/mnt/100%-a", "docker.service", &files);
	assert_int_equal(files.n, 3);
	assert_string_equal(files.v[0].path, GS_UNIT_DIR "/gshare-mnt-100\\x25\\x2da.service");
	assert_non_null(strstr(files.v[0].text.ptr, "\nAfter=mnt-100\\x25\\x2da.mount\n"));
	assert_non_null(strstr(files.v[0].text.ptr, " follower watch /mnt/100%%-a\n"));
	assert_string_equal(files.v[1].path, GS_UNIT_DIR "/mnt-100\\x25\\x2da.mount.d/gshare.conf");
	assert_non_null(strstr(files.v[1].text.ptr, "\nWants=gshare-mnt-100\\x25\\x2da.service\n"));
	assert_string_equal(files.v[2].path,
			    GS_UNIT_DIR "/docker.service.d/gshare-mnt-100\\x25\\x2da.conf");
	assert_non_null(strstr(files.v[2].text.ptr, "\nConditionPathIsMountPoint=/mnt/100%%-a\n"));
}

/* ---- systemctl show ---------------------------------------------------------------------- */

static const struct show_row {
	const char *name, *text, *told; /* "ID:a" active, "ID:s" skipped, "ID:-" */
} shows[] = {
	{ "runs",
	  "ActiveState=active\nId=a.service\nConditionResult=yes\n"
	  "ConditionTimestampMonotonic=81\n",
	  "a.service:a " },
	{ "is about to", "Id=a.service\nActiveState=activating\n", "a.service:a " },
	{ "skipped",
	  "Id=a.service\nActiveState=inactive\nConditionResult=no\n"
	  "ConditionTimestampMonotonic=13627899\n",
	  "a.service:s " },
	{ "never tried",
	  "Id=a.service\nActiveState=inactive\nConditionResult=no\n"
	  "ConditionTimestampMonotonic=0\n",
	  "a.service:- " },
	{ "stopped by a hand",
	  "Id=a.service\nActiveState=inactive\nConditionResult=yes\n"
	  "ConditionTimestampMonotonic=13627899\n",
	  "a.service:- " },
	{ "skipped again, and it runs all the same",
	  "Id=a.service\nActiveState=active\n"
	  "ConditionResult=no\nConditionTimestampMonotonic=9\n",
	  "a.service:a " },
	{ "two", "Id=a.service\nActiveState=active\n\nId=b.socket\nActiveState=failed\n",
	  "a.service:a b.socket:- " },
	{ "no line at the end", "Id=a.service\nActiveState=active", "a.service:a " },
	{ "empty lines", "\n\nId=a.service\n\n\n", "a.service:- " },
	{ "garbage", "what\n=\nActiveState=active\n", "" },
	{ "nothing", "", "" },
};

static void test_show(void **state)
{
	const struct show_row *row = *state;
	struct gs_span rest = gs_span_of(row->text);
	gs_autostr struct gs_str told = { 0 };
	struct gs_shown shown;

	while (gs_show_next(&rest, &shown))
		gs_str_addf(&told, "%.*s:%c ", (int)shown.id.len, shown.id.ptr,
			    shown.is_active    ? 'a'
			    : shown.is_skipped ? 's'
					       : '-');
	assert_string_equal(told.ptr ? told.ptr : "", row->told);
}

/* ---- the plan ------------------------------------------------------------------------------ */

enum files { AS_WRITTEN, ABSENT, CHANGED };

static const struct plan_row {
	const char *name;
	enum files files; /* the unit; the others are as written, or absent with it */
	bool is_active, no_systemd, is_link, is_missing, is_sole, is_needed, is_skipped, asks;
	const char *mount;  /* D W S: steps; NULL: refused */
	const char *forget; /* likewise, with X for a stop and R for a directory */
	const char *id;	    /* of the refusal */
} plans[] = {
	{ "as it should be", AS_WRITTEN, .is_active = true, .mount = "", .forget = "XWWW" },
	{ "directories go where they hold nothing else", AS_WRITTEN, .is_active = true,
	  .is_sole = true, .mount = "", .forget = "XWWRWR" },
	{ "not there yet", ABSENT, .mount = "WDWDWS", .forget = "" },
	{ "changed by hand", CHANGED, .is_active = true, .mount = "WS", .forget = "XWWW" },
	{ "stopped by hand", AS_WRITTEN, .mount = "S", .forget = "WWW" },
	{ "no systemd", ABSENT, .no_systemd = true, .mount = "", .forget = "" },
	{ "masked", AS_WRITTEN, .is_link = true, .forget = "WWW", .id = "BOOT_MASKED" },
	{ "a unit that is not there", ABSENT, .is_missing = true, .forget = "",
	  .id = "UNIT_UNKNOWN" },
	{ "a unit is to wait, and no systemd", ABSENT, .no_systemd = true, .asks = true,
	  .forget = "", .id = "NO_SYSTEMD" },
	{ "a unit that the mount needs", ABSENT, .is_needed = true, .forget = "",
	  .id = "UNIT_NEEDED" },
	{ "docker waits", AS_WRITTEN, .is_active = true, .is_skipped = true, .mount = "",
	  .forget = "XWWW" },
};

static void add_absent(struct gs_boot *boot)
{
	gs_strs_add(&boot->absent, GS_UNIT_DIR "/mnt-a.mount.d");
	gs_strs_add(&boot->absent, GS_UNIT_DIR "/docker.service.d");
}

static void make_boot(const struct plan_row *row, struct gs_boot *boot)
{
	*boot = (struct gs_boot){ .systemd = !row->no_systemd,
				  .is_active = row->is_active,
				  .asks = row->asks };
	boot->unit = gs_boot_unit("/mnt/a");
	gs_strs_add(&boot->units, "docker.service");
	gs_strs_add(&boot->ordered, "docker.service");
	if (row->is_missing)
		gs_strs_add(&boot->missing, "othr.service");
	if (row->is_needed)
		gs_strs_add(&boot->needed, "network.service");
	if (row->is_skipped)
		gs_strs_add(&boot->skipped, "docker.service");
	gs_boot_files("/mnt/a", &boot->units, &boot->now);
	for (size_t i = 0; row->files == ABSENT && i < boot->now.n; i++) {
		boot->now.v[i].exists = false;
		gs_str_done(&boot->now.v[i].text);
	}
	if (row->files == ABSENT)
		add_absent(boot);
	if (row->files == CHANGED)
		gs_str_adds(&boot->now.v[0].text, "Nice=5\n");
	if (row->is_link)
		boot->link = gs_strdup(boot->now.v[0].path);
	if (row->is_sole) {
		gs_strs_add(&boot->sole, GS_UNIT_DIR "/mnt-a.mount.d");
		gs_strs_add(&boot->sole, GS_UNIT_DIR "/docker.service.d");
	}
}

static void check_steps(const struct gs_plan *plan, const char *steps)
{
	gs_autostr struct gs_str found = { 0 };

	for (size_t i = 0; i < plan->n; i++)
		gs_str_addc(&found, plan->v[i].kind == GS_STEP_WRITE_FILE   ? 'W'
				    : plan->v[i].kind == GS_STEP_MAKE_DIR   ? 'D'
				    : plan->v[i].kind == GS_STEP_REMOVE_DIR ? 'R'
				    : plan->v[i].kind == GS_STEP_START_UNIT ? 'S'
				    : plan->v[i].kind == GS_STEP_STOP_UNIT  ? 'X'
									    : '?');
	assert_string_equal(found.ptr ? found.ptr : "", steps);
}

static void test_plan(void **state)
{
	const struct plan_row *row = *state;
	GS_AUTO(gs_boot_done) struct gs_boot boot = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan mount = { 0 }, forget = { 0 };
	struct gs_err err = { 0 };
	int r;

	make_boot(row, &boot);
	r = gs_boot_plan("/mnt/a", &boot, &mount, &err);
	assert_int_equal(r < 0, !row->mount);
	if (row->mount)
		check_steps(&mount, row->mount);
	else
		assert_string_equal(err.id, row->id);
	gs_boot_plan_removal(&boot, &forget);
	check_steps(&forget, row->forget);
}

/* ---- a killed run -------------------------------------------------------------------------- */

static const struct judge_row {
	const char *name;
	enum gs_step_kind kind;
	bool was_active, is_active;
	enum gs_step_state state;
} judges[] = {
	{ "started", GS_STEP_START_UNIT, false, true, GS_STEP_DONE },
	{ "not started yet", GS_STEP_START_UNIT, false, false, GS_STEP_UNDONE },
	{ "restarted, or not: it runs on", GS_STEP_START_UNIT, true, true, GS_STEP_UNDONE },
	{ "stopped", GS_STEP_STOP_UNIT, true, false, GS_STEP_DONE },
	{ "not stopped yet", GS_STEP_STOP_UNIT, true, true, GS_STEP_UNDONE },
};

static void test_judge(void **state)
{
	const struct judge_row *row = *state;
	const struct gs_step step = { .kind = row->kind, .unit.was_active = row->was_active };

	assert_int_equal(gs_step_judge_unit(&step, row->is_active), row->state);
}

/* ---- status -------------------------------------------------------------------------------- */

static const struct check_row {
	const char *name;
	enum files files;
	bool is_active, is_link, is_absent, no_entry, noauto, no_systemd;
	const char *cgroup; /* of a process that started too early; NULL: none did */
	bool is_local;	    /* what is mounted is no NFS */
	bool is_old;	    /* and had the share, which was mounted anew */
	const char *id, *fix;
} checks[] = {
	{ "all is well", AS_WRITTEN, .is_active = true },
	{ "changed by hand", CHANGED, .is_active = true, .id = "BOOT_FILES",
	  .fix = "sudo gshare follower mount 10.0.0.1 /mnt/a --export /x" },
	{ "removed", ABSENT, .id = "BOOT_FILES",
	  .fix = "sudo gshare follower mount 10.0.0.1 /mnt/a --export /x" },
	{ "masked", AS_WRITTEN, .is_active = true, .is_link = true, .id = "BOOT_MASKED",
	  .fix = "sudo rm /etc/systemd/system/gshare-mnt-a.service && sudo gshare follower mount "
		 "10.0.0.1 /mnt/a --export /x" },
	{ "stopped", AS_WRITTEN, .id = "NOT_WATCHED",
	  .fix = "sudo systemctl start gshare-mnt-a.service" },
	{ "not mounted: that has its own finding", AS_WRITTEN, .is_absent = true,
	  .id = "NOT_MOUNTED", .fix = "sudo gshare follower mount 10.0.0.1 /mnt/a" },
	{ "not at boot", ABSENT, .noauto = true, .id = "BOOT_NOAUTO",
	  .fix = "sudo gshare follower mount 10.0.0.1 /mnt/a" },
	{ "no entry, no units", ABSENT, .no_entry = true, .id = "NOT_PERSISTED",
	  .fix = "sudo gshare follower mount 10.0.0.1 /mnt/a" },
	{ "no systemd, no units", ABSENT, .no_systemd = true },
	{ "a container of Docker", AS_WRITTEN, .is_active = true, .id = "STARTED_EARLY",
	  .cgroup = "/system.slice/docker-0123456789abcdef0123.scope",
	  .fix = "sudo docker restart 0123456789ab" },
	{ "a container of Podman", AS_WRITTEN, .is_active = true, .id = "STARTED_EARLY",
	  .cgroup = "/machine.slice/libpod-0123456789abcdef0123.scope/container",
	  .fix = "sudo podman restart 0123456789ab" },
	{ "a service", AS_WRITTEN, .is_active = true, .id = "STARTED_EARLY",
	  .cgroup = "/system.slice/app@1.service", .fix = "sudo systemctl restart app@1.service" },
	{ "a container that was left behind", AS_WRITTEN, .is_active = true, .id = "MOUNT_REPLACED",
	  .cgroup = "/docker-0123456789abcdef0123.scope", .is_old = true,
	  .fix = "sudo docker restart 0123456789ab" },
	{ "the bare directory, mounted on itself", AS_WRITTEN, .is_active = true, .id = "NOT_NFS",
	  .cgroup = "/system.slice/systemd-udevd.service", .is_local = true,
	  .fix = "if that is not meant: sudo umount /mnt/a && sudo gshare follower mount "
		 "10.0.0.1 /mnt/a" },
	{ "a name that is none", AS_WRITTEN, .is_active = true, .id = "STARTED_EARLY",
	  .cgroup = "/x/docker-;reboot;.scope",
	  .fix = "start process 7 again, so that it gets the share" },
};

static void test_check(void **state)
{
	const struct check_row *row = *state;
	const struct plan_row files = { .files = row->files,
					.is_active = row->is_active,
					.is_link = row->is_link };
	char path[] = "/mnt/a", server[] = "10.0.0.1", source[] = "10.0.0.1:/x", type[] = "nfs4";
	char options[] = "rw,nosuid,nodev", noauto[] = "rw,nosuid,nodev,noauto";
	struct gs_health h = {
		.path = path,
		.server = server,
		.is_mounted = !row->is_absent,
		.is_nfs = !row->is_absent && !row->is_local,
		.is_kept = !row->no_entry,
		.asked = row->no_entry ? NULL
			 : row->noauto ? noauto
				       : options,
		.asked_source = row->no_entry ? NULL : source,
		.says = row->is_absent ? GS_STATE_UNASKED : GS_STATE_FINE,
	};

	if (h.is_mounted)
		h.mount = (struct gs_mounted){
			.source = source, .target = path, .type = type, .options = options
		};
	if (!row->no_entry && !row->no_systemd)
		make_boot(&files, &h.boot);
	if (row->cgroup)
		gs_earlies_add(&h.early, 7, row->is_old,
			       (const char *const[]){ "py\033thon", "/data", row->cgroup });
	gs_health_judge(&h);
	assert_int_equal(h.findings.n, row->id ? 1 : 0);
	if (row->id) {
		assert_string_equal(h.findings.v[0].id, row->id);
		assert_string_equal(h.findings.v[0].fix, row->fix);
		assert_null(strchr(h.findings.v[0].text, '\033'));
	}
	gs_findings_done(&h.findings);
	gs_boot_done(&h.boot);
	gs_earlies_done(&h.early);
}

int main(void)
{
	struct table t = { 0 };

	TABLE_ADD(&t, names, test_name);
	table_add(&t, "the longest name", test_long, NULL);
	table_add(&t, "the unit of a mount", test_mount_of, NULL);
	table_add(&t, "a path with what systemd would expand", test_files, NULL);
	TABLE_ADD(&t, shows, test_show);
	TABLE_ADD(&t, plans, test_plan);
	TABLE_ADD(&t, judges, test_judge);
	TABLE_ADD(&t, checks, test_check);
	return table_run("boot", &t);
}
