/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any facts of a mount, also such as no machine has: the rules end, and each finding has one root
 * and no text that a terminal would obey.
 */
#include "draw.h"

#include <errno.h>

#include "core/boot/boot.h"
#include "core/check/judge.h"

static const char *const options[] = {
	"rw,vers=4.2,hard,proto=tcp,nosuid,nodev,addr=10.0.0.1,clientaddr=10.0.0.8",
	"ro,vers=4.1,soft,addr=10.0.0.1",
	"rw,vers=3,mountaddr=10.0.0.1,port=2050",
	"",
	"rw,nconnect=4,acregmin=x,rsize=999999999999999999999,timeo=",
	"rw,noac,nolock,\\040,sec=krb5p,xprtsec=tls",
};
static const char *const asked[] = {
	NULL,
	"vers=4.2,hard,nosuid,nodev,_netdev,nofail,x-gshare.id=7c1e52d0",
	"defaults,noauto",
	"ro,nconnect=16,rsize=1048576,x-systemd.automount,x-gshare.profile=fast,x-gshare.id=7c1e52d0",
	"port=2050,soft,exec,user,x-gshare.id=",
	"ac,acdirmax=5,wsize=0,nfsvers=3,nfsvers=4",
};
static const char *const sources[] = { "10.0.0.1:/srv/a", "leader:/srv/a", "[fd00::1]:/srv/a",
				       "tmpfs", "10.0.0.1:/" };
static const int errors[] = { 0,      ETIMEDOUT,   ECONNREFUSED, EHOSTUNREACH, EACCES,
			      ESTALE, ENETUNREACH, EPERM,	 EIO };
static const char *const causes[] = { NULL,	      "PORT_FILTERED",
				      "PORT_REFUSED", "HOST_NOT_RESPONDING",
				      "NO_ROUTE",     "OWN_FIREWALL" };

static void draw_err(struct bytes *b, struct gs_err *ret)
{
	int code = ANY(b, errors);
	const char *cause = ANY(b, causes);

	if (!code)
		return;
	gs_err_set(ret, code, "it is odd");
	if (cause)
		gs_err_cause(ret, cause);
}

static void draw_mounted(struct bytes *b, const char *target, struct gs_mounted *ret)
{
	static const char *const types[] = { "nfs4", "nfs", "ext4", "tmpfs", "autofs" };

	*ret = (struct gs_mounted){
		.source = own(ANY(b, sources)),
		.target = gs_strdup(target),
		.type = own(ANY(b, types)),
		.options = own(ANY(b, options)),
		.is_whole = flag(b),
		.also = own(flag(b) ? "/mnt/b" : NULL),
	};
}

static void draw_stats(struct bytes *b, struct gs_mountstats *ret)
{
	static const uint64_t numbers[] = { 0, 1, 2, 7, 1000, UINT32_MAX, UINT64_MAX };

	*ret = (struct gs_mountstats){
		.age_s = (unsigned)ANY(b, numbers),
		.connections = (unsigned)ANY(b, numbers),
		.reconnects = ANY(b, numbers),
		.identified = ANY(b, numbers),
		.oldest_s = (unsigned)ANY(b, numbers),
		.requests = ANY(b, numbers),
		.retransmitted = ANY(b, numbers),
		.timeouts = ANY(b, numbers),
		.rtt_ms = ANY(b, numbers),
	};
}

static void draw_boot(struct bytes *b, struct gs_health *h)
{
	static const char *const words[3] = { "java", "/mnt/a", "/system.slice/docker.service" };

	h->boot.systemd = flag(b);
	h->boot.is_active = flag(b);
	h->boot.unasked = own(flag(b) ? "it was late" : NULL);
	h->boot.unit = gs_boot_unit(h->path);
	if (flag(b))
		gs_strs_add(&h->boot.ordered, "docker.service");
	if (flag(b))
		gs_strs_add(&h->boot.skipped, "docker.service");
	if (flag(b))
		gs_earlies_add(&h->early, 7, flag(b), words);
}

static void draw_answer(struct bytes *b, struct gs_health *h)
{
	static const char *const ids[] = { "", "7c1e52d0", "00000000" };

	h->reached = (enum gs_answer)take(b, 3);
	h->loses_large = flag(b);
	h->rtt_us = take(b, 200) * 1000;
	draw_err(b, &h->silence);
	h->says_error = ANY(b, errors);
	h->says = flag(b) ? gs_health_state(-h->says_error) : GS_STATE_UNASKED;
	draw_err(b, &h->stuck);
	h->is_given_ro = flag(b);
	h->id_read = flag(b);
	h->id_broken = flag(b);
	draw_err(b, &h->id_error);
	strcpy(h->id, ANY(b, ids));
	strcpy(h->kept, ANY(b, ids));
}

static void draw_entry(struct bytes *b, struct gs_health *h)
{
	h->is_kept = flag(b);
	h->foreign_line = take(b, 3);
	h->boot_unit = own(flag(b) ? "/etc/systemd/system/mnt-a.mount" : NULL);
	h->is_masked = flag(b);
	h->is_orphaned = flag(b);
	h->asked_source = own(flag(b) ? ANY(b, sources) : NULL);
	h->asked = own(ANY(b, asked));
	h->asked_ro = flag(b);
}

static void draw(struct bytes *b, struct gs_health *h)
{
	static const char *const at[] = { "/mnt/a", "/mnt/a b", "/home/u/$(id)" };

	h->path = own(ANY(b, at));
	h->server = gs_strdup(flag(b) ? "10.0.0.1" : "leader");
	h->is_mounted = flag(b);
	h->is_nfs = flag(b);
	h->is_trigger = flag(b);
	h->lacks_client = flag(b);
	h->is_unguarded = flag(b);
	h->is_closed = flag(b);
	h->is_over = flag(b);
	h->has_usual_port = flag(b);
	h->shows_first = flag(b);
	if (h->is_mounted)
		draw_mounted(b, h->path, &h->mount);
	else if (flag(b))
		draw_mounted(b, "/mnt", &h->cover);
	draw_entry(b, h);
	draw_inode(b, &h->bare);
	draw_err(b, &h->unseen);
	h->ahead_kib = take(b, 200) * 128;
	h->has_stats = flag(b);
	draw_stats(b, &h->stats);
	h->own_addr = own(flag(b) ? "10.0.0.8" : NULL);
	draw_answer(b, h);
	if (flag(b))
		gs_strs_add(&h->beside, "/mnt/b");
	h->beside_kept = flag(b);
	draw_boot(b, h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GS_AUTO(gs_health_done) struct gs_health h = { 0 };
	struct bytes b = { data, data + size };
	bool fails;

	draw(&b, &h);
	gs_health_judge(&h);
	check_findings(GS_SIDE_FOLLOWER, &h.findings, &fails);
	return 0;
}
