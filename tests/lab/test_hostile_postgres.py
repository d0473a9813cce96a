# SPDX-License-Identifier: GPL-2.0-or-later
"""PostgreSQL's data stays PostgreSQL's: a real cluster in the share, and followers that want it."""

import pytest
from lab import fixes
from lab.lab import LEADER
from lab.scene import FOLLOWER, SHARE, as_user, init, mount, result, run_fix

BIN = "/usr/lib/postgresql/15/bin"
DATA = f"{SHARE}/postgresql_data"
# As the official image and the one made from Alpine run it.
UIDS = (999, 70)
# A follower's root is each of these as well.
WHO = (0, 999, 70, 1000)
PORT = 5499

# What somebody who had the data would do with it. Each must be refused, and change nothing.
ATTACKS = (
    "ls {data}",
    "cat {data}/PG_VERSION",
    "cat {data}/global/pg_control",
    "cp -r {data} /tmp/loot",
    "find {data} -mindepth 1 | grep .",
    "mv {data} {share}/gone",
    "mv {data} {share}/uploads/gone",
    "rmdir {data}",
    "rm -rf {data} && ! test -e {data}",
    "chmod 777 {data}",
    "chown 1000 {data}",
    "setfacl -m u:1000:rwx {data}",
    "echo 'host all all all trust' >>{data}/pg_hba.conf",
    "touch {data}/standby.signal",
    "ln -s /etc {data}/pg_tblspc/1",
    "mkdir {data}/base/0",
)


# As in a container: the number has a name there, whatever it is to the node.
CONTAINER = "/run/container"
CONTAINER_TEXT = """#!/bin/sh
# container UID COMMAND...: in a mount namespace with a passwd of its own
uid=$1 && shift
printf 'root:x:0:0::/:/bin/sh\\npostgres:x:%d:%d::/:/bin/sh\\n' $uid $uid >/run/container.passwd
cd / && exec unshare -m --propagation private sh -c '
    mount --bind /run/container.passwd /etc/passwd && uid=$0 &&
    exec setpriv --reuid $uid --regid $uid --clear-groups "$@"' $uid "$@"
"""


class Cluster:
    """A PostgreSQL 15 with checksums in the share, made and run by one uid."""

    def __init__(self, leader, uid):
        self.leader, self.uid = leader, uid
        leader.put(CONTAINER, CONTAINER_TEXT, mode=0o755)
        # As the image's entrypoint does, as root; then it goes on as its user.
        leader.run(f"chown {uid}:{uid} {DATA} && chmod 0700 {DATA}")
        self.as_it(f"{BIN}/initdb --no-sync --data-checksums -U postgres -A trust -D {DATA}", 120)
        self.start()
        self.sql("CREATE TABLE t AS SELECT n, md5(n::text) AS m FROM generate_series(1, 5000) n")

    def as_it(self, command, timeout=60):
        """Run a command as its user."""
        return self.leader.run(f"{CONTAINER} {self.uid} {command}", timeout=timeout).out

    def start(self):
        """Start the server, on a socket alone."""
        self.leader.run("install -d -m 0777 /run/pg && touch /run/pg.log && chmod 666 /run/pg.log")
        self.as_it(f'{BIN}/pg_ctl -w -t 60 -s -l /run/pg.log -D {DATA} -o "-p {PORT} '
                   '-k /run/pg -c listen_addresses= -c fsync=off" start', 90)
        self.pid = self.read_pid()

    def read_pid(self):
        """The server's pid, as it says itself."""
        return self.leader.run(f"head -1 {DATA}/postmaster.pid").out.strip()

    def stop(self):
        """Stop it and see that every page is as it was written."""
        self.as_it(f"{BIN}/pg_ctl -w -t 60 -s -m fast -D {DATA} stop", 90)
        assert "Bad checksums:  0" in self.as_it(f"{BIN}/pg_checksums --check -D {DATA}")

    def sql(self, words):
        """Run a statement and return what it says."""
        return self.as_it(f'{BIN}/psql -X -q -A -t -U postgres -h /run/pg -p {PORT} '
                          f'-c "{words}" postgres').strip()

    def is_well(self):
        """The same server runs, its data are whole, its own and written to."""
        self.sql("CHECKPOINT; CREATE TABLE IF NOT EXISTS w (n int); INSERT INTO w VALUES (1)")
        bad = self.sql("SELECT count(*) FILTER (WHERE m <> md5(n::text)), count(*) FROM t")
        assert bad == "0|5000"
        assert self.read_pid() == self.pid
        assert self.leader.run(f"stat -c '%u:%g %a' {DATA}").out == f"{self.uid}:{self.uid} 700\n"
        others = self.leader.run(f"find {DATA} ! -uid {self.uid} -o ! -gid {self.uid}").out
        assert not others, others


