"""Mistakes that share a world: which may, what is then played, and what each of them brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from runner import catalogue, falsified, places, together
from runner.catalogue import Lab
from runner.findings import Found, Played, Trial
from runner.together import Mistake
from runner.verdict import Grade, Outcome, Verdict
from tests import small_lab

ATTEMPTS = f"{small_lab.LAB}/attempts"
SERVE, REFUSE = ("by_hand", "serve"), ("by_hand", "refuse")


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """The small lab, which declares what its first solution's steps flip."""
    small_lab.write(tmp_path)
    page = (
        "title: t\nsolution: true\nflips:\n  serve: [page_is_served, page_stays]\n"
        "  refuse: [stranger_is_refused]\n"
    )
    return written(tmp_path, "by_hand/attempt.yaml", page)


def written(root: Path, name: str, text: str) -> Lab:
    small_lab.put(root / "house" / ATTEMPTS / name, text)
    return small_lab.read(root)


def made(lab: Lab, *played: Played) -> list[Mistake]:
    found = [together.mistake(lab, one) for one in played]
    assert all(found)
    return [one for one in found if one]


def grade(outcomes: Mapping[str, Outcome], *, restarted: bool = False) -> Grade:
    every = {**dict.fromkeys(("boss_stays", *small_lab.CHECKS), Outcome.PASSED), **outcomes}
    return Grade(
        "9a",
        tuple(
            Verdict(check, "s", outcome, after_restart=restarted)
            for check, outcome in every.items()
        ),
    )


FAILED, BLOCKED, BROKEN = Outcome.FAILED, Outcome.BLOCKED, Outcome.BROKEN


def test_a_mistake_is_what_it_does_otherwise_than_its_solution(lab: Lab) -> None:
    [one] = made(lab, ("all_refused", None))
    assert one.solution.name == "by_hand"
    assert one.named == {"page_is_served", "page_stays"}
    assert not one.lasting
    assert [step.path.parent.name for step in one.gone] == ["by_hand"]
    assert [step.path.parent.name for step in one.added] == ["all_refused"]
    assert one.touched == {"refuse"}


@pytest.mark.parametrize(
    "played",
    [("by_hand", None), ("idle", None), ("by_hand", "enable"), ("with_a_tool", "refuse")],
    ids=["a solution", "on no solution", "nothing declared", "nothing declared of it"],
)
def test_what_has_a_world_of_its_own(lab: Lab, played: Played) -> None:
    assert together.mistake(lab, played) is None
    assert together.grouped(lab, [played]) == ((played,),)


def test_a_step_that_its_solution_keeps_apart_has_a_world_of_its_own(
    lab: Lab, tmp_path: Path
) -> None:
    page = "title: t\nsolution: true\nstops: {serve: refuse}\napart: [serve]\n"
    lab = written(tmp_path, "by_hand/attempt.yaml", page)
    assert together.mistake(lab, SERVE) is None


def test_what_stops_a_later_step_shares_a_world_with_what_leaves_that_alone(
    lab: Lab, tmp_path: Path
) -> None:
    page = "title: t\nsolution: true\nflips: {refuse: [stranger_is_refused]}\nstops: {serve: %s}\n"
    lab = written(tmp_path, "by_hand/attempt.yaml", page % "enable")
    assert together.grouped(lab, [SERVE, REFUSE]) == ((SERVE, REFUSE),)
    serve, refuse = together.beside(lab, made(lab, SERVE, REFUSE))
    assert together.own(lab, serve, [serve, refuse], {"page_is_served": Outcome.PASSED}) == {}
    lab = written(tmp_path, "by_hand/attempt.yaml", page % "refuse")
    assert together.grouped(lab, [SERVE, REFUSE]) == ((SERVE,), (REFUSE,))


def test_mistakes_share_a_world_where_no_check_is_about_two(lab: Lab) -> None:
    assert together.grouped(lab, [SERVE, REFUSE]) == ((SERVE, REFUSE),)


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("another check", "based_on: by_hand\nfails: [page_is_served]"),
        ("one that waits for it", "based_on: by_hand\nfails: [page_stays]"),
        ("after a restart of it", "based_on: by_hand\nfails_after_restart: [page_stays]"),
        ("the same step", "based_on: by_hand\nwithout: [serve]\nfails: [stranger_is_refused]"),
        ("kept apart", "based_on: by_hand\nfails: [stranger_is_refused]\napart: [serve]"),
    ],
)
def test_mistakes_that_get_into_each_others_way_do_not(
    lab: Lab, tmp_path: Path, name: str, page: str
) -> None:
    lab = written(tmp_path, "extra/attempt.yaml", f"title: {name}\n{page}\n")
    extra = ("extra", None)
    assert together.grouped(lab, [SERVE, extra]) == ((SERVE,), (extra,))


