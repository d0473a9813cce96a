/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/nfsprobe.h"

#include <errno.h>
#include <fcntl.h>
#include <nfsc/libnfs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/privs.h"
#include "sys/proc.h"

/* In the child: libnfs, its traps and its errors. nfsanswer.c is what the parent believes of it. */

enum {
	NFS_VERSION_4 = 4,
	MAX_DEPTH = 32,
	MAX_NAMES = 4096,
	MAX_EXPORTS = 256,
	CHILD_DATA_BYTES = 256 << 20, /* libnfs keeps a whole directory in memory */
};

static const char MINOR[] = "NFS4_MINOR_REFUSED", NOT_EXPORTED[] = "NOT_EXPORTED",
		  PERM[] = "NFS_PERM", DENIED[] = "NFS_ACCESS_DENIED",
		  UNREACHABLE[] = "NFS_UNREACHABLE", SECURITY[] = "NFS_SECURITY",
		  GRACE[] = "NFS_GRACE", FAILED[] = "NFS_FAILED";

static const char *const ids[] = { MINOR,    NOT_EXPORTED, PERM,   DENIED, UNREACHABLE,
				   SECURITY, GRACE,	   FAILED, NULL };

/* What helps: a thing to do on the server, or here. */
static const struct {
	const char *id, *there, *here;
} mends[] = {
	{ MINOR, "let nfsd serve version 4.0 again: vers4.0 in /etc/nfs.conf", NULL },
	{ NOT_EXPORTED, "see who gets what: sudo exportfs -v", NULL },
	{ PERM, "see who gets what, and whether it is secure: sudo exportfs -v", NULL },
	{ DENIED, "check who may enter the directory and those above it: namei -l", NULL },
	{ UNREACHABLE, "see how the NFS server is: systemctl status nfs-server", NULL },
	{ SECURITY, "allow sec=sys for this node: sudo exportfs -v shows what is", NULL },
	{ GRACE, NULL, "try again in 90 s" },
	{ FAILED, "see what the NFS server says: sudo journalctl -k", NULL },
};

/* libnfs names the protocol's error in its text only; its errno is coarser, and EIO or ERANGE for
 * many. */
static const struct {
	const char *text; /* NULL: by errno alone */
	int error;	  /* what is told; with text NULL also what is looked for */
	const char *id;
	const char *means;
} causes[] = {
	{ "MINOR_VERS_MISMATCH", EPROTONOSUPPORT, MINOR, "the server refuses NFS 4.0" },
	{ "NFS4ERR_GRACE", EAGAIN, GRACE,
	  "the server was started a moment ago and waits for its old clients (up to 90 s)" },
	{ "NFS4ERR_WRONGSEC", EPERM, SECURITY, "the server asks for Kerberos" },
	{ "AUTH_", EPERM, SECURITY, "the server refuses our kind of credentials" },
	{ "nfs_service failed", ECONNRESET, UNREACHABLE, "the connection was refused or lost" },
	/* An RPC refusal (MSG_DENIED, AUTH_BADCRED) leaves libnfs without words: knfsd answers so
	 * to an address that no export names. Observed on Linux 6.1 with libnfs 4.0.0. */
	{ "(null)", ENOENT, NOT_EXPORTED, "the server exports nothing to this node" },
	{ NULL, ENOENT, NOT_EXPORTED, "it does not exist there or is not exported to this node" },
	{ NULL, EPERM, PERM, "the server refuses this node or its source port" },
	{ NULL, EACCES, DENIED, "access denied by the server" },
	{ NULL, ETIMEDOUT, UNREACHABLE, "the server did not answer" },
	{ NULL, ECONNREFUSED, UNREACHABLE, "the server refused the connection" },
	{ NULL, EHOSTUNREACH, UNREACHABLE, "there is no way to the server" },
	{ NULL, ENETUNREACH, UNREACHABLE, "there is no way to the server" },
};

struct walk {
	struct nfs_context *nfs;
	struct gs_strs todo; /* directories, breadth first */
	size_t names, exports;
	bool partial;
	struct gs_str *answer;
};

