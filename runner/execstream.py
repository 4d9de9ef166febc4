"""The engine's exec stream as a plain stream of bytes, to speak SSH over.

An engine sends stdout and stderr of an exec over one socket, each piece behind a header of eight
bytes (stream number, three zeros, length); what is written to the socket is the exec's stdin as
it is. This takes the pieces apart: `recv` gives stdout, and the last of stderr is kept for error
messages.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Protocol, cast

_HEADER = 8
_STDERR = 2
_COMPLAINTS = 4096
_PIECE = 65536


class RawSocket(Protocol):
    """What is needed of the socket underneath, be it unix, TLS or a channel of SSH."""

    def send(self, data: bytes, /) -> int:
        """Write some of the bytes and say how many."""

    def recv(self, size: int, /) -> bytes:
        """Read at most so many bytes; none at the end."""

    def settimeout(self, seconds: float | None, /) -> None:
        """Say how long either may take."""

    def close(self) -> None:
        """Let go of it."""


class ExecStream:
    """The stdin and stdout of a process that an engine runs for us.

    Takes what the engine's library returns for a started exec (`exec_start(socket=True)`,
    `tty=False`) before anything was read from it. One thread may receive while others send.
    """

    def __init__(self, raw: object) -> None:
        # A unix engine hands out a file object around the socket, a TLS engine the socket itself.
        # The file object is kept: when it is collected, it closes the connection below.
        self._raw = raw
        self._socket = cast("RawSocket", getattr(raw, "_sock", None) or raw)
        self._header = bytearray()
        self._left = 0
        self._kind = 0
        self._ready = bytearray()
        self._complaints = bytearray()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether it was closed on this side."""
        return self._closed

    @property
    def complaints(self) -> str:
        """What the process last wrote to stderr, bounded."""
        return self._complaints.decode("utf-8", "replace").strip()

    def send(self, data: bytes) -> int:
        """Write some of the bytes to stdin and say how many; TimeoutError as set."""
        if self._closed:
            raise BrokenPipeError("the exec stream is closed")
        return self._socket.send(data)

    def recv(self, size: int) -> bytes:
        """Read at most `size` bytes of stdout; none when the process has ended."""
        while not self._ready:
            if self._closed:
                return b""
            try:
                piece = self._socket.recv(_PIECE)
            except OSError:
                if self.closed:  # by another thread while this one waited
                    return b""
                raise
            if not piece:
                return b""
            self._take_apart(memoryview(piece))
        taken = bytes(self._ready[:size])
        del self._ready[:size]
        return taken

    def settimeout(self, seconds: float | None) -> None:
        """Say how long one `send` or `recv` may take before it raises TimeoutError."""
        if not self._closed:
            self._socket.settimeout(seconds)

    def close(self) -> None:
        """End the connection; the process sees the end of its stdin."""
        if self._closed:
            return
        self._closed = True
        # Closing alone does not wake a thread that waits in recv; a shutdown does.
        shutdown = getattr(self._socket, "shutdown", None)
        with contextlib.suppress(OSError):
            if shutdown is not None:
                shutdown(socket.SHUT_RDWR)
        for end in (self._raw, self._socket):
            close = getattr(end, "close", None)
            with contextlib.suppress(OSError):
                if close is not None:
                    close()

    def _take_apart(self, piece: memoryview) -> None:
        while piece:
            if not self._left:
                missing = _HEADER - len(self._header)
                self._header += piece[:missing]
                piece = piece[missing:]
                if len(self._header) == _HEADER:
                    self._kind = self._header[0]
                    self._left = int.from_bytes(self._header[4:], "big")
                    self._header.clear()
                continue
            body, piece = piece[: self._left], piece[self._left :]
            self._left -= len(body)
            if self._kind == _STDERR:
                self._complaints += body
                del self._complaints[:-_COMPLAINTS]
            else:
                self._ready += body
