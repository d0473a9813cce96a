/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/boot/boot.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/format/unit.h"

enum {
	UNIT_NAME_MAX = 255, /* systemd: UNIT_NAME_MAX is 256, the NUL included */
	MOUNT_S = 4, /* of the mount at boot: what is ordered after it, and so the boot, waits */
	AGAIN_S = 10,
};

char *gs_boot_unit(const char *target)
{
	gs_autofree char *name = gs_unit_name(target, "service");

	return gs_printf("gshare-%s", name);
}

char *gs_boot_mount_of(const char *unit)
{
	const char *dot = strrchr(unit, '.');
	size_t n = strlen("gshare-");

	return dot && !strncmp(unit, "gshare-", n) && dot > unit + n
		       ? gs_printf("%.*s.mount", (int)(dot - unit - (ptrdiff_t)n), unit + n)
		       : gs_strdup(unit);
}

char *gs_boot_drop_in(const char *target, const char *unit)
{
	gs_autofree char *name = gs_unit_name(target, "conf");

	return gs_printf(GS_UNIT_DIR "/%s.d/gshare-%s", unit, name);
}

/* '%' begins a specifier: systemd.unit(5). No other character of a TARGET means anything there. */
static void add_path(struct gs_str *out, const char *path)
{
	for (; *path; path++) {
		gs_str_addc(out, *path);
		if (*path == '%')
			gs_str_addc(out, '%');
	}
}

static void add_head(struct gs_str *out, const char *target)
{
	gs_str_addf(out,
		    "# gshare: for the share on %s. 'gshare follower mount' writes this file anew, "
		    "and\n# 'gshare follower unmount %s --forget' removes it.\n[Unit]\n",
		    target, target);
}

static void add_file(struct gs_files *files, const char *path, const struct gs_str *text)
{
	gs_files_add(files, path, true, gs_str_span(text));
}

static void add_unit(const char *target, const char *mount, struct gs_files *ret)
{
	gs_autofree char *name = gs_boot_unit(target), *path = gs_printf(GS_UNIT_DIR "/%s", name);
	gs_autostr struct gs_str text = { 0 };

	add_head(&text, target);
	gs_str_adds(&text, "Description=gshare: wait for the leader of ");
	add_path(&text, target);
	gs_str_addf(&text,
		    ", and watch the share\nAfter=%s\n\n[Service]\n"
		    "Type=exec\nExecStart=gshare follower watch ",
		    mount);
	add_path(&text, target);
	gs_str_addf(&text,
		    "\nRestart=on-failure\nRestartSec=%d\n"
		    "# it is not used as it should be, or has no entry in /etc/fstab any more\n"
		    "RestartPreventExitStatus=2 3 4\n",
		    AGAIN_S);
	add_file(ret, path, &text);
}

static void add_mount(const char *target, const char *mount, struct gs_files *ret)
{
	gs_autofree char *name = gs_boot_unit(target);
	gs_autofree char *path = gs_printf(GS_UNIT_DIR "/%s.d/gshare.conf", mount);
	gs_autostr struct gs_str text = { 0 };

	add_head(&text, target);
	gs_str_addf(&text, "Wants=%s\n\n[Mount]\nTimeoutSec=%ds\n", name, MOUNT_S);
	add_file(ret, path, &text);
}

/*
 * By default basic.target waits for these, and so does most of what brings the network up, for
 * which the mount waits: systemd.socket(5), systemd.path(5), systemd.target(5). What else the
 * default dependencies say is said again.
 */
static void leave_basic_target(const char *unit, struct gs_str *text)
{
	const char *dot = strrchr(unit, '.');

	if (dot && (!strcmp(dot, ".socket") || !strcmp(dot, ".path")))
		gs_str_adds(text,
			    "DefaultDependencies=no\nAfter=sysinit.target\n"
			    "Conflicts=shutdown.target\nBefore=shutdown.target\n");
}

static void add_ordered(const char *target, const char *mount, const char *unit,
			struct gs_files *ret)
{
	gs_autofree char *path = gs_boot_drop_in(target, unit);
	gs_autostr struct gs_str text = { 0 };

	add_head(&text, target);
	leave_basic_target(unit, &text);
	gs_str_addf(&text, "After=%s\nConditionPathIsMountPoint=", mount);
	add_path(&text, target);
	gs_str_addc(&text, '\n');
	add_file(ret, path, &text);
}

void gs_boot_files(const char *target, const struct gs_strs *units, struct gs_files *ret)
{
	gs_autofree char *mount = gs_unit_name(target, "mount");

	add_unit(target, mount, ret);
	add_mount(target, mount, ret);
	for (size_t i = 0; i < units->n; i++)
		add_ordered(target, mount, units->v[i], ret);
}

bool gs_boot_file_is(const struct gs_file *now, const struct gs_file *wanted)
{
	return now->exists && gs_span_is(gs_str_span(&now->text), gs_str_span(&wanted->text));
}

const struct gs_file *gs_boot_differs(const char *target, const struct gs_boot *boot)
{
	GS_AUTO(gs_files_done) struct gs_files wanted = { 0 };

	gs_boot_files(target, &boot->units, &wanted);
	for (size_t i = 0; i < wanted.n && i < boot->now.n; i++)
		if (!gs_boot_file_is(&boot->now.v[i], &wanted.v[i]))
			return &boot->now.v[i];
	return NULL;
}

static bool is_name(const char *word)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789:-_.\\@";

	return word[0] && word[0] != '.' && word[0] != '-' && !word[strspn(word, letters)];
}

static bool has_type(const char *word)
{
	static const char *const types[] = {
		".service", ".socket", ".target", ".timer", ".path",
		".mount",   ".slice",  ".scope",  ".swap",  ".device"
	};
	const char *dot = strrchr(word, '.');

	for (size_t i = 0; dot && i < GS_COUNT(types); i++)
		if (!strcmp(dot, types[i]))
			return true;
	return false;
}

int gs_boot_take_unit(const char *word, char **ret, struct gs_err *err)
{
	gs_autofree char *name = gs_printf("%s%s", word, has_type(word) ? "" : ".service");

	if (!is_name(word) || strlen(name) > UNIT_NAME_MAX) {
		gs_err_set(err, GS_E_USAGE, "--before '%.80s' is not the name of a unit", word);
		return gs_err_advise(err, "use a name as systemctl has it: docker.service");
	}
	*ret = name;
	name = NULL;
	return 0;
}

void gs_boot_add(struct gs_strs *list, const char *unit)
{
	if (!gs_strs_has(list, unit))
		gs_strs_add(list, unit);
}

void gs_boot_done(struct gs_boot *boot)
{
	free(boot->unit);
	free(boot->link);
	free(boot->unasked);
	gs_strs_done(&boot->ordered);
	gs_strs_done(&boot->missing);
	gs_strs_done(&boot->needed);
	gs_strs_done(&boot->skipped);
	gs_strs_done(&boot->units);
	gs_files_done(&boot->now);
	gs_strs_done(&boot->absent);
	gs_strs_done(&boot->sole);
	*boot = (struct gs_boot){ 0 };
}
