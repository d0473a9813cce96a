/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/check/audit.h"
#include "core/check/check.h"
#include "core/check/unwritten.h"
#include "core/plan/finding.h"

/* doctor --audit: facts in, findings with their fixes out. */

static void expect(const struct gs_findings *findings, const char *id, const char *fix)
{
	assert_int_equal(findings->n, id ? 1 : 0);
	if (!id)
		return;
	assert_string_equal(findings->v[0].id, id);
	assert_string_equal(findings->v[0].fix ? findings->v[0].fix : "", fix);
	assert_int_equal(findings->v[0].severity, GS_WARN);
}

/* ---- exports ------------------------------------------------------------------------------ */

#define KRB  "/k 10.0.0.9(rw,sec=krb5p)\n"
#define TLS  "/t 10.0.0.9(rw,xprtsec=mtls:tls)\n"
#define SED  "sudo sed -i --follow-symlinks "
#define THEN " /etc/exports && sudo exportfs -ra"

static const struct export_row {
	const char *name;
	const char *etab, *file; /* the first entry of etab is looked at; file NULL: as etab */
	const char *id, *fix, *said;
} exports[] = {
	{ "closed", "/a 10.0.0.1(rw,secure)\n", NULL, NULL, NULL, NULL },
	{ "insecure", "/a 10.0.0.1(rw,insecure)\n", NULL, "EXPORT_INSECURE",
	  SED "'1s#\\([(,]\\)insecure\\([,)]\\)#\\1secure\\2#g'" THEN,
	  "/etc/exports:1: '/a' is exported to '10.0.0.1' with insecure" },
	{ "insecure for one flavour", "/a 10.0.0.1(rw,sec=krb5,secure,sec=krb5p,insecure)\n", NULL,
	  "EXPORT_INSECURE", SED "'1s#\\([(,]\\)insecure\\([,)]\\)#\\1secure\\2#g'" THEN, NULL },
	{ "insecure by the line's defaults", "/a 10.0.0.1(rw,insecure)\n",
	  "# x\n/a -insecure 10.0.0.1(rw)\n", "EXPORT_INSECURE",
	  "write secure in place of insecure in /etc/exports, line 2", NULL },
	{ "insecure in no file", "/a 10.0.0.1(rw,insecure)\n", "", "EXPORT_INSECURE",
	  "sudo exportfs -u 10.0.0.1:/a", "'/a' is exported to '10.0.0.1' with insecure" },
	{ "an IPv6 client in no file", "/a fd00::1(rw,insecure)\n", "", "EXPORT_INSECURE",
	  "sudo exportfs -u '[fd00::1]:/a'", NULL },
	{ "sys where nobody demands more", "/a 10.0.0.1(rw,sec=sys)\n/b 10.0.0.2(sec=sys:krb5)\n",
	  NULL, NULL, NULL, NULL },
	{ "Kerberos for all", "/a 10.0.0.1(rw,sec=krb5)\n" KRB, NULL, NULL, NULL, NULL },
	{ "no sec= beside Kerberos", "/a 10.0.0.1(rw)\n" KRB, NULL, "EXPORT_SEC_SYS",
	  "if that client has Kerberos: " SED
	  "'1s#\\([(,]\\)rw\\([,)]\\)#\\1rw,sec=krb5p\\2#g'" THEN,
	  "/etc/exports:1: '/a' is exported to '10.0.0.1' without Kerberos, which '/k' demands of "
	  "'10.0.0.9'" },
	{ "sys as well", "/a 10.0.0.1(rw,sec=krb5:sys)\n" KRB, NULL, "EXPORT_SEC_SYS",
	  "if that client has Kerberos: " SED
	  "'1s#\\([(,]\\)sec=krb5:sys\\([,)]\\)#\\1sec=krb5p\\2#g'" THEN,
	  NULL },
	{ "two clients on the line", "/a 10.0.0.1(rw)\n" KRB, "/a 10.0.0.1(rw) 10.0.0.2(rw)\n" KRB,
	  "EXPORT_SEC_SYS",
	  "if that client has Kerberos: write sec=krb5p into its options in /etc/exports, line 1",
	  NULL },
	{ "in no file, beside Kerberos", "/a 10.0.0.1(rw)\n" KRB, KRB, "EXPORT_SEC_SYS",
	  "to keep it out: sudo exportfs -u 10.0.0.1:/a", NULL },
	{ "without TLS", "/a 10.0.0.1(rw)\n" TLS, NULL, "EXPORT_SEC_SYS",
	  "if that client has TLS: " SED "'1s#\\([(,]\\)rw\\([,)]\\)#\\1rw,xprtsec=mtls\\2#g'" THEN,
	  "/etc/exports:1: '/a' is exported to '10.0.0.1' without TLS" },
	{ "TLS where none is enough", "/a 10.0.0.1(rw)\n/t 10.0.0.9(rw,xprtsec=none:tls)\n", NULL,
	  NULL, NULL, NULL },
};

