/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/envfile.h"

#include <string.h>

#include "core/check/row.h"

/* env: what other programs than Docker Compose read in a cluster.env. */

static const char *const reader[GS_ENV_READERS] = {
	[GS_ENV_DOCKER] = "docker run --env-file",
	[GS_ENV_SHELLS] = "a shell",
	[GS_ENV_SYSTEMD] = "systemd",
	[GS_ENV_PYTHON] = "python-dotenv",
	[GS_ENV_NODE] = "node",
};

static bool is_same(const struct gs_env_flaw *flaw, size_t i, size_t k)
{
	return flaw->effect[i] == flaw->effect[k] &&
	       (flaw->effect[i] != GS_ENV_OTHER || !strcmp(flaw->value[i], flaw->value[k]));
}

static bool was_told(const struct gs_env_flaw *flaw, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (is_same(flaw, i, k))
			return true;
	return flaw->effect[i] == GS_ENV_SAME;
}

/* "docker run --env-file and systemd": the readers for which it is as for reader i, the first. */
static void add_readers(const struct gs_env_flaw *flaw, size_t i, struct gs_str *out)
{
	size_t left = 0;

	for (size_t k = i; k < GS_ENV_READERS; k++)
		left += is_same(flaw, i, k);
	for (size_t k = i; k < GS_ENV_READERS; k++) {
		if (!is_same(flaw, i, k))
			continue;
		gs_str_addf(out, "%s%s", reader[k], --left > 1 ? ", " : left ? " and " : "");
	}
}

static void add_effect(const struct gs_env_flaw *flaw, size_t i, struct gs_str *out)
{
	bool many = false;

	for (size_t k = i + 1; k < GS_ENV_READERS; k++)
		many |= is_same(flaw, i, k);
	if (flaw->effect[i] == GS_ENV_REFUSED) {
		gs_str_addf(out, " refuse%s the whole file", many ? "" : "s");
	} else if (flaw->effect[i] == GS_ENV_UNSEEN) {
		gs_str_adds(out, many ? " do not see " : " does not see ");
		gs_str_adds(out, !flaw->key	   ? "lines below"
				 : flaw->lines > 1 ? "these lines"
						   : "this line");
	} else {
		gs_str_addf(out, " read%s '", many ? "" : "s");
		gs_str_add_safe(out, gs_span_of(flaw->value[i]));
		gs_str_adds(out, "'");
	}
}

static bool is_different(const struct gs_facts *facts)
{
	return facts->envfile->flaw;
}

static bool is_guessed(const struct gs_facts *facts)
{
	return facts->envfile->guessed;
}

/* "FILE:3", "FILE: lines 3 and 4", "FILE: lines 3, 4, 5 and 57 more" */
static void add_place(const char *file, const struct gs_env_flaw *flaw, struct gs_str *out)
{
	size_t n = flaw->lines < GS_ENV_NUMBERS ? flaw->lines : GS_ENV_NUMBERS;

	if (flaw->lines == 1) {
		gs_str_addf(out, "%s:%zu", file, flaw->number[0]);
		return;
	}
	gs_str_addf(out, "%s: lines %zu", file, flaw->number[0]);
	for (size_t i = 1; i < n; i++)
		gs_str_addf(out, "%s%zu", i + 1 == flaw->lines ? " and " : ", ", flaw->number[i]);
	if (flaw->lines > n)
		gs_str_addf(out, " and %zu more", flaw->lines - n);
}

static void say_different(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_env_flaw *flaw = facts->envfile->flaw;
	const char *separator = "";

	add_place(facts->envfile->file, flaw, out);
	gs_str_addf(out, ": %s%sDocker Compose reads %s as meant, but ", flaw->key ? flaw->key : "",
		    flaw->key ? ": " : "", flaw->lines > 1 ? "them" : "it");
	for (size_t i = 0; i < GS_ENV_READERS; i++) {
		if (was_told(flaw, i))
			continue;
		gs_str_adds(out, separator);
		add_readers(flaw, i, out);
		add_effect(flaw, i, out);
		separator = "; ";
	}
}

/* gshare edits no line of others, and what one is for is not known. */
static void fix_different(const struct gs_facts *facts, struct gs_fixes *out)
{
	if (facts->envfile->flaw->key && facts->envfile->again)
		gs_str_adds(gs_fix_here(out, ""), facts->envfile->again);
}

static void say_guessed(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "POSTGRES_HOST is %s, the server of the share, which no gshare leader has set "
		    "up (no .gshare-id): PostgreSQL may run elsewhere",
		    facts->envfile->guessed);
}

const struct gs_check gs_checks_envfile[] = {
	{ "ENV_READ_DIFFERENTLY",
	  "Programs other than Docker Compose read lines of cluster.env differently.", GS_ON_ANY,
	  GS_GIVEN(ENVFILE), GS_WARN, is_different, .message = say_different,
	  .fix = fix_different },
	{ "POSTGRES_GUESSED", "POSTGRES_HOST is a server that may be no leader, as a NAS.",
	  GS_ON_ANY, GS_GIVEN(ENVFILE), GS_WARN, is_guessed, .message = say_guessed,
	  .command = "name the leader's address with --postgres" },
	{ 0 },
};
