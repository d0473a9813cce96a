# SPDX-License-Identifier: GPL-2.0-or-later
"""What a real nfsd offers, and where it cannot run: told on the leader, and right for followers."""

import pytest
from lab import scene
from lab.lab import LEADER
from lab.peer import Peers
from lab.scene import FOLLOWER, SHARE, init, mount, result

CONF = "/etc/nfs.conf.d/lab.conf"
OTHER = "192.168.18.14"


def findings(guest, command, status=0):
    return {f["id"]: f for f in result(guest, command, status)["findings"]}


def configure(leader, text):
    """Let nfsd run with these lines of nfs.conf."""
    leader.run(f"mkdir -p /etc/nfs.conf.d && printf '[nfsd]\\n{text}\\n' >{CONF}")
    restart(leader)


def restart(leader):
    leader.run("systemctl restart nfs-server", timeout=60)
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)


def run_fix(guest, finding):
    """Run a printed command as it is printed; what comes after it is for people."""
    fix = finding["fix"]
    guest.run(fix[fix.index("sudo ") :].split("; ")[0], timeout=60)


@pytest.mark.server("running")
def test_an_nfsd_that_followers_cannot_use(leader, follower):
    """Version 4 is off, or only this node is listened to: refused, told, and mended."""
    init(leader)
    for text, code in (
        ("vers4=n", "NFSD_NO_V4"),
        ("host=127.0.0.1", "NFSD_ADDRESS"),
    ):
        configure(leader, text)
        seen = findings(leader, "gshare leader status", 3)
        assert code in seen, seen
        added = leader.run("gshare leader add 192.168.18.9 2>&1", check=False)
        assert added.status == 1 and code in added.out and "follower mount" not in added.out
        if code == "NFSD_NO_V4":
            assert code in leader.run("gshare env leader 2>&1", check=False).out
            said = follower.run(f"gshare follower mount {LEADER} 2>&1", check=False).out
            assert f"on {LEADER} run: sudo gshare leader status" in said, said
        run_fix(leader, seen[code])
        restart(leader)  # what the fix leaves to the administrator
        assert code not in findings(leader, "gshare leader status")
    mount(follower)
    follower.run(f"gshare follower unmount {SHARE} --forget")
    # 4.1 alone is enough.
    configure(leader, "vers4.2=n")
    assert "NFSD_V41_ONLY" in findings(leader, "gshare leader status")
    mount(follower)
    assert "vers=4.1" in follower.run(f"findmnt -no OPTIONS {SHARE}").out


@pytest.mark.server("running")
def test_another_port_and_address(leader, follower):
    """The printed command works, and everything afterwards knows the port."""
    leader.run(f"ip addr add {OTHER}/24 dev vec0; iptables -I INPUT -p tcp --dport 2050 -j ACCEPT")
    configure(leader, f"port=2050\\nhost={OTHER}")
    done = init(leader)
    (command,) = [line for line in done.out.splitlines() if "gshare follower mount" in line]
    assert f"mount {OTHER} " in command and " --port 2050 " in command, done.out
    said = done.out + done.err
    assert "NFSD_PORT" in said and "NFSD_ADDRESS" in said, said
    assert result(leader, "gshare leader status")["ok"]
    follower.run(command, timeout=60)
    assert "port=2050" in follower.get("/etc/fstab")
    assert not result(follower, command.strip())["changed"]
    assert not result(follower, f"gshare follower mount {OTHER}")["changed"]
    assert "to port 2050" in follower.run("gshare follower status").out
    assert result(follower, "gshare verify")["ok"]
    follower.run("gshare env follower")
    follower.run("gshare follower remount --ro && gshare follower remount --rw")
    follower.run(f"umount {SHARE} && gshare follower mount {OTHER} {SHARE}")
    follower.run(f"gshare follower unmount {SHARE} --forget")
    # A line by hand is adopted with its port; without a line, and without --port, nobody knows it.
    assert "PORT_REFUSED" in follower.run(f"gshare follower mount {OTHER} 2>&1", check=False).out
    follower.run(f"echo '{OTHER}:{SHARE} {SHARE} nfs port=2050 0 0' >>/etc/fstab")
    follower.run(f"mkdir -p {SHARE} && mount {SHARE}")
    fix = findings(follower, "gshare follower status")["FOREIGN_LINE"]
    follower.run(f"umount {SHARE}")
    run_fix(follower, fix)
    assert "FOREIGN_LINE" not in findings(follower, "gshare follower status")
    follower.run(f"gshare follower unmount {SHARE} --forget")
    leader.run(f"ip addr del {OTHER}/24 dev vec0", check=False)


