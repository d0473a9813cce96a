/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Rows of tables as cmocka tests: each row is a test of its own and carries its own name. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TABLE_MAX_TESTS = 512 };

struct table {
	struct CMUnitTest test[TABLE_MAX_TESTS];
	size_t n;
};

/* row and name must outlive the run; the test finds the row in *state. */
static inline void table_add(struct table *table, const char *name, CMUnitTestFunction run,
			     const void *row)
{
	if (table->n == TABLE_MAX_TESTS)
		fail_msg("more than %d rows", TABLE_MAX_TESTS);
	table->test[table->n++] = (struct CMUnitTest){
		.name = name,
		.test_func = run,
		.initial_state = (void *)(uintptr_t)row,
	};
}

#define TABLE_ADD(table, rows, run)                                                                \
	do {                                                                                       \
		for (size_t i_ = 0; i_ < sizeof(rows) / sizeof((rows)[0]); i_++)                   \
			table_add(table, (rows)[i_].name, run, &(rows)[i_]);                       \
	} while (0)

/* Bytes of a row, NUL bytes too. */
struct text {
	const char *ptr;
	size_t len;
};

#define T(text)                                                                                    \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

/* The exit status of a program that cannot run here, and its line: in CI a skip fails. */
static inline int table_skip(const char *needs)
{
	const char *must = getenv("GSHARE_MUST_RUN");
	int fails = must && *must == '1';

	printf("1..%d%s%s\n", fails, fails ? "\nnot ok 1 - needs " : " # SKIP needs ", needs);
	return fails;
}

/* cmocka's macro wants an array, which knows its own length. */
static inline int table_run(const char *name, const struct table *table)
{
	return _cmocka_run_group_tests(name, table->test, table->n, NULL, NULL);
}
