/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any facts of a leader, also such as no machine has: the rules end, whatever is a failure has a
 * cause, no share is healthy beside one of its own, and no text has what a terminal would obey.
 */
#include "draw.h"

#include <errno.h>

#include "core/leader/leader_status.h"

enum { LINES = 8, CLIENTS = 3 };

static const char *const paths[] = { "/srv/a", "/srv", "/srv/a/in",  "\"/srv/a b\"",
				     "/",      "srv",  "/srv/a\\040" };
static const char *const hosts[] = { "10.0.0.8",  "10.0.0.0/8", "*",	   "node8",
				     "@all",	  "10.0.0.256", "fd00::8", "",
				     "[fd00::8]", "10.0.0.9",	"node?",   "10.0.0.8/31",
				     "gss/krb5" };
static const char *const words[] = {
	"rw",
	"ro",
	"sync",
	"async",
	"all_squash",
	"anonuid=1000",
	"anongid=1000",
	"no_root_squash",
	"fsid=0",
	"fsid=7",
	"crossmnt",
	"mountpoint",
	"subtree_check",
	"no_subtree_check",
	"insecure",
	"sec=krb5",
	"all_sqash",
	"anonuid=-2",
	"mp=/srv",
	"",
	"xprtsec=tls",
	"anonuid=0",
	"refer=/x@y",
};

static void add_lines(struct bytes *b, struct gs_str *out)
{
	static const char *const before[] = { "# gshare share /srv/a\n", "", "", "# mine\n",
					      "# gshare share /srv/a b\n" };
	static const char *const open[] = { "(", "(", "(", " (", "\t(" };
	static const char *const close[] = { ")\n", ")\n", ")\n", ") ", "\n", ") \\\n" };

	for (unsigned n = take(b, LINES); n > 0; n--) {
		gs_str_adds(out, ANY(b, before));
		gs_str_addf(out, "%s %s%s", ANY(b, paths), ANY(b, hosts), ANY(b, open));
		for (unsigned w = take(b, LINES); w > 0; w--)
			gs_str_addf(out, "%s,", ANY(b, words));
		gs_str_addf(out, "%s%s", ANY(b, words), ANY(b, close));
	}
}

static struct gs_inode *add_place(struct bytes *b, const char *path, struct gs_path_inodes *places)
{
	struct gs_path_inode *place;

	gs_grow(&places->v, places->n, &places->room, sizeof *places->v);
	place = &places->v[places->n++];
	place->path = gs_strdup(path);
	draw_inode(b, &place->inode);
	return &place->inode;
}

static const char *const types[] = { "ext4", "tmpfs", "nfs4", "overlay", "vfat", "xfs", "fuse.x" };

static void draw_fs(struct bytes *b, struct gs_fs *ret)
{
	static const char *const texts[] = { NULL, "3dcc23d6", "other", "\033[1m" };

	*ret = (struct gs_fs){
		.type = own(ANY(b, types)),
		.device = gs_strdup(flag(b) ? "/dev/sdb1" : "none"),
		.uuid = own(ANY(b, texts)),
		.is_root = flag(b),
		.is_readonly = flag(b),
		.no_handles = flag(b),
		.target = own(flag(b) ? "/srv" : "/"),
		.options = own(flag(b) ? "ro,relatime" : NULL),
		.free_bytes = take(b, UINT8_MAX),
	};
}

static void add_mount(struct bytes *b, const char *target, struct gs_mounts *mounts)
{
	gs_grow(&mounts->v, mounts->n, &mounts->room, sizeof *mounts->v);
	mounts->v[mounts->n++] = (struct gs_mounted){
		.source = gs_strdup("/dev/sdb1"),
		.target = gs_strdup(target),
		.type = own(ANY(b, types)),
		.options = gs_strdup("rw"),
		.is_whole = flag(b),
	};
}

static void draw_account(struct bytes *b, const char *name, struct gs_account *ret)
{
	*ret = (struct gs_account){ .name = own(name),
				    .group = own(name),
				    .uid = flag(b) ? 1000 : 0,
				    .gid = flag(b) ? 1000 : 0 };
}

