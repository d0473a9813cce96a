/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/command.h"
#include "base/hint.h"
#include "sys/fs/mount_table.h"
#include "sys/fs/rootfs.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"

enum { OUTPUT_BYTES = 65536 }; /* of mount.nfs' messages; a few lines are usual */

static const char ACCESS_DENIED[] = "NFS_ACCESS_DENIED", ABSENT[] = "EXPORT_ABSENT",
		  VERSION[] = "VERSION_REFUSED", TIMEOUT[] = "MOUNT_TIMEOUT",
		  REFUSED[] = "SERVER_REFUSED", UNREACHABLE[] = "SERVER_UNREACHABLE",
		  OPTION[] = "OPTION_REFUSED", CLIENT[] = "CLIENT_MISSING", ROOT[] = "NEED_ROOT",
		  BUSY[] = "MOUNT_BUSY", STALE[] = "EXPORT_STALE", TARGET[] = "TARGET_ABSENT",
		  UNSAFE_PORT[] = "NFS_PERM", KERNEL[] = "KERNEL_WITHOUT_NFS";

const char *const gs_mount_ids[] = { ACCESS_DENIED, ABSENT, VERSION,	 TIMEOUT, REFUSED,
				     UNREACHABLE,   OPTION, CLIENT,	 ROOT,	  BUSY,
				     STALE,	    TARGET, UNSAFE_PORT, KERNEL,  NULL };

/*
 * Messages of mount.nfs (nfs-utils utils/mount/error.c mount_error, and strerror) and their causes;
 * the first match counts.
 */
static const struct {
	const char *text;
	int code;
	const char *id;
} known[] = {
	{ "mount point", ENOENT,
	  TARGET }, /* "mount point X does not exist", "is not a directory" */
	{ "access denied by server", EACCES, ACCESS_DENIED },
	{ "Permission denied", EACCES, ACCESS_DENIED },
	{ "No such file or directory", ENOENT, ABSENT },
	{ "requested NFS version or transport protocol", EPROTONOSUPPORT, VERSION },
	{ "Protocol not supported", EPROTONOSUPPORT, VERSION },
	{ "Program not registered", EPROTONOSUPPORT, VERSION },
	{ "incorrect mount option", EINVAL, OPTION },
	{ "Invalid argument", EINVAL, OPTION },
	{ "timed out", ETIMEDOUT, TIMEOUT },
	{ "Connection refused", ECONNREFUSED, REFUSED },
	{ "No route to host", EHOSTUNREACH, UNREACHABLE },
	{ "Network is unreachable", ENETUNREACH, UNREACHABLE },
	{ "Host is down", EHOSTDOWN, UNREACHABLE },
	{ "Failed to resolve server", EHOSTUNREACH, UNREACHABLE },
	{ "Stale", ESTALE, STALE },
	{ "busy or already mounted", EBUSY, BUSY },
	{ "Operation not permitted", EPERM, UNSAFE_PORT },
	{ "No such device", ENODEV, KERNEL },
	{ "unknown filesystem type", ENODEV, KERNEL },
};

static const struct gs_blame fixes[] = {
	{ ACCESS_DENIED, "sudo exportfs -v", NULL, "check who has access, and by which sec=" },
	{ ABSENT, "sudo exportfs -v", NULL, "see which directories are exported" },
	{ VERSION, "enable NFS 4.2 in nfsd: vers4.2 in /etc/nfs.conf", NULL, NULL },
	{ TIMEOUT, "systemctl status nfs-server", NULL, "check the NFS server" },
	{ REFUSED, "sudo systemctl start nfs-server", NULL, "start the NFS server" },
	{ OPTION, NULL, "see which option this node's kernel refuses: sudo dmesg", NULL },
	{ STALE, "sudo exportfs -v", NULL, "check whether the export still exists" },
	{ UNSAFE_PORT, "sudo exportfs -v", NULL, "check who has access, and whether it is secure" },
	{ KERNEL, NULL, "load the NFS client into this node's kernel: sudo modprobe nfsv4", NULL },
};

struct mounting {
	const char *source, *target, *type;
	char *options; /* without x- and X- */
	bool fake;
};

static void free_context(struct libmnt_context **cxt)
{
	mnt_free_context(*cxt);
}

