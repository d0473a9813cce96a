# SPDX-License-Identifier: GPL-2.0-or-later
"""Exports files as people and tools leave them: what stands there, and what a fix makes of it."""

import pytest
from lab import fixes
from lab.lab import LEADER, MACHINES
from lab.scene import (
    ETAB,
    FOLLOWER,
    FOLLOWER2,
    SHARE,
    gone_after,
    init,
    mount,
    result,
    run_fix,
)

pytestmark = pytest.mark.siege

WRITTEN = "rw,sync,no_subtree_check"


@pytest.fixture
def tree(leader):
    """A directory of ubuntu's, as the guide makes it, and nothing exported."""
    leader.run(f"mkdir -p {SHARE} && chown ubuntu:ubuntu {SHARE}")
    return leader


def apply(leader, text):
    """Write /etc/exports, and have the server export it."""
    leader.put("/etc/exports", text)
    leader.run("exportfs -ra")


def active(leader):
    """Return the options of each client of the share in etab."""
    table = leader.get(ETAB).splitlines()
    lines = [line.split("\t")[1] for line in table if line.startswith(f"{SHARE}\t")]
    return {line.partition("(")[0]: line.partition("(")[2].rstrip(")").split(",") for line in lines}


def again(leader):
    """Undo everything: the share, its id, its entries."""
    leader.put("/etc/exports", "")
    leader.run(f"exportfs -ra; rm -rf {SHARE}; mkdir -p {SHARE}; chown ubuntu:ubuntu {SHARE}")


def found(shown, name):
    """Return the finding of that id, which there must be once."""
    (one,) = [finding for finding in shown["findings"] if finding["id"] == name]
    return one


def refused(shown):
    """Return the finding that ended a command."""
    assert not shown["ok"]
    return [finding for finding in shown["findings"] if finding["severity"] == "fail"][-1]


def ids(shown):
    """Return the ids of all findings."""
    return [finding["id"] for finding in shown["findings"]]


@pytest.mark.server("running")
def test_the_guides_line_becomes_what_is_said(tree, follower):
    apply(tree, f"{SHARE}/ {FOLLOWER}({WRITTEN})\n")
    done = init(tree, "")
    assert "root -> all" in done.out
    assert f"{FOLLOWER}  rw  all users mapped to ubuntu" in done.out
    assert "all_squash" in active(tree)[FOLLOWER] and "anonuid=1000" in active(tree)[FOLLOWER]
    tree.run(f"gshare leader add {FOLLOWER2}")
    assert "all_squash" in active(tree)[FOLLOWER2]
    assert "verified" in mount(follower).out
    assert set(ids(result(tree, "gshare leader status"))) <= {"EXPORT_ESCAPE", "DIR_OWNED"}
    told = dict(fixes.told(done.out, done.err))
    for ident in ("DIR_OWNED", "EXPORT_ESCAPE"):
        gone_after(tree, "gshare leader status", ident)
    tree.run(f"install -m 600 /etc/hostname {SHARE}/files/old")
    run_fix(told["SQUASH_CHANGED"], tree)
    follower.run(f"echo more >>{SHARE}/files/old")
    shown = result(tree, "gshare leader init --squash root", timeout=90)
    assert run_fix(found(shown, "SQUASH_CHANGED")["fix"], tree, follower).status == 0


