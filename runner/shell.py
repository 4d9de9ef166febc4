"""A `/bin/sh` on a host that is fed one command after another, so that a question costs no login.

The shell has a channel of its own, starts with a clean environment and reads no profile. A
command runs in a subshell with its own stdin; when it ends, the shell writes a random number that
only it and we know to both outputs: what stands before it is the command's output, whatever that
contains. No file is needed on the host and no pseudo terminal.
"""

from __future__ import annotations

import base64
import contextlib
import secrets
import shlex
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from string import printable as ascii_text

from runner.ssh import paramiko, time_left

OUTPUT = 1 << 20
"""Bytes of stdout and of stderr that are kept; a command that prints more is killed."""

PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"

_REQUEST = b"\x62"
_SHELL = (
    f"exec /usr/bin/env -i PATH={PATH} HOME=/root USER=root LOGNAME=root SHELL=/bin/sh"
    " LC_ALL=C.UTF-8 /bin/sh"
)

# Ends a command: its status, and whether another process still holds the shell's stdout or
# stderr. `-ef` follows the links in /proc, so that no program has to be started for it.
_HELD = """\
_d=0
for _p in /proc/[0-9]*; do
[ $_p = /proc/$$ ] && continue
if [ $_p/fd/1 -ef /proc/$$/fd/1 ] || [ $_p/fd/2 -ef /proc/$$/fd/2 ]; then _d=1; break; fi
done
"""

# Kills what belongs to the shell {pid}: found by session, parent and held pipes, again and again
# until a round finds nothing new. Only builtins: it works when nothing can be forked any more.
_KILL = """\
_v=' {pid} '; _round=0; _found=1
while [ $_found = 1 ] && [ $_round -lt 20 ]; do
_found=0; _round=$((_round + 1))
for _p in /proc/[0-9]*; do
_n=${{_p#/proc/}}
case "$_v" in *" $_n "*) continue;; esac
_l=; {{ read -r _l <$_p/stat; }} 2>/dev/null
[ -n "$_l" ] || continue
set -- ${{_l##*) }}
case "$_v" in *" $2 "*|*" $4 "*) ;;
*) [ $_p/fd/1 -ef /proc/{pid}/fd/1 ] || [ $_p/fd/2 -ef /proc/{pid}/fd/2 ] || continue;; esac
_v="$_v$_n "; _found=1
done
if [ $_found = 1 ]; then kill -STOP ${{_v# {pid} }} 2>/dev/null; fi
done
kill -KILL $_v 2>/dev/null
"""


@dataclass(slots=True)
class Answer:
    """What came back for one command.

    `held`: somebody still has the shell's pipes; `flooded`: it was still printing at the limit.
    """

    out: bytearray = field(default_factory=bytearray)
    err: bytearray = field(default_factory=bytearray)
    status: int = 0
    held: bool = False
    flooded: bool = False
    truncated: bool = False

    def cut(self) -> Answer:
        """The same, with no more output than is kept."""
        self.truncated = max(len(self.out), len(self.err)) > OUTPUT
        del self.out[OUTPUT:], self.err[OUTPUT:]
        return self


class Shell:
    """One `/bin/sh` on one channel. Raises TimeoutError, or EOFError when it has ended."""

    def __init__(self, transport: paramiko.Transport, channel: paramiko.Channel) -> None:
        self.channel = channel
        self._transport = transport
        self.pid = 0
        self.last_words = ""
        self._wake = _Wake()
        channel.in_buffer.set_event(self._wake)
        channel.in_stderr_buffer.set_event(self._wake)

    @property
    def quiet(self) -> bool:
        """Whether it lives and nobody has written to it since its last answer."""
        channel = self.channel
        return not (
            channel.closed
            or channel.eof_received
            or channel.recv_ready()
            or channel.recv_stderr_ready()
        )

    def start(self, deadline: float) -> None:
        """Become a shell with a clean environment and learn its process id."""
        # exec_command would wait for the answer without any limit.
        self._request("exec", True, _SHELL)  # noqa: FBT003  the wire's name for it is want_reply
        answer = self.ask(Script("umask 022; cd /root || cd /\n", "$$ 0"), deadline)
        self.pid = answer.status

    def ask(self, script: Script, deadline: float) -> Answer:
        """Run a script and read both outputs up to its end mark."""
        mark = secrets.token_hex(16)
        self.channel.settimeout(time_left(deadline))
        with _ended_as_eof():
            self.channel.sendall(script.framed(mark))
        answer = Answer()
        out = _Tail(answer.out, mark.encode())
        err = _Tail(answer.err, mark.encode())
        while not (out.done and err.done):
            if not self._wake.wait(time_left(deadline)):
                raise TimeoutError
            self._wake.rearm()
            ended = self.channel.closed or self.channel.eof_received
            while self.channel.recv_ready() and not out.full:
                out.feed(self.channel.recv(1 << 16))
            while self.channel.recv_stderr_ready() and not err.full:
                err.feed(self.channel.recv_stderr(1 << 16))
            if out.full or err.full:
                answer.flooded = True
                return answer.cut()
            if ended and not (out.done and err.done):
                self.last_words = bytes(answer.err[-400:]).decode("utf-8", "replace")
                raise EOFError
        status, held = out.rest.split()
        answer.status, answer.held = int(status), held != b"0"
        return answer.cut()

    def drain(self) -> None:
        """Throw away what was written meanwhile, so that the writer does not block."""
        while self.channel.recv_ready():
            self.channel.recv(1 << 16)
        while self.channel.recv_stderr_ready():
            self.channel.recv_stderr(1 << 16)

    def signal_kill(self) -> None:
        """Have the server kill the shell's process group, which needs nothing on the host."""
        with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
            self._request("signal", False, "KILL")  # noqa: FBT003  as above
        self.channel.close()

    def _request(self, kind: str, answered: bool, text: str) -> None:  # noqa: FBT001
        message = paramiko.Message()
        message.add_byte(_REQUEST)
        message.add_int(self.channel.remote_chanid)
        message.add_string(kind)
        message.add_boolean(answered)
        message.add_string(text)
        # Public paramiko has no signals, and no request that does not wait for ever.
        self._transport._send_user_message(message)  # type: ignore[attr-defined]  # noqa: SLF001


