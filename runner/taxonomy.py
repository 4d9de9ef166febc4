"""The framework for other systems: ids that stay the same, and a package of CASE 1.0.

Every badge, statement and package names a competency by the same id, on any machine: it is worked
out from the framework's name, the code and the title, and asked of nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from runner.entry import written
from runner.printable import on_page
from runner.standards import title_of, with_traits

if TYPE_CHECKING:
    from datetime import datetime

    from runner.framework import Occupation
    from runner.standards import Section, Standards

_SPACE = UUID("5b0c7b38-4f0e-4c43-9d3c-2f6f2a0d7e51")
"""Where our ids come from; with another one they would all be others."""
_TEXT = 4000
_GUARD = "It holds from the start and has to stay true."


def framework_name(occupation: Occupation | None) -> str:
    """What the framework is called, with its code where it has one."""
    if occupation is None:
        return "Occupational framework"
    code = f" (RAPIDS {occupation.rapids})" if occupation.rapids else ""
    return on_page(f"{occupation.title}{code}")


def item_id(framework: str, *words: str) -> UUID:
    """The id of what these words name; of the framework itself where there are none."""
    # As JSON, since nothing else keeps the words apart whatever is in them.
    return uuid5(_SPACE, json.dumps([framework, *words]))


def competency_id(framework: str, code: str, title: str) -> UUID:
    """The id of a competency. With another title it is another one: employers number anew."""
    return item_id(framework, "competency", code, title)


@dataclass(frozen=True, slots=True)
class _Item:
    """A statement and what it stands below."""

    id: UUID
    below: UUID
    kind: str
    text: str
    code: str = ""
    note: str = ""


def case_package(
    sections: Sequence[Section], occupation: Occupation | None, *, at: datetime, version: str
) -> dict[str, Any]:
    """Job functions, their competencies, and below those the performance standards."""
    name = framework_name(occupation)
    root = item_id(name)
    items = list(_items(sections, name, root))
    texts = {root: name} | {one.id: on_page(one.text, _TEXT) for one in items}
    changed = written(at)
    below: dict[UUID, int] = {}
    associations = []
    for one in items:
        below[one.below] = below.get(one.below, 0) + 1
        link = item_id(name, "below", str(one.id), str(one.below))
        associations.append(
            _identified(link)
            | {
                "associationType": "isChildOf",
                "sequenceNumber": below[one.below],
                "originNodeURI": {"title": texts[one.id]} | _identified(one.id),
                "destinationNodeURI": {"title": texts[one.below]} | _identified(one.below),
                "lastChangeDateTime": changed,
            }
        )
    return {
        "CFDocument": _identified(root)
        | {
            "creator": f"lab {on_page(version, 40)}",
            "title": name,
            "description": "Job functions and competencies of the framework; below each competency"
            " the performance standards that its lab grades by.",
            "language": "en",
            "lastChangeDateTime": changed,
        },
        "CFItems": [_item(one, texts[one.id], changed) for one in items],
        "CFAssociations": associations,
    }


def _items(sections: Sequence[Section], name: str, root: UUID) -> Iterator[_Item]:
    for section in sections:
        title = section.title or f"Job function {section.number}"
        function = item_id(name, "function", str(section.number), section.title)
        yield _Item(function, root, "Job function", title, str(section.number))
        for one in section.standards:
            yield from _of_competency(one, name, function)


def _of_competency(one: Standards, name: str, function: UUID) -> Iterator[_Item]:
    own = competency_id(name, one.code, title_of(one))
    yield _Item(own, function, "Competency", title_of(one) or one.code, one.code)
    for check in one.checks:
        id = item_id(name, "standard", str(own), check.name)
        note = _GUARD if check.guard else ""
        yield _Item(id, own, "Performance standard", with_traits(check), note=note)


def _item(one: _Item, text: str, changed: str) -> dict[str, Any]:
    optional = {"humanCodingScheme": on_page(one.code, 40), "notes": one.note}
    return (
        _identified(one.id)
        | {"fullStatement": text, "CFItemType": one.kind, "language": "en"}
        | {key: value for key, value in optional.items() if value}
        | {"lastChangeDateTime": changed}
    )


def _identified(id: UUID) -> dict[str, str]:
    return {"identifier": str(id), "uri": id.urn}
