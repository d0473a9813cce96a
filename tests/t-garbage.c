/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nfsreply.h"
#include "sys/net/rpc_call.h"
#include "sys/nfs/browse_v40.h"
#include "sys/nfs/mountd.h"
#include "sys/proc/proc.h"
#include "table.h"

/*
 * A garbage server: what it replies is a true reply with something wrong in it, by chance of a
 * printed seed. GSHARE_GARBAGE is how many replies, GSHARE_SEED the seed. The laws: whoever asks
 * ends by itself and in time, and what it says is the truth, or that this was garbage.
 */

enum {
	REPLIES = 100000,
	MAX_REPLIES = 4,
	LIMIT_MS = 2000, /* of one conversation: whatever waits for more than there is */
};

#define LAST 0x80000000U
#define XID  0x67000000U

/* ---- conversations ------------------------------------------------------------------------- */

/* Ask over fd; what was said goes to said. 0 or -errno. */
static int list(struct gs_nfs40 *nfs, struct gs_str *said)
{
	struct gs_nfs_listing listing = { .max = 100 };
	int r = nfs->view.list(&nfs->view, "/", &listing);

	for (size_t i = 0; i < listing.names.n; i++)
		gs_str_adds(said, listing.names.v[i]);
	gs_strs_done(&listing.names);
	return r;
}

static int card(struct gs_nfs40 *nfs, struct gs_str *said)
{
	return nfs->view.read_card(&nfs->view, "/", said);
}

static int may(struct gs_nfs40 *nfs, struct gs_str *said)
{
	(void)said;
	return nfs->view.may_change(&nfs->view, "/");
}

static int far(struct gs_nfs40 *nfs, struct gs_str *said)
{
	(void)said;
	return nfs->view.enter(&nfs->view, "/1/2/3/4/5/6/7/8/9");
}

static int make(struct gs_nfs40 *nfs, struct gs_str *said)
{
	(void)said;
	return gs_nfs40_make_link(nfs, "/", 4711, "name", 1, 1);
}

static int drop(struct gs_nfs40 *nfs, struct gs_str *said)
{
	(void)said;
	return gs_nfs40_remove(nfs, "/", "name");
}

static const struct conversation {
	const char *name;
	int (*ask)(struct gs_nfs40 *, struct gs_str *); /* NULL: a list of mountd's */
	const char *replies[MAX_REPLIES];
	const char *truth;
} conversations[] = {
	{ "a listing", list, { "/g", "hd" }, "mnt" },
	{ "a card", card, { "/lg", "hr" }, "gshare 1\nid 7c1e52d0\n" },
	{ "access", may, { "/g", "ha" }, "" },
	{ "a long path", far, { "/llllllllg", "hlg" }, "" },
	{ "a link is made", make, { "/g", "hi", "hc" }, "" },
	{ "a link is removed", drop, { "/g", "hx" }, "" },
	{ "mountd's list", NULL, { "e" }, "/mnt/data/shared\n 192.0.2.8\n/srv\n *\nall\n" },
};

static int ask_mountd(int fd, struct gs_str *said, int64_t deadline_ns)
{
	const struct gs_rpc_call call = {
		.xid = XID,
		.prog = 100005,
		.vers = 3,
		.proc = 5,
		.max_reply = 65536,
		.max_fragments = 64,
		.deadline_ns = deadline_ns,
	};
	GS_AUTO(gs_rpc_answer_done) struct gs_rpc_answer answer = { 0 };
	struct gs_grants grants = { 0 };
	struct gs_xdr xdr;

	gs_rpc_converse(fd, &call, &answer);
	if (answer.result.state == GS_RPC_GARBAGE)
		return answer.wrong[0] ? -EBADMSG : -EINVAL;
	if (answer.result.state != GS_RPC_OK)
		return answer.result.state == GS_RPC_CLOSED ? -ECONNRESET : -ENOENT;
	xdr = (struct gs_xdr){ .rest = answer.results };
	if (!gs_mountd_take(&xdr, said))
		return xdr.wrong ? -EBADMSG : -EINVAL;
	/* The parent believes what the child has let pass. */
	assert_true(gs_mountd_parse(gs_str_span(said), &grants));
	gs_grants_done(&grants);
	return 0;
}