static void test_export(void **state)
{
	const struct export_row *row = *state;
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	struct gs_audit_demands demands = { 0 };
	struct gs_audit_entry_fact fact;
	const struct gs_facts facts = { .audit_entry = &fact };
	gs_autofree char *word = NULL;
	struct gs_err err = { 0 };

	gs_files_add(&files, "/etc/exports", true, gs_span_of(row->file ? row->file : row->etab));
	assert_int_equal(gs_docs_parse(&files, &docs, &err), 0);
	assert_int_equal(gs_exports_parse(gs_span_of(row->etab), &etab, &err), 0);
	gs_audit_demands(&etab, 1, &demands);
	gs_audit_entry(&etab.entry[0], &demands, &files, &docs, &fact, &word);
	assert_int_equal(gs_audit_is_open(&etab.entry[0], &demands), !!row->id);
	gs_checks_run(&facts, GS_FAIL, &findings);
	expect(&findings, row->id, row->fix);
	if (row->said)
		assert_memory_equal(findings.v[0].text, row->said, strlen(row->said));
}

/* ---- the server --------------------------------------------------------------------------- */

#define WHEN "if no client mounts with NFS 3, when all may wait for the server's restart: "
#define OFF  "sudo nfsconf --set nfsd vers3 n && sudo systemctl restart nfs-server"
#define MASK                                                                                       \
	"if nothing else on this node needs it: sudo systemctl mask --now rpcbind.socket "         \
	"rpcbind.service"

static const struct server_row {
	const char *name;
	const char *versions, *rpcbind, *said; /* said: by rpc.mountd; rpcbind: its addresses */
	const char *conf;
	bool needs_v3;
	const char *id, *fix;
	const char *more; /* a second finding; NULL: none */
} servers[] = {
	{ "NFS 4 alone", "-3 +4 +4.1 +4.2", "127.0.0.1 ::1", "rpc.mountd version 2.6.2\n", NULL,
	  false, NULL, NULL, NULL },
	{ "NFS 3 as well, and an old mountd", "+3 +4 +4.1 +4.2", "0.0.0.0",
	  "rpc.mountd version 2.6.2\n", NULL, false, "MOUNTD_CVE", WHEN OFF, "NFSD_V3" },
	{ "the version before", "+3 +4 +4.1 +4.2", "", "rpc.mountd version 2.8.5\n", NULL, false,
	  "MOUNTD_CVE", WHEN OFF, "NFSD_V3" },
	{ "mended", "+3 +4 +4.1 +4.2", "", "rpc.mountd version 2.8.6\n", NULL, false, "NFSD_V3",
	  WHEN OFF, NULL },
	{ "a later one", "+3 +4 +4.1 +4.2", "", "rpc.mountd version 2.10.1\n", NULL, false,
	  "NFSD_V3", WHEN OFF, NULL },
	{ "a later one of two numbers", "+3 +4 +4.1 +4.2", "", "rpc.mountd version 3.0\n", NULL,
	  false, "NFSD_V3", WHEN OFF, NULL },
	{ "a mountd that says nothing of use", "+3 +4 +4.1 +4.2", "", "usage: 12 words\n", NULL,
	  false, "NFSD_V3", WHEN OFF, NULL },
	{ "NFS 3 by a file of its own", "+3 +4 +4.1 +4.2", "", "", "[nfsd]\nvers3=y\n", false,
	  "NFSD_V3",
	  WHEN "sudo nfsconf --file /etc/nfs.conf.d/x.conf --set nfsd vers3 n && sudo systemctl "
	       "restart nfs-server",
	  NULL },
	{ "NFS 3 alone is wanted", "+3 -4", "0.0.0.0", "", NULL, false, NULL, NULL, NULL },
	{ "rpcbind without NFS 3", "-3 +4 +4.1 +4.2", "0.0.0.0", "", NULL, false, "RPCBIND_OPEN",
	  MASK, NULL },
	{ "rpcbind by IPv6", "-3 +4 +4.1 +4.2", "127.0.0.1 ::", "", NULL, false, "RPCBIND_OPEN",
	  MASK, NULL },
	{ "rpcbind for a mount of NFS 3", "-3 +4 +4.1 +4.2", "0.0.0.0", "", NULL, true, NULL, NULL,
	  NULL },
};

