/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/format/mountstats.h"

/* After texts of Linux 6.1, its NFS 4.2 client, few operations; a whole one is in the corpus. */
#define OTHERS                                                                                     \
	"device rootfs mounted on / with fstype rootfs\n"                                          \
	"device proc mounted on /proc with fstype proc\n"
#define NFS(target, age, transports, operations)                                                   \
	"device 192.168.18.13:/mnt/data/shared mounted on " target                                 \
	" with fstype nfs4 statvers=1.1\n"                                                         \
	"\topts:\trw,vers=4.2,rsize=65536,wsize=65536,namlen=255,acregmin=3,acregmax=60,"          \
	"acdirmin=30,acdirmax=60,hard,proto=tcp,timeo=600,retrans=2,sec=sys,"                      \
	"clientaddr=192.168.18.8,local_lock=none\n"                                                \
	"\tage:\t" age                                                                             \
	"\n"                                                                                       \
	"\timpl_id:\tname='',domain='',date='0,0'\n"                                               \
	"\tcaps:\tcaps=0xfffbc0bf,wtmult=512,dtsize=65536,bsize=0,namlen=255\n"                    \
	"\tnfsv4:\tbm0=0xfdffbfff,bm1=0x40f9be3e,bm2=0x60803,acl=0x3,sessions,pnfs=not "           \
	"configured,lease_time=90,lease_expired=0\n"                                               \
	"\tsec:\tflavor=1,pseudoflavor=1\n"                                                        \
	"\tevents:\t12 47 0 0 13 9 58 0 0 4 0 0 0 0 8 0 0 4 0 0 0 0 0 0 0 0 0\n"                   \
	"\tbytes:\t0 0 0 0 33 1024 1 1\n"                                                          \
	"\tRPC iostats version: 1.1  p/v: 100003/4 (nfs)\n" transports                             \
	"\tper-op statistics\n" operations "\n"

#define TCP "\txprt:\ttcp 832 1 2 0 0 67 67 0 67 0 2 0 0\n"
#define TWICE                                                                                      \
	"\txprt:\ttcp 832 1 4 0 0 67 60 0 67 0 2 0 0\n"                                            \
	"\txprt:\ttcp 971 1 2 0 4 9 9 0 9 0 1 0 0\n"
#define UDP "\txprt:\tudp 832 1 67 67 0 67 0\n"
#define FEW                                                                                        \
	"\t        NULL: 1 1 0 44 24 0 0 1 0\n"                                                    \
	"\t        READ: 2 2 0 456 1224 0 1 3 0\n"                                                 \
	"\t     GETATTR: 7 7 0 1540 1684 0 5 8 1\n"
#define LOST                                                                                       \
	"\t       WRITE: 4 9 2 4096 640 60 100 9000 0\n"                                           \
	"\t      STATFS: 1 0 0 0 0 0 0 0 0\n"

#define TOLD "\t EXCHANGE_ID: 5 5 0 440 200 0 21 21 0\n"

static const struct row {
	const char *name, *text, *target;
	struct gs_mountstats want; /* age_s 0: not found */
} rows[] = {
	{ "one mount",
	  OTHERS NFS("/mnt/a", "31", TCP, FEW),
	  "/mnt/a",
	  { .age_s = 31, .connections = 1, .requests = 10, .rtt_ms = 6 } },
	{ "nconnect, and connections made again",
	  NFS("/mnt/a", "1", TWICE, FEW),
	  "/mnt/a",
	  { .age_s = 1, .connections = 2, .reconnects = 1, .requests = 10, .rtt_ms = 6 } },
	{ "requests sent again, one not sent yet",
	  NFS("/mnt/a", "900", TCP, LOST),
	  "/mnt/a",
	  { .age_s = 900,
	    .connections = 1,
	    .requests = 5,
	    .retransmitted = 5,
	    .timeouts = 2,
	    .rtt_ms = 100 } },
	{ "who it is, told to the server",
	  NFS("/mnt/b", "977", TCP, FEW) NFS("/mnt/a", "8", TCP, TOLD),
	  "/mnt/a",
	  { .age_s = 8,
	    .connections = 1,
	    .identified = 5,
	    .oldest_s = 977,
	    .requests = 5,
	    .rtt_ms = 21 } },
	{ "udp makes no connection",
	  NFS("/mnt/a", "2", UDP, FEW),
	  "/mnt/a",
	  { .age_s = 2, .connections = 1, .requests = 10, .rtt_ms = 6 } },
	{ "the one asked for",
	  NFS("/mnt/b", "5", TWICE, LOST) NFS("/mnt/a", "6", TCP, FEW) OTHERS,
	  "/mnt/a",
	  { .age_s = 6, .connections = 1, .requests = 10, .rtt_ms = 6 } },
	{ "the last of two at one place",
	  NFS("/mnt/a", "5", TWICE, LOST) NFS("/mnt/a", "6", TCP, FEW),
	  "/mnt/a",
	  { .age_s = 6, .connections = 1, .requests = 10, .rtt_ms = 6 } },
	{ "a blank in the path",
	  NFS("/mnt/a\\040b", "7", TCP, FEW),
	  "/mnt/a b",
	  { .age_s = 7, .connections = 1, .requests = 10, .rtt_ms = 6 } },
	{ "a backslash in the path",
	  NFS("/mnt/a\\134b", "7", "", ""),
	  "/mnt/a\\b",
	  { .age_s = 7 } },
	{ "below it is not it", NFS("/mnt/a/b", "7", TCP, FEW), "/mnt/a", { 0 } },
	{ "another file system there",
	  "device /dev/sda mounted on /mnt/a with fstype ext4\n\tage:\t3\n",
	  "/mnt/a",
	  { 0 } },
	{ "empty", "", "/mnt/a", { 0 } },
	{ "cut off",
	  "device 10.0.0.1:/x mounted on /mnt/a with fstype nfs4\n\tage:\t8\n\txprt:",
	  "/mnt/a",
	  { .age_s = 8, .connections = 1 } },
	{ "nonsense in the numbers",
	  NFS("/mnt/a", "8", "\txprt:\ttcp x\n", "\tREAD: 1 -2 z\n"),
	  "/mnt/a",
	  { .age_s = 8, .connections = 1, .requests = 1 } },
};

static void test_find(void **state)
{
	const struct row *row = *state;
	struct gs_mountstats got = { .rtt_ms = 77 };
	bool found = gs_mountstats_find(gs_span_of(row->text), row->target, &got);

	assert_int_equal(found, row->want.age_s != 0);
	if (!found) {
		assert_int_equal(got.rtt_ms, 77);
		return;
	}
	assert_int_equal(got.age_s, row->want.age_s);
	assert_int_equal(got.connections, row->want.connections);
	assert_int_equal(got.reconnects, row->want.reconnects);
	assert_int_equal(got.identified, row->want.identified);
	assert_int_equal(got.oldest_s, row->want.oldest_s ? row->want.oldest_s : got.oldest_s);
	assert_true(got.oldest_s >= got.age_s);
	assert_int_equal(got.requests, row->want.requests);
	assert_int_equal(got.retransmitted, row->want.retransmitted);
	assert_int_equal(got.timeouts, row->want.timeouts);
	assert_int_equal(got.rtt_ms, row->want.rtt_ms);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_find);
	return table_run("mountstats", &table);
}