struct question {
	const char *server, *path;
	unsigned port;
	int64_t deadline_ns;
};

static int blame(const struct question *q, const char *id, struct gs_err *err)
{
	for (size_t i = 0; i < GS_COUNT(mends); i++) {
		if (mends[i].id != id)
			continue;
		if (mends[i].there)
			gs_err_mend(err, "on %s %s", q->server, mends[i].there);
		else
			gs_err_mend(err, "%s", mends[i].here);
	}
	return gs_err_cause(err, id);
}

static int nfs_failed(struct nfs_context *nfs, const struct question *q, const char *path, int r,
		      struct gs_err *err)
{
	const char *text = nfs_get_error(nfs);

	if (!text)
		text = "";
	if (r == -EINTR) /* how libnfs reports its own time-out (RPC_STATUS_TIMEOUT) */
		r = -ETIMEDOUT;
	for (size_t i = 0; i < GS_COUNT(causes); i++) {
		if (causes[i].text ? !strstr(text, causes[i].text) : causes[i].error != -r)
			continue;
		gs_err_set(err, causes[i].error, "cannot look at '%s' on %s: %s", path, q->server,
			   causes[i].means);
		return blame(q, causes[i].id, err);
	}
	gs_err_set(err, r ? r : -EIO, "cannot look at '%s' on %s: %.300s", path, q->server,
		   text[0] ? text : strerror(abs(r)));
	return blame(q, FAILED, err);
}

/* Only a URL can tell libnfs 4.0 the port and that portmap is not to be asked. */
static int set_port(struct nfs_context *nfs, unsigned port)
{
	gs_autofree char *text = gs_printf("nfs://127.0.0.1/?version=%d&nfsport=%u", NFS_VERSION_4,
					   port);
	struct nfs_url *url = nfs_parse_url_dir(nfs, text);

	if (!url)
		return -EINVAL;
	nfs_destroy_url(url);
	return nfs_set_version(nfs, NFS_VERSION_4);
}

static struct nfs_context *connect_as_root(const struct question *q, const char *path,
					   struct gs_err *err)
{
	struct nfs_context *nfs = nfs_init_context();
	int r;

	if (!nfs || set_port(nfs, q->port) < 0) {
		gs_err_set(err, ENOMEM, "cannot prepare libnfs");
		return NULL; /* the process ends: nothing is leaked for long */
	}
	/* The follower's root asks, as it will when it is mounted; the server squashes it or not.
	 */
	nfs_set_uid(nfs, 0);
	nfs_set_gid(nfs, 0);
	nfs_set_autoreconnect(nfs, 0);
	nfs_set_tcp_syncnt(nfs, 1);
	nfs_set_timeout(nfs, gs_poll_ms(q->deadline_ns));
	r = nfs_mount(nfs, q->server, path);
	if (r < 0) {
		nfs_failed(nfs, q, path, r, err);
		nfs_destroy_context(nfs);
		return NULL;
	}
	return nfs;
}

static int read_some(struct nfs_context *nfs, struct nfsfh *file, char *bytes, size_t size)
{
#ifdef LIBNFS_API_V2 /* libnfs 6 changed the order */
	return nfs_read(nfs, file, bytes, size);
#else
	return nfs_read(nfs, file, size, bytes);
#endif
}

/* The card of a directory, as far as it can be read; -errno */
static int read_card(struct nfs_context *nfs, const char *dir, struct gs_str *ret)
{
	gs_autofree char *path = gs_printf("%s/%s", strcmp(dir, "/") ? dir : "", GS_SHARE_FILE);
	char bytes[1024];
	struct nfsfh *file = NULL;
	int n, r = nfs_open(nfs, path, O_RDONLY, &file);

	if (r < 0)
		return r;
	do {
		n = read_some(nfs, file, bytes, sizeof bytes);
		if (n > 0 && (size_t)n <= sizeof bytes)
			gs_str_add(ret, gs_span(bytes, (size_t)n));
	} while (n > 0 && ret->len < GS_SHARE_FILE_BYTES);
	nfs_close(nfs, file);
	return n < 0 ? n : 0;
}

