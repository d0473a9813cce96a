#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# End to end, as data. Each directory tests/golden/NAME is a case:
#   root/        the tree before; git knows no empty directories and no owners, hence
#   setup        optional: shell lines run inside the copy of root/ (mkdir, chmod, chown, ln)
#   args         the words after gshare, quoted as for a shell; --root is added
#   plan         stdout of --dry-run, the copy's path shown as ROOT
#   err          optional: stderr of the real run; without it there is none
#   status       optional: exit status of the real run, 0 without it
#   root.after/  every regular file afterwards; without it nothing may have changed
#   after        "type mode uid:gid path" of everything afterwards, sorted by path
# A run that ends with 0 is repeated: it must say "nothing to do" and touch no file.
# What gshare keeps for itself (var/lib/gshare, run) is not compared.
#
# GSHARE_GOLDENS=N/M runs the N-th of M parts, N from 0: each case is in one of them.
# run-golden.sh --update [NAME...] rewrites plan, err, status, root.after and after: review the diff.

set -u
umask 022
unset SUDO_USER SUDO_UID SUDO_GID SUDO_COMMAND DOAS_USER PKEXEC_UID
export LC_ALL=C NO_COLOR=1
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
gshare=${GSHARE:-$build/gshare}
update=

if [ "${1-}" = --update ]; then
	update=1
	shift
fi
[ "$(id -u)" -eq 0 ] || skip "owners can be set by root only"
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
root=$tmp/root

# tree DIR FORMAT [TEST...]: one line for each thing in DIR that is compared
tree() {
	(
		cd "$1" || exit
		format=$2
		shift 2
		find . -mindepth 1 \( -path ./var/lib/gshare -o -path ./run \) -prune -o \
			"$@" -printf "$format" | sort -k 4
	)
}

manifest() {
	tree "$1" '%y %#m %U:%G %P\n' -true
}

# files DIR: the paths of the regular files
files() {
	tree "$1" '- - - %P\n' -type f | cut -d ' ' -f 4-
}

# snapshot DIR: identity, times and content of everything
snapshot() {
	tree "$1" '%i %y%#m,%U:%G %T@ %P %l\n' -true
	(cd "$1" && files . | tr '\n' '\0' | xargs -0 -r cksum)
}

# run ARGS...: gshare with the words of the case; out, err, status
run() {
	(
		eval "set -- $(cat "$case/args") --root \"\$root\" \"\$@\""
		"$gshare" "$@"
	) >"$tmp/out" 2>"$tmp/err"
	status=$?
	sed "s|$root|ROOT|g" "$tmp/out" | hide_id >"$tmp/shown"
	# A machine that takes over a second for a command is told of its steps.
	sed -i -E "s|$root|ROOT|g; /^gshare: (looking at what is there|step [0-9]+ of [0-9]+: .*[^)])\$/d" "$tmp/err"
}

# A new share's id is random: it is shown as eight zeroes, in files and in output.
hide_id() {
	sed -E 's/^(\+?id |.*--id |.*x-gshare\.id=)[0-9a-f]{8}/\100000000/'
}

prepare() {
	rm -rf "$root"
	mkdir "$root" && { [ ! -d "$case/root" ] || cp -R "$case/root/." "$root"; } &&
		chmod -R u=rwX,go=rX "$root" && # a distribution's files are read-only
		{ [ ! -f "$case/setup" ] || (cd "$root" && sh -eu "$case/setup"); }
}

# same FILE FILE NAME
same() {
	diff -u "$1" "$2" >"$tmp/log" 2>&1
	report $? "$3"
}

# contents NAME: the regular files are those of root.after, byte for byte
contents() {
	{
		files "$case/root.after" >"$tmp/want" && files "$root" >"$tmp/got" &&
			diff -u "$tmp/want" "$tmp/got"
		while IFS= read -r file; do
			hide_id <"$root/$file" | diff -u "$case/root.after/$file" -
		done <"$tmp/want"
	} >"$tmp/log" 2>&1
	[ ! -s "$tmp/log" ]
	report $? "$1: files afterwards"
}

# repeat NAME: once more changes nothing and says so
repeat() {
	snapshot "$root" >"$tmp/once"
	run
	cat "$tmp/out" "$tmp/err" >"$tmp/log"
	[ "$status" -eq 0 ] && grep -q 'nothing to do' "$tmp/log"
	report $? "$1: twice is nothing to do"
	snapshot "$root" >"$tmp/twice"
	same "$tmp/once" "$tmp/twice" "$1: twice touches no file"
}

rewrite() {
	run --dry-run
	cp "$tmp/shown" "$case/plan"
	snapshot "$root" >"$tmp/before"
	run
	rm -rf "$case/root.after" "$case/status" "$case/err"
	[ ! -s "$tmp/err" ] || cp "$tmp/err" "$case/err"
	[ "$status" -eq 0 ] || echo "$status" >"$case/status"
	snapshot "$root" >"$tmp/now"
	if ! cmp -s "$tmp/before" "$tmp/now"; then
		files "$root" | while IFS= read -r file; do
			mkdir -p "$case/root.after/$(dirname "$file")"
			hide_id <"$root/$file" >"$case/root.after/$file"
		done
	fi
	manifest "$root" >"$case/after"
}

check() {
	snapshot "$root" >"$tmp/before"
	run --dry-run
	same "$case/plan" "$tmp/shown" "$1: plan"
	snapshot "$root" >"$tmp/now"
	same "$tmp/before" "$tmp/now" "$1: the dry run changes nothing"
	run
	want=0
	[ ! -f "$case/status" ] || want=$(cat "$case/status")
	echo "status $status, not $want" | cat - "$tmp/out" "$tmp/err" >"$tmp/log"
	[ "$status" -eq "$want" ]
	report $? "$1: status"
	if [ -f "$case/err" ]; then
		same "$case/err" "$tmp/err" "$1: what it complains about"
	else
		same /dev/null "$tmp/err" "$1: no complaint"
	fi
	manifest "$root" >"$tmp/manifest"
	same "$case/after" "$tmp/manifest" "$1: modes and owners afterwards"
	if [ -d "$case/root.after" ]; then
		contents "$1"
	else
		snapshot "$root" >"$tmp/now"
		same "$tmp/before" "$tmp/now" "$1: nothing changed"
	fi
	[ "$want" -ne 0 ] || repeat "$1"
}

[ $# -gt 0 ] || set -- "$src"/tests/golden/*/
part=${GSHARE_GOLDENS:-0/1}
number=0
for case; do
	number=$((number + 1))
	[ $((number % ${part#*/})) -eq "${part%/*}" ] || continue
	name=$(basename "$case")
	case=$src/tests/golden/$name
	prepare >"$tmp/log" 2>&1 && [ -f "$case/args" ]
	prepared=$?
	if [ "$prepared" -ne 0 ]; then
		report 1 "$name: prepared"
	elif [ -n "$update" ]; then
		rewrite
	else
		check "$name"
	fi
done
: >"$tmp/log"
[ "$n" -gt 0 ] || [ -n "$update" ]
report $? "there are cases"
echo "1..$n"
exit "$bad"
