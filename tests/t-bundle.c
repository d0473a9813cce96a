/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>
#include <unistd.h>

#include "core/bundle/bundle.h"
#include "core/bundle/pick.h"
#include "core/format/tar.h"

/* What goes to somebody who helps: no secret is in it, and tar(1) reads it. */

#define LEFT GS_SECRET_LEFT_OUT

/* ---- secrets --------------------------------------------------------------------------------- */

static const struct secret {
	const char *name, *text;
	const char *clean; /* NULL: it stays */
	enum gs_secret_in in;
} secrets[] = {
	{ "an empty text", "", NULL, GS_SECRET_IN_TEXT },
	{ "a line of it", "password=hunter2\nx=1\n", "password=" LEFT "\nx=1\n",
	  GS_SECRET_IN_TEXT },
	{ "as the whole text", "password=h", "password=" LEFT, GS_SECRET_IN_TEXT },
	{ "cut behind the sign", "password=", NULL, GS_SECRET_IN_TEXT },
	{ "cut before the sign", "a password", NULL, GS_SECRET_IN_TEXT },
	{ "no value, another line", "password=\nhunter2\n", NULL, GS_SECRET_IN_TEXT },
	{ "blanks around the sign", "[x]\n Password = a b c\ny = 2\n",
	  "[x]\n Password = " LEFT "\ny = 2\n", GS_SECRET_IN_TEXT },
	{ "of YAML", "  db_password: a b\n", "  db_password: " LEFT "\n", GS_SECRET_IN_TEXT },
	{ "every name",
	  "a passwd=1 pass=1 passphrase=1 pwd=1 user=1 username=1 credentials=1 token=1 secret=1 "
	  "key=1 cred=1 bindpw=1 apikey=1\n",
	  "a passwd=" LEFT " pass=" LEFT " passphrase=" LEFT " pwd=" LEFT " user=" LEFT
	  " username=" LEFT " credentials=" LEFT " token=" LEFT " secret=" LEFT " key=" LEFT
	  " cred=" LEFT " bindpw=" LEFT " apikey=" LEFT "\n",
	  GS_SECRET_IN_TEXT },
	{ "of any case, inside a name", "x PGPASSWORD=a SECRET_ID=b Api-Key=c MY_TOKEN_2=d\n",
	  "x PGPASSWORD=" LEFT " SECRET_ID=" LEFT " Api-Key=" LEFT " MY_TOKEN_2=" LEFT "\n",
	  GS_SECRET_IN_TEXT },
	{ "near misses",
	  "subkey=5 sec=krb5p keyring=x monkey=1 bypass=2 user_xattr=3 keytab-file=/etc/k "
	  "compass=1 superuser=2 key token secret password\n",
	  NULL, GS_SECRET_IN_TEXT },
	{ "a unit", "Environment=KEY=abc\nEnvironment=\"API_KEY=a b\" X=1\nExecStart=/b -x\n",
	  "Environment=KEY=" LEFT "\nEnvironment=\"API_KEY=" LEFT "\" X=1\nExecStart=/b -x\n",
	  GS_SECRET_IN_TEXT },
	{ "a quoted value", "Environment=KEY=\"a b\" X=1\nx TOKEN='c \\' d'e f=2\n",
	  "Environment=KEY=" LEFT " X=1\nx TOKEN=" LEFT " f=2\n", GS_SECRET_IN_TEXT },
	{ "a quote that stays open", "x TOKEN='a b\nc=d\n", "x TOKEN=" LEFT "\nc=d\n",
	  GS_SECRET_IN_TEXT },
	{ "a line that goes on", "x TOKEN=a\\\nb c=d\n", "x TOKEN=" LEFT " c=d\n",
	  GS_SECRET_IN_TEXT },
	{ "of a shell", "export TOKEN=a b # c\nz\n", "export TOKEN=" LEFT "\nz\n",
	  GS_SECRET_IN_TEXT },
	{ "an option of a program", "ExecStart=/x --password hunter2 --user=me -p\n",
	  "ExecStart=/x --password " LEFT " --user=" LEFT " -p\n", GS_SECRET_IN_TEXT },
	{ "a comma in text", "x token=a,b c\n", "x token=" LEFT " c\n", GS_SECRET_IN_TEXT },
	{ "options of fstab", "//h/s /m cifs username=me,password=p\\040w,rw,user 0 0\n",
	  "//h/s /m cifs username=" LEFT ",password=" LEFT ",rw,user 0 0\n", GS_SECRET_IN_OPTIONS },
	{ "an entry of NFS",
	  "192.168.18.13:/mnt/a\\040b /mnt/key nfs4 sec=krb5p,x-gshare.id=1f,user,nofail 0 0\n",
	  NULL, GS_SECRET_IN_OPTIONS },
	{ "exports",
	  "# password of nobody\n/srv/token 192.168.18.8(rw,all_squash,anonuid=1000) @key(ro)\n"
	  "\"/srv/my secret\" *(ro) fd00::/64(rw,sec=krb5:sys)\n",
	  NULL, GS_SECRET_IN_OPTIONS },
	{ "comments of exports", "# password=a,b c\n/srv *(rw) # token=d, e\n/x *(ro)\n",
	  "# password=" LEFT "\n/srv *(rw) # token=" LEFT "\n/x *(ro)\n", GS_SECRET_IN_OPTIONS },
	{ "URLs", "a postgres://u:p@h/d b=https://u:p@q@h c\n",
	  "a postgres://" LEFT "@h/d b=https://" LEFT "@h c\n", GS_SECRET_IN_TEXT },
	{ "a slash in the password of a URL", "x://u:p/q@h/\n", "x://" LEFT "@h/\n",
	  GS_SECRET_IN_TEXT },
	{ "URLs without a password", "a http://h/x@y nfs://h:2049/a@b ssh://me@h x:/y@z ://\n",
	  NULL, GS_SECRET_IN_TEXT },
	{ "a key",
	  "a\n-----BEGIN RSA PRIVATE KEY-----\nMII\nx=y\n-----END RSA PRIVATE KEY-----\nb\n",
	  "a\n-----BEGIN RSA PRIVATE KEY-----" LEFT "-----END RSA PRIVATE KEY-----\nb\n",
	  GS_SECRET_IN_TEXT },
	{ "a key that is cut", "-----BEGIN EC PRIVATE KEY-----\nMII\n-----EN",
	  "-----BEGIN EC PRIVATE KEY-----" LEFT, GS_SECRET_IN_TEXT },
	{ "a key that is cut at once", "-----BEGIN ", NULL, GS_SECRET_IN_TEXT },
	{ "JSON", "{\"a\": \"x password=a\\\" b, c\", \"key\": \"d\", \"u\": \"x://a:b@c\"}",
	  "{\"a\": \"x password=" LEFT "\", \"key\": \"d\", \"u\": \"x://" LEFT "@c\"}",
	  GS_SECRET_IN_JSON },
	{ "a key in JSON", "{\"a\": \"-----BEGIN X-----\\nMII\", \"b\": 1}",
	  "{\"a\": \"-----BEGIN X-----" LEFT "\", \"b\": 1}", GS_SECRET_IN_JSON },
};

