"""The judgement, run: every check asked, in parallel where they do not disturb each other."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import Empty, Queue
from threading import Thread
from time import monotonic

from runner.check import VALUES, Check
from runner.errors import HostUnreachable, LabError, LookError
from runner.host import Host
from runner.printable import one_line, printable
from runner.values import Values
from runner.verdict import Evidence, Failure, Grade, Outcome, Verdict
from runner.waiting import tries

PARALLEL = 6
_REASON_LIMIT = 600
_GLANCE = 0.1
"""Seconds between two looks for checks that take too long."""


@dataclass(frozen=True, slots=True)
class Limits:
    """In seconds, what a grading may take.

    `check`: one check, beyond what it declares with `within`. `grace`: from there until the thread
    that asks it is given up. `whole`: all checks together, beyond their `within`; what is not
    decided by then is BROKEN. `comeback`: what services get after a restart before a check that
    must survive it has failed.
    """

    check: float = 25.0
    grace: float = 3.0
    whole: float = 60.0
    comeback: float = 5.0


@dataclass(frozen=True)
class Stage:
    """What a grading needs of the world. `restart` restarts the administered hosts."""

    hosts: Mapping[str, Host]
    values: Values
    restart: Callable[[], None]
    limits: Limits = Limits()


def grade(
    code: str,
    checks: tuple[Check, ...],
    stage: Stage,
    told: Callable[[Verdict], None] = lambda _: None,
    *,
    anyway: bool = False,
) -> Grade:
    """Ask every check; `told` hears each verdict as it falls.

    Where everything holds and some checks must survive a restart, the administered hosts are
    restarted and those checks are asked again: only then is it known. With `anyway` so are those
    that hold where others do not.
    """
    began = monotonic()
    verdicts = _asked(checks, stage, told, 0.0)
    holding = {name for name, found in verdicts.items() if found.outcome is Outcome.PASSED}
    lasting = tuple(one for one in checks if one.survives_restart and one.name in holding)
    if lasting and (anyway or len(holding) == len(checks)):
        verdicts |= _after_restart(lasting, stage, told)
    return Grade(
        code=code,
        verdicts=tuple(verdicts[one.name] for one in checks),
        seconds=round(monotonic() - began, 3),
    )


def ask(check: Check, stage: Stage, patience: float = 0.0) -> Verdict:
    """The verdict of one check, regardless of its prerequisites."""
    began = monotonic()
    limit = began + max(check.within, patience) + stage.limits.check
    verdict = _verdict(check, Outcome.BROKEN, reason="the check was not asked")
    for _ in tries(max(check.within, patience)):
        verdict = _looked(check, stage, limit)
        if verdict.outcome is Outcome.PASSED or verdict.where:
            break
    return replace(verdict, seconds=round(monotonic() - began, 3))


def _looked(check: Check, stage: Stage, limit: float) -> Verdict:
    """One look at a check. A line that broke says nothing: it is opened anew and asked once more.

    Another check's question may have broken it, since all share one line to each host.
    """
    verdict, cut_off = _tried(check, stage, limit)
    if cut_off and monotonic() < limit:
        verdict, _ = _tried(check, stage, limit)
    return verdict


def _after_restart(
    lasting: tuple[Check, ...], stage: Stage, told: Callable[[Verdict], None]
) -> dict[str, Verdict]:
    try:
        stage.restart()
    except LabError as error:
        said = one_line(stage.values.mask(str(error)))
        reason = f"the hosts could not be restarted: {said}"
        return {
            one.name: replace(_verdict(one, Outcome.BROKEN, reason=reason), after_restart=True)
            for one in lasting
        }
    # Prerequisites that need not survive have passed already and are not asked again.
    again = tuple(
        replace(one, after=tuple(other for other in one.after if other in lasting))
        for one in lasting
    )
    found = _asked(again, stage, lambda _: None, stage.limits.comeback)
    marked = {name: _marked(verdict) for name, verdict in found.items()}
    for verdict in marked.values():
        told(verdict)
    return marked


def _marked(verdict: Verdict) -> Verdict:
    if verdict.outcome is Outcome.FAILED:
        reason = f"held at first, but no longer after a restart: {verdict.reason}"
        return replace(verdict, after_restart=True, reason=reason)
    return replace(verdict, after_restart=True)


def _asked(
    checks: tuple[Check, ...],
    stage: Stage,
    told: Callable[[Verdict], None],
    patience: float,
) -> dict[str, Verdict]:
    """Every check by name: prerequisites first, disruptive ones last and alone."""
    waiting = list(checks)
    running: dict[str, tuple[Check, float]] = {}
    decided: dict[str, Verdict] = {}
    answers: Queue[Verdict] = Queue()
    limits = stage.limits
    alone = sum(one.within for one in checks if one.disruptive)
    abreast = max((one.within for one in checks if not one.disruptive), default=0.0)
    end = monotonic() + limits.whole + alone + abreast

    def settle(verdict: Verdict) -> None:
        running.pop(verdict.check, None)
        # An answer that comes after its check was given up is too late to count.
        if verdict.check not in decided:
            decided[verdict.check] = verdict
            told(verdict)

    while waiting or running:
        if blocked := [(one, why) for one in waiting if (why := _blocked(one, decided))]:
            for check, reason in blocked:
                waiting.remove(check)
                settle(_verdict(check, Outcome.BLOCKED, reason=reason))
            continue  # others may wait for these in turn
        for check in _startable(waiting, [one for one, _ in running.values()]):
            waiting.remove(check)
            own = max(check.within, patience) + limits.check + limits.grace
            running[check.name] = (check, min(monotonic() + own, end))
            # A daemon: a grader that never returns must not keep the program from ending.
            Thread(target=_answer, args=(check, stage, patience, answers), daemon=True).start()
        if running:
            with suppress(Empty):
                settle(answers.get(timeout=_GLANCE))
        for verdict in _overdue(waiting, running, end):
            waiting[:] = [one for one in waiting if one.name != verdict.check]
            settle(verdict)
    return decided


def _overdue(
    waiting: list[Check], running: Mapping[str, tuple[Check, float]], end: float
) -> list[Verdict]:
    now = monotonic()
    late = [
        (one, "the check did not end in time") for one, limit in running.values() if now > limit
    ]
    if now > end:
        late += [(one, "the checks before it took all the time") for one in waiting]
    return [_verdict(one, Outcome.BROKEN, reason=reason) for one, reason in late]


def _answer(check: Check, stage: Stage, patience: float, answers: Queue[Verdict]) -> None:
    try:
        answers.put(ask(check, stage, patience))
    except BaseException as error:  # noqa: BLE001 - else the check would be waited for
        reason = f"the check could not be asked: {type(error).__name__}"
        answers.put(_verdict(check, Outcome.BROKEN, reason=reason))


def _startable(waiting: list[Check], running: list[Check]) -> list[Check]:
    if any(one.disruptive for one in running):
        return []
    undecided = {one.name for one in (*waiting, *running)}
    free = [one for one in waiting if not any(other.name in undecided for other in one.after)]
    calm = [one for one in free if not one.disruptive]
    if calm:
        return calm[: PARALLEL - len(running)]
    return [] if running else free[:1]


def _blocked(check: Check, decided: Mapping[str, Verdict]) -> str:
    """Why the check cannot be asked: a prerequisite that did not pass; empty if it can."""
    found = (decided[other.name] for other in check.after if other.name in decided)
    blocker = next((one for one in found if one.outcome is not Outcome.PASSED), None)
    return f"waits for: {blocker.standard}" if blocker else ""


def _tried(check: Check, stage: Stage, limit: float) -> tuple[Verdict, bool]:
    """What the check says now, and whether a host could not be reached."""
    values = stage.values
    hosts = {
        name: stage.hosts[name].for_one_check(values.mask, lambda: limit - monotonic())
        for name in check.hosts
    }
    arguments: dict[str, object] = dict(hosts)
    if check.wants_values:
        arguments[VALUES] = values
    cut_off = False
    try:
        check.function(**arguments)
    except Failure as failure:
        found = _verdict(check, Outcome.FAILED, reason=failure.reason, hint=failure.hint)
    except LookError as error:
        cut_off = isinstance(error, HostUnreachable)
        found = _verdict(check, Outcome.BROKEN, reason=str(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - authors' code may raise anything
        where = _where(error, check)
        found = _verdict(check, Outcome.BROKEN, reason=f"{type(error).__name__}: {error}")
        found = replace(found, where=where)
    else:
        found = _verdict(check, Outcome.PASSED)
    evidence: list[Evidence] = [item for host in hosts.values() for item in host.evidence]

    def shown(text: str) -> str:
        # Masked before cutting, which could leave half a password, and after cleaning, since an
        # escape sequence may stand in the midst of one.
        return values.mask(printable(values.mask(text), _REASON_LIMIT))

    found = replace(
        found, reason=shown(found.reason), hint=shown(found.hint), evidence=tuple(evidence)
    )
    return found, cut_off


def _verdict(check: Check, outcome: Outcome, *, reason: str = "", hint: str = "") -> Verdict:
    return Verdict(
        check=check.name,
        standard=check.standard,
        outcome=outcome,
        points=check.points,
        guard=check.guard,
        reason=reason,
        hint=hint,
    )


def _where(error: BaseException, check: Check) -> str:
    """The author's line: the innermost frame that lies in the grader, else the check itself."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == check.file]
    return f"{check.file}:{lines[-1] if lines else check.line}"
