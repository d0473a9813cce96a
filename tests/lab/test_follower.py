# SPDX-License-Identifier: GPL-2.0-or-later
"""follower mount, verify, env: what each user can do, and nobody more than that."""

import pytest
from lab.lab import LEADER
from lab.scene import (
    FOLLOWER,
    FOLLOWER2,
    SHARE,
    as_user,
    init,
    managed,
    mount,
    printed,
    result,
    run_fix,
)

pytestmark = pytest.mark.server("running")

UIDS = (0, 1000, 65534)
DATASETS = f"{SHARE}/datasets"

# cluster.env as the guide ships it: comments, its own values, no final newline.
RECIPE_ENV = """\
# Cluster configuration
#
# ENABLE_CLUSTER_MODE: true | false (default false)
ENABLE_CLUSTER_MODE=false

# NODE_TYPE=leader is the default
NODE_TYPE=leader

# LOCAL_DATASET_CACHE_DIR=/host/path/
LOCAL_DATASET_CACHE_DIR=/opt/graphistry/data
  # a comment, with odd   spacing\t
POSTGRES_HOST=postgres
OTHER="kept as it is"  # and its comment"""


@pytest.fixture
def share(leader, follower):
    """A share that is mounted on the follower."""
    init(leader)
    mount(follower)
    return leader, follower


def test_mounted_as_designed(share):
    _, follower = share
    shown = follower.run(f"findmnt -no FSTYPE,OPTIONS {SHARE}").out.split()
    assert shown[0] == "nfs4"
    assert {"vers=4.2", "nosuid", "nodev", "hard", "proto=tcp", "rw"} <= set(shown[1].split(","))
    line = follower.run(f"grep ' {SHARE} ' /etc/fstab").out
    assert "x-gshare.id=" in line and "_netdev,nofail" in line


@pytest.mark.parametrize("uid", UIDS)
def test_every_user_fills_and_empties_datasets(share, uid):
    _, follower = share
    script = f"""set -e; cd {DATASETS}; echo one >f.{uid}; grep -q one f.{uid}; echo two >>f.{uid}
        grep -q two f.{uid}; mkdir d.{uid}; echo x >d.{uid}/x; rm d.{uid}/x; rmdir d.{uid}
        mv f.{uid} g.{uid}; rm g.{uid}"""
    follower.run(as_user(uid, script))


@pytest.mark.parametrize("uid", UIDS)
def test_what_the_leader_made_can_be_changed_and_deleted(share, uid):
    leader, follower = share
    leader.run(f"umask 022; cd {DATASETS}; echo old >byshell; touch bytouch; mkdir bymkdir")
    script = f"""set -e; cd {DATASETS}; echo new >byshell; echo new >bytouch; echo new >bymkdir/in
        rm byshell bytouch bymkdir/in; rmdir bymkdir"""
    follower.run(as_user(uid, script))
    assert leader.run(f"ls -A {DATASETS}").out == ""


@pytest.mark.parametrize("uid", UIDS)
def test_what_a_follower_made_belongs_to_the_leader_too(share, uid):
    leader, follower = share
    make = f"cd {DATASETS}; umask 022; echo a >first; echo b >second; mkdir dir; echo c >dir/in"
    follower.run(as_user(uid, make))
    owners = leader.run(f"cd {DATASETS}; stat -c %u:%g first second dir").out.split()
    assert owners == ["1000:1000"] * 3
    leader.run(f"set -e; cd {DATASETS}; echo changed >first; rm first")
    leader.run(as_user(1000, f"set -e; cd {DATASETS}; echo changed >second; rm -r second dir"))


