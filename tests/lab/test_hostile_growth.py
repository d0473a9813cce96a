# SPDX-License-Identifier: GPL-2.0-or-later
"""Rights can be taken away, whatever the one who loses them has grown: files, clients, the disk."""

import json
import re
import time

import jsonschema
import pytest
from lab.lab import LEADER
from lab.lone import Lone
from lab.scene import FOLLOWER, SCHEMA, SHARE, await_in, init, mount

pytestmark = pytest.mark.first

STATUS_S = 3.0  # the deadline of leader status, which clients do not overrun
START_S = 2.0  # what starting a program may take in a busy guest
COUNTS = (0, 1000, 20500, 36000)
CLIENTS = 1000
MANY = f"{SHARE}/files/many"

# An NFSv4.0 client of its own, without the kernel's: it leaves no mount that waits for an answer.
# It takes a command a line from /run/raw.in and answers in /run/raw.out:
#   clients N NAME   make so many clients more, by SETCLIENTID and SETCLIENTID_CONFIRM, without a
#                    callback, whose connection nfsd would try for each
#   open N           hold so many files open for writing, 20 more with each request
#   write            write into each end of the files held: "0 0" or the errors' numbers
RAW = "/root/raw.py"
RAW_TEXT = r"""
import os, select, socket, struct, sys, time
server, place = sys.argv[1], sys.argv[2].split("/")
GRACE, BATCH, DENIED = 10013, 20, -1
xid, held, seqid, made = 1, [], 0, 0
talk = socket.socket()
talk.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for port in range(1023, 600, -1):
    try:
        talk.bind(("", port))
        break
    except OSError:
        pass
talk.connect((server, 2049))
u32, u64 = struct.Struct(">I").pack, struct.Struct(">Q").pack

def opaque(data):
    return u32(len(data)) + data + bytes(-len(data) % 4)

def take(size):
    got = b""
    while len(got) < size:
        more = talk.recv(size - len(got))
        assert more
        got += more
    return got

def compound(*operations):
    # The status, and what follows the number of results.
    global xid
    xid += 1
    cred = u32(0) + opaque(b"raw") + u32(0) + u32(0) + u32(0)
    body = struct.pack(">IIIIII", xid, 0, 2, 100003, 4, 1) + u32(1) + opaque(cred) + u64(0)
    body += opaque(b"") + u32(0) + u32(len(operations)) + b"".join(operations)
    talk.sendall(u32(1 << 31 | len(body)) + body)
    reply = take(struct.unpack(">I", take(4))[0] & 0x7FFFFFFF)
    if struct.unpack_from(">I", reply, 8)[0]:
        return DENIED, b""
    return struct.unpack_from(">I", reply, 24)[0], reply[36:]

def good(answer):
    assert not answer[0], answer
    return answer[1]

def client(name):
    said = good(compound(u32(35) + u64(time.time_ns()) + opaque(name.encode()) + u32(0x40000000)
                         + opaque(b"none") + opaque(b"") + u32(1)))
    good(compound(u32(36) + said[8:24]))
    return said[8:16]

def handle(said):
    at = said.rindex(u32(10) + u32(0)) + 8  # GETFH's result is the last
    return said[at + 4 : at + 4 + struct.unpack_from(">I", said, at)[0]]

def putfh(fh):
    return u32(22) + opaque(fh)

def opening(number):
    global seqid
    seqid += 1
    name = f"{number:06d}" + "n" * 245
    return (u32(18) + u32(seqid) + u32(2) + u32(0) + me + opaque(b"raw") + u32(0) + u32(0)
            + opaque(name.encode()))

def opened(said, at):
    # The stateid of an OPEN's result, and where the next result begins.
    assert struct.unpack_from(">II", said, at) == (18, 0)
    words = struct.unpack_from(">I", said, at + 48)[0]
    end = at + 52 + 4 * words
    assert said[end : end + 4] == u32(0), "a delegation"
    return said[at + 8 : at + 24], end + 4

def open_first(directory):
    global seqid
    while True:
        status, said = compound(putfh(directory), opening(0), u32(10))
        if status != GRACE:
            break
        time.sleep(1)
    good((status, said))
    file, state = handle(said), opened(said, 8)[0]
    seqid += 1
    said = good(compound(putfh(file), u32(20) + state + u32(seqid)))
    held.append((file, said[16:32]))

def open_files(count):
    if count and not held:
        open_first(directory)
    while len(held) < count:
        first, n = len(held), min(BATCH, count - len(held))
        operations = [o for i in range(first, first + n) for o in (putfh(directory), opening(i))]
        operations.append(u32(10))
        said, at = good(compound(*operations)), 0
        for i in range(n):
            state, at = opened(said, at + 8)
            held.append((handle(said) if i == n - 1 else None, state))

def write(file, state):
    data = opaque(b"written")
    return compound(putfh(file), u32(38) + state + u64(0) + u32(2) + data)[0]

def answer(words):
    global made
    if words[0] == "clients":
        for _ in range(int(words[1])):
            made += 1
            client(" ".join(words[2:]) + f" {made}")
        return "made"
    if words[0] == "open":
        open_files(int(words[1]))
        return f"holds {len(held)}"
    if not held:
        open_first(directory)
        return f"{write(*held[0])}"
    return f"{write(*held[0])} {write(*held[-1])}"

me = client("Linux NFSv4.0 raw")
directory = handle(good(compound(u32(24), *(u32(15) + opaque(name.encode()) for name in place if name),
                                 u32(10))))
open_first(directory)
os.mkfifo("/run/raw.in")
ask = os.open("/run/raw.in", os.O_RDWR)
while True:
    if not select.select([ask], [], [], 5)[0]:
        compound(u32(30) + me)
        continue
    said = answer(os.read(ask, 4096).decode().split())
    with open("/run/raw.new", "w") as out:
        out.write(said)
    os.rename("/run/raw.new", "/run/raw.out")
"""


