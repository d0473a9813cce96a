# SPDX-License-Identifier: GPL-2.0-or-later
"""What gshare asks before it harms, what it says while it works, and what it leaves behind."""

import json

import pytest
from lab.lab import LEADER
from lab.scene import FOLLOWER, FOLLOWER2, SHARE, init, mount

CUT_OFF = "FOLLOWER_CUT_OFF"


def findings(guest, words):
    """What a command finds, by id; its exit status under ''."""
    done = guest.run(f"gshare {words} --json", check=False, timeout=90)
    found = {finding["id"]: finding for finding in json.loads(done.out)["findings"]}
    return {**found, "": done.status}


def run_fix(finding, **nodes):
    """Run the command of a fix as it is printed, on the node that it names."""
    where, command = finding["fix"].split(" run: ")
    {"on " + LEADER: nodes.get("leader"), "on " + FOLLOWER: nodes.get("follower")}[where].run(
        command, timeout=60)


def test_what_takes_the_share_from_live_followers_asks(leader, follower):
    init(leader)
    mount(follower)
    asked = leader.run("gshare undo </dev/null 2>&1", check=False)
    assert asked.status == 2 and f"{FOLLOWER} (follower)" in asked.out, asked.out
    assert "sudo gshare undo --yes" in asked.out
    assert CUT_OFF in findings(leader, "undo --dry-run")
    asked = leader.run("gshare leader destroy </dev/null 2>&1", check=False)
    assert asked.status == 2 and f"{FOLLOWER} (follower)" in asked.out, asked.out
    follower.run(f"touch {SHARE}/files/still-there")

    assert CUT_OFF not in findings(leader, "leader ro --all --force --dry-run")
    assert CUT_OFF not in findings(leader, f"leader remove {FOLLOWER2} --dry-run")
    leader.run(f"gshare leader remove {FOLLOWER}")
    met = follower.run(f"ls {SHARE}; touch {SHARE}/files/new", check=False)
    assert "Stale file handle" in met.err and "Permission denied" in met.err
    leader.run("gshare undo")
    run_fix(findings(leader, f"leader remove {FOLLOWER} --dry-run")[CUT_OFF], follower=follower)
    assert CUT_OFF not in findings(leader, f"leader remove {FOLLOWER}")

    leader.run("gshare undo")
    mount(follower)
    lost = findings(leader, "undo --yes")
    assert lost[""] == 0 and "hang" in lost[CUT_OFF]["text"]
    run_fix(lost[CUT_OFF], follower=follower)
    follower.run(f"! mountpoint -q {SHARE}")


def test_a_probe_that_loses_its_access_says_how_its_file_goes(leader, follower):
    """verify over and over while the leader switches: what is left is told, and goes by the fix."""
    init(leader)
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    mount(follower)
    switching = leader.start("for i in $(seq 60); do gshare leader ro --all --force; sleep 1.5; "
                             "gshare leader rw --all; done >/dev/null 2>&1")
    loop = follower.run("""
        for i in $(seq 30); do
            timeout 60 gshare verify --json >/tmp/said; echo "$?" >/tmp/status
            grep -q PROBE_LEFT /tmp/said && break
        done; cat /tmp/status; cat /tmp/said""", timeout=200)
    switching.stop()
    leader.run("gshare leader rw --all", timeout=60)
    status, said = loop.out.split("\n", 1)
    left = [f for f in json.loads(said)["findings"] if f["id"] == "PROBE_LEFT"]
    probes = f"ls -d {SHARE}/*/.gshare-probe-*"
    if left:
        assert status == "3"
        for finding in left:
            run_fix(finding, leader=leader)
    leader.run(f"! {probes}")
    name = ".gshare-probe-0123456789abcd01"
    leader.run(f"setpriv --reuid 1000 --clear-groups touch -d '3 minutes ago' {SHARE}/files/{name}")
    assert findings(follower, "verify")[""] == 0
    leader.run(f"! {probes}")


@pytest.mark.server("running")
def test_many_at_once_get_their_turn(leader):
    """Each waits for the one before, and none gives up."""
    init(leader)
    hosts = [f"10.9.0.{n}" for n in range(1, 9)]
    each = f"for host in {' '.join(hosts)}; do gshare leader add $host & done"
    leader.run(f"{each}; for job in $(jobs -p); do wait $job || exit; done", timeout=60)
    assert {host for host in hosts if host in leader.run("exportfs -s").out} == set(hosts)