static void add_socket(const char *name, struct gs_str *out)
{
	uint32_t word[4] = { 0 };
	bool is_v6 = strchr(name, ':');

	assert_int_equal(inet_pton(is_v6 ? AF_INET6 : AF_INET, name, word), 1);
	gs_str_adds(out, "   0: ");
	for (size_t i = 0; i < (is_v6 ? 4 : 1); i++)
		gs_str_addf(out, "%08X", word[i]);
	gs_str_addf(out, ":006F %0*X:0000 0A 0:0 0:0\n", is_v6 ? 32 : 8, 0U);
}

static void test_server(void **state)
{
	const struct server_row *row = *state;
	GS_AUTO(gs_nfsd_offer_done) struct gs_nfsd_offer offer = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	gs_autostr struct gs_str sockets = { 0 }, rpcbind = { 0 };
	gs_autofree char *version = gs_audit_version(gs_span_of(row->said));
	struct gs_span rest = gs_span_of(row->rpcbind), name;
	struct gs_audit_server_fact fact = {
		.offer = &offer, .has_systemd = true, .needs_v3 = row->needs_v3, .version = version
	};
	const struct gs_facts facts = { .audit_server = &fact };

	while (rest.len && gs_span_cut(&rest, ' ', &name)) {
		gs_autofree char *text = gs_span_dup(name);

		add_socket(text, &sockets);
	}
	gs_audit_rpcbind(gs_str_span(&sockets), &rpcbind);
	fact.rpcbind = rpcbind.len ? rpcbind.ptr : NULL;
	gs_nfsd_offer_read(gs_span_of(row->versions), gs_span_of("tcp 2049\n"), gs_span(NULL, 0),
			   gs_span(NULL, 0), &offer);
	if (row->conf)
		gs_files_add(&offer.conf, "/etc/nfs.conf.d/x.conf", true, gs_span_of(row->conf));
	gs_checks_run(&facts, GS_FAIL, &findings);
	if (row->more) {
		assert_int_equal(findings.n, 2);
		assert_string_equal(findings.v[1].id, row->more);
		assert_string_equal(findings.v[1].fix, row->fix);
		free(findings.v[1].text);
		free(findings.v[1].fix);
		findings.n = 1;
	}
	expect(&findings, row->id, row->fix);
}

/* ---- what is in a share ------------------------------------------------------------------- */

#define FILE_OF(mode_, uid_, gid_)                                                                 \
	.type = GS_INODE_FILE, .mode = (mode_), .uid = (uid_), .gid = (gid_)
