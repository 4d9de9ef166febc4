"""Recorded answers of apt and dpkg, read."""

from __future__ import annotations

from typing import Any

import pytest

from graders.facts.packages import (
    AptOffers,
    AptSources,
    AptUpgrades,
    FilesInside,
    FilesOf,
    Installation,
    Installed,
    Offers,
    Reinstalled,
    TrueName,
    Upgrades,
)
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

ARCHIVE = "http://depot.yewtree.test/archive"
OFFERS = AptOffers(("quotedesk", "roomlist"))

URIS = """\
'http://depot.yewtree.test/archive/dists/stable/InRelease' depot.yewtree.test_InRelease 0 
'http://depot.yewtree.test/archive/dists/stable/main/binary-all/Packages.xz' depot_Packages 0 
'http://flat.test/ours/./InRelease' flat.test_ours_._InRelease 0 
"""  # noqa: W291 - as apt has it
MADISON = """\
updated 0
 quotedesk |      4.0.3 | http://depot.yewtree.test/archive stable/main amd64 Packages
 quotedesk |      3.3.7 | http://depot.yewtree.test/archive stable/main amd64 Packages
  roomlist |        1.6 | http://depot:8080/archive ./ Packages
"""
NOT_SIGNED = """\
W: OpenPGP signature verification failed: http://depot/archive stable InRelease: Missing key 65C0
E: The repository 'http://depot/archive stable InRelease' is not signed.
"""
SIMULATED = """\
updated 0
Inst roomlist [1.6] (1.7 Yewtree Accounting:stable [all])
Conf roomlist (1.7 Yewtree Accounting:stable [all])
Inst roomlist [1.6] (1.7 Yewtree Accounting:stable [all])
Inst libnew (2:1.0-1 Yewtree Accounting:stable [amd64])
"""
DIGEST = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (AptSources(), Reply(0, URIS), (ARCHIVE, "http://flat.test/ours")),
        (AptSources(), Reply(0, ""), ()),
        (AptSources(), Reply(100, "", "E: Malformed entry 1 in list file x (URI)\n"), ()),
        (
            OFFERS,
            Reply(0, MADISON),
            Offers(
                {
                    "quotedesk": (("4.0.3", ARCHIVE), ("3.3.7", ARCHIVE)),
                    "roomlist": (("1.6", "http://depot:8080/archive"),),
                }
            ),
        ),
        (
            OFFERS,
            Reply(0, "updated 100\n", NOT_SIGNED),
            Offers({}, "The repository 'http://depot/archive stable InRelease' is not signed."),
        ),
        (AptUpgrades(), Reply(0, SIMULATED), Upgrades({"roomlist": "1.7", "libnew": "2:1.0-1"})),
        (AptUpgrades(), Reply(0, "updated 100\n", NOT_SIGNED), Upgrades({})),
        (
            AptUpgrades(),
            Reply(100, "updated 0\n", "E: Unmet dependencies. Try 'apt --fix-broken install'.\n"),
            Upgrades({}, "Unmet dependencies. Try 'apt --fix-broken install'."),
        ),
        (
            Installed("quotedesk"),
            Reply(0, "installed 3.3.7\nend\n"),
            Installation("installed", "3.3.7"),
        ),
        (
            Installed("quotedesk"),
            Reply(0, "config-files 4.0.3\nend\n"),
            Installation("config-files", "4.0.3"),
        ),
        (Installed("quotedesk"), Reply(0, "not-installed \nend\n"), Installation()),
        (
            Installed("quotedesk"),
            Reply(0, "dpkg-query: no packages found matching quotedesk\nend\n"),
            Installation(),
        ),
        (
            FilesOf("quotedesk"),
            Reply(0, f"{DIGEST} /usr/bin/quotedesk\n- /usr/share/a b\nend\n"),
            {"/usr/bin/quotedesk": DIGEST, "/usr/share/a b": "-"},
        ),
        (
            FilesInside("/srv/q.deb"),
            Reply(0, f"{DIGEST} /usr/bin/quotedesk\nend\n"),
            {"/usr/bin/quotedesk": DIGEST},
        ),
        (TrueName("/usr/bin/q"), Reply(0, "/usr/bin/q.distrib\n"), "/usr/bin/q.distrib"),
        (Reinstalled("q", "1"), Reply(0, "Unpacking q (1) over (1) ...\nended 0\n"), ""),
        (
            Reinstalled("q", "1"),
            Reply(0, "ended 100\n", "E: Version '1' for 'q' was not found\n"),
            "Version '1' for 'q' was not found",
        ),
        (Reinstalled("q", "1"), Reply(0, "ended 1\n"), "it did not say why"),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (AptSources(), Reply(1, "", "mktemp: failed to create directory")),
        (OFFERS, Reply(1, "", "mktemp: failed to create directory")),
        (OFFERS, Reply(0, "updated 127\n", "sh: 1: apt-get: not found")),
        (AptUpgrades(), Reply(0, "", "")),
        (AptUpgrades(), Reply(127, "updated 0\n", "")),
        (Installed("quotedesk"), Reply(2, "dpkg-query: error: cannot open the database\n")),
        (Installed("quotedesk"), Reply(0, "\nend\n")),
        (Installed("quotedesk"), Reply(0, "installed 3.3.7\n")),
        (Installed("quotedesk"), Reply(0, "")),
        (FilesOf("quotedesk"), Reply(1, "", "dpkg-query: package 'quotedesk' is not installed")),
        (FilesOf("quotedesk"), Reply(0, f"{DIGEST} /usr/bin/quotedesk\n")),
        (FilesInside("/srv/q.deb"), Reply(2, "", "dpkg-deb: error: failed to read archive")),
        (FilesInside("/srv/q.deb"), Reply(0, "end\n")),
        (FilesInside("/srv/q.deb"), Reply(0, "nonsense\nend\n")),
        (TrueName("/usr/bin/q"), Reply(2, "", "dpkg-divert: error")),
        (Reinstalled("q", "1"), Reply(1, "")),
        (
            Reinstalled("q", "1"),
            Reply(0, "ended 100\n", "E: Could not get lock /var/lib/dpkg/lock-frontend\n"),
        ),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