/* The options that mount.nfs gets; retry=0: otherwise it retries for two minutes. */
static char *options_for_mount(const char *options)
{
	gs_autostr struct gs_str kept = { 0 };
	struct gs_span rest = gs_span_of(options), part;
	bool has_retry = false;

	while (gs_span_cut(&rest, ',', &part)) {
		if (!part.len || gs_span_has_prefix(part, "x-") || gs_span_has_prefix(part, "X-"))
			continue;
		has_retry = has_retry || gs_span_has_prefix(part, "retry=");
		gs_str_adds(&kept, kept.len ? "," : "");
		gs_str_add(&kept, part);
	}
	if (!has_retry)
		gs_str_addf(&kept, "%sretry=0", kept.len ? "," : "");
	return gs_span_dup(gs_str_span(&kept));
}

/*
 * The line that names a cause, or the last one, without the program in "mount.nfs4: access denied
 * ...".
 */
static struct gs_span telling_line(struct gs_span said, size_t *ret_known)
{
	struct gs_span line, last = { 0 };

	*ret_known = GS_COUNT(known);
	while (gs_span_cut(&said, '\n', &line)) {
		line = gs_span_trim(line);
		if (!line.len)
			continue;
		if (gs_span_has_prefix(line, "mount.nfs4: "))
			line = gs_span_from(line, strlen("mount.nfs4: "));
		else if (gs_span_has_prefix(line, "mount.nfs: "))
			line = gs_span_from(line, strlen("mount.nfs: "));
		last = line;
		for (size_t i = 0; i < GS_COUNT(known); i++) {
			if (!memmem(line.ptr, line.len, known[i].text, strlen(known[i].text)))
				continue;
			*ret_known = i;
			return line;
		}
	}
	return last;
}

/* The server that source names before ":/"; an IPv6 address without its brackets. */
static char *server_of(const char *source)
{
	const char *end = strstr(source, ":/");

	if (!end)
		return gs_strdup("the server");
	return source[0] == '[' && end[-1] == ']'
		       ? gs_span_dup(gs_span(source + 1, (size_t)(end - source) - 2))
		       : gs_span_dup(gs_span(source, (size_t)(end - source)));
}

/*
 * The calls before the mount were small, and were answered: on a route that drops large packets a
 * mount hangs. 1500 bytes, the MTU of Ethernet, without the headers of IP and ICMP.
 */
static void look_at_size(const char *server, struct gs_err *err)
{
	gs_autostr struct gs_str fix = { 0 };

	gs_str_addf(&fix,
		    "%s; if that is well, large packets may be dropped, though small ones "
		    "pass, which this shows: ",
		    err->fix);
	gs_command(&fix, "ping", "-M", "do", "-s", strchr(server, ':') ? "1452" : "1472", "-c", "3",
		   server);
	gs_err_fix_text(err, &fix);
}

/* Adds the cause and the fix: on the server, or on this host. */
static void blame(const char *source, const char *id, struct gs_err *err)
{
	gs_autofree char *server = server_of(source);
	bool is_known = strstr(source, ":/");

	gs_blame_fix(fixes, GS_COUNT(fixes), id, server, err);
	if (id == UNREACHABLE && is_known)
		gs_err_fix(err, "check that address and the route: ", "ip", "route", "get", server);
	else if (id == TIMEOUT && is_known)
		look_at_size(server, err);
}

static int mount_failed(const struct mounting *m, struct gs_span said, int code, struct gs_err *err)
{
	enum { LINE_BYTES = 400 };
	gs_autostr struct gs_str safe = { 0 };
	size_t which;
	struct gs_span line = telling_line(said, &which);

	if (line.len > LINE_BYTES)
		line.len = LINE_BYTES;
	gs_str_add_safe(&safe, line);
	if (which < GS_COUNT(known))
		code = known[which].code;
	if (!safe.len)
		gs_str_adds(&safe, strerror(abs(code)));
	gs_err_set(err, code, "cannot mount '%s': %s", m->source, safe.ptr);
	if (which < GS_COUNT(known))
		blame(m->source, known[which].id, err);
	else if (abs(code) == EPERM)
		gs_err_cause(err, ROOT);
	return err->code;
}

/* libmount's rc: 0, -errno, its own codes from -5000 down, or an errno of mount(2), positive. */
static int convert(struct libmnt_context *cxt, const struct mounting *m, int rc,
		   struct gs_str *said, struct gs_err *err)
{
	char text[512] = "";
	int excode = mnt_context_get_excode(cxt, rc, text, sizeof text);
	int code = GS_E_CHILD;

