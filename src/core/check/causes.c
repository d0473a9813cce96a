/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/causes.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/notes.h"
#include "core/check/tables.h"

const struct gs_cause_row gs_causes[] = {
	{ "ACCOUNTS_TIMEOUT", "share", "The account database does not respond." },
	{ "AUTOMOUNT_FAILED", "mount",
	  "What an automount point on the mount point shall mount does not mount." },
	{ "CHILD_UNCONFINED", "run",
	  "The kernel does not let gshare confine what reads the network." },
	{ "CLIENTS_SLOW", "server", "Time ran out before all of nfsd's clients were read." },
	{ "CLIENTS_UNREADABLE", "server", "It cannot be seen whether followers have files open." },
	{ "CLIENT_DELEGATION", "server",
	  "A client holds a delegation on a file, and does not return it." },
	{ "COMMAND_TIMEOUT", "run", "The deadline of the command has passed." },
	{ "CONNECT_FAILED", "network", "A connection to the leader could not be begun." },
	{ "ENV_COMPOSE_DIFFERS", "cluster",
	  "Docker Compose would read another value than was written." },
	{ "ENV_COMPOSE_REFUSES", "cluster", "Docker Compose would refuse the file." },
	{ "ENV_TOO_LONG", "cluster", "A line of cluster.env is too long." },
	{ "EXPORT_ABSENT", "exports", "The leader has no such export." },
	{ "EXPORT_AMBIGUOUS", "exports",
	  "The leader exports several directories: one must be named." },
	{ "EXPORT_DIFFERS", "exports",
	  "After exportfs, nfsd exports an entry otherwise than it was written." },
	{ "EXPORT_MISSING", "exports",
	  "After exportfs, nfsd does not export an entry that was written." },
	{ "EXPORT_OTHER_ADDRESS", "exports",
	  "The leader exports to another address of this node than it comes from." },
	{ "EXPORT_STAYS", "exports",
	  "After exportfs, nfsd still exports an entry that was removed." },
	{ "EXPORT_UNCLEAR", "exports",
	  "It cannot be seen which directory of the leader is the export." },
	{ "FILES_OPEN", "server", "Followers have files open for writing." },
	{ "FILE_IS_LINK", "files",
	  "A file to be written is a link, and a link can be replaced by others." },
	{ "FIREWALL_FAILED", "firewall", "The tool of the firewall has failed." },
	{ "FIREWALL_NO_EFFECT", "firewall",
	  "The tool of the firewall said done, and the rule is not there." },
	{ "FIREWALL_OTHER", "firewall",
	  "Another firewall than the one that was named is in charge." },
	{ "FIREWALL_STILL_CLOSED", "firewall",
	  "The rule is there, and the firewall still does not let the follower in." },
	{ "FIREWALL_TIMEOUT", "firewall", "The tool of the firewall did not end in time." },
	{ "FOLLOWER_AMBIGUOUS", "exports",
	  "A follower is listed in several shares: one must be named." },
	{ "FOREIGN_ADDED", "exports",
	  "exportfs would export entries of others that are not active now." },
	{ "FOREIGN_CHANGES", "exports", "exportfs would change entries of others." },
	{ "FOREIGN_REMOVED", "exports",
	  "exportfs would remove entries of others that no file lists." },
	{ "HOST_DOWN", "network", "No host responds to the address on this network." },
	{ "HOST_IS_LEADER", "exports", "A follower to be added is this node itself." },
	{ "HOST_NOT_RESPONDING", "network", "Nothing responds at the address: no ping, no port." },
	{ "INTERRUPTED", "run", "A signal ended the run." },
	{ "KERNEL_WITHOUT_NFS", "server", "The kernel has no NFS client." },
	{ "LEADER_IS_HOST", "network", "The leader's name is one of this node itself." },
	{ "LEFT", "run", "Not everything that was changed could be rolled back." },
	{ "LINK_OF_OTHERS", "files", "A link on the path of a file belongs to another user." },
	{ "LOCK_HELD", "run", "Another gshare works on this node." },
	{ "LOCK_OF_OTHERS", "run", "The lock file belongs to another user." },
	{ "MOUNT_BELOW_NOT_RESPONDING", "mount", "A mount on the path does not respond." },
	{ "MOUNT_BUSY", "mount", "Processes use the mount." },
	{ "MOUNT_TIMEOUT", "mount", "The mount did not come in time." },
	{ "NAME_UNKNOWN", "network", "A name does not resolve." },
	{ "NEED_ROOT", "run", "Only root may do that." },
	{ "NFS4_ABSENT", "server", "The server has no NFS 4.1 and no 4.2." },
	{ "NFS4_MINOR_REFUSED", "server",
	  "The server has no NFS 4.0, which a look without a mount needs." },
	{ "NFS_ABSENT", "server", "What listens there is no NFS server." },
	{ "NFS_ACCESS_DENIED", "server", "The server does not let this node look at its exports." },
	{ "NFS_FAILED", "server", "The server answers a request of NFS with an error." },
	{ "NFS_GARBAGE", "server", "The server sends replies that are not valid." },
	{ "NFS_GRACE", "server",
	  "The server was started a moment ago, and is in its grace period." },
	{ "NFS_PERM", "server",
	  "The server demands a reserved port, which this node may not take." },
	{ "NFS_SECURITY", "server", "The export demands TLS or Kerberos." },
	{ "NFS_UNREACHABLE", "network", "The connection to the server was lost." },
	{ "NOT_CONVERGED", "run", "After the run something would still have to be done." },
	{ "NOT_MANAGED", "mount", "An entry of /etc/fstab is not gshare's." },
	{ "NO_ROUTE", "network", "This node has no route to the address." },
	{ "NO_SHARE", "share", "There is no share of gshare on this node." },
	{ "NO_TIME", "run", "Too little time was left to tell a silent server from a slow one." },
	{ "OPTION_REFUSED", "server", "The kernel refuses an option of the mount." },
	{ "OWNER_MISSING", "share", "There is no account of that name." },
	{ "OWNER_ROOT", "share", "Root cannot be the owner that followers are mapped to." },
	{ "OWNER_UNKNOWN", "share", "The owner of the share is not known." },
	{ "OWN_FIREWALL", "network", "This node's own firewall drops packets to the leader." },
	{ "PACKAGE_BROKEN", "package", "The package tool has broken dependencies." },
	{ "PACKAGE_FAILED", "package", "The package tool has failed." },
	{ "PACKAGE_HELD", "package", "A package that is needed is held back." },
	{ "PACKAGE_INCOMPLETE", "package",
	  "The package is installed, and its program is missing." },
	{ "PACKAGE_INTERRUPTED", "package", "An earlier run of the package tool was interrupted." },
	{ "PACKAGE_LOCKED", "package", "Another package tool works on this node." },
	{ "PACKAGE_NO_NETWORK", "package", "The package mirror cannot be reached, or is silent." },
	{ "PACKAGE_NO_REPOSITORY", "package", "No package repository is configured." },
	{ "PACKAGE_NO_SPACE", "package", "There is no space to install a package." },
	{ "PACKAGE_SCRIPT_FAILED", "package", "A script of a package has failed." },
	{ "PACKAGE_TIMEOUT", "package", "The package tool did not end in time." },
	{ "PACKAGE_UNKNOWN", "package", "No repository has the package." },
	{ "PACKAGE_UNSIGNED", "package", "A signature of the repository cannot be verified." },
	{ "PATH_CHARACTER", "share", "A path has characters that exports files cannot have." },
	{ "PATH_LINK", "share", "The path of the share is a link." },
	{ "PATH_LONG", "share", "The path is too long." },
	{ "PATH_NOT_DIRECTORY", "share", "The path is no directory." },
	{ "PATH_OF_SYSTEM", "share", "The path belongs to the system." },
	{ "PEER_REPORT_BAD", "run",
	  "A file is no report of another node, or is not whole, or was changed." },
	{ "PEER_REPORT_OWN", "run", "The report that was given is this node's own." },
	{ "PORTS_TAKEN", "network",
	  "This node has no free port below 1024, which the leader demands." },
	{ "PORT_FILTERED", "network", "The port does not respond: a firewall drops packets." },
	{ "PORT_FORBIDDEN", "network", "A security policy of this node forbids the connection." },
	{ "PORT_REFUSED", "network", "The leader is up, and refuses connections to the NFS port." },
	{ "PORT_REJECTED", "network", "A firewall rejects connections to the NFS port." },
	{ "REPAIR_CUT", "share", "Time ran out during a repair." },
	{ "REPAIR_FAILED", "share", "A repair could not be carried out." },
	{ "REPAIR_UNSAFE", "share", "Followers could redirect a repair." },
	{ "ROOT_IS_THIS_HOST", "run", "The tree of --root is this node's own." },
	{ "ROUTE_BLOCKED", "network", "A route of this node forbids the address." },
	{ "RPC_CLOSED", "network", "What listens on the NFS port closes the connection." },
	{ "RPC_DENIED", "network", "What listens on the NFS port refuses this node's calls." },
	{ "RPC_GARBAGE", "network", "What listens on the NFS port does not speak RPC." },
	{ "RPC_PROG_UNAVAIL", "network", "What listens on the NFS port speaks RPC, and no NFS." },
	{ "RPC_SLOW", "network", "The NFS server begins to respond, and does not end in time." },
	{ "RPC_TIMEOUT", "network", "The NFS port takes connections, and does not respond." },
	{ "RPC_VERS_MISMATCH", "network", "The server has NFS, and no version 4." },
	{ "RUN_NOT_DONE", "run", "A run that is not finished cannot be undone." },
	{ "RUN_UNKNOWN", "run", "There is no run of that number." },
	{ "SERVER_FAILED", "server", "The NFS server could not be started." },
	{ "SERVER_REFUSED", "server", "The server refuses the mount." },
	{ "SERVER_UNREACHABLE", "network", "The server cannot be reached for a mount." },
	{ "SHARE_AMBIGUOUS", "share", "There are several shares: one must be named." },
	{ "SHARE_NOT_MANAGED", "share", "An export was made by hand." },
	{ "STATE_FULL", "server", "The file system of /var/lib/nfs is full." },
	{ "SUBTREE_CHECK_UNSUPPORTED", "exports",
	  "The share's file system cannot be exported with subtree_check." },
	{ "TARGET_ABSENT", "mount", "The mount point does not exist." },
	{ "TARGET_IN_USE", "mount", "Something else is mounted on the mount point." },
	{ "TARGET_LINK", "mount", "The mount point is a link." },
	{ "TARGET_MOVED", "mount", "The path to the mount point was changed during the run." },
	{ "TARGET_NOT_DIR", "mount", "The mount point is no directory." },
	{ "TARGET_UNNAMED", "mount",
	  "The export's own path cannot be the mount point: one must be named." },
	{ "UNDO_CONFLICT", "run", "What a run wrote has changed since." },
	{ "UNIT_NEEDED", "boot", "A unit starts before any share can be mounted." },
	{ "UNIT_UNKNOWN", "boot", "There is no unit of that name." },
	{ "USER_UNMAPPED", "access", "A container's user namespace has no such user." },
	{ "WRITE_TEST_TIMEOUT", "access", "The write test timed out." },
	{ NULL, NULL, NULL },
};

