#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# gshare runs where it was not built: it needs no symbol version newer than Ubuntu 22.04's
# glibc 2.35, libmount 2.37 and libblkid 2.37. A newer one is planted, so that the silence of the
# check means something.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
CC=${CC:-cc}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

# check PROGRAM: writes to $tmp/log the symbols it needs that are too new, with their versions.
# __isoc23_*: glibc 2.38's headers put these for strtoul and the like; an older build has none.
check() {
	objdump -T "$1" >"$tmp/symbols" 2>"$tmp/log" || return 1
	grep -q 'GLIBC_' "$tmp/symbols" || return 1
	awk '
		BEGIN { newest["GLIBC"] = 35; newest["MOUNT"] = newest["BLKID"] = 37 }
		/[*]UND[*]/ && match($0, /(GLIBC|MOUNT|BLKID)_[0-9][0-9_.]*/) {
			split(substr($0, RSTART, RLENGTH), version, /[_.]/)
			if ($NF ~ /^__isoc23_/)
				next
			if (version[2] != 2 || version[3] + 0 > newest[version[1]])
				print $NF, substr($0, RSTART, RLENGTH)
		}' "$tmp/symbols" >"$tmp/log"
	[ ! -s "$tmp/log" ]
}

# planted VERSION: a program that needs a symbol of this version must be refused for it
planted() {
	echo 'int planted(void); int planted(void) { return 0; }' >"$tmp/lib.c"
	echo 'int planted(void); int main(void) { return planted(); }' >"$tmp/main.c"
	echo "$1 { global: planted; };" >"$tmp/map"
	$CC -shared -fPIC -o "$tmp/libplanted.so" "$tmp/lib.c" -Wl,--version-script="$tmp/map" \
		>"$tmp/log" 2>&1 &&
		$CC -o "$tmp/planted" "$tmp/main.c" -L"$tmp" -lplanted >"$tmp/log" 2>&1 || return 1
	check "$tmp/planted" && return 1
	grep -q "^planted $1\$" "$tmp/log"
}

check "$build/gshare"
report $? "gshare needs glibc 2.35, libmount 2.37, libblkid 2.37 or older"
for version in GLIBC_2.36 MOUNT_2.38 BLKID_2.40 GLIBC_3.0; do
	planted "$version"
	report $? "a planted $version is found"
done
echo "1..$n"
exit "$bad"
