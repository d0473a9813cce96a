/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/str.h"

/*
 * Plain facts: sys fills them, core judges them. No function here decides anything; the _done
 * functions free what the struct owns and leave zeroes.
 */

enum { GS_NFS_PORT = 2049 }; /* RFC 7530 section 3.1: what clients take unless told otherwise */

/** The type of the file at a path; a symbolic link as last component is not followed. */
enum gs_inode_type { GS_INODE_ABSENT, GS_INODE_DIR, GS_INODE_FILE, GS_INODE_LINK, GS_INODE_OTHER };

struct gs_inode {
	enum gs_inode_type type;
	mode_t mode; /* 07777 */
	uid_t uid;
	gid_t gid;
	bool is_mount_point;
	bool has_entries;  /* of a directory that is no mount point */
	bool can_guard;	   /* its file system supports the immutable flag */
	bool guard_denied; /* this process may not set it */
	bool is_guarded;   /* the flag is set */
	char *acl_access; /* owned, gs_acl text (below); NULL where there is none beyond the mode */
	char *acl_default; /* owned; NULL where there is none */
	bool acl_hidden;   /* the access ACL cannot be read: there may be one */
};

/** struct gs_entry - one entry of a tree walk; valid until the callback returns */
struct gs_entry {
	const char *path; /* below the walk's root: "uploads/a" */
	struct gs_inode inode;
	unsigned links;		  /* names of the inode */
	bool has_caps;		  /* of a program: capabilities(7) */
	bool is_fixed;		  /* immutable or append-only: chattr(1) */
	bool is_device, is_block; /* a device node; a block device */
};

/** struct gs_acls - ACLs that an entry shall have, texts as below; owned, NULL: unchanged */
struct gs_acls {
	char *access, *default_;
};

/**
 * struct gs_dir_spec - a directory as it shall be made
 * ACL texts are short numeric entries, comma separated, as acl_to_any_text(3) writes them with
 * TEXT_ABBREVIATE | TEXT_NUMERIC_IDS: "u::rwx,u:1000:rwx,g::rwx,g:1000:rwx,m::rwx,o::r-x".
 */
struct gs_dir_spec {
	mode_t mode;
	uid_t uid;
	gid_t gid;
	const char *acl_access;	 /* NULL: none */
	const char *acl_default; /* NULL: none */
};

enum gs_acl_kind {
	GS_ACL_NONE,   /* no ACL beyond the mode */
	GS_ACL_POSIX,  /* xattr system.posix_acl_access: acl(5) */
	GS_ACL_NFS4,   /* xattr system.nfs4_acl, as an NFSv4 server gives it: RFC 7530, 6.2.1 */
	GS_ACL_HIDDEN, /* there may be one, and it could not be read */
};

enum { GS_ACL_BYTES = 4096 };

/** struct gs_dir_look - a directory as root of this node sees it, to explain a denial */
struct gs_dir_look {
	bool known;    /* false: even root could not look; the other members mean nothing */
	bool is_ro;    /* its mount, or its file system */
	bool is_fixed; /* immutable or append-only: chattr(1) */
	mode_t mode;   /* 07777 */
	uid_t uid;
	gid_t gid;
	uint64_t free_bytes, free_files;
	enum gs_acl_kind acl_kind;
	uint16_t acl_len;
	char acl[GS_ACL_BYTES]; /* raw */
};

/** struct gs_account - a user and the primary group */
struct gs_account {
	char *name;  /* owned */
	char *group; /* owned */
	char *home;  /* owned */
	uid_t uid;
	gid_t gid;
};

/** struct gs_ids - numbers of users or groups */
struct gs_ids {
	uint32_t *v;
	size_t n, room;
};

/** struct gs_fs - the file system that holds a path */
struct gs_fs {
	char *type;	  /* owned, "ext4" */
	char *device;	  /* owned, "/dev/sdb1"; as mountinfo names the source */
	char *uuid;	  /* owned, NULL where libblkid finds none */
	bool is_root;	  /* the path is the root of this file system, mounted there as a whole */
	bool is_readonly; /* the file system, or its mount */
	bool no_handles;  /* it makes no file handles, which NFS is built on: nfsd cannot export it
			   */
	char *target;	  /* owned, where it is mounted */
	char *options;	  /* owned, of that mount, as in mountinfo; NULL: not known */
	uint64_t free_bytes;
};