static int ask(const struct conversation *c, int fd, struct gs_str *said)
{
	GS_AUTO(gs_nfs40_done) struct gs_nfs40 nfs = { 0 };
	int64_t deadline_ns = gs_deadline_in(LIMIT_MS);
	int r;

	if (!c->ask) {
		r = ask_mountd(fd, said, deadline_ns);
		close(fd);
		return r;
	}
	gs_nfs40_use(&nfs, fd, deadline_ns);
	nfs.xid = XID;
	r = c->ask(&nfs, said);
	assert_int_equal(r == -EBADMSG, nfs.view.wrong[0] != '\0');
	return r;
}

/* ---- what is done to a reply --------------------------------------------------------------- */

struct chance {
	uint64_t state;
};

/* xorshift64*: what a seed says it says on every machine */
static uint32_t below(struct chance *chance, uint32_t n)
{
	chance->state ^= chance->state >> 12;
	chance->state ^= chance->state << 25;
	chance->state ^= chance->state >> 27;
	return (uint32_t)((chance->state * 0x2545f4914f6cdd1dULL) >> 32) % n;
}

/* What may come of it beside garbage. */
enum verdict {
	ANYTHING,  /* the bytes may happen to mean something */
	GARBAGE,   /* nothing else */
	TRUTH,	   /* it is as good as before */
	NO_ANSWER, /* the connection ends */
};

static void overwrite(struct reply *reply, size_t at, uint32_t value)
{
	gs_autostr struct gs_str word = { 0 };

	gs_xdr_put_number(&word, value);
	memcpy(reply->bytes.ptr + at, word.ptr, word.len);
}

static const uint32_t values[] = {
	0,	    1,		2,	    3,		4,	    5,		8,
	0x100,	    0x7fffffff, LAST,	    0x80000001, 0x3fffffff, 0x40000000, 0x40000001,
	0x1fffffff, 0x20000000, 0x20000001, 0x0fffffff, 0x10000000, 0x10000001, 0x7ffffffc,
	0x7ffffffd, 0xfffffffc, 0xfffffffd, 0xfffffffe, 0xffffffff,
};

static enum verdict change_to(struct reply *reply, size_t field, uint32_t value)
{
	overwrite(reply, reply->field[field].at, value);
	return reply->field[field].is_size && value > reply->bytes.len ? GARBAGE : ANYTHING;
}

static enum verdict change_field(struct chance *chance, struct reply *reply)
{
	size_t field = below(chance, (uint32_t)reply->n);

	return change_to(reply, field, values[below(chance, GS_COUNT(values))]);
}

static enum verdict change_bytes(struct chance *chance, struct reply *reply)
{
	for (uint32_t n = 1 + below(chance, 4); n; n--)
		reply->bytes.ptr[below(chance, (uint32_t)reply->bytes.len)] = (char)below(chance,
											  256);
	return ANYTHING;
}

static enum verdict cut_at(struct reply *reply, size_t at)
{
	reply->bytes.len = at;
	return GARBAGE;
}

static enum verdict cut_record(struct chance *chance, struct reply *reply)
{
	return cut_at(reply, below(chance, (uint32_t)reply->bytes.len));
}

static enum verdict add_junk(struct chance *chance, struct reply *reply)
{
	for (uint32_t n = 1 + below(chance, 64); n; n--)
		gs_str_addc(&reply->bytes, (char)below(chance, 256));
	return GARBAGE;
}

static enum verdict leave(struct chance *chance, struct reply *reply)
{
	(void)chance;
	(void)reply;
	return TRUTH;
}

/* ---- how a reply is sent ------------------------------------------------------------------- */

static void put_record(struct gs_str *out, struct gs_span bytes, uint32_t mark)
{
	gs_xdr_put_number(out, mark);
	gs_str_add(out, bytes);
}

static enum verdict send_whole(struct chance *chance, struct gs_span bytes, struct gs_str *out)
{
	(void)chance;
	put_record(out, bytes, LAST | (uint32_t)bytes.len);
	return TRUTH;
}

/* The first has to hold what tells a reply from anything else. */
static enum verdict send_fragments(struct chance *chance, struct gs_span bytes, struct gs_str *out)
{
	size_t n = bytes.len < 12 ? bytes.len : 12 + below(chance, (uint32_t)bytes.len - 11);

	for (unsigned i = 0; i < 60 && n < bytes.len; i++) {
		put_record(out, gs_span(bytes.ptr, n), (uint32_t)n);
		bytes = gs_span_from(bytes, n);
		n = below(chance, (uint32_t)bytes.len + 1);
	}
	return send_whole(chance, bytes, out);
}

