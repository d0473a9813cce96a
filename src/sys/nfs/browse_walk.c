/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/nfs/browse_walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hint.h"
#include "base/shareid.h"

enum {
	MAX_DEPTH = 32,
	MAX_NAMES = 4096,
	MAX_EXPORTS = 256,
};

static const char MINOR[] = "NFS4_MINOR_REFUSED", NOT_EXPORTED[] = "NOT_EXPORTED",
		  PERM[] = "NFS_PERM", NO_PORT[] = "PORTS_TAKEN", DENIED[] = "NFS_ACCESS_DENIED",
		  UNREACHABLE[] = "NFS_UNREACHABLE", SECURITY[] = GS_NFS_SECURITY,
		  GRACE[] = "NFS_GRACE", ABSENT[] = "NFS4_ABSENT", KERNEL[] = "KERNEL_WITHOUT_NFS",
		  GARBAGE[] = "NFS_GARBAGE", FAILED[] = "NFS_FAILED";

const char *const gs_nfs_ids[] = { MINOR,	NOT_EXPORTED, PERM,  NO_PORT, DENIED,
				   UNREACHABLE, SECURITY,     GRACE, ABSENT,  KERNEL,
				   GARBAGE,	FAILED,	      NULL };

static const struct {
	int error, told;
	const char *id;
	const char *means;
} causes[] = {
	{ EPROTONOSUPPORT, EPROTONOSUPPORT, MINOR, "the server refuses NFS 4.0" },
	{ EPFNOSUPPORT, EPROTONOSUPPORT, ABSENT, "the server refuses NFS 4.0, 4.1 and 4.2" },
	{ ENODEV, ENODEV, KERNEL,
	  "the server refuses NFS 4.0, and this node's kernel has no NFS client for 4.2" },
	{ EAGAIN, EAGAIN, GRACE,
	  "the server was started a moment ago and waits for its old clients (up to 90 s)" },
	{ ENOKEY, EPERM, SECURITY, "the server refuses AUTH_SYS without more (sec=sys)" },
	{ ENOENT, ENOENT, NOT_EXPORTED,
	  "it does not exist on the server or is not exported to this node" },
	{ EPERM, EPERM, PERM, "the server refuses this node or its source port" },
	{ EADDRINUSE, EPERM, NO_PORT,
	  "the server refuses this node's source port, since none from 512 to 1023 is free" },
	{ EACCES, EACCES, DENIED, "access denied by the server" },
	{ EBADMSG, EPROTO, GARBAGE, "the server sent an invalid NFS reply" },
	{ ETIMEDOUT, ETIMEDOUT, UNREACHABLE, "the server timed out" },
	{ ECONNRESET, ECONNRESET, UNREACHABLE, "the connection was refused or lost" },
	{ ECONNREFUSED, ECONNREFUSED, UNREACHABLE, "the server refused the connection" },
	{ EHOSTUNREACH, EHOSTUNREACH, UNREACHABLE, "no route to the server" },
	{ ENETUNREACH, ENETUNREACH, UNREACHABLE, "no route to the server" },
};

static const struct gs_blame fixes[] = {
	{ MINOR, NULL, "run it with sudo: root can use NFS 4.2", NULL },
	{ KERNEL, NULL, "load the NFS client into this node's kernel: sudo modprobe nfsv4", NULL },
	{ ABSENT, "enable NFS 4.2 in nfsd: vers4.2 in /etc/nfs.conf", NULL, NULL },
	{ NOT_EXPORTED, "sudo exportfs -v", NULL, "check who has access" },
	{ PERM, "sudo exportfs -v", NULL, "check who has access, and whether it is secure" },
	{ NO_PORT, NULL, "see what has them: sudo ss -tanp 'sport < :1024'", NULL },
	{ DENIED, "check who may enter the directory and those above it: namei -l", NULL, NULL },
	{ UNREACHABLE, "systemctl status nfs-server nfs-mountd", NULL,
	  "check the NFS server and its mountd" },
	{ SECURITY, "sudo exportfs -v", NULL, "see which security it demands" },
	{ GRACE, NULL, "try again in 90 s", NULL },
	{ GARBAGE, "sudo ss -ltnp", NULL, "see which program listens there" },
	{ FAILED, "sudo journalctl -k", NULL, "see what the NFS server says" },
};

