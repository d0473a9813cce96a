#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""dnf and zypper for real: a node that lacks NFS gets it from a repository made for the test.

usage: unshare -m -n -p --fork --kill-child tests/managers.py ROOT STAGE

ROOT is a root file system with both managers (tests/managers makes it). Each row has a layer of its
own over it, and goes: what is wrong is made, gshare tells it by its id, it is mended, and the
printed fix, run as it is, ends with the programs installed. What the kernel lacks is supplied as in
sweep/machine.py; the leader that a follower is to mount is nfs-ganesha. Speaks TAP.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "sweep"))

import follower  # noqa: E402
import machine  # noqa: E402

REPOSITORY = "/srv/repository"
URL = f"file://{REPOSITORY}"
SILENT_PORT = 8000
READY_S = 20
SERVER = ("/usr/sbin/exportfs", "/usr/sbin/rpc.nfsd", "/usr/sbin/rpc.mountd")
CLIENT = ("/sbin/mount.nfs",)
INIT = "gshare leader init --follower 10.9.0.8 --timeout 20"
MOUNT = (f"gshare follower mount {follower.SERVER} /mnt/share --export {follower.EXPORT} "
         "--timeout 20")
LIMIT_S = 700
SPEC = """%define debug_package %{{nil}}
%define __os_install_post %{{nil}}
Name: {name}
Version: 1
Release: 1
Summary: NFS
License: none
Provides: /bin/sh
AutoReqProv: no
%description
NFS
%install
for file in {files}; do
	mkdir -p %{{buildroot}}/usr/sbin
	cp /srv/programs/${{file##*/}} %{{buildroot}}/usr/sbin/
done
{script}
%files
/usr/sbin/*
"""
FAILS = "%pre\nexit 1"
SLOW = "%pre\n: >/srv/slow\nsleep $(cat /srv/seconds)"
BIG_MIB, SPARE_MIB = 8, 2
REPO = """[made]
name=made
enabled=1
autorefresh=1
gpgcheck={check}
baseurl={url}
"""
REPOS = {"dnf": "/etc/yum.repos.d", "zypper": "/etc/zypp/repos.d"}
PACKAGES = {
    "dnf": {"leader": "nfs-utils", "follower": "nfs-utils"},
    "zypper": {"leader": "nfs-kernel-server", "follower": "nfs-client"},
}


class Node:
    """A root of its own, with one manager, a server or client to get, and gshare."""

    def __init__(self, root, manager):
        self.root, self.manager = Path(root), manager
        self.children = []

    def path(self, inside):
        return self.root / inside.lstrip("/")

    def run(self, command, timeout=LIMIT_S):
        return subprocess.run(
            ["chroot", self.root, "/bin/sh", "-c", command],
            env=machine.ENV, capture_output=True, text=True, timeout=timeout, check=False,
        )

    def must(self, command):
        done = self.run(command)
        assert done.returncode == 0, (command, done.stdout, done.stderr)

    def offer(self, *packages, url=URL, check=0):
        """What the one repository has, and where it is."""
        self.must(f"rm -rf {REPOSITORY}; mkdir -p {REPOSITORY}")
        for package in packages:
            self.must(f"cp /srv/made/{package}-*.rpm {REPOSITORY}/")
        self.must(f"createrepo_c -q {REPOSITORY}")
        place = self.path(REPOS[self.manager])
        place.mkdir(parents=True, exist_ok=True)
        (place / "made.repo").write_text(REPO.format(url=url, check=check))

    def start(self, command):
        child = subprocess.Popen(["chroot", self.root, "/bin/sh", "-c", f"exec {command}"],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, start_new_session=True)
        self.children.append(child)
        return child

    def end(self):
        for child in self.children:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self.children = []


def name(node, role):
    return PACKAGES[node.manager][role]


def good(node, role="leader"):
    node.offer(name(node, role))


