# SPDX-License-Identifier: GPL-2.0-or-later
"""Peer: what may listen on port 2049 and is no NFS server, or a bad one.

usage: python3 peer.py KIND=ADDRESS...    (prints "ready" once it listens, and runs until killed)

Peers live in the lab's network namespace, each at an address of its own on the bridge.
"""

import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

PORT = 2049
LAST_FRAGMENT = 1 << 31
AUTH_TLS, OP_PUTROOTFH, WRONGSEC = 7, 24, 10016
MINOR_VERS_MISMATCH = 10021  # RFC 7530 section 13.1.3.2
WORDS = b"220 mail.example.org ESMTP\r\n" * 64


class Peers:
    """Peers on the bridge, {kind: address}; closed with close()."""

    def __init__(self, net, addresses):
        for address in addresses.values():
            net.add_address(address)
        words = [f"{kind}={address}" for kind, address in addresses.items()]
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *net.enter, sys.executable, Path(__file__), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._process.stdout.readline() != "ready\n":
            raise RuntimeError("the peers do not listen")

    def close(self):
        """End them."""
        self._process.kill()
        self._process.wait(10)
        self._process.stdout.close()


def call(talk):
    """Read one call; return its xid, procedure and what follows its credentials."""
    (mark,) = struct.unpack(">I", take(talk, 4))
    body = take(talk, mark & ~LAST_FRAGMENT)
    (length,) = struct.unpack_from(">I", body, 28)
    procedure = struct.unpack_from(">I", body, 20)[0]
    return struct.unpack_from(">I", body)[0], procedure, body[32 + length + 8 :]


def take(talk, size):
    """Read that many bytes."""
    got = b""
    while len(got) < size:
        more = talk.recv(size - len(got))
        if not more:
            raise ConnectionError
        got += more
    return got


def reply(talk, xid, results=b""):
    """Accept the call (RFC 5531 section 9)."""
    body = struct.pack(">IIIIII", xid, 1, 0, 0, 0, 0) + results
    talk.sendall(struct.pack(">I", LAST_FRAGMENT | len(body)) + body)


def silent(_):
    """Say nothing, for as long as anybody listens."""
    while True:
        time.sleep(60)


def garbage(talk):
    """Say something else than RPC."""
    talk.sendall(WORDS)
    silent(talk)


def drip(talk):
    """Send a reply's record mark, then its bytes, one a second."""
    talk.recv(4096, socket.MSG_PEEK)
    for byte in struct.pack(">I", LAST_FRAGMENT | 24) + bytes(24):
        talk.sendall(bytes([byte]))
        time.sleep(1)


def closes(talk):
    """Take the call and hang up."""
    talk.recv(4096)


def hangs_up(_):
    """Close the connection."""


def resets(talk):
    """Reset the connection with a call half read."""
    talk.recv(64)
    talk.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def after_null(then, late_s=0):
    """Be a server until the first real question."""

    def serve(talk):
        xid, procedure, _ = call(talk)
        while procedure == 0:
            time.sleep(late_s)
            reply(talk, xid)
            xid, procedure, _ = call(talk)
        then(talk)

    return serve


def refuses_minor(talk):
    """Refuse NFS 4.0, and answer nothing of a newer one."""
    while True:
        xid, procedure, arguments = call(talk)
        if procedure == 0:
            reply(talk, xid)
            continue
        (tag,) = struct.unpack_from(">I", arguments)
        (minor,) = struct.unpack_from(">I", arguments, 4 + (tag + 3) // 4 * 4)
        if minor:
            silent(talk)
        reply(talk, xid, struct.pack(">III", MINOR_VERS_MISMATCH, 0, 0))


def over_tls(talk):
    """Offer TLS (RFC 9289 section 4.1), and refuse whatever comes in clear."""
    while True:
        (mark,) = struct.unpack(">I", take(talk, 4))
        body = take(talk, mark & ~LAST_FRAGMENT)
        xid, procedure, flavor = (struct.unpack_from(">I", body, at)[0] for at in (0, 20, 24))
        if procedure == 0:
            verifier = b"STARTTLS" if flavor == AUTH_TLS else b""
            said = struct.pack(">IIIII", xid, 1, 0, 0, len(verifier)) + verifier + bytes(4)
            talk.sendall(struct.pack(">I", LAST_FRAGMENT | len(said)) + said)
        else:
            root = struct.pack(">III", 1, OP_PUTROOTFH, WRONGSEC)
            reply(talk, xid, struct.pack(">II", WRONGSEC, 0) + root)


KINDS = {
    "silent": silent,
    "garbage": garbage,
    "drip": drip,
    "closes": closes,
    "null-silent": after_null(silent),
    "null-garbage": after_null(garbage),
    "null-drip": after_null(drip),
    "null-closes": after_null(hangs_up),
    "resets": after_null(resets),
    "null-late": after_null(silent, 2.3),  # just within the time that NULL is given
    "refuses-4.0": refuses_minor,
    "tls": over_tls,
}


def meet(kind, talk):
    """Be that kind of peer until the other side hangs up."""
    try:
        with talk:
            KINDS[kind](talk)
    except OSError:
        pass


def listen(kind, listener):
    """Meet everybody who comes."""
    while True:
        talk, _ = listener.accept()
        threading.Thread(target=meet, args=(kind, talk), daemon=True).start()


def main():
    for word in sys.argv[1:]:
        kind, _, address = word.partition("=")
        listener = socket.create_server((address, PORT))
        threading.Thread(target=listen, args=(kind, listener)).start()
    print("ready", flush=True)


if __name__ == "__main__":
    main()