static enum verdict send_empty_fragments(struct chance *chance, struct gs_span bytes,
					 struct gs_str *out)
{
	put_record(out, bytes, (uint32_t)bytes.len);
	for (uint32_t n = 64 + below(chance, 1000); n; n--)
		gs_xdr_put_number(out, 0);
	return GARBAGE;
}

static enum verdict send_wrong_mark(struct chance *chance, struct gs_span bytes, struct gs_str *out)
{
	static const uint32_t marks[] = {
		0,	    LAST,	    LAST | 1,	      LAST | 11, LAST | 0x7fffffff,
		0x7fffffff, LAST | 0x10001, LAST | 0x40000000
	};

	put_record(out, bytes, marks[below(chance, GS_COUNT(marks))]);
	return GARBAGE;
}

static enum verdict send_a_part(struct chance *chance, struct gs_span bytes, struct gs_str *out)
{
	send_whole(chance, bytes, out);
	out->len -= 1 + below(chance, (uint32_t)bytes.len);
	return NO_ANSWER;
}

static enum verdict send_greeting(struct chance *chance, struct gs_span bytes, struct gs_str *out)
{
	static const struct text greetings[] = {
		T("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"),
		T("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
		T("\x15\x03\x01\x00\x02\x02\x46\x15\x03\x01\x00\x02"), /* a TLS alert */
		T("\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03\x00"), /* TLS' ServerHello */
		T("220 mail.example.org ESMTP\r\n"),
		T("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	};
	size_t i = below(chance, GS_COUNT(greetings));

	(void)bytes;
	gs_str_add(out, gs_span(greetings[i].ptr, greetings[i].len));
	return GARBAGE;
}

static const struct {
	enum verdict (*change)(struct chance *, struct reply *);
	enum verdict (*send)(struct chance *, struct gs_span, struct gs_str *);
	unsigned weight; /* of 64 */
} ways[] = {
	{ change_field, send_whole, 28 },    { change_bytes, send_whole, 12 },
	{ cut_record, send_whole, 6 },	     { add_junk, send_whole, 4 },
	{ leave, send_fragments, 4 },	     { leave, send_empty_fragments, 2 },
	{ leave, send_wrong_mark, 3 },	     { leave, send_a_part, 3 },
	{ change_field, send_fragments, 1 }, { leave, send_greeting, 1 },
};

/* ---- the test ------------------------------------------------------------------------------ */

static uint32_t count_of(const struct conversation *c)
{
	uint32_t n = 0;

	while (n < MAX_REPLIES && c->replies[n])
		n++;
	return n;
}

static struct reply true_reply(const struct conversation *c, uint32_t i)
{
	struct reply reply = { 0 };

	reply_head(&reply, XID + i);
	if (c->ask)
		reply_compound(&reply, c->replies[i]);
	else
		reply_exports(&reply);
	return reply;
}

/* How one reply is spoilt: what is due. */
struct harm {
	struct chance *chance;
	size_t way;    /* of ways[], by chance */
	bool is_field; /* else: a field gets a value */
	bool is_cut;   /* or the record ends */
	size_t at;     /* the field, or the byte */
	uint32_t value;
};

static enum verdict spoil(const struct harm *harm, struct reply *reply, struct gs_str *out)
{
	enum verdict due, sent;

	if (harm->is_field)
		due = change_to(reply, harm->at, harm->value);
	else if (harm->is_cut)
		due = cut_at(reply, harm->at);
	else
		due = ways[harm->way].change(harm->chance, reply);
	if (harm->is_field || harm->is_cut)
		sent = send_whole(NULL, gs_str_span(&reply->bytes), out);
	else
		sent = ways[harm->way].send(harm->chance, gs_str_span(&reply->bytes), out);
	return due == TRUTH ? sent : due;
}

/* What the server sends in all, where one reply is bad. */
static enum verdict speak(const struct conversation *c, uint32_t bad, const struct harm *harm,
			  struct gs_str *out)
{
	enum verdict due = TRUTH;

	for (uint32_t i = 0; i < count_of(c) && due != NO_ANSWER; i++) {
		struct reply reply = true_reply(c, i);

		if (i == bad)
			due = spoil(harm, &reply, out);
		else
			send_whole(NULL, gs_str_span(&reply.bytes), out);
		gs_str_done(&reply.bytes);
	}
	return due;
}

/* All that the server will ever say is there before it is asked. */
static int connect_to(struct gs_span said, int *ret_server)
{
	int fds[2], size = 1 << 20;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds),
			 0);
	setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	assert_int_equal(write(fds[1], said.ptr, said.len), said.len);
	shutdown(fds[1], SHUT_WR);
	*ret_server = fds[1];
	return fds[0];
}

static bool is_due(enum verdict due, int r, bool is_true)
{
	switch (due) {
	case ANYTHING:
		return r <= 0 && r != -EINVAL && r != -ETIMEDOUT;
	case GARBAGE:
		return r == -EBADMSG;
	case TRUTH:
		return r == 0 && is_true;
	case NO_ANSWER:
		return r == -ECONNRESET;
	}
	return false;
}

/* False where what was said is not what is due. */
static bool holds(const struct conversation *c, uint32_t bad, const struct harm *harm,
		  enum verdict *ret_due, int *ret_r)
{
	gs_autostr struct gs_str out = { 0 }, said = { 0 };
	int server, fd;