static void test_secret(void **state)
{
	const struct secret *row = *state;
	const char *want = row->clean ? row->clean : row->text;
	gs_autostr struct gs_str clean = { 0 }, again = { 0 };

	gs_secrets_leave_out(gs_span_of(row->text), row->in, &clean);
	if (!gs_span_is_text(gs_str_span(&clean), want))
		fail_msg("'%s', not '%s'", clean.ptr ? clean.ptr : "", want);
	gs_secrets_leave_out(gs_str_span(&clean), row->in, &again);
	if (!gs_span_is(gs_str_span(&again), gs_str_span(&clean)))
		fail_msg("then '%s', not '%s'", again.ptr, clean.ptr);
}

/* Cut anywhere, a text is read to its end, and what is kept of it is a part of it. */
static void test_cut(void **state)
{
	const struct secret *row = *state;
	size_t len = strlen(row->text);

	for (size_t n = 0; n <= len; n++) {
		char *part = gs_dup(row->text, n + 1); /* its own bytes alone: valgrind sees more */
		gs_autostr struct gs_str clean = { 0 };

		gs_secrets_leave_out(gs_span(part, n), row->in, &clean);
		assert_true(!clean.ptr || !memmem(clean.ptr, clean.len, "hunter", 6) ||
			    !memmem(row->text, len, "=hunter", 7));
		free(part);
	}
}

/* ---- what is about NFS ----------------------------------------------------------------------- */