static bool is_in_grace(struct nfs_context *nfs)
{
	const char *text = nfs_get_error(nfs);

	return text && strstr(text, "NFS4ERR_GRACE");
}

/* A line of the answer: "wu 7c1e52d0 /path", a dash for what is not so. */
static void add_export(struct walk *walk, const char *path, const char *id, bool unreadable)
{
	int granted = nfs_access2(walk->nfs, path);

	if (++walk->exports > MAX_EXPORTS) {
		walk->partial = true;
		return;
	}
	gs_str_addf(walk->answer, "%c%c %s %s\n", granted > 0 && granted & W_OK ? 'w' : '-',
		    unreadable ? 'u' : '-', *id ? id : "-", path);
}

static bool is_plain_name(const char *name)
{
	if (!*name || !strcmp(name, ".") || !strcmp(name, "..") || strchr(name, '/'))
		return false;
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return true;
}

static bool is_directory(const struct nfsdirent *entry)
{
	enum { NF_DIR = 2 }; /* RFC 7530 section 2.1 nfs_ftype4 */

	/* Without attributes the server could not look behind a mount: it may be an export. */
	return entry->type == NF_DIR || S_ISDIR(entry->mode) || (!entry->type && !entry->mode);
}

/*
 * Puts the directories of path on the list; *ret_leads is false where path cannot be a directory
 * above exports. -errno of listing.
 */
static int list(struct walk *walk, const char *path, bool *ret_leads)
{
	GS_AUTO(gs_strs_done) struct gs_strs below = { 0 };
	bool leads = false, files = false;
	const struct nfsdirent *entry;
	struct nfsdir *dir = NULL;
	int r = nfs_opendir(walk->nfs, path, &dir);

	if (r < 0)
		return r;
	while (!files && (entry = nfs_readdir(walk->nfs, dir))) {
		if (!strcmp(entry->name, ".") || !strcmp(entry->name, ".."))
			continue;
		if (++walk->names > MAX_NAMES) {
			walk->partial = true;
			break;
		}
		leads = true;
		files = !is_directory(entry);
		if (files || !is_plain_name(entry->name))
			continue;
		gs_autofree char *name = gs_printf("%s/%s", strcmp(path, "/") ? path : "",
						   entry->name);
		gs_strs_add(&below, name);
	}
	nfs_closedir(walk->nfs, dir);
	for (size_t i = 0; leads && !files && i < below.n; i++)
		gs_strs_add(&walk->todo, below.v[i]);
	*ret_leads = leads && !files;
	return 0;
}

static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

static int visit(struct walk *walk, const struct question *q, const char *path, struct gs_err *err)
{
	gs_autostr struct gs_str card = { 0 };
	char id[GS_SHARE_ID_BYTES] = "";
	bool leads = false, is_root = !strcmp(path, "/");
	int granted, r = read_card(walk->nfs, path, &card);

	if (r < 0 && is_in_grace(walk->nfs))
		return nfs_failed(walk->nfs, q, path, r, err);
	if (!r) {
		gs_share_id_parse(gs_str_span(&card), id);
		add_export(walk, path, id, false);
		return 0;
	}
	granted = nfs_access2(walk->nfs, path);
	if (granted > 0 && granted & W_OK) {
		add_export(walk, path, "", false);
		return 0;
	}
	r = list(walk, path, &leads);
	if (r < 0 && is_root)
		return nfs_failed(walk->nfs, q, path, r, err);
	/* An empty pseudo root shows that nothing is exported to us. */
	if (!leads && !is_root && r != -ENOENT)
		add_export(walk, path, "", r < 0);
	return 0;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif

/* What a hostile server can make libnfs allocate. */
static void limit_memory(void)
{
#if !defined(__SANITIZE_ADDRESS__) /* its shadow is larger */
	const struct rlimit limit = { CHILD_DATA_BYTES, CHILD_DATA_BYTES };

	setrlimit(RLIMIT_DATA, &limit);
#endif
}

static int walk_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct question *q = arg;
	struct walk walk = { .answer = ret_answer };

	if (gs_privs_confine(GS_KEEP_NET_BIND, err) < 0)
		return err->code;
	limit_memory();
	walk.nfs = connect_as_root(q, "/", err);
	if (!walk.nfs)
		return err->code;
	gs_strs_add(&walk.todo, "/");
	for (size_t i = 0; i < walk.todo.n; i++) {
		if (depth_of(walk.todo.v[i]) > MAX_DEPTH) {
			walk.partial = true;
			continue;
		}
		if (visit(&walk, q, walk.todo.v[i], err) < 0)
			return err->code;
	}
	gs_str_adds(ret_answer, walk.partial ? "partial\n" : "all\n");
	gs_strs_done(&walk.todo);
	nfs_destroy_context(walk.nfs);
	return 0;
}

