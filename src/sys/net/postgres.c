/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/net/postgres.h"

#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

#include "sys/net/tcp.h"
#include "sys/proc/child.h"
#include "sys/proc/privs.h"
#include "sys/proc/proc.h"

enum {
	REACH_MS = 1500,
	ASK_MS = 3000, /* connect_timeout of libpq is at least 2 s */
	ANSWER_MAX_BYTES = 16,
};

/* enum PGPing of libpq-fe.h, whose values are part of libpq.so.5's ABI */
enum { PING_OK, PING_REJECT, PING_NO_RESPONSE };

static int load(int (**ret_ping)(const char *))
{
	void *libpq = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);

	if (libpq)
		*(void **)ret_ping = dlsym(libpq, "PQping");
	return libpq && *ret_ping ? 0 : -ENOENT;
}

/* No password, key or service file of anybody is read. */
static int ping(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const char *addr = arg;
	int (*pq_ping)(const char *) = NULL;
	gs_autostr struct gs_str to = { 0 };

	if (gs_privs_be_nobody(GS_KEEP_NOTHING, err) < 0)
		return err->code;
	if (load(&pq_ping) < 0)
		return 0;
	gs_str_addf(&to,
		    "hostaddr=%s port=%d dbname=postgres user=postgres connect_timeout=2 "
		    "sslmode=disable gssencmode=disable passfile=/dev/null",
		    addr, GS_POSTGRES_PORT);
	gs_str_addf(ret_answer, "%d", pq_ping(to.ptr));
	return 0;
}

static enum gs_postgres meaning_of(struct gs_span answer)
{
	if (!answer.len)
		return GS_POSTGRES_UNKNOWN;
	return answer.ptr[0] == '0' + PING_OK	    ? GS_POSTGRES_READY
	       : answer.ptr[0] == '0' + PING_REJECT ? GS_POSTGRES_STARTING
						    : GS_POSTGRES_OTHER;
}

static enum gs_postgres unreached(enum gs_reach state)
{
	return state == GS_REACH_REFUSED    ? GS_POSTGRES_REFUSED
	       : state == GS_REACH_FILTERED ? GS_POSTGRES_SILENT
					    : GS_POSTGRES_UNREACHED;
}

int gs_postgres_ask(const char *addr, int64_t deadline_ns, enum gs_postgres *ret,
		    struct gs_err *err)
{
	gs_autofree char *copy = gs_strdup(addr);
	int64_t end_ns = gs_deadline_in(ASK_MS);
	const struct gs_child_req req = {
		.fn = ping,
		.arg = copy,
		.deadline_ns = end_ns < deadline_ns ? end_ns : deadline_ns,
		.max_answer = ANSWER_MAX_BYTES,
		.confined = true,
	};
	gs_autostr struct gs_str answer = { 0 };
	struct gs_reach_result at = { .fd = -1 };
	struct gs_endpoint to;
	int r;

	if (gs_endpoint_of(addr, GS_POSTGRES_PORT, &to, err) < 0 ||
	    gs_reach_one(&to, REACH_MS, &at, err) < 0)
		return err->code;
	if (at.state != GS_REACH_OPEN) {
		*ret = unreached(at.state);
		return 0;
	}
	close(at.fd);
	r = gs_child_run(&req, &answer, err);
	if (r < 0 && r != -ETIMEDOUT)
		return r;
	*ret = r < 0 ? GS_POSTGRES_OTHER : meaning_of(gs_str_span(&answer));
	*err = (struct gs_err){ 0 };
	return 0;
}
