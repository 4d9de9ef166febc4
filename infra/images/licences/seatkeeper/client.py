"""The other end: what programs and administrators use to talk to the server."""

from __future__ import annotations

import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from . import protocol
from .protocol import LONGEST, Line, Malformed, Reply

PATIENCE = 15.0
"""Seconds that an answer may take."""
_MOST = 20_000
"""Lines of a reply."""


class Unreachable(Exception):
    """No server answers, or it does not speak the protocol."""


class Client:
    """One connection to a server: a host and port, or the socket for administrators."""

    def __init__(self, where: tuple[str, int] | Path, *, patience: float = PATIENCE) -> None:
        """Raises Unreachable."""
        self._where = where
        self._incoming = bytearray()
        try:
            self._socket = _connected(where, patience)
        except OSError as error:
            raise self._unreachable(error) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def ask(self, word: str, **fields: object) -> Reply:
        """The server's answer to one request; raises Unreachable."""
        try:
            self._socket.sendall(protocol.written(protocol.line(word, **fields)))
            before: list[Line] = []
            while len(before) < _MOST:
                raw = self._line()
                if not raw.startswith(b"* "):
                    return self._checked(Reply(protocol.read(raw), tuple(before)))
                before.append(protocol.read(raw[2:]))
        except (OSError, Malformed) as error:
            raise self._unreachable(error) from None
        raise self._unreachable(Malformed("its answer has no end"))

    def fileno(self) -> int:
        """The number by which the system knows the connection."""
        return self._socket.fileno()

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _line(self) -> bytes:
        while (end := self._incoming.find(b"\n")) < 0:
            if len(self._incoming) > LONGEST:
                raise Malformed("its lines have no end")
            piece = self._socket.recv(4096)
            if not piece:
                raise ConnectionResetError("it ended the connection")
            self._incoming += piece
        raw = bytes(self._incoming[:end])
        del self._incoming[: end + 1]
        return raw

    def _checked(self, reply: Reply) -> Reply:
        if reply.last.word not in ("OK", "NO"):
            raise Malformed(f"it answers {reply.last.word} {dict(reply.last.fields)}")
        return reply

    def _unreachable(self, error: Exception) -> Unreachable:
        name = self._where if isinstance(self._where, Path) else "{}:{}".format(*self._where)
        return Unreachable(f"no licence server at {name}: {error}")


def _connected(where: tuple[str, int] | Path, patience: float) -> socket.socket:
    if not isinstance(where, Path):
        return socket.create_connection(where, timeout=patience)
    one = socket.socket(socket.AF_UNIX)
    try:
        one.settimeout(patience)
        one.connect(str(where))
    except OSError:
        one.close()
        raise
    return one
