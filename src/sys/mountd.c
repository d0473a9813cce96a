/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mountd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "sys/child.h"
#include "sys/fd.h"
#include "sys/proc.h"
#include "sys/rpccall.h"
#include "sys/rpcprobe.h"

enum {
	RPCBIND_PROGRAM = 100000,
	RPCBIND_VERSION = 2, /* the oldest, and the only one whose answer is a plain port */
	RPCBIND_GETPORT = 3,
	MOUNT_PROGRAM = 100005,
	MOUNT_VERSION = 3,
	MOUNT_EXPORT = 5,
	LIST_BYTES = 64 * 1024,	       /* a thousand clients and more */
	FRAGMENTS = 64,		       /* libtirpc sends a fragment per 9000 bytes */
	MAX_WORD = 1024,	       /* RFC 1813 MNTPATHLEN */
	ANSWER_BYTES = LIST_BYTES * 2, /* a name takes 8 bytes less here than encoded */
};

/* One call, of one port, by a child of its own: who has read what a peer sent connects no more. */
struct question {
	const char *server;
	unsigned port;
	struct gs_rpc_call call;
	/* what the child makes of the results; false where they are malformed */
	bool (*tell)(struct gs_span results, struct gs_str *ret_answer);
	int fd;
};

/* ---- the child ----------------------------------------------------------------------------- */

static int ask_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct question *q = arg;
	gs_autostr struct gs_str results = { 0 };
	struct gs_rpc_result result = { 0 };

	if (gs_rpc_converse(q->fd, &q->call, &result, &results, err) < 0)
		return err->code;
	if (result.state != GS_RPC_OK)
		return gs_err_set(err, ENOENT, "port %u of %s: %s", q->port, q->server,
				  gs_rpc_cause(result.state));
	if (!q->tell(gs_str_span(&results), ret_answer))
		return gs_err_set(err, ENOENT, "port %u of %s gives a malformed answer", q->port,
				  q->server);
	return 0;
}

static bool take_number(struct gs_span *rest, uint32_t *ret)
{
	uint32_t word;

	if (rest->len < sizeof word)
		return false;
	memcpy(&word, rest->ptr, sizeof word);
	*rest = gs_span_from(*rest, sizeof word);
	*ret = ntohl(word);
	return true;
}

/* A string of RFC 4506 section 4.11: its length, its bytes, zeroes up to a multiple of four. */
static bool take_text(struct gs_span *rest, struct gs_span *ret)
{
	uint32_t len = 0, padded;

	if (!take_number(rest, &len) || len > MAX_WORD)
		return false;
	padded = (len + 3) & ~3U;
	if (padded > rest->len)
		return false;
	*ret = gs_span(rest->ptr, len);
	*rest = gs_span_from(*rest, padded);
	return true;
}

/* Control bytes would be lines of the answer. */
static bool is_plain(struct gs_span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return false;
	return text.len > 0;
}

/* An export without a client is everyone's: exports(5). */
static bool tell_clients(struct gs_span *rest, struct gs_str *answer)
{
	uint32_t more = 0;
	struct gs_span name;
	size_t n = 0;

	while (take_number(rest, &more) && more == 1) {
		if (!take_text(rest, &name) || !is_plain(name))
			return false;
		gs_str_addc(answer, ' ');
		gs_str_add(answer, name);
		gs_str_addc(answer, '\n');
		n++;
	}
	if (!n)
		gs_str_adds(answer, " *\n");
	return more == 0;
}

/* RFC 1813 section 5.2.5: linked lists in a linked list, each link announced by a one. */
static bool tell_list(struct gs_span rest, struct gs_str *answer)
{
	uint32_t more = 1;
	struct gs_span path;

	while (take_number(&rest, &more) && more == 1) {
		if (!take_text(&rest, &path) || !is_plain(path) || path.ptr[0] != '/')
			return false;
		gs_str_add(answer, path);
		gs_str_addc(answer, '\n');
		if (!tell_clients(&rest, answer))
			return false;
	}
	gs_str_adds(answer, "all\n");
	return more == 0 && !rest.len;
}

static bool tell_port(struct gs_span rest, struct gs_str *answer)
{
	uint32_t port = 0;

	if (!take_number(&rest, &port))
		return false;
	gs_str_addf(answer, "%u", port);
	return true;
}

