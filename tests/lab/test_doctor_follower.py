# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor: more causes of the follower, broken in two ways, named there, and fixed."""

import pytest
from lab.doctoring import FIRST, NONE, SECOND, WAYS, await_well, go_through, look
from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE, init, mount, run_fix

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


# The package, and all that it has written.
REMOVED = ("--remove", "--purge")


@pytest.mark.parametrize("how", REMOVED, ids=("first", "second"))
@pytest.mark.sampled
@pytest.mark.server("running")
def test_a_client_that_was_removed(leader, follower, how):
    """The mount goes on without its package, and doctor knows that the next one would not be."""
    init(leader)
    mount(follower)
    follower.run(f"dpkg --force-depends {how} nfs-common", timeout=60)
    shown = look(follower)
    told = shown["findings"][0]
    assert shown["cause"] is None and told["id"] == "CLIENT_MISSING", shown
    if how != "--remove":  # to install it again takes most of a minute
        return
    follower.run("apt-get update", timeout=60)
    run_fix(told["fix"], follower, timeout=120)
    assert "CLIENT_MISSING" not in [found["id"] for found in look(follower)["findings"]]


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
