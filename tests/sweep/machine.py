# SPDX-License-Identifier: GPL-2.0-or-later
"""A leader of its own in private mount, network and pid namespaces, and its tree as data.

What the host lacks is supplied by mounts: /proc/fs/nfsd, its name in /proc/filesystems, a process
with mountd's name, and systemctl, which starts and stops a server that is a number in a file.
exportfs is the host's own.
"""

import os
import re
import shutil
import signal
import stat
import subprocess
from pathlib import Path

SHARE = "/mnt/data/shared"
NEW, RW, RO = "10.9.0.7", "10.9.0.8", "10.9.0.6"
TOOLS = Path("/var/lib/sweep")
THREADS = Path("/proc/fs/nfsd/threads")
GSHARE = "/usr/bin/gshare"
COPIED = ("nsswitch.conf", "netconfig", "ld.so.cache", "login.defs")
PASSWD = "root:x:0:0::/root:/bin/sh\nsweep:x:1000:1000::/:/bin/sh\nother:x:2000:2000::/:/bin/sh\n"
GROUP = "root:x:0:\nsweep:x:1000:\nother:x:2000:\n"
LIMIT_S = 60  # of one run: gshare's own deadline is far below
DEADLINE = ("--timeout", "20")  # nothing hangs here: on a busy machine 5 s were too few at times
ENV = {"PATH": "/usr/sbin:/usr/bin", "SUDO_UID": "1000", "LC_ALL": "C"}

ROOTS = ("/etc", "/var/lib/nfs", "/var/lib/gshare", "/mnt", "/srv", "/run", "/proc/fs/nfsd")
# The lock; exportfs' own locks, and what a tool's next run writes anew when one was killed.
IGNORED = {"/run/gshare", "/run/gshare/lock", "/var/lib/nfs/.etab.lock",
           "/var/lib/nfs/export-lock", "/var/lib/nfs/etab.tmp", "/etc/ufw/user.rules.new",
           "/etc/firewalld/rules.new", "/run/firewalld.rules.new"}
TEMPORARY = re.compile(r"/\.gshare-(?!id$)[^/]*$")

SYSTEMCTL = """#!/bin/sh
enabled=/run/nfs-server.enabled
threads=/proc/fs/nfsd/threads
start() { [ "$(cat $threads)" != 0 ] || { echo 8 >$threads; /usr/sbin/exportfs -r; }; }
stop() { echo 0 >$threads; /usr/sbin/exportfs -au; }
units=/run/units
state() { [ -e $units/$1 ] && echo active || echo inactive; }
case "$*" in
daemon-reload | reset-failed*) exit ;;
show*)
    for unit; do
        case $unit in
        *.service) printf 'Id=%s\\nActiveState=%s\\n\\n' $unit $(state $unit) ;;
        esac
    done
    exit ;;
"restart -- gshare-"*)
    [ -e /etc/systemd/system/$3 ] || exit 5
    mkdir -p $units && : >$units/$3
    exit ;;
"stop -- gshare-"*) rm -f $units/$3; exit ;;
esac
case "$1 $2" in
is-enabled*) [ -e $enabled ] && echo enabled ;;
"enable --now") : >$enabled; start ;;
"disable --now") rm -f $enabled; stop ;;
disable*) rm -f $enabled ;;
stop*) stop ;;
*) echo "Unknown command verb '$1'." >&2; exit 1 ;;
esac
"""

# In charge where its files are; a rule of gshare's is a line of them. Nothing is loaded: what the
# kernel has is judged by tests/t-packets.
UFW = """#!/bin/sh
rules=/etc/ufw/user.rules
case $1 in
delete) removes=1; shift ;;
insert) shift 2 ;;
prepend) shift ;;
esac
line="### tuple ### allow tcp $7 0.0.0.0/0 any $3 in"
{
    grep -v "^$line" $rules
    [ -n "$removes" ] || printf '%s comment=%s\\n' "$line" "$(printf %s "${11}" | od -An -v -tx1 | tr -d ' \\n')"
} >$rules.new
mv $rules.new $rules
"""
UFW_FILES = {
    "/etc/ufw/ufw.conf": "ENABLED=yes\n",
    "/etc/default/ufw": 'DEFAULT_INPUT_POLICY="DROP"\n',
    "/etc/ufw/user.rules": "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n",
    "/etc/ufw/user6.rules": "",
}

