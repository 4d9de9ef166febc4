"""SSH with the out-of-band server of a host, over a stream: dial, and hang up.

This and `runner.netdevice` are all that touches the libraries: importing them takes 100 ms and
more, so `runner.connection` does it only when a connection is opened.
"""

from __future__ import annotations

import base64
import io
import logging
import math
import threading
import warnings
from time import monotonic

from runner.connection import Identity, Stream, greeting
from runner.errors import HostUnreachable, LookError
from runner.printable import one_line

# Some releases warn at import about ciphers that are not used here. Imports are serialised by
# Python, so that two threads do not undo each other's filters.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import paramiko

# What goes wrong is raised from here; without a handler logging would print it as well.
logging.getLogger("paramiko").addHandler(logging.NullHandler())

__all__ = ["REMEDY", "dial", "hang_up", "paramiko", "time_left"]

REMEDY = "if you cannot mend the host, `lab reset` gives you the world as it was at the start"

_STALL = 5.0
_JOIN = 2.0


def dial(
    stream: Stream, identity: Identity, *, host: str, user: str, deadline: float
) -> paramiko.Transport:
    """Start the server at the other end and log in as `user`; HostUnreachable if it fails."""
    wire = _Wire(stream)
    transport: paramiko.Transport | None = None
    try:
        left = time_left(deadline)
        stream.settimeout(left)
        rest = greeting(identity, user=user)
        while rest:
            rest = rest[stream.send(rest) :]
        # paramiko asks for no more than these methods and the attribute `_closed` of a socket.
        transport = paramiko.Transport(wire)  # type: ignore[arg-type]
        _prefer_fast(transport)
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = left
        transport.start_client(timeout=left)
        if transport.get_remote_server_key().asbytes() != base64.b64decode(identity.host):
            raise HostUnreachable(f"{host}: the server is not the one that was started there")
        transport.auth_timeout = time_left(deadline)
        transport.auth_publickey(user, _key(identity))
        transport.set_keepalive(15)
    except (paramiko.SSHException, OSError, EOFError, LookError) as error:
        complaints = stream.complaints
        hang_up(transport, stream)
        if isinstance(error, HostUnreachable):
            raise
        reason = one_line(complaints) or str(error) or type(error).__name__
        raise HostUnreachable(
            f"{host}: no way in for {user} by the grader's own SSH server: {reason}",
            remedy=REMEDY,
        ) from error
    return transport


def hang_up(transport: paramiko.Transport | None, stream: Stream | None = None) -> None:
    """Close the connection and see its thread end."""
    if transport is not None:
        transport.close()
        if transport is not threading.current_thread():
            transport.join(_JOIN)
    if stream is not None:
        stream.close()


def time_left(deadline: float) -> float:
    """Seconds until a moment of `time.monotonic()`; TimeoutError when it has passed."""
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError("no time was left")
    return left


class _Wire:
    """A stream as paramiko wants its socket, and one that gives up on a host that reads nothing."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._stalled = math.inf

    @property
    def _closed(self) -> bool:
        return self._stream.closed

    def send(self, data: bytes) -> int:
        # paramiko tries again for ever when a send times out (a frozen host with full pipes).
        try:
            sent = self._stream.send(data)
        except TimeoutError:
            self._stalled = min(self._stalled, monotonic())
            if monotonic() - self._stalled > _STALL:
                raise BrokenPipeError("the host has stopped reading") from None
            raise
        self._stalled = math.inf
        return sent

    def recv(self, size: int) -> bytes:
        return self._stream.recv(size)

    def settimeout(self, seconds: float | None) -> None:
        self._stream.settimeout(seconds)

    def close(self) -> None:
        self._stream.close()


def _prefer_fast(transport: paramiko.Transport) -> None:
    options = transport.get_security_options()
    options.kex = ("curve25519-sha256@libssh.org",)
    options.key_types = ("ssh-ed25519",)
    options.ciphers = tuple(
        name for name in ("aes128-gcm@openssh.com", "aes128-ctr") if name in options.ciphers
    )


def _key(identity: Identity) -> paramiko.Ed25519Key:
    return paramiko.Ed25519Key.from_private_key(io.StringIO(identity.client_private))