#define DIR_OF(mode_, uid_, gid_)                                                                  \
	.type = GS_INODE_DIR, .mode = (mode_), .uid = (uid_), .gid = (gid_)

/* Followers are mapped to 500:500, or are anybody but root, or root as well. */
static const struct entry_row {
	const char *name;
	const char *path;
	enum gs_inode_type type;
	unsigned mode;
	uid_t uid;
	gid_t gid;
	enum gs_squash squash;
	const char *acl;
	bool is_device;
	unsigned kind; /* of a file */
	bool enters;   /* of a directory */
} entries[] = {
	{ "a file", "./a", FILE_OF(0644, 0, 0), .kind = 0 },
	{ "a setuid program", "./a", FILE_OF(04755, 0, 0), .kind = GS_AUDIT_SETUID },
	{ "a setgid program", "./a", FILE_OF(02755, 0, 0), .kind = GS_AUDIT_SETUID },
	{ "setuid without a right to run it", "./a", FILE_OF(04644, 0, 0), .kind = 0 },
	{ "mandatory locks", "./a", FILE_OF(02745, 0, 0), .kind = 0 },
	{ "a device", "./a", .type = GS_INODE_OTHER, .is_device = true, .kind = GS_AUDIT_DEVICE },
	{ "a socket", "./a.key", .type = GS_INODE_OTHER, .kind = 0 },
	{ "a link", "./id_rsa", .type = GS_INODE_LINK, .mode = 0777, .kind = 0 },
	{ "a key that all can read", "./b/tls.key", FILE_OF(0644, 0, 0), .kind = GS_AUDIT_SECRET },
	{ "a name alone", "./.env", FILE_OF(0644, 0, 0), .kind = GS_AUDIT_SECRET },
	{ "cluster.env", "./b/cluster.env", FILE_OF(0640, 0, 500), .kind = GS_AUDIT_SECRET },
	{ "no more than like a key", "./b/keys", FILE_OF(0644, 0, 0), .kind = 0 },
	{ "a key of root", "./id_rsa", FILE_OF(0600, 0, 0), .kind = 0 },
	{ "a key of another user", "./id_rsa", FILE_OF(0600, 600, 600), .kind = 0 },
	{ "a key of the user that followers are", "./id_rsa", FILE_OF(0600, 500, 0),
	  .kind = GS_AUDIT_SECRET },
	{ "a key by its ACL", "./id_rsa", FILE_OF(0640, 0, 0),
	  .acl = "u::rw-,u:500:r--,g::---,m::r--,o::---", .kind = GS_AUDIT_SECRET },
	{ "a key of another user, where followers are anybody", "./id_rsa", FILE_OF(0600, 600, 0),
	  .squash = GS_SQUASH_ROOT, .kind = GS_AUDIT_SECRET },
	{ "a key of root, where followers are anybody", "./id_rsa", FILE_OF(0640, 0, 0),
	  .squash = GS_SQUASH_ROOT, .kind = 0 },
	{ "the group of shadow, where followers are anybody", "./shadow", FILE_OF(0640, 0, 42),
	  .squash = GS_SQUASH_ROOT, .kind = GS_AUDIT_SECRET },
	{ "a key of root, where followers are root", "./id_rsa", FILE_OF(0600, 0, 0),
	  .squash = GS_SQUASH_NONE, .kind = GS_AUDIT_SECRET },
	{ "a cluster", "./pg/PG_VERSION", FILE_OF(0644, 999, 999), .kind = GS_AUDIT_POSTGRES },
	{ "a cluster that is closed", "./pg/PG_VERSION", FILE_OF(0600, 999, 999), .kind = 0 },
	{ "a directory", "./a", DIR_OF(0755, 0, 0), .enters = true },
	{ "a closed one", "./a", DIR_OF(0700, 0, 0), .enters = false },
	{ "one of the user that followers are", "./a", DIR_OF(0700, 500, 0), .enters = true },
	{ "one that only lists", "./a", DIR_OF(0744, 0, 0), .enters = false },
	{ "one at the end of the search", "./a/b", DIR_OF(0755, 0, 0), .enters = true },
	{ "one below it", "./a/b/c", DIR_OF(0755, 0, 0), .enters = false },
	{ "a closed one, where followers are root", "./a", DIR_OF(0700, 0, 0),
	  .squash = GS_SQUASH_NONE, .enters = true },
	{ "one of PostgreSQL, where followers are anybody", "./a", DIR_OF(0700, 999, 999),
	  .squash = GS_SQUASH_ROOT, .enters = true },
};

