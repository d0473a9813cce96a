# SPDX-License-Identifier: GPL-2.0-or-later
"""The server of the share is a NAS, which gshare did not set up; a node without a capability."""

from lab import scene
from lab.lab import LEADER
from lab.scene import result

NAS, TARGET, PG = "/srv/nas", "/mnt/nas", "192.168.18.99"
MOUNT = f"gshare follower mount {LEADER} {TARGET} --export {NAS}"


def ids(shown):
    return {f["id"]: f for f in shown["findings"]}


def run_command(guest, text):
    """Run the command of a text as it is printed."""
    return guest.run("sudo " + text.partition("sudo ")[2], timeout=60)


def test_a_nas_and_its_nodes(leader, follower, follower2):
    leader.run(f"mkdir -p {NAS}; chmod 777 {NAS}; echo '{NAS} *(rw,no_root_squash,no_subtree_check)'"
               " >/etc/exports; systemctl start nfs-server; exportfs -ra;"
               " echo Y >/proc/fs/nfsd/v4_end_grace || true", timeout=60)
    # What the kernel may not do here is left out, and said.
    shown = result(follower, f"capsh --drop=cap_linux_immutable -- -c '{MOUNT} --json' #")
    assert {"GUARD_DENIED", "POSTGRES_GUESSED"} <= set(ids(shown)), shown
    assert shown["env"]["POSTGRES_HOST"] == LEADER
    # PostgreSQL is on none of the NAS: a follower keeps the host that it is told.
    shown = result(follower, f"{MOUNT} --postgres {PG}")
    assert "POSTGRES_GUESSED" not in ids(shown), shown
    assert f"x-gshare.postgres={PG}" in follower.get("/etc/fstab")
    shown = result(follower, "gshare env follower")
    assert shown["env"]["POSTGRES_HOST"] == PG and not ids(shown)
    assert result(follower, f"{MOUNT}")["changed"] is False
    # The leader has the NAS mounted as well: its lines are those of a leader, by PATH alone.
    refused = result(follower, "gshare env leader", 3)["findings"][0]
    assert refused["id"] == "NO_SHARE", refused
    said = run_command(follower, refused["fix"]).out
    assert "NODE_TYPE=leader" in said and "POSTGRES_HOST=postgres" in said, said
    refused = ids(result(follower, f"gshare leader init {TARGET} --follower {scene.FOLLOWER2}", 1))
    fix = refused["FS_IS_CLIENT"]["fix"]
    assert fix.startswith(f"on {scene.FOLLOWER2} run: sudo {MOUNT};"), fix
    scene.run_fix(fix, follower, follower2)
    assert NAS in follower2.get("/etc/fstab")
    assert run_command(follower, fix.partition("; and here: ")[2]).out == said
