#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a follower can put into a share whose top is the squash owner's, for real files: whatever it
# is, access can be taken away, and what was put there stays. undo.py has the same for undo.

set -u
umask 022
unset SUDO_USER SUDO_UID SUDO_GID SUDO_COMMAND DOAS_USER PKEXEC_UID
export LC_ALL=C NO_COLOR=1
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
gshare=${GSHARE:-$build/gshare}

[ "$(id -u)" -eq 0 ] || skip "owners can be set by root only"
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
root=$tmp/root
share=$root/mnt/data/shared

# gs WORDS...: gshare in the tree, for 10 s at most; what it says is in $tmp/log
gs() {
	timeout -k 1 10 "$gshare" "$@" --root "$root" </dev/null >>"$tmp/log" 2>&1
}

# begin: a share that its squash owner owns, with one follower, and one that was added
begin() {
	rm -rf "$root"
	mkdir -p "$root/etc" "$share" && chown 1000:1000 "$share" || return
	echo root:x:0:0::/:/bin/sh >"$root/etc/passwd"
	echo root:x:0: >"$root/etc/group"
	gs leader init --follower 192.168.18.8 && gs leader add 192.168.18.9
}

# put THING: as that user, like a follower
put() {
	# shellcheck disable=SC2016 # for the inner shell, which stays where it was put
	(cd "$share" && setpriv --reuid 1000 --regid 1000 --clear-groups sh -eu -c '
		case $1 in
		uploads) mv uploads was.uploads && : >uploads; exit ;;
		esac
		mv .gshare-id was.id
		case $1 in
		fifo) mkfifo .gshare-id ;;
		link) ln -s /etc/passwd .gshare-id ;;
		dangling) ln -s nowhere .gshare-id ;;
		directory) mkdir .gshare-id ;;
		huge) truncate -s 65M .gshare-id ;;
		garbage) printf "gshare 1\nid nonsense\n" >.gshare-id ;;
		unreadable) : >.gshare-id; chmod 0 .gshare-id ;;
		esac' sh "$1")
}

# stays THING: neither followed nor removed
stays() {
	case $1 in
	fifo) [ -p "$share/.gshare-id" ] ;;
	link | dangling) [ -L "$share/.gshare-id" ] ;;
	directory) [ -d "$share/.gshare-id" ] ;;
	uploads) [ -f "$share/uploads" ] ;;
	*) [ -f "$share/.gshare-id" ] ;;
	esac
}

# exports PATTERN: how many entries of the share are like that
exports() {
	grep -c "^/mnt/data/shared $1" "$root/etc/exports"
}

# taken THING VERB: it was done, and stays done
taken() {
	case $2 in
	remove) gs leader remove 192.168.18.8 && [ "$(exports 192.168.18.8)" -eq 0 ] ;;
	ro) gs leader ro --all && [ "$(exports '.*(rw')" -eq 0 ] ;;
	destroy) gs leader destroy --yes && [ "$(exports '')" -eq 0 ] &&
		{ [ "$1" = uploads ] || grep -q 'ID_BROKEN' "$tmp/log"; } ;;
	esac && stays "$1"
}

for thing in fifo link dangling directory huge garbage unreadable uploads; do
	for verb in remove ro destroy; do
		: >"$tmp/log"
		begin && put "$thing" 2>>"$tmp/log" && taken "$thing" "$verb"
		report $? "$thing: $verb"
	done
	: >"$tmp/log"
	begin && put "$thing" && ! gs leader add 192.168.18.10 &&
		grep -q -e ID_BROKEN -e PATH_NOT_DIRECTORY "$tmp/log" && stays "$thing"
	report $? "$thing: nobody is added"
done

echo "1..$n"
exit "$bad"