static void test_entry(void **state)
{
	const struct entry_row *row = *state;
	gs_autofree char *acl = row->acl ? gs_strdup(row->acl) : NULL;
	const struct gs_entry entry = { .path = row->path,
					.inode = { .type = row->type,
						   .mode = row->mode,
						   .uid = row->uid,
						   .gid = row->gid,
						   .acl_access = acl },
					.links = 1,
					.is_device = row->is_device };
	const struct gs_audit_eyes eyes = { .squash = row->squash,
					    .who = { { .uid = 500, .gid = 500 } },
					    .n = 1 };

	if (row->type == GS_INODE_DIR)
		assert_int_equal(gs_audit_enters(&eyes, &entry), row->enters);
	assert_int_equal(gs_audit_finds(&eyes, &entry), row->kind);
}

#define FIND(path, type) "sudo find " path " -maxdepth 0 -type " type
#define ROOTS                                                                                      \
	" -links 1 -exec chown -h root:root '{}' + -exec setfacl -b '{}' + -exec chmod 0600 "      \
	"'{}' +"

static const struct found_row {
	const char *name;
	unsigned kind;
	enum gs_squash squash;
	const char *path, *more; /* more: a second one; NULL: none */
	bool is_block;
	size_t cut;
	const char *id, *fix;
} found[] = {
	{ "setuid", GS_AUDIT_SETUID, GS_SQUASH_ALL, "/s/a", NULL, false, 0, "SHARE_SETUID",
	  FIND("/s/a", "f") " -links 1 -exec chmod ug-s '{}' +" },
	{ "two devices", GS_AUDIT_DEVICE, GS_SQUASH_ALL, "/s/a", "/s/b c", true, 0, "SHARE_DEVICE",
	  "if nothing needs them: " FIND("/s/a", "b") " -delete && " FIND("'/s/b c'",
									  "c") " -delete" },
	{ "a secret", GS_AUDIT_SECRET, GS_SQUASH_ALL, "/s/a.key", NULL, false, 0, "SHARE_SECRET",
	  "if only root of this node needs to: " FIND("/s/a.key", "f") ROOTS },
	{ "a secret before root of a follower", GS_AUDIT_SECRET, GS_SQUASH_NONE, "/s/a.key", NULL,
	  false, 0, "SHARE_SECRET", "sudo gshare leader init /s --squash root" },
	{ "a cluster", GS_AUDIT_POSTGRES, GS_SQUASH_ALL, "/s/pg/PG_VERSION", NULL, false, 0,
	  "SHARE_SECRET", FIND("/s/pg", "d") " -exec chmod 0700 '{}' +" },
	{ "a cluster before anybody", GS_AUDIT_POSTGRES, GS_SQUASH_ROOT, "/s/pg/PG_VERSION", NULL,
	  false, 0, "SHARE_SECRET",
	  "sudo gshare leader init /s --squash all && " FIND("/s/pg",
							     "d") " -exec chmod 0700 '{}' +" },
	{ "too much", 0, GS_SQUASH_ALL, NULL, NULL, false, 20000, "SHARE_UNSEEN",
	  "to see programs and devices in all of it: sudo find /s -xdev '(' -type f -perm /6000 "
	  "')' -o -type b -o -type c" },
};