@pytest.mark.parametrize("uid", UIDS)
def test_what_no_follower_may_do(share, uid):
    """Own entries at the top: made, used and removed as far as the client's kernel allows it.

    It judges the sticky directory by the owners that it sees, and squashing makes all the owner's:
    fs.protected_regular=2, Debian's default, refuses new files to everyone else, and removing is
    for the owner, and for root by CAP_FOWNER.
    """
    leader, follower = share
    before = leader.run(f"find {SHARE} -printf '%p %i %m %U:%G\\n'").out
    attempts = [f"ls {SHARE}/postgresql_data", f"cd {SHARE}/postgresql_data"]
    for name in ("postgresql_data", ".gshare-id", "datasets", "uploads", "files"):
        attempts += [
            f"mv {SHARE}/{name} {SHARE}/stolen",
            f"rm -rf {SHARE}/{name} && test ! -e {SHARE}/{name}",
            f"chmod 777 {SHARE}/{name}",
            f"mkdir {SHARE}/mine && mv -T {SHARE}/mine {SHARE}/{name}",
            f"echo x >{SHARE}/mine.f && mv -T {SHARE}/mine.f {SHARE}/{name}",
        ]
    attempts += [f"echo x >{SHARE}/.gshare-id", f"chmod 777 {SHARE}", f"chown {uid} {SHARE}"]
    for attempt in attempts:
        done = follower.run(as_user(uid, f"exec 2>&1; {attempt}"), check=False)
        assert done.status != 0, attempt
        follower.run(f"rm -rf {SHARE}/mine {SHARE}/mine.f")
    assert leader.run(f"find {SHARE} -printf '%p %i %m %U:%G\\n'").out == before
    follower.run(as_user(uid, f"set -e; cd {SHARE}; mkdir mine; echo x >mine/f; rm mine/f"))
    remove = follower.run(as_user(uid, f"rmdir {SHARE}/mine"), check=False)
    assert remove.status == (1 if uid == 65534 else 0), remove
    write = as_user(uid, f"echo x >{SHARE}/own")
    assert follower.run(write, check=False).status == (0 if uid == 1000 else 2)
    follower.run(f"rm -rf {SHARE}/mine {SHARE}/own; sysctl -q -w fs.protected_regular=1")
    try:
        follower.run(write)
    finally:
        follower.run(f"rm -f {SHARE}/own; sysctl -q -w fs.protected_regular=2")


def test_nothing_is_world_writable(share):
    leader, _ = share
    assert leader.run(f"find {SHARE} -perm -o+w ! -type l").out == ""
    assert "no_root_squash" not in leader.get("/etc/exports")


def test_twice_is_once(share):
    _, follower = share
    before = managed(follower)
    again = mount(follower)
    assert "nothing to do" in again.out
    assert managed(follower) == before


def test_dry_run_changes_nothing(leader, follower):
    init(leader)
    before = managed(follower)
    shown = mount(follower, f"--dry-run {LEADER}").out
    assert "+++ /etc/fstab" in shown and "mount -t nfs4" in shown
    assert managed(follower) == before
    assert follower.run(f"test -e {SHARE}", check=False).status == 1


def test_into_a_home_as_the_guide_does(leader, follower):
    """With the guide's slash at the end of both paths; the second run sees the same mount."""
    init(leader)
    words = f"{LEADER} /home/user1/mnt/data/shared/ --export {SHARE}/"
    follower.run(f"SUDO_UID=1001 gshare follower mount {words}", timeout=40)
    assert "nothing to do" in mount(follower, words).out
    lines = follower.run("gshare env follower").out
    assert "LOCAL_DATASET_CACHE_DIR=/home/user1/mnt/data/shared/\n" in lines


def test_a_read_only_share_is_proved_by_its_refusal(leader, follower):
    init(leader, f"--follower {FOLLOWER}:ro")
    shown = mount(follower).out
    assert "it is read-only" in shown and "NODE_TYPE=follower" in shown
    rows = result(follower, "gshare verify --as 1000")["access"]
    assert {(row["create"], row["read"], row["readonly"]) for row in rows} == {("no", "yes", True)}


def test_asked_for_read_only(leader, follower):
    init(leader)
    mount(follower, f"--ro {LEADER}")
    assert " ro," in follower.run(f"grep ' {SHARE} ' /proc/mounts").out


def test_an_unlisted_follower_is_told_what_to_do(leader, follower, follower2):
    init(leader)
    before = managed(follower2)
    refused = follower2.run(f"gshare follower mount {LEADER}", check=False)
    assert refused.status == 1 and "NOT_EXPORTED" in refused.err, refused
    assert f"sudo gshare leader add {FOLLOWER2}" in refused.err
    assert managed(follower2) == before


def test_another_share_than_given(leader, follower):
    init(leader)
    before = managed(follower)
    refused = follower.run(f"gshare follower mount {LEADER} --id 00000000", check=False)
    assert refused.status == 1 and "ID_DIFFERS" in refused.err, refused
    assert managed(follower) == before


def test_a_target_with_files_is_not_hidden(leader, follower):
    init(leader)
    follower.run(f"mkdir -p {SHARE} && echo mine >{SHARE}/mine")
    refused = follower.run(f"gshare follower mount {LEADER}", check=False)
    assert refused.status == 1 and "TARGET_NOT_EMPTY" in refused.err, refused
    assert follower.get(f"{SHARE}/mine") == "mine\n"
    run_fix(printed(refused, "TARGET_NOT_EMPTY"), follower)


