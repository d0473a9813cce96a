# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor: more causes of the follower, broken in two ways, named there, and fixed."""

import pytest
from lab.doctoring import FIRST, NONE, SECOND, WAYS, await_well, go_through, look
from lab.lab import LEADER
from lab.scene import FOLLOWER, FOLLOWER2, SHARE, init, mount, run_fix

UNIT = "mnt-data-shared.mount"
NFS = "systemctl start nfs-server"
NO_GRACE = "for i in 1 2 3; do sleep 1; echo Y >/proc/fs/nfsd/v4_end_grace && break; done " \
    "2>/dev/null; :"

NAMED = f"umount {SHARE}; cp -a /etc/fstab /run/fstab; sed -i 's/^{LEADER}:/lead:/' /etc/fstab; "
NAMED_BACK = f"sed -i '/ lead$/d' /etc/hosts; cp -a /run/fstab /etc/fstab; mount {SHARE}"

# What listens on the leader's port in place of nfsd: `close`, `silent`, `talk`.
LISTENER = """
import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 2049)); s.listen(50); held = []
while True:
    c = s.accept()[0]
    if sys.argv[1] == "close": c.close(); continue
    if sys.argv[1] == "talk": c.sendall(b"SSH-2.0-OpenSSH_9.6\\r\\n" * 3)
    if sys.argv[1] == "http": c.sendall(b"HTTP/1.0 400 Bad Request\\r\\n\\r\\n")
    held.append(c)
"""
LISTEN = "systemctl stop nfs-server; systemd-run --quiet --unit listener {}; " \
    "until ss -ltn | grep -q :2049; do sleep 0.1; done"
LISTEN_BACK = f"systemctl stop listener; {NFS}; {NO_GRACE}"
PY = "python3 /run/listener.py "

# As in test_doctor_matrix: the cause, the node, how, which command of the fix, what else restores.
LISTENERS = (
    ("RPC_TIMEOUT", "leader", LISTEN.format(PY + "silent"), NONE, LISTEN_BACK),
    ("RPC_TIMEOUT", "leader", "iptables-save >/run/iptables; iptables -I INPUT -p tcp --dport 2049 "
     "-m conntrack --ctstate ESTABLISHED -j DROP", NONE, "iptables-restore </run/iptables"),
    ("RPC_GARBAGE", "leader", LISTEN.format(PY + "talk"), NONE, LISTEN_BACK),
    ("RPC_GARBAGE", "leader", LISTEN.format(PY + "http"), NONE, LISTEN_BACK),
    ("RPC_CLOSED", "leader", LISTEN.format(PY + "close"), NONE, LISTEN_BACK),
    ("RPC_CLOSED", "leader", LISTEN.format(
        "systemd-socket-activate -l 2049 --accept /bin/true"), NONE, LISTEN_BACK),
)

BOOT = (
    ("BOOT_MASKED", "follower", f"systemctl mask {UNIT}", FIRST, ""),
    ("BOOT_MASKED", "follower", f"systemctl mask --runtime {UNIT}", FIRST, ""),
    ("NOT_PERSISTED", "follower", f"sed -i '\\|{SHARE} nfs|d' /etc/fstab; "
                                  "systemctl daemon-reload", FIRST, ""),
    ("NOT_PERSISTED", "follower", f"sed -i 's/^{LEADER}:/# &/' /etc/fstab; "
                                  "systemctl daemon-reload", FIRST, ""),
    ("PORT_DIFFERS", "follower", f"umount {SHARE}; sed -i 's/,proto=tcp/&,port=2050/' /etc/fstab",
     FIRST, ""),
    ("PORT_DIFFERS", "follower", f"umount {SHARE}; sed -i 's/vers=4.2/&,port=20049/' /etc/fstab",
     FIRST, ""),
)

BENEATH = (
    ("GUARD_LOST", "follower", f"umount {SHARE}; chattr -i {SHARE}; mount {SHARE}", FIRST, ""),
    ("GUARD_LOST", "follower", f"umount {SHARE}; chattr -i {SHARE}; rmdir {SHARE}; mkdir {SHARE}; "
                               f"mount {SHARE}", FIRST, ""),
    ("TARGET_NOT_EMPTY", "follower", f"umount {SHARE}; chattr -i {SHARE}; echo x >{SHARE}/junk; "
                                     f"mount {SHARE}",
     FIRST, f"rm {SHARE}/junk; gshare follower mount {LEADER} {SHARE}"),
    ("TARGET_NOT_EMPTY", "follower", f"umount -l {SHARE}; chattr -i {SHARE}; mkdir {SHARE}/junk; "
                                     f"mount {SHARE}",
     FIRST, f"rmdir {SHARE}/junk; gshare follower mount {LEADER} {SHARE}"),
)

