/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/call/progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	WIDTH = 78, /* a line that wraps could not be written over */
	QUICK_S = 1,
};

static int64_t now_s(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Spaces and not an escape sequence: a terminal of any kind knows them. */
void gs_progress_clear(const struct gs_call *call)
{
	if (call->progress && call->progress->width)
		fprintf(stderr, "\r%*s\r", call->progress->width, "");
	if (call->progress)
		call->progress->width = 0;
}

static void show(struct gs_call *call, const char *line)
{
	int width = (int)strlen(line);

	gs_progress_clear(call);
	if (width > WIDTH)
		width = WIDTH;
	fprintf(stderr, "%.*s", width, line);
	fflush(stderr);
	call->progress->width = width;
}

static void progress(void *arg, enum gs_progress kind, const char *line)
{
	struct gs_call *call = arg;
	bool lasts = now_s() - call->progress->begin_s > QUICK_S;

	if (call->progress->on_terminal)
		show(call, line);
	else if (kind == GS_PROGRESS_LONG || (kind == GS_PROGRESS_STEP && lasts))
		fprintf(stderr, "gshare: %s\n", line);
}

/* Programs that want JSON wait without a message. */
static void tell_wait(void *arg, const char *line)
{
	const struct gs_call *call = arg;

	gs_progress_clear(call);
	fprintf(stderr, "gshare: %s\n", line);
}

void gs_progress_begin(struct gs_call *call)
{
	if (call->json || call->quiet)
		return;
	call->progress = &call->progress_of;
	*call->progress = (struct gs_progress_line){ .begin_s = now_s(),
						     .on_terminal = isatty(STDERR_FILENO) };
	call->who.tell = tell_wait;
	call->who.progress = progress;
	call->who.tell_arg = call;
}
