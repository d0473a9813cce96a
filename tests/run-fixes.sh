#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fixes that are printed, run as they are printed: what was wrong is gone then, and nothing else has
# changed. In trees whose name has to be quoted; neighbours.py has those of status.

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
for program in getfacl setfacl useradd; do
	PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || skip "there is no $program"
done
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
root="$tmp/it's a tree"
share=$root/mnt/data/shared
data=$share/postgresql_data

mkdir "$tmp/bin" && ln -s "$gshare" "$tmp/bin/gshare" &&
	printf '#!/bin/sh\nexec "$@"\n' >"$tmp/bin/sudo" && chmod 755 "$tmp/bin/sudo" || exit 99
PATH=$tmp/bin:$PATH:/usr/sbin:/sbin

# gs WORDS...: gshare in the tree, for 10 s at most; what it says is in $tmp/log
gs() {
	timeout -k 1 10 gshare "$@" --root "$root" </dev/null >"$tmp/log" 2>&1
}

# begin OWNER: a share with a follower, where PostgreSQL has moved in, and somebody's file
begin() {
	rm -rf "$root"
	mkdir -p "$root/etc" || return
	printf '%s\n' root:x:0:0::/:/bin/sh postgres:x:999:999::/:/bin/sh \
		ubuntu:x:1000:1000::/:/bin/sh $accounts >"$root/etc/passwd"
	sed 's/^\([^:]*\):x:[0-9]*:\([0-9]*\):.*/\1:x:\2:/' "$root/etc/passwd" >"$root/etc/group"
	gs leader init --owner "$1" --follower 192.168.18.8 &&
		mv "$tmp/log" "$tmp/init" &&
		echo theirs >"$share/uploads/theirs" && chown 1000:1000 "$share/uploads/theirs" &&
		chown 70:70 "$data" && echo 15 >"$data/PG_VERSION" && chown 70:70 "$data/PG_VERSION"
}

# picture: type, mode, owner, ACL and content of everything, a line each, the path first
picture() {
	(
		cd "$root" || exit
		find . -path ./var/lib/gshare -prune -o -printf '%p %y %m %U:%G %l\n'
		find . -path ./var/lib/gshare -prune -o -type f -exec cksum {} + |
			sed 's/^\([^ ]* [^ ]*\) \(.*\)/\2 \1/'
		find . -path ./var/lib/gshare -prune -o ! -type l -exec getfacl -cpn {} + |
			cksum | sed 's/^/.acl /'
	) | sort
}

# fix: the first that was said
fix() {
	sed -n 's/^ *fix:\{0,1\} *\(first: \)\{0,1\}\(sudo .*\)/\2/p' "$1" | head -n 1
}

# changed PATTERN: only what is like that has changed
changed() {
	diff "$tmp/before" "$tmp/after" | grep '^[<>]' | grep -vE "^[<>] ($1)( |\$)" >"$tmp/else"
	[ ! -s "$tmp/else" ] || { cat "$tmp/else" >>"$tmp/log" && return 1; }
}

# mends LOG PATTERN: the fix that is in the log changes that and nothing else
mends() {
	fix "$1" >"$tmp/fix"
	[ -s "$tmp/fix" ] || return
	picture >"$tmp/before"
	timeout -k 1 20 sh "$tmp/fix" </dev/null >"$tmp/log" 2>&1 || return
	picture >"$tmp/after"
	changed "$2"
}

# same PATH...: what lies there is what was there
same() {
	for path; do
		grep -F "./$path " "$tmp/before" >"$tmp/want"
		grep -F "./$path " "$tmp/after" | cmp -s - "$tmp/want" || return
	done
}

# ---- OWNER_IS_IMAGE ------------------------------------------------------------------------

dirs='\./mnt/data/shared(/(uploads|files|datasets|postgres_backups))?|\.acl'
tables='\./etc|\./etc/(passwd|group|shadow|gshadow|subuid|subgid)-?|\./etc/\.pwd\.lock'

# image NAME OWNER PATTERN: what beside the directories and the entry changes
image() {
	: >"$tmp/log"
	begin "$2" && grep -q OWNER_IS_IMAGE "$tmp/init" &&
		mends "$tmp/init" "$dirs|\./etc/exports|$3" &&
		gs leader add 192.168.18.9 && ! grep -q OWNER_IS_IMAGE "$tmp/log" &&
		[ "$(grep -c "anonuid=$uid," "$root/etc/exports")" -eq 2 ] &&
		same mnt/data/shared/uploads/theirs mnt/data/shared/postgresql_data
	report $? "OWNER_IS_IMAGE: $1"
}

accounts='' uid=949
image "another account is made" postgres "$tables"
accounts=gshare:x:950:950::/:/bin/sh uid=950
image "another account is there" postgres '-'
accounts=gshare:x:70:70::/:/bin/sh uid=949
image "the account gshare has an image's number" postgres "$tables"
accounts=''

# ---- DATA_OPEN -----------------------------------------------------------------------------

# opened NAME COMMAND...: what lets followers in
opened() {
	name=$1
	shift
	: >"$tmp/log"
	begin ubuntu && "$@" && ! gs leader add 192.168.18.9 && grep -q DATA_OPEN "$tmp/log" &&
		mends "$tmp/log" '\./mnt/data/shared/postgresql_data|\.acl' &&
		[ "$(stat -c %a:%u "$data")" = 700:70 ] && gs leader add 192.168.18.9 &&
		same mnt/data/shared/postgresql_data/PG_VERSION
	report $? "DATA_OPEN: $name"
}