static void draw_served(struct bytes *b, const char *path, struct gs_served *ret)
{
	static const char *const known[] = { NULL, NULL, "7c1e52d0", "3dcc23d6" };
	static const char *const held[] = { "/srv/a", "/srv/old", "/srv/a (deleted)", "/" };
	gs_autofree char *files = gs_printf("%s/files", path);
	gs_autofree char *inside = gs_printf("%s/files/in", path);

	add_place(b, "/", &ret->ancestors);
	add_place(b, path, &ret->ancestors);
	if (flag(b))
		add_place(b, files, &ret->dirs);
	if (flag(b))
		add_mount(b, inside, &ret->inside);
	draw_fs(b, &ret->fs);
	for (unsigned n = take(b, 3); n > 0; n--)
		gs_strs_add(&ret->held, ANY(b, held));
	ret->known_id = own(ANY(b, known));
	ret->known_uuid = own(ANY(b, known));
	draw_account(b, flag(b) ? "ubuntu" : "1000", &ret->owner);
	draw_inode(b, &ret->old_id);
	ret->is_covered = flag(b);
	ret->lacks_owner = flag(b);
	ret->lacks_group = flag(b);
}

static void draw_top(struct bytes *b, const char *path, struct gs_status_top *ret)
{
	static const char *const ids[] = { "gshare 1\nid 7c1e52d0\n", "", "garbage\n",
					   "gshare 1\nid 7c1e52d0\nfs 3dcc23d6\n" };
	gs_autofree char *data = gs_printf("%s/postgresql_data", path);

	if (flag(b))
		add_place(b, data, &ret->dirs);
	draw_inode(b, &ret->id);
	if (flag(b))
		gs_err_set(&ret->id_odd, EINVAL, "it is odd");
	ret->id_file.path = gs_printf("%s/.gshare-id", path);
	ret->id_file.exists = flag(b);
	gs_str_adds(&ret->id_file.text, ANY(b, ids));
	draw_account(b, flag(b) ? "ubuntu" : NULL, &ret->owner);
	draw_served(b, path, &ret->served);
}

static void draw_server(struct bytes *b, struct gs_server *ret)
{
	static const char *const units[] = { NULL, NULL, "nfs-mountd.service" };

	*ret = (struct gs_server){
		.installed = flag(b),
		.systemd = flag(b),
		.enabled = flag(b),
		.unsaid = flag(b),
		.mountd = flag(b),
		.mountd_stopped = flag(b),
		.rpcbind = flag(b),
		.threads = take(b, 16),
		.stays_idle = flag(b),
		.failed = ANY(b, units),
		.lacks_nfsd = flag(b),
		.unlisted = flag(b),
		.masked = ANY(b, units),
		.masked_until_boot = flag(b),
		.lacks = flag(b) ? "/usr/sbin/exportfs" : NULL,
	};
}

static void draw_offer(struct bytes *b, struct gs_nfsd_offer *ret)
{
	static const unsigned ports[] = { 2049, 2050, 0 };
	static const char *const addrs[] = { "0.0.0.0", "::", "10.0.0.1" };

	ret->is_known = flag(b);
	ret->has_v3 = flag(b);
	ret->minors = take(b, 8);
	ret->port = ANY(b, ports);
	for (unsigned n = take(b, 3); n > 0; n--)
		gs_strs_add(&ret->addrs, ANY(b, addrs));
	if (flag(b))
		gs_files_add(&ret->conf, "/etc/nfs.conf", true,
			     gs_span_of("[nfsd]\nport=2050\nvers4=n\nhost=10.0.0.1\n"));
}

static void draw_clients(struct bytes *b, struct gs_status_facts *facts)
{
	static const char *const infos[] = {
		("address: \"10.0.0.8:839\"\nstatus: confirmed\nname: \"Linux NFSv4.2 a\"\n"
		 "minor version: 2\n"),
		"address: \"[fd00::8]:7\"\nstatus: courtesy\nname: \"Linux NFSv4.2 a\"\n",
		"address: \"10.0.0.9:1\"\nname: \"Libnfs pid:4 1\"\nminor version: 0\n",
		"garbage",
	};
	static const char *const peers[] = { "10.0.0.8", "10.0.0.9", "fd00::8" };

	facts->clients_known = flag(b);
	facts->clients_late = flag(b);
	facts->clients_unread = own(flag(b) ? "it was late" : NULL);
	for (unsigned n = take(b, CLIENTS); n > 0; n--)
		gs_nfs_clients_add(&facts->clients, gs_span_of(ANY(b, infos)));
	for (unsigned n = take(b, CLIENTS); n > 0; n--)
		gs_strs_add(&facts->peers, ANY(b, peers));
}

