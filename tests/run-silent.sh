#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Servers of fstab that say nothing: doctor names each, and many cost the time of one. The packets
# to them vanish in a device that nobody reads, in private namespaces.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
gshare=${GSHARE:-$build/gshare}

[ "$(id -u)" -eq 0 ] || skip "namespaces take root"
unshare -nm true 2>/dev/null || skip "no private namespaces here"
[ -c /dev/net/tun ] || skip "no network device can be made"
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/look.py" <<'END'
import fcntl, os, struct, subprocess, sys, time

tmp, gshare = sys.argv[1:]
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
device = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", b"void", IFF_TUN | IFF_NO_PI))
ip = "addr add 10.9.0.1/16 dev void\nlink set lo up\nlink set void up\n"
subprocess.run(["ip", "-batch", "-"], input=ip, text=True, check=True)
fstab = f"{tmp}/fstab"
open(fstab, "w").close()
subprocess.run(["mount", "--bind", fstab, "/etc/fstab"], check=True)
for n in 1, 4, 5, 64:
    with open(fstab, "w") as file:
        for i in range(1, n + 1):
            file.write(f"10.9.1.{i}:/srv/x /mnt/e{i} nfs4 _netdev 0 0\n")
    begin = time.monotonic()
    done = subprocess.run([gshare, "doctor"], text=True, capture_output=True, timeout=30)
    ms = int((time.monotonic() - begin) * 1000)
    named = sum("(HOST_NOT_RESPONDING)" in line for line in done.stdout.splitlines())
    print(n, ms, named, done.stdout.count("cause: "), done.stdout.count("(NOT_MOUNTED)"))
END

# Sanitizers make a process, and all that it does, slow; a busy machine gets three tries.
slow=1
grep -q __asan_init "$gshare" && slow=5
is_quick() {
	awk -v slow="$slow" '$1 == 1 { one = $2 }
		$2 > one * 1.2 * slow || $2 > 5000 * slow { bad = 1 }
		END { exit bad || !NR }' "$tmp/table"
}
for try in 1 2 3; do
	unshare -nm --propagation private python3 "$tmp/look.py" "$tmp" "$gshare" \
		>"$tmp/table" 2>"$tmp/err"
	status=$?
	echo "# try $try: servers, ms, named, causes, entries that follow from it"
	sed 's/^/# /' "$tmp/table"
	is_quick && break
done
cat "$tmp/table" "$tmp/err" >"$tmp/log"

[ "$status" -eq 0 ] && awk '$1 != $3 || $1 != $5 || $4 != 1 { bad = 1 }
	END { exit bad || NR != 4 }' "$tmp/table"
report $? "each of them is named, and what is not mounted follows from it"

is_quick
report $? "64 take at most 1.2 times as long as one, and less than 5 s"

echo "1..$n"
exit "$bad"