def install(node, package):
    """The words that install a package by hand."""
    words = {"dnf": "dnf --assumeyes", "zypper": "zypper --non-interactive"}[node.manager]
    return f"{words} install {package}"


def hold(node, seconds, other=None):
    """Another one is at work, on a package whose script takes a while."""
    node.offer(name(node, "leader"), "slow")
    node.must(f"echo {seconds} >/srv/seconds")
    node.start(other or install(node, "slow"))
    end = time.monotonic() + 20
    while not node.path("/srv/slow").exists():
        assert time.monotonic() < end, "the other one does not begin"
        time.sleep(0.1)


def full(node):
    node.offer(f"big-{name(node, 'leader')}")
    free = os.statvfs(node.root)
    filler = free.f_bavail * free.f_frsize - (SPARE_MIB << 20)
    node.must(f"head -c {filler} /dev/zero >/srv/filler")


def held(node):
    good(node)
    if node.manager == "dnf":
        node.must("printf 'excludepkgs=nfs-utils\\n' >>/etc/dnf/dnf.conf")
    else:
        node.must("zypper --non-interactive addlock nfs-kernel-server")


def incomplete(node):
    good(node)
    node.must(install(node, name(node, "leader")))
    node.path(SERVER[0]).unlink()


def renewed(node):
    """The package is mended, by the same name and version: what dnf keeps of the old one goes."""
    good(node)
    node.must("rm -rf /var/cache/dnf/*")


def no_repository(node):
    shutil.rmtree(node.path(REPOS[node.manager]), ignore_errors=True)


def silent(node):
    """A mirror that takes the connection and says nothing."""
    node.offer(url=f"http://127.0.0.1:{SILENT_PORT}/")
    node.start("python3 -c 'import socket, time; s = socket.create_server((\"127.0.0.1\", "
               f"{SILENT_PORT})); time.sleep(600)'")
    time.sleep(0.5)


# Name: role, what is made wrong, the words given, the finding (None: it installs), what standard
# error has, and how it is mended before the fix is run.
ROWS = {
    "the server": ("leader", good, "", None, ": installing", None),
    "the client": ("follower", lambda node: good(node, "follower"), "", None, ": installing", None),
    "an empty repository": ("leader", lambda node: node.offer(), "", "PACKAGE_UNKNOWN",
                            None, good),
    "no repository": ("leader", no_repository, "", "PACKAGE_NO_REPOSITORY", None, good),
    "nobody listens": ("leader", lambda node: node.offer(url="http://127.0.0.1:9/"), "",
                       "PACKAGE_NO_NETWORK", None, good),
    "a silent mirror": ("leader", silent, "", "PACKAGE_NO_NETWORK", None, good),
    "a silent mirror, and little time": ("leader", silent, "--install-timeout 3",
                                         "PACKAGE_TIMEOUT", None, good),
    "a lock for a while": ("leader", lambda node: hold(node, 5), "", None,
                           "waiting", None),
    "rpm's lock for a while": ("leader",
                               lambda node: hold(node, 5, "rpm -i /srv/made/slow-1.rpm"), "",
                               None, "waiting", None),
    "a lock for ever": ("leader", lambda node: hold(node, 600),
                        "--install-timeout 3", "PACKAGE_LOCKED", None, Node.end),
    "a package that is not signed": ("leader", lambda node: node.offer(
        name(node, "leader"), check=1), "", "PACKAGE_UNSIGNED", None, good),
    "held back": ("leader", held, "", "PACKAGE_HELD", None, None),
    "no space": ("leader", full, "", "PACKAGE_NO_SPACE", None,
                 lambda node: node.must("rm /srv/filler")),
    "a script that fails": ("leader",
                            lambda node: node.offer(f"failing-{name(node, 'leader')}"), "",
                            "PACKAGE_SCRIPT_FAILED", None, renewed),
    "a program that is gone": ("leader", incomplete, "", "PACKAGE_INCOMPLETE", None, None),
    "not wanted": ("leader", good, "--no-install", "SERVER_MISSING", None, None),
}

