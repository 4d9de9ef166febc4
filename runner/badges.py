"""Open Badges 3.0: what an apprentice has demonstrated, a credential for each competency."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from runner.canonical import digest
from runner.entry import Mode, written
from runner.printable import on_page
from runner.taxonomy import competency_id, item_id
from runner.transcript import Result, State

if TYPE_CHECKING:
    from runner.entry import Entry
    from runner.ledger import Force
    from runner.record import Attempt

CONTEXT = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)
TYPES = ("VerifiableCredential", "AchievementCredential")
_TEXT = 4000
_WHOLE = 100
_MARKDOWN = re.compile(r"([\\`*_\[\]<>&#|~!])")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a badge is about: a login name or a mail address, hashed where there is a salt."""

    kind: str
    value: str
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues it: the did:key of what signs, and a name if one was given."""

    id: str
    name: str = ""


def badge(
    result: Result, force: Force, holder: Holder, issuer: Issuer, framework: str
) -> dict[str, Any] | None:
    """The credential, without its proof; None where nothing in the ledger bears it out."""
    attempt = result.attempt
    standing = force.gradings.get(attempt.id) if attempt else None
    if result.state is not State.DEMONSTRATED or attempt is None or standing is None:
        return None
    title = on_page(result.competency.title or attempt.title)
    return {
        "@context": list(CONTEXT),
        "id": uuid5(standing.entry.id, issuer.id).urn,
        "type": list(TYPES),
        "name": title,
        "issuer": {"id": issuer.id, "type": ["Profile"]}
        | ({"name": on_page(issuer.name)} if issuer.name else {}),
        "validFrom": written(attempt.graded_at),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [_identity(holder)],
            "achievement": _achievement(result, attempt, standing.entry, title, framework),
        },
        "evidence": [_evidence(one) for one in _behind(result, force)],
    }


def _achievement(
    result: Result, attempt: Attempt, entry: Entry, title: str, framework: str
) -> dict[str, Any]:
    one = result.competency
    code = on_page(one.code, 40)
    revision = on_page(attempt.grader_revision, 80)
    function = f"job function {one.function}: {one.function_title}".removesuffix(": ")
    target = competency_id(framework, one.code, one.title)
    return {
        "id": item_id(framework, "achievement", one.code, one.title, attempt.grader_revision).urn,
        "type": ["Achievement"],
        "achievementType": "Competency",
        "humanCode": code,
        "name": title,
        "description": on_page(f"Competency {code} of {framework}, {function}.", _TEXT),
        "criteria": {"narrative": _criteria(attempt, entry)},
        "version": revision,
        "alignment": [
            {
                "type": ["Alignment"],
                "targetCode": code,
                "targetName": title,
                "targetFramework": on_page(framework),
                "targetType": "CFItem",
                "targetUrl": target.urn,
            }
        ],
    }


def _criteria(attempt: Attempt, entry: Entry) -> str:
    """The standards as they were graded, in Markdown, which is what has to be here."""
    terms = entry.body.get("terms")
    mark = terms.get("pass_mark") if isinstance(terms, Mapping) else None
    enough = "all"
    if isinstance(mark, int) and 0 < mark < _WHOLE:
        enough = f"at least {mark} percent, by points,"
    lines = ("- " + _MARKDOWN.sub(r"\\\1", on_page(one.standard)) for one in attempt.verdicts)
    how = "in an assessment" if attempt.mode == Mode.ASSESSMENT else "in practice"
    head = f"Demonstrated {how} when {enough} of these performance standards hold:"
    return head + "\n\n" + "\n".join(lines)


def _behind(result: Result, force: Force) -> Iterator[Entry]:
    """The grading, who decided otherwise, and who signed for it."""
    standing = force.gradings[result.attempt.id] if result.attempt else None
    if standing is None:
        return
    yield standing.entry
    if standing.overridden is not None:
        yield standing.overridden
    yield from standing.cosigned
    about = (standing.entry.apprentice, standing.entry.code)
    yield from (one for one in force.observed if (one.apprentice, one.code) == about)


def _evidence(entry: Entry) -> dict[str, Any]:
    by = on_page(str(entry.body.get("by") or ""), 120)
    kind = on_page(entry.kind, 40)
    return {
        "id": entry.id.urn,
        "type": ["Evidence"],
        "name": f"Entry {entry.sequence} of the ledger: {kind}" + (f" by {by}" if by else ""),
        "description": f"SHA-256 {entry.digest}",
    }


def _identity(holder: Holder) -> dict[str, Any]:
    found = {"type": "IdentityObject", "identityType": holder.kind, "hashed": bool(holder.salt)}
    if not holder.salt:
        return found | {"identityHash": holder.value}
    hashed = digest((holder.value + holder.salt).encode("utf-8", "replace"))
    return found | {"identityHash": f"sha256${hashed}", "salt": holder.salt}
