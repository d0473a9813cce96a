/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <string.h>

#include "core/leader/leader_status.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/report/report.h"
#include "core/share/names.h"

/* leader status: the files, etab and nfsd's clients in, a table and what is wrong out. */

#define SHARE "/mnt/data/shared"
#define OPTIONS                                                                                    \
	",sync,wdelay,hide,nocrossmnt,secure,root_squash,all_squash,subtree_check,"                \
	"anonuid=1000,anongid=1000"
#define FILE_ENTRY(host, access) SHARE " " host "(" access OPTIONS ")\n"
#define LIVE(host, access)	 SHARE "\t" host "(" access OPTIONS ")\n"
#define OPEN(host)		 SHARE " " host "(rw,no_subtree_check,all_squash,anonuid=1000,anongid=1000)\n"
#define MARK			 "# gshare share " SHARE "\n"
/* What is unknown may be what closes the entry: nobody is told to remove it. */
#define TYPO(name, word)                                                                           \
	{                                                                                          \
		name, MARK FILE_ENTRY("10.0.0.1", "rw") "/srv 10.0.0.2(rw," word ")\n",            \
			LIVE("10.0.0.1", "rw"),                                                    \
			.id = "EXPORTS_OPTION_UNKNOWN", .line = "not healthy\n",                   \
			.fix = "remove or correct the option: exports(5) has the list"             \
	}