def test_mistakes_on_several_solutions_share_a_world_where_these_differ_elsewhere(
    lab: Lab, tmp_path: Path
) -> None:
    page = "title: t\nbased_on: with_a_tool\nfails: [stranger_is_refused]\n"
    lab = written(tmp_path, "extra/attempt.yaml", page)
    extra = ("extra", None)
    assert together.grouped(lab, [SERVE, extra]) == ((SERVE, extra),)
    serve, other = together.beside(lab, made(lab, SERVE, extra))
    assert (serve.solution, serve.gone) == (other.solution, made(lab, SERVE)[0].gone)


def test_a_mistake_that_replaces_what_solutions_differ_in_can_stand_on_each(
    lab: Lab, tmp_path: Path
) -> None:
    page = "title: t\nbased_on: with_a_tool\nfails: [stranger_is_refused]\n"
    written(tmp_path, "extra/attempt.yaml", page)
    lab = written(tmp_path, "extra/20-refuse.web.sh", "refuse nobody\n")
    serve, other = together.beside(lab, made(lab, SERVE, ("extra", None)))
    assert serve.solution.name == other.solution.name == "by_hand"
    played = together.joined([serve, other])
    assert [step.path.parent.name for step in played.steps] == ["extra", "by_hand"]


def test_mistakes_on_solutions_that_differ_in_what_they_touch_do_not(
    lab: Lab, tmp_path: Path
) -> None:
    page = "title: t\nsolution: true\nbased_on: by_hand\nflips: {refuse: [stranger_is_refused]}\n"
    written(tmp_path, "anew/attempt.yaml", page)
    written(tmp_path, "anew/10-serve.web.sh", "serve anew\n")
    lab = written(tmp_path, "anew/20-refuse.web.sh", "refuse anew\n")
    anew = ("anew", "refuse")
    assert together.grouped(lab, [SERVE, anew]) == ((SERVE,), (anew,))
    assert together.beside(lab, made(lab, SERVE, anew)) == ()


@pytest.mark.parametrize(("step", "worlds"), [("05-extra.web", 1), ("50-extra.web", 2)])
def test_what_may_rest_on_a_step_is_not_made_where_it_is_done_otherwise(
    lab: Lab, tmp_path: Path, step: str, worlds: int
) -> None:
    page = "title: t\nbased_on: by_hand\nfails: [stranger_is_refused]\n"
    written(tmp_path, "extra/attempt.yaml", page)
    lab = written(tmp_path, f"extra/{step}.sh", "sed -i s/a/b/ /srv/page\n")
    assert len(together.grouped(lab, [SERVE, ("extra", None)])) == worlds


def test_mistakes_that_were_made_one_by_one_are_named() -> None:
    def found(name: str, *beside: str) -> Found:
        return Found(Trial("9a", 1, name, None), beside=beside)

    shared = (found("one", "two"), found("two", "one"))
    parted = (found("three"), found("four"))
    single = (found("five"),)
    worlds = [tuple(one.trial for one in those) for those in (shared, parted, single)]
    assert together.strayed(worlds, [*shared, *parted, *single]) == (worlds[1],)


def test_worlds_that_take_longest_come_first(lab: Lab, tmp_path: Path) -> None:
    page = "title: t\nbased_on: by_hand\nfails_after_restart: [page_stays]\n"
    lab = written(tmp_path, "extra/attempt.yaml", page)

    def trial(name: str, without: str | None = None, *, untouched: bool = False) -> Trial:
        return Trial("9a", 1, name, without, untouched=untouched)

    several = (trial(*SERVE), trial(*REFUSE))
    standing, restarted = (trial("by_hand", untouched=True),), (trial("extra"),)
    worlds = [several, (trial("idle"),), restarted, standing]
    assert sorted(worlds, key=partial(together.turn, lab)) == worlds[::-1]
    of_unknown_length = (trial("by_hand", "enable"),)
    assert together.turn(lab, of_unknown_length)[0] == together.turn(lab, restarted)[0]


def test_of_worlds_alike_the_one_in_which_more_fails_comes_first(lab: Lab) -> None:
    one, several = (Trial("9a", 1, *REFUSE),), (Trial("9a", 1, *SERVE), Trial("9a", 1, *REFUSE))
    few = (Trial("9a", 1, *REFUSE), Trial("9a", 2, *REFUSE))
    assert together.turn(lab, several) < together.turn(lab, few)
    assert together.turn(lab, one) < together.turn(lab, several)


def test_a_world_holds_so_many_mistakes_and_no_more(lab: Lab, tmp_path: Path) -> None:
    names = [f"extra{number}" for number in range(together.MOST + 1)]
    checks = "\n\n".join(f'@check()\ndef {one}(web: Host) -> None:\n    """S."""' for one in names)
    grader = lab.grader_file
    small_lab.put(grader, f"{grader.read_text(encoding='utf-8')}\n\n{checks}\n")
    for name in names:
        lab = written(
            tmp_path, f"{name}/attempt.yaml", f"title: t\nbased_on: by_hand\nfails: [{name}]\n"
        )
        lab = written(tmp_path, f"{name}/50-{name}.web.sh", "true\n")
    found = together.grouped(lab, [(name, None) for name in names])
    assert [len(group) for group in found] == [together.MOST, 1]