class Raw:
    """The raw client on a follower, which holds one file open for writing from the beginning."""

    def __init__(self, leader, follower, count):
        self.follower = follower
        names = "f'{i:06d}' + 'n' * 245"
        leader.run(f"mkdir {MANY} && chown 1000:1000 {MANY} && cd {MANY} && "
                   "setpriv --reuid 1000 --regid 1000 --clear-groups python3 -c "
                   f'"for i in range({count}): open({names}, \'w\').close()"', 120)
        follower.put(RAW, RAW_TEXT)
        follower.run("rm -f /run/raw.*")
        self.job = follower.start(f"exec python3 {RAW} {LEADER} {MANY} 2>&1")
        await_in(follower, "[ -p /run/raw.in ]", 100)

    def ask(self, command, seconds=60):
        """Have the client do something; what it answers."""
        done = self.follower.run(
            f"rm -f /run/raw.out; echo '{command}' >/run/raw.in; "
            "until [ -e /run/raw.out ]; do sleep 0.05; done; cat /run/raw.out", seconds)
        print(f"{done.seconds:6.2f} s  {command}: {done.out}")
        return done.out

    def writes(self):
        """Whether it may write, into what it held open all the time: all of it, or nothing."""
        errors = self.ask("write").split()
        assert len({error == "0" for error in errors}) == 1, errors
        return errors[0] == "0"


def timed(guest, command, timeout=60, check=True):
    """Run a command that must succeed; its result and its seconds."""
    done = guest.run(command, timeout=timeout, check=check)
    print(f"{done.seconds:6.2f} s  {command}")
    return done


def refused(guest, path):
    """Whether a write into a file that is there is refused."""
    command = f"timeout 20 dd if=/dev/zero of={path} bs=16 count=1 conv=notrunc,fsync status=none"
    return guest.run(command, timeout=30, check=False).status != 0