# Over the share's parent, of a file system that /etc/fstab does not have.
COVERED = (
    ("MOUNT_COVERED", "follower", "mount -t tmpfs none /mnt/data", FIRST, ""),
    ("MOUNT_COVERED", "follower", "mkdir -p /srv/over; mount --bind /srv/over /mnt/data", FIRST,
     ""),
    ("MOUNT_COVERED", "follower", "mount -t tmpfs none /mnt", FIRST, ""),
    ("MOUNT_COVERED", "follower", "mount --bind /mnt/data /mnt/data", FIRST, ""),
)

NAMES = (
    ("NAME_UNKNOWN", "follower", NAMED, NONE, NAMED_BACK),
    ("NAME_UNKNOWN", "follower", f"{NAMED} echo '{LEADER} lead.example.org' >>/etc/hosts", NONE,
     f"sed -i '/example/d' /etc/hosts; {NAMED_BACK}"),
    ("LEADER_IS_HOST", "follower", f"{NAMED} echo '127.0.1.1 lead' >>/etc/hosts", NONE,
     NAMED_BACK),
    ("LEADER_IS_HOST", "follower", f"{NAMED} echo '{FOLLOWER} lead' >>/etc/hosts", NONE,
     NAMED_BACK),
    ("PORT_REFUSED", "follower", f"{NAMED} echo '192.168.18.9 lead' >>/etc/hosts", NONE,
     NAMED_BACK),
    ("HOST_NOT_RESPONDING", "follower", f"{NAMED} echo '192.168.18.250 lead' >>/etc/hosts", NONE,
     NAMED_BACK),
)

CLOSED = f"chmod 3775 {SHARE}; exportfs -f"
LEADERS = (
    ("PATH_CLOSED", "leader", f"chmod 700 {SHARE}; exportfs -f", NONE, CLOSED),
    ("PATH_CLOSED", "leader", f"chmod g-x {SHARE}; exportfs -f", NONE, CLOSED),
    ("EXPORT_DENIED", "leader", f"exportfs -u {FOLLOWER}:{SHARE}", FIRST, ""),
    ("EXPORT_DENIED", "leader", f"sed -i '/{FOLLOWER}/d' /etc/exports; exportfs -ra", FIRST, ""),
    ("PORT_FILTERED", "leader", "iptables-save >/run/iptables; iptables -I INPUT -p tcp --dport "
     "2049 -j DROP", SECOND, "iptables-restore </run/iptables"),
    ("PORT_FILTERED", "leader", "iptables-save >/run/iptables; iptables -I OUTPUT -p tcp --sport "
     "2049 -j DROP", NONE, "iptables-restore </run/iptables"),
)

# As where a tunnel is narrower than its ends and nobody hears of it. Small packets pass.
LARGE = "iptables-save >/run/iptables; iptables -I {} -p tcp --{}port 2049 -m length " \
    "--length 1000: -j DROP"
LOST = (
    ("PACKETS_LOST", "follower", LARGE.format("OUTPUT", "d"), FIRST,
     "iptables-restore </run/iptables"),
    ("PACKETS_LOST", "leader", LARGE.format("INPUT", "d"), FIRST,
     "iptables-restore </run/iptables"),
)

GIVEN = (
    ("LEADER_READONLY", "leader", f"gshare leader ro {FOLLOWER}", FIRST, ""),
    ("LEADER_READONLY", "leader", "sed -i 's/(rw/(ro/' /etc/exports; exportfs -ra", FIRST, ""),
    ("ID_DIFFERS", "leader", f"cp -a {SHARE}/.gshare-id /run/; rm {SHARE}/.gshare-id", NONE,
     f"cp -a /run/.gshare-id {SHARE}/"),
    ("ID_DIFFERS", "leader", f"cp -a {SHARE}/.gshare-id /run/; "
     f"sed -i 's/^id .*/id 12345678/' {SHARE}/.gshare-id", NONE,
     f"cat /run/.gshare-id >{SHARE}/.gshare-id"),
)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_what_listens_is_no_server(leader, follower, way):
    init(leader)
    mount(follower)
    leader.put("/run/listener.py", LISTENER)
    go_through(LISTENERS, way, follower, leader)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_what_a_boot_would_show(leader, follower, way):
    """Mounted now, and no longer after a boot, or wrongly: told before."""
    init(leader)
    mount(follower)
    go_through(BOOT, way, follower, leader)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_what_the_mount_hides(leader, follower, way):
    init(leader)
    mount(follower)
    go_through(BENEATH, way, follower, leader)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_what_hides_the_mount(leader, follower, way):
    init(leader)
    mount(follower)
    go_through(COVERED, way, follower, leader)


