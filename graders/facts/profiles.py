"""Profiles: the file with which a device opens its VPN tunnel, WireGuard's or OpenVPN's."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Network

from runner.host import Fact, Reply

_SIZE_LIMIT = 100_000


class Kind(StrEnum):
    """The VPN that a profile is for, by the ending of its file."""

    WIREGUARD = "conf"
    OPENVPN = "ovpn"


@dataclass(frozen=True)
class Profile:
    """A profile as it was handed over."""

    kind: Kind
    text: str = field(repr=False)

    @property
    def server(self) -> str:
        """What the device knows its server by: a public key or a certificate authority."""
        if self.kind is Kind.WIREGUARD:
            return _setting(self.text, "PublicKey")
        return _block(self.text, "ca")

    @property
    def identity(self) -> str:
        """What the server knows the device by, or its secret half."""
        if self.kind is Kind.WIREGUARD:
            return _setting(self.text, "PrivateKey")
        return _block(self.text, "cert")

    def usable(self, *, routes: bool = True, also: IPv4Network | None = None) -> str:
        """The profile without what runs programs or reaches for more of the device than a tunnel.

        A lab has no IPv6, so what is for IPv6 goes as well. "All traffic" is written as two
        halves: the same to a device, but without the firewall marks that a container may not set.
        Without `routes` the tunnel is only set up, and no traffic sent into it. `also` is a
        network whose traffic enters the tunnel besides, as whoever has the device may have it.
        """
        if self.kind is Kind.WIREGUARD:
            lines = _wireguard(self.text, routes=routes, also=also)
        else:
            lines = _openvpn(self.text, also=also)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True)
class ProfileFile(Fact[Profile | None]):
    """The profile in `folder` for `device`, of this kind; None if there is no such file."""

    folder: str
    device: str
    kind: Kind

    def command(self) -> str:
        """The ending of the file says the kind."""
        path = shlex.quote(f"{self.folder}/{self.device}.{self.kind}")
        return f"[ -f {path} ] || exit 3; head -c {_SIZE_LIMIT} -- {path}"

    def read(self, reply: Reply) -> Profile | None:
        """The text as it is, whatever it says."""
        return Profile(self.kind, reply.stdout) if reply.ok else None


_NOT_THE_TUNNEL = {
    Kind.WIREGUARD: {"preup", "postup", "predown", "postdown", "dns", "table", "saveconfig"},
    Kind.OPENVPN: {
        *("up", "down", "up-restart", "down-pre", "route-up", "route-pre-down", "ipchange"),
        *("tls-verify", "plugin", "script-security", "iproute", "setenv", "config", "cd"),
        *("chroot", "user", "group", "daemon", "log", "log-append", "syslog", "writepid"),
        *("status", "management", "verb", "dev", "dev-type", "dev-node", "persist-tun"),
        *("explicit-exit-notify", "tun-ipv6"),
    },
}

_LISTS = {"address", "allowedips"}
_EVERYTHING = "0.0.0.0/0"
_HALVES = ("0.0.0.0/1", "128.0.0.0/1")


def _wireguard(text: str, *, routes: bool, also: IPv4Network | None) -> Iterator[str]:
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        key = key.strip().casefold()
        if key in _NOT_THE_TUNNEL[Kind.WIREGUARD]:
            continue
        if equals and key in _LISTS:
            parts = [part.strip() for part in value.split("#")[0].split(",")]
            kept = [part for part in parts if ":" not in part and part != _EVERYTHING]
            kept += _HALVES if _EVERYTHING in parts else ()
            if kept:
                yield f"{key} = {', '.join(kept)}"
            continue
        yield line
        section = line.split("#")[0].strip().casefold()
        if not routes and section == "[interface]":
            yield "Table = off"
        if also is not None and section == "[peer]":
            yield f"AllowedIPs = {also}"


def _openvpn(text: str, *, also: IPv4Network | None) -> Iterator[str]:
    inside = ""
    for line in text.splitlines():
        tag = re.fullmatch(r"\s*<(/?)([a-z0-9-]+)>\s*", line)
        if tag is not None:
            inside = "" if tag[1] else tag[2]
        words = line.split()
        if inside or not words or words[0].lstrip("-") not in _NOT_THE_TUNNEL[Kind.OPENVPN]:
            yield line
    if also is not None:
        yield f"route {also.network_address} {also.netmask}"


def _setting(text: str, key: str) -> str:
    match = re.search(rf"^\s*{key}\s*=\s*(\S+)", text, re.IGNORECASE | re.MULTILINE)
    return match[1] if match else ""


def _block(text: str, name: str) -> str:
    match = re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return " ".join(match[1].split()) if match else ""
