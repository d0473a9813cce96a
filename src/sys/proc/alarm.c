/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/proc/alarm.h"

#include <errno.h>
#include <sys/time.h>

#include "sys/proc/proc.h"

enum { AGAIN_US = 20000 }; /* the first signal may come just before the call that waits */

static void interrupt(int signal)
{
	(void)signal;
}

static void start_timer(int64_t deadline_ns)
{
	int64_t us = (deadline_ns - gs_now_ns()) / 1000;
	struct itimerval timer = { .it_interval.tv_usec = AGAIN_US };

	if (us < 1)
		us = 1;
	timer.it_value.tv_sec = us / 1000000;
	timer.it_value.tv_usec = us % 1000000;
	setitimer(ITIMER_REAL, &timer, NULL);
}

void gs_alarm_begin(struct gs_alarm *alarm, int64_t deadline_ns)
{
	struct sigaction action = { .sa_handler = interrupt }; /* without SA_RESTART */
	sigset_t set;

	*alarm = (struct gs_alarm){ .deadline_ns = deadline_ns };
	if (!deadline_ns)
		return;
	sigaction(SIGALRM, &action, &alarm->action);
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &set, &alarm->mask);
	start_timer(deadline_ns);
}

int gs_alarm_end(struct gs_alarm *alarm, int result)
{
	const struct itimerval none = { 0 };

	if (!alarm->deadline_ns)
		return result;
	setitimer(ITIMER_REAL, &none, NULL);
	sigprocmask(SIG_SETMASK, &alarm->mask, NULL);
	sigaction(SIGALRM, &alarm->action, NULL);
	return result == -EINTR && gs_now_ns() >= alarm->deadline_ns ? -ETIMEDOUT : result;
}

const char *gs_alarm_why(void)
{
	return "a client of the NFS server holds a delegation on it and does not respond";
}

int gs_alarm_held(const char *path, struct gs_err *err)
{
	gs_err_set(err, ETIMEDOUT, "'%s' cannot be changed: %s", path, gs_alarm_why());
	gs_err_cause(err, "CLIENT_DELEGATION");
	return gs_err_advise(err,
			     "run the same command again in two minutes: the server revokes it "
			     "after its lease");
}
