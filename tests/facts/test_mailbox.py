"""Recorded answers about mails, read; and the search, run on mails as Monit and curl send them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from graders.facts.mailbox import Clock, Named
from runner.errors import UnreadableOutput
from runner.host import Reply
from tests.real_shell import ran

TO = "osilva@kestrel.test"
MAIL = """\
Delivered-To: {to}
Received: from db2 (db2 [10.96.96.12])
\tby annex [10.96.96.215] (msmtpd) with ESMTP;
\tMon, 23 Nov 2026 17:51:47 +0000
From: {sender}
To: {to}
Subject: {subject}

{text}
"""


def test_answers_are_read() -> None:
    assert Clock().read(Reply(0, "1795457094.111892873\n")) == "1795457094.111892873"
    named = Named("/var/mail/oncall", TO, ("db1", "db2"), "1.5", 0)
    assert named.read(Reply(0, "found: db1 db2\n")) == {"db1", "db2"}
    assert named.read(Reply(0, "found:\n")) == frozenset()


def test_other_answers_are_nobodys_fault() -> None:
    with pytest.raises(UnreadableOutput):
        Clock().read(Reply(0, "soon\n"))
    with pytest.raises(UnreadableOutput):
        Named("/", TO, ("db1",), "1.5", 0).read(Reply(1, "", "date: invalid"))


@pytest.mark.parametrize(
    ("to", "sender", "subject", "text", "found"),
    [
        (TO, "monit@db2", "monit alert --  Does not exist database", "Host: db2", {"db2"}),
        (TO, "root", "PostgreSQL on db2 is down", "", {"db2"}),
        (TO, "root", "down", "DB: db2.kestrel.test and db1", {"db1", "db2"}),
        (TO.upper(), "root", "db2", "", {"db2"}),
        (TO, "root", "something is down", "", set()),
        (TO, "root", "xdb2 or db22", "", set()),
        ("root@kestrel.test", "root", "db2", "", set()),
    ],
)
def test_mail_names_what_it_says_and_not_how_it_came(
    tmp_path: Path, to: str, sender: str, subject: str, text: str, found: set[str]
) -> None:
    mail = MAIL.format(to=to, sender=sender, subject=subject, text=text)
    (tmp_path / "1795456307.5").write_text(mail, encoding="utf-8")
    fact = Named(str(tmp_path), TO, ("db1", "db2"), "1.5", 0)
    assert fact.read(ran(fact)) == found


@pytest.mark.parametrize("gone", ["date", "find", "awk", "grep"])
def test_without_its_tools_a_search_finds_nothing_out(tmp_path: Path, gone: str) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in {"date", "find", "awk", "grep"} - {gone}:
        (tools / tool).symlink_to(str(shutil.which(tool)))
    fact = Named(str(tmp_path), TO, ("db1",), "1.5", 0)
    (tmp_path / "1795456307.5").write_text("Delivered-To: root\n", encoding="utf-8")
    with pytest.raises(UnreadableOutput):
        fact.read(ran(fact, path=str(tools)))


def test_no_mail_ever_is_no_mail(tmp_path: Path) -> None:
    fact = Named(str(tmp_path / "inbox"), TO, ("db1",), "1.5", 0)
    assert fact.read(ran(fact)) == frozenset()


def test_old_mail_does_not_count(tmp_path: Path) -> None:
    mail = MAIL.format(to=TO, sender="root", subject="db1", text="")
    (tmp_path / "1795456307.5").write_text(mail, encoding="utf-8")
    fact = Named(str(tmp_path), TO, ("db1",), "9999999999.5", 0)
    assert fact.read(ran(fact)) == frozenset()
