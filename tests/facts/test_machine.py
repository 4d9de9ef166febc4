"""Recorded answers about a machine's time, age and trust, read; and files looked through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graders.facts.machine import Offsets, RunsSince, TakesAnyCertificate
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply
from tests.real_shell import ran


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (Offsets((1, 2)), Reply(0, "+0100\n+0200\n"), ("+0100", "+0200")),
        (RunsSince(), Reply(0, "1795690450\n"), 1795690450),
        (TakesAnyCertificate(), Reply(0, ""), ()),
        (
            TakesAnyCertificate(),
            Reply(0, "/etc/nslcd.conf:tls_reqcert never\n"),
            ("/etc/nslcd.conf:tls_reqcert never",),
        ),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (Offsets((1, 2)), Reply(0, "+0100\n")),
        (Offsets((1, 2)), Reply(1, "", "date: invalid date\n")),
        (RunsSince(), Reply(2, "", "sh: arithmetic expression: expecting primary\n")),
        (TakesAnyCertificate(), Reply(0, "", "sh: 1: grep: not found\n")),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


def test_an_account_s_own_time_zone_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)
    asked = Offsets((1_768_478_400,))
    machine = asked.read(ran(asked))
    monkeypatch.setenv("TZ", "XXX-7:30")
    assert asked.read(ran(asked)) == machine


@pytest.mark.parametrize(
    ("line", "lax"),
    [
        ("tls_reqcert never", True),
        ("TLS_REQCERT\tallow", True),
        ("ldap_tls_reqcert = try", True),
        ("  ldap_tls_reqcert=never", True),
        ("Environment=LDAPTLS_REQCERT=never", True),
        ('LDAPTLS_REQCERT="never"', True),
        ("#tls_reqcert never", False),
        ("; ldap_tls_reqcert = never", False),
        ("ldap_tls_reqcert = demand", False),
        ("tls_reqcert hard", False),
        ("tls_cacertfile /etc/ssl/certs/never.pem", False),
    ],
)
def test_lax_settings_are_found(line: str, *, lax: bool, tmp_path: Path) -> None:
    (tmp_path / "conf.d").mkdir()
    (tmp_path / "conf.d" / "a.conf").write_text(f"[domain/office]\n{line}\n", encoding="utf-8")
    asked = TakesAnyCertificate((str(tmp_path), str(tmp_path / "gone")))
    found = asked.read(ran(asked))
    assert found == ((f"{tmp_path}/conf.d/a.conf:{line}",) if lax else ())
