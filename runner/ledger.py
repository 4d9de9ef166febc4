"""What stands in force: gradings, and what was entered about them since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from runner.entry import Entry, Kind


@dataclass(frozen=True, slots=True)
class Standing:
    """One grading and what has been entered about it and not been revoked since.

    `overridden` is the last one. Its automatic verdict stays what it was.
    """

    entry: Entry
    revoked: Entry | None = None
    overridden: Entry | None = None
    cosigned: tuple[Entry, ...] = ()
    disputed: tuple[Entry, ...] = ()

    @property
    def later(self) -> tuple[Entry, ...]:
        """All of that, in order."""
        found = [*self.disputed, *self.cosigned]
        found += [one for one in (self.overridden, self.revoked) if one is not None]
        return tuple(sorted(found, key=lambda one: one.sequence))

    def demonstrated(self, *, automatic: bool) -> bool:
        """Whether it counts as demonstrated; `automatic` is what the grader said."""
        if self.revoked is not None:
            return False
        if self.overridden is not None:
            return self.overridden.body.get("demonstrated") is True
        return automatic


@dataclass(frozen=True, slots=True)
class Force:
    """What stands in force, by the attempt; `observed` was seen on the job, without a lab."""

    gradings: Mapping[UUID, Standing] = field(default_factory=dict)
    observed: tuple[Entry, ...] = ()

    def demonstrated(self, attempt: UUID, *, automatic: bool) -> bool:
        """Whether an attempt counts as demonstrated. One that is in no entry counts as it is."""
        standing = self.gradings.get(attempt)
        return standing.demonstrated(automatic=automatic) if standing else automatic

    def later(self, attempt: UUID) -> tuple[Entry, ...]:
        """What has been entered about an attempt since, and is in force."""
        standing = self.gradings.get(attempt)
        return standing.later if standing else ()


ALONE = Force()
"""Gradings that nothing was entered about."""


def in_force(entries: Iterable[Entry]) -> Force:
    """What stands in force after these entries, which are in the order of the ledger."""
    there = list(entries)
    # From the end, since what is revoked revokes nothing itself.
    revoked: dict[str, Entry] = {}
    for entry in reversed(there):
        if entry.kind == Kind.REVOKED and str(entry.id) not in revoked:
            revoked[str(entry.body.get("entry"))] = entry
    about: dict[str, list[Entry]] = {}
    for entry in there:
        if str(entry.id) not in revoked:
            about.setdefault(str(entry.body.get("entry")), []).append(entry)
    gradings = {
        entry.attempt_id: _standing(entry, about.get(str(entry.id), []), revoked)
        for entry in there
        if entry.kind == Kind.GRADED and entry.attempt_id is not None
    }
    observed = tuple(
        entry
        for entry in there
        if entry.kind == Kind.COSIGNED and "observed" in entry.body and str(entry.id) not in revoked
    )
    return Force(gradings, observed)


def _standing(entry: Entry, about: list[Entry], revoked: Mapping[str, Entry]) -> Standing:
    def of(kind: Kind) -> tuple[Entry, ...]:
        return tuple(one for one in about if one.kind == kind)

    return Standing(
        entry,
        revoked=revoked.get(str(entry.id)),
        overridden=next(reversed(of(Kind.OVERRIDDEN)), None),
        cosigned=of(Kind.COSIGNED),
        disputed=of(Kind.DISPUTED),
    )