# In charge where its configuration is: the zone of every interface, with rules of files.
FIREWALL_CMD = """#!/bin/sh
rules=/run/firewalld.rules
[ "$1" != --permanent ] || { rules=/etc/firewalld/rules; shift; }
case $1 in
--list-all-zones)
    printf 'public (default, active)\\n  target: default\\n  interfaces: lo\\n  services: ssh\\n'
    printf '  rich rules: \\n'
    sed 's/^/\\t/' $rules
    exit ;;
esac
rule=${2#*-rich-rule=}
{
    grep -vxF "$rule" $rules
    [ "${2#--add}" = "$2" ] || printf '%s\\n' "$rule"
} >$rules.new
mv $rules.new $rules
echo success
"""
FIREWALL_CMD_PATH, FIREWALLD_CONF = Path("/usr/bin/firewall-cmd"), "/etc/firewalld/firewalld.conf"
FIREWALLD_FILES = {FIREWALLD_CONF: "DefaultZone=public\n", "/etc/firewalld/rules": "",
                   "/run/firewalld.rules": ""}

# nft and iptables are the host's: what this network namespace has loaded belongs to the tree.
NFT_CONF = "/etc/nftables.conf"
NFT_FILES = {NFT_CONF: """flush ruleset
table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy drop;
\t\ttcp dport 22 accept
\t}
}
"""}
# The words of a program that is one of many; the names of the others lead through /etc.
XTABLES = "/usr/sbin/xtables-nft-multi"
IPTABLES_RULES = "/etc/iptables/rules.v4"
IPTABLES_FILES = {IPTABLES_RULES: """*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
"""}
LOADED = "(rules that are loaded)"
# Where there is this file: what shows that, and what loads it.
LOADERS = {
    NFT_CONF: (("nft", "--stateless", "list", "ruleset"), ("nft", "-f", "-")),
    IPTABLES_RULES: ((XTABLES, "iptables-save"), (XTABLES, "iptables-restore")),
}
CHANCE = re.compile(r"^#.*\n|\[\d+:\d+\]$", re.M)  # the time, and how many packets there were
# It brings back the server that tests/sweep/children.py has taken away.
APT = """#!/bin/sh
mv /usr/sbin/exportfs.gone /usr/sbin/exportfs
"""

FOREIGN = """# our exports, by hand
/srv/a\t10.9.0.1(rw,sync,no_subtree_check) \\
\t10.9.0.2(ro)   # why

/srv/b  -ro  10.9.1.0/24
"""
BY_HAND = f"""{SHARE} {RW}(rw,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1000)
{SHARE} {RO}(ro,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1000)
"""
SHARED = ("leader", "init", "--follower", RW, "--follower", f"{RO}:ro")
PLACE, UNIT = "/srv/c", "gshare-srv-c.service"
FORGET = ("follower", "unmount", PLACE, "--forget")
SITE = "/srv/a/deep 10.9.0.3(rw,fsid=7,no_subtree_check)\r\n"


def tmpfs(path, *more):
    subprocess.run(["mount", "-t", "tmpfs", *more, "sweep", path], check=True)


def aside(directory, name):
    """Replace a directory of programs by links to them, so that single ones can be replaced."""
    real = TOOLS / name
    real.mkdir()
    subprocess.run(["mount", "--bind", directory, real], check=True)
    tmpfs(directory, "-o", "mode=755")
    for entry in os.listdir(real):
        os.symlink(real / entry, Path(directory, entry))


def put_program(path, text=None, copy=None):
    Path(path).unlink(missing_ok=True)
    if text is not None:
        Path(path).write_text(text, encoding="ascii")
    elif copy:
        shutil.copy(copy, path)
    else:
        return
    Path(path).chmod(0o755)


