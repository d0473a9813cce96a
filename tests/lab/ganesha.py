# SPDX-License-Identifier: GPL-2.0-or-later
"""Ganesha: nfs-ganesha, a server in user space, as an appliance has it, beside the guests."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAM = "/usr/bin/ganesha.nfsd"
READY_S = 20
CONF = """
NFS_CORE_PARAM {{ Protocols = 4; Bind_addr = {address}; Enable_NLM = false; Enable_RQUOTA = false;
                 Enable_UDP = false; }}
NFSv4 {{ Minor_Versions = 0, 1, 2; Graceless = true; Only_Numeric_Owners = true;
        RecoveryBackend = fs; }}
EXPORT {{ Export_Id = 1; Path = {work}/share; Pseudo = {pseudo}; Protocols = 4; Transports = TCP;
         SecType = sys; Access_Type = None; Squash = All_Squash; Anonymous_Uid = 1000;
         Anonymous_Gid = 1000; Filesystem_id = 1.1; FSAL {{ Name = VFS; }}
         CLIENT {{ Clients = {clients}; Access_Type = RW; }} }}
"""
# What it keeps and what it serves vanish with its mount namespace.
SERVE = """
cd {work} && mount -t tmpfs none share && mount -t tmpfs none var && mkdir var/ganesha &&
	mount --bind var /var/lib/nfs && mkdir share/datasets share/files share/uploads &&
	chown -R 1000:1000 share && exec {program} -F -L {work}/log -f {work}/conf -p {work}/pid
"""


class Ganesha:
    """A server at an address of the bridge that lets some clients in; closed with close()."""

    def __init__(self, net, address, pseudo, clients):
        self._work = Path(tempfile.mkdtemp(prefix="gshare-ganesha."))
        for name in ("share", "var"):
            (self._work / name).mkdir()
        (self._work / "conf").write_text(CONF.format(address=address, work=self._work,
                                                     pseudo=pseudo, clients=clients))
        net.add_address(address)
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *net.enter, "unshare", "--mount", "--propagation",
             "private", "sh", "-c", SERVE.format(work=self._work, program=PROGRAM)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        deadline = time.monotonic() + READY_S
        ask = [*net.enter, "ss", "-Hltn", f"src {address}:2049"]
        while not subprocess.run(ask, capture_output=True, timeout=10, check=True).stdout:
            if time.monotonic() > deadline or self._process.poll() is not None:
                log = self._work / "log"
                said = log.read_text()[-3000:] if log.exists() else ""
                self.close()
                raise RuntimeError(f"nfs-ganesha does not listen: {said}")
            time.sleep(0.1)

    def close(self):
        """End it."""
        self._process.kill()
        self._process.wait(10)
        self._process.stderr.close()
        shutil.rmtree(self._work, ignore_errors=True)