@pytest.mark.server("running")
@pytest.mark.invited
def test_the_world_is_not_let_in(tree):
    text = f"{SHARE} *({WRITTEN})\n"
    apply(tree, text)
    before = active(tree)
    command = f"SUDO_UID=1000 gshare leader init --follower {FOLLOWER}"
    shown = result(tree, command, status=1)
    assert refused(shown)["id"] == "EXPORT_WIDE"
    assert refused(shown)["text"].startswith("/etc/exports:1: ")
    out, let_in = refused(shown)["fix"].split("; ")
    assert tree.get("/etc/exports") == text and active(tree) == before

    tree.run(out.partition(": ")[2])
    assert active(tree) == {}
    tree.run(command, timeout=90)
    assert list(active(tree)) == [FOLLOWER]

    again(tree)
    apply(tree, text)
    consent = let_in.partition(": ")[2].removeprefix("sudo ")
    tree.run(f"SUDO_UID=1000 {consent} --yes", timeout=90)
    assert "all_squash" in active(tree)["*"]
    tree.run("gshare leader ro --all")
    shown = result(tree, "gshare leader rw --all", status=1)
    assert refused(shown)["id"] == "EXPORT_WIDE" and "ro" in active(tree)["*"]
    assert "ro" in active(tree)[FOLLOWER]
    out, let_in = refused(shown)["fix"].split("; ")
    tree.run(f"{let_in.partition(': ')[2]} --yes")
    assert "rw" in active(tree)["*"] and "rw" in active(tree)[FOLLOWER]
    tree.run("gshare leader ro --all")
    tree.run(out.partition(": ")[2])
    assert list(active(tree)) == [FOLLOWER]
    tree.run("gshare leader rw --all")
    assert "rw" in active(tree)[FOLLOWER]


@pytest.mark.server("running")
@pytest.mark.invited
def test_a_blank_gives_nobody_anything(tree):
    init(tree)
    text = tree.get("/etc/exports")
    wrong = text + f"{SHARE} {FOLLOWER2} ({WRITTEN})\n"
    for live in (False, True):
        tree.put("/etc/exports", wrong)
        if live:
            tree.run("exportfs -ra")
            assert "rw" in active(tree)["*"]
        verbs = ("init", f"add {FOLLOWER2}", f"ro {FOLLOWER}", f"remove {FOLLOWER}")
        for verb in verbs if live else verbs[1:2]:
            shown = result(tree, f"gshare leader {verb}", status=1)
            assert refused(shown)["id"] == "EXPORTS_CLIENT_BLANK", verb
        assert tree.get("/etc/exports") == wrong
        assert live or "*" not in active(tree)
        looks = ("leader status", "verify", "env leader")
        for look in looks if live else looks[:1]:
            shown = result(tree, f"gshare {look}", status=3)
            assert "EXPORTS_CLIENT_BLANK" in ids(shown), look
        shown = result(tree, "gshare leader status", status=3)
        tree.run(found(shown, "EXPORTS_CLIENT_BLANK")["fix"])
        assert f"{SHARE} {FOLLOWER2}({WRITTEN})" in tree.get("/etc/exports")
        assert sorted(active(tree)) == [FOLLOWER, FOLLOWER2]
        assert "EXPORTS_CLIENT_BLANK" not in ids(result(tree, "gshare leader status"))
        assert "rw" in active(tree)[FOLLOWER2]