# Here zypper's rpm and one that is run by hand do not lock each other out.
ONLY = {"rpm's lock for a while": "dnf"}
# dnf gives up after 80 s, zypper after minutes.
LONG = () if os.environ.get("GSHARE_LONG") else ("a silent mirror",)


def judge(node, row):
    """Run a row; what is wrong, as text, or None."""
    role, prepare, words, ident, said, mend = ROWS[row]
    command = INIT if role == "leader" else MOUNT
    wanted = SERVER if role == "leader" else CLIENT
    prepare(node)
    done = node.run(f"{command} {words}")
    text = done.stdout + done.stderr
    if ident:
        fix = re.search(r"^  fix     (?:.*then: |when that has ended: )?(.*)$", done.stderr, re.M)
        if done.returncode != 1 or f"({ident})" not in done.stderr or not fix:
            return f"not {ident}, with a fix:\n{text}"
        if mend:
            mend(node)
        again = node.run(fix[1])
        text += f"--- {fix[1]}\n{again.stdout}{again.stderr}"
    if said and said not in done.stderr:
        return f"it does not say '{said}':\n{text}"
    if not all(node.path(program).exists() for program in wanted):
        return f"the programs are not there:\n{text}"
    if "INSTALL" in node.run(f"{command} --dry-run --json").stdout:
        return f"a second run installs again:\n{text}"
    return None


def layer(root, at):
    """A fresh root over the one that was made, in memory, with a kernel that has nfsd."""
    at.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "made", at], check=True)
    for part in ("up", "work", "root"):
        (at / part).mkdir()
    options = f"nfs_export=on,index=on,lowerdir={root},upperdir={at / 'up'},workdir={at / 'work'}"
    for command in (["-t", "overlay", "-o", options, "made", at / "root"],
                    ["--rbind", "/proc", at / "root/proc"], ["--rbind", "/dev", at / "root/dev"]):
        subprocess.run(["mount", *command], check=True)
    machine.THREADS.write_text("0\n", encoding="ascii")
    return at / "root"


def furnish(root, stage):
    """What all rows share: gshare, the packages, an account, systemctl of the sweep's machine."""
    shutil.copytree(stage / "usr", root / "usr", dirs_exist_ok=True)
    for path in ("run/systemd/system", "var/lib/nfs", "srv/programs", "srv/made"):
        (root / path).mkdir(parents=True, exist_ok=True)
    machine.put_program(root / "usr/bin/systemctl", machine.SYSTEMCTL)
    (root / "usr/bin/apt-get").unlink(missing_ok=True)
    with open(root / "etc/passwd", "a", encoding="ascii") as passwd:
        passwd.write("ubuntu:x:1000:1000::/home/ubuntu:/bin/sh\n")
    (root / "var/lib/nfs/etab").touch()
    for program in (*SERVER, *CLIENT):
        shutil.copy(program, root / "srv/programs")
        for library in re.findall(r"=> (/\S+)", subprocess.run(
                ["ldd", program], capture_output=True, text=True, check=True).stdout):
            if not (root / library.lstrip("/")).exists():
                shutil.copy(library, root / library.lstrip("/"))
    build_packages(root)