static const struct status_row {
	const char *name, *exports, *etab;
	bool down, mountd_dead, mountd_stopped, gone, is_user;
	const char *id; /* of the first finding, NULL: none */
	bool healthy;
	const char *line;   /* that the table has */
	const char *unread; /* why the clients were not seen to the end; NULL: they were */
	uid_t data_uid;	    /* of postgresql_data; 0: as init made it */
	bool lost_data;
	bool own_fs;
	const char *type;	/* NULL: ext4 */
	const char *escape_fix; /* of EXPORT_ESCAPE, NULL: nobody escapes */
	const char *id_text;	/* of .gshare-id; NULL: one */
	bool id_odd;		/* it is a FIFO, a directory, a device */
	uid_t top_uid;		/* of the share's directory */
	const char *fix;	/* of the first finding; NULL: not looked at */
	const char *fstab;	/* NULL: empty */
	const char *blank_fix;	/* of EXPORTS_CLIENT_BLANK, NULL: there is none */
	const char *peer;	/* that is connected; NULL: nobody was looked for */
	const char *silent;	/* a name that the name server does not answer for; NULL: none */
	bool twin;		/* 10.0.0.9 calls itself like 192.168.18.8, which is connected */
} rows[] = {
	{ "as wanted, and connected", MARK FILE_ENTRY("192.168.18.8", "ro"),
	  LIVE("192.168.18.8", "ro"), .healthy = true,
	  .line = "  192.168.18.8  ro          ro      3 s ago (gpu-1, NFS 4.2)        1 file\n" },
	{ "never seen", MARK FILE_ENTRY("192.168.18.9", "rw"), LIVE("192.168.18.9", "rw"),
	  .healthy = true,
	  .line = "  192.168.18.9  rw          rw      not connected                   -\n" },
	{ "by its network", MARK FILE_ENTRY("192.168.18.0/24", "rw"), LIVE("192.168.18.0/24", "rw"),
	  .healthy = true,
	  .line = "  192.168.18.0/24  rw          rw      3 s ago (gpu-1, NFS 4.2)        1 file\n" },
	{ "the closest entry counts",
	  MARK FILE_ENTRY("192.168.18.0/24", "rw") FILE_ENTRY("192.168.18.8", "ro"),
	  LIVE("192.168.18.0/24", "rw") LIVE("192.168.18.8", "ro"), .healthy = true,
	  .line = "  192.168.18.0/24  rw          rw      not connected                   -\n" },
	{ "an ordinary user", MARK FILE_ENTRY("192.168.18.8", "ro"), LIVE("192.168.18.8", "ro"),
	  .is_user = true, .healthy = true, .id = "CLIENTS_UNKNOWN",
	  .line = "  192.168.18.8  ro          ro      ?                               ?\n" },
	{ "a name hides nobody", MARK FILE_ENTRY("10.9.9.7", "rw"), LIVE("10.9.9.7", "rw"),
	  .healthy = true,
	  .line = "  10.9.9.7  rw          rw      3 s ago (a libnfs program, NFS 4.0)  -\n" },
	{ "more files than can be read in time", MARK FILE_ENTRY("192.168.18.8", "ro"),
	  LIVE("192.168.18.8", "ro"), .unread = "it took too long", .healthy = true,
	  .id = "CLIENTS_UNREAD",
	  .line = "  192.168.18.8  ro          ro      3 s ago (gpu-1, NFS 4.2)        ?\n" },
	{ "more clients than can be read in time", MARK FILE_ENTRY("192.168.18.9", "ro"),
	  LIVE("192.168.18.9", "ro"), .unread = "it took too long", .healthy = true,
	  .id = "CLIENTS_UNREAD",
	  .line = "  192.168.18.9  ro          ro      ?                               ?\n" },
	{ "the file was edited", MARK FILE_ENTRY("192.168.18.8", "ro"), LIVE("192.168.18.8", "rw"),
	  .id = "NOT_ACTIVE", .line = "  192.168.18.8  ro          rw      3 s ago" },
	{ "not in force at all", MARK FILE_ENTRY("192.168.18.8", "ro"), "", .id = "NOT_ACTIVE",
	  .line = "  192.168.18.8  ro          -       3 s ago" },
	{ "in no file", MARK, LIVE("10.0.0.1", "rw"), .id = "NOT_IN_FILE",
	  .line = "  10.0.0.1  -           rw      not connected" },
	{ "a path ends in a blank",
	  MARK FILE_ENTRY("10.0.0.1", "rw") "\"" SHARE " \" 10.0.0.2(rw,sync)\n",
	  LIVE("10.0.0.1", "rw"), .id = "EXPORTS_PATH_BLANK", .healthy = true,
	  .fix = "remove the blank at the end of the path", .line = "share " SHARE },
	{ "a silent name server keeps an entry out",
	  MARK FILE_ENTRY("10.0.0.1", "rw") "/srv 10.0.0.1(ro)\n" FILE_ENTRY("nas", "ro"),
	  LIVE("10.0.0.1", "rw"), .silent = "nas", .id = "NAME_SERVER_TIMEOUT",
	  .line = "/etc/exports:4: the name server is not responding for 'nas'" },
	{ "a silent name server, and all is active",
	  MARK FILE_ENTRY("10.0.0.1", "rw") FILE_ENTRY("nas", "ro"),
	  LIVE("10.0.0.1", "rw") LIVE("nas", "ro"), .silent = "nas", .id = "NAME_SERVER_TIMEOUT",
	  .own_fs = true, .healthy = true, .line = "the name server is not responding for 'nas'",
	  .fix = "write addresses instead of names, or restore the name server" },
	{ "nobody", MARK, "", .id = "NO_FOLLOWER", .healthy = true, .line = "share " SHARE },
	{ "the server is down", MARK FILE_ENTRY("192.168.18.8", "rw"), "", .down = true,
	  .id = "SERVER_DOWN", .line = "  192.168.18.8  rw          -       " },
	{ "mountd is dead", MARK FILE_ENTRY("192.168.18.8", "rw"), LIVE("192.168.18.8", "rw"),
	  .mountd_dead = true, .id = "MOUNTD_DEAD", .line = "not healthy\n" },
	{ "mountd is stopped", MARK FILE_ENTRY("192.168.18.8", "rw"), LIVE("192.168.18.8", "rw"),
	  .mountd_stopped = true, .id = "MOUNTD_DEAD", .line = "not healthy\n",
	  .fix = "sudo pkill -CONT -x rpc.mountd" },
	{ "connected, by its client", MARK FILE_ENTRY("192.168.18.8", "rw"),
	  LIVE("192.168.18.8", "rw"), .peer = "192.168.18.8", .own_fs = true, .healthy = true,
	  .line = " 3 s ago (gpu-1, NFS 4.2) " },
	{ "connected without a client", MARK FILE_ENTRY("10.0.0.9", "rw"), LIVE("10.0.0.9", "rw"),
	  .peer = "10.0.0.9", .own_fs = true, .healthy = true, .id = "CLIENT_HIDDEN",
	  .line = "  connected, no NFSv4 client      ?\n",
	  .fix = "on 10.0.0.9 run: sudo gshare follower status" },
	{ "one that may not use the share", MARK FILE_ENTRY("192.168.18.8", "rw"),
	  LIVE("192.168.18.8", "rw"), .peer = "10.0.0.9", .own_fs = true, .healthy = true,
	  .line = "healthy\n" },
	{ "not all clients are known", MARK FILE_ENTRY("10.0.0.9", "rw"), LIVE("10.0.0.9", "rw"),
	  .peer = "10.0.0.9", .own_fs = true, .healthy = true, .unread = "it took too long",
	  .id = "CLIENTS_UNREAD", .line = "healthy\n" },
	{ "two nodes of one name",
	  MARK FILE_ENTRY("10.0.0.9", "rw") FILE_ENTRY("192.168.18.8", "rw"),
	  LIVE("10.0.0.9", "rw") LIVE("192.168.18.8", "rw"), .peer = "10.0.0.9", .own_fs = true,
	  .healthy = true, .twin = true, .id = "CLIENT_ID_SHARED", .line = "healthy\n",
	  .fix = "on 10.0.0.9 run: sudo gshare follower status" },
	{ "the directory is gone", MARK FILE_ENTRY("192.168.18.8", "rw"),
	  LIVE("192.168.18.8", "rw"), .gone = true, .id = "PATH_MISSING", .line = "not healthy\n" },
	{ "PostgreSQL's data are the followers'", MARK FILE_ENTRY("192.168.18.8", "ro"),
	  LIVE("192.168.18.8", "ro"), .id = "OWNER_OWNS_DATA", .line = "not healthy\n",
	  .data_uid = 1000 },
	{ "they are by what is in force alone", MARK, LIVE("10.0.0.1", "rw"), .id = "NOT_IN_FILE",
	  .line = "not healthy\n", .data_uid = 1000 },
	{ "PostgreSQL's data are its own", MARK FILE_ENTRY("192.168.18.8", "ro"),
	  LIVE("192.168.18.8", "ro"), .healthy = true, .line = "healthy\n", .data_uid = 999 },
	{ "PostgreSQL's data are gone", MARK FILE_ENTRY("192.168.18.8", "ro"),
	  LIVE("192.168.18.8", "ro"), .healthy = true, .id = "POSTGRES_GONE", .line = "healthy\n",
	  .lost_data = true },
	{ "no_subtree_check", MARK OPEN("10.0.0.1") FILE_ENTRY("10.0.0.2", "rw"),
	  OPEN("10.0.0.1") LIVE("10.0.0.2", "rw"), .id = "EXPORT_ESCAPE", .healthy = true,
	  .line = "healthy\n", .escape_fix = "sudo gshare leader init " SHARE " --subtree-check" },
	{ "no_subtree_check where the file system takes no other", MARK OPEN("10.0.0.1"),
	  OPEN("10.0.0.1"), .id = "EXPORT_ESCAPE", .healthy = true, .line = "healthy\n",
	  .type = "overlay" },
	{ "no_subtree_check on a file system of its own", MARK OPEN("10.0.0.1"), OPEN("10.0.0.1"),
	  .healthy = true, .line = "healthy\n", .own_fs = true },
	{ "no_subtree_check is active, whatever the file says", MARK FILE_ENTRY("10.0.0.1", "rw"),
	  OPEN("10.0.0.1"), .id = "NOT_ACTIVE", .line = "not healthy\n",
	  .escape_fix = "sudo gshare leader init " SHARE " --subtree-check" },
	{ "no_subtree_check is in the file and not active", MARK OPEN("10.0.0.1"),
	  LIVE("10.0.0.1", "rw"), .id = "NOT_ACTIVE", .line = "not healthy\n" },
	{ "no_subtree_check is active and in no file", MARK, OPEN("@lab") OPEN("*"),
	  .id = "NOT_IN_FILE", .line = "not healthy\n",
	  .escape_fix = "sudo gshare leader remove @lab '*' --path " SHARE },
	{ "both", MARK OPEN("10.0.0.1"), OPEN("10.0.0.1") OPEN("10.0.0.2"), .id = "NOT_IN_FILE",
	  .line = "not healthy\n",
	  .escape_fix = "sudo gshare leader remove 10.0.0.2 --path " SHARE
			" && sudo gshare leader init " SHARE " --subtree-check" },
	{ "no_subtree_check, for when the server starts", MARK OPEN("10.0.0.1"), "", .down = true,
	  .id = "SERVER_DOWN", .line = "not healthy\n",
	  .escape_fix = "sudo gshare leader init " SHARE " --subtree-check" },
	{ "garbage as id", MARK FILE_ENTRY("10.0.0.1", "rw"), LIVE("10.0.0.1", "rw"),
	  .id_text = "gshare 1\nid none\n", .id = "ID_BROKEN", .line = "not healthy\n",
	  .fix = "sudo mv -T --backup=numbered " SHARE "/.gshare-id " SHARE
		 "/.gshare-id.old && sudo gshare leader init " SHARE " --new-id" },
	{ "root's FIFO as id", MARK FILE_ENTRY("10.0.0.1", "rw"), LIVE("10.0.0.1", "rw"),
	  .id_odd = true, .id = "ID_BROKEN", .line = "not healthy\n",
	  .fix = "sudo mv -T --backup=numbered " SHARE "/.gshare-id " SHARE
		 "/.gshare-id.old && sudo gshare leader init " SHARE " --new-id" },
	{ "the followers' own directory", MARK FILE_ENTRY("10.0.0.1", "rw") OPEN("10.0.0.2"),
	  LIVE("10.0.0.1", "rw") OPEN("10.0.0.2"), .own_fs = true, .top_uid = 1000,
	  .id = "DIR_OWNED", .healthy = true, .line = "healthy\n",
	  .fix = "sudo chown root:ubuntu " SHARE " && sudo chmod 3775 " SHARE },
	{ "a directory of somebody else's", MARK FILE_ENTRY("10.0.0.1", "rw"),
	  LIVE("10.0.0.1", "rw"), .top_uid = 1001, .healthy = true, .line = "healthy\n" },
	{ "a blank before the options", MARK SHARE " 10.0.0.1 (rw)\n",
	  SHARE "\t10.0.0.1(ro" OPTIONS ")\n", .id = "NOT_ACTIVE", .line = "not healthy\n",
	  .own_fs = true,
	  .blank_fix =
		  "sudo sed -i --follow-symlinks '2s#\\([[:blank:]]10\\.0\\.0\\.1\\)[[:blank:]]*(#\\1(#' "
		  "/etc/exports && sudo gshare leader remove '*' --path " SHARE },
	{ "the same, before a tab, after other clients", MARK SHARE " 10.0.0.2(ro) @lab\t(rw)\n",
	  "", .id = "NOT_ACTIVE", .line = "not healthy\n", .own_fs = true,
	  .blank_fix =
		  "sudo sed -i --follow-symlinks '2s#\\([[:blank:]]@lab\\)[[:blank:]]*(#\\1(#' "
		  "/etc/exports && sudo gshare leader remove '*' --path " SHARE },
	{ "the same, before the end of a line", MARK SHARE " 10.0.0.1 \\\n(rw)\n", "",
	  .id = "NOT_ACTIVE", .line = "not healthy\n", .own_fs = true,
	  .blank_fix = "sudo gshare leader remove '*' 10.0.0.1 --path " SHARE },
	{ "the same, of another path", MARK FILE_ENTRY("192.168.18.8", "ro") "/srv 10.0.0.1 (rw)\n",
	  LIVE("192.168.18.8", "ro"), .healthy = true, .line = "healthy\n" },
	{ "a letter for a digit", MARK FILE_ENTRY("10.0.0.3L", "rw"), LIVE("10.0.0.31", "rw"),
	  .id = "NOT_ACTIVE", .line = "not healthy\n",
	  .fix = "if 10.0.0.31 is meant: sudo sed -i --follow-symlinks "
		 "'2s#\\([[:blank:]]\\)10\\.0\\.0\\.3L(#\\110.0.0.31(#' /etc/exports" },
	{ "a digit lost", MARK FILE_ENTRY("10.0.0.3", "rw"), LIVE("10.0.0.31", "rw"),
	  .id = "NOT_ACTIVE", .line = "not healthy\n",
	  .fix = "if 10.0.0.31 is meant: sudo sed -i --follow-symlinks "
		 "'2s#\\([[:blank:]]\\)10\\.0\\.0\\.3(#\\110.0.0.31(#' /etc/exports; "
		 "if both are followers: sudo gshare leader add 10.0.0.3 10.0.0.31" },
	{ "two digits swapped", MARK FILE_ENTRY("10.0.0.13", "rw"), LIVE("10.0.0.31", "rw"),
	  .id = "NOT_ACTIVE", .line = "not healthy\n",
	  .fix = "if 10.0.0.31 is meant: sudo sed -i --follow-symlinks "
		 "'2s#\\([[:blank:]]\\)10\\.0\\.0\\.13(#\\110.0.0.31(#' /etc/exports; "
		 "if both are followers: sudo gshare leader add 10.0.0.13 10.0.0.31" },
	{ "like one that is listed",
	  MARK FILE_ENTRY("10.0.0.3", "rw") FILE_ENTRY("10.0.0.31", "rw"), LIVE("10.0.0.31", "rw"),
	  .id = "NOT_ACTIVE", .line = "not healthy\n", .fix = "sudo gshare leader add 10.0.0.3" },
	{ "a name that is gone", MARK FILE_ENTRY("gpu-7", "rw"), "", .id = "NOT_ACTIVE",
	  .line = "not healthy\n",
	  .fix = "see what the resolver says: getent ahosts gpu-7; if it is no follower: sudo gshare "
		 "leader remove gpu-7" },
	{ "a line that was deleted", MARK FILE_ENTRY("10.0.0.2", "ro"),
	  LIVE("10.0.0.2", "ro") LIVE("10.0.0.31", "ro"), .id = "NOT_IN_FILE",
	  .line = "not healthy\n",
	  .fix = "to keep this follower: sudo gshare leader add 10.0.0.31:ro; to end its access: "
		 "sudo gshare leader remove 10.0.0.31" },
	{ "a wide one that was deleted", MARK, LIVE("*", "rw"), .id = "NOT_IN_FILE",
	  .line = "not healthy\n", .fix = "sudo gshare leader remove '*'" },
	{ "everyone, by a line of the administrator's",
	  MARK FILE_ENTRY("10.0.0.1", "rw") FILE_ENTRY("*", "ro"),
	  LIVE("10.0.0.1", "rw") LIVE("*", "ro"), .healthy = true, .id = "EXPORT_WIDE",
	  .line = "healthy\n", .own_fs = true,
	  .fix = "to keep these hosts out: sudo gshare leader remove '*' --path " SHARE },
	{ "half a network", MARK FILE_ENTRY("10.0.0.0/9", "rw"), LIVE("10.0.0.0/9", "rw"),
	  .healthy = true, .id = "EXPORT_WIDE", .line = "healthy\n", .own_fs = true,
	  .fix = "to keep these hosts out: sudo gshare leader remove 10.0.0.0/9 --path " SHARE },
	{ "a small network", MARK FILE_ENTRY("10.0.0.0/24", "rw"), LIVE("10.0.0.0/24", "rw"),
	  .healthy = true, .line = "healthy\n", .own_fs = true },
	{ "a second line for one client", MARK FILE_ENTRY("10.0.0.1", "rw") OPEN("10.0.0.1"),
	  LIVE("10.0.0.1", "rw"), .id = "EXPORTS_DUPLICATE", .healthy = true, .line = "healthy\n",
	  .own_fs = true,
	  .fix = "sudo sed -i --follow-symlinks '3{\\#[[:blank:]]10\\.0\\.0\\.1(#d;}' /etc/exports" },
	{ "a second entry in a line",
	  MARK FILE_ENTRY("10.0.0.1", "rw") SHARE " 10.0.0.1(ro) @a(ro)\n",
	  LIVE("10.0.0.1", "rw") LIVE("@a", "ro"), .id = "NOT_ACTIVE", .line = "not healthy\n",
	  .own_fs = true },
	{ "a line that hides those below",
	  MARK FILE_ENTRY("10.0.0.1", "rw") SHARE
	  " 10.0.0.2(rw,nosuch)\n" FILE_ENTRY("10.0.0.3", "rw"),
	  LIVE("10.0.0.1", "rw") LIVE("10.0.0.2", "rw") LIVE("10.0.0.3", "rw"),
	  .id = "EXPORTS_OPTION_UNKNOWN", .line = "not healthy\n",
	  .fix = "remove or correct the option: exports(5) has the list" },
	{ "an option that may be another",
	  MARK FILE_ENTRY("10.0.0.1", "rw") "/srv 10.0.0.2(rw,al_squash)\n", LIVE("10.0.0.1", "rw"),
	  .id = "EXPORTS_OPTION_UNKNOWN", .line = "not healthy\n",
	  .fix = "if all_squash is meant: sudo sed -i --follow-symlinks "
		 "'3s#\\([(,]\\)al_squash\\([,)]\\)#\\1all_squash\\2#g' /etc/exports" },
	{ "an option without which no more is given",
	  MARK FILE_ENTRY("10.0.0.1", "rw") "/srv 10.0.0.2(rw,asinc)\n", LIVE("10.0.0.1", "rw"),
	  .id = "EXPORTS_OPTION_UNKNOWN", .line = "not healthy\n",
	  .fix = "if async is meant: sudo sed -i --follow-symlinks "
		 "'3s#\\([(,]\\)asinc\\([,)]\\)#\\1async\\2#g' /etc/exports; without it: "
		 "sudo sed -i --follow-symlinks '3{s#\\([(,]\\)asinc,#\\1#g;"
		 "s#,asinc)#)#g;s#(asinc)#()#g;}' /etc/exports" },
	TYPO("Kerberos, mistyped", "secc=krb5p"),
	TYPO("TLS, mistyped", "xprt_sec=mtls"),
	TYPO("a squash, mistyped twice", "al_sqash"),
	TYPO("a mount point, mistyped", "mountpont=/srv"),
	TYPO("an id of the file system, mistyped", "fsdi=5"),
	{ "an option without which more would be given",
	  MARK FILE_ENTRY("10.0.0.1", "rw") "/srv 10.0.0.2(rw,sec=krb5x)\n", LIVE("10.0.0.1", "rw"),
	  .id = "EXPORTS_OPTION_BAD", .line = "not healthy\n",
	  .fix = "correct the option's value" },
	{ "its disk is away", MARK FILE_ENTRY("10.0.0.1", "rw"), LIVE("10.0.0.1", "rw"),
	  .fstab = "/dev/sdz1 " SHARE " ext4 nofail 0 2\n", .id = "PATH_NOT_MOUNTED",
	  .line = "not healthy\n", .fix = "sudo mount " SHARE },
	{ "the disk of a dataset directory is away", MARK FILE_ENTRY("10.0.0.1", "rw"),
	  LIVE("10.0.0.1", "rw"), .fstab = "/dev/sdz1 " SHARE "/files ext4 nofail 0 2\n",
	  .id = "PATH_NOT_MOUNTED", .line = "not healthy\n", .fix = "sudo mount " SHARE "/files" },
	{ "a broken line", MARK FILE_ENTRY("192.168.18.8", "rw") "/srv 10.0.0.1(nonsense)\n",
	  LIVE("192.168.18.8", "rw"), .id = "EXPORTS_OPTION_UNKNOWN", .line = "not healthy\n" },
};