	if (excode == MNT_EX_SUCCESS)
		return 0;
	if (!mnt_context_helper_executed(cxt) && text[0])
		gs_str_addf(said, "\n%s\n", text);
	if (rc == -MNT_ERR_NAMESPACE || rc == -EPERM)
		code = EPERM;
	else if (rc < 0 && rc > -4096)
		code = rc;
	else if (mnt_context_syscall_called(cxt) && mnt_context_get_syscall_errno(cxt))
		code = mnt_context_get_syscall_errno(cxt);
	if (mnt_context_helper_executed(cxt) && !said->len)
		gs_str_addf(said, "mount.nfs ended with status %d",
			    mnt_context_get_helper_status(cxt));
	return mount_failed(m, gs_str_span(said), code, err);
}

static int run_context(const struct mounting *m, struct libmnt_context *cxt, int *ret_rc)
{
	int r = mnt_context_set_source(cxt, m->source);

	if (!r)
		r = mnt_context_set_target(cxt, m->target);
	if (!r)
		r = mnt_context_set_fstype(cxt, m->type);
	if (!r)
		r = mnt_context_set_options(cxt, m->options);
	/*
	 * No fstab, no utab, no canonical paths: all options are given above, and the path is
	 * exact.
	 */
	if (!r)
		r = mnt_context_set_optsmode(cxt, MNT_OMODE_NOTAB);
	if (!r)
		r = mnt_context_disable_mtab(cxt, 1);
	if (!r)
		r = mnt_context_disable_canonicalize(cxt, 1);
	if (!r && m->fake)
		r = mnt_context_enable_fake(cxt, 1);
	if (r)
		return r < 0 ? r : -r;
	*ret_rc = mnt_context_mount(cxt);
	return 0;
}

/* mount.nfs is libmount's child and would live on when we die: the whole group is killed. */
static void end_group(int signal)
{
	(void)signal;
	kill(0, SIGKILL);
}

static int read_output(int fd, struct gs_str *said)
{
	gs_autofree char *bytes = gs_alloc(OUTPUT_BYTES);
	ssize_t n = pread(fd, bytes, OUTPUT_BYTES, 0);

	if (n < 0)
		return -errno;
	gs_str_add(said, gs_span(bytes, (size_t)n));
	return 0;
}

static int mount_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct mounting *m = arg;
	struct sigaction on_death = { .sa_handler = end_group };
	gs_autoclose int output_fd = memfd_create("said", MFD_CLOEXEC);
	gs_autostr struct gs_str said = { 0 };
	pid_t parent = getppid();
	int r, rc = 0;

	(void)ret_answer;
	/* mount.nfs gets this environment; libmount reads LIBMOUNT_* from it. */
	clearenv();
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("LC_ALL", "C", 1);
	sigaction(SIGTERM, &on_death, NULL);
	if (output_fd < 0 || dup2(output_fd, STDERR_FILENO) < 0 || chdir("/") < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent)
		return gs_err_set(err, errno, "cannot prepare to mount '%s': %s", m->source,
				  strerror(errno));
	GS_AUTO(free_context) struct libmnt_context *cxt = mnt_new_context();
	if (!cxt)
		return gs_err_set(err, ENOMEM, "cannot prepare to mount '%s'", m->source);
	r = run_context(m, cxt, &rc);
	if (r < 0)
		return gs_err_set(err, r, "cannot mount '%s': libmount refuses the options '%s'",
				  m->source, m->options);
	r = read_output(output_fd, &said);
	if (r < 0)
		return gs_err_set(err, r, "cannot read the output of mount.nfs: %s", strerror(-r));
	return convert(cxt, m, rc, &said, err);
}

static int has_helper(const char *type, struct gs_err *err)
{
	gs_autofree char *path = gs_printf("/sbin/mount.%s", type);
	struct stat st;

	if (!stat(path, &st))
		return 0;
	gs_err_set(err, ENOENT, "the NFS client is not installed: there is no '%s'", path);
	gs_err_cause(err, CLIENT);
	return gs_err_advise(err,
			     "install nfs-common (Debian, Ubuntu) or nfs-utils (Fedora, SUSE)");
}

static int check_type(const char *type, struct gs_err *err)
{
	if (!gs_span_is_text(gs_span_of(type), "nfs") && !gs_span_is_text(gs_span_of(type), "nfs4"))
		return gs_err_set(err, EINVAL, "'%s' is not a type of NFS", type);
	return has_helper(type, err);
}

int gs_mount_rehearse(const char *source, const char *target, const char *type, const char *options,
		      int64_t deadline_ns, struct gs_err *err)
{
	gs_autofree char *kept = options_for_mount(options);
	gs_autostr struct gs_str nothing = { 0 };
	struct mounting m = {
		.source = source, .target = target, .type = type, .options = kept, .fake = true
	};
	const struct gs_child_req req = {
		.fn = mount_in_child,
		.arg = &m,
		.ids = gs_mount_ids,
		.deadline_ns = deadline_ns,
	};

	if (check_type(type, err) < 0)
		return err->code;
	return gs_child_run(&req, &nothing, err);
}