static const struct gs_cause_row *cause_of(const char *id)
{
	for (const struct gs_cause_row *row = gs_causes; row->id; row++)
		if (!strcmp(row->id, id))
			return row;
	return NULL;
}

const char *gs_area(const char *id)
{
	const struct gs_cause_row *cause = cause_of(id);

	for (const struct gs_check_table *table = gs_checks; table->checks; table++)
		for (const struct gs_check *check = table->checks; check->id; check++)
			if (!strcmp(check->id, id))
				return table->area;
	return cause ? cause->area : "run";
}

/* The program's own text of an id, and what it means. */
static bool find(const char *id, const char **ret_id, const char **ret_meaning)
{
	const struct gs_cause_row *cause = cause_of(id);

	for (const struct gs_check_table *table = gs_checks; table->checks; table++) {
		for (const struct gs_check *check = table->checks; check->id; check++) {
			if (!check->meaning || strcmp(check->id, id) != 0)
				continue;
			*ret_id = check->id;
			*ret_meaning = check->meaning;
			return true;
		}
	}
	for (const struct gs_note *note = gs_notes; note->id; note++) {
		if (strcmp(note->id, id) != 0)
			continue;
		*ret_id = note->id;
		*ret_meaning = note->meaning;
		return true;
	}
	if (!cause)
		return false;
	*ret_id = cause->id;
	*ret_meaning = cause->meaning;
	return true;
}

const char *gs_meaning(const char *id)
{
	const char *own, *meaning;

	return find(id, &own, &meaning) ? meaning : NULL;
}

const char *gs_own_id(const char *id)
{
	const char *own, *meaning;

	return find(id, &own, &meaning) ? own : NULL;
}

static int by_text(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

void gs_meanings(struct gs_strs *ret)
{
	for (const struct gs_check_table *table = gs_checks; table->checks; table++)
		for (const struct gs_check *check = table->checks; check->id; check++)
			if (check->meaning)
				gs_strs_add(ret, check->id);
	for (const struct gs_note *note = gs_notes; note->id; note++)
		gs_strs_add(ret, note->id);
	for (const struct gs_cause_row *row = gs_causes; row->id; row++)
		gs_strs_add(ret, row->id);
	qsort(ret->v, ret->n, sizeof *ret->v, by_text);
}
