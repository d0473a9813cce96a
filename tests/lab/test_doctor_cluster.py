# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor --env: what is wrong with a cluster.env and with the PostgreSQL that it names."""

import pytest
from lab.doctoring import FIRST, NONE, WAYS, go_through
from lab.lab import LEADER
from lab.scene import init, mount

FILE = "/opt/graphistry/cluster.env"
CUSTOM = "/opt/graphistry/custom.env"
WRITE = f"gshare env follower --write {FILE}"
BIN, DATA = "/usr/lib/postgresql/15/bin", "/run/pg"


def sed(script):
    """Edit cluster.env by hand."""
    return f"sed -i '{script}' {FILE}"


# As in test_doctor_matrix: the cause, the node, how, which command of the fix, what else restores.
FILES = (
    ("ENV_ABSENT", "follower", f"rm {FILE}", FIRST, ""),
    ("ENV_ABSENT", "follower", f"mv {FILE} {FILE}.old", FIRST, ""),
    ("ENV_KEY_MISSING", "follower", sed("/^POSTGRES_HOST/d"), FIRST, ""),
    ("ENV_KEY_MISSING", "follower", sed("s/^NODE_TYPE/# &/"), FIRST, ""),
    ("ENV_KEY_TWICE", "follower", sed("1i LOCAL_DATASET_CACHE_DIR=/opt/graphistry/data"), FIRST,
     ""),
    ("ENV_KEY_TWICE", "follower", sed("1i export NODE_TYPE=leader"), FIRST, ""),
    ("ENV_MODE_OFF", "follower", sed("s/=true/=false/"), FIRST, ""),
    ("ENV_MODE_OFF", "follower", sed('s/=true/="True"/'), FIRST, ""),
    ("ENV_NODE_DIFFERS", "follower", sed("s/=follower/=leader/"), FIRST, ""),
    ("ENV_NODE_DIFFERS", "follower", sed("s/=follower/=worker/"), FIRST, ""),
    ("ENV_DIR_ELSEWHERE", "follower", sed("s|=/mnt/data/shared|=/opt/graphistry/data|"), FIRST, ""),
    ("ENV_DIR_ELSEWHERE", "follower", sed("s|=/mnt/data/shared|=/mnt/data/share|"), FIRST, ""),
    ("ENV_POSTGRES_HERE", "follower", sed("s/^POSTGRES_HOST=.*/POSTGRES_HOST=postgres/"), FIRST,
     ""),
    ("ENV_POSTGRES_HERE", "follower", sed("s/^POSTGRES_HOST=.*/POSTGRES_HOST=127.0.0.1/"), FIRST,
     ""),
    ("ENV_READ_DIFFERENTLY", "follower", sed("s|^LOCAL.*|& # the share|"), FIRST, ""),
    ("ENV_READ_DIFFERENTLY", "follower", sed("s/^NODE_TYPE=/export &/"), FIRST, ""),
    ("ENV_CUSTOM_IGNORED", "follower", f"echo POSTGRES_HOST=postgres >{CUSTOM}", NONE,
     f"rm {CUSTOM}"),
    ("ENV_CUSTOM_IGNORED", "follower",
     f"printf 'A=1\\nLOCAL_DATASET_CACHE_DIR=/srv\\n' >{CUSTOM}", NONE, f"rm {CUSTOM}"),
)

# What else may be there instead of PostgreSQL.
LISTENER = """
import socket
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", 5432)); s.listen(50); held = []
while True:
    held.append(s.accept()[0])
    held[-1].sendall(b"HTTP/1.0 400 Bad Request\\r\\n\\r\\n")
"""
PY = "systemd-run --quiet --unit listener python3 /run/listener.py; " \
    "until ss -ltn | grep -q :5432; do sleep 0.1; done"
CTL = f"su postgres -s /bin/sh -c \"{BIN}/pg_ctl -w -t 60 -s -D {DATA} -l /run/pg.log "
START, STOP = f"{CTL} start\"", f"{CTL} -m immediate stop\""
RULE = "INPUT -p tcp --dport 5432 -j"
HOST = sed("s/^POSTGRES_HOST=.*/POSTGRES_HOST={}/")

