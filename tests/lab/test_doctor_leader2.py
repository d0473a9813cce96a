# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor: still more causes of the leader, as in test_doctor_leader.py: programs, names, firewalls.

The files' causes are in test_doctor_leader.py. All rows take some 400 s, a sample 200 s.
"""

import pytest
from lab.doctoring import FIRST, NONE, WAYS, await_well, go_through, look
from lab.lab import LEADER
from lab.scene import FOLLOWER, FOLLOWER2, SHARE, await_in, init, mount, run_fix

LIGHT = "/usr/local/lib/lab/light"
REPOSITORY = "/srv/repository"

# Somebody's own program on the NFS port, as a unit and without one.
PROGRAM = """#!/usr/bin/python3
import socket, time
taken = socket.create_server(("", 2049))
time.sleep(600)
"""
UNIT = "[Service]\nExecStart=/usr/local/sbin/taker\nRestart=always\n"
LISTENS = "timeout 20 sh -c 'until ss -Hltn sport = 2049 | grep -q .; do sleep 0.1; done'"
TAKEN = (
    ("PORT_TAKEN", "leader", "systemctl stop nfs-server; setsid /usr/local/sbin/taker "
     f"</dev/null >/dev/null 2>&1 & {LISTENS}", FIRST, "systemctl start nfs-server"),
    ("PORT_TAKEN", "leader", f"systemctl stop nfs-server; systemctl start taker; {LISTENS}", FIRST,
     "systemctl start nfs-server"),
)

SILENT = "printf 'nameserver 192.168.18.99\\n' >/etc/resolv.conf"
SAVED = "for f in resolv.conf nsswitch.conf exports; do cp -a /etc/$f /run/$f; done"
BACK = "for f in resolv.conf nsswitch.conf exports; do cp -a /run/$f /etc/$f; done; "
NAMES = (
    ("NAME_SERVER_TIMEOUT", "leader", f"{SAVED}; {SILENT}; echo '{SHARE} nas7.example.org"
     "(ro,subtree_check,all_squash)' >>/etc/exports", NONE, BACK + "exportfs -ra"),
    ("NAME_SERVER_TIMEOUT", "leader", f"{SAVED}; {SILENT}; sed -i 's/^hosts:.*/hosts: dns/' "
     f"/etc/nsswitch.conf; sed -i 's/{FOLLOWER}(/follower(/' /etc/exports; exportfs -ra || :",
     NONE, BACK + "exportfs -ra; exportfs -f"),
)

THREADS = (
    ("NFSD_THREADS", "leader", "echo 1 >/proc/fs/nfsd/threads", FIRST, ""),
    ("NFSD_THREADS", "leader", "cp -a /etc/nfs.conf /run/nfs.conf; nfsconf --file /etc/nfs.conf "
     "--set nfsd threads 1; rpc.nfsd 1", FIRST,
     "cp -a /run/nfs.conf /etc/nfs.conf"),
)

# The package of the lab starts nothing, as that of a distribution would.
ABSENT = (
    ("SERVER_MISSING", "leader", "systemctl stop nfs-server; dpkg --remove nfs-kernel-server",
     FIRST, "systemctl start nfs-server"),
    ("SERVER_MISSING", "leader", "systemctl stop nfs-server; rm /usr/sbin/exportfs", FIRST,
     "systemctl start nfs-server"),
)

OPEN = "iptables -F INPUT; iptables -P INPUT ACCEPT; iptables -P FORWARD ACCEPT"
UFW = (
    ("FIREWALL_CLOSED", "leader", "ufw --force delete 1", FIRST, ""),
    ("FIREWALL_DENIED", "leader", f"ufw insert 1 deny from {FOLLOWER}", FIRST, ""),
)
FIREWALLD = (
    ("FIREWALL_CLOSED", "leader", 'firewall-cmd --remove-rich-rule="$(firewall-cmd '
     '--list-rich-rules | head -n 1)"', FIRST, ""),
    ("FIREWALL_CLOSED", "leader", "firewall-cmd --zone=drop --change-interface=vec0", FIRST,
     ""),
)

GONE = (
    ("EXPORT_DENIED", "leader", f"sed -i '/{FOLLOWER}/d' /etc/exports; exportfs -r", FIRST, ""),
    ("EXPORT_DENIED", "leader", f"cp -a /etc/exports /run/exports; sed -i '/gshare share/d; "
     f"/{FOLLOWER}/d' /etc/exports; exportfs -ra", FIRST, ""),
)


@pytest.fixture
def ufw(leader):
    """The leader's firewall is ufw, which denies what it does not allow."""
    leader.run(f"chmod a+x /usr/sbin/ufw; {OPEN}; ufw --force enable", timeout=90)
    yield leader
    leader.run("ufw --force disable; chmod a-x /usr/sbin/ufw", timeout=90)