/* The server is right to refuse the port of an ordinary user, who can have no other. */
static int advise(const char *id, const char *server, struct gs_err *err)
{
	if (geteuid() && id && !strcmp(id, PERM)) {
		gs_err_cause(err, PERM);
		return gs_err_advise(err, "run it with sudo: root can use a reserved port");
	}
	return gs_blame_fix(fixes, GS_COUNT(fixes), id, server, err);
}

int gs_nfs_fix(const char *server, struct gs_err *err)
{
	return advise(err->id, server, err);
}

int gs_nfs_blame(const char *server, int r, struct gs_err *err)
{
	const char *id = FAILED;

	for (size_t i = 0; i < GS_COUNT(causes); i++)
		if (causes[i].error == -r)
			id = causes[i].id;
	return advise(id, server, err);
}

int gs_nfs_failed(const struct gs_nfs_view *view, const char *server, const char *path, int r,
		  struct gs_err *err)
{
	const char *wrong = view && r == -EBADMSG ? view->wrong : "";
	bool lacks_port = view && view->lacks_port && r == -EPERM;
	const char *means = gs_errno_text(r);
	int told = r;

	r = lacks_port ? -EADDRINUSE : r;
	for (size_t i = 0; i < GS_COUNT(causes); i++) {
		if (causes[i].error != -r)
			continue;
		means = causes[i].means;
		told = causes[i].told;
	}
	gs_err_set(err, told, "cannot access '%s' on %s: %s%s%s%s", path, server, means,
		   *wrong ? " (" : "", wrong, *wrong ? ")" : "");
	return gs_nfs_blame(server, r, err);
}

/* After such an error no other request would do better. */
static bool is_final(int r)
{
	return r == -EAGAIN || r == -ETIMEDOUT || r == -ECONNRESET || r == -EBADMSG;
}

struct walk {
	struct gs_nfs_view *view;
	struct gs_strs todo;	/* directories, breadth first */
	struct gs_strs climbed; /* exports that were found by a directory in them */
	size_t names, exports;
	bool partial;
	const char *secured; /* the first export that demands Kerberos or TLS */
	const char *refused; /* the first export that demands a reserved port */
	struct gs_str *answer;
};

/* Adds a line to the answer: "wu 7c1e52d0 /path", with a dash for each no. */
static void add_export(struct walk *walk, const char *path, const char *id, bool writable,
		       bool unreadable)
{
	if (++walk->exports > MAX_EXPORTS) {
		walk->partial = true;
		return;
	}
	gs_str_addf(walk->answer, "%c%c %s %s\n", writable ? 'w' : '-', unreadable ? 'u' : '-',
		    *id ? id : "-", path);
}

static bool is_plain_name(struct gs_span name)
{
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7f || name.ptr[i] == '/')
			return false;
	return name.len > 0;
}

bool gs_nfs_listing_add(struct gs_nfs_listing *listing, struct gs_span name, bool is_dir)
{
	gs_autofree char *text = NULL;

	if (gs_span_is_text(name, ".") || gs_span_is_text(name, ".."))
		return true;
	if (listing->n == listing->max) {
		listing->has_more = true;
		return false;
	}
	listing->n++;
	listing->has_files = !is_dir;
	if (!is_dir || !is_plain_name(name))
		return is_dir;
	text = gs_span_dup(name);
	gs_strs_add(&listing->names, text);
	return true;
}

/*
 * Adds the directories in path to the list; *ret_leads is false where path cannot be a directory
 * above exports. Returns 0, or the -errno of listing.
 */
static int list(struct walk *walk, const char *path, bool *ret_leads)
{
	struct gs_nfs_listing found = { .max = MAX_NAMES - walk->names };
	int r = walk->view->list(walk->view, path, &found);

	walk->names += found.n;
	walk->partial = walk->partial || found.has_more;
	*ret_leads = r == 0 && found.n && !found.has_files;
	for (size_t i = 0; *ret_leads && i < found.names.n; i++) {
		gs_autofree char *below = gs_printf("%s/%s", strcmp(path, "/") ? path : "",
						    found.names.v[i]);
		gs_strs_add(&walk->todo, below);
	}
	gs_strs_done(&found.names);
	return r;
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return gs_span_dup(gs_span(path, slash ? (size_t)(slash - path) : 0));
}

