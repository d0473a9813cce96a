# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# For tests of the whole gshare on a machine of namespaces (sweep/follower.py): sourced.

build=${abs_top_builddir:-$PWD}
top=${abs_top_srcdir:-$PWD}

# give_up TEXT: skipped, where nobody insists
give_up() {
	if [ "${GSHARE_MUST_RUN:-0}" = 1 ]; then
		printf '1..1\nnot ok 1 - %s\n' "$1"
		exit 1
	fi
	echo "1..0 # SKIP $1"
	exit 0
}

# on_machine SCRIPT [ARG...]: python, given gshare and the library that names a file system nfs4
on_machine() {
	script=$top/tests/$1
	shift
	[ "$(id -u)" -eq 0 ] || give_up 'needs root'
	[ -x /usr/bin/ganesha.nfsd ] || give_up 'needs nfs-ganesha'
	command -v exportfs >/dev/null || give_up 'needs exportfs'
	command -v strace >/dev/null || give_up 'needs strace'
	if grep -q -e __asan_init -e __gcov_init "$build/gshare"; then
		echo '1..1'
		echo 'ok 1 - left to the plain build: this one has a library that wants to come first'
		exit 0
	fi
	unshare -m -n -p --fork true 2>/dev/null || give_up 'no private namespaces here'
	export PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8
	exec unshare -m -n -p --fork --kill-child --mount-proc --propagation private \
		/usr/bin/python3 "$script" "$build/gshare" "$build/tests/sweep/nfsname.so" "$@"
}
