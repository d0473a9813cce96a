/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/proc/alarm.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"

/* What waits in the kernel until a signal comes: the open of a FIFO that nobody else opens. */

struct row {
	const char *name;
	void (*handler)(int);
	bool blocked;
	int after_ms;	  /* the deadline; below 0 it is past already */
	unsigned late_ms; /* the call that waits begins so much after the alarm */
};

static const struct row rows[] = {
	{ "a wait ends at the deadline", SIG_DFL, false, 100, 0 },
	{ "also where SIGALRM was blocked", SIG_DFL, true, 100, 0 },
	{ "also where SIGALRM was ignored", SIG_IGN, false, 100, 0 },
	{ "also where it came before the wait", SIG_DFL, false, 20, 60 },
	{ "also where the deadline was past", SIG_DFL, true, -1000, 30 },
};

static int wait_for_nobody(unsigned late_ms)
{
	char dir[] = "/tmp/t-alarm.XXXXXX";
	gs_autofree char *path = NULL;
	int fd, r;

	assert_non_null(mkdtemp(dir));
	path = gs_printf("%s/fifo", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	for (int64_t from = gs_deadline_in(late_ms); gs_now_ns() < from;)
		continue;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -errno : fd;
	unlink(path);
	rmdir(dir);
	return r;
}

static void test_wait(void **state)
{
	const struct row *row = *state;
	struct sigaction action = { .sa_handler = row->handler }, now;
	sigset_t set, mask;
	struct gs_alarm alarm;
	int64_t began = gs_now_ns();

	sigaction(SIGALRM, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(row->blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
	gs_alarm_begin(&alarm, began + row->after_ms * INT64_C(1000000));
	assert_int_equal(gs_alarm_end(&alarm, wait_for_nobody(row->late_ms)), -ETIMEDOUT);
	assert_true(gs_now_ns() - began >= row->after_ms * INT64_C(1000000));
	assert_true(gs_now_ns() - began < 5 * INT64_C(1000000000));
	sigaction(SIGALRM, NULL, &now);
	assert_true(now.sa_handler == row->handler);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	assert_int_equal(sigismember(&mask, SIGALRM), row->blocked);
}

/* EINTR before the deadline has another reason; without a deadline there is no alarm. */
static void test_others(void **state)
{
	struct gs_alarm alarm;

	(void)state;
	gs_alarm_begin(&alarm, gs_deadline_in(5000));
	assert_int_equal(gs_alarm_end(&alarm, -EINTR), -EINTR);
	gs_alarm_begin(&alarm, gs_now_ns());
	assert_int_equal(gs_alarm_end(&alarm, -ENOENT), -ENOENT);
	gs_alarm_begin(&alarm, 0);
	assert_int_equal(gs_alarm_end(&alarm, -EINTR), -EINTR);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_wait);
	table_add(&table, "other results stay what they are", test_others, NULL);
	return table_run("alarm", &table);
}