@pytest.mark.server("running")
def test_the_bare_directory_mounted_on_itself(leader, follower):
    """It is the whole file system's, which services have in namespaces of their own."""
    init(leader)
    mount(follower)
    follower.run(f"umount {SHARE}; mount --bind {SHARE} {SHARE}")
    shown = look(follower)
    assert [found["id"] for found in shown["findings"]] == ["NOT_NFS"], shown
    run_fix(shown["findings"][0]["fix"], follower)
    await_well(follower, "bind")


# On the leader, while the follower has nothing mounted: what its doctor says, what the leader's.
SHUT = (
    (f"chmod 700 {SHARE}", "PATH_CLOSED"),
    (f"chmod 400 {SHARE}/.gshare-id", "ID_UNREADABLE"),
)


@pytest.mark.parametrize(("how", "cause"), SHUT, ids=("first", "second"))
@pytest.mark.sampled
@pytest.mark.server("running")
def test_a_share_that_is_closed_before_it_is_mounted(leader, follower, how, cause):
    init(leader)
    mount(follower)
    follower.run(f"umount {SHARE}")
    leader.run(f"{how}; exportfs -f")
    shown = look(follower)
    assert shown["cause"] == "PATH_CLOSED", shown
    told = look(leader)
    assert told["cause"] == cause, told
    run_fix(told["findings"][0]["fix"], leader)
    await_well(leader, how)
    follower.run(f"mount {SHARE}")
    await_well(follower, how)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_the_leaders_name(leader, follower, way):
    init(leader)
    mount(follower)
    go_through(NAMES, way, follower, leader)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_what_the_leader_lets_it_have(leader, follower, way):
    init(leader)
    mount(follower)
    go_through(LEADERS, way, follower, leader)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_what_the_leader_gives_it(leader, follower, way):
    init(leader)
    mount(follower)
    go_through(GIVEN, way, follower, leader)


# nfs.conf(5), by which nfsd has 4.1 at most.
VERSIONS = (
    "mkdir -p /etc/nfs.conf.d; printf '[nfsd]\\nvers4.2=n\\n' >/etc/nfs.conf.d/x.conf",
    "nfsconf --file /etc/nfs.conf --set nfsd vers4.2 n",
)


@pytest.mark.parametrize("how", VERSIONS, ids=("first", "second"))
@pytest.mark.sampled
@pytest.mark.server("running")
def test_a_version_that_has_gone(leader, follower, how):
    """A mount by NFS 4.2 goes on when nfsd comes back with 4.1; the fix mounts with that."""
    init(leader)
    mount(follower)
    leader.run(f"{how}; systemctl restart nfs-server; {NO_GRACE}")
    shown = look(follower)
    assert shown["cause"] == "VERSION_REFUSED", shown
    run_fix(shown["findings"][0]["fix"], follower, leader)
    await_well(follower, how)
    assert "vers=4.1" in follower.run("grep nfs4 /proc/mounts").out


# Another server's directory over the share, and another of the leader's in its place.
OVER = f"mount -t nfs4 192.168.18.9:/srv {SHARE}"


@pytest.mark.parametrize("how", (OVER, f"umount {SHARE}; {OVER}"), ids=("first", "second"))
@pytest.mark.sampled
@pytest.mark.server("running")
def test_mounted_from_another_server(leader, follower, follower2, how):
    init(leader)
    mount(follower)
    follower2.run(f"{NFS}; iptables -F INPUT; exportfs -o rw,subtree_check {FOLLOWER}:/srv")
    follower.run(how)
    shown = look(follower)
    assert shown["cause"] == "SOURCE_DIFFERS", shown
    assert not [case for case in shown["cases"] if case["id"] == "VERIFY_LESS"], shown
    run_fix(shown["findings"][0]["fix"], follower, leader, follower2)
    await_well(follower, how)


# Two clones have one host name, and what was to tell them apart.
IDENTITY = "/sys/module/nfs/parameters/nfs4_unique_id"
CLONED = ("hostname clone", f"hostname clone; echo 1 >{IDENTITY}")


@pytest.fixture
def clones(leader, follower, follower2):
    """Two followers of the leader's, and afterwards not clones any more."""
    init(leader, f"--follower {FOLLOWER} --follower {FOLLOWER2}")
    pair = (follower, follower2)
    names = [guest.run("modprobe nfsv4; hostname").out.strip() for guest in pair]
    yield pair
    for guest, name in zip(pair, names, strict=True):
        guest.run(f"umount {SHARE}; hostname {name}; echo >{IDENTITY}", check=False)