# shellcheck disable=SC2317 # what "opened" runs
open_to_group() {
	chgrp 1000 "$data" && chmod 750 "$data"
}

opened "to all" chmod 755 "$data"
opened "to be passed through" chmod 701 "$data"
opened "to the owner's group" open_to_group
opened "by an ACL" setfacl -m u:1000:rx "$data"

# ---- ID_BROKEN -----------------------------------------------------------------------------

# put THING
put() {
	(
		cd "$share" && rm .gshare-id || exit
		case $1 in
		fifo) mkfifo .gshare-id ;;
		link) ln -s /etc/passwd .gshare-id ;;
		dangling) ln -s nowhere .gshare-id ;;
		directory) mkdir .gshare-id && : >.gshare-id/inside ;;
		huge) truncate -s 65M .gshare-id ;;
		garbage) printf 'gshare 1\nid nonsense\n' >.gshare-id ;;
		esac && chown -h 1000:1000 .gshare-id
	)
}

# moved: it is beside, as it was, and root's file in its place has an id
moved() {
	grep '/\.gshare-id[ /]' "$tmp/before" | sed 's|/\.gshare-id|&.old|' >"$tmp/want"
	grep '/\.gshare-id\.old[ /]' "$tmp/after" | cmp -s - "$tmp/want" &&
		[ "$(stat -c %F:%a:%u "$share/.gshare-id")" = "regular file:444:0" ] &&
		grep -q '^id [0-9a-f]\{8\}$' "$share/.gshare-id"
}

# broken THING WORDS...
broken() {
	thing=$1
	shift
	: >"$tmp/log"
	begin ubuntu && put "$thing" && ! gs leader "$@" && grep -q ID_BROKEN "$tmp/log" &&
		mends "$tmp/log" "$dirs|\./mnt/data/shared/\.gshare-id.*|\./etc/exports" &&
		gs leader "$@" && picture >"$tmp/after" && moved
	report $? "ID_BROKEN: $thing: $1"
}

for thing in fifo link dangling directory huge garbage; do
	broken "$thing" add 192.168.18.9
	broken "$thing" init --follower 192.168.18.9
done

# A name that is taken already is nobody's to lose, and a directory there swallows nothing.
for kind in mkdir touch; do
	: >"$tmp/log"
	begin ubuntu && put fifo && "$kind" "$share/.gshare-id.old" &&
		! gs leader add 192.168.18.9 &&
		mends "$tmp/log" '\./mnt/data/shared/\.gshare-id.*|\.acl' &&
		[ -p "$share/.gshare-id.old" ] && [ -e "$share/.gshare-id.old.~1~" ] &&
		gs leader add 192.168.18.9
	report $? "ID_BROKEN: the other name is taken: $kind"
done

# ---- lines of /etc/exports -----------------------------------------------------------------

# line ID NAME LINE WANT: what is in the file then, in its last line; NOTHING: no such line
line() {
	: >"$tmp/log"
	# First in the file: the run itself adds a line below.
	begin ubuntu && mkdir -p "$root/srv/a" && sed -i "1i $3" "$root/etc/exports" || exit 99
	gs leader add 192.168.18.9
	grep -q "($1)\$\|$1" "$tmp/log" &&
		sed -n '/fix/s/^ *fix:\{0,1\} *\([a-z][a-z_ ]*: \)\{0,1\}\(sudo [^;]*\(;[^ ][^;]*\)*\).*/\2/p' \
			"$tmp/log" | grep -e ' sed ' -e 'remove .\*' | head -n 1 >"$tmp/fix" &&
		[ -s "$tmp/fix" ] && picture >"$tmp/before" &&
		timeout -k 1 20 sh "$tmp/fix" </dev/null >"$tmp/log" 2>&1 &&
		picture >"$tmp/after" && changed '\./etc/exports' &&
		gs leader add 192.168.18.10 && ! grep -q "$1" "$tmp/log" &&
		if [ "$4" = NOTHING ]; then
			! grep -q '^/srv/a' "$root/etc/exports"
		else
			grep -qxF "$4" "$root/etc/exports"
		fi
	report $? "$1: $2"
}

client='/srv/a 10.0.0.1'
line EXPORTS_OPTION_UNKNOWN "one letter less" "$client(rw,sync,subtree_chek)" \
	"$client(rw,sync,subtree_check)"
line EXPORTS_OPTION_UNKNOWN "two swapped" "$client(al_lsquash,rw)" "$client(all_squash,rw)"
line EXPORTS_OPTION_BAD "at the end" "$client(rw,anongid=x)" "$client(rw)"
line EXPORTS_OPTION_BAD "between" "$client(rw,anonuid=5-6,sync)" "$client(rw,sync)"
line EXPORTS_OPTION_BAD "the only one" "$client(anonuid=)" "$client()"
line EXPORTS_OPTION_UNKNOWN "two commas" "$client(rw,,sync)" "$client(rw,sync)"
line EXPORTS_OPTION_BAD "no number" "$client(anonuid=abc,rw)" "$client(rw)"
line EXPORTS_NUMBER_WRAPS "root's id in the end" "$client(rw,anonuid=4294967296)" "$client(rw)"
line EXPORTS_HOST_ODD "brackets" '/srv/a [fd00::1](rw)' '/srv/a fd00::1(rw)'
line EXPORTS_WORLD "a list alone" '/srv/a (rw)' NOTHING
line EXPORTS_WORLD "a path alone" '/srv/a' NOTHING
line EXPORTS_WORLD "defaults alone" '/srv/a -ro' NOTHING

echo "1..$n"
exit "$bad"