def is_seen(leader, count=None):
    """See that status is in time, and says where it could not see; whether it saw all."""
    done = timed(leader, "gshare leader status --json", check=False)
    assert done.status == 0 and done.seconds < STATUS_S + START_S, done
    shown = json.loads(done.out)
    jsonschema.validate(shown, SCHEMA)
    ids = [finding["id"] for finding in shown["findings"]]
    if "CLIENTS_UNREAD" in ids:
        said = leader.run("gshare leader status")
        assert re.search(r"(?m) \?$", said.out) or "CLIENTS_UNREAD" not in said.out, said
        return False
    if count is not None:
        clients = shown["shares"][0]["followers"][0]["clients"]
        assert max(client["open_files"] for client in clients) == count
    return True


def taken(leader, raw):
    """Look, make read-only, give back and remove; the seconds of each."""
    assert raw.writes()
    status = timed(leader, "gshare leader status").seconds
    ro = timed(leader, f"gshare leader ro {FOLLOWER} --force").seconds
    assert not raw.writes(), "it writes although it may only read"
    timed(leader, f"gshare leader rw {FOLLOWER}")
    assert raw.writes()
    remove = timed(leader, f"gshare leader remove {FOLLOWER} --force").seconds
    assert not raw.writes(), "it writes although it was removed"
    timed(leader, f"gshare leader add {FOLLOWER}")
    assert raw.writes()
    assert status < STATUS_S + START_S
    return {"status": status, "ro": ro, "remove": remove}


@pytest.mark.server("running")
def test_files_held_open(leader, follower):
    init(leader)
    raw = Raw(leader, follower, max(COUNTS))
    times = {}
    for count in COUNTS:
        raw.ask(f"open {count}", 100)
        held = max(count, 1)  # what it writes with
        seen = is_seen(leader, held)
        refusal = leader.run(f"gshare leader remove {FOLLOWER} --drain 1", check=False)
        assert refusal.status == 1, refusal
        assert f"sudo gshare leader remove {FOLLOWER} --drain 1 --force" in refusal.err
        unseen = "at least" in refusal.err or "cannot see" in refusal.err
        if count and not unseen:
            assert f" {count} files are still open" in refusal.err, refusal
            assert f"and {count - 4} more" in refusal.err, refusal
        times[count] = taken(leader, raw)
        print(count, times[count], "seen" if seen else "?")
    for verb in times[0]:
        few = max(times[20500][verb] - times[0][verb], 0.5)
        many = times[36000][verb] - times[0][verb]
        assert many < few * 36000 / 20500 * 2, (verb, times)


@pytest.mark.server("running")
def test_many_clients(leader, follower):
    init(leader)
    raw = Raw(leader, follower, 1)
    for _ in range(CLIENTS // 50):
        raw.ask("clients 50 Libnfs pid:0 lurker")
    await_in(leader, f"[ $(ls /proc/fs/nfsd/clients | wc -l) -gt {CLIENTS} ]", 60)
    seen = is_seen(leader)
    shown = leader.run("gshare leader status").out
    # In time, or it says that it was not, and still how many there are.
    assert f" and {CLIENTS} more" in shown or (
        "CLIENTS_UNREAD" in shown and f"{CLIENTS + 1} are connected" in shown), shown
    print(CLIENTS, "clients", taken(leader, raw), "seen" if seen else "?")


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

HERE, NET = "192.168.18.77", "192.168.18.76/30"  # no leader lists itself
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
        guest.run(f"SUDO_UID=1000 gshare leader init --follower {NET}", 60)
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
        (f"gshare leader ro {NET} --force", True),
        ("gshare undo --yes", False),
        (f"gshare leader remove {NET} --force", True),
        ("gshare undo --yes", False),
        ("gshare leader destroy --yes --force", True),
    ):
        timed(guest, command)
        assert refused(guest, probe) == gone, (what, command)
        fill(guest, what)
    history = guest.run("gshare history").out
    assert len(re.findall(r"(?m)^ *\d+ ", history)) >= 6, history
    print(f"{what}: {time.monotonic() - began:.1f} s")