def told_by(guest):
    return {found["id"] for found in look(guest)["findings"]}


@pytest.mark.parametrize("how", CLONED, ids=("first", "second"))
@pytest.mark.sampled
@pytest.mark.server("running")
def test_two_clones(leader, clones, how):
    """Each takes the other's session away: both know, the leader sees it, and one is fixed."""
    for guest in clones:
        guest.run(how)
        mount(guest)
    for _ in range(4):
        for guest in clones:
            guest.run(f"date >{SHARE}/files/{guest.name}")
    # Whether it sees one client with two addresses, or an address without one, is a matter of time.
    assert {"CLIENT_ID_SHARED", "CLIENT_HIDDEN"} & told_by(leader)
    told = [found for found in look(clones[0])["findings"] if found["id"] == "CLIENT_ID_SHARED"]
    assert told and "CLIENT_ID_SHARED" in told_by(clones[1])
    run_fix(told[0]["fix"], clones[0], timeout=60)
    clones[1].run(f"date >{SHARE}/files/last")
    assert not {"CLIENT_ID_SHARED", "CLIENT_HIDDEN"} & (told_by(leader) | told_by(clones[0]))


# What has every port from which a secure export may be mounted.
TAKER = """
import socket, time
held = []
for port in range(1, 1024):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try: s.bind(("", port)); s.listen(1); held.append(s)
    except OSError: pass
time.sleep(600)
"""


@pytest.mark.sampled
@pytest.mark.server("running")
def test_no_port_is_free(leader, follower):
    """The leader refuses what comes from another port, and is not at fault."""
    init(leader)
    mount(follower)
    follower.put("/run/taker.py", TAKER)
    follower.run(f"umount {SHARE}; systemd-run --quiet --unit taker python3 /run/taker.py; "
                 "until [ $(ss -tan 'sport < :1024' | wc -l) -gt 1000 ]; do sleep 0.2; done")
    shown = look(follower)
    assert shown["cause"] == "PORTS_TAKEN", shown
    follower.run(f"systemctl stop taker; mount {SHARE}")
    await_well(follower, "ports")


# The package; all that it has written; its one program that counts.
REMOVED = (
    ("dpkg --force-depends --remove nfs-common", FIRST),
    ("dpkg --force-depends --purge nfs-common", NONE),  # to install it again takes a minute
    ("rm /sbin/mount.nfs", SECOND),
)


@pytest.mark.parametrize(("how", "which"), REMOVED, ids=("first", "second", "third"))
@pytest.mark.sampled
@pytest.mark.server("running")
def test_a_client_that_was_removed(leader, follower, how, which):
    """The mount goes on without its package, and doctor knows that the next one would not be."""
    init(leader)
    mount(follower)
    follower.run(how, timeout=60)
    shown = look(follower)
    told = shown["findings"][0]
    assert shown["cause"] is None and told["id"] == "CLIENT_MISSING", shown
    if which is NONE:
        return
    follower.run("apt-get update", timeout=60)
    run_fix(told["fix"], follower, which=which, timeout=120)
    assert "CLIENT_MISSING" not in [found["id"] for found in look(follower)["findings"]]


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_large_packets_are_lost(leader, follower, way):
    """Nobody tries to write then, who would hang; and no test file is left."""
    init(leader)
    mount(follower)
    go_through(LOST, way, follower, leader)
    assert not leader.run(f"find {SHARE} -name '.gshare-probe-*'").out


@pytest.mark.server("running")
def test_a_mount_beside_the_share(leader, follower):
    """Another's NFS mount is looked at, too; a bind of the share and what is below it are not."""
    init(leader)
    mount(follower)
    leader.run("install -d -m 1777 /srv/nas; exportfs -o rw,no_subtree_check "
               f"{FOLLOWER}:/srv/nas")
    follower.run(f"mkdir -p /mnt/nas /mnt/bound; mount -t nfs4 {LEADER}:/srv/nas /mnt/nas; "
                 f"mount --bind {SHARE}/datasets /mnt/bound", timeout=40)
    shown = look(follower)
    places = sorted(case["place"] for case in shown["cases"] if not case["id"])
    assert places == [SHARE, "/mnt/nas"] and not shown["findings"], shown
    leader.run(f"exportfs -u {FOLLOWER}:/srv/nas; exportfs -f")
    shown = look(follower)
    assert shown["cause"] in ("EXPORT_STALE", "EXPORT_DENIED"), shown
    cause = next(case for case in shown["cases"] if case["id"] == shown["cause"])
    assert cause["place"] == "/mnt/nas", shown
    follower.run("umount /mnt/bound; umount -l /mnt/nas")
    leader.run("rm -rf /srv/nas")
    await_well(follower, "umount")
