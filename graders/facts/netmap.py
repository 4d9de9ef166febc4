"""A map of a network that somebody wrote down: a line for each device."""

from __future__ import annotations

import csv
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address

from runner.host import Fact, Reply

COLUMNS = ("address", "mac", "label", "model", "ports")
_SIZE_LIMIT = 20_000
_SHOWN = 60
_PORTS = 65535


@dataclass(frozen=True, slots=True)
class Device:
    """A device: `mac` as twelve hexadecimal digits, `ports` those that are open, TCP."""

    address: str
    mac: str = ""
    label: str = ""
    model: str = ""
    ports: frozenset[int] = frozenset()


@dataclass(frozen=True)
class NetworkMap:
    """The devices by address. `problem` says what is wrong with the form, empty if nothing is."""

    devices: Mapping[str, Device] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class MapFile(Fact[NetworkMap | None]):
    """The map at `path`; None if there is no such file."""

    path: str

    def command(self) -> str:
        """No map is long."""
        path = shlex.quote(self.path)
        return f"[ -f {path} ] && head -c {_SIZE_LIMIT} -- {path}"

    def read(self, reply: Reply) -> NetworkMap | None:
        """The lines, up to the first that is none."""
        return None if not reply.ok else map_of(reply.stdout)


def map_of(text: str) -> NetworkMap:
    """The map that `text` is: columns parted by commas or, as spreadsheets do it, by semicolons."""
    devices: dict[str, Device] = {}
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        line = raw.strip()
        cells = _cells(line)
        if not line.strip(",;") or line.startswith("#") or cells[0].casefold() == COLUMNS[0]:
            continue
        problem, device = _device(cells)
        if device is not None and device.address in devices:
            problem = f"{device.address} was given before"
        if problem or device is None:
            return NetworkMap(devices, f"line {number} ({line[:_SHOWN]!r}): {problem}")
        devices[device.address] = device
    return NetworkMap(devices)


def hardware(text: str) -> str:
    """A hardware address as twelve digits, however it is written; empty if it is none."""
    digits = re.sub(r"[\s:.-]", "", text).lower()
    return digits if re.fullmatch(r"[0-9a-f]{12}", digits) else ""


def _cells(line: str) -> list[str]:
    parted_by = ";" if line.count(";") >= len(COLUMNS) - 1 else ","
    try:
        cells = next(csv.reader([line], delimiter=parted_by, skipinitialspace=True), [""])
    except csv.Error:
        cells = [line]
    return [cell.strip() for cell in cells]


def _device(cells: list[str]) -> tuple[str, Device | None]:
    """What is wrong with a line, or the device that it tells of."""
    while len(cells) > len(COLUMNS) and not cells[-1]:
        cells = cells[:-1]
    if len(cells) != len(COLUMNS):
        return f"{len(COLUMNS)} columns were expected: {','.join(COLUMNS)}", None
    where, mac, label, model, listed = cells
    try:
        address = str(IPv4Address(where))
    except AddressValueError:
        return f"{where[:_SHOWN]!r} is no address", None
    if mac and not hardware(mac):
        return f"{mac[:_SHOWN]!r} is no hardware address", None
    ports = [re.sub(r"(?i)^tcp/|/tcp$", "", word) for word in re.split(r"[\s,;+|]+", listed)]
    wrong = [word for word in ports if word and not _port(word)]
    if wrong:
        return f"{wrong[0][:_SHOWN]!r} is no port", None
    numbers = frozenset(int(word) for word in ports if word)
    return "", Device(address, hardware(mac), label, model, numbers)


def _port(word: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,5}", word)) and 0 < int(word) <= _PORTS