struct gs_manager;

/** struct gs_taker - a process that listens on the NFS port instead of nfsd; pid 0: none is known
 */
struct gs_taker {
	uint64_t pid;
	char name[16]; /* untrusted; TASK_COMM_LEN */
	char unit[64]; /* of the system that runs it, "x.service"; "": none, or a longer one */
};

/** struct gs_server - the NFS server of this machine */
struct gs_server {
	bool installed;			  /* exportfs, rpc.nfsd and rpc.mountd exist */
	const struct gs_manager *manager; /* what can install it; NULL: none known, not asked */
	bool systemd;			  /* systemd runs this machine */
	bool enabled;			  /* starts at boot */
	bool unsaid;			  /* or not: systemctl says nothing */
	bool mountd; /* rpc.mountd is alive; not looked for where systemd has to start nfsd */
	bool mountd_stopped; /* by a signal, or traced: it answers nothing */
	bool rpcbind;	     /* is alive; looked for only without systemd */
	unsigned threads;    /* of nfsd; 0: not running */
	bool stays_idle;    /* it has none, and systemd has its unit active: a start does nothing */
	const char *failed; /* then not: a unit that it needs and that has failed; NULL: none */
	bool lacks_nfsd;    /* the kernel has no nfsd, and no module of it; only where none runs */
	bool unlisted;	    /* there is no list of modules that could have it */
	const char *masked; /* a unit that the server needs and that is masked; NULL: none */
	bool masked_until_boot;
	struct gs_taker taker; /* looked for only where nfsd does not run */
	const char *lacks;     /* not installed: the first of its programs that is missing, where
				  others are there; NULL: all are missing */
};

/** struct gs_mounted - one line of the mount table */
struct gs_mounted {
	char *source, *target, *type, *options; /* owned */
	int id;
	dev_t dev;
	bool is_whole; /* the file system's root is mounted, not a directory below it */
	/*
	 * Another place of this node where the same directory of the same NFS file system is
	 * mounted; owned, NULL: none, or not looked for. The kernel shows the source and the
	 * address of the first mount for all of them: fs/nfs/super.c nfs_show_devname().
	 */
	char *also;
};

struct gs_mounts {
	struct gs_mounted *v;
	size_t n, room;
};

/** struct gs_netaddr - an address of this node; @mtu: of its interface, 0: not known */
struct gs_netaddr {
	char *addr, *interface; /* owned */
	unsigned prefix, mtu;
};

struct gs_netaddrs {
	struct gs_netaddr *v;
	size_t n, room;
};

/** struct gs_file - a text file as observe saw it */
struct gs_file {
	char *path;
	bool exists;
	struct gs_str text;
};

struct gs_files {
	struct gs_file *v;
	size_t n, room;
};

/** struct gs_grant - an export and its clients as the server lists them; untrusted text */
struct gs_grant {
	char *path; /* owned */
	struct gs_strs clients;
};

struct gs_grants {
	struct gs_grant *v;
	size_t n, room;
};

void gs_inode_done(struct gs_inode *inode);
void gs_account_done(struct gs_account *account);
void gs_ids_add(struct gs_ids *ids, uint32_t id);
bool gs_ids_has(const struct gs_ids *ids, uint32_t id);
void gs_ids_done(struct gs_ids *ids);
void gs_fs_done(struct gs_fs *fs);
void gs_files_add(struct gs_files *files, const char *path, bool exists, struct gs_span text);
void gs_file_done(struct gs_file *file);
void gs_files_done(struct gs_files *files);
void gs_mounted_done(struct gs_mounted *mounted);
void gs_mounts_done(struct gs_mounts *mounts);
void gs_netaddrs_add(struct gs_netaddrs *links, const char *addr, unsigned prefix,
		     const char *interface, unsigned mtu);
void gs_netaddrs_done(struct gs_netaddrs *links);
void gs_grants_add(struct gs_grants *grants, const char *path);
void gs_grants_done(struct gs_grants *grants);
