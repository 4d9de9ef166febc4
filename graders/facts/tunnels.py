"""VPN tunnels, opened from a device with its profile, looked through, and closed again."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import ClassVar, Generic, TypeVar

from graders.facts.profiles import Kind, Profile
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tunnel(Generic[T]):
    """What became of a tunnel. `answer` is what was seen through it, None if it did not come up.

    `problem` is why it did not.
    """

    up: bool
    problem: str = ""
    answer: T | None = None


@dataclass(frozen=True)
class Through(Fact[Tunnel[T]]):
    """The answer to `question` while the tunnel of `profile` is open; `wait` seconds to open it.

    One tunnel at a time on a host: others wait. The question may be any fact that reads nothing.
    `also` is a network whose traffic is sent into the tunnel even if the profile does not say so.
    """

    profile: Profile
    question: Fact[T]
    also: IPv4Network | None = None
    wait: float = 8.0
    timeout: ClassVar[float] = 25.0

    def command(self) -> str:
        """The question runs in the midst, and its exit status is that of the whole."""
        return _opened(self.profile.kind, self.wait, self.question.command(), routes=True)

    def stdin(self) -> bytes:
        """The profile, which holds a private key."""
        return self.profile.usable(also=self.also).encode()

    def read(self, reply: Reply) -> Tunnel[T]:
        """A line about the tunnel, then the question's own output."""
        problem, rest = _first_line(reply)
        if problem:
            return Tunnel(up=False, problem=problem)
        answer = self.question.read(Reply(reply.status, rest, reply.stderr, reply.seconds))
        return Tunnel(up=True, answer=answer)


@dataclass(frozen=True)
class Accepted(Fact[Tunnel[None]]):
    """Whether the server opens a tunnel for `profile` within `wait` seconds; nothing is sent."""

    profile: Profile
    wait: float = 2.0
    timeout: ClassVar[float] = 25.0

    def command(self) -> str:
        """No route leads into the tunnel, so several may be tried at once."""
        return _opened(self.profile.kind, self.wait, ":", routes=False)

    def stdin(self) -> bytes:
        """The profile, which holds a private key."""
        return self.profile.usable(routes=False).encode()

    def read(self, reply: Reply) -> Tunnel[None]:
        """A line about the tunnel."""
        problem, _ = _first_line(reply)
        return Tunnel(up=not problem, problem=problem)


def _opened(kind: Kind, wait: float, question: str, *, routes: bool) -> str:
    """Shell text: open the tunnel, ask, close it.

    Names and files are new each time. Nothing that stays open may hold our lock or our output.
    """
    text = _OPEN.format(
        tools=_TOOLS[kind],
        turn=_TURN if routes else "exec 9>/dev/null",
        prefix="vpn" if routes else "try",
        opening=_OPENING[kind].format(extra="" if routes else "--route-noexec"),
        wait=round(wait * 100),
        looks=_LOOKS,
    )
    return f"( {text}\n(\n{question}\n) 9>&- )"


def _first_line(reply: Reply) -> tuple[str, str]:
    """Why the tunnel is not up (nothing if it is), and the output behind that."""
    line, _, rest = reply.stdout.partition("\n")
    word, _, problem = line.partition(" ")
    if word not in ("up", "down"):
        raise UnreadableOutput(f"the tunnel left no account of itself: {reply.text!r}")
    return (problem.strip() or "it did not come up") if word == "down" else "", rest


# Whoever has the turn is alone: what else there is was left by a question that was killed.
_TURN = """\
exec 9>/run/tunnel.lock && flock 9 || exit 9
for old in /run/vpn??????; do ip link delete "${old##*/}"; rm -rf "$old"; done 2> /dev/null"""

# Without one of these a tunnel would seem to be refused.
_TOOLS = {Kind.WIREGUARD: "ip grep wg wg-quick", Kind.OPENVPN: "ip grep openvpn"}

_OPEN = """\
for tool in {tools}; do
    command -v "$tool" > /dev/null || {{ echo "$tool: not found" >&2; exit 127; }}
done
{turn}
dir=$(mktemp -d /run/{prefix}XXXXXX) && name=${{dir##*/}} && cat > "$dir/$name.conf" || exit 9
said() {{ grep '^[A-Za-z]' "$dir/log" | grep -v -e '--help' -e 'Unknown device' | tail -n 2; }}
down() {{ echo "down ${{1:-$(said | tr '\\n' ' ')}}"; exit 0; }}
closed() {{ close > /dev/null 2>&1; rm -r "$dir"; }}
trap closed EXIT
clock() {{ read -r up _ < /proc/uptime; now=${{up%.*}}${{up#*.}}; }}
{opening}
clock; end=$((now + {wait})); looks=0
until came_up; do
    alive || down
    clock; looks=$((looks + 1))
    if [ $now -gt $end ] && [ $looks -gt {looks} ]; then
        down 'the server does not answer it'
    fi
    # Most are up at once; the others must not keep the machine busy with looking.
    if [ $looks -le {looks} ]; then sleep 0.05; else sleep 0.3; fi
done
echo up"""

_LOOKS = 10
"""So often it is looked at least: on a machine out of breath, seconds alone would be too few."""

# WireGuard speaks when it has something to say: a short keepalive makes it say something at once.
_WIREGUARD = """\
close() {{ wg-quick down "$dir/$name.conf"; }}
alive() {{ :; }}
tab=$(printf '\\t')
came_up() {{ case $(wg show "$name" latest-handshakes) in *"$tab"[1-9]*) ;; *) false ;; esac; }}
wg-quick up "$dir/$name.conf" > "$dir/log" 2>&1 < /dev/null 9>&- || down
for peer in $(wg show "$name" peers); do wg set "$name" peer "$peer" persistent-keepalive 1; done"""

# Killed, not asked to end: it would take its time to say goodbye to the server.
_OPENVPN = """\
close() {{ kill -s KILL $pid; wait $pid; }}
alive() {{ kill -s 0 $pid 2> /dev/null; }}
came_up() {{ grep -q 'Initialization Sequence Completed' "$dir/log"; }}
: > "$dir/log"
openvpn --cd "$dir" --config "$name.conf" --dev "$name" --dev-type tun --suppress-timestamps \
    --verb 3 --connect-retry 1 1 {extra} >> "$dir/log" 2>&1 < /dev/null 9>&- &
pid=$!"""

_OPENING = {Kind.WIREGUARD: _WIREGUARD, Kind.OPENVPN: _OPENVPN}