@pytest.fixture
def firewalld(leader):
    """The leader's firewall is firewalld."""
    leader.run(f"{OPEN}; systemctl --quiet unmask dbus.service dbus.socket")
    leader.run("systemctl start dbus.socket firewalld", timeout=60)
    await_in(leader, "firewall-cmd --state")
    yield leader
    leader.run("systemctl stop firewalld dbus.socket dbus.service", timeout=60)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_another_program_on_the_port(leader, follower, way):
    leader.put("/usr/local/sbin/taker", PROGRAM, 0o755)
    leader.put("/etc/systemd/system/taker.service", UNIT)
    leader.run("systemctl daemon-reload")
    init(leader)
    mount(follower)
    go_through(TAKEN, way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_a_silent_name_server(leader, follower, way):
    init(leader)
    mount(follower)
    go_through(NAMES, way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_few_threads(leader, follower, follower2, way):
    init(leader, f"--follower {FOLLOWER} --follower 192.168.18.9")
    mount(follower)
    mount(follower2)
    go_through(THREADS, way, leader, follower, follower2)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_an_absent_server(leader, follower, way):
    leader.run(f"mkdir -p {REPOSITORY}; cp {LIGHT}/nfs-kernel-server.deb {REPOSITORY}/; "
               f"/usr/local/lib/lab/repository {REPOSITORY}; "
               f"echo 'deb [trusted=yes] copy:{REPOSITORY} ./' >/etc/apt/sources.list; "
               "apt-get update; apt-get --yes --reinstall install nfs-kernel-server", timeout=120)
    init(leader)
    mount(follower)
    go_through(ABSENT, way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_ufw(leader, follower, ufw, way):
    init(leader)
    mount(follower)
    go_through(UFW, way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_firewalld(leader, follower, firewalld, way):
    init(leader)
    mount(follower)
    go_through(FIREWALLD, way, leader, follower)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_an_entry_that_has_gone(leader, follower, way):
    init(leader)
    mount(follower)
    go_through(GONE, way, follower, leader)
    await_well(leader, LEADER)


@pytest.mark.server("running")
def test_a_file_that_was_written_anew(leader, follower):
    """Another program writes /etc/exports as a whole: gshare knows what it had there."""
    init(leader)
    mount(follower)
    leader.run("echo '# written by a program' >/etc/exports; exportfs -ra")
    told = {found["id"]: found for found in look(leader)["findings"]}["SHARE_FORGOTTEN"]
    assert FOLLOWER in told["fix"], told
    run_fix(told["fix"], leader)
    await_well(follower, "init")
    assert not look(leader)["findings"]
    follower.run(f"gshare follower unmount {SHARE}")
    leader.run("gshare leader destroy --yes", timeout=60)
    assert not look(leader)["findings"]


@pytest.mark.server("running")
@pytest.mark.invited
def test_a_follower_whose_line_was_deleted(leader, follower):
    """The one that is connected meets it: that is a failure; one that is away may be meant."""
    init(leader, f"--follower {FOLLOWER} --follower {FOLLOWER2}:ro")
    mount(follower)
    leader.run(f"cp -a /etc/exports /root/exports; sed -i '/{FOLLOWER2}(/d' /etc/exports; "
               "exportfs -ra")
    seen = look(leader)
    assert seen["cause"] is None, seen
    assert "FOLLOWER_FORGOTTEN" in [told["id"] for told in seen["findings"]], seen
    leader.run(f"sed -i '/{FOLLOWER}(/d' /etc/exports; exportfs -ra")
    seen = look(leader)
    assert seen["cause"] == "FOLLOWER_FORGOTTEN", seen
    for told in [told for told in seen["findings"] if told["id"] == "FOLLOWER_FORGOTTEN"]:
        run_fix(told["fix"], leader)
    await_well(follower, "init")
    assert not look(leader)["findings"]
    assert f"{FOLLOWER2}(ro" in leader.get("/etc/exports")
    # The same follower by another line, or by a name that nobody asks for here.
    for line in (f"{FOLLOWER}(ro)", "node8(ro)", "192.168.18.0/24(ro)"):
        leader.run(f"cp -a /root/exports /etc/exports; sed -i '/{FOLLOWER2}(/d; "
                   f"s,{FOLLOWER}(.*,{line},' /etc/exports; exportfs -ra || :")
        told = [told for told in look(leader)["findings"] if told["id"] == "FOLLOWER_FORGOTTEN"]
        assert all(f" {FOLLOWER} " not in one["text"] for one in told), (line, told)