@dataclass(frozen=True, slots=True)
class Script:
    """Shell text that runs one command, and two words for the end mark: status, pipes held."""

    text: str
    ending: str = "$_s $_d"

    def framed(self, mark: str) -> bytes:
        """The text, followed by what marks its end on both outputs."""
        end = f"printf '%s %s %s\\n' {mark} {self.ending}\nprintf '%s\\n' {mark} >&2\n"
        return (self.text + end).encode("utf-8", "surrogateescape")


def command_script(command: str, stdin: bytes, user: str | None) -> Script:
    """Run a shell command as `user` (root if None) with exactly `stdin` to read."""
    quoted = shlex.quote(command)
    source, feed = "</dev/null", ""
    if stdin:
        text = stdin.decode("latin-1")
        plain = all(character in ascii_text for character in text)
        literal = shlex.quote(text if plain else base64.b64encode(stdin).decode())
        feed = f"printf %s {literal} | " + ("" if plain else "base64 -d | ")
        source = ""
    if user is None:
        return Script(f"{feed}( eval {quoted} ) {source}\n_s=$?\n{_HELD}")
    # A session of its own, so that its survivors can be told by `kill -0`: /proc hides the pipes
    # of other accounts from a root that may not trace. No PAM, no sudo, no login shell.
    text = f"""\
{feed}( _e=$(getent passwd {shlex.quote(user)}) || {{
echo {shlex.quote(f"user {user} does not exist")} >&2; exit 1; }}
set -f; IFS=:; set -- $_e; unset IFS
exec setsid env -i --default-signal=INT,QUIT PATH={PATH} HOME="$6" USER="$1" LOGNAME="$1" \
SHELL="${{7:-/bin/sh}}" LC_ALL=C.UTF-8 setpriv --reuid="$3" --regid="$4" --init-groups \
/bin/sh -c 'cd 2>/dev/null || cd /; eval "$1"' sh {quoted} ) {source} &
_j=$!; wait $_j; _s=$?; _d=0
kill -s 0 -- -$_j 2>/dev/null && _d=1
"""
    return Script(text)


def kill_script(pid: int) -> Script:
    """Kill whatever belongs to the shell with that process id, and the shell."""
    return Script(_KILL.format(pid=pid), "0 0")


class _Tail:
    """Collects one output until its end mark; `rest` is what the mark's line says after it."""

    def __init__(self, data: bytearray, mark: bytes) -> None:
        self.done = False
        self.rest = b""
        self._data = data
        self._mark = mark
        self._at = -1

    @property
    def full(self) -> bool:
        return not self.done and self._at < 0 and len(self._data) > OUTPUT + len(self._mark)

    def feed(self, piece: bytes) -> None:
        seen = max(len(self._data) - len(self._mark), 0)
        self._data += piece
        if self._at < 0:
            self._at = self._data.find(self._mark, seen)
        if self._at >= 0 and not self.done:
            start = self._at + len(self._mark)
            end = self._data.find(b"\n", start)
            if end >= 0:
                self.rest = bytes(self._data[start:end])
                self.done = True
                del self._data[self._at :]


class _Wake(threading.Event):
    """An event that two buffers share: paramiko clears it when one is empty, which is too early."""

    def clear(self) -> None:
        """Not now: see `rearm`."""

    def rearm(self) -> None:
        super().clear()


@contextlib.contextmanager
def _ended_as_eof() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise
    except OSError as error:
        raise EOFError from error