def build(gshare):
    """Make this namespace a machine that has no share; return the process that is mountd."""
    kept = {name: Path("/etc", name).read_bytes() for name in COPIED if Path("/etc", name).exists()}
    binary = Path(gshare).read_bytes()
    sleep = Path(shutil.which("sleep")).read_bytes()
    for command in (["ip", "link", "set", "lo", "up"],
                    ["ip", "addr", "add", "10.9.0.13/24", "dev", "lo"]):
        subprocess.run(command, check=True)
    for path in ("/var/lib", "/run", "/mnt", "/srv", "/proc/fs"):
        tmpfs(path, "-o", "mode=755")
    for path in (TOOLS, Path("/var/lib/nfs"), Path("/run/systemd/system"), THREADS.parent):
        path.mkdir(parents=True)
    aside("/usr/sbin", "sbin")
    aside("/usr/bin", "bin")
    for path, data in ((Path(GSHARE), binary), (TOOLS / "rpc.mountd", sleep)):
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        path.chmod(0o755)
    put_program("/usr/bin/systemctl", SYSTEMCTL)
    put_program("/usr/bin/apt-get", APT)
    put_program("/usr/sbin/ufw", UFW)
    for name in ("iptables", "iptables-save"):
        put_program(f"/usr/sbin/{name}", f'#!/bin/sh\nexec {XTABLES} {name} "$@"\n')
    put_program("/usr/sbin/iptables-nft-save")  # it is asked where the other fails
    Path("/var/lib/dpkg").mkdir()
    Path("/var/lib/dpkg/status").touch()
    kinds = TOOLS / "filesystems"
    kinds.write_text(Path("/proc/filesystems").read_text() + "nodev\tnfsd\n")
    subprocess.run(["mount", "--bind", kinds, "/proc/filesystems"], check=True)
    tmpfs("/etc", "-o", "mode=755")
    for name, data in kept.items():
        Path("/etc", name).write_bytes(data)
    Path("/etc/passwd").write_text(PASSWD, encoding="ascii")
    Path("/etc/group").write_text(GROUP, encoding="ascii")
    Path("/etc/hosts").write_text("127.0.0.1 localhost\n", encoding="ascii")
    Path("/etc/fstab").write_text("# none\n", encoding="ascii")
    for path in ("/srv/a/deep", "/srv/b", "/etc/systemd/system"):
        Path(path).mkdir(parents=True)
    Path("/var/lib/nfs/etab").touch()
    THREADS.write_text("0\n", encoding="ascii")
    client = THREADS.parent / "clients/5"
    client.mkdir(parents=True)
    (client / "info").write_text(f'clientid: 0x15\naddress: "{RW}:900"\nstatus: confirmed\n'
                                 'name: "Linux NFSv4.2 gpu-1"\nminor version: 2\n')
    (client / "states").touch()
    (TOOLS / "firewalld").write_bytes(sleep)
    (TOOLS / "firewalld").chmod(0o755)
    subprocess.Popen([TOOLS / "firewalld", "100000"], stdout=subprocess.DEVNULL)
    return subprocess.Popen([TOOLS / "rpc.mountd", "100000"], stdout=subprocess.DEVNULL)


def serve():
    """A server that runs, with what the files export in force."""
    Path("/run/nfs-server.enabled").touch()
    THREADS.write_text("8\n", encoding="ascii")
    subprocess.run(["/usr/sbin/exportfs", "-ra"], check=True, capture_output=True)


