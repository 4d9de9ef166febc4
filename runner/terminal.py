"""A shell on a host, over the engine's exec: the person's terminal is wired to one in the host.

Nothing is looked at on the way: what the host writes is the learner's own, on their own terminal.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from runner.engine import Engine, translating
from runner.errors import LabError
from runner.execstream import RawSocket

if TYPE_CHECKING:
    from runner.assessment import Ring

_PIECE = 65536
_TYPED = 4096
_WIRE, _KEYBOARD, _WINDOW = "wire", "keyboard", "window"
_STDOUT, _STDERR = 1, 2
_HEADER = 8

# The window's size is set from outside once the exec runs, and the shell should know it from its
# first line on; besides, nobody may speak before we listen.
_WAIT = """\
n=0
while [ "$(stty size 2>/dev/null)" = "0 0" ] && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.02; done
[ -e "/lib/terminfo/$(printf %.1s "$TERM")/$TERM" ] || \
    [ -e "/usr/share/terminfo/$(printf %.1s "$TERM")/$TERM" ] || export TERM=xterm
"""
# As login(1) would: shell and folder from the accounts, a clean environment. A login shell that is
# no shell, like that of a network device, knows no -l.
_LOGIN = """\
entry=$(getent passwd "$(id -u)")
home=${entry%:*} home=${home##*:} shell=${entry##*:}
[ -x "$shell" ] || shell=/bin/sh
cd "$home" 2>/dev/null || cd /
case ${shell##*/} in vtysh) ;; *sh) set -- -l ;; esac
exec env -i HOME="$home" USER="$(id -un)" LOGNAME="$(id -un)" SHELL="$shell" LANG=C.UTF-8 \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin ${TERM:+TERM="$TERM"} \
    "$shell" "$@"
"""


def login(engine: Engine, container: str, user: str, ring: Callable[[], Ring] | None = None) -> int:
    """A login shell of `user`; its exit status when it has ended.

    At a terminal it is interactive; otherwise it runs what standard input holds. `ring` says what
    is to be told meanwhile, and may end it.
    """
    interactive = sys.stdin.isatty() and sys.stdout.isatty()
    script = (_WAIT if interactive else "TERM=\n") + _LOGIN
    term = os.environ.get("TERM") or "xterm"
    with translating("start a shell"):
        made = engine.api.exec_create(
            container,
            ["/bin/sh", "-c", script, "sh"],
            stdin=True,
            tty=interactive,
            user=user,
            environment={"TERM": term} if interactive else {},
        )["Id"]
        raw = engine.api.exec_start(made, tty=interactive, socket=True)
    # A unix engine hands out a file object around the socket, a TLS engine the socket itself.
    wire: RawSocket = getattr(raw, "_sock", raw)  # type: ignore[arg-type]  # one or the other
    wire.settimeout(None)
    try:
        if interactive:
            _converse(wire, lambda: _fit(engine, made), Clock(ring, "\r\n"))
        else:
            feed(wire, Clock(ring, "\n"))
    finally:
        wire.close()
    with translating("ask how the shell ended"):
        seen: dict[str, Any] = engine.api.exec_inspect(made)
    status = seen.get("ExitCode")
    return 0 if status is None else int(status)


class Clock:
    """Says what is to be told when its time comes; `line` is the end of a line on this screen."""

    def __init__(self, ring: Callable[[], Ring] | None, line: str) -> None:
        self._ring = ring
        self._line = line
        self._next = monotonic()

    def over(self) -> bool:
        """Tell what is due; whether that was the end."""
        if self._ring is None or monotonic() < self._next:
            return False
        now = self._ring()
        if now.text:
            _write(_STDERR, f"{self._line}-- {now.text} --{self._line}".encode())
        self._next = monotonic() + now.wait
        return now.over

    def wait(self) -> float | None:
        """Seconds until the next time; None where there is none."""
        return None if self._ring is None else max(self._next - monotonic(), 0.0)


def _converse(wire: RawSocket, fit: Callable[[], None], clock: Clock) -> None:
    """Carry bytes both ways until the host ends it."""
    keyboard, screen = sys.stdin.fileno(), sys.stdout.fileno()
    with _raw(keyboard), _window_changes() as changed, selectors.DefaultSelector() as ready:
        fit()
        ready.register(wire, selectors.EVENT_READ, _WIRE)  # type: ignore[arg-type]
        ready.register(keyboard, selectors.EVENT_READ, _KEYBOARD)
        ready.register(changed, selectors.EVENT_READ, _WINDOW)
        while not clock.over():
            for key, _ in ready.select(clock.wait()):
                if key.data == _WIRE:
                    piece = _received(wire)
                    if not piece:
                        return
                    _write(screen, piece)
                elif key.data == _WINDOW:
                    os.read(changed, _PIECE)
                    fit()
                else:
                    typed = os.read(keyboard, _TYPED)
                    if not typed:  # the terminal is gone
                        return
                    with suppress(OSError):  # the host is gone: the next read says so
                        _send(wire, typed)


def feed(wire: RawSocket, clock: Clock) -> None:
    """Hand over standard input and take both outputs until the host ends it."""
    # A thread of its own: a host that writes without reading must not keep us from reading.
    Thread(target=_hand_over, args=(wire,), daemon=True).start()
    pieces = _Pieces()
    with selectors.DefaultSelector() as ready:
        ready.register(wire, selectors.EVENT_READ)  # type: ignore[arg-type]
        while not clock.over():
            if not ready.select(clock.wait()):
                continue
            if not (piece := _received(wire)):
                return
            for kind, body in pieces.of(piece):
                _write(_STDERR if kind == _STDERR else _STDOUT, body)


def _hand_over(wire: RawSocket) -> None:
    with suppress(OSError):  # the host may have heard enough
        while given := os.read(sys.stdin.fileno(), _PIECE):
            _send(wire, given)
        wire.shutdown(socket.SHUT_WR)  # type: ignore[attr-defined]


class _Pieces:
    """Takes the engine's stream apart: each piece stands behind eight bytes, kind and length."""

    def __init__(self) -> None:
        self._waiting = b""

    def of(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """The bodies that are complete by now."""
        self._waiting += piece
        while len(self._waiting) >= _HEADER:
            kind, size = self._waiting[0], int.from_bytes(self._waiting[4:_HEADER], "big")
            if len(self._waiting) < _HEADER + size:
                return
            yield kind, self._waiting[_HEADER : _HEADER + size]
            self._waiting = self._waiting[_HEADER + size :]


@contextmanager
def _raw(keyboard: int) -> Iterator[None]:
    """The terminal hands on every key, Ctrl-C as well; afterwards it is as it was."""
    import termios
    import tty

    before = termios.tcgetattr(keyboard)
    try:
        tty.setraw(keyboard)
        yield
    finally:
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


@contextmanager
def _window_changes() -> Iterator[int]:
    """A descriptor that can be read when the window has changed its size."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def told(*_: object) -> None:
        with suppress(BlockingIOError):
            os.write(writer, b".")

    before = signal.signal(signal.SIGWINCH, told)
    try:
        yield reader
    finally:
        signal.signal(signal.SIGWINCH, before)
        os.close(reader)
        os.close(writer)


def _fit(engine: Engine, made: str) -> None:
    """Tell the host how large the window is."""
    size = os.get_terminal_size(sys.stdout.fileno())
    # A shell that has just ended has no window any more.
    with suppress(LabError), translating("set the size of the window"):
        engine.api.exec_resize(made, height=size.lines, width=size.columns)


def _received(wire: RawSocket) -> bytes:
    try:
        return wire.recv(_PIECE)
    except ConnectionError:
        return b""


def _send(wire: RawSocket, data: bytes) -> None:
    while data:
        data = data[wire.send(data) :]


def _write(where: int, data: bytes) -> None:
    while data:
        data = data[os.write(where, data) :]
