#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Configurations that may stand on a machine already, made up at random, a command, and its undo:
# undo.py, on the machine's own exportfs, in private mount and network namespaces.
# GSHARE_UNDO=N is how many (400, of which some 300 are done), GSHARE_SEED=TEXT which ones,
# GSHARE_ONLY=I only one of them.

set -u
src=${abs_top_srcdir:-$PWD}
build=${abs_top_builddir:-$PWD}
must=${GSHARE_MUST_RUN:-0}

skip() {
	if [ "$must" = 1 ]; then
		echo "Bail out! $1"
		exit 1
	fi
	echo "1..0 # SKIP $1"
	exit 0
}

[ "$(id -u)" -eq 0 ] || skip "namespaces and exportfs take root"
for program in /usr/sbin/exportfs /usr/sbin/rpc.mountd /usr/sbin/rpc.nfsd /usr/bin/systemctl; do
	[ -x "$program" ] || skip "there is no $program"
done
unshare -m -n true 2>/dev/null || skip "no private namespaces here"

exec unshare -m -n -p --fork --kill-child --mount-proc --propagation private /usr/bin/python3 "$src/tests/undo.py" \
	"${GSHARE:-$build/gshare}" --count "${GSHARE_UNDO:-400}" \
	--seed "${GSHARE_SEED:-gshare}" --only "${GSHARE_ONLY:--1}"