static void test_found(void **state)
{
	const struct found_row *row = *state;
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	const struct gs_audit_eyes eyes = { .squash = row->squash };
	const struct gs_audit_hit hits[] = { { row->path, row->kind, row->is_block },
					     { row->more, row->kind, false } };
	const struct gs_audit_tree_fact tree = { .share = "/s",
						 .eyes = &eyes,
						 .kind = row->kind,
						 .hit = hits,
						 .n = !!row->path + !!row->more,
						 .cut = row->cut };
	const struct gs_facts facts = { .audit_tree = &tree };

	gs_checks_run(&facts, GS_FAIL, &findings);
	expect(&findings, row->id, row->fix);
}

/* ---- mounts ------------------------------------------------------------------------------- */

#define REMOUNT "sudo mount -o remount,bind,nosuid,nodev "

static const struct mount_row {
	const char *name;
	const char *target, *options;
	size_t number;
	const char *id, *fix;
} mounts[] = {
	{ "both", "/mnt/a", "rw,nosuid,nodev,vers=4.2", 3, NULL, NULL },
	{ "neither, in no file", "/mnt/a", "rw,vers=4.2", 0, "MOUNT_SUID", REMOUNT "/mnt/a" },
	{ "nodev alone", "/mnt/a", "rw,nodev", 0, "MOUNT_SUID", REMOUNT "/mnt/a" },
	{ "by a line of fstab", "/mnt/a.b", "rw", 3, "MOUNT_SUID",
	  SED "'3s#^\\([^[:blank:]]*[[:blank:]]*/mnt/a\\.b/*[[:blank:]][[:blank:]]*"
	      "[^[:blank:]]*[[:blank:]]*[^[:blank:]]*\\)#\\1,nosuid,nodev#' /etc/fstab && " REMOUNT
	      "/mnt/a.b" },
	{ "a target that fstab has to quote", "/mnt/a b", "rw", 3, "MOUNT_SUID",
	  REMOUNT "'/mnt/a b'; and add nosuid,nodev to line 3 of /etc/fstab" },
};

static void test_mount(void **state)
{
	const struct mount_row *row = *state;
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	gs_autofree char *target = gs_strdup(row->target), *options = gs_strdup(row->options);
	const struct gs_mounted mount = { .target = target, .options = options };
	const struct gs_audit_mount_fact fact = { &mount, row->number };
	const struct gs_facts facts = { .audit_mount = &fact };

	gs_checks_run(&facts, GS_FAIL, &findings);
	expect(&findings, row->id, row->fix);
}

/* Of several entries the widest counts. */
static void test_eyes(void **state)
{
	GS_AUTO(gs_exports_done) struct gs_exports doc = { 0 };
	struct gs_audit_eyes eyes = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(
		gs_exports_parse(gs_span_of("/a 10.0.0.1(all_squash,anonuid=5) 10.0.0.2(rw) "
					    "10.0.0.3(all_squash,anonuid=6)\n"),
				 &doc, &err),
		0);
	gs_audit_look(&doc.entry[0].opts, &eyes);
	assert_int_equal(eyes.squash, GS_SQUASH_ALL);
	gs_audit_look(&doc.entry[1].opts, &eyes);
	gs_audit_look(&doc.entry[2].opts, &eyes);
	assert_int_equal(eyes.squash, GS_SQUASH_ROOT);
	assert_int_equal(eyes.n, 3);
	assert_int_equal(eyes.who[2].uid, 6);
}

static const struct {
	const char *name;
} eyes_rows[] = { { "whom several entries let in" } };

/* ---- what nobody can write in ------------------------------------------------------------- */