SERVERS = (
    ("POSTGRES_REFUSED", "leader", STOP, NONE, START),
    ("POSTGRES_REFUSED", "leader", f"{STOP}; echo \"listen_addresses='localhost'\" "
     f">>{DATA}/postgresql.conf; {START}", NONE,
     f"{STOP}; sed -i '$d' {DATA}/postgresql.conf; {START}"),
    ("POSTGRES_SILENT", "leader", f"iptables -D {RULE} ACCEPT", NONE,
     f"iptables -I {RULE} ACCEPT"),
    ("POSTGRES_SILENT", "leader", f"iptables -I {RULE} DROP", NONE, f"iptables -D {RULE} DROP"),
    # It recovers, and does not serve meanwhile; it ends, and a session of somebody is still open.
    ("POSTGRES_STARTING", "leader", f"{STOP}; touch {DATA}/standby.signal; "
     f"echo 'hot_standby=off' >>{DATA}/postgresql.conf; {CTL.replace(' -w ', ' -W ')} start\"; "
     "until ss -ltn | grep -q :5432; do sleep 0.1; done", NONE,
     f"{STOP}; rm {DATA}/standby.signal; sed -i '$d' {DATA}/postgresql.conf; {START}"),
    ("POSTGRES_STARTING", "leader", "systemd-run --quiet --unit session su postgres -s /bin/sh -c "
     f"\"{BIN}/psql -h /run/pg -c 'SELECT pg_sleep(60)'\"; sleep 2; "
     f"{CTL.replace(' -w ', ' -W ')} -m smart stop\"; sleep 1", NONE,
     f"systemctl stop session; {STOP}; {START}"),
    ("POSTGRES_OTHER", "leader", f"{STOP}; {PY}", FIRST, f"systemctl stop listener; {START}"),
    ("POSTGRES_OTHER", "leader", f"{STOP}; systemd-run --quiet --unit listener "
     "systemd-socket-activate -l 5432 --accept /bin/true; "
     "until ss -ltn | grep -q :5432; do sleep 0.1; done", FIRST,
     f"systemctl stop listener; {START}"),
    ("POSTGRES_UNREACHED", "follower", HOST.format("10.99.0.1"), FIRST, WRITE),
    ("POSTGRES_UNREACHED", "follower",
     f"ip route add prohibit 10.98.0.1; {HOST.format('10.98.0.1')}", FIRST,
     f"ip route del prohibit 10.98.0.1; {WRITE}"),
    ("NAME_UNKNOWN", "follower", HOST.format("lead.invalid"), NONE, WRITE),
    ("NAME_UNKNOWN", "follower", HOST.format("lead"), NONE, WRITE),
)


@pytest.fixture(name="cluster")
def start_cluster(leader, follower):
    """A leader with PostgreSQL, which followers reach, and a follower with its cluster.env."""
    init(leader)
    leader.put("/run/listener.py", LISTENER)
    leader.run(f"iptables -I {RULE} ACCEPT; install -d -o postgres {DATA}; touch /run/pg.log; "
               f"chown postgres /run/pg.log; su postgres -s /bin/sh -c '{BIN}/initdb --no-sync "
               f"-A trust -D {DATA}' >/dev/null && echo \"listen_addresses='*'\n"
               f"unix_socket_directories='{DATA}'\nfsync=off\" >>{DATA}/postgresql.conf; "
               f"echo 'host all all all trust' >>{DATA}/pg_hba.conf; {START}", timeout=120)
    mount(follower)
    follower.run(f"mkdir -p /opt/graphistry; {WRITE}")
    yield
    leader.run(f"systemctl stop listener session 2>/dev/null; {STOP}; rm -rf {DATA}", check=False,
               timeout=60)
    follower.run("rm -rf /opt/graphistry", check=False)


def look_at_leader(leader):
    """On the leader its own port is asked, where followers would."""
    leader.run(f"mkdir -p /opt/graphistry; gshare env leader --write {FILE}")
    doctor = f"gshare doctor --env {FILE} --timeout 20"
    assert f"PostgreSQL at {LEADER} accepts clients" in leader.run(doctor).out
    leader.run(STOP, timeout=60)
    assert "POSTGRES_NOT_EXPOSED" in leader.run(doctor).out
    leader.run(f"sed -i s/=leader/=follower/ {FILE}")
    assert "cause: ENV_NODE_DIFFERS" in leader.run(doctor, check=False).out
    leader.run(f"rm -rf /opt/graphistry; {START}", timeout=60)


@WAYS
@pytest.mark.sampled
@pytest.mark.server("running")
def test_what_is_wrong(leader, follower, cluster, way):
    """PostgreSQL as followers meet it, asked by its own library; and what their file says."""
    del cluster
    look_at_leader(leader)
    shown = follower.run(f"gshare doctor --env {FILE} --timeout 20").out
    assert f"PostgreSQL at {LEADER} accepts clients" in shown, shown
    go_through(SERVERS, way, follower, leader, words=f"--env {FILE}")
    go_through(FILES, way, follower, words=f"--env {FILE}")
    follower.run(sed("s/=follower/=leader/"))
    follower.run(f"gshare doctor --env {FILE} --fix --yes --timeout 60", timeout=90)
    assert "NODE_TYPE=follower\n" in follower.get(FILE)
    assert "env follower" in follower.run("gshare history").out
