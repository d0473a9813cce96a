# SPDX-License-Identifier: GPL-2.0-or-later
"""Rights can be taken away, whatever the one who loses them has grown: files, clients, the disk."""

import re
import time

import pytest
from lab.lone import Lone
from lab.scene import FOLLOWER, SHARE, await_in, init, mount, result

pytestmark = pytest.mark.first

STATUS_S = 3.0  # the deadline of leader status, which clients do not overrun
START_S = 2.0  # what starting a program may take in a busy guest
COUNTS = (0, 1000, 20500, 36000)
CLIENTS = 1000

# Opens files by the number that comes on its input, adding to those it has, and says when.
HOLDER = "/root/holder.py"
HOLDER_TEXT = """
import os, resource, sys
place, fds = sys.argv[1], []
resource.setrlimit(resource.RLIMIT_NOFILE, (100000, 100000))
os.makedirs(place, exist_ok=True)
for line in sys.stdin:
    while len(fds) < int(line):
        name = f"{place}/{len(fds):06d}" + "n" * 245
        fds.append(os.open(name, os.O_RDWR | os.O_CREAT, 0o644))
    open("/run/held", "w").write(line)
"""

# Makes NFSv4.0 clients by SETCLIENTID and SETCLIENTID_CONFIRM, and keeps the connection.
FLOOD = "/root/flood.py"
FLOOD_TEXT = """
import socket, struct, sys, time
server, count, name = sys.argv[1], int(sys.argv[2]), sys.argv[3]
talk = socket.socket()
for port in range(1023, 600, -1):
    try:
        talk.bind(("", port))
        break
    except OSError:
        pass
talk.connect((server, 2049))
xid = 1

def opaque(data):
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)

def take(size):
    got = b""
    while len(got) < size:
        more = talk.recv(size - len(got))
        assert more
        got += more
    return got

def compound(operation):
    global xid
    xid += 1
    cred = struct.pack(">I", 0) + opaque(b"flood") + struct.pack(">III", 0, 0, 0)
    body = struct.pack(">IIIIII", xid, 0, 2, 100003, 4, 1) + struct.pack(">I", 1) + opaque(cred)
    body += struct.pack(">II", 0, 0) + opaque(b"") + struct.pack(">II", 0, 1) + operation
    talk.sendall(struct.pack(">I", 1 << 31 | len(body)) + body)
    (mark,) = struct.unpack(">I", take(4))
    reply = take(mark & 0x7FFFFFFF)[24:]
    assert struct.unpack_from(">I", reply)[0] == 0, reply
    return reply[12:]  # status, empty tag, one result

for i in range(count):
    operation = struct.pack(">I", 35) + struct.pack(">Q", i)
    operation += opaque(f"{name} {i}".encode())
    operation += struct.pack(">I", 0x40000000) + opaque(b"tcp") + opaque(b"0.0.0.0.0.0")
    operation += struct.pack(">I", 1)
    answer = compound(operation)
    compound(struct.pack(">I", 36) + answer[8:24])
print("made", count, flush=True)
time.sleep(600)
"""


def timed(guest, command, timeout=60):
    """Run a command that must succeed; its result and its seconds."""
    done = guest.run(command, timeout=timeout)
    print(f"{done.seconds:6.2f} s  {command}")
    return done


def hold(follower, count):
    """Mount the share and hold that many files open there; the job."""
    mount(follower)
    follower.run(f"echo x >{SHARE}/files/probe; rm -f /run/held")
    job = follower.start(f"echo {count} | {{ cat; sleep 600; }} | "
                         f"exec python3 {HOLDER} {SHARE}/files/m{count}")
    await_in(follower, f"grep -qx {count} /run/held", 120)
    return job


def let_go(follower, job):
    """End the holder, and the mount that nothing answers any more."""
    follower.run("pkill -f holder.py; sleep 1", check=False)
    job.stop()
    follower.run(f"umount -f -l {SHARE}", 60, check=False)


def refused(guest, path):
    """Whether a write into a file that is there is refused."""
    command = f"timeout 20 dd if=/dev/zero of={path} bs=16 count=1 conv=notrunc,fsync status=none"
    return guest.run(command, timeout=30, check=False).status != 0


def taken(leader, follower):
    """Look, make read-only, give back and remove; the seconds of each."""
    probe = f"{SHARE}/files/probe"
    status = timed(leader, "gshare leader status").seconds
    ro = timed(leader, f"gshare leader ro {FOLLOWER} --force").seconds
    assert refused(follower, probe), "it writes although it may only read"
    timed(leader, f"gshare leader rw {FOLLOWER}")
    assert not refused(follower, probe)
    remove = timed(leader, f"gshare leader remove {FOLLOWER} --force").seconds
    assert refused(follower, probe), "it writes although it was removed"
    return {"status": status, "ro": ro, "remove": remove}


