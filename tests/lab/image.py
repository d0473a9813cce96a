# SPDX-License-Identifier: GPL-2.0-or-later
"""Image: the guests' common disk, built once from the host's own Debian or Ubuntu sources."""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

CACHE = Path(os.environ.get("GSHARE_LAB_CACHE", "/var/cache/gshare-lab"))
HERE = Path(__file__).resolve().parent
KERNEL = Path("/usr/bin/linux.uml")
SIZE = "2G"  # sparse: what the guests may fill, not what the image takes
BUILD_S = 900  # 35 s beside the downloads
PACKAGES = """
    systemd-sysv udev kmod iproute2 iptables netbase nfs-kernel-server nfs-common rpcbind
    libnfs13 libtirpc3 libmount1 libblkid1 libcap2 libacl1 libjansson4 libseccomp2
    acl attr btrfs-progs busybox-static ca-certificates docker.io e2fsprogs findutils firewalld iputils-ping less
    postgresql-15 procps psmisc python3 quota rsync strace sudo ufw util-linux xfsprogs
""".split()


def image():
    """Return the path of the image, building it first if the recipe changed."""
    CACHE.mkdir(parents=True, exist_ok=True)
    path = CACHE / f"{recipe()}.img"
    with locked(CACHE / "lock"):
        if not path.exists():
            build(path)
        for older in CACHE.glob("*.img"):
            if older != path:
                older.unlink()
    return path


def recipe():
    """Return a hash of all that makes the image."""
    sources = [HERE / "image.py", HERE / "image-setup"]
    sources += sorted(file for file in (HERE / "rootfs").rglob("*") if file.is_file())
    digest = hashlib.sha256(release().encode())
    digest.update(" ".join(os.listdir("/usr/lib/uml/modules")).encode())
    for source in sources:
        digest.update(f"{source.relative_to(HERE)} {source.stat().st_mode:o}\n".encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def build(path):
    """Build the image under a temporary name and put it in place."""
    began = time.monotonic()
    print("building the guest image ...", file=sys.stderr, flush=True)
    work = Path(tempfile.mkdtemp(prefix="tmp.", dir=CACHE))
    try:
        work.chmod(0o755)
        settings = work / "apt.conf"
        settings.write_text(apt_settings())
        log = CACHE / "build.log"
        root = work / "root"
        setup = HERE / "image-setup"
        steps = [
            [
                *["mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}"],
                *[f"--aptopt={settings}", f"--customize-hook={setup}", release(), root],
                *apt_sources(),
            ],
            ["mkfs.ext4", "-q", "-F", "-d", root, work / "image", SIZE],
        ]
        for step in steps:
            logged(step, log, began + BUILD_S - time.monotonic())
        os.rename(work / "image", path)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    seconds = time.monotonic() - began
    print(f"building the guest image took {seconds:.0f} s", file=sys.stderr, flush=True)


def logged(command, log, timeout):
    """Run one step of the build; when it fails, show the end of what it said."""
    with open(log, "wb") as file, subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
    ) as process:
        try:
            status = process.wait(timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # with all that it started
            raise
    if status:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
        raise RuntimeError(f"{command[0]} failed with status {status} ({log}):\n{tail}")


def release():
    """Return the host's release by its code name: the guests run the same."""
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip('"')
    raise RuntimeError("/etc/os-release names no release")


def apt_sources():
    """Return the host's own apt source files, empty ones aside."""
    directory = Path("/etc/apt/sources.list.d")
    files = [Path("/etc/apt/sources.list")]
    files += sorted(directory.glob("*.list")) + sorted(directory.glob("*.sources"))
    return [file for file in files if file.exists() and file.stat().st_size]


def apt_settings():
    """Return how the host's apt fetches: proxies, retries, what it accepts."""
    settings = subprocess.run(
        ["apt-config", "dump"], check=True, capture_output=True, text=True, timeout=20
    ).stdout
    return "".join(
        f"{line}\n"
        for line in settings.splitlines()
        if line.startswith("Acquire::") and not line.startswith("Acquire::IndexTargets")
    )


@contextmanager
def locked(path):
    """Hold a lock file: two builders would do the same work twice."""
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    print(image())