@pytest.fixture(params=UIDS)
def cluster(request, leader):
    """A leader with a share in which PostgreSQL runs; it is stopped in the end."""
    init(leader)
    made = Cluster(leader, request.param)
    yield made
    made.stop()


def attack(follower, who=WHO):
    """Try everything as everybody; return what was not refused."""
    script = "\n".join(
        f"( {as_user(uid, line.format(data=DATA, share=SHARE))} ) >/dev/null 2>&1 && "
        f"echo '{uid}: {number}'" for uid in who for number, line in enumerate(ATTACKS))
    # By a file: a command of that length is too much for the guest's line.
    follower.put("/root/attack", f"rm -rf /tmp/loot\n{script}\ntrue\n")
    done = follower.run("sh /root/attack", timeout=120)
    return [f"{uid}: {ATTACKS[int(n)]}" for uid, n in
            (line.split(": ") for line in done.out.splitlines())]


def ids(shown):
    """The findings of a result."""
    return [finding["id"] for finding in shown["findings"]]


@pytest.mark.server("running")
def test_a_cluster_in_the_share(cluster, follower):
    leader = cluster.leader
    mount(follower)
    assert attack(follower) == []
    cluster.is_well()
    # What gshare does to the share, it does beside the data.
    for words in (f"leader init --follower {FOLLOWER}", f"leader ro {FOLLOWER} --force",
                  f"leader rw {FOLLOWER}", "leader repair", f"verify {SHARE}", "leader status"):
        leader.run(f"SUDO_UID=1000 gshare {words}", timeout=60)
        cluster.is_well()
    leader.run("gshare leader init --owner 4242", timeout=60)
    cluster.is_well()
    assert attack(follower) == []
    leader.run("gshare undo --force --yes", timeout=60)
    cluster.is_well()
    follower.run("gshare follower unmount", timeout=40)
    leader.run("gshare leader destroy --yes --force", timeout=60)
    cluster.is_well()
    leader.run("gshare undo --force --yes", timeout=60)
    cluster.is_well()


@pytest.mark.server("running")
def test_the_account_is_nobodys_number(leader, follower):
    """Without an owner init makes one, and a postgres that runs as 999 keeps its data."""
    leader.run(f"gshare leader init --follower {FOLLOWER}", timeout=90)
    uid = int(leader.run("id -u gshare").out)
    assert 100 <= uid < 950 and uid not in (101, 185, 200, 405, 472)
    cluster = Cluster(leader, 999)
    mount(follower)
    assert attack(follower) == []
    assert result(leader, "gshare leader status")["ok"]
    cluster.is_well()
    cluster.stop()


@pytest.mark.server("running")
@pytest.mark.parametrize("uid", UIDS)
def test_an_owner_that_comes_to_own_the_data(leader, follower, uid):
    """The attack: an owner of that number. Warned of before, a failure after, and one command."""
    shown = result(leader, f"gshare leader init --owner {uid} --follower {FOLLOWER}", timeout=90)
    assert "OWNER_IS_IMAGE" in ids(shown)
    cluster = Cluster(leader, uid)
    mount(follower)
    follower.run(f"cat {DATA}/PG_VERSION {DATA}/pg_hba.conf && chmod 755 {DATA} && "
                 f"chmod 700 {DATA} && mv {DATA} {SHARE}/gone && mv {SHARE}/gone {DATA}")
    shown = result(leader, "gshare leader status", status=3)
    assert "OWNER_OWNS_DATA" in ids(shown), shown
    # Nobody else gets it meanwhile, and the one command that is printed ends it.
    refused = leader.run("gshare leader add 192.168.18.9", check=False)
    assert refused.status == 1 and "OWNER_OWNS_DATA" in refused.err, refused
    fix = [f["fix"] for f in shown["findings"] if f["id"] == "OWNER_OWNS_DATA"][0]
    assert fix == f"sudo gshare leader init {SHARE} --owner gshare"
    run_fix(fix, leader, timeout=90)
    assert attack(follower) == []
    assert result(leader, "gshare leader status")["ok"]
    cluster.is_well()
    cluster.stop()