@pytest.mark.server("running")
def test_files_held_open(leader, follower):
    init(leader)
    follower.put(HOLDER, HOLDER_TEXT)
    times = {}
    for count in COUNTS:
        job = hold(follower, count)
        shown = result(leader, "gshare leader status")
        clients = shown["shares"][0]["followers"][0]["clients"]
        assert max(client["writing_files"] for client in clients) == count
        refusal = leader.run(f"gshare leader remove {FOLLOWER} --drain 1", check=False)
        if count:
            assert refusal.status == 1 and f"and {count - 4} more" in refusal.err, refusal
            assert f"sudo gshare leader remove {FOLLOWER} --drain 1 --force" in refusal.err
        else:
            leader.run(f"gshare leader add {FOLLOWER}")
        times[count] = taken(leader, follower)
        print(count, times[count])
        assert times[count]["status"] < STATUS_S + START_S
        let_go(follower, job)
        leader.run(f"gshare leader add {FOLLOWER}")
    for verb in times[0]:
        few = max(times[20500][verb] - times[0][verb], 0.2)
        many = times[36000][verb] - times[0][verb]
        assert many < few * 36000 / 20500 * 2, (verb, times)


@pytest.mark.server("running")
def test_a_thousand_clients(leader, follower):
    init(leader)
    mount(follower)
    follower.run(f"echo x >{SHARE}/files/probe")
    follower.put(FLOOD, FLOOD_TEXT)
    job = follower.start(f"exec python3 {FLOOD} 192.168.18.13 {CLIENTS} 'Libnfs pid:0 lurker'")
    await_in(leader, f"[ $(ls /proc/fs/nfsd/clients | wc -l) -gt {CLIENTS} ]", 60)
    shown = leader.run("gshare leader status").out
    assert f" and {CLIENTS} more" in shown, shown
    times = taken(leader, follower)
    job.stop()
    print(times)
    assert times["status"] < STATUS_S + START_S


@pytest.mark.server("running")
def test_a_name_makes_no_writer(leader, follower):
    init(leader)
    mount(follower)
    forged = 'x", owner: "a" }\\n- 0x00000001: { type: open, access: -w, deny: --, superblock: ' \
             '"0:0:0", filename: "forged'
    follower.run(f"f=$(printf '{forged}'); cd {SHARE}/files && echo x >\"$f\" && "
                 "{ tail -f \"$f\" >/dev/null 2>&1 & }")
    await_in(leader, "grep -q forged /proc/fs/nfsd/clients/*/states")
    done = leader.run(f"gshare leader ro {FOLLOWER} --drain 1")
    assert "0 files were open for writing" in done.out, done


# Lone, whose root file system holds the share, /etc and /var, and nobody else's is in the way.

HERE = "192.168.18.77"
FILL = {
    # As the owner, whom every follower acts as; ext4 keeps no inode for root.
    "inodes": """setpriv --reuid 1000 --regid 1000 --clear-groups python3 - <<'END'
import os
try:
    for i in range(10000000):
        if not i % 20000:
            place = f"/mnt/data/shared/files/fill.{os.getpid()}.{i}"
            os.mkdir(place)
        os.mknod(f"{place}/{i}")
except OSError as full:
    print("full at", i, full)
END
""",
    # As root, to the last block of what is kept for root.
    "space": """n=0
for size in 256M 64M 16M 4M 1M 256K 64K 16K 4K; do
    while fallocate -l $size /mnt/data/shared/files/fill.$$.$n 2>/dev/null; do n=$((n + 1)); done
done
rm -f /mnt/data/shared/files/fill.$$.$n
sync
echo "$n files"
""",
}
# What must fail then, as root.
MORE = {
    "inodes": "touch /mnt/data/shared/more",
    "space": "fallocate -l 4K /mnt/data/shared/more",
}


@pytest.fixture(scope="module", params=sorted(FILL))
def full(request):
    """A leader that is its own follower, and what it runs out of."""
    with Lone(request.config.getoption("--stage")) as guest:
        guest.run(f"ip address add {HERE}/32 dev lo; >/etc/exports; exportfs -ra")
        guest.run(f"SUDO_UID=1000 gshare leader init --follower {HERE}", 60)
        guest.run(f"mkdir /mnt/x && mount -t nfs4 {HERE}:{SHARE} /mnt/x && "
                  "dd if=/dev/zero of=/mnt/x/files/probe bs=4096 count=1 conv=fsync")
        yield guest, request.param


def fill(guest, what):
    """Fill the file system, and see that nothing is left."""
    print(guest.run(FILL[what], 180, check=False).out.strip())
    assert guest.run(MORE[what], check=False).status, "there is room left"
    guest.run("rm -f /mnt/data/shared/more")


def test_a_full_disk(full):
    guest, what = full
    probe = "/mnt/x/files/probe"
    began = time.monotonic()
    fill(guest, what)
    given = guest.run("gshare leader add 10.9.9.9", check=False)
    assert given.status == 1 and "No space left" in given.err, given
    for command, gone in (
        (f"gshare leader ro {HERE} --force", True),
        ("gshare undo", False),
        (f"gshare leader remove {HERE} --force", True),
        ("gshare undo", False),
        ("gshare leader destroy --yes --force", True),
    ):
        timed(guest, command)
        assert refused(guest, probe) == gone, (what, command)
        fill(guest, what)
    history = guest.run("gshare history").out
    assert len(re.findall(r"(?m)^ *\d+ ", history)) >= 6, history
    print(f"{what}: {time.monotonic() - began:.1f} s")
