"""A small lab on paper: written anew for each test, never started, and trials as they might end."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runner import catalogue
from runner.catalogue import Lab
from runner.findings import Found, Problem, Proof, Trial
from runner.verdict import Outcome

LAB = "labs/jf9_trial/a_small"
GRADER = "graders/jf9_trial/a_small.py"
CHECKS = ("page_is_served", "page_stays", "stranger_is_refused")
"""The scored ones; `boss_stays` is the guard."""

_HOUSE = Path(__file__).parent / "house"
_GRADER = '''
"""Judges nothing: it is read, not asked."""

from runner.check import check
from runner.host import Host


@check(guard=True)
def boss_stays(web: Host) -> None:
    """The boss keeps the account."""


@check(points=2)
def page_is_served(web: Host) -> None:
    """The page is served."""


@check(after=page_is_served, survives_restart=True)
def page_stays(web: Host) -> None:
    """The page stays."""


@check()
def stranger_is_refused(client: Host) -> None:
    """Strangers are refused."""
'''
_ATTEMPTS = {
    "by_hand/attempt.yaml": "title: By hand\nsolution: true\n",
    "by_hand/10-serve.web.sh": "echo '{{ company.name }}' {{ boss.password }}\n",
    "by_hand/20-refuse.web.sh": "refuse\n",
    "by_hand/30-enable.web.sh": "enable\n",
    "with_a_tool/attempt.yaml": "title: With a tool\nsolution: true\nbased_on: by_hand\n",
    "with_a_tool/20-refuse.web.sh": "tool\n",
    "not_enabled/attempt.yaml": (
        "title: t\nbased_on: with_a_tool\nwithout: [enable]\nfails_after_restart: [page_stays]\n"
    ),
    "not_lasting/attempt.yaml": (
        "title: t\nbased_on: by_hand\nfails_after_restart: [page_stays]\n"
    ),
    "not_lasting/30-enable.web.sh": "start\n",
    "all_refused/attempt.yaml": (
        "title: t\nbased_on: by_hand\nfails: [page_is_served, page_stays]\n"
    ),
    "all_refused/20-refuse.web.sh": "refuse everybody\n",
    "idle/attempt.yaml": f"title: t\nfails: [{', '.join(CHECKS)}]\n",
}


def write(root: Path) -> Lab:
    """The lab, in a house of its own below `root`."""
    house = root / "house"
    shutil.copytree(_HOUSE, house, ignore=shutil.ignore_patterns("__pycache__", "attempts"))
    (house / GRADER).write_text(_GRADER.lstrip(), encoding="utf-8")
    for name, text in _ATTEMPTS.items():
        put(house / LAB / "attempts" / name, text)
    return read(root)


def read(root: Path) -> Lab:
    """The same lab as it is now."""
    return catalogue.find("9a", root / "house")


def put(file: Path, text: str) -> None:
    """Write a file, with its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def found(  # noqa: PLR0913 - one for each thing that a test may be about
    attempt: str,
    *failed: str,
    without: str | None = None,
    seed: int = 1,
    blocked: tuple[str, ...] = (),
    problem: str = "",
    ran: bool = True,
    stopped_at: str | None = None,
    seconds: Mapping[str, Any] | None = None,
    memory: int = 0,
    restarted: bool = False,
) -> Found:
    """A trial in which all but `failed` and `blocked` passed."""
    outcomes = dict.fromkeys(("boss_stays", *CHECKS), Outcome.PASSED)
    outcomes |= dict.fromkeys(failed, Outcome.FAILED) | dict.fromkeys(blocked, Outcome.BLOCKED)
    return Found(
        Trial("9a", seed, attempt, without),
        (Problem(Proof.WRONG, problem),) if problem else (),
        outcomes if ran and not stopped_at else {},
        stopped_at,
        restarted,
        memory=memory,
        **(seconds or {}),
    )


def everything() -> tuple[Found, ...]:
    """Every trial of the lab, all as they should be."""
    return (
        found("by_hand"),
        found("with_a_tool"),
        found("by_hand", "page_is_served", blocked=("page_stays",), without="serve"),
        found("by_hand", "stranger_is_refused", without="refuse"),
        found("with_a_tool", "stranger_is_refused", without="refuse"),
        found("not_enabled", "page_stays"),
        found("not_lasting", "page_stays"),
        found("all_refused", "page_is_served", blocked=("page_stays",)),
        found("idle", *CHECKS),
    )
