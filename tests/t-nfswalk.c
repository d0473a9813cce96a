/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/nfs4.h"
#include "sys/nfs/browse_walk.h"
#include "table.h"

/* The walk over servers that exist as rows only. */

enum { MAX_DIRS = 8 };

struct dir {
	const char *path;
	const char *card; /* NULL: none */
	int error;	  /* of reading the card, where there is none; 0: ENOENT */
	bool writable;
	const char *entries; /* "a/ b": a directory and a file */
	int list_error;
	char export_; /* of this export, where the server's handles tell; 0: they do not */
};

struct server {
	struct gs_nfs_view view;
	const struct dir *dirs;
	unsigned many; /* of the root's directories beside the named ones */
	bool endless;  /* every directory holds one named "d" */
};

#define CARD "gshare 1\nid 7c1e52d0\n"

static const struct {
	const char *name;
	struct dir dirs[MAX_DIRS];
	const char *answer; /* NULL: the walk fails with */
	const char *cause;
	int code;
} rows[] = {
	{ "a card makes a share",
	  { { "/", .entries = "mnt/" }, { "/mnt", .entries = "s/" }, { "/mnt/s", .card = CARD } },
	  "-- 7c1e52d0 /mnt/s\nall\n",
	  NULL,
	  0 },
	{ "a share that we may write",
	  { { "/", .entries = "s/" }, { "/s", .card = CARD, .writable = true } },
	  "w- 7c1e52d0 /s\nall\n",
	  NULL,
	  0 },
	{ "a bad card is a share without an id",
	  { { "/", .entries = "s/" }, { "/s", .card = "gshare 1\nid ../etc\n" } },
	  "-- - /s\nall\n",
	  NULL,
	  0 },
	{ "the root itself", { { "/", .writable = true } }, "w- - /\nall\n", NULL, 0 },
	{ "writable, a file in it, nothing in it",
	  { { "/", .entries = "a/ b/ c/" },
	    { "/a", .writable = true, .entries = "x/" },
	    { "/b", .entries = "x/ f" },
	    { "/c", .entries = "" } },
	  "w- - /a\n-- - /b\n-- - /c\nall\n",
	  NULL,
	  0 },
	{ "the only directory of an export without an id",
	  { { "/", .entries = "srv/" },
	    { "/srv", .entries = "e/", .export_ = 'p' },
	    { "/srv/e", .entries = "one/", .export_ = 'e' },
	    { "/srv/e/one", .writable = true, .export_ = 'e' } },
	  "w- - /srv/e\nall\n",
	  NULL,
	  0 },
	{ "two of them, and another export",
	  { { "/", .entries = "e/ f/" },
	    { "/e", .entries = "one/ two/", .export_ = 'e' },
	    { "/f", .entries = "one/", .export_ = 'p' },
	    { "/e/one", .entries = "", .export_ = 'e' },
	    { "/e/two", .entries = "x/", .export_ = 'e' },
	    { "/f/one", .writable = true, .export_ = 'f' },
	    { "/e/two/x", .writable = true, .export_ = 'e' } },
	  "w- - /e\nw- - /f/one\nall\n",
	  NULL,
	  0 },
	{ "a share in an export without an id",
	  { { "/", .entries = "e/" },
	    { "/e", .entries = "s/", .export_ = 'e' },
	    { "/e/s", .card = CARD, .export_ = 'e' } },
	  "-- 7c1e52d0 /e/s\nall\n",
	  NULL,
	  0 },
	{ "in the root's own export",
	  { { "/", .entries = "one/", .export_ = 'r' },
	    { "/one", .writable = true, .export_ = 'r' } },
	  "w- - /one\nall\n",
	  NULL,
	  0 },
	{ "what may not be listed",
	  { { "/", .entries = "a/" }, { "/a", .error = EACCES, .list_error = EACCES } },
	  "-u - /a\nall\n",
	  NULL,
	  0 },
	{ "nothing for us", { { "/", .entries = "" } }, "all\n", NULL, 0 },
	{ "a name with a control character is passed over",
	  { { "/", .entries = "a\nb/ c/" }, { "/c", .card = CARD } },
	  "-- 7c1e52d0 /c\nall\n",
	  NULL,
	  0 },
	{ "what is gone meanwhile",
	  { { "/", .entries = "gone/ c/" }, { "/c", .card = CARD } },
	  "-- 7c1e52d0 /c\nall\n",
	  NULL,
	  0 },
	{ "the root is refused",
	  { { "/", .error = EPERM, .list_error = EPERM } },
	  NULL,
	  "NFS_PERM",
	  -EPERM },
	{ "an export with a reserved port beside another",
	  { { "/", .entries = "a/ s/" },
	    { "/a", .card = CARD },
	    { "/s", .error = EPERM, .list_error = EPERM } },
	  "-- 7c1e52d0 /a\npartial\n",
	  NULL,
	  0 },
	{ "the only export has a reserved port",
	  { { "/", .entries = "s/" }, { "/s", .error = EPERM, .list_error = EPERM } },
	  NULL,
	  "NFS_PERM",
	  -EPERM },
	{ "the grace period", { { "/", .error = EAGAIN } }, NULL, "NFS_GRACE", -EAGAIN },
	{ "silence on the way",
	  { { "/", .entries = "a/" }, { "/a", .error = ETIMEDOUT } },
	  NULL,
	  "NFS_UNREACHABLE",
	  -ETIMEDOUT },
	{ "an export with Kerberos beside another",
	  { { "/", .entries = "a/ k/" },
	    { "/a", .card = CARD },
	    { "/k", .error = ENOKEY, .list_error = ENOKEY } },
	  "-- 7c1e52d0 /a\nall\n",
	  NULL,
	  0 },
	{ "the only export has Kerberos",
	  { { "/", .entries = "k/" }, { "/k", .error = ENOKEY, .list_error = ENOKEY } },
	  NULL,
	  "NFS_SECURITY",
	  -EPERM },
	{ "Kerberos",
	  { { "/", .error = ENOKEY, .list_error = ENOKEY } },
	  NULL,
	  "NFS_SECURITY",
	  -EPERM },
};