/* Followers are mapped to 500:500, or are anybody but root, or root as well. */
static const struct top_row {
	const char *name, *path;
	enum gs_inode_type type;
	unsigned mode;
	uid_t uid;
	gid_t gid;
	enum gs_squash squash;
	unsigned kind;
} tops[] = {
	{ "root's own", ".", DIR_OF(0755, 0, 0), GS_SQUASH_ROOT, 0 },
	{ "of root's group", ".", DIR_OF(0775, 0, 0), GS_SQUASH_ROOT, 0 },
	{ "of another group", ".", DIR_OF(0775, 0, 8), GS_SQUASH_ROOT, GS_UNWRITTEN_OPEN },
	{ "of everybody", ".", DIR_OF(01777, 0, 0), GS_SQUASH_ROOT, GS_UNWRITTEN_OPEN },
	{ "where root is root", ".", DIR_OF(0755, 0, 0), GS_SQUASH_NONE, GS_UNWRITTEN_OPEN },
	{ "a home", "./alice", DIR_OF(0700, 1000, 1000), GS_SQUASH_ROOT, GS_UNWRITTEN_OPEN },
	{ "a home of nobody who is let in", "./alice", DIR_OF(0700, 1000, 1000), GS_SQUASH_ALL, 0 },
	{ "the one user's", "./data", DIR_OF(0755, 500, 0), GS_SQUASH_ALL, GS_UNWRITTEN_OPEN },
	{ "a file to change", "./a", FILE_OF(0644, 1000, 0), GS_SQUASH_ROOT, GS_UNWRITTEN_OPEN },
	{ "a file to read", "./a", FILE_OF(0444, 1000, 0), GS_SQUASH_ROOT, 0 },
	{ "the guide's", "./postgresql_data", DIR_OF(0755, 0, 0), GS_SQUASH_ROOT,
	  GS_UNWRITTEN_GUIDES },
	{ "the guide's other", "./postgres_backups", DIR_OF(0777, 0, 0), GS_SQUASH_ALL,
	  GS_UNWRITTEN_GUIDES },
	{ "a file of its name", "./postgres_backups", FILE_OF(0644, 0, 0), GS_SQUASH_ALL, 0 },
};

static void test_top(void **state)
{
	const struct top_row *row = *state;
	const struct gs_entry entry = {
		.path = row->path,
		.inode = { .type = row->type, .mode = row->mode, .uid = row->uid, .gid = row->gid }
	};
	const struct gs_audit_eyes eyes = { .squash = row->squash,
					    .who = { { .uid = 500, .gid = 500 } },
					    .n = 1 };

	assert_int_equal(gs_unwritten_finds(&eyes, &entry), row->kind);
}

static void nobody_can_write(void **state)
{
	static const char init[] = "sudo gshare leader init '/a b'";
	const struct gs_inode root = { .type = GS_INODE_DIR, .mode = 0755 };
	const struct gs_audit_eyes eyes = { .squash = GS_SQUASH_ROOT,
					    .who = { { .uid = 65534, .gid = 65534 } },
					    .n = 1 };
	struct gs_unwritten_fact fact = {
		.path = "/a b", .host = "10.0.0.1", .root = &root, .eyes = &eyes, .is_guides = true
	};
	const struct gs_facts facts = { .unwritten = &fact };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

	(void)state;
	gs_checks_run(&facts, GS_FAIL, &findings);
	fact.is_guides = false;
	gs_checks_run(&facts, GS_FAIL, &findings);
	assert_int_equal(findings.n, 2);
	assert_int_equal(findings.v[0].severity, GS_FAIL);
	assert_string_equal(findings.v[0].fix, init);
	assert_int_equal(findings.v[1].severity, GS_WARN);
	assert_non_null(strstr(findings.v[1].fix, init));
	assert_non_null(
		strstr(findings.v[1].text, "mode 0755 of 0:0, root there is mapped to 65534"));
}

int main(void)
{
	static struct table table;

	TABLE_ADD(&table, exports, test_export);
	TABLE_ADD(&table, servers, test_server);
	TABLE_ADD(&table, entries, test_entry);
	TABLE_ADD(&table, found, test_found);
	TABLE_ADD(&table, mounts, test_mount);
	TABLE_ADD(&table, eyes_rows, test_eyes);
	TABLE_ADD(&table, tops, test_top);
	table.test[table.n++] = (struct CMUnitTest)cmocka_unit_test(nobody_can_write);
	return table_run("audit", &table);
}