@pytest.mark.server("running")
def test_a_served_follower_is_not_cut_off(leader, follower):
    init(leader)
    mount(follower)
    right = leader.get("/etc/exports")
    served = active(leader)[FOLLOWER]

    def keeps(text, name, fix):
        """Whatever the file says, the fix brings health back, and the follower keeps its entry."""
        leader.put("/etc/exports", text)
        shown = result(leader, "gshare leader status", status=3)
        told = found(shown, name)["fix"].split("; ")
        assert not [part for part in told[:-1] if "remove" in part]
        leader.run(told[fix].rpartition(": ")[2])
        assert "NOT_ACTIVE" not in ids(result(leader, "gshare leader status"))
        assert active(leader)[FOLLOWER] == served
        follower.run(f"timeout 20 touch {SHARE}/files/still")

    keeps(right.replace(f" {FOLLOWER}(", " 192.168.18.B("), "NOT_ACTIVE", 0)
    assert leader.get("/etc/exports") == right
    keeps(right.replace(f" {FOLLOWER}(", " 192.168.18.88("), "NOT_ACTIVE", 0)
    assert leader.get("/etc/exports") == right
    keeps(right.replace(f" {FOLLOWER}(", " 192.168.18.88("), "NOT_ACTIVE", 1)
    assert sorted(active(leader)) == [FOLLOWER, "192.168.18.88"]
    leader.run("gshare leader remove 192.168.18.88")
    keeps(right[: right.index(f"{SHARE} {FOLLOWER}(")], "NOT_IN_FILE", 0)

    leader.put("/etc/exports", right + f"{SHARE}/ {FOLLOWER}({WRITTEN})\n")
    twin = found(result(leader, "gshare leader status"), "EXPORTS_DUPLICATE")
    last = right.count("\n")
    assert twin["text"].startswith(f"/etc/exports:{last + 1}: ") and f"line {last} " in twin["text"]
    leader.run(twin["fix"])
    assert leader.get("/etc/exports") == right

    own = right.index(f"{SHARE} {FOLLOWER}(")
    leader.put("/etc/exports", right[:own] + right[own:].replace("subtree_check", "subtree_chek"))
    shown = result(leader, "gshare leader status", status=3)
    assert "EXPORTS_OPTION_UNKNOWN" in ids(shown) and "NOT_IN_FILE" not in ids(shown)
    assert "leader remove" not in str(shown["findings"])
    told = gone_after(leader, "gshare leader status", "EXPORTS_OPTION_UNKNOWN")
    assert told["fix"].startswith("if subtree_check is meant: ")
    assert leader.get("/etc/exports") == right


@pytest.mark.server("running")
@pytest.mark.invited
def test_a_host_of_its_own_is_served_as_before(leader, follower):
    init(leader, "")
    everyone = f"{SHARE} *({WRITTEN},insecure,async,all_squash,anonuid=1000,anongid=1000)\n"
    apply(leader, leader.get("/etc/exports") + everyone)
    follower.run(f"mkdir -p /n && mount -o vers=4.2,noresvport {MACHINES['leader']}:{SHARE} /n")
    follower.run("timeout 20 touch /n/files/before")
    done = leader.run(f"gshare leader add {FOLLOWER}")
    assert "with insecure as there; it gets sync, not async" in done.out + done.err
    assert "insecure" in active(leader)[FOLLOWER]
    follower.run("timeout 20 touch /n/files/after")
    assert "nothing to do" in leader.run(f"gshare leader add {FOLLOWER}").out
    follower.run("umount /n")


@pytest.mark.server("running")
def test_what_a_tool_writes_is_left_to_it(tree):
    text = "# openmediavault: do not edit this file\n"
    tree.put("/etc/exports", text)
    shown = result(tree, f"SUDO_UID=1000 gshare leader init --follower {FOLLOWER}", timeout=90)
    told = found(shown, "EXPORTS_OWNED")
    assert told["text"].startswith("/etc/exports:1: ")
    tree.run("gshare undo")
    assert tree.get("/etc/exports") == text
    command = told["fix"].partition("done: ")[2].removeprefix("sudo ")
    assert "EXPORTS_OWNED" not in ids(result(tree, f"SUDO_UID=1000 {command}", timeout=90))
    assert tree.get("/etc/exports") == text and list(active(tree)) == [FOLLOWER]


@pytest.mark.server("running")
def test_the_leader_is_no_follower(leader):
    init(leader)
    before = leader.get("/etc/exports")
    name = leader.run("hostname").out.strip()
    leader.run(f"echo 127.0.1.1 {name} >>/etc/hosts")
    for host, status in ((MACHINES["leader"], 1), ("127.0.0.1", 2), (name, 2), ("localhost", 2)):
        done = leader.run(f"gshare leader add {host}", check=False)
        assert done.status == status, (host, done)
        assert "this node" in done.err, (host, done)
    assert leader.get("/etc/exports") == before
    shown = result(leader, "gshare leader remove 192.168.18.88")
    told = found(shown, "NOT_FOLLOWER")
    assert f"but {FOLLOWER} is" in told["text"] and "remove" not in told["fix"]
    assert leader.get("/etc/exports") == before


