/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/diagnose/own_fix.h"

#include <stdlib.h>
#include <string.h>

/* What they change they show before, verify after, and gshare undo takes it back. */
static const char *const verbs[][GS_VERB_WORDS] = {
	{ "leader", "init" },	   { "leader", "add" }, { "leader", "repair" },
	{ "leader", "ro" },	   { "leader", "rw" },	{ "follower", "mount" },
	{ "follower", "remount" }, { "env", "leader" }, { "env", "follower" },
};

/* Options by which somebody says that harm is meant. */
static const char *const consents[] = {
	"--force",	     "--lazy",		 "--yes",    "-y",	     "--allow-wide",
	"--allow-user-path", "--firewall-first", "--new-id", "--unverified", "--no-firewall",
	"--no-install",
};

/* ---- words, as gs_str_add_word() prints them ------------------------------------------------- */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("@%+=:,./_-", c));
}

/* One word, from *at on, which moves behind it; false: it is not as it is printed by gshare. */
static bool read_word(const char **at, struct gs_str *word)
{
	const char *p = *at;

	while (*p && *p != ' ') {
		size_t n = strcspn(p + 1, "'");

		if (*p == '\'' && p[n + 1]) {
			gs_str_add(word, gs_span(p + 1, n));
			p += n + 2;
		} else if (p[0] == '\\' && p[1] == '\'') {
			gs_str_addc(word, '\'');
			p += 2;
		} else if (is_plain(*p)) {
			gs_str_addc(word, *p++);
		} else {
			return false;
		}
	}
	*at = p;
	return true;
}

static bool read_words(const char *text, struct gs_strs *ret)
{
	for (const char *p = text; *p; p += *p == ' ') {
		gs_autostr struct gs_str word = { 0 };

		if (!read_word(&p, &word) || (*p == ' ' && !p[1]))
			return false;
		gs_strs_add(ret, word.ptr ? word.ptr : "");
	}
	return true;
}

/* ---- whose it is ----------------------------------------------------------------------------- */

static bool is_verb(const struct gs_strs *words)
{
	for (size_t i = 0; i < GS_COUNT(verbs) && words->n >= GS_VERB_WORDS; i++)
		if (!strcmp(words->v[0], verbs[i][0]) && !strcmp(words->v[1], verbs[i][1]))
			return true;
	return false;
}

static bool has_consent(const struct gs_strs *words)
{
	for (size_t i = 0; i < GS_COUNT(consents); i++)
		if (gs_strs_has(words, consents[i]))
			return true;
	return false;
}

bool gs_own_fix_words(const char *text, struct gs_strs *ret_words)
{
	GS_AUTO(gs_strs_done) struct gs_strs all = { 0 };
	struct gs_strs words = { 0 };

	if (!read_words(text, &all) || all.n < 2 || strcmp(all.v[0], "sudo") != 0 ||
	    strcmp(all.v[1], "gshare") != 0)
		return false;
	words = (struct gs_strs){ .v = all.v + 2, .n = all.n - 2 };
	if (!is_verb(&words) || has_consent(&words))
		return false;
	for (size_t i = 0; i < words.n; i++)
		gs_strs_add(ret_words, words.v[i]);
	return true;
}

static bool has_fix(const struct gs_own_fixes *fixes, const char *command)
{
	for (size_t i = 0; i < fixes->n; i++)
		if (!strcmp(fixes->v[i].command, command))
			return true;
	return false;
}

void gs_own_fixes_of(const struct gs_cases *cases, struct gs_own_fixes *ret)
{
	for (size_t i = 0; i < cases->n; i++) {
		const struct gs_case *c = &cases->v[i];
		struct gs_strs words = { 0 };

		if (!c->finding.id || c->finding.severity != GS_FAIL || c->because != GS_NO_CASE ||
		    !c->finding.fix || has_fix(ret, c->finding.fix) ||
		    !gs_own_fix_words(c->finding.fix, &words))
			continue;
		gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
		ret->v[ret->n++] = (struct gs_own_fix){ .command = gs_strdup(c->finding.fix),
							.words = words,
							.status = GS_NOT_RUN };
	}
}

void gs_own_fixes_done(struct gs_own_fixes *fixes)
{
	for (size_t i = 0; i < fixes->n; i++) {
		free(fixes->v[i].command);
		gs_strs_done(&fixes->v[i].words);
	}
	free(fixes->v);
	*fixes = (struct gs_own_fixes){ 0 };
}
