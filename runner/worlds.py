"""The worlds that run, told: as text for a person, as plain data for a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.engine import Engine, translating
from runner.report import moment
from runner.session import LABEL, Session
from runner.tables import Cell, drawn, table
from runner.voice import Style

if TYPE_CHECKING:
    from runner.assessment import Sitting

Addresses = Mapping[str, Mapping[str, str]]
"""Of each container, by its id, the address in each network, by the network's."""

_UNFINISHED = "unfinished: its start was interrupted, or is still at work"


def addresses(engine: Engine) -> Addresses:
    """The addresses of all hosts, running or not."""
    with translating("list the hosts of the labs"):
        containers = engine.api.containers(all=True, filters={"label": [LABEL]})
    return {
        one["Id"]: {
            net.get("NetworkID") or name: net.get("IPAddress")
            or (net.get("IPAMConfig") or {}).get("IPv4Address")
            or ""
            for name, net in (one.get("NetworkSettings", {}).get("Networks") or {}).items()
        }
        for one in containers
    }


def worlds_text(
    worlds: Sequence[Session], where: Addresses, clocks: Mapping[str, Sitting], style: Style
) -> str:
    """Each world with its hosts; of an assessment, by its session, the clock."""
    parts = []
    now = datetime.now(UTC)
    for world in worlds:
        tag = world.tag
        state = "" if world.complete else f", {_UNFINISHED}"
        what = _told(world, clocks.get(tag.session), now)
        head = (
            f"{tag.code} of {tag.owner}, {what}, "
            f"since {moment(tag.started)} ({_age(tag.started)}){state}"
        )
        rows = [
            (
                one.host,
                Cell(one.state, "green" if one.running else "bold red"),
                "yours to change" if one.administered else "",
                ", ".join(f"{net} {ip}" for net, ip in _named(world, where, one.id).items()),
            )
            for one in world.containers
        ]
        hosts = drawn(table(("Host", "State", "", "Addresses"), rows), style) if rows else ""
        parts.append(f"{head}\n{hosts}".rstrip())
    return "\n\n".join(parts)


def worlds_data(
    worlds: Sequence[Session], where: Addresses, clocks: Mapping[str, Sitting]
) -> dict[str, Any]:
    """The same as plain data."""
    now = datetime.now(UTC)
    return {
        "worlds": [
            {
                "session": world.tag.session,
                "code": world.tag.code,
                "apprentice": world.tag.apprentice,
                # The seed of an assessment would tell what to practise.
                "seed": None if world.tag.assessed else world.tag.seed,
                "started": world.tag.started.isoformat(),
                "pooled": world.tag.pooled,
                "mode": str(world.tag.mode),
                "assessment": _clock_data(clocks.get(world.tag.session), now),
                "complete": world.complete,
                "running": world.running,
                "hosts": [
                    {
                        "name": one.host,
                        "state": one.state,
                        "administered": one.administered,
                        "addresses": [
                            {"network": net, "address": ip}
                            for net, ip in _named(world, where, one.id).items()
                        ],
                    }
                    for one in world.containers
                ],
            }
            for world in worlds
        ]
    }


def _told(world: Session, clock: Sitting | None, now: datetime) -> str:
    """What there is to say of an assessment, else of practice."""
    if not world.tag.assessed:
        return f"seed {world.tag.seed}"
    if clock is None:
        return "an assessment"  # its seed would tell what to practise
    from runner.assessment import clock_text

    return clock_text(clock, now)


def _clock_data(clock: Sitting | None, now: datetime) -> dict[str, Any] | None:
    if clock is None:
        return None
    # Reading what an assessment is made of takes longer than all the rest here.
    from runner.assessment import clock_data

    return clock_data(clock, now)


def _named(world: Session, where: Addresses, container: str) -> dict[str, str]:
    found = where.get(container, {})
    return {name: ip for name, net in sorted(world.networks.items()) if (ip := found.get(net))}


def _age(since: datetime) -> str:
    minutes = int((datetime.now(UTC) - since).total_seconds() // 60)
    if minutes < 60:  # noqa: PLR2004 - minutes in an hour
        return f"{max(minutes, 0)} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60} min" if hours < 48 else f"{hours // 24} days"  # noqa: PLR2004