def follow(state):
    """A follower whose share is not mounted: what follower mount has written, by --root."""
    tree = TOOLS / "tree"
    for path in ("etc/systemd/system", "usr/lib/systemd"):
        Path(tree, path).mkdir(parents=True)
    Path(tree, "etc/fstab").write_text("# none\n", encoding="ascii")
    for name in ("usr/lib/systemd/systemd", "etc/systemd/system/docker.service"):
        Path(tree, name).touch()
    for words in (("follower", "mount", "10.9.0.13", PLACE, "--export", SHARE, "--root", str(tree)),
                  *([FORGET] if state == "g" else [])):
        done = run(words)
        if done.returncode:
            raise SystemExit(f"state {state} cannot be made: {done.stderr}")
        if "--root" in words:
            shutil.copytree(tree / "etc", "/etc", dirs_exist_ok=True)
            Path("/run/units").mkdir()
            Path("/run/units", UNIT).touch()
    shutil.rmtree(tree)


def install(state):
    """From the bare machine: a fresh one, one with exports of others, one with a share, or a
    follower."""
    if state == "a":
        return
    if state in ("f", "g"):
        follow(state)
        return
    Path("/etc/exports").write_text(FOREIGN + (BY_HAND if state == "b" else ""), encoding="ascii")
    Path("/etc/exports.d").mkdir()
    Path("/etc/exports.d/site.exports").write_text(SITE, encoding="ascii")
    if state == "b":
        for name in ("", "uploads", "datasets"):
            Path(SHARE, name).mkdir(parents=True)
            os.chown(Path(SHARE, name), 1000, 1000)
        Path(SHARE, "uploads/data").write_bytes(b"theirs")
    serve()
    for words in {"a": (), "b": (), "d": [SHARED, ("leader", "add", NEW)],
                  "e": [(*SHARED, "--subtree-check")]}.get(state, [SHARED]):
        make(state, words)
    if state == "e":
        copy_in()
    if state in FIREWALLS:
        protect(state, *FIREWALLS[state])


def make(state, words):
    done = run(words)
    if done.returncode:
        raise SystemExit(f"state {state} cannot be made: {done.stderr}")


# A state with its firewall, and whether a follower has been added, and so a rule.
FIREWALLS = {
    "u": (UFW_FILES, False), "v": (UFW_FILES, True),
    "w": (FIREWALLD_FILES, False), "x": (FIREWALLD_FILES, True),
    "n": (NFT_FILES, False), "o": (NFT_FILES, True),
    "i": (IPTABLES_FILES, False), "j": (IPTABLES_FILES, True),
}
# Whose rule takes a word of the administrator's.
CONSENT = {"o": ("--firewall", "nft"), "j": ("--firewall", "iptables")}


def protect(state, files, has_rule):
    """A firewall is in charge, and has no rule for the followers; or one for the new follower."""
    for path, text in files.items():
        Path(path).parent.mkdir(exist_ok=True)
        Path(path).write_text(text, encoding="ascii")
    show_firewalld()
    for path in LOADERS.keys() & files.keys():
        load(path, files[path])
    if has_rule:
        before = tree()
        make(state, ("leader", "add", NEW, *CONSENT.get(state, ())))
        changed = {path for path, entry in tree().items() if before.get(path) != entry}
        if not changed & {LOADED, *files}:
            raise SystemExit(f"state {state} has no rule")


def show_firewalld():
    """Its program is there where its configuration is."""
    there = Path(FIREWALLD_CONF).exists()
    if there != FIREWALL_CMD_PATH.exists():
        put_program(FIREWALL_CMD_PATH, FIREWALL_CMD if there else None)


def save(path):
    text = subprocess.run(LOADERS[path][0], check=True, env=ENV, capture_output=True,
                          text=True).stdout
    return CHANCE.sub("", text)


def load(path, text):
    subprocess.run(("nft", "flush", "ruleset"), check=True, env=ENV)
    subprocess.run(LOADERS[path][1], check=True, env=ENV, input=text, text=True)


def copy_in():
    """What cp -r and tar leave: modes of their own, no ACL, root's."""
    top = Path(SHARE, "datasets/copied")
    top.mkdir()
    for name in ("graph.csv", "secret"):
        Path(top, name).write_bytes(b"theirs")
    os.symlink("/etc/passwd", top / "link")
    for path in (top, top / "graph.csv", top / "secret"):
        os.removexattr(path, "system.posix_acl_access")
    os.removexattr(top, "system.posix_acl_default")
    top.chmod(0o755)
    Path(top, "graph.csv").chmod(0o644)
    Path(top, "secret").chmod(0o600)


