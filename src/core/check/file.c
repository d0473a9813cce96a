/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/file.h"

#include <string.h>

#include "base/command.h"
#include "core/check/row.h"

/* Files that a run would write: nothing of the run is done where one cannot be replaced. */

static bool is_mount(const struct gs_facts *facts)
{
	return facts->file->obstacle == GS_OBSTACLE_MOUNT;
}

static bool is_read_only(const struct gs_facts *facts)
{
	return facts->file->obstacle == GS_OBSTACLE_READ_ONLY;
}

/* Of the directory, not of the file. */
static bool is_of_dir(const struct gs_file_fact *file)
{
	return file->obstacle >= GS_OBSTACLE_DIR_IMMUTABLE;
}

static bool is_append(const struct gs_file_fact *file)
{
	return file->obstacle == GS_OBSTACLE_APPEND || file->obstacle == GS_OBSTACLE_DIR_APPEND;
}

static bool has_flag(const struct gs_facts *facts)
{
	return facts->file->obstacle >= GS_OBSTACLE_IMMUTABLE;
}

static bool was_typed(const struct gs_file_fact *file, const char *word)
{
	for (size_t i = 0; file->typed && i < file->typed->n; i++)
		if (!strncmp(file->typed->v[i], word, strlen(word)))
			return true;
	return false;
}

static const char OR_WITHOUT[] = "or without this file: ";

/* struct way_round - an option with which the verb leaves the file alone */
static const struct way_round {
	const char *path, *noun, *verb, *option, *value;
} ways_round[] = {
	{ "/etc/exports", "leader", "init", "--exports-file", "/etc/exports.d/gshare.exports" },
	{ "/etc/fstab", "follower", "mount", "--no-persist", NULL },
};

/* The command as typed, with the option that does without the file, where there is one. */
static bool add_way_round(const struct gs_file_fact *file, const char *lead, struct gs_fixes *out)
{
	for (size_t i = 0; i < GS_COUNT(ways_round); i++) {
		const struct way_round *way = &ways_round[i];

		/* /etc/exports.d is on the same file system. */
		if (strcmp(file->path, way->path) != 0 || was_typed(file, way->option) ||
		    !gs_fix_is_typed(file->typed, way->noun, way->verb) ||
		    (way->value && file->obstacle == GS_OBSTACLE_READ_ONLY))
			continue;
		gs_command(gs_fix_typed(out, lead, file->typed), way->option, way->value);
		return true;
	}
	return false;
}

static void say_mount(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "'%s' cannot be replaced: it is a mount of its own, as a file that is bound "
		    "into a container",
		    facts->file->real);
}

static void fix_mount(const struct gs_facts *facts, struct gs_fixes *out)
{
	/* Unmounted, the configuration that holds would be gone, and a run would begin another. */
	if (!add_way_round(facts->file, "without this file: ", out))
		gs_fix_advise(out, "edit the file that is bound there, where it is bound from");
}

static void say_read_only(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "'%s' cannot be written: its file system is mounted read-only",
		    facts->file->real);
}

static void fix_read_only(const struct gs_facts *facts, struct gs_fixes *out)
{
	/* It may be so on purpose, or since an error was found on the disk. */
	gs_command(gs_fix_here(out, "see why: "), "findmnt", "-T", facts->file->real);
	if (facts->file->mount)
		gs_command(gs_fix_here(out, "if it is to be writable: "), "sudo", "mount", "-o",
			   "remount,rw", facts->file->mount);
	add_way_round(facts->file, OR_WITHOUT, out);
}

/* The directory of the file, or the file. */
static void add_flagged(const struct gs_file_fact *file, struct gs_str *out)
{
	size_t n = strlen(file->real);

	while (is_of_dir(file) && n > 1 && file->real[n - 1] != '/')
		n--;
	n -= is_of_dir(file) && n > 1;
	gs_str_add(out, gs_span(file->real, n));
}

static void say_flag(const struct gs_facts *facts, struct gs_str *out)
{
	gs_autostr struct gs_str flagged = { 0 };

	add_flagged(facts->file, &flagged);
	gs_str_addf(out, "'%s' cannot be written: '%s' is %s", facts->file->real, flagged.ptr,
		    is_append(facts->file) ? "append-only (chattr +a)" : "immutable (chattr +i)");
}

static void fix_flag(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_autostr struct gs_str flagged = { 0 };

	add_flagged(facts->file, &flagged);
	gs_command(gs_fix_here(out, ""), "sudo", "chattr", is_append(facts->file) ? "-a" : "-i",
		   flagged.ptr);
	add_way_round(facts->file, OR_WITHOUT, out);
}

const struct gs_check gs_checks_file[] = {
	{ "FILE_IMMUTABLE", "A file to be written is immutable or append-only.", GS_ON_ANY,
	  GS_GIVEN(FILE), GS_FAIL, has_flag, .message = say_flag, .fix = fix_flag },
	{ "FILE_MOUNTED", "A file to be written is a mount of its own.", GS_ON_ANY, GS_GIVEN(FILE),
	  GS_FAIL, is_mount, .message = say_mount, .fix = fix_mount },
	{ "FILE_READ_ONLY", "A file to be written is on a file system that is read-only.",
	  GS_ON_ANY, GS_GIVEN(FILE), GS_FAIL, is_read_only, .message = say_read_only,
	  .fix = fix_read_only },
	{ 0 },
};