static void add_client(struct gs_status_facts *facts, const char *info, const char *states,
		       bool is_read)
{
	struct gs_nfs_client *client = gs_nfs_clients_add(&facts->clients, gs_span_of(info));

	gs_nfs_client_read(client, gs_span_of(states));
	if (is_read)
		gs_nfs_client_read(client, gs_span(NULL, 0));
}

static void add_clients(struct gs_status_facts *facts, const struct status_row *row)
{
	add_client(facts,
		   "address: \"192.168.18.8:839\"\nstatus: confirmed\n"
		   "seconds from last renew: 3\nname: \"Linux NFSv4.2 gpu-1\"\n"
		   "minor version: 2\n",
		   "- 0x000000013125036bc1ac63f416000000: { type: open, access: -w, deny: --, "
		   "superblock: \"0:0:0\", filename: \"a\", owner: \"\" }\n",
		   !row->unread);
	add_client(facts,
		   "address: \"10.9.9.7:1\"\nstatus: confirmed\n"
		   "seconds from last renew: 3\nname: \"Libnfs pid:4 1\"\nminor version: 0\n",
		   "", true);
	if (row->unread)
		facts->clients_unread = gs_strdup(row->unread);
}

/* As served.h has it, nothing is wrong; tests/t-served.c has what can be. */
static void add_served(const struct gs_inode *top, struct gs_served *served)
{
	struct gs_path_inodes *ancestors = &served->ancestors;

	gs_grow(&ancestors->v, ancestors->n, &ancestors->room, sizeof *ancestors->v);
	ancestors->v[ancestors->n++] = (struct gs_path_inode){ gs_strdup(SHARE), *top };
	gs_grow(&served->dirs.v, served->dirs.n, &served->dirs.room, sizeof *served->dirs.v);
	served->dirs.v[served->dirs.n++] = (struct gs_path_inode){
		gs_strdup(SHARE "/files"), { .type = GS_INODE_DIR, .mode = 02775, .gid = 1000 }
	};
	served->owner = (struct gs_account){
		.name = gs_strdup("ubuntu"), .group = gs_strdup("ubuntu"), .uid = 1000, .gid = 1000
	};
	served->fs.type = gs_strdup("ext4");
}

