"""xAPI 1.0.3: every grading as a statement, for a learning record store.

A store keeps what it was told under an id and takes nothing else under the same. So a grading is
told as it was graded, for good; what an instructor decided later is a statement of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from runner.entry import Mode, written
from runner.printable import on_page
from runner.taxonomy import competency_id, item_id

if TYPE_CHECKING:
    from datetime import timedelta

    from runner.entry import Entry
    from runner.ledger import Force
    from runner.record import Attempt

_VERBS = "http://adlnet.gov/expapi/verbs/"
_ASSESSMENT = "http://adlnet.gov/expapi/activities/assessment"
_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Source:
    """Where statements come from.

    `home_page` is the address of what gives apprentices their names, `titles` has those of the
    competencies by code.
    """

    home_page: str
    framework: str
    titles: Mapping[str, str]


def statements(
    attempts: Iterable[Attempt], force: Force, source: Source
) -> Iterator[dict[str, Any]]:
    """A statement for each attempt, and after it one for each decision in force about it."""
    for one in attempts:
        yield _graded(one, source)
        standing = force.gradings.get(one.id)
        if standing and standing.overridden:
            yield _overridden(one, standing.overridden, source)
        if standing and standing.revoked:
            told = (one.id, standing.overridden.id) if standing.overridden else (one.id,)
            yield from (_voided(id, standing.revoked, source) for id in told)


def _graded(one: Attempt, source: Source) -> dict[str, Any]:
    # In practice one grades as often as one likes: not yet is no failure.
    not_yet = "failed" if one.mode == Mode.ASSESSMENT else "attempted"
    return {
        "id": str(one.id),
        "actor": _agent(one.apprentice, source),
        "verb": _verb("passed" if one.demonstrated else not_yet),
        "object": _activity(one, source),
        "result": _result(one),
        "context": _context(one, source),
        "timestamp": written(one.graded_at),
    }


def _overridden(one: Attempt, entry: Entry, source: Source) -> dict[str, Any]:
    counts = entry.body.get("demonstrated") is True
    response = on_page(str(entry.body.get("reason") or ""))
    return {
        "id": str(entry.id),
        "actor": _agent(one.apprentice, source),
        "verb": _verb("passed" if counts else "failed"),
        "object": _activity(one, source),
        "result": {"success": counts} | ({"response": response} if response else {}),
        "context": {
            **_context(one, source),
            "instructor": _agent(str(entry.body.get("by") or "instructor"), source),
            "statement": {"objectType": "StatementRef", "id": str(one.id)},
        },
        "timestamp": written(entry.made_at),
    }


def _voided(told: UUID, entry: Entry, source: Source) -> dict[str, Any]:
    return {
        "id": str(uuid5(entry.id, str(told))),
        "actor": _agent(str(entry.body.get("by") or "instructor"), source),
        "verb": _verb("voided"),
        "object": {"objectType": "StatementRef", "id": str(told)},
        "timestamp": written(entry.made_at),
    }


def _agent(name: str, source: Source) -> dict[str, Any]:
    return {
        "objectType": "Agent",
        "account": {"homePage": source.home_page, "name": on_page(name, 1024)},
    }


def _verb(name: str) -> dict[str, Any]:
    return {"id": _VERBS + name, "display": {_LANGUAGE: name}}


def _activity(one: Attempt, source: Source) -> dict[str, Any]:
    title = source.titles.get(one.code) or one.title
    described = f"Competency {one.code} of {source.framework}"
    return {
        "objectType": "Activity",
        "id": competency_id(source.framework, one.code, title).urn,
        "definition": {
            "type": _ASSESSMENT,
            "name": {_LANGUAGE: on_page(title)},
            "description": {_LANGUAGE: on_page(described)},
        },
    }


def _result(one: Attempt) -> dict[str, Any]:
    found: dict[str, Any] = {"success": one.demonstrated}
    if one.possible > 0 and 0 <= one.points <= one.possible:
        found["score"] = {
            "raw": one.points,
            "min": 0,
            "max": one.possible,
            "scaled": round(one.points / one.possible, 4),
        }
    if one.graded_at >= one.started_at:  # else a clock was set back
        found["duration"] = _duration(one.graded_at - one.started_at)
    return found


def _context(one: Attempt, source: Source) -> dict[str, Any]:
    mode = {
        "objectType": "Activity",
        "id": item_id(source.framework, "mode", one.mode).urn,
        "definition": {"name": {_LANGUAGE: on_page(one.mode)}},
    }
    return {
        "contextActivities": {"category": [mode]},
        "revision": on_page(f"{one.lab_revision}/{one.grader_revision}", 200),
        "platform": on_page(f"lab {one.program_version}, {one.engine}", 200),
        "language": _LANGUAGE,
    }


def _duration(time: timedelta) -> str:
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"PT{hours}H{minutes}M{seconds}S"