@pytest.mark.server("running")
def test_the_account_gshare_owns_the_data(leader, follower):
    """What an earlier gshare has made: its account got the number of the image."""
    leader.run("groupadd --system --gid 70 gshare && "
               "useradd --system --uid 70 --gid 70 --no-create-home --home-dir / gshare")
    leader.run(f"gshare leader init --follower {FOLLOWER}", timeout=90)
    cluster = Cluster(leader, 70)
    mount(follower)
    shown = result(leader, "gshare leader status", status=3)
    fix = [f["fix"] for f in shown["findings"] if f["id"] == "OWNER_OWNS_DATA"][0]
    assert fix.startswith("sudo useradd --system --uid "), fix
    run_fix(fix, leader, timeout=90)
    assert attack(follower) == []
    assert result(leader, "gshare leader status")["ok"]
    cluster.is_well()
    cluster.stop()


@pytest.mark.server("running")
def test_users_as_themselves(cluster, follower):
    """--squash root and none: root of a follower is 999 as well, so they are refused."""
    leader = cluster.leader
    for squash in ("root", "none --yes"):
        refused = leader.run(f"SUDO_UID=1000 gshare leader init --follower {FOLLOWER} "
                             f"--squash {squash}", check=False, timeout=60)
        assert refused.status == 1 and "SQUASH_OPENS_DATA" in refused.err, refused
        run_fix(dict(fixes.told("", refused.err))["SQUASH_OPENS_DATA"], leader)
    assert result(leader, "gshare leader status")["ok"]
    mount(follower)
    assert attack(follower) == []
    cluster.is_well()


@pytest.mark.server("running")
def test_users_as_themselves_and_data_on_a_mount(leader, follower):
    """With the data on a mount of its own, which is not exported, they are not."""
    init(leader, f"--follower {FOLLOWER} --squash root")
    leader.run(f"mkdir -p /srv/pg && mount --bind /srv/pg {DATA}")
    cluster = Cluster(leader, 999)
    mount(follower)
    assert result(leader, "gshare leader status")["ok"]
    assert not follower.run(f"cat {DATA}/PG_VERSION", check=False).out
    assert attack(follower) == []
    cluster.is_well()
    cluster.stop()
    # nfsd's cache holds it, as what is not exported.
    leader.run(f"umount --lazy {DATA}")


@pytest.mark.server("running")
def test_data_that_is_gone(cluster, follower):
    """A follower that could rename it is a failure; that it went is told, and where to look."""
    leader = cluster.leader
    leader.run(f"chown 1000:1000 {SHARE}")
    shown = result(leader, "gshare leader status", status=3)
    assert "DATA_REPLACEABLE" in ids(shown), shown
    mount(follower, f"{LEADER}")
    follower.run(as_user(1000, f"mv {DATA} {SHARE}/gone"))
    shown = result(leader, "gshare leader status", status=0)
    assert "POSTGRES_GONE" in ids(shown), shown
    find = [f["fix"] for f in shown["findings"] if f["id"] == "POSTGRES_GONE"][0]
    assert leader.run(find.removeprefix("sudo ")).out == f"{SHARE}/gone/PG_VERSION\n"
    leader.run(f"mv {SHARE}/gone {DATA} && chown root:1000 {SHARE} && chmod 3775 {SHARE}")
    assert result(leader, "gshare leader status")["ok"]
    assert attack(follower) == []
