/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "table.h"

/* ---- what shells read back ----------------------------------------------------------------- */

static const struct word {
	const char *name;
	const char *word;
	const char *want;
} words[] = {
	{ "a path stays", "/mnt/data/shared", "/mnt/data/shared" },
	{ "an address with a prefix length stays", "10.0.0.0/24:rw", "10.0.0.0/24:rw" },
	{ "nothing is a word too", "", "''" },
	{ "blanks", "/srv/a b", "'/srv/a b'" },
	{ "a quote", "it's", "'it'\\''s'" },
	{ "only quotes", "''", "''\\'''\\'''" },
	{ "a substitution", "$(id)`id`${IFS}", "'$(id)`id`${IFS}'" },
	{ "a list of commands", "x;touch y&&z|w", "'x;touch y&&z|w'" },
	{ "redirections", ">/etc/x<y", "'>/etc/x<y'" },
	{ "a comment", "#x", "'#x'" },
	{ "patterns", "*?[a]{b,c}", "'*?[a]{b,c}'" },
	{ "an address of IPv6 is a pattern", "[fd00::1]:/srv", "'[fd00::1]:/srv'" },
	{ "a home", "~root", "'~root'" },
	{ "history", "!!", "'!!'" },
	{ "the path of a command in zsh", "=ls", "'=ls'" },
	{ "a backslash", "a\\nb\\", "'a\\nb\\'" },
	{ "a newline", "a\nb\n", "$'a\\012b\\012'" },
	{ "a newline and a quote", "a\n'b", "$'a\\012\\047b'" },
	{ "a tab, which would complete", "a\tb", "$'a\\011b'" },
	{ "a backslash beside a control", "\\\033[2J", "$'\\134\\033[2J'" },
	{ "a digit after a control", "\0017", "$'\\0017'" },
	{ "what is visible stays", "\xc3\xa4 \xe2\x82\xac", "'\xc3\xa4 \xe2\x82\xac'" },
	{ "bidirectional controls",
	  "a\xe2\x80\xae"
	  "b",
	  "$'a\\342\\200\\256b'" },
	{ "bytes that are no text", "\xff\xfe", "$'\\377\\376'" },
};

static void word_row(void **state)
{
	const struct word *row = *state;
	gs_autostr struct gs_str out = { 0 };

	gs_str_add_word(&out, row->word);
	assert_string_equal(out.ptr, row->want);
}

/* What SHELL prints; false where the shell fails. */
static bool run_shell(const char *shell, const char *script, struct gs_str *ret)
{
	char buffer[65536];
	int line[2], status = 0;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(line), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(line[1], STDOUT_FILENO);
		close(line[0]);
		close(line[1]);
		execl(shell, shell, "-c", script, NULL);
		_exit(127);
	}
	close(line[1]);
	while ((n = read(line[0], buffer, sizeof buffer)) > 0)
		gs_str_add(ret, gs_span(buffer, (size_t)n));
	close(line[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

enum { ROUNDS = 20, WORDS = 400, WORD_BYTES = 24 };

static char pick(unsigned *seed)
{
	static const char wicked[] =
		"'\"\\$`;&|<>()[]{}*?~!# \t\n\r\033=%-\xe2\x80\xae\x7f\xc2\x9b";

	*seed = *seed * 1103515245 + 12345;
	if (*seed >> 30)
		return wicked[(*seed >> 8) % (sizeof wicked - 1)];
	return (char)(1 + (*seed >> 8) % 255);
}

static void make_word(unsigned *seed, char *word)
{
	size_t len;

	*seed = *seed * 1103515245 + 12345;
	len = (*seed >> 8) % WORD_BYTES;
	for (size_t i = 0; i < len; i++)
		word[i] = pick(seed);
	word[len] = '\0';
}

/* One command with many words, and the bytes that printf shall make of them. */
static void make_command(unsigned *seed, struct gs_str *command, struct gs_str *want)
{
	gs_command(command, "printf", "%s\\0");
	for (int i = 0; i < WORDS; i++) {
		char word[WORD_BYTES];

		make_word(seed, word);
		gs_command(command, word);
		gs_str_add(want, gs_span(word, strlen(word) + 1));
	}
}

static size_t count_ends(struct gs_span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += !text.ptr[i];
	return n;
}

/* Every word comes back byte for byte; a shell without $'' (dash) sees as many words. */
static void hostile_words_come_back(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		gs_autostr struct gs_str command = { 0 }, want = { 0 }, said = { 0 }, sh = { 0 };

		make_command(&seed, &command, &want);
		assert_true(run_shell("/bin/sh", command.ptr, &sh));
		assert_int_equal(count_ends(gs_str_span(&sh)), WORDS);
		if (access("/bin/bash", X_OK))
			continue;
		assert_true(run_shell("/bin/bash", command.ptr, &said));
		assert_int_equal(said.len, want.len);
		assert_memory_equal(said.ptr, want.ptr, want.len);
	}
}

/* ---- the builders -------------------------------------------------------------------------- */

static const char wicked[] = "/srv/a b#$(id)';touch x;";
#define WICKED "'/srv/a b#$(id)'\\'';touch x;'"

static void a_command_is_words(void **state)
{
	gs_autostr struct gs_str out = { 0 };
	const char *none = NULL;

	(void)state;
	gs_command(&out, "chown");
	gs_command_wordf(&out, "%d:%s", 0, "a b");
	gs_command(&out, none, wicked);
	gs_command_and(&out);
	gs_command(&out, "chmod", "3775", wicked);
	assert_string_equal(out.ptr, "chown '0:a b' " WICKED " && chmod 3775 " WICKED);
}

static void a_fix_may_say_where_and_when(void **state)
{
	gs_autofree char *text = gs_command_text("first: ", "sudo", "umount", wicked);
	gs_autofree char *bare = gs_command_text("", "ls");
	struct gs_err err = { 0 };

	(void)state;
	assert_string_equal(text, "first: sudo umount " WICKED);
	assert_string_equal(bare, "ls");
	gs_err_set(&err, EBUSY, "x");
	assert_int_equal(gs_err_fix(&err, "first: ", "sudo", "umount", wicked), -EBUSY);
	assert_string_equal(err.fix, "first: sudo umount " WICKED);
	assert_int_equal(gs_err_fix_on(&err, "a;b", "ls", wicked), -EBUSY);
	assert_string_equal(err.fix, "on 'a;b' run: ls " WICKED);
}

static void half_a_command_is_not_printed(void **state)
{
	gs_autofree char *path = gs_alloc(GS_ERR_FIX_BYTES + 1);
	struct gs_err err = { 0 };

	(void)state;
	memset(path, 'x', GS_ERR_FIX_BYTES - 4);
	gs_err_set(&err, EBUSY, "x");
	gs_err_fix(&err, "", "rm", path);
	assert_int_equal(strlen(err.fix), GS_ERR_FIX_BYTES - 1);
	path[GS_ERR_FIX_BYTES - 4] = 'x';
	gs_err_fix(&err, "", "rm", path);
	assert_string_equal(err.fix, "");
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, words, word_row);
	table_add(&table, "hostile words come back from a shell", hostile_words_come_back, NULL);
	table_add(&table, "a command is words", a_command_is_words, NULL);
	table_add(&table, "a fix may say where and when", a_fix_may_say_where_and_when, NULL);
	table_add(&table, "half a command is not printed", half_a_command_is_not_printed, NULL);
	return table_run("command", &table);
}