static int card_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct question *q = arg;
	struct nfs_context *nfs;
	int r;

	if (gs_privs_confine(GS_KEEP_NET_BIND, err) < 0)
		return err->code;
	limit_memory();
	nfs = connect_as_root(q, q->path, err);
	if (!nfs)
		return err->code;
	r = read_card(nfs, "/", ret_answer);
	if (r < 0 && is_in_grace(nfs))
		return nfs_failed(nfs, q, q->path, r, err);
	if (r < 0)
		gs_str_done(ret_answer); /* there, without a card that we may read */
	nfs_destroy_context(nfs);
	return 0;
}

static int ask(struct question *q, int (*fn)(void *, struct gs_str *, struct gs_err *),
	       size_t max_answer, struct gs_str *ret, struct gs_err *err)
{
	struct gs_child_req req = {
		.fn = fn,
		.arg = q,
		.ids = ids,
		.deadline_ns = q->deadline_ns,
		.max_answer = max_answer,
	};
	int r = gs_child_run(&req, ret, err);

	if (r < 0 && !err->id) {
		gs_err_prefix(err, "cannot look at '%s' on %s", q->path, q->server);
		return blame(q, r == -ETIMEDOUT ? UNREACHABLE : FAILED, err);
	}
	return r;
}

int gs_nfs_find_exports(const char *server, unsigned port, int64_t deadline_ns,
			struct gs_nfs_exports *ret, struct gs_err *err)
{
	enum { MAX_ANSWER = 1 << 20 }; /* 256 exports of 4 KiB paths */
	struct question q = {
		.server = server, .path = "/", .port = port, .deadline_ns = deadline_ns
	};
	GS_AUTO(gs_nfs_exports_done) struct gs_nfs_exports exports = { 0 };
	gs_autostr struct gs_str answer = { 0 };
	int r = ask(&q, walk_in_child, MAX_ANSWER, &answer, err);

	if (r < 0)
		return r;
	if (!gs_nfs_exports_parse(gs_str_span(&answer), &exports))
		return gs_err_set(err, EPROTO, "a child process gave a malformed answer");
	if (!exports.n) {
		gs_err_set(err, ENOENT, "%s exports nothing to this node", server);
		return gs_err_cause(err, NOT_EXPORTED);
	}
	*ret = exports;
	exports = (struct gs_nfs_exports){ 0 };
	return 0;
}

int gs_nfs_read_id(const char *server, unsigned port, const char *path, int64_t deadline_ns,
		   char ret_id[GS_SHARE_ID_BYTES], struct gs_err *err)
{
	struct question q = {
		.server = server, .path = path, .port = port, .deadline_ns = deadline_ns
	};
	gs_autostr struct gs_str card = { 0 };
	int r = ask(&q, card_in_child, (size_t)2 * GS_SHARE_FILE_BYTES, &card, err);

	if (r < 0)
		return r;
	if (!gs_share_id_parse(gs_str_span(&card), ret_id))
		ret_id[0] = '\0';
	return 0;
}