# ---- trees -------------------------------------------------------------------------------------


def entry_of(path):
    info = os.lstat(path)
    kind = stat.S_IFMT(info.st_mode)
    data = b""
    if kind == stat.S_IFREG:
        with open(path, "rb") as file:
            data = file.read()
    elif kind == stat.S_IFLNK:
        data = os.readlink(path).encode()
    acls = {}
    if path.startswith("/mnt"):
        acls = {name: os.getxattr(path, name, follow_symlinks=False)
                for name in os.listxattr(path, follow_symlinks=False)
                if name.startswith("system.")}
    return (kind, stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid, acls, data)


def tree():
    found = {}
    todo = [root for root in ROOTS if os.path.isdir(root)]
    while todo:
        path = todo.pop()
        found[path] = entry_of(path)
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.path in IGNORED:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                else:
                    found[entry.path] = entry_of(entry.path)
    for path in LOADERS.keys() & found.keys():
        found[LOADED] = (path, 0, 0, 0, {}, save(path).encode())
    return found


def put(path, entry):
    kind, mode, uid, gid, acls, data = entry
    if kind == stat.S_IFDIR:
        os.makedirs(path, exist_ok=True)
    elif kind == stat.S_IFLNK:
        Path(os.fsdecode(path)).unlink(missing_ok=True)
        os.symlink(data, path)
        os.lchown(path, uid, gid)
        return
    else:
        with open(path, "wb") as file:
            file.write(data)
    os.chown(path, uid, gid)
    for name in os.listxattr(path) if path.startswith("/mnt") else ():
        if name.startswith("system.") and name not in acls:
            os.removexattr(path, name)
    for name, value in acls.items():
        os.setxattr(path, name, value)
    os.chmod(path, mode)


def restore(want):
    """Make the machine's tree what it was; only what differs is touched."""
    now = tree()
    if now.get(LOADED) != want.get(LOADED):
        kind, *_, text = want.get(LOADED, (NFT_CONF, b""))
        load(kind, text.decode())
    for path in sorted(now.keys() - want.keys() - {LOADED}, reverse=True):
        if now[path][0] == stat.S_IFDIR:
            os.rmdir(path)
        else:
            os.unlink(path)
    for path in sorted(want.keys() - {LOADED}):
        if now.get(path) != want[path]:
            if path in now and now[path][0] != want[path][0]:
                raise SystemExit(f"{path} has become something else")
            put(path, want[path])
    show_firewalld()


def plain(path, entry):
    """An entry without what chance decides: the share's id, and the order of lines in etab."""
    data = entry[5]
    if path.endswith("/.gshare-id"):
        data = re.sub(rb"\b[0-9a-f]{8}\b", b"ID", data)
    elif "/exports" in path or path.endswith("/etab"):
        data = re.sub(rb"fsid=\d{3,}", b"fsid=ID", data)
    if path.endswith("/etab"):
        data = b"".join(sorted(data.splitlines(True)))
    return (*entry[:5], data)


def view(whole):
    """What is compared: not gshare's own record of runs, not what is left over."""
    return {path: plain(path, entry) for path, entry in whole.items()
            if not path.startswith("/var/lib/gshare") and not TEMPORARY.search(path)}


def leftovers(whole):
    return sorted(path for path in whole if TEMPORARY.search(path))


# ---- runs --------------------------------------------------------------------------------------


def run(words, before=()):
    """gshare, as it is installed; a fault of its own is a prefix."""
    words = [*words, *(() if "--timeout" in words else DEADLINE)]
    with subprocess.Popen([*before, GSHARE, *words], env=ENV, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          close_fds=False) as process:
        try:
            out, err = process.communicate(timeout=LIMIT_S + 5)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            out, err = process.communicate()
    return subprocess.CompletedProcess(words, process.returncode, out.decode(errors="replace"),
                                       err.decode(errors="replace"))
