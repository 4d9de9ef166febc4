"""The world, read: hosts and networks with addresses, files and commands, no template left."""

from __future__ import annotations

import hashlib
import io
import tarfile
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from runner import addresses, authored
from runner.errors import AuthoringError
from runner.forms import HostForm, ScenarioForm
from runner.values import Values

HOST_NUMBERS = range(2, 255)
"""What may stand in the last place of a host's address: the engine keeps the first."""


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """One segment of the world."""

    name: str
    title: str
    public: bool
    subnet: IPv4Network


@dataclass(frozen=True, slots=True)
class FileSpec:
    """A file to be laid into a host before it boots; `mode` as in chmod."""

    path: str
    content: bytes
    mode: int


@dataclass(frozen=True, slots=True)
class HostSpec:
    """One host, ready to be made. `address` maps network to address, eth0 first."""

    name: str
    title: str
    image: str
    systemd: bool
    command: str
    address: Mapping[str, str]
    gateway: str | None
    dns: str | None
    administered: bool
    caps: tuple[str, ...]
    devices: tuple[str, ...]
    sysctls: Mapping[str, str]
    memory: str
    pids: int
    login: str
    setup: str
    ready: str
    ready_within: int
    files: tuple[FileSpec, ...]
    known: Mapping[str, str]

    def archive(self, extra: tuple[FileSpec, ...] = ()) -> bytes:
        """The host's files as a tar archive to be unpacked at its root."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for file in (*self.files, *extra):
                info = tarfile.TarInfo(file.path.lstrip("/"))
                info.size, info.mode = len(file.content), file.mode
                info.mtime = time.time()
                tar.addfile(info, io.BytesIO(file.content))
        return out.getvalue()


@dataclass(frozen=True, slots=True)
class Addition:
    """What a task adds to its world: files, below `folder` by host, and setup, by host.

    The setup is run after the host's own; `source` is where it is written.
    """

    folder: Path
    setup: Mapping[str, str]
    source: authored.Source


@dataclass(frozen=True, slots=True)
class Scenario:
    """A world without any template left in it."""

    name: str
    title: str
    domain: str
    networks: tuple[NetworkSpec, ...]
    hosts: tuple[HostSpec, ...]

    @property
    def routed(self) -> bool:
        """Some host stands in more than one network, so packets may be routed between them."""
        return any(len(host.address) > 1 for host in self.hosts)

    def host(self, name: str) -> HostSpec:
        """The host of that name."""
        return next(host for host in self.hosts if host.name == name)

    def context(self, values: Values) -> dict[str, Any]:
        """What a template about this world may use."""
        return _context({host.name: host.address for host in self.hosts}, values, self.networks)


def form_of(folder: Path, images: Collection[str] | None = None) -> ScenarioForm:
    """The scenario as written, its references checked: every host and network named exists.

    With `images`, the images that can be built, those that the hosts name are checked as well.
    """
    source = authored.Source.of(folder / "scenario.yaml")
    form = source.fit(ScenarioForm)
    _refuse_too_many(form, source)
    for name in form.hosts:
        _refuse_unknown(name, form, images, source)
    refuse_stray_files(folder / "files", form.hosts)
    return form


def refuse_stray_files(files: Path, hosts: Collection[str]) -> None:
    """AuthoringError where the folder of hosts' files has one that is no host's."""
    for path in sorted(files.iterdir()) if files.is_dir() else ():
        if path.is_dir() and path.name not in hosts:
            raise AuthoringError(
                f"holds files for a host that does not exist: {path.name!r}",
                file=path,
                remedy=f"there are: {', '.join(hosts)}",
            )


def digest(folder: Path) -> str:
    """A fingerprint of everything the world is made of."""
    found = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        found.update(f"{path.relative_to(folder)}:{path.stat().st_mode & 0o111}\0".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def read(
    folder: Path,
    values: Values,
    subnets: Mapping[str, IPv4Network],
    hosts: list[str] | None = None,
    addition: Addition | None = None,
) -> Scenario:
    """The world of `folder`, filled in; only `hosts` of it, if they are given."""
    form = form_of(folder)
    source = authored.Source.of(folder / "scenario.yaml")
    chosen = {n: h for n, h in form.hosts.items() if hosts is None or n in hosts}
    networks = tuple(
        NetworkSpec(name, network.title, network.public, subnets[name])
        for name, network in form.networks.items()
        if any(name in host.networks for host in chosen.values())
    )
    address = {
        name: {
            network: str(subnets[network][_number(written, values, source, name, network)])
            for network, written in host.networks.items()
        }
        for name, host in chosen.items()
    }
    _refuse_twins(address, source)
    context = _context(address, values, networks)

    def filled(text: str, *at: str) -> str:
        return authored.render(
            text, context, file=source.path, line=source.begins(*at) if text else None
        )

    def setup(name: str, host: HostForm) -> str:
        own = filled(host.setup, "hosts", name, "setup")
        return own + (_added_setup(addition, name, context) if addition else "")

    def files(name: str) -> tuple[FileSpec, ...]:
        folders = [folder / "files" / name] + ([addition.folder / name] if addition else [])
        found = {file.path: file for each in folders for file in _files(each, context)}
        return tuple(found[path] for path in sorted(found))

    domain = filled(form.domain, "domain")
    return Scenario(
        name=folder.name,
        title=filled(form.title, "title"),
        domain=domain,
        networks=networks,
        hosts=tuple(
            HostSpec(
                name=name,
                title=filled(host.title, "hosts", name, "title"),
                image=host.image,
                systemd=host.init == "systemd",
                command=filled(host.command, "hosts", name, "command"),
                address=address[name],
                gateway=_via(name, host, address),
                dns=_shared(name, host.dns, address) if host.dns in address else None,
                administered=host.administered,
                caps=tuple(host.caps),
                devices=tuple(host.devices),
                sysctls=dict(host.sysctls),
                memory=host.memory,
                pids=host.pids,
                login=host.login,
                setup=setup(name, host),
                ready=filled(host.ready, "hosts", name, "ready"),
                ready_within=host.ready_within,
                files=files(name),
                known=_known_names(name, address, domain) if form.names == "hosts" else {},
            )
            for name, host in chosen.items()
        ),
    )


def _context(
    address: Mapping[str, Mapping[str, str]], values: Values, networks: tuple[NetworkSpec, ...]
) -> dict[str, Any]:
    """The names a template may use: every value, `address.<host>.<network>`, `network.<name>`."""
    return {
        **values.drawn,
        "seed": values.seed,
        "address": {name: dict(of) for name, of in address.items()},
        "network": {network.name: str(network.subnet) for network in networks},
        "netmask": {network.name: str(network.subnet.netmask) for network in networks},
    }


def _refuse_too_many(form: ScenarioForm, source: authored.Source) -> None:
    for public, most in ((True, addresses.PUBLIC_EACH), (False, addresses.PRIVATE_EACH)):
        found = [name for name, network in form.networks.items() if network.public is public]
        if len(found) > most:
            kind = "public" if public else "private"
            raise source.wrong(
                f"there are {len(found)} {kind} networks; a world has at most {most}",
                "networks",
                found[most],
            )


def _refuse_unknown(
    name: str, form: ScenarioForm, images: Collection[str] | None, source: authored.Source
) -> None:
    host = form.hosts[name]
    for network in host.networks:
        _known(network, form.networks, source, ("hosts", name, "networks", network))
    for key, other in (("gateway", host.gateway), ("dns", host.dns)):
        if other is not None:
            _known(other, form.hosts, source, ("hosts", name, key))
    if images is not None:
        _known(host.image, images, source, ("hosts", name, "image"))
    if not host.networks:
        raise source.wrong(f"host {name} stands in no network", "hosts", name)
    if host.gateway and not set(host.networks) & set(form.hosts[host.gateway].networks):
        raise source.wrong(
            f"host {name} shares no network with its gateway {host.gateway}",
            "hosts",
            name,
            "gateway",
        )


def _number(
    written: int | str,
    values: Values,
    source: authored.Source,
    host: str,
    network: str,
) -> int:
    if isinstance(written, int):
        return written
    at = ("hosts", host, "networks", network)
    text = authored.render(written, values.drawn, file=source.path, line=source.begins(*at))
    if not text.isdecimal() or int(text) not in HOST_NUMBERS:
        raise source.wrong(
            f"host {host}: {written!r} comes to {text!r}; a number from 2 to 254 was expected", *at
        )
    return int(text)


def _refuse_twins(address: Mapping[str, Mapping[str, str]], source: authored.Source) -> None:
    owner: dict[str, str] = {}
    for name, of in address.items():
        for network, where in of.items():
            if where in owner:
                raise source.wrong(
                    f"hosts {owner[where]} and {name} have the same address {where}",
                    "hosts",
                    name,
                    "networks",
                    network,
                )
            owner[where] = name


def _shared(name: str, other: str | None, address: Mapping[str, Mapping[str, str]]) -> str | None:
    """The address at which `name` reaches `other`: in a network both stand in, else its first."""
    if other is None:
        return None
    if other == name:
        return "127.0.0.1"
    for network, where in address[other].items():
        if network in address[name]:
            return where
    return next(iter(address[other].values()))


def _via(name: str, host: HostForm, address: Mapping[str, Mapping[str, str]]) -> str | None:
    """The address at which the gateway stands in a network with `name`, if the lab has it."""
    there = address.get(host.gateway or "", {})
    return next((where for network, where in there.items() if network in address[name]), None)


def _known_names(
    name: str, address: Mapping[str, Mapping[str, str]], domain: str
) -> dict[str, str]:
    known: dict[str, str] = {}
    for other in address:
        where = _shared(name, other, address) if other != name else None
        if where is None:
            where = next(iter(address[name].values()))
        known[other] = where
        if domain:
            known[f"{other}.{domain}"] = where
    return known


def _added_setup(addition: Addition, host: str, context: Mapping[str, Any]) -> str:
    if host not in addition.setup:
        return ""
    source = addition.source
    added = authored.render(
        addition.setup[host], context, file=source.path, line=source.begins("setup", host)
    )
    return f"\n{added}"


def _files(folder: Path, context: Mapping[str, Any]) -> tuple[FileSpec, ...]:
    if not folder.is_dir():
        return ()
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        where = "/" + path.relative_to(folder).as_posix()
        mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
        if where.endswith(".j2"):
            text = authored.render(authored.read_text(path), context, file=path)
            found.append(FileSpec(where.removesuffix(".j2"), text.encode(), mode))
        else:
            found.append(FileSpec(where, path.read_bytes(), mode))
    return tuple(found)


def _known(name: str, among: Collection[str], source: authored.Source, at: tuple[str, ...]) -> None:
    if name not in among:
        raise source.wrong(
            f"{'.'.join(at)}: there is no {name!r}", *at, remedy=f"there are: {', '.join(among)}"
        )