@pytest.mark.parametrize(
    ("fact", "asked"),
    [
        (AptOffers(("a b",)), "madison 'a b'"),
        (AptOffers(("q",), proxy="http://x:1;id"), "-o 'Acquire::http::Proxy=http://x:1;id' -qq"),
        (
            AptOffers(("q",), sources=("deb http://x ./", "deb $y z")),
            "printf '%s\\n' 'deb http://x ./' 'deb $y z' > \"$t/list\"",
        ),
        (Installed("a;b"), " 'a;b' "),
        (FilesOf("a;b"), "dpkg -L 'a;b' "),
        (FilesInside("/a b.deb"), "--raw-extract '/a b.deb' "),
        (TrueName("/a b"), "--truename '/a b'"),
        (Reinstalled("a;b", "1 2"), "install 'a;b=1 2';"),
        (Reinstalled("a;b", "1 2"), "showhold 'a;b')"),
    ],
)
def test_what_is_asked_is_quoted(fact: Fact[Any], asked: str) -> None:
    assert asked in fact.command()


def test_offers_are_told_apart_by_where_they_are_from() -> None:
    offers = OFFERS.read(Reply(0, MADISON))
    assert offers.of("quotedesk", ARCHIVE) == ("4.0.3", "3.3.7")
    assert offers.of("roomlist", ARCHIVE) == ()
    assert offers.of("other", ARCHIVE) == ()
    assert offers.sources == ("http://depot.yewtree.test/archive", "http://depot:8080/archive")


def test_a_package_is_there_gone_or_in_between() -> None:
    assert Installation("installed", "1").there
    assert Installation().gone
    rest = Installation("config-files", "1")
    assert not rest.there
    assert not rest.gone
