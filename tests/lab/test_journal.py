# SPDX-License-Identifier: GPL-2.0-or-later
"""history, undo and the journal on a real server: what was done is taken back, killed or not."""

import pytest
from lab.lab import LEADER
from lab.scene import (
    FOLLOWER,
    FOLLOWER2,
    SHARE,
    await_writer,
    init,
    mount,
    nfsd_threads,
    result,
    run_fix,
)

WHOLE = """
cd / && find etc mnt home -xdev ! -path 'etc/mtab' -printf '%p %y %m %U:%G %l\\n' | sort
getfacl -Rpn /mnt /etc/exports /etc/fstab 2>/dev/null
sha256sum /etc/exports /etc/fstab /etc/cluster.env 2>/dev/null
cat /var/lib/nfs/etab
"""
EXPORTS = "# mine\n/srv 10.9.9.9(ro,no_subtree_check)"


def whole(guest):
    """Return all that an undo must give back."""
    return guest.run(WHOLE).out


@pytest.mark.server("stopped")
def test_undo_of_init_stops_what_it_started(leader):
    before = whole(leader)
    assert "undo with: sudo gshare undo 1" in init(leader).out
    leader.run("gshare undo --dry-run")
    undone = result(leader, "gshare undo")
    assert undone["run"] == 2 and undone["changed"]
    assert whole(leader) == before
    assert leader.run("systemctl is-active nfs-server", check=False).out.strip() == "inactive"
    runs = result(leader, "gshare history")["runs"]
    assert [(run["state"], run["undone_by"]) for run in runs] == [("DONE", 2), ("DONE", None)]
    assert result(leader, "gshare undo", status=1)["findings"][0]["id"] == "RUN_UNKNOWN"


@pytest.mark.server("running")
def test_undo_of_add_and_its_undo(leader):
    leader.put("/etc/exports", EXPORTS)
    leader.run("exportfs -ra")
    init(leader)
    before, threads = whole(leader), nfsd_threads(leader)
    leader.run(f"gshare leader add {FOLLOWER2}")
    after = whole(leader)
    leader.run("gshare undo")
    assert whole(leader) == before
    leader.run("gshare undo 3")
    assert whole(leader) == after
    assert nfsd_threads(leader) == threads
    assert "10.9.9.9" in leader.run("cat /var/lib/nfs/etab").out


@pytest.mark.server("running")
def test_files_open_for_writing_are_waited_for(leader, follower):
    init(leader, f"--follower {FOLLOWER2}")
    leader.run(f"gshare leader add {FOLLOWER}")
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    mount(follower)
    init(leader, f"--follower {FOLLOWER2} --squash root")
    # The squash that comes back takes nobody's access, and writes fail all the same; so does add's.
    for words, is_forced in (("no_all_squash", False), (FOLLOWER + "(", True)):
        job = follower.start(f"exec sleep 60 >{SHARE}/files/held")
        await_writer(leader, "files/held")
        refused = result(leader, "gshare undo --drain 1 --yes", status=1)
        assert refused["findings"][0]["id"] == "FILES_OPEN"
        assert words in leader.run(f"grep {SHARE} /var/lib/nfs/etab").out
        if is_forced:
            run_fix(refused["findings"][0]["fix"], leader)
        job.stop()
        if not is_forced:
            follower.run(f"rm {SHARE}/files/held")
            leader.run("gshare undo --yes", timeout=60)
        assert words not in leader.run(f"grep {SHARE} /var/lib/nfs/etab").out


@pytest.mark.server("running")
def test_follower_mount_and_unmount_are_undone(leader, follower):
    init(leader)
    leader.run("echo Y >/proc/fs/nfsd/v4_end_grace", check=False)
    before = whole(follower)
    mount(follower, LEADER)
    follower.run("gshare undo")
    assert whole(follower) == before
    assert f" {SHARE} " not in follower.run("cat /proc/self/mountinfo").out
    mount(follower, LEADER)
    follower.run("gshare follower unmount --forget")
    follower.run("gshare undo")
    assert f" {SHARE} " in follower.run("cat /proc/self/mountinfo").out


def temporaries(node):
    return node.run(f"find /etc {SHARE} /var/lib/gshare -name '.gshare-new-*'").out


@pytest.mark.server("running")
def test_killed_and_taken_back(leader):
    init(leader)
    before = whole(leader)
    for delay in ("0.02", "0.05", "0.1", "0.15", "0.2", "0.3", "0.5"):
        leader.run(f"timeout -s KILL {delay} gshare leader add {FOLLOWER2} || true")
        # An add of what is there changes nothing, but takes back what was killed.
        leader.run(f"gshare leader add {FOLLOWER}")
        states = [run["state"] for run in result(leader, "gshare history")["runs"]]
        if states[-1] == "DONE" and len(states) > 1:
            leader.run("gshare undo")
        assert whole(leader) == before, (delay, states)
        assert temporaries(leader) == "", delay
    # Killed just before its record had its name; nothing else comes that would write one.
    leader.run("echo torn >/var/lib/gshare/.gshare-new-0123456789abcdef-9.jsonl")
    leader.run(f"gshare leader add {FOLLOWER}")
    assert temporaries(leader) == ""