/* ---- what the parent believes -------------------------------------------------------------- */

static int ask(struct question *q, struct gs_str *ret_answer, struct gs_err *err)
{
	struct gs_reach_result at = { .fd = -1 };
	struct gs_endpoint to = { 0 };
	struct gs_child_req req = {
		.fn = ask_in_child,
		.arg = q,
		.keep = &q->fd,
		.n_keep = 1,
		.deadline_ns = q->call.deadline_ns,
		.max_answer = ANSWER_BYTES,
		.confined = true,
	};
	int r = gs_endpoint_of(q->server, q->port, &to, err);

	if (r == 0)
		r = gs_reach_one(&to, (unsigned)gs_poll_ms(q->call.deadline_ns), &at, err);
	if (r < 0)
		return r;
	gs_autoclose int fd = at.fd;
	if (at.state != GS_REACH_OPEN)
		return gs_err_set(err, ENOENT, "port %u of %s: %s", q->port, q->server,
				  gs_errno_text(at.error));
	q->fd = fd;
	return gs_child_run(&req, ret_answer, err);
}

static int find_port(const char *server, unsigned rpcbind, int64_t deadline_ns, unsigned *ret_port,
		     struct gs_err *err)
{
	const uint32_t args[] = { htonl(MOUNT_PROGRAM), htonl(MOUNT_VERSION), htonl(IPPROTO_TCP),
				  0 };
	struct question q = {
		.server = server,
		.port = rpcbind,
		.call = {
			.prog = RPCBIND_PROGRAM,
			.vers = RPCBIND_VERSION,
			.proc = RPCBIND_GETPORT,
			.args = gs_span((const char *)args, sizeof args),
			.max_reply = 512,
			.max_fragments = 1,
			.deadline_ns = deadline_ns,
		},
		.tell = tell_port,
	};
	gs_autostr struct gs_str answer = { 0 };
	uint64_t port = 0;
	int r = ask(&q, &answer, err);

	if (r < 0)
		return r;
	if (!gs_span_number(gs_str_span(&answer), 65535, &port) || !port)
		return gs_err_set(err, ENOENT, "rpcbind of %s knows no mountd", server);
	*ret_port = (unsigned)port;
	return 0;
}

bool gs_mountd_parse(struct gs_span text, struct gs_grants *ret)
{
	GS_AUTO(gs_grants_done) struct gs_grants grants = { 0 };
	struct gs_span line;

	while (gs_span_cut(&text, '\n', &line)) {
		gs_autofree char *word = NULL;

		if (gs_span_is_text(line, "all")) {
			if (text.len)
				return false;
			*ret = grants;
			grants = (struct gs_grants){ 0 };
			return true;
		}
		if (!is_plain(line) || (line.ptr[0] == ' ' && (line.len < 2 || !grants.n)) ||
		    (line.ptr[0] != ' ' && line.ptr[0] != '/'))
			return false;
		if (line.ptr[0] == '/') {
			word = gs_span_dup(line);
			gs_grants_add(&grants, word);
			continue;
		}
		word = gs_span_dup(gs_span_from(line, 1));
		gs_strs_add(&grants.v[grants.n - 1].clients, word);
	}
	return false;
}

int gs_mountd_list(const char *server, unsigned port, int64_t deadline_ns, struct gs_grants *ret,
		   struct gs_err *err)
{
	struct question q = {
		.server = server,
		.call = {
			.prog = MOUNT_PROGRAM,
			.vers = MOUNT_VERSION,
			.proc = MOUNT_EXPORT,
			.max_reply = LIST_BYTES,
			.max_fragments = FRAGMENTS,
			.deadline_ns = deadline_ns,
		},
		.tell = tell_list,
	};
	gs_autostr struct gs_str answer = { 0 };
	int r = find_port(server, port, deadline_ns, &q.port, err);

	if (r == 0)
		r = ask(&q, &answer, err);

	if (r < 0)
		return gs_err_prefix(err, "cannot ask mountd of %s", server);
	if (!gs_mountd_parse(gs_str_span(&answer), ret))
		return gs_err_set(err, EPROTO, "a child process gave a malformed answer");
	return 0;
}
