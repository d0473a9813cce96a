#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is said to words that are nearly right: the command that was meant, whole, and never its
# opposite. Nothing here is run: each is refused before anything is looked at.

set -u
export LC_ALL=C NO_COLOR=1
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
gshare=${GSHARE:-$build/gshare}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
cd / || exit 99

# says FIX WORDS...: what is printed as the fix
says() {
	want=$1
	shift
	said=$("$gshare" "$@" 2>&1 </dev/null)
	status=$?
	fix=$(printf '%s\n' "$said" | sed -n 's/^  fix     //p')
	[ "$status" -eq 2 ] && [ "$fix" = "$want" ]
	ok=$?
	printf 'status %s: %s\n' "$status" "$said" >"$tmp/log"
	report "$ok" "$*"
}

says "did you mean 'gshare follower unmount'?" umount
says "did you mean 'gshare follower unmount'?" follower umount
says "did you mean 'gshare follower mount'?" follower moutn
says "did you mean 'gshare leader init'?" init
says "did you mean 'gshare leader remove'?" leader rm
says "did you mean 'gshare leader status'?" leader list
says "did you mean 'gshare history'?" hisotry
says "gshare leader --help" leader rx
says "gshare leader --help" leader r
says "gshare --help" xyzzy
says "gshare --help" ''
says "gshare follower mount --help" follower mount 10.0.0.1 --rw
says "gshare leader status --help" leader status --watch
says "did you mean '--follower'?" leader init --folower 10.0.0.8
says "sudo gshare leader init --follower 10.0.0.8 --follower 10.0.0.9" \
	leader init --follower 10.0.0.8 10.0.0.9
says "sudo gshare leader init --follower 10.0.0.8 --follower 10.0.0.9:ro '/srv/a b'" \
	leader init --follower=10.0.0.8,10.0.0.9:ro '/srv/a b'
says "sudo gshare leader add 10.0.0.8 10.0.0.9" leader add 10.0.0.8,10.0.0.9
says "sudo gshare follower mount 10.0.0.1 /mnt/x --ro" follower mount /mnt/x 10.0.0.1 --ro
says "use an absolute path: sudo gshare leader init /srv/x" leader init srv/x
says "use an absolute path: gshare verify --as 1000 --path=/srv/x" verify --as 1000 --path=srv/x
says "specify the share as an option: sudo gshare leader destroy --path /srv/x" \
	leader destroy /srv/x

# ---- what completion offers ----------------------------------------------------------------

cat >"$tmp/fstab" <<'END'
UUID=1 / ext4 defaults 0 1
10.0.0.1:/srv/x /mnt/a\040b nfs4 vers=4.2,x-gshare.id=7c1e52d0 0 0
10.0.0.1:/srv/y /mnt/y nfs4 vers=4.2,x-gshare.id=7c1e52d1 0 0
END
printf '10.0.0.1:/srv/y /mnt/y nfs4 rw 0 0\n/dev/sda1 / ext4 rw 0 0\n' >"$tmp/mounts"
cat >"$tmp/exports" <<'END'
/srv/media 10.1.1.1(ro)
# gshare share /srv/x
/srv/x 10.0.0.8(rw,sync)
/srv/x 10.0.0.9(ro,sync)
END
mkdir "$tmp/runs" && : >"$tmp/runs/1.jsonl" && : >"$tmp/runs/12.jsonl"

# offers WANTED WORDS...: the last word is being typed
offers() {
	want=$1
	shift
	GSHARE_FSTAB=$tmp/fstab GSHARE_MOUNTS=$tmp/mounts GSHARE_EXPORTS=$tmp/exports \
		GSHARE_RUNS=$tmp/runs bash -c '. "$1" && shift
		COMP_WORDS=(gshare "$@") COMP_CWORD=$#
		compopt() { :; }
		_gshare
		printf "%s|" "${COMPREPLY[@]}"' - "$src/data/gshare" "$@" >"$tmp/log" 2>&1
	[ "$(cat "$tmp/log")" = "$want" ]
	report $? "completion of $*"
}

offers '/mnt/a b|/mnt/y|' follower unmount ''
offers '/mnt/y|' follower status /mnt/y
offers '10.0.0.8|10.0.0.9|' leader ro ''
offers '10.0.0.9|' leader remove 10.0.0.9
offers '1|12|' undo ''
offers '12|' undo 12

# A reader that has seen enough is no failure, and hears nothing of it.
{
	{
		sleep 0.2
		"$gshare" history 2>&1
		echo "status $?" >&2
	} | :
} 2>"$tmp/log"
[ "$(cat "$tmp/log")" = "status 0" ]
report $? "a closed pipe ends it quietly"

echo "1..$n"
exit "$bad"