def build_packages(root):
    """The packages of each name, with this machine's own programs; and ones whose script fails."""
    kinds = {"nfs-utils": (*SERVER, *CLIENT), "nfs-kernel-server": SERVER, "nfs-client": CLIENT}
    rows = [(kind, kind, files, "") for kind, files in kinds.items()]
    rows += [(f"failing-{kind}", kind, SERVER, FAILS) for kind in tuple(kinds)[:2]]
    rows += [(f"big-{kind}", kind, (*SERVER, "/usr/sbin/filler"), "") for kind in tuple(kinds)[:2]]
    rows += [("slow", "slow", ("/usr/sbin/filler",), SLOW)]
    with open(root / "srv/programs/filler", "wb") as filler:
        filler.truncate(BIG_MIB << 20)
    for made, kind, files, script in rows:
        (root / "srv/spec").write_text(
            SPEC.format(name=kind, files=" ".join(files), script=script), encoding="ascii")
        subprocess.run(
            ["chroot", root, "/bin/sh", "-ec",
             "rm -rf /srv/b && rpmbuild -bb --quiet -D '_topdir /srv/b' /srv/spec && "
             f"mv /srv/b/RPMS/*/*.rpm /srv/made/{made}-1.rpm"], check=True)


def supply(work):
    """A kernel with nfsd, as far as gshare looks, and what a leader's server needs."""
    for words in ("link set lo up", f"addr add {follower.SERVER}/24 dev lo"):
        subprocess.run(["ip", *words.split()], check=True)
    for path in ("/proc/fs", "/run", "/var/lib/nfs"):
        machine.tmpfs(path, "-o", "mode=755")
    machine.THREADS.parent.mkdir(parents=True)
    kinds = work / "filesystems"
    kinds.write_text(Path("/proc/filesystems").read_text() + "nodev\tnfsd\n")
    subprocess.run(["mount", "--bind", kinds, "/proc/filesystems"], check=True)
    for path in (Path("/var/lib/nfs/ganesha"), Path("/run/ganesha"), work / "export"):
        path.mkdir()
    conf = work / "ganesha.conf"
    conf.write_text(follower.CONF.replace("/var/lib/export", str(work / "export")))
    (work / "rpc.mountd").write_bytes(Path(shutil.which("sleep")).read_bytes())
    (work / "rpc.mountd").chmod(0o755)
    subprocess.Popen([work / "rpc.mountd", "100000"])


def serve(work):
    """A leader that a follower can ask; it has the port that a leader's nfsd is to have."""
    server = subprocess.Popen([follower.GANESHA, "-F", "-L", work / "ganesha.log", "-f",
                               work / "ganesha.conf", "-p", work / "ganesha.pid"])
    end = time.monotonic() + READY_S
    while True:
        try:
            socket.create_connection((follower.SERVER, 2049), 1).close()
            return server
        except OSError:
            if time.monotonic() > end or server.poll() is not None:
                sys.exit("nfs-ganesha does not listen:\n" + (work / "ganesha.log").read_text())
            time.sleep(0.05)


def main(source, stage, only):
    work = Path(source).parent / "work"
    work.mkdir()
    root = Path(source)
    supply(work)
    furnish(root, Path(stage))
    rows = [(manager, row) for manager in REPOS for row in ROWS
            if (only or row not in LONG) and only in f"{manager}: {row}"
            and ONLY.get(row, manager) == manager]
    print(f"1..{len(rows)}")
    failed = 0
    for n, (manager, row) in enumerate(rows, 1):
        began = time.monotonic()
        node = Node(layer(root, work / str(n)), manager)
        for other in REPOS:
            if other != manager:
                node.path(f"/usr/bin/{other}").unlink()
        server = serve(work) if ROWS[row][0] == "follower" else None
        try:
            wrong = judge(node, row)
        except subprocess.TimeoutExpired as late:
            wrong = f"it does not end: {late}"
        node.end()
        if server:
            server.kill()
            server.wait()
        subprocess.run(["umount", "-l", work / str(n)], check=True)
        failed += wrong is not None
        seconds = time.monotonic() - began
        print(f"{'ok' if wrong is None else 'not ok'} {n} - {manager}: {row} ({seconds:.1f} s)",
              flush=True)
        for line in (wrong or "").splitlines():
            print(f"# {line}")
    print(f"# PASS:  {len(rows) - failed}\n# FAIL:  {failed}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3], " ".join(sys.argv[3:])))