/*
 * Without an id a directory in an export looks like one itself: where the export's own directory
 * holds no file and may not be changed, it looks like one on the way. The root is left alone: it
 * has no name to be mounted by.
 */
static char *climb(struct walk *walk, const char *path)
{
	gs_autofree char *at = gs_strdup(path);

	while (walk->view->is_same_export) {
		gs_autofree char *above = parent_of(at);

		if (!above[0] || !walk->view->is_same_export(walk->view, above, at))
			break;
		free(at);
		at = above;
		above = NULL;
	}
	return gs_strdup(at);
}

/* An export that shows no id: by its own directory, of which more is known than by what is in it.
 */
static void add_bare(struct walk *walk, const char *path, bool writable, bool unreadable)
{
	gs_autofree char *itself = climb(walk, path);

	if (!strcmp(itself, path)) {
		add_export(walk, path, "", writable, unreadable);
		return;
	}
	if (gs_strs_has(&walk->climbed, itself))
		return;
	gs_strs_add(&walk->climbed, itself);
	add_export(walk, itself, "", true, unreadable);
}

static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

static int visit(struct walk *walk, const char *path)
{
	struct gs_nfs_view *view = walk->view;
	gs_autostr struct gs_str card = { 0 };
	char id[GS_SHARE_ID_BYTES] = "";
	bool leads = false, is_root = !strcmp(path, "/");
	int r = view->read_card(view, path, &card), may;

	if (is_final(r))
		return r;
	may = view->may_change(view, path);
	if (is_final(may))
		return may;
	if (!r) {
		gs_share_id_parse(gs_str_span(&card), id);
		add_export(walk, path, id, !may, false);
		return 0;
	}
	if (!may) {
		add_bare(walk, path, true, false);
		return 0;
	}
	/* An export that demands more than AUTH_SYS in clear: it cannot be used, nor looked into.
	 */
	if (r == -ENOKEY && may == -ENOKEY && !is_root) {
		walk->secured = walk->secured ? walk->secured : path;
		return 0;
	}
	/* Nothing of it is known; not even that it has no id. */
	if (r == -EPERM && may == -EPERM && !is_root) {
		walk->refused = walk->refused ? walk->refused : path;
		walk->partial = true;
		return 0;
	}
	r = list(walk, path, &leads);
	if (is_final(r) || (r < 0 && is_root))
		return r;
	/* An empty pseudo root means that nothing is exported to us. */
	if (!leads && !is_root && r != -ENOENT)
		add_bare(walk, path, false, r < 0);
	return 0;
}

int gs_nfs_walk(struct gs_nfs_view *view, const char *server, struct gs_str *ret_answer,
		struct gs_err *err)
{
	struct walk walk = { .view = view, .answer = ret_answer };
	int r = 0;

	gs_strs_add(&walk.todo, "/");
	for (size_t i = 0; r == 0 && i < walk.todo.n; i++) {
		if (depth_of(walk.todo.v[i]) > MAX_DEPTH) {
			walk.partial = true;
			continue;
		}
		r = visit(&walk, walk.todo.v[i]);
		if (r < 0)
			gs_nfs_failed(view, server, walk.todo.v[i], r, err);
	}
	if (r == 0 && !walk.exports && walk.secured)
		r = gs_nfs_failed(view, server, walk.secured, -ENOKEY, err);
	else if (r == 0 && !walk.exports && walk.refused)
		r = gs_nfs_failed(view, server, walk.refused, -EPERM, err);
	gs_strs_done(&walk.todo);
	gs_strs_done(&walk.climbed);
	gs_str_adds(ret_answer, walk.partial ? "partial\n" : "all\n");
	return r < 0 ? err->code : 0;
}

int gs_nfs_card(struct gs_nfs_view *view, const char *server, const char *dir,
		struct gs_str *ret_card, struct gs_err *err)
{
	int r = view->enter(view, dir);

	if (r == 0) {
		r = view->read_card(view, dir, ret_card);
		if (r < 0 && r != -ENOTDIR && r != -EPERM && !is_final(r)) {
			gs_str_done(ret_card); /* exists, but has no .gshare-id that we may read */
			gs_str_adds(ret_card, r == -EACCES ? GS_NFS_CLOSED : "");
			r = 0;
		}
	}
	return r < 0 ? gs_nfs_failed(view, server, dir, r, err) : 0;
}