static const struct pick {
	const char *name;
	void (*pick)(struct gs_span text, struct gs_str *out);
	const char *text, *picked;
} picks[] = {
	{ "fstab", gs_pick_fstab,
	  "# a note\n//h/s /m cifs password=x 0 0\nUUID=1 / ext4 defaults 0 1\n"
	  "# gshare mount /mnt/a\nh:/a\t/mnt/a nfs4 rw 0 0\n#h:/b /b nfs rw\n"
	  "h:/c /c nsf rw\nu@h:/d /d fuse.sshfs x\nm:6789:/ /e ceph secret=x\nh:/f /f auto",
	  "# gshare mount /mnt/a\nh:/a\t/mnt/a nfs4 rw 0 0\nh:/c /c nsf rw\nh:/f /f auto" },
	{ "an empty fstab", gs_pick_fstab, "", "" },
	{ "mountinfo", gs_pick_mountinfo,
	  "1 2 0:3 / / rw - ext4 /dev/x rw\n4 1 0:5 / /mnt/a rw shared:1 - nfs4 h:/a rw,sec=sys\n"
	  "6 1 0:7 / /x rw - cifs //h/s rw,username=x\n",
	  "4 1 0:5 / /mnt/a rw shared:1 - nfs4 h:/a rw,sec=sys\n" },
	{ "mountstats", gs_pick_mountstats,
	  "device proc mounted on /proc with fstype proc\n"
	  "device h:/a mounted on /mnt/a with fstype nfs4 statvers=1.1\n\topts:\trw\n\n"
	  "device x mounted on /x with fstype ext4\n",
	  "device h:/a mounted on /mnt/a with fstype nfs4 statvers=1.1\n\topts:\trw\n\n" },
	{ "the kernel's messages", gs_pick_kernel,
	  "usb 1-1: new\nNFSD: starting\nnfs: server h not responding\nlockd: x\nRPC: y\n",
	  "NFSD: starting\nnfs: server h not responding\nlockd: x\nRPC: y\n" },
};

static void test_pick(void **state)
{
	const struct pick *row = *state;
	gs_autostr struct gs_str picked = { 0 };

	row->pick(gs_span_of(row->text), &picked);
	if (!gs_span_is_text(gs_str_span(&picked), row->picked))
		fail_msg("'%s', not '%s'", picked.ptr ? picked.ptr : "", row->picked);
}

static void test_unit(void **state)
{
	(void)state;
	assert_true(gs_pick_is_nfs_unit(gs_span_of("[Mount]\nWhat=h:/a\nType=nfs4\n")));
	assert_true(gs_pick_is_nfs_unit(gs_span_of("[Mount]\nWhat=h:/a\n")));
	assert_false(gs_pick_is_nfs_unit(gs_span_of("[Mount]\nWhat=//h/a\nType=cifs\n")));
	assert_false(gs_pick_is_nfs_unit(gs_span_of("[Mount]\nWhat=/dev/x\n")));
}

/* ---- the archive ----------------------------------------------------------------------------- */

static const struct fit {
	const char *name;
	bool fits;
} fits[] = {
	{ "a", true },
	{ "gshare-bundle/exports.d/a.exports", true },
	{ "", false },
	{ "/a", false },
	{ "a//b", false },
	{ "a/../b", false },
	{ "..", false },
	{ "a b", false },
	{ "a\nb", false },
	{ "\303\244", false },
	{ "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
	  "890123456789",
	  true },
	{ "123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
	  "8901234567890",
	  false },
};

static void test_fit(void **state)
{
	const struct fit *row = *state;

	assert_int_equal(gs_tar_fits(row->name), row->fits);
}

/* What a command prints. */
static void take(const char *command, struct gs_str *ret)
{
	FILE *pipe = popen(command, "r");
	char piece[4096];
	size_t n = 1;

	assert_non_null(pipe);
	while (n) {
		n = fread(piece, 1, sizeof piece, pipe);
		gs_str_add(ret, gs_span(piece, n));
	}
	assert_int_equal(pclose(pipe), 0);
}

