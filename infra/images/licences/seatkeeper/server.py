"""The server: sockets on one side, `Service` on the other, one thread, everything bounded.

A client that says nonsense, too much or nothing loses its connection and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import protocol
from .protocol import LONGEST, SILENCE, Malformed, Reply, line
from .service import Caller, Service

CONNECTIONS = 256
"""How many clients are listened to at a time; others are turned away."""
UNSENT = 1 << 18
"""Bytes that a client may leave unread."""
LOG_SIZE = 4 << 20
"""Bytes after which the log is put aside as `.1`."""
GLANCE = 0.2
"""Seconds between two looks at the clock."""


@dataclass
class _Connection:
    socket: socket.socket
    caller: Caller
    heard: float
    incoming: bytearray = field(default_factory=bytearray)
    outgoing: bytearray = field(default_factory=bytearray)
    ending: bool = False


class Server:
    """Listens on a TCP address and, for administrators, on a socket in the file system."""

    def __init__(
        self,
        service: Service,
        *,
        address: tuple[str, int],
        control: Path | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service, self._now = service, now
        self._selector = selectors.DefaultSelector()
        self._connections: dict[socket.socket, _Connection] = {}
        self._listeners: dict[socket.socket, bool] = {}
        self.address = self._listen(socket.create_server(address), administrator=False)
        if control is not None:
            with contextlib.suppress(FileNotFoundError):
                control.unlink()
            door = socket.socket(socket.AF_UNIX)
            # Only who may do everything on this machine comes in here.
            mask = os.umask(0o177)
            try:
                door.bind(str(control))
            finally:
                os.umask(mask)
            door.listen()
            self._listen(door, administrator=True)

    def serve(self, until: Callable[[], bool] = lambda: False) -> None:
        """Serve until told otherwise, which is looked at a few times a second."""
        while not until():
            self.step(GLANCE)

    def step(self, patience: float) -> None:
        """Serve what there is, waiting at most so many seconds for it."""
        for key, events in self._selector.select(patience):
            chosen = key.fileobj
            if not isinstance(chosen, socket.socket):
                continue
            if chosen in self._listeners:
                self._accept(chosen)
            elif chosen in self._connections:
                one = self._connections[chosen]
                if events & selectors.EVENT_READ:
                    self._hear(one)
                if events & selectors.EVENT_WRITE and one.socket in self._connections:
                    self._say(one)
        silent = self._now() - SILENCE
        for one in [one for one in self._connections.values() if one.heard < silent]:
            self._end(one)
        self._service.tick()

    def close(self) -> None:
        """End all connections; their seats linger until their clients are back."""
        for one in list(self._connections.values()):
            self._end(one)
        for listener in self._listeners:
            listener.close()
        self._selector.close()

    def _listen(self, listener: socket.socket, *, administrator: bool) -> tuple[str, int]:
        listener.setblocking(False)  # noqa: FBT003 - the library's way
        self._listeners[listener] = administrator
        self._selector.register(listener, selectors.EVENT_READ)
        name = listener.getsockname()
        return (name[0], name[1]) if isinstance(name, tuple) else ("", 0)

    def _accept(self, listener: socket.socket) -> None:
        try:
            accepted, _ = listener.accept()
        except OSError:
            return  # it went away again, or there is no room for it
        accepted.setblocking(False)  # noqa: FBT003
        if len(self._connections) >= CONNECTIONS:
            with contextlib.suppress(OSError):
                accepted.send(protocol.written(line("ERR", reason="busy")))
            accepted.close()
            return
        caller = Caller(administrator=self._listeners[listener])
        self._connections[accepted] = _Connection(accepted, caller, self._now())
        self._selector.register(accepted, selectors.EVENT_READ)

    def _hear(self, one: _Connection) -> None:
        try:
            piece = one.socket.recv(4096)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            piece = b""
        if not piece:
            self._end(one)
            return
        one.heard = self._now()
        if not one.ending:
            one.incoming += piece
        while not one.ending and (end := one.incoming.find(b"\n")) >= 0:
            raw = bytes(one.incoming[:end]).rstrip(b"\r")
            del one.incoming[: end + 1]
            self._take(one, raw)
        if not one.ending and len(one.incoming) >= LONGEST:
            self._refuse(one, "line-too-long")
        self._say(one)

    def _take(self, one: _Connection, raw: bytes) -> None:
        if len(raw) >= LONGEST:
            self._refuse(one, "line-too-long")
            return
        try:
            request = protocol.read(raw)
            if request.word == "BYE":
                reply, one.ending = Reply(line("OK")), True
            else:
                reply = self._service.answer(one.caller, request)
        except Malformed:
            self._refuse(one, "malformed")
            return
        for more in reply.before:
            one.outgoing += protocol.written(more, more=True)
        one.outgoing += protocol.written(reply.last)

    def _refuse(self, one: _Connection, reason: str) -> None:
        one.outgoing += protocol.written(line("ERR", reason=reason))
        one.ending = True

    def _say(self, one: _Connection) -> None:
        try:
            while one.outgoing:
                sent = one.socket.send(one.outgoing)
                del one.outgoing[:sent]
        except (BlockingIOError, InterruptedError):
            pass
        except OSError:
            self._end(one)
            return
        if len(one.outgoing) > UNSENT or (one.ending and not one.outgoing):
            self._end(one)
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if one.outgoing else 0)
        self._selector.modify(one.socket, wanted)

    def _end(self, one: _Connection) -> None:
        self._selector.unregister(one.socket)
        del self._connections[one.socket]
        one.socket.close()
        self._service.gone(one.caller)


class Log:
    """A log that does not grow without end. Whoever reads it finds the day and time first."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self, text: str) -> None:
        """Add a line. A full disk keeps nobody from working."""
        with contextlib.suppress(OSError), self._file.open("a", encoding="utf-8") as opened:
            opened.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n")
            if opened.tell() > LOG_SIZE:
                self._file.replace(self._file.with_name(f"{self._file.name}.1"))
