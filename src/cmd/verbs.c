/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verbs.h"

#include "cmd/verb/doctor.h"
#include "cmd/verb/explain.h"
#include "cmd/verb/follower_mount.h"
#include "cmd/verb/follower_remount.h"
#include "cmd/verb/follower_status.h"
#include "cmd/verb/follower_unmount.h"
#include "cmd/verb/follower_watch.h"
#include "cmd/verb/history.h"
#include "cmd/verb/leader.h"
#include "cmd/verb/leader_status.h"
#include "cmd/verb/status.h"
#include "cmd/verb/undo.h"
#include "cmd/verb/verify.h"

/* Every command of gshare, in one table. */

#define LIST(...)                                                                                  \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}
#define OPTS(...)                                                                                  \
	(const enum gs_opt[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, GS_OPT_NONE                                                           \
	}

enum {
	INIT_MS = 60000,
	REPAIR_MS = 60000,
	CHANGE_MS = 10000,
	MOUNT_MS = 30000,
	VERIFY_MS = 10000,
	STATUS_MS = 3000,
	DOCTOR_MS = 5000,
	WATCH_MS = 60000, /* of one round */
};

static const struct gs_cmd leader[] = {
	{ "init", "make the share and export it to its followers",
	  LIST("leader init [PATH] [--follower HOST[:ro|:rw]]... [--owner USER[:GROUP]]",
	       "            [--squash all|root|none] [--dir NAME]...",
	       "            [--subtree-check|--no-subtree-check] [--crossmnt] [--new-id]",
	       "            [--drain SECONDS] [--force] [--no-install]",
	       "            [--install-timeout SECONDS] [--no-firewall] [--firewall-first]",
	       "            [--firewall iptables|nft]"),
	  LIST("gshare leader init --follower 192.168.18.8",
	       "gshare leader init /srv/data --follower 10.0.0.0/24:ro --owner ubuntu"),
	  OPTS(GS_OPT_FOLLOWER, GS_OPT_OWNER, GS_OPT_SQUASH, GS_OPT_DIR, GS_OPT_SUBTREE_CHECK,
	       GS_OPT_NO_SUBTREE_CHECK, GS_OPT_PATH, GS_OPT_EXPORTS_FILE, GS_OPT_ALLOW_WIDE,
	       GS_OPT_CROSSMNT, GS_OPT_NEW_ID, GS_OPT_DRAIN, GS_OPT_FORCE, GS_OPT_NO_INSTALL,
	       GS_OPT_INSTALL_TIMEOUT, GS_OPT_NO_FIREWALL, GS_OPT_FIREWALL_FIRST, GS_OPT_FIREWALL,
	       GS_OPT_ROOT, GS_OPT_DRY_RUN),
	  INIT_MS, true, gs_cmd_leader_init, NULL },
	{ "add", "export the share to more followers",
	  LIST("leader add HOST[:ro|:rw]... [--drain SECONDS] [--force] [--no-firewall]",
	       "           [--firewall-first] [--firewall iptables|nft]"),
	  LIST("gshare leader add 192.168.18.9", "gshare leader add gpu-2:ro gpu-3:ro"),
	  OPTS(GS_OPT_PATH, GS_OPT_EXPORTS_FILE, GS_OPT_ALLOW_WIDE, GS_OPT_DRAIN, GS_OPT_FORCE,
	       GS_OPT_NO_FIREWALL, GS_OPT_FIREWALL_FIRST, GS_OPT_FIREWALL, GS_OPT_ROOT,
	       GS_OPT_DRY_RUN),
	  CHANGE_MS, true, gs_cmd_leader_add, NULL },
	{ "remove", "unexport the share from followers",
	  LIST("leader remove HOST... [--drain SECONDS] [--force] [--no-firewall]"),
	  LIST("gshare leader remove 192.168.18.9"),
	  OPTS(GS_OPT_PATH, GS_OPT_EXPORTS_FILE, GS_OPT_DRAIN, GS_OPT_FORCE, GS_OPT_NO_FIREWALL,
	       GS_OPT_ROOT, GS_OPT_DRY_RUN),
	  CHANGE_MS, true, gs_cmd_leader_remove, NULL },
	{ "ro", "make followers read-only, without a remount",
	  LIST("leader ro [HOST...|--all] [--drain SECONDS] [--force]"),
	  LIST("gshare leader ro 192.168.18.8", "gshare leader ro --all --drain 120"),
	  OPTS(GS_OPT_ALL, GS_OPT_DRAIN, GS_OPT_FORCE, GS_OPT_PATH, GS_OPT_EXPORTS_FILE,
	       GS_OPT_ROOT, GS_OPT_DRY_RUN),
	  CHANGE_MS, true, gs_cmd_leader_ro, NULL },
	{ "rw", "let followers write again, without a remount",
	  LIST("leader rw [HOST...|--all] [--allow-wide]"),
	  LIST("gshare leader rw 192.168.18.8", "gshare leader rw --all"),
	  OPTS(GS_OPT_ALL, GS_OPT_ALLOW_WIDE, GS_OPT_PATH, GS_OPT_EXPORTS_FILE, GS_OPT_ROOT,
	       GS_OPT_DRY_RUN),
	  CHANGE_MS, true, gs_cmd_leader_rw, NULL },
	{ "repair", "give the owner access to what others created in the dataset directories",
	  LIST("leader repair [--dir NAME]..."),
	  LIST("gshare leader repair --dry-run", "gshare leader repair"),
	  OPTS(GS_OPT_DIR, GS_OPT_PATH, GS_OPT_DRY_RUN), REPAIR_MS, true, gs_cmd_leader_repair,
	  NULL },
	{ "status", "show who may use the share, who uses it, and what is wrong",
	  LIST("leader status"), LIST("gshare leader status"), OPTS(GS_OPT_PATH), STATUS_MS, false,
	  gs_cmd_leader_status, NULL },
	{ "destroy", "unexport the share; every directory and file is kept",
	  LIST("leader destroy [--drain SECONDS] [--force] [--no-firewall]"),
	  LIST("gshare leader destroy --dry-run", "gshare leader destroy --path /srv/data --yes"),
	  OPTS(GS_OPT_PATH, GS_OPT_EXPORTS_FILE, GS_OPT_DRAIN, GS_OPT_FORCE, GS_OPT_NO_FIREWALL,
	       GS_OPT_ROOT, GS_OPT_DRY_RUN),
	  CHANGE_MS, true, gs_cmd_leader_destroy, NULL },
	{ 0 },
};

static const struct gs_cmd follower[] = {
	{ "mount", "mount the leader's share, verify it, and mount it at boot",
	  LIST("follower mount LEADER [TARGET] [--export PATH] [--id ID] [--ro] [--port N]",
	       "                      [--profile default|fast|readonly-dataset]",
	       "                      [--options LIST] [--no-persist] [--postgres HOST]",
	       "                      [--unverified] [--allow-user-path] [--before UNIT]...",
	       "                      [--no-install] [--install-timeout SECONDS]"),
	  LIST("gshare follower mount 192.168.18.13",
	       "gshare follower mount 192.168.18.13 /home/user1/mnt/data/shared",
	       "gshare follower mount 192.168.18.13 --profile fast --options rsize=262144"),
	  OPTS(GS_OPT_EXPORT, GS_OPT_ID, GS_OPT_RO, GS_OPT_PORT, GS_OPT_PROFILE, GS_OPT_OPTIONS,
	       GS_OPT_NO_PERSIST, GS_OPT_POSTGRES, GS_OPT_UNVERIFIED, GS_OPT_ALLOW_USER_PATH,
	       GS_OPT_BEFORE, GS_OPT_NO_INSTALL, GS_OPT_INSTALL_TIMEOUT, GS_OPT_ROOT,
	       GS_OPT_DRY_RUN),
	  MOUNT_MS, true, gs_cmd_follower_mount, NULL },
	{ "unmount", "unmount the share from this node",
	  LIST("follower unmount [TARGET] [--forget] [--force] [--lazy]"),
	  LIST("gshare follower unmount", "gshare follower unmount /mnt/data/shared --forget"),
	  OPTS(GS_OPT_FORGET, GS_OPT_FORCE, GS_OPT_LAZY, GS_OPT_ROOT, GS_OPT_DRY_RUN), CHANGE_MS,
	  true, gs_cmd_follower_unmount, NULL },
	{ "remount", "change mount options in place, or replace a stale mount",
	  LIST("follower remount [TARGET] [--recover] [--ro] [--rw]"),
	  LIST("gshare follower remount --recover",
	       "gshare follower remount /mnt/data/shared --ro"),
	  OPTS(GS_OPT_RECOVER, GS_OPT_RO, GS_OPT_RW, GS_OPT_DRY_RUN), MOUNT_MS, true,
	  gs_cmd_follower_remount, NULL },
	{ "status", "show whether the share is mounted and its server responds",
	  LIST("follower status [TARGET]"),
	  LIST("gshare follower status", "gshare follower status /mnt/data/shared --json"),
	  OPTS(GS_OPT_NONE), STATUS_MS, false, gs_cmd_follower_status, NULL },
	{ "watch", "mount the share once its leader is there, and look after it: a service",
	  LIST("follower watch TARGET"), LIST("gshare follower watch /mnt/data/shared"),
	  OPTS(GS_OPT_NONE), WATCH_MS, true, gs_cmd_follower_watch, NULL },
	{ 0 },
};

static const struct gs_cmd env[] = {
	{ "leader", "print cluster.env of the leader, after verification",
	  LIST("env leader [--write FILE] [--canonical] [--allow-user-path] [--unverified]"),
	  LIST("gshare env leader", "gshare env leader --write /opt/graphistry/cluster.env"),
	  OPTS(GS_OPT_WRITE, GS_OPT_CANONICAL, GS_OPT_ALLOW_USER_PATH, GS_OPT_UNVERIFIED,
	       GS_OPT_PATH, GS_OPT_DRY_RUN),
	  VERIFY_MS, false, gs_cmd_env_leader, NULL },
	{ "follower", "print cluster.env of a follower, after verification",
	  LIST("env follower [--write FILE] [--canonical] [--postgres HOST] [--allow-user-path]",
	       "             [--unverified]"),
	  LIST("gshare env follower", "gshare env follower --write /opt/graphistry/cluster.env"),
	  OPTS(GS_OPT_WRITE, GS_OPT_CANONICAL, GS_OPT_POSTGRES, GS_OPT_ALLOW_USER_PATH,
	       GS_OPT_UNVERIFIED, GS_OPT_PATH, GS_OPT_DRY_RUN),
	  VERIFY_MS, false, gs_cmd_env_follower, NULL },
	{ 0 },
};

static const struct gs_cmd top[] = {
	{ .name = "leader", .summary = "the node that holds the datasets", .sub = leader },
	{ .name = "follower", .summary = "a node that reads and writes them", .sub = follower },
	{ "status", "show what this node shares and mounts, and what is wrong", LIST("status"),
	  LIST("sudo gshare status", "gshare status --json"), OPTS(GS_OPT_NONE), STATUS_MS, false,
	  gs_cmd_status, NULL },
	{ "verify", "verify what each user can do in the share",
	  LIST("verify [PATH] [--as USER|UID[:GID]]..."),
	  LIST("gshare verify", "gshare verify /mnt/data/shared --as 1000 --as 65534"),
	  OPTS(GS_OPT_AS, GS_OPT_PATH), VERIFY_MS, false, gs_cmd_verify, NULL },
	{ "doctor", "name what is wrong, why, and the fix",
	  LIST("doctor [LEADER|PATH|all] [--only ID[,ID]...]... [--list] [--audit]",
	       "       [--env FILE] [--peer FILE|-] [--peer-report] [--bundle FILE]",
	       "       [--fix [--dry-run]]"),
	  LIST("sudo gshare doctor", "gshare doctor 192.168.18.13", "sudo gshare doctor --fix",
	       "sudo gshare doctor --audit", "sudo gshare doctor --env /opt/graphistry/cluster.env",
	       "sudo gshare doctor --bundle /root/gshare.tar",
	       "ssh gpu-1 sudo gshare doctor --peer-report | sudo gshare doctor --peer -"),
	  OPTS(GS_OPT_ONLY, GS_OPT_LIST, GS_OPT_AUDIT, GS_OPT_ENV, GS_OPT_PEER, GS_OPT_PEER_REPORT,
	       GS_OPT_BUNDLE, GS_OPT_FIX, GS_OPT_DRY_RUN),
	  DOCTOR_MS, false, gs_cmd_doctor, NULL },
	{ "explain", "tell what the id of a finding or an error means", LIST("explain [ID]"),
	  LIST("gshare explain NOT_ACTIVE"), OPTS(GS_OPT_NONE), STATUS_MS, false, gs_cmd_explain,
	  NULL },
	{ .name = "env", .summary = "print the lines of cluster.env", .sub = env },
	{ "history", "list what gshare has done on this node: when, who, what", LIST("history"),
	  LIST("sudo gshare history", "sudo gshare history --json"), OPTS(GS_OPT_NONE), STATUS_MS,
	  false, gs_cmd_history, NULL },
	{ "undo", "roll back what a run has done",
	  LIST("undo [ID] [--drain SECONDS] [--force] [--allow-user-path] [--no-firewall]"),
	  LIST("sudo gshare undo", "sudo gshare undo 3 --dry-run"),
	  OPTS(GS_OPT_DRAIN, GS_OPT_FORCE, GS_OPT_ALLOW_USER_PATH, GS_OPT_NO_FIREWALL,
	       GS_OPT_DRY_RUN),
	  MOUNT_MS, true, gs_cmd_undo, NULL },
	{ 0 },
};

const struct gs_cmd gs_cmd_tree = {
	.name = "gshare",
	.summary = "share a dataset directory between Linux nodes over NFS",
	.example = LIST("leader$    sudo gshare leader init --follower 192.168.18.8",
			"follower$  sudo gshare follower mount 192.168.18.13"),
	.sub = top,
};