def test_what_keeps_nfsd_from_starting(leader, follower):
    """Masked and failing units, and a user namespace: the cause, and no text of systemctl's."""
    words = f"SUDO_UID=1000 gshare leader init --follower {FOLLOWER}"
    for unit in ("nfs-server.service", "nfs-mountd.service"):
        leader.run(f"systemctl mask {unit}")
        said = leader.run(f"{words} 2>&1", check=False, timeout=60)
        assert said.status == 1 and "UNIT_MASKED" in said.out and "012" not in said.out, said.out
        assert "nothing was changed" in said.out
        leader.run(f"sudo systemctl unmask {unit}")
        assert f"fix     sudo systemctl unmask {unit}\n" in said.out
    broken = "/run/systemd/system/nfs-server.service.d"
    leader.run(f"mkdir -p {broken} && printf '[Service]\\nExecStartPre=/bin/false\\n' "
               f">{broken}/x.conf && systemctl daemon-reload")
    said = leader.run(f"{words} 2>&1", check=False, timeout=60)
    assert said.status == 1 and "SERVER_FAILED" in said.out and "\\012" not in said.out, said.out
    fix = [line for line in said.out.splitlines() if "journalctl" in line][0]
    shown = leader.run(fix[fix.index("sudo ") :].split(" (")[0]).out
    assert "nfs-server.service" in shown, shown
    leader.run(f"rm -r {broken} && systemctl daemon-reload")
    inside = leader.run(f"unshare -Ur {words.replace('SUDO_UID=1000 ', '')} 2>&1", check=False)
    assert inside.status == 1 and "SERVER_IN_CONTAINER" in inside.out, inside.out
    init(leader)
    leader.run("systemctl stop nfs-server && systemctl mask nfs-server")
    seen = findings(leader, "gshare leader status", 3)
    assert "SERVER_DOWN" not in seen, seen
    run_fix(leader, seen["UNIT_MASKED"])
    run_fix(leader, findings(leader, "gshare leader status", 3)["SERVER_DOWN"])
    assert result(leader, "gshare leader status")["ok"]
    # It runs, and would not after a boot: what is asked is done all the same.
    leader.run("systemctl mask nfs-server")
    assert "SERVER_NOT_ENABLED" in findings(leader, f"gshare leader add {scene.FOLLOWER2}")
    scene.gone_after(leader, "gshare leader status", "SERVER_NOT_ENABLED")
    # No thread, though its unit is active: a start of the unit does nothing.
    leader.run("rpc.nfsd 0")
    run_fix(leader, findings(leader, "gshare leader status", 3)["SERVER_DOWN"])
    assert result(leader, "gshare leader status")["ok"]
    leader.run(f"rpc.nfsd 0 && gshare leader add {scene.FOLLOWER2}:ro", timeout=60)
    assert result(leader, "gshare leader status")["ok"]
    # A follower in a user namespace: the server is not at fault, and is not blamed.
    refused = follower.run(f"unshare -Ur gshare follower mount {LEADER}", check=False)
    assert f"on {LEADER}" not in refused.err, refused
    scene.run_fix(scene.printed(refused, "CLIENT_IN_CONTAINER"), follower)
    seen = follower.run("unshare -Ur gshare follower status 2>&1", check=False).out
    assert "NFS_PERM" not in seen and "exportfs" not in seen, seen
    seen = follower.run("unshare -Ur gshare verify --as 65534 2>&1", check=False).out
    assert "USER_UNMAPPED" in seen and "container" in seen, seen


@pytest.mark.server("running")
def test_what_an_export_demands_is_named_and_not_weakened(lab, leader, follower):
    """Kerberos by a real server; TLS, which these kernels lack, by one that only offers it."""
    init(leader)
    leader.run("sed -i s/all_squash/all_squash,sec=krb5p/ /etc/exports && exportfs -ra")
    peers = Peers(lab.net, {"tls": "192.168.18.77"})
    for words, named in (
        (LEADER, "Kerberos (sec=krb5"),
        (f"{LEADER} --export {SHARE}", "Kerberos (sec=krb5"),
        # What would do is not told, so that Kerberos is not claimed.
        (f"{LEADER}", "or none (sec=none)"),
        ("192.168.18.77", "TLS (xprtsec=tls"),
        (f"192.168.18.77 --export {SHARE}", "TLS (xprtsec=tls"),
    ):
        said = follower.run(f"gshare follower mount {words} 2>&1", check=False).out
        assert "(NFS_SECURITY)" in said and named in said and "sec=sys" not in said, said
        assert ("TLS" in said) == ("TLS" in named), said
        assert "nothing was changed" in said
    peers.close()