static void add_share(struct gs_status_facts *facts, const struct status_row *row)
{
	struct gs_status_top *top = facts->top = gs_alloc(sizeof *facts->top);

	gs_grow(&facts->roots.v, facts->roots.n, &facts->roots.room, sizeof *facts->roots.v);
	facts->roots.v[facts->roots.n++] =
		(struct gs_path_inode){ gs_strdup(SHARE),
					{ .type = row->gone ? GS_INODE_ABSENT : GS_INODE_DIR,
					  .mode = 03775,
					  .uid = row->top_uid,
					  .gid = 1000 } };
	top->id.type = row->gone ? GS_INODE_ABSENT : GS_INODE_FILE;
	top->id.mode = 0444;
	if (row->id_odd) {
		gs_err_set(&top->id_odd, EINVAL, "'" SHARE "/.gshare-id' is no regular file");
	} else {
		top->id_file = (struct gs_file){ .path = gs_strdup(SHARE "/.gshare-id"),
						 .exists = !row->gone };
		gs_str_adds(&top->id_file.text,
			    row->id_text ? row->id_text : "gshare 1\nid 7c1e52d0\n");
	}
	add_served(&facts->roots.v[0].inode, &top->served);
	if (row->top_uid)
		top->owner = (struct gs_account){ .name = gs_strdup("ubuntu"),
						  .group = gs_strdup("ubuntu"),
						  .uid = row->top_uid,
						  .gid = row->top_uid };
	gs_grow(&top->dirs.v, top->dirs.n, &top->dirs.room, sizeof *top->dirs.v);
	top->dirs.v[top->dirs.n++] =
		(struct gs_path_inode){ gs_strdup(SHARE "/postgresql_data"),
					{ .type = row->lost_data ? GS_INODE_ABSENT : GS_INODE_DIR,
					  .mode = 0700,
					  .uid = row->data_uid } };
}