@pytest.mark.server("running")
@pytest.mark.invited
def test_an_export_around_the_share_counts(tree, follower):
    """Until the share is a mount point of its own: then its own entries do."""
    apply(tree, f"/mnt/data {FOLLOWER}/24(ro,sync,no_subtree_check)\n")
    told = found(result(tree, f"SUDO_UID=1000 gshare leader init --follower {FOLLOWER}"),
                 "EXPORT_AROUND")
    assert told["severity"] == "warn" and "(ro, root_squash)" in told["text"], told
    assert "LEADER_READONLY" in ids(result(follower, f"gshare follower mount {LEADER}"))
    follower.run("gshare follower unmount --forget")
    for command in ("gshare leader status", "gshare verify"):
        seen = result(tree, command, status=3)
        assert found(seen, "EXPORT_AROUND")["severity"] == "fail", seen
    # With the same options nothing is denied, and ro and rw still mean nothing.
    same = f"/mnt/data {FOLLOWER}({WRITTEN},all_squash,anonuid=1000,anongid=1000)"
    line = tree.get("/etc/exports").partition("\n")[0]
    for options, severity in ((same, "warn"), (line, "fail")):
        tree.run(f"sed -i '1s#.*#{options}#' /etc/exports && exportfs -ra")
        seen = result(tree, "gshare leader status", status=3 if severity == "fail" else 0)
        assert found(seen, "EXPORT_AROUND")["severity"] == severity, seen
    # One follower is given ro, and writes through the outer export; that the other may is no help.
    tree.run(f"sed -i '1s#.*#{same}#' /etc/exports; exportfs -ra")
    tree.run(f"gshare leader add {FOLLOWER2} && gshare leader ro {FOLLOWER}")
    seen = result(tree, "gshare leader status", status=3)
    assert found(seen, "EXPORT_AROUND")["severity"] == "fail", seen
    tree.run(f"gshare leader rw {FOLLOWER}; sed -i '1s#.*#{line}#' /etc/exports; exportfs -ra")
    assert "EXPORT_AROUND" in ids(result(tree, f"gshare leader ro {FOLLOWER}"))
    tree.run(f"gshare leader rw {FOLLOWER}")
    run_fix(told["fix"], tree)
    run_fix(told["fix"], tree, which=1)
    assert "EXPORT_AROUND" not in ids(result(tree, "gshare leader status"))
    assert "verified" in mount(follower).out
    assert follower.run(f"echo x >{SHARE}/files/x && stat -c %u {SHARE}/files/x").out == "1000\n"
    tree.run("gshare leader ro --all")
    assert follower.run(f"touch {SHARE}/files/x", check=False).status


@pytest.mark.server("running")
def test_one_host_by_name_and_address(tree):
    """exportfs leaves the second out; every verb says so, and how to go on."""
    init(tree)
    tree.run(f"echo '{FOLLOWER} gpu1' >>/etc/hosts")
    tree.run(f"echo '{SHARE} gpu1(ro,sync,no_subtree_check)' >>/etc/exports")
    tree.run("exportfs -ra", check=False)
    for verb in (f"ro {FOLLOWER}", "init", f"add {FOLLOWER2}"):
        told = refused(result(tree, f"gshare leader {verb}", status=1))
        assert told["id"] == "EXPORTS_DUPLICATE" and "'gpu1' is the host" in told["text"], told
    gone_after(tree, "gshare leader status", "EXPORTS_DUPLICATE")
    assert list(active(tree)) == [FOLLOWER] and result(tree, "gshare leader status")["ok"]
    both = f"{SHARE} {FOLLOWER}({WRITTEN}) gpu1({WRITTEN})\n"
    tree.run("gshare leader destroy --yes")
    tree.put("/etc/exports", both)
    command = f"SUDO_UID=1000 gshare leader init --follower {FOLLOWER2}"
    run_fix(refused(result(tree, command, status=1))["fix"], tree)
    assert tree.get("/etc/exports") == f"{SHARE} {FOLLOWER}({WRITTEN})\n"
    result(tree, command)
