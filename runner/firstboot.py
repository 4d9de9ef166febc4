"""What a host brings along to its first boot, and what it does at each.

At every start the engine gives a host card names, routes and a resolver of the engine's making.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from gzip import compress

from runner.scenario import FileSpec, HostSpec

LARGEST = 8192
"""Characters of packed files in a host's command, which the engine tells in each of its lists."""
_NETWORK_UP = "/usr/local/sbin/network-up"

# At the first start only: what is there at a later one may have been worked on. The script that is
# looked for is unpacked last, so what was cut short is done again.
_UNPACK = """\
[ -e "$0" ] || printf %s "$1" | base64 -d | tar -xzf - -C / || exit
shift
exec "$@"
"""


@dataclass(frozen=True, slots=True)
class Luggage:
    """The command that a host is started with, and what has to be unpacked in it before that."""

    command: tuple[str, ...]
    archive: bytes = b""


def luggage(host: HostSpec) -> Luggage:
    """The host's files, for its own shell to unpack where they are few.

    That takes a tenth of what the engine takes, which starts itself anew for each archive.
    """
    init: tuple[str, ...] = ("/sbin/init",)
    if not host.systemd:
        init = ("tini", "--", "/usr/local/sbin/host-init", "sh", "-c", f"exec {host.command}")
    archive = host.archive((network_script(host),))
    packed = b64encode(compress(archive)).decode()
    if len(packed) > LARGEST:
        return Luggage(init, archive)
    return Luggage(("/bin/sh", "-c", _UNPACK, _NETWORK_UP, packed, *init))


def network_script(host: HostSpec) -> FileSpec:
    """Puts cards, route and resolver right; what the host does at each boot."""
    lines = ["#!/bin/sh", "# Cards in their order, route and resolver."]
    if len(host.address) > 1:
        wanted = " ".join(f"eth{n}={address}" for n, address in enumerate(host.address.values()))
        lines += [f"wanted='{wanted}'", _CARDS]
    if host.gateway:
        lines.append(f"ip route replace default via {host.gateway}")
    else:
        lines.append("ip route del default 2>/dev/null || true")
    if host.dns:
        lines.append(f"printf 'nameserver {host.dns}\\n' > /etc/resolv.conf")
    else:
        lines.append("printf '# There is no name server here.\\n' > /etc/resolv.conf")
    return FileSpec(_NETWORK_UP, ("\n".join(lines) + "\n").encode(), 0o755)


_CARDS = """\
card_of() { ip -o -4 addr show | awk -v a="$1" '{ split($4, p, "/"); if (p[1] == a) print $2 }'; }
wrong=
for pair in $wanted; do
    [ "$(card_of "${pair#*=}")" = "${pair%%=*}" ] || wrong=yes
done
if [ -n "$wrong" ]; then
    for pair in $wanted; do
        card=$(card_of "${pair#*=}")
        ip link set "$card" down && ip link set "$card" name "new${pair%%=*}"
    done
    for pair in $wanted; do
        ip link set "new${pair%%=*}" name "${pair%%=*}" && ip link set "${pair%%=*}" up
    done
fi"""
