"""What the published specifications ask of each field, as tables by hand: no schema of theirs.

A table has for each field whether it has to be there, and what a value has to be: a test of it, or
a table. A field that is in no table is an error, though some of the specifications allow more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

Test = Callable[[object], bool]
Table = Mapping[str, "tuple[bool, Test | Table]"]


def faults(value: object, table: Test | Table, path: str = "") -> list[str]:
    """Where a value is not as a table has it."""
    if callable(table):
        return [] if table(value) else [f"{path}: {value!r:.60}"]
    if not isinstance(value, dict):
        return [f"{path}: no object"]
    found = [f"{path}.{name} is missing" for name, (must, _) in table.items() if must]
    found = [one for one in found if one.split(" ")[0].rpartition(".")[2] not in value]
    for name, below in value.items():
        if name not in table:
            found.append(f"{path}.{name} is not in the specification")
        else:
            found += faults(below, table[name][1], f"{path}.{name}")
    return found


def text(value: object) -> bool:
    """A text with something in it."""
    return isinstance(value, str) and bool(value.strip())


def exactly(*wanted: object) -> Test:
    """One of these, of the same type."""
    return lambda value: any(type(value) is type(one) and value == one for one in wanted)


def boolean(value: object) -> bool:
    """True or false."""
    return isinstance(value, bool)


def iri(value: object) -> bool:
    """An absolute address or URN."""
    return isinstance(value, str) and bool(
        re.fullmatch(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|^`]+", value)
    )


def uuid(value: object) -> bool:
    """A UUID in its usual form."""
    return isinstance(value, str) and str(UUID(value)) == value


def moment(value: object) -> bool:
    """A moment with a time zone."""
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


def each(table: Test | Table) -> Test:
    """A list with something in it, all of one kind."""
    return lambda value: (
        isinstance(value, list) and bool(value) and not any(faults(one, table) for one in value)
    )


def holds(*wanted: str) -> Test:
    """A list that has these in it."""
    return lambda value: isinstance(value, list) and set(wanted) <= set(value)


# Open Badges 3.0, with the fields that Verifiable Credentials 2.0 and Data Integrity bring.
_IDENTITY: Table = {
    "type": (True, exactly("IdentityObject")),
    "hashed": (True, boolean),
    "identityHash": (True, text),
    "identityType": (True, exactly("userName", "emailAddress")),
    "salt": (False, text),
}
_ALIGNMENT: Table = {
    "type": (True, holds("Alignment")),
    "targetName": (True, text),
    "targetUrl": (True, iri),
    "targetCode": (False, text),
    "targetFramework": (False, text),
    "targetType": (False, exactly("ceasn:Competency", "CFItem", "CFRubric")),
}
_ACHIEVEMENT: Table = {
    "id": (True, iri),
    "type": (True, holds("Achievement")),
    "criteria": (True, {"narrative": (False, text), "id": (False, iri)}),
    "description": (True, text),
    "name": (True, text),
    "achievementType": (False, exactly("Competency", "Assessment")),
    "humanCode": (False, text),
    "version": (False, text),
    "alignment": (False, each(_ALIGNMENT)),
}
_EVIDENCE: Table = {
    "type": (True, holds("Evidence")),
    "id": (False, iri),
    "name": (False, text),
    "description": (False, text),
}
_PROOF: Table = {
    "type": (True, exactly("DataIntegrityProof")),
    "cryptosuite": (True, exactly("eddsa-jcs-2022")),
    "proofPurpose": (True, exactly("assertionMethod")),
    "verificationMethod": (True, iri),
    "proofValue": (True, lambda value: bool(re.fullmatch(r"z[1-9A-Za-z]{80,90}", str(value)))),
    "created": (False, moment),
    "@context": (False, each(iri)),
}
BADGE: Table = {
    "@context": (
        True,
        lambda value: (
            isinstance(value, list)
            and value[0] == "https://www.w3.org/ns/credentials/v2"
            and bool(
                re.fullmatch(
                    r"https://purl\.imsglobal\.org/spec/ob/v3p0/context-3\.0\.\d\.json", value[1]
                )
            )
        ),
    ),
    "id": (True, iri),
    "type": (True, holds("VerifiableCredential", "AchievementCredential")),
    "name": (True, text),
    "issuer": (True, {"id": (True, iri), "type": (True, holds("Profile")), "name": (False, text)}),
    "validFrom": (True, moment),
    "credentialSubject": (
        True,
        {
            "type": (True, holds("AchievementSubject")),
            "achievement": (True, _ACHIEVEMENT),
            "identifier": (True, each(_IDENTITY)),  # or an id, which ours have not
        },
    ),
    "evidence": (False, each(_EVIDENCE)),
    "proof": (True, each(_PROOF)),
}

# CASE 1.0: the package, in which documents and items carry no link back to the package.
_NODE: Table = {"title": (True, text), "identifier": (True, uuid), "uri": (True, iri)}
CASE: Table = {
    "CFDocument": (
        True,
        {
            "identifier": (True, uuid),
            "uri": (True, iri),
            "creator": (True, text),
            "title": (True, text),
            "lastChangeDateTime": (True, moment),
            "description": (False, text),
            "language": (False, text),
        },
    ),
    "CFItems": (
        False,
        each(
            {
                "identifier": (True, uuid),
                "uri": (True, iri),
                "fullStatement": (True, text),
                "lastChangeDateTime": (True, moment),
                "CFItemType": (False, text),
                "humanCodingScheme": (False, text),
                "notes": (False, text),
                "language": (False, text),
            }
        ),
    ),
    "CFAssociations": (
        False,
        each(
            {
                "identifier": (True, uuid),
                "uri": (True, iri),
                "associationType": (True, exactly("isChildOf", "isPeerOf", "isPartOf")),
                "originNodeURI": (True, _NODE),
                "destinationNodeURI": (True, _NODE),
                "lastChangeDateTime": (True, moment),
                "sequenceNumber": (False, lambda value: isinstance(value, int)),
            }
        ),
    ),
}

# xAPI 1.0.3.
_AGENT: Table = {
    "objectType": (False, exactly("Agent")),
    "account": (True, {"homePage": (True, iri), "name": (True, text)}),
}
_WORDS: Table = {"en": (False, text)}
_REFERENCE: Table = {"objectType": (True, exactly("StatementRef")), "id": (True, uuid)}
_ACTIVITY: Table = {
    "objectType": (False, exactly("Activity")),
    "id": (True, iri),
    "definition": (
        False,
        {"type": (False, iri), "name": (False, _WORDS), "description": (False, _WORDS)},
    ),
}


def _score(value: Any) -> bool:  # noqa: ANN401 - it is what is tested
    return (
        set(value) <= {"raw", "min", "max", "scaled"}
        and value["min"] <= value["raw"] <= value["max"]
        and -1 <= value["scaled"] <= 1
    )


def _object(value: object) -> bool:
    voids = isinstance(value, dict) and value.get("objectType") == "StatementRef"
    return not faults(value, _REFERENCE if voids else _ACTIVITY)


STATEMENT: Table = {
    "id": (False, uuid),
    "actor": (True, _AGENT),
    "verb": (True, {"id": (True, iri), "display": (False, _WORDS)}),
    "object": (True, _object),
    "result": (
        False,
        {
            "score": (False, _score),
            "success": (False, boolean),
            "response": (False, text),
            "duration": (False, lambda value: bool(re.fullmatch(r"PT\d+H\d+M\d+S", str(value)))),
        },
    ),
    "context": (
        False,
        {
            "revision": (False, text),
            "platform": (False, text),
            "language": (False, text),
            "instructor": (False, _AGENT),
            "contextActivities": (
                False,
                dict.fromkeys(
                    ("parent", "grouping", "category", "other"), (False, each(_ACTIVITY))
                ),
            ),
            "statement": (False, _REFERENCE),
        },
    ),
    "timestamp": (False, moment),
}