	*ret_due = speak(c, bad, harm, &out);
	gs_str_adds(&said, "");
	fd = connect_to(gs_str_span(&out), &server);
	*ret_r = ask(c, fd, &said);
	close(server);
	return is_due(*ret_due, *ret_r, gs_span_is_text(gs_str_span(&said), c->truth));
}

static void try_by_chance(struct chance *chance, uint64_t seed)
{
	const struct conversation *c = &conversations[below(chance, GS_COUNT(conversations))];
	uint32_t pick = below(chance, 64), bad = below(chance, count_of(c));
	struct harm harm = { .chance = chance };
	enum verdict due;
	int r;

	while (pick >= ways[harm.way].weight)
		pick -= ways[harm.way++].weight;
	if (!holds(c, bad, &harm, &due, &r))
		fail_msg("%s, seed %llu: due is %d, and it ended with %d", c->name,
			 (unsigned long long)seed, (int)due, r);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t value;

	return text && gs_span_number(gs_span_of(text), UINT64_MAX >> 1, &value) ? value
										 : otherwise;
}

static void garbage_is_told_from_truth(void **state)
{
	uint64_t first = number_of("GSHARE_SEED", 1), n = number_of("GSHARE_GARBAGE", REPLIES);
	int64_t begin_ns = gs_now_ns();

	(void)state;
	for (uint64_t seed = first; seed < first + n; seed++) {
		/* Far apart, so that neighbours have nothing in common. */
		struct chance chance = { (seed + 1) * 0x9e3779b97f4a7c15ULL };

		below(&chance, 2);
		try_by_chance(&chance, seed);
	}
	printf("# %llu replies from seed %llu on, %.1f s\n", (unsigned long long)n,
	       (unsigned long long)first, (double)(gs_now_ns() - begin_ns) / 1e9);
}

static void must_hold(const struct conversation *c, uint32_t bad, const struct harm *harm)
{
	enum verdict due;
	int r;

	if (!holds(c, bad, harm, &due, &r))
		fail_msg("%s, reply %u, %s %zu, 0x%x: due is %d, and it ended with %d", c->name,
			 bad, harm->is_field ? "field" : "cut at", harm->at, harm->value, (int)due,
			 r);
}

/* Not left to chance: a length in place of every length, and an end at every byte. */
static void every_field_and_every_end(void **state)
{
	const struct conversation *c = *state;

	for (uint32_t bad = 0; bad < count_of(c); bad++) {
		struct reply reply = true_reply(c, bad);

		for (size_t f = 0; f < reply.n; f++)
			for (size_t v = 0; v < GS_COUNT(values); v++)
				must_hold(c, bad,
					  &(struct harm){
						  .is_field = true, .at = f, .value = values[v] });
		for (size_t at = 0; at < reply.bytes.len; at++)
			must_hold(c, bad, &(struct harm){ .is_cut = true, .at = at });
		gs_str_done(&reply.bytes);
	}
}

int main(void)
{
	static struct table table;

	TABLE_ADD(&table, conversations, every_field_and_every_end);
	table_add(&table, "garbage is told from truth", garbage_is_told_from_truth, NULL);
	return table_run("garbage", &table);
}
