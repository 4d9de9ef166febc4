"""No answers in the box: what counts as one, and that each kind is found in a real world."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from runner import answers, catalogue, life
from runner.answers import Needle, Script, Sought
from runner.engine import Engine
from runner.lines import Lines
from runner.practical import Practical
from tests.trial import HOUSES, apprentice, clear, inside, silent

LONG = (
    "iptables -A FORWARD -i eth0 -o eth1 -j ACCEPT",
    "iptables -A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT",
    "install -d -m 700 -o root /srv/keep",
)
SCRIPT = Script("attempts/right/10-rules.web.sh", "\n".join(("set -e", *LONG, "true")), "")
NOTHING: frozenset[str] = frozenset()


def told(sought: Sought, hits: dict[str, set[str]], usual: set[str] | None = None) -> list[str]:
    frozen = {path: frozenset(texts) for path, texts in hits.items()}
    found = answers.judge(sought, "web", frozen, frozenset(usual or ()), lambda _: SCRIPT.text)
    return [one.text for one in found]


def test_one_word_that_is_nobody_elses_is_enough() -> None:
    sought = Sought((Needle("page_is_served", "the name of check page_is_served"),), ())
    hits = {"/etc/motd": {"page_is_served"}, "/root/page_is_served.txt": {"a page_is_served"}}
    assert told(sought, hits) == [
        "web:/etc/motd, web:/root/page_is_served.txt: the name of check page_is_served"
    ]


def test_a_value_may_stand_where_it_is_to_be_found() -> None:
    value = Needle("203.0.113.9", "value intruder", ("web:/var/log/auth.log", "web:/srv"))
    places = ("/var/log/auth.log", "/var/log/auth.log.1", "/srv/a/b", "/srvs", "/var/log")
    hits = {place: {"203.0.113.9"} for place in places}
    assert told(Sought((value,), ()), hits) == [
        "web:/srvs, web:/var/log, web:/var/log/auth.log.1: value intruder"
    ]


@pytest.mark.parametrize(
    ("found", "known", "usual", "content", "stands"),
    [
        (LONG, "", (), "", True),
        (LONG[:2], "", (), "", True),
        (LONG[:1], "", (), "", False),
        (LONG[:2], LONG[0], (), "", False),
        (LONG[:2], "", LONG[1:2], "", False),
        (LONG, "\n".join(LONG), (), "only some of it", False),
        (LONG, "\n".join(LONG), (), f"#!/bin/sh\n{SCRIPT.text}\n# more", True),
    ],
)
def test_lines_count_together_or_as_a_whole(
    found: tuple[str, ...], known: str, usual: tuple[str, ...], content: str, stands: object
) -> None:
    script = Script(SCRIPT.name, SCRIPT.text, known)
    assert script.stands(frozenset(found), frozenset(usual), lambda: content) is stands


def test_lines_of_one_script_in_several_files_do_not_add_up() -> None:
    sought = Sought((), (SCRIPT,))
    assert told(sought, {"/a": {LONG[0]}, "/b": {LONG[1]}}) == []
    assert told(sought, {"/a": {LONG[0], LONG[1]}}) == [f"web:/a: lines of {SCRIPT.name}"]


def test_imports_and_short_lines_are_not_looked_for() -> None:
    text = (
        "from dataclasses import dataclass, field\nreturn True\n    x = 'a line of its own making'"
    )
    assert Script("g", text, "").lines == {"x = 'a line of its own making'"}


def test_hits_are_read_by_path() -> None:
    printed = "/a\0one\n/a\0two: x\n/b c\0one\nodd\n"
    assert answers.read_hits(printed) == {
        "/a": frozenset({"one", "two: x"}),
        "/b c": frozenset({"one"}),
    }


def test_the_engines_words_are_searched_as_well() -> None:
    sought = Sought((Needle("page_is_served", "the name of a check"),), (SCRIPT,))
    words = {"image base": "RUN page_is_served", "the labels of host web": SCRIPT.text, "x": "y"}
    assert [one.text for one in answers.judge_words(sought, words)] == [
        "image base: the name of a check",
        f"the labels of host web: lines of {SCRIPT.name}",
    ]


# --- in a real world ------------------------------------------------------------------------------

DECLARED = """\
  boss: {person: true, secret: true}
  pin: {number: [1000, 9999], secret: true}
  ticket: {token: 12, found_in: ["web:/srv/tickets"]}