def test_what_is_played_is_the_solution_with_all_the_mistakes(lab: Lab, tmp_path: Path) -> None:
    page = "title: t\nbased_on: by_hand\nwithout: [enable]\nfails: [stranger_is_refused]\n"
    written(tmp_path, "extra/attempt.yaml", page)
    lab = written(tmp_path, "extra/05-first.web.sh", "true\n")
    played = together.joined(made(lab, SERVE, ("extra", None)))
    assert [step.name for step in played.steps] == ["first", "refuse"]


@pytest.mark.parametrize(
    ("outcomes", "apart"),
    [
        ({"page_is_served": FAILED, "page_stays": FAILED, "stranger_is_refused": FAILED}, True),
        ({"page_is_served": FAILED, "page_stays": BLOCKED, "stranger_is_refused": FAILED}, True),
        ({"page_is_served": FAILED, "page_stays": FAILED}, False),
        ({"page_is_served": FAILED, "page_stays": FAILED, "stranger_is_refused": BROKEN}, False),
        ({"page_is_served": FAILED, "page_stays": FAILED, "stranger_is_refused": BLOCKED}, False),
        (
            {
                "page_is_served": FAILED,
                "page_stays": FAILED,
                "stranger_is_refused": FAILED,
                "boss_stays": FAILED,
            },
            False,
        ),
    ],
    ids=[
        "as named",
        "one waits for another",
        "one without effect",
        "one that could not be looked at",
        "waiting for nothing that failed",
        "more than named",
    ],
)
def test_mistakes_are_told_apart_where_each_fails_what_it_names(
    lab: Lab, tmp_path: Path, outcomes: Mapping[str, Outcome], *, apart: bool
) -> None:
    page = "title: t\nbased_on: by_hand\nfails: [stranger_is_refused]\n"
    lab = written(tmp_path, "extra/attempt.yaml", page)
    mistakes = made(lab, SERVE, ("extra", None))
    assert together.told_apart(lab, mistakes, grade(outcomes)) is apart


@pytest.mark.parametrize("restarted", [True, False])
def test_what_lasts_until_a_restart_fails_after_one(lab: Lab, *, restarted: bool) -> None:
    mistakes = made(lab, ("not_lasting", None))
    found = grade({"page_stays": FAILED}, restarted=restarted)
    assert together.told_apart(lab, mistakes, found) is restarted


@pytest.mark.parametrize(("late", "apart"), [("page_stays", True), ("stranger_is_refused", False)])
def test_what_lasts_is_told_apart_from_what_fails_at_once(
    lab: Lab, tmp_path: Path, late: str, *, apart: bool
) -> None:
    page = "title: t\nbased_on: by_hand\nfails: [stranger_is_refused]\n"
    lab = written(tmp_path, "extra/attempt.yaml", page)
    lasting, extra = ("not_lasting", None), ("extra", None)
    assert together.grouped(lab, [lasting, extra]) == ((lasting, extra),)
    found = grade({"page_stays": FAILED, "stranger_is_refused": FAILED})
    verdicts = tuple(replace(one, after_restart=one.check == late) for one in found.verdicts)
    told_apart = together.told_apart(
        lab, made(lab, lasting, extra), replace(found, verdicts=verdicts)
    )
    assert told_apart is apart


def test_each_mistake_brings_what_the_others_have_no_part_in(lab: Lab) -> None:
    serve, refuse = made(lab, SERVE, REFUSE)
    outcomes = {
        "boss_stays": Outcome.PASSED,
        "page_is_served": FAILED,
        "page_stays": BLOCKED,
        "stranger_is_refused": FAILED,
    }
    assert together.own(lab, serve, [serve, refuse], outcomes) == {
        "boss_stays": Outcome.PASSED,
        "page_is_served": FAILED,
        "page_stays": BLOCKED,
    }
    assert together.own(lab, refuse, [serve, refuse], outcomes) == {
        "boss_stays": Outcome.PASSED,
        "stranger_is_refused": FAILED,
    }


@pytest.mark.parametrize("real", [*catalogue.labs(places.house())], ids=lambda one: one.code)
def test_of_real_labs_every_mistake_is_made_once(real: Lab) -> None:
    wrong = [(one.name, None) for one in real.attempts if not one.solution]
    played = [*wrong, *falsified.left_out(real)]
    groups = together.grouped(real, played)
    assert sorted(map(str, played)) == sorted(str(one) for group in groups for one in group)
    assert len(groups) < len(played)