static const struct dir *find(const struct server *server, const char *path)
{
	static const struct dir endless = { "", .entries = "d/" };

	for (size_t i = 0; !server->endless && i < MAX_DIRS && server->dirs[i].path; i++)
		if (!strcmp(server->dirs[i].path, path))
			return &server->dirs[i];
	return server->endless ? &endless : NULL;
}

static int enter(struct gs_nfs_view *view, const char *path)
{
	return find((struct server *)view, path) ? 0 : -ENOENT;
}

static int read_card(struct gs_nfs_view *view, const char *path, struct gs_str *ret)
{
	const struct dir *dir = find((struct server *)view, path);

	if (!dir || !dir->card)
		return dir && dir->error ? -dir->error : -ENOENT;
	gs_str_adds(ret, dir->card);
	return 0;
}

static int may_change(struct gs_nfs_view *view, const char *path)
{
	const struct dir *dir = find((struct server *)view, path);

	bool is_refused = dir && (dir->error == ENOKEY || dir->error == EPERM);

	return dir && dir->writable ? 0 : is_refused ? -dir->error : -EACCES;
}

static int list(struct gs_nfs_view *view, const char *path, struct gs_nfs_listing *listing)
{
	const struct server *server = (struct server *)view;
	const struct dir *dir = find(server, path);
	struct gs_span rest, name;

	if (!dir || dir->list_error)
		return dir ? -dir->list_error : -ENOENT;
	for (unsigned i = 0; i < server->many; i++)
		if (!gs_nfs_listing_add(listing, gs_span_of("gone"), true))
			return 0;
	rest = gs_span_of(dir->entries);
	while (gs_span_cut(&rest, ' ', &name)) {
		bool is_dir = name.len && name.ptr[name.len - 1] == '/';

		if (!gs_nfs_listing_add(listing, gs_span(name.ptr, name.len - is_dir), is_dir))
			return 0;
	}
	return 0;
}

static bool is_same_export(struct gs_nfs_view *view, const char *one, const char *other)
{
	const struct dir *a = find((struct server *)view, one);
	const struct dir *b = find((struct server *)view, other);

	return a && b && a->export_ && a->export_ == b->export_;
}

static struct server make(const struct dir *dirs)
{
	return (struct server){ .view = { .enter = enter,
					  .read_card = read_card,
					  .may_change = may_change,
					  .list = list,
					  .is_same_export = is_same_export },
				.dirs = dirs };
}

static void walks(void **state)
{
	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		struct server server = make(rows[i].dirs);
		gs_autostr struct gs_str answer = { 0 };
		struct gs_err err = { 0 };
		int r = gs_nfs_walk(&server.view, "192.0.2.1", &answer, &err);

		if (r != rows[i].code || (rows[i].answer && strcmp(answer.ptr, rows[i].answer)))
			fail_msg("%s: %d %s\n%s", rows[i].name, r, err.msg, answer.ptr);
		if (!rows[i].cause)
			continue;
		assert_string_equal(err.id, rows[i].cause);
		assert_true(err.fix[0]);
	}
}

/* Every reserved port is taken, and the one that it came from is what is refused. */
static void no_reserved_port_is_free(void **state)
{
	static const struct dir dirs[MAX_DIRS] = { { "/", .error = EPERM, .list_error = EPERM } };
	struct server server = make(dirs);
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	server.view.lacks_port = true;
	assert_int_equal(gs_nfs_walk(&server.view, "192.0.2.1", &answer, &err), -EPERM);
	assert_string_equal(err.id, "PORTS_TAKEN");
}