static void draw_names(struct bytes *b, struct gs_status_facts *facts)
{
	GS_AUTO(gs_strs_done) struct gs_strs addrs = { 0 };

	if (flag(b))
		gs_strs_add(&addrs, "10.0.0.8");
	if (flag(b))
		gs_strs_add(&addrs, "127.0.0.1");
	if (flag(b))
		gs_names_add(&facts->names, "node8", &addrs);
	facts->names.silent = own(flag(b) ? "node8" : NULL);
}

static void draw_firewall(struct bytes *b, struct gs_firewall *ret)
{
	static const char *const texts[] = {
		"",
		"garbage\n",
		"Status: active\n2049/tcp ALLOW IN 10.0.0.8\n",
		"*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.0.0.8 -p tcp -j ACCEPT\nCOMMIT\n",
		"public (active)\n  target: default\n  ports: 2049/tcp\n",
		"table inet filter {\n\tchain input {\n\t\tpolicy drop;\n\t}\n}\n",
	};

	if (!flag(b))
		return;
	ret->kind = gs_firewall_at(take(b, 5));
	ret->charge = (enum gs_charge)take(b, 3);
	for (size_t i = 0; i < GS_FIREWALL_READS; i++) {
		ret->known[i] = flag(b);
		gs_str_adds(&ret->text[i], ANY(b, texts));
	}
	ret->unread = own(flag(b) ? "it is late" : NULL);
	ret->hidden = flag(b);
	ret->knows_loaded = flag(b);
	ret->unlisted = flag(b);
}

/* As engine/observe finds the shares: by the marks, or the one that is asked for. */
static bool draw_shares(struct bytes *b, struct gs_status_facts *facts)
{
	static const char *const asked[] = { NULL, NULL, "/srv/a", "/srv/a b" };
	GS_AUTO(gs_strs_done) struct gs_strs found = { 0 };
	struct gs_err err = { 0 };

	if (gs_status_paths(&facts->exports, ANY(b, asked), &found, &err) < 0)
		return false;
	facts->top = calloc(found.n + 1, sizeof *facts->top);
	LAW(facts->top);
	for (size_t i = 0; i < found.n; i++) {
		add_place(b, found.v[i], &facts->roots);
		draw_top(b, found.v[i], &facts->top[i]);
		add_mount(b, flag(b) ? found.v[i] : "/", &facts->under);
	}
	return true;
}

static void draw(struct bytes *b, struct gs_status_facts *facts)
{
	static const char *const fstabs[] = { "", "garbage\n", "/dev/sdb1 /srv/a ext4 rw 0 0\n",
					      "UUID=3dcc23d6 /srv ext4 rw 0 0\n" };
	gs_autostr struct gs_str text = { 0 };

	add_lines(b, &text);
	gs_files_add(&facts->exports, "/etc/exports", true, gs_str_span(&text));
	if (flag(b))
		add_lines(b, &facts->etab);
	else
		gs_str_add(&facts->etab, gs_str_span(&text));
	facts->fstab = (struct gs_file){ .path = gs_strdup("/etc/fstab"), .exists = true };
	gs_str_adds(&facts->fstab.text, ANY(b, fstabs));
	draw_server(b, &facts->server);
	draw_offer(b, &facts->offer);
	draw_clients(b, facts);
	draw_names(b, facts);
	draw_firewall(b, &facts->firewall);
}

static void check_status(const struct gs_leader_status *status)
{
	bool fails, is_ill = false;

	check_findings(GS_SIDE_LEADER, &status->findings, &fails);
	for (size_t i = 0; i < status->n; i++)
		is_ill |= !status->share[i].healthy;
	LAW(fails == is_ill);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GS_AUTO(gs_leader_status_done) struct gs_leader_status status = { 0 };
	struct bytes b = { data, data + size };
	struct gs_err err = { 0 };

	draw(&b, &status.facts);
	if (!draw_shares(&b, &status.facts))
		return 0;
	if (gs_status_judge(&status, &err) < 0)
		check_text(err.msg);
	else
		check_status(&status);
	return 0;
}