int gs_mount_late(const char *source, struct gs_err *err)
{
	gs_err_prefix(err, "cannot mount '%s'", source);
	blame(source, TIMEOUT, err);
	return err->code;
}

int gs_mount_here(const char *source, const char *target, const char *type, const char *options,
		  struct gs_err *err)
{
	gs_autofree char *kept = options_for_mount(options);
	gs_autostr struct gs_str nothing = { 0 };
	struct mounting m = { .source = source, .target = target, .type = type, .options = kept };

	if (check_type(type, err) < 0)
		return err->code;
	return mount_in_child(&m, &nothing, err);
}

struct unmounting {
	int id;
	const char *target;
	int flags;
};

static int umount_failed(const struct unmounting *u, int error, struct gs_err *err)
{
	gs_err_set(err, error, "cannot unmount '%s': %s", u->target,
		   error == EINVAL   ? "nothing is mounted there"
		   : error == ESTALE ? "its path now leads elsewhere"
				     : strerror(error));
	if (err->code == -EBUSY) {
		gs_err_cause(err, BUSY);
		return gs_err_fix(err, "see who uses it: ", "sudo", "fuser", "-vm", u->target);
	}
	if (err->code == -EPERM) {
		gs_err_cause(err, ROOT);
		return gs_err_advise(err, "run it with sudo");
	}
	return err->code;
}

/*
 * Changes the working directory to the one that holds the mount point; *ret_name is the name in it.
 */
static int enter_parent(const char *path, const char **ret_name)
{
	gs_autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct gs_sys whole = { .root_fd = root };
	gs_autoclose int parent = gs_open_parent(&whole, path, O_RDONLY, GS_LINKS_NONE, ret_name);

	if (parent < 0)
		return parent;
	return fchdir(parent) < 0 ? -errno : 0;
}

/*
 * The mount on name. The root of a stale mount cannot be looked at, since the kernel asks the
 * server about it even for statx(2), but not for umount2(2): there the table says what is on top.
 */
static int id_at(const char *name, const char *path)
{
	int id;

	errno = 0;
	id = gs_mount_id_of(AT_FDCWD, name);
	if (id < 0 && (errno == ESTALE || errno == EIO))
		return gs_mount_id_at(path);
	return id;
}

/* The owner of a directory on the path can rename it again and again, so the tries are limited. */
static int umount_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct unmounting *u = arg;

	(void)ret_answer;
	for (int tries = 0; tries < 3; tries++) {
		gs_autofree char *path = gs_mount_target(u->id, NULL);
		const char *name = NULL;
		int r = path ? enter_parent(path, &name) : -EINVAL;

		if (!path || r == -EACCES)
			return umount_failed(u, -r, err);
		if (r < 0 || id_at(name, path) != u->id)
			continue;
		if (!umount2(name, u->flags | UMOUNT_NOFOLLOW))
			return 0;
		return umount_failed(u, errno, err);
	}
	return umount_failed(u, ESTALE, err);
}

int gs_umount(int id, const char *target, unsigned how, int64_t deadline_ns, struct gs_err *err)
{
	gs_autostr struct gs_str nothing = { 0 };
	struct unmounting u = {
		.id = id < 0 ? gs_mount_id_at(target) : id,
		.target = target,
		.flags = (how & GS_UMOUNT_LAZY ? MNT_DETACH : 0) |
			 (how & GS_UMOUNT_FORCE ? MNT_FORCE : 0),
	};
	struct gs_child_req req = {
		.fn = umount_in_child,
		.arg = &u,
		.ids = gs_mount_ids,
		.deadline_ns = deadline_ns,
	};
	int r = u.id < 0 ? umount_failed(&u, EINVAL, err) : gs_child_run(&req, &nothing, err);

	if (r == -ETIMEDOUT && !err->id) {
		gs_err_prefix(err, "cannot unmount '%s'", target);
		gs_err_cause(err, TIMEOUT);
	}
	return r;
}

int gs_umount_sure(int id, const char *target, unsigned how, int64_t deadline_ns,
		   struct gs_err *err)
{
	gs_autofree char *still = NULL;
	int r;

	if (id < 0)
		id = gs_mount_id_at(target);
	r = gs_umount(id, target, how, deadline_ns, err);
	if (r != -ETIMEDOUT || id < 0)
		return r;
	still = gs_mount_target(id, NULL);
	if (still)
		return r;
	*err = (struct gs_err){ 0 };
	return 0;
}
