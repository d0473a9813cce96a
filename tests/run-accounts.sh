#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Users and groups that a server knows (sss, ldap), and that server is silent: a module of NSS that
# never answers stands behind the files, in a private mount namespace. Nothing may wait for it.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
gshare=${GSHARE:-$build/gshare}

[ "$(id -u)" -eq 0 ] || skip "namespaces take root"
unshare -m true 2>/dev/null || skip "no private namespaces here"
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/silent.c" <<'END'
#include <nss.h>
#include <unistd.h>
#define SILENT(name) enum nss_status name(void) { for (;;) pause(); }
SILENT(_nss_silent_getpwnam_r)
SILENT(_nss_silent_getpwuid_r)
SILENT(_nss_silent_getgrnam_r)
SILENT(_nss_silent_getgrgid_r)
END
# shellcheck disable=SC2086 # CC may be several words
${CC:-cc} -shared -fPIC -o "$tmp/libnss_silent.so.2" "$tmp/silent.c" 2>"$tmp/log" ||
	skip "no module of NSS can be built"
printf '%s\n' 'passwd: files silent' 'group: files silent' 'hosts: files' >"$tmp/nsswitch.conf"
mkdir -m 755 "$tmp/share"

# silent SECONDS WORDS...: gshare on such a machine; what it says is in $tmp/log
silent() {
	seconds=$1
	shift
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m --propagation private sh -c '
		mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf || exit 99
		export LD_LIBRARY_PATH=$1
		shift
		exec timeout -k 1 "$@"' sh "$tmp" "$seconds" "$gshare" "$@" >"$tmp/log" 2>&1
}

# named STATUS WORD: it ended by itself, with a message that names what was asked and who is silent
named() {
	[ "$status" -eq "$1" ] && grep -q "'$2'.*nsswitch.*(ACCOUNTS_TIMEOUT)" "$tmp/log"
}

silent 20 verify "$tmp/share" --as root
status=$?
[ "$status" -eq 0 ]
report $? "who is in the files is found"

silent 8 verify "$tmp/share" --as ghost
status=$?
named 1 ghost
report $? "a user that only the server could know, within a deadline of its own"

silent 8 verify "$tmp/share" --as 4242 --timeout 1
status=$?
named 1 4242
report $? "a number that only the server could know"

silent 8 verify "$tmp/share" --as root:ghosts --timeout 1
status=$?
named 1 ghosts
report $? "a group that only the server could know"

silent 8 leader init /srv/gshare-silent --follower 10.9.9.9 --owner ghost --dry-run \
	--timeout 1
status=$?
named 1 ghost
report $? "leader init --owner"

# How it ends is a matter of the machine; nobody whom the server knows is asked for by name.
for caller in SUDO_UID=4242 PKEXEC_UID=4242 DOAS_USER=ghost; do
	export "${caller?}"
	silent 8 leader init /srv/gshare-silent --follower 10.9.9.9 --owner root:0
	status=$?
	unset "${caller%%=*}"
	[ "$status" -ne 124 ] && [ "$status" -ne 137 ] && ! grep -q ACCOUNTS_TIMEOUT "$tmp/log"
	report $? "who called: $caller"
done

echo "1..$n"
exit "$bad"