static const char *fix_of(const struct gs_findings *findings, const char *id)
{
	for (size_t i = 0; i < findings->n; i++)
		if (!strcmp(findings->v[i].id, id))
			return findings->v[i].fix;
	return NULL;
}

static void test_status(void **state)
{
	const struct status_row *row = *state;
	GS_AUTO(gs_leader_status_done) struct gs_leader_status status = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_status_facts *facts = &status.facts;
	const char *escape_fix, *blank_fix;
	struct gs_err err = { 0 };

	gs_files_add(&facts->exports, "/etc/exports", true, gs_span_of(row->exports));
	gs_str_adds(&facts->etab, row->etab);
	facts->fstab = (struct gs_file){ .path = gs_strdup("/etc/fstab"), .exists = true };
	gs_str_adds(&facts->fstab.text, row->fstab ? row->fstab : "");
	facts->server = (struct gs_server){ .installed = true,
					    .mountd = !row->mountd_dead,
					    .mountd_stopped = row->mountd_stopped,
					    .threads = row->down ? 0 : 8 };
	facts->clients_known = !row->is_user;
	if (!row->is_user)
		add_clients(facts, row);
	if (row->silent)
		facts->names.silent = gs_strdup(row->silent);
	if (row->peer)
		gs_strs_add(&facts->peers, row->peer);
	if (row->twin)
		add_client(facts,
			   "address: \"10.0.0.9:839\"\nstatus: unconfirmed\n"
			   "name: \"Linux NFSv4.2 gpu-1\"\nminor version: 2\n",
			   "", true);
	if (row->twin)
		gs_strs_add(&facts->peers, "192.168.18.8");
	add_share(facts, row);
	gs_grow(&facts->under.v, facts->under.n, &facts->under.room, sizeof *facts->under.v);
	facts->under.v[facts->under.n++] = (struct gs_mounted){
		.target = gs_strdup(row->own_fs ? SHARE : "/"),
		.type = gs_strdup(row->type ? row->type : "ext4"),
		.is_whole = true,
	};
	assert_int_equal(gs_status_judge(&status, &err), 0);
	assert_int_equal(status.n, 1);
	assert_int_equal(status.share[0].healthy, row->healthy);
	if (row->id)
		assert_string_equal(status.findings.v[0].id, row->id);
	else
		assert_int_equal(status.findings.n, 0);
	if (row->fix) {
		assert_string_equal(status.findings.v[0].fix, row->fix);
		assert_int_equal(status.findings.n, 1);
	}
	blank_fix = fix_of(&status.findings, "EXPORTS_CLIENT_BLANK");
	assert_string_equal(blank_fix ? blank_fix : "", row->blank_fix ? row->blank_fix : "");
	escape_fix = fix_of(&status.findings, "EXPORT_ESCAPE");
	assert_string_equal(escape_fix ? escape_fix : "", row->escape_fix ? row->escape_fix : "");
	gs_report_status(&status, &text);
	if (!strstr(text.ptr, row->line))
		fail_msg("no line '%s' in:\n%s", row->line, text.ptr);
}

static const struct paths_row {
	const char *name, *exports, *asked;
	size_t n;
	const char *first;
} paths[] = {
	{ "every marked one", MARK "# gshare share /srv/x\n/srv/y 10.0.0.1(ro)\n", NULL, 2, SHARE },
	{ "the one asked for, marked or not", MARK, "/srv//y/", 1, "/srv/y" },
	{ "none", "/srv/y 10.0.0.1(ro)\n", NULL, 0, NULL },
};

static void test_paths(void **state)
{
	const struct paths_row *row = *state;
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs found = { 0 };
	struct gs_err err = { 0 };

	gs_files_add(&files, "/etc/exports", true, gs_span_of(row->exports));
	assert_int_equal(gs_status_paths(&files, row->asked, &found, &err),
			 row->n ? 0 : -GS_E_FOUND);
	assert_int_equal(found.n, row->n);
	if (row->n)
		assert_string_equal(found.v[0], row->first);
	else
		assert_string_equal(err.id, "NO_SHARE");
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_status);
	TABLE_ADD(&table, paths, test_paths);
	return table_run("status", &table);
}