def test_a_failing_proof_takes_the_mount_back(leader, follower):
    init(leader)
    leader.run(f"setfacl -b {DATASETS}; chmod 700 {DATASETS}")
    before = managed(follower)
    failed = follower.run(f"gshare follower mount {LEADER}", check=False)
    assert failed.status == 1 and "WRITE_TEST_FAILED" in failed.err, failed
    assert managed(follower) == before
    assert follower.run("test -e /mnt/data", check=False).status == 1
    kept = follower.run(f"gshare follower mount {LEADER} --unverified", check=False)
    assert kept.status == 3 and "NODE_TYPE" not in kept.out, kept
    assert follower.run(f"findmnt -n {SHARE}").status == 0


def test_a_full_pipe_or_closed_output_is_no_crash(share):
    _, follower = share
    assert follower.run("gshare verify >&-", check=False).status in (0, 1)
    assert follower.run("gshare verify >/dev/full", check=False).status == 1


def test_verify_table(share):
    leader, follower = share
    shown = result(follower, "gshare verify --as container --as ubuntu")
    assert [row["uid"] for row in shown["access"]] == [0, 999, 1000, 65534]
    for row in shown["access"]:
        can = [row[act] for act in ("create", "read", "change", "delete", "chown")]
        assert can == ["yes", "yes", "yes", "yes", "no"], row
        assert (row["owner"], row["squash"]) == (1000, None if row["uid"] == 1000 else "all_squash")
    assert leader.run(f"find {SHARE} -name '.gshare-probe*'").out == ""


def test_verify_says_who_cannot(share):
    leader, follower = share
    leader.run(f"chmod 000 {SHARE}/files; setfacl -b {SHARE}/files")
    shown = follower.run("gshare verify", check=False)
    assert shown.status == 3 and "VERIFY_LESS" in shown.out, shown


def test_verify_works_on_any_file_system(follower):
    follower.run("mkdir -p /srv/local && chmod 777 /srv/local")
    rows = result(follower, "gshare verify /srv/local --as 65534")["access"]
    assert [row["create"] for row in rows] == ["yes", "yes"]


def test_cluster_env_of_both_nodes(share):
    leader, follower = share
    assert leader.run("gshare env leader").out == (
        "ENABLE_CLUSTER_MODE=true\nNODE_TYPE=leader\n"
        f"LOCAL_DATASET_CACHE_DIR={SHARE}/\nPOSTGRES_HOST=postgres\n"
    )
    assert follower.run("gshare env follower").out == (
        "ENABLE_CLUSTER_MODE=true\nNODE_TYPE=follower\n"
        f"LOCAL_DATASET_CACHE_DIR={SHARE}/\nPOSTGRES_HOST={LEADER}\n"
    )


def test_write_changes_four_values_and_no_other_byte(share):
    _, follower = share
    follower.put("/opt/cluster.env", RECIPE_ENV)
    wanted = RECIPE_ENV
    for old, new in (
        ("\nENABLE_CLUSTER_MODE=false", "\nENABLE_CLUSTER_MODE=true"),
        ("\nNODE_TYPE=leader\n", "\nNODE_TYPE=follower\n"),
        ("\nLOCAL_DATASET_CACHE_DIR=/opt/graphistry/data", f"\nLOCAL_DATASET_CACHE_DIR={SHARE}/"),
        ("\nPOSTGRES_HOST=postgres", f"\nPOSTGRES_HOST={LEADER}"),
    ):
        assert wanted.count(old) == 1
        wanted = wanted.replace(old, new)
    follower.run("gshare env follower --write /opt/cluster.env")
    assert follower.get("/opt/cluster.env") == wanted
    # The proof writes in the share each time, so only the file itself has to stay.
    stat = "stat -c '%i %y %z' /opt/cluster.env"
    before = follower.run(stat).out
    assert "nothing to do" in follower.run("gshare env follower --write /opt/cluster.env").out
    assert follower.run(stat).out == before


def test_no_lines_without_a_proof(share):
    leader, follower = share
    leader.run(f"setfacl -b {DATASETS}; chmod 700 {DATASETS}")
    failed = follower.run("gshare env follower", check=False)
    assert failed.status == 3 and failed.out == "" and "WRITE_TEST_FAILED" in failed.err, failed
    waived = follower.run("gshare env follower --unverified")
    assert "NODE_TYPE=follower" in waived.out and "WRITE_TEST_FAILED" in waived.err, waived