"""


@pytest.fixture(scope="module")
def work(there: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Practical]:
    """The trial world, whose lab keeps a password and a ticket."""
    root = tmp_path_factory.mktemp("answers") / "house"
    shutil.copytree(HOUSES["9a"], root)
    form = root / "labs/jf9_trial/a_small/lab.yaml"
    text = form.read_text(encoding="utf-8").replace("  boss: {person: true}\n", DECLARED)
    form.write_text(text, encoding="utf-8")
    who = apprentice("answers")
    try:
        lab = catalogue.find("9a", root)
        yield life.start(there, lab, who, seed=5, say=silent).practical
    finally:
        clear(there, who)


def search(there: Engine, work: Practical) -> list[str]:
    with Lines(there) as lines:
        return [one.text for one in answers.search(there, work, lines)]


SHORT = (
    "value pin is to be kept, but 4 characters stand anywhere by chance; at least 6 were expected"
)


@pytest.mark.engine
def test_the_search_finds_what_was_planted_and_neither_itself_nor_more(
    there: Engine, work: Practical
) -> None:
    web = work.session.container("web").id
    inside(there, work, "web", "mkdir /srv/tickets; mkdir -p '/opt/two words'")
    before = there.api.diff(web)
    assert search(there, work) == [SHORT]
    changed = {one["Path"] for one in there.api.diff(web)} - {one["Path"] for one in before}
    assert not [path for path in changed if not path.startswith(("/var/log", "/run"))]

    password, ticket = work.values.person("boss").password, work.values.text("ticket")
    step = next(s for a in work.lab.attempts for s in a.steps if s.path.parent.name == "service")
    script = step.path.read_text(encoding="utf-8")
    plants = (
        f"printf 'a\\0b{password}\\0c' > '/opt/two words/.kept'",
        f"echo {ticket} > /srv/tickets/1; echo {ticket} > /dev/shm/2",
        f"cat > /usr/share/answer <<'X'\n{script}\nX",
        "touch /etc/boss_has_an_account.txt",
        f"setsid sh -c 'sleep 60; : {password}' >/dev/null 2>&1 &",
        f"secret={ticket} setsid sleep 61 >/dev/null 2>&1 &",
    )
    inside(there, work, "web", "\n".join(plants))
    inside(there, work, "client", f"echo {password} > /etc/elsewhere")
    found = [one.split(": ", 1) for one in search(there, work)[1:]]
    by_what = {what: places.split(", ") for places, what in found}
    assert set(by_what) == {
        "the name of check boss_has_an_account",
        "value boss, which is secret",
        "value ticket, which may stand only in web:/srv/tickets",
        "lines of attempts/service/10-serve.web.sh",
        "lines of attempts/memory/10-serve.web.sh",
    }
    kept, argument = by_what["value boss, which is secret"]
    assert kept == "web:/opt/two words/.kept"
    assert argument.startswith("web:/proc/")
    assert argument.endswith("/cmdline")
    shared, surroundings = by_what["value ticket, which may stand only in web:/srv/tickets"]
    assert shared == "web:/dev/shm/2"
    assert surroundings.endswith("/environ")
    assert by_what["lines of attempts/service/10-serve.web.sh"] == ["web:/usr/share/answer"]
    assert by_what["the name of check boss_has_an_account"] == ["web:/etc/boss_has_an_account.txt"]
