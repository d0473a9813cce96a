#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many servers in fstab: doctor names each that says nothing, and what each other lets this node
# mount; many cost little more than one. The packets to the silent ones vanish in a device that
# nobody reads; behind the other addresses is one nfs-ganesha. All of it in private namespaces.

set -u
src=${abs_top_srcdir:-$PWD}
# shellcheck source=tests/tap.sh
. "$src/tests/tap.sh"
build=${abs_top_builddir:-$PWD}
gshare=${GSHARE:-$build/gshare}

[ "$(id -u)" -eq 0 ] || skip "namespaces take root"
unshare -nmp --fork true 2>/dev/null || skip "no private namespaces here"
[ -c /dev/net/tun ] || skip "no network device can be made"
[ -x /usr/bin/ganesha.nfsd ] || skip "there is no nfs-ganesha"
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT

cat >"$tmp/look.py" <<'END'
import fcntl, json, os, socket, struct, subprocess, sys, time

tmp, gshare = sys.argv[1:]
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
SILENT, LIVE = "10.9.1.", "10.9.2."
CONF = f"""
NFS_CORE_PARAM {{ Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = false; }}
NFSv4 {{ Minor_Versions = 0, 1, 2; Graceless = true; RecoveryBackend = fs; }}
EXPORT {{ Export_Id = 1; Path = {tmp}/share; Pseudo = /srv/x; Protocols = 4; Transports = TCP;
	SecType = sys; Access_Type = RW; Squash = All_Squash; Filesystem_id = 1.1;
	FSAL {{ Name = VFS; }} }}
"""


def serve():
    for path in "share/datasets", "share/files", "share/uploads":
        os.makedirs(f"{tmp}/{path}")
    subprocess.run(["mount", "-t", "tmpfs", "none", f"{tmp}/var"], check=True)
    os.mkdir(f"{tmp}/var/ganesha")
    subprocess.run(["mount", "--bind", f"{tmp}/var", "/var/lib/nfs"], check=True)
    with open(f"{tmp}/conf", "w") as file:
        file.write(CONF)
    words = ["ganesha.nfsd", "-F", "-L", f"{tmp}/ganesha.log", "-f", f"{tmp}/conf", "-p",
             f"{tmp}/pid"]
    subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection((LIVE + "1", 2049), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                sys.exit("nfs-ganesha does not listen:\n" + open(f"{tmp}/ganesha.log").read())
            time.sleep(0.05)


device = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", b"void", IFF_TUN | IFF_NO_PI))
ip = "addr add 10.9.0.1/16 dev void\nlink set lo up\nlink set void up\n"
ip += "".join(f"addr add {LIVE}{i}/32 dev lo\n" for i in range(1, 65))
subprocess.run(["ip", "-batch", "-"], input=ip, text=True, check=True)
os.mkdir(f"{tmp}/var")
serve()
fstab = f"{tmp}/fstab"
open(fstab, "w").close()
subprocess.run(["mount", "--bind", fstab, "/etc/fstab"], check=True)
for silent, live in (0, 0), (1, 0), (4, 0), (5, 0), (64, 0), (0, 1), (0, 64), (32, 32):
    servers = [f"{SILENT}{i}" for i in range(1, silent + 1)]
    servers += [f"{LIVE}{i}" for i in range(1, live + 1)]
    with open(fstab, "w") as file:
        for server in servers:
            file.write(f"{server}:/srv/x /mnt/{server} nfs4 _netdev 0 0\n")
    begin = time.monotonic()
    done = subprocess.run([gshare, "doctor", "--json"], text=True, capture_output=True, timeout=60)
    ms = int((time.monotonic() - begin) * 1000)
    shown = json.loads(done.stdout)
    ids = [found["id"] for found in shown["findings"]]
    print(silent, live, ms, ids.count("HOST_NOT_RESPONDING"),
          sum("lets this node mount" in (case["text"] or "") for case in shown["cases"]),
          ids.count("NOT_MOUNTED"), shown["cause"])
END

# Sanitizers make a process, and all that it does, slow; a busy machine gets three tries.
slow=1
grep -q __asan_init "$gshare" && slow=5
is_quick() {
	awk -v slow="$slow" '$1 == 1 { one = $3 }
		$3 > (one ? one : 2500) * 1.2 * slow || $3 > 5000 * slow { bad = 1 }
		!$1 && $3 > 2000 * slow { bad = 1 }
		END { exit bad || !NR }' "$tmp/table"
}
for try in 1 2 3; do
	rm -rf "${tmp:?}/var" "${tmp:?}/share"
	unshare -nmp --fork --kill-child --mount-proc --propagation private \
		python3 "$tmp/look.py" "$tmp" "$gshare" >"$tmp/table" 2>"$tmp/err"
	status=$?
	echo "# try $try: silent servers, live ones, ms, silent, live, not mounted, cause"
	sed 's/^/# /' "$tmp/table"
	is_quick && break
done
cat "$tmp/table" "$tmp/err" >"$tmp/log"

[ "$status" -eq 0 ] && awk '$1 != $4 || $2 != $5 || $1 + $2 != $6 { bad = 1 }
	END { exit bad || NR != 8 }' "$tmp/table"
report $? "each server is told as it is, and that nothing of it is mounted"

is_quick
report $? "64 silent ones take at most 1.2 times as long as one; without any it is done in 2 s"

echo "1..$n"
exit "$bad"