/* Of each length around a block's end: what tar(1) takes out is what was put in. */
static void test_tar(void **state)
{
	static const size_t lens[] = { 0, 1, 511, 512, 513, 1024, 70000 };
	char name[] = "/tmp/t-bundle-XXXXXX";
	int fd = mkstemp(name);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < GS_COUNT(lens); i++) {
		gs_autostr struct gs_str tar = { 0 }, text = { 0 }, said = { 0 }, listed = { 0 };
		gs_autofree char *command = gs_printf("tar xOf %s d/member", name);
		gs_autofree char *list = gs_printf("TZ=UTC tar tvf %s", name);

		while (text.len < lens[i])
			gs_str_addc(&text, (char)(text.len * 7 % 251));
		gs_tar_add(&tar, "d/first", gs_span_of("x"), 0);
		gs_tar_add(&tar, "d/member", gs_str_span(&text), 1700000000);
		gs_tar_end(&tar);
		assert_int_equal(tar.len, gs_tar_bytes(1) + gs_tar_bytes(lens[i]) + 1024);
		assert_int_equal(tar.len % 512, 0);
		assert_int_equal(pwrite(fd, tar.ptr, tar.len, 0), (ssize_t)tar.len);
		assert_int_equal(ftruncate(fd, (off_t)tar.len), 0);
		take(command, &said);
		assert_true(gs_span_is(gs_str_span(&said), gs_str_span(&text)));
		take(list, &listed);
		assert_non_null(strstr(listed.ptr, "-rw------- root/root"));
		assert_non_null(strstr(listed.ptr, "1970-01-01 00:00 d/first\n"));
		assert_non_null(strstr(listed.ptr, "2023-11-14 22:13 d/member\n"));
	}
	close(fd);
	unlink(name);
}

static size_t count(const struct gs_str *in, const char *what)
{
	size_t n = 0;

	for (const char *at = in->ptr;
	     (at = memmem(at, (size_t)(in->ptr + in->len - at), what, strlen(what))); at++)
		n++;
	return n;
}

static void test_bounds(void **state)
{
	static const struct gs_bundle_file log = { "log", GS_SECRET_IN_TEXT, true };
	static const struct gs_bundle_file conf = { "conf", GS_SECRET_IN_TEXT, false };
	static const struct gs_bundle_file odd = { "a/../b", GS_SECRET_IN_TEXT, false };
	GS_AUTO(gs_bundle_done) struct gs_bundle bundle = { 0 };
	gs_autostr struct gs_str text = { 0 };

	(void)state;
	gs_str_adds(&text, "first\n");
	while (text.len < GS_BUNDLE_FILE_BYTES)
		gs_str_adds(&text, "line of it\n");
	gs_str_adds(&text, "last\n");
	gs_bundle_add(&bundle, &log, gs_str_span(&text));
	assert_int_equal(count(&bundle.tar, "first\n"), 0);
	assert_int_equal(count(&bundle.tar, "last\n"), 1);
	gs_bundle_add(&bundle, &conf, gs_str_span(&text));
	assert_int_equal(count(&bundle.tar, "first\n"), 1);
	assert_int_equal(count(&bundle.tar, "last\n"), 1);
	gs_bundle_add(&bundle, &odd, gs_str_span(&text));
	for (size_t i = 0; i < 40; i++)
		gs_bundle_add(&bundle, &conf, gs_str_span(&text));
	gs_bundle_miss(&bundle, "x\033[2J", "cannot: x://u:hunter2@h\n");
	for (size_t i = 0; i < 10000; i++)
		gs_bundle_miss(&bundle, "etab", "no time was left");
	gs_bundle_end(&bundle);
	assert_in_range(bundle.tar.len, 3 << 20, GS_BUNDLE_BYTES);
	assert_int_equal(count(&bundle.tar, "\nlog: cut: only its end is there"), 0);
	assert_int_equal(count(&bundle.tar, "log: cut: only its end is there\n"), 1);
	assert_true(count(&bundle.tar, "conf: cut: only its beginning is there\n"));
	assert_int_equal(count(&bundle.tar, "a/../b: a bundle can have no file of this name\n"), 1);
	assert_true(count(&bundle.tar, "conf: the bundle is full\n"));
	assert_int_equal(count(&bundle.tar, "x\\033[2J: cannot: x://" LEFT "@h"), 1);
	assert_int_equal(count(&bundle.tar, "hunter2"), 0);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, secrets, test_secret);
	TABLE_ADD(&table, secrets, test_cut);
	TABLE_ADD(&table, picks, test_pick);
	TABLE_ADD(&table, fits, test_fit);
	table_add(&table, "mount units", test_unit, NULL);
	table_add(&table, "tar(1) reads it", test_tar, NULL);
	table_add(&table, "bounds", test_bounds, NULL);
	return table_run("bundle", &table);
}