/* Whatever a look can give says what helps, and on which side. */
static void every_cause_has_a_fix(void **state)
{
	static const struct {
		int error, code;
		const char *id, *fix;
	} said[] = {
		{ EPROTONOSUPPORT, -EPROTONOSUPPORT, "NFS4_MINOR_REFUSED", "run it with sudo" },
		{ EPFNOSUPPORT, -EPROTONOSUPPORT, "NFS4_ABSENT", "on 192.0.2.1 enable NFS 4.2" },
		{ ENODEV, -ENODEV, "KERNEL_WITHOUT_NFS", "sudo modprobe nfsv4" },
		{ ENOKEY, -EPERM, "NFS_SECURITY",
		  "it demands: on 192.0.2.1 run: sudo exportfs -v" },
		{ EPERM, -EPERM, "NFS_PERM", "secure: on 192.0.2.1 run: sudo exportfs -v" },
		{ EADDRINUSE, -EPERM, "PORTS_TAKEN", "sudo ss -tanp 'sport < :1024'" },
		{ EACCES, -EACCES, "NFS_ACCESS_DENIED", "on 192.0.2.1 check who may enter" },
		{ ENOENT, -ENOENT, "NOT_EXPORTED", "access: on 192.0.2.1 run: sudo exportfs -v" },
		{ EAGAIN, -EAGAIN, "NFS_GRACE", "try again in 90 s" },
		{ ETIMEDOUT, -ETIMEDOUT, "NFS_UNREACHABLE",
		  "mountd: on 192.0.2.1 run: systemctl status nfs-server" },
		{ EBADMSG, -EPROTO, "NFS_GARBAGE",
		  "listens there: on 192.0.2.1 run: sudo ss -ltnp" },
		{ EIO, -EIO, "NFS_FAILED", "says: on 192.0.2.1 run: sudo journalctl -k" },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(said); i++) {
		struct gs_err err = { 0 };

		assert_int_equal(gs_nfs_failed(NULL, "192.0.2.1", "/", -said[i].error, &err),
				 said[i].code);
		assert_string_equal(err.id, said[i].id);
		assert_non_null(strstr(err.fix, said[i].fix));
	}
}

static void a_walk_has_bounds(void **state)
{
	const struct dir root[MAX_DIRS] = { { "/", .entries = "a/" }, { "/a", .card = CARD } };
	struct server many = make(root), deep = make(root);
	gs_autostr struct gs_str of_many = { 0 }, of_deep = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	many.many = 5000;
	assert_int_equal(gs_nfs_walk(&many.view, "192.0.2.1", &of_many, &err), 0);
	assert_string_equal(of_many.ptr, "partial\n");
	deep.endless = true;
	assert_int_equal(gs_nfs_walk(&deep.view, "192.0.2.1", &of_deep, &err), 0);
	assert_string_equal(of_deep.ptr, "partial\n");
}

static void a_handle_names_its_export(void **state)
{
	enum { FILEID = 3 };
	static const struct {
		unsigned char type, len, changed; /* the byte that differs; FILEID: what is in it */
		bool is_same;
	} handles[] = {
		{ 7, 28, FILEID, true }, { 7, 40, 28, true },	   { 7, 28, 27, false },
		{ 6, 20, FILEID, true }, { 6, 20, 19, false },	   { 1, 8, 7, false },
		{ 0, 12, 11, false },	 { 7, 27, FILEID, false }, { 8, 40, FILEID, false },
		{ 7, 28, 0, false },	 { 7, 28, 1, false },	   { 7, 28, 2, false },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(handles); i++) {
		struct gs_nfs4_handle a = { .len = handles[i].len, .bytes = { 1, 0, 0 } }, b;

		a.bytes[2] = (char)handles[i].type;
		b = a;
		b.bytes[handles[i].changed] ^= 1;
		assert_int_equal(gs_nfs4_is_same_export(&a, &b), handles[i].is_same);
	}
}

static void one_card(void **state)
{
	static const struct dir dirs[MAX_DIRS] = { { "/s", .card = CARD },
						   { "/bare", .error = EACCES },
						   { "/file", .error = ENOTDIR },
						   { "/late", .error = EAGAIN },
						   { "/secure", .error = EPERM } };
	static const struct {
		const char *path;
		int r;
		const char *card;
	} asked[] = {
		{ "/s", 0, CARD },	     { "/bare", 0, GS_NFS_CLOSED },
		{ "/file", -ENOTDIR, NULL }, { "/late", -EAGAIN, NULL },
		{ "/secure", -EPERM, NULL }, { "/absent", -ENOENT, NULL },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(asked); i++) {
		struct server server = make(dirs);
		gs_autostr struct gs_str card = { 0 };
		struct gs_err err = { 0 };

		assert_int_equal(gs_nfs_card(&server.view, "192.0.2.1", asked[i].path, &card, &err),
				 asked[i].r);
		if (asked[i].card)
			assert_true(gs_span_is_text(gs_str_span(&card), asked[i].card));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks),
		cmocka_unit_test(no_reserved_port_is_free),
		cmocka_unit_test(every_cause_has_a_fix),
		cmocka_unit_test(a_walk_has_bounds),
		cmocka_unit_test(a_handle_names_its_export),
		cmocka_unit_test(one_card),
	};

	return cmocka_run_group_tests_name("nfswalk", tests, NULL, NULL);
}
