"""What stands in force: gradings, and what was entered about them since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from runner.entry import GRADINGS, Entry, Kind


@dataclass(frozen=True, slots=True)
class Standing:
    """One grading and what has been entered about it and not been revoked since.

    `overridden` is the last one. Its automatic verdict stays what it was. `counts` is whether that
    verdict demonstrates anything: of practice it may not.
    """

    entry: Entry
    revoked: Entry | None = None
    overridden: Entry | None = None
    cosigned: tuple[Entry, ...] = ()
    disputed: tuple[Entry, ...] = ()
    counts: bool = True

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
        return automatic and self.counts


@dataclass(frozen=True, slots=True)
class Force:
    """What stands in force, by the attempt; `observed` was seen on the job, without a lab.

    `practice_counts` is whether practice demonstrates anything.
    """

    gradings: Mapping[UUID, Standing] = field(default_factory=dict)
    observed: tuple[Entry, ...] = ()
    practice_counts: bool = True

    def demonstrated(self, attempt: UUID, *, automatic: bool) -> bool:
        """Whether an attempt counts as demonstrated.

        One that is in no entry counts as it is, as long as practice counts.
        """
        standing = self.gradings.get(attempt)
        if standing is None:
            return automatic and self.practice_counts
        return standing.demonstrated(automatic=automatic)

    def later(self, attempt: UUID) -> tuple[Entry, ...]:
        """What has been entered about an attempt since, and is in force."""
        standing = self.gradings.get(attempt)
        return standing.later if standing else ()


ALONE = Force()
"""Gradings that nothing was entered about."""


def in_force(entries: Iterable[Entry], *, practice_counts: bool = True) -> Force:
    """What stands in force after these entries, which are in the order of the ledger."""
    there = list(entries)
    revoked = revocations(there)
    about: dict[str, list[Entry]] = {}
    for entry in there:
        if str(entry.id) not in revoked:
            about.setdefault(str(entry.body.get("entry")), []).append(entry)
    gradings = {
        entry.attempt_id: replace(
            _standing(entry, about.get(str(entry.id), []), revoked),
            counts=practice_counts or entry.kind == Kind.SUBMITTED,
        )
        for entry in there
        if entry.kind in GRADINGS and entry.attempt_id is not None
    }
    observed = tuple(
        entry
        for entry in there
        if entry.kind == Kind.COSIGNED and "observed" in entry.body and str(entry.id) not in revoked
    )
    return Force(gradings, observed, practice_counts)


def revocations(entries: Sequence[Entry]) -> Mapping[str, Entry]:
    """By the id of an entry that is no longer in force, the one that says so."""
    # From the end, since what is revoked revokes nothing itself.
    revoked: dict[str, Entry] = {}
    for entry in reversed(entries):
        if entry.kind == Kind.REVOKED and str(entry.id) not in revoked:
            revoked[str(entry.body.get("entry"))] = entry
    return revoked


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
