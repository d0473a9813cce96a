/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/early.h"
#include "core/boot/boot.h"
#include "core/format/mountstats.h"
#include "core/package/package.h"
#include "core/plan/finding.h"
#include "core/verify/access_report.h"

/* follower status: the facts of a mount and the findings about it. Pure. */

/** enum gs_mount_state - how the server answers a request through the mount */
enum gs_mount_state {
	GS_STATE_UNASKED, /* not mounted, or the server does not respond */
	GS_STATE_FINE,
	GS_STATE_NOT_RESPONDING, /* the server answers new connections, this mount is stuck */
	GS_STATE_STALE,
	GS_STATE_DENIED,
	GS_STATE_ERROR,
};

/** struct gs_health - a follower's share as it is now; strings owned */
struct gs_health {
	char *path;
	char *server; /* as fstab or the mount table names it */
	bool is_mounted, is_nfs;
	bool is_trigger;     /* path is an automount point: mounted at its first use */
	bool is_kept;	     /* gshare's line is in fstab */
	size_t foreign_line; /* of others that mounts there at boot; 0: none */
	char *boot_unit;     /* a unit file that systemd takes in place of the entry; NULL: none */
	bool is_masked;	     /* boot_unit is a mask, as systemctl mask makes it */
	bool is_orphaned;    /* no entry is in fstab, and gshare's unit for one is there */
	bool lacks_client;   /* mount.nfs(8) is not there */
	bool is_unguarded; /* below the mount is a directory that could be immutable, and is not */
	bool is_closed;	   /* denied, though the leader exports it to this node */
	bool is_over;	   /* what the entry asks for is mounted there, beneath this mount */
	bool has_usual_port; /* the server does not respond on the entry's port, but on 2049 */
	const struct gs_manager *manager; /* that installs a client; NULL: none is known */
	char *asked_source;		  /* of gshare\'s entry; NULL: none */
	bool shows_first; /* the source and address shown are those of another mount of it */
	bool asked_ro;	  /* by the line in fstab */
	char *asked;	  /* options of that line; NULL: no line */
	struct gs_mounted mount;
	struct gs_mounted cover; /* not mounted as seen: what hides its mount; else empty */
	struct gs_inode
		bare; /* below the mount; ABSENT where it is not known, as for ordinary users */
	struct gs_err unseen; /* why root does not know it: its path may cross another dead mount */
	unsigned ahead_kib;   /* read-ahead; 0: not known */
	bool has_stats;
	struct gs_mountstats stats;
	char *own_addr;		/* this node's address towards the server now; NULL: not known */
	enum gs_answer reached; /* UNTRIED: not mounted, or no address is known */
	bool loses_large;	/* calls that fill packets get no reply, and small ones do */
	unsigned rtt_us;	/* of a new connection, where reached */
	struct gs_err silence;	/* why not reached */
	enum gs_mount_state says;
	int says_error;	       /* errno of GS_STATE_ERROR */
	struct gs_err stuck;   /* of GS_STATE_NOT_RESPONDING: the server's answer to a new client */
	struct gs_strs beside; /* other mount points of the same server */
	bool beside_kept;      /* each has an entry in fstab */
	bool is_given_ro;      /* the leader refuses writes, with EROFS */
	bool id_read;	       /* false: it could not be read */
	bool id_broken;	       /* the file holds no id; id_error says what it is */
	struct gs_err id_error;
	char id[GS_SHARE_ID_BYTES];
	char kept[GS_SHARE_ID_BYTES];
	struct gs_boot boot;	 /* where gshare's line is in fstab; else empty */
	struct gs_earlies early; /* what has the bare directory for the share, or an old mount */
	struct gs_findings findings;
};

void gs_health_done(struct gs_health *health);

/** struct gs_healths - all of a node, in the order of fstab */
struct gs_healths {
	struct gs_health *v;
	size_t n, room;
};

/* A finding of status and of verify: takes the cause and its message. */
#define GS_TELLS_SILENCE                                                                           \
	"the server is not responding (%s), and programs that use the share wait: %s"
#define GS_TELLS_STUCK "the server responds, but not through the mount (%s): %s"

/** gs_health_state - the state for the result of a request; @code: 0 or negative errno */
enum gs_mount_state gs_health_state(int code);

bool gs_health_is_ro(const struct gs_health *health); /* active on this node */
/** gs_health_add_port - --port for a follower mount that replaces it, where it is not the usual */
void gs_health_add_port(const struct gs_health *health, struct gs_str *command);

/** gs_health_add_mount - the follower mount that mounts it as fstab, or the mount, has it */
void gs_health_add_mount(const struct gs_health *health, struct gs_str *command);

const char *gs_mount_state_name(enum gs_mount_state says); /* "fine", "stale" ... */
