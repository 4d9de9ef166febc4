"""Statements sent to a store over real HTTP: once, whatever it does, or a reason in words."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from runner.endpoint import Store
from runner.entry import Kind
from runner.ledger import in_force
from runner.lrs import NotTaken, same, send
from runner.verdict import Outcome
from runner.xapi import Source, statements
from tests.record_store import Shelf, record_store
from tests.taken import attempt
from tests.test_badges import entry

SOURCE = Source("https://lab.example/", "IT Generalist", {"1a": "Sets up devices"})


def some(count: int) -> list[dict[str, Any]]:
    """Statements of so many gradings."""
    graded = [attempt(number + 1, "1a", Outcome.FAILED) for number in range(count)]
    return list(statements(graded, in_force([entry(1, Kind.GRADED)]), SOURCE))


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A store that runs."""
    with record_store() as one:
        yield one


def refused(shelf: Shelf, count: int = 1, patience: float = 30.0) -> NotTaken:
    """Why a store was not told."""
    with pytest.raises(NotTaken) as caught:
        send(Store(shelf.url, patience=patience), some(count))
    assert "\n" not in str(caught.value)
    assert caught.value.remedy
    return caught.value


def test_all_are_told_in_their_order_and_in_batches(shelf: Shelf) -> None:
    meant = some(120)
    assert send(Store(shelf.url, "Basic YTpi"), meant) == 0
    assert list(shelf.statements) == [one["id"] for one in meant]
    assert shelf.batches == [50, 50, 20]
    _, path, headers, _ = shelf.asked[0]
    assert path == "/xapi/statements"
    assert headers["x-experience-api-version"] == "1.0.3"
    assert headers["content-type"] == "application/json"
    assert headers["authorization"] == "Basic YTpi"


@pytest.mark.parametrize("strict", [False, True])
def test_telling_again_doubles_nothing(shelf: Shelf, *, strict: bool) -> None:
    shelf.strict = strict
    send(Store(shelf.url), some(3))
    known = send(Store(shelf.url), some(7))
    assert len(shelf.statements) == 7
    assert known == (3 if strict else 0)
    assert send(Store(shelf.url), some(7)) == (7 if strict else 0)
    assert "authorization" not in shelf.asked[0][2]


def test_what_is_voided_there_is_there(shelf: Shelf) -> None:
    send(Store(shelf.url), some(1))
    shelf.strict = True
    shelf.voided = set(shelf.statements)
    assert send(Store(shelf.url), some(1)) == 1


def test_how_something_is_described_may_have_changed_since(shelf: Shelf) -> None:
    send(Store(shelf.url), some(1))
    (there,) = shelf.statements.values()
    there["object"] = there["object"] | {"definition": {"name": {"en": "another"}}}
    assert send(Store(shelf.url), some(1)) == 1


def test_another_statement_under_the_same_id(shelf: Shelf) -> None:
    send(Store(shelf.url), some(2))
    last = some(2)[1]["id"]
    shelf.statements[last]["actor"] = {"account": {"homePage": "https://x/", "name": "ada"}}
    error = refused(shelf, 2)
    assert f"has another statement under the id {last}. 0 of 2 statements" in str(error)


def test_a_store_that_takes_little_at_once(shelf: Shelf) -> None:
    shelf.most = 5000
    assert send(Store(shelf.url), some(20)) == 0
    assert len(shelf.statements) == 20
    shelf.most = 10
    assert "answers 413: too much" in str(refused(shelf))


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (400, "--xapi FILE writes what would be sent"),
        (401, "LAB_XAPI_USER and LAB_XAPI_PASSWORD, or LAB_XAPI_AUTHORIZATION"),
        (403, "may not write there"),
        (404, "the address below which `statements` lies"),
        (429, "try again later"),
        (500, "nothing is doubled"),
        (503, "nothing is doubled"),
    ],
)
def test_what_a_store_answers_is_told(shelf: Shelf, status: int, remedy: str) -> None:
    shelf.broken, shelf.text = status, b"no \x1b[2J\n" + b"x" * 10**6
    error = refused(shelf)
    assert f"answers {status}: no xxx" in str(error)
    assert len(str(error)) < 400
    assert remedy in error.remedy


def test_nobody_is_led_elsewhere(shelf: Shelf) -> None:
    with record_store() as other:
        for status in (301, 302, 307, 308):
            shelf.broken, shelf.elsewhere = status, f"{other.url}statements"
            assert "It is somewhere else" in refused(shelf).remedy
        assert other.asked == []


def test_it_says_how_many_were_taken_before(shelf: Shelf) -> None:
    shelf.statements[some(60)[55]["id"]] = {"id": "another"}
    error = refused(shelf, 60)
    assert "has another statement" in str(error)
    assert str(error).endswith("50 of 60 statements were taken before.")


@pytest.mark.parametrize("way", ["mute", "drips"])
def test_a_store_that_does_not_come_to_an_end(shelf: Shelf, way: str) -> None:
    setattr(shelf, way, True)
    error = refused(shelf, patience=0.2)
    assert "did not answer within 0.2 s" in str(error)


def test_what_is_no_store(shelf: Shelf) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        shelf.url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        assert "cannot be reached: Connection refused" in str(refused(shelf))


def test_something_else_than_http(shelf: Shelf) -> None:
    shelf.url = shelf.url.replace("http:", "https:")
    assert "cannot be reached: " in str(refused(shelf))


def test_a_store_that_cannot_say_what_it_has(shelf: Shelf) -> None:
    send(Store(shelf.url), some(1))
    shelf.strict = True
    shelf.statements[some(1)[0]["id"]] = {"id": "x", "timestamp": "no time"}
    assert "has another statement" in str(refused(shelf))


def test_whom_nobody_vouches_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both, alone = certificate(tmp_path)
    with record_store(both) as shelf:
        error = refused(shelf)
        assert "is not known to be what it says: self-signed certificate" in str(error)
        assert error.remedy.startswith("SSL_CERT_FILE names")
        monkeypatch.setenv("SSL_CERT_FILE", str(alone))
        assert send(Store(shelf.url), some(2)) == 0
        assert len(shelf.statements) == 2


def test_what_goes_to_this_machine_goes_past_a_proxy(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    assert send(Store(shelf.url), some(1)) == 0


def test_the_same_statement_after_a_store_has_had_it() -> None:
    (ours,) = some(1)
    theirs = ours | {"stored": "x", "authority": {}, "version": "1.0.0"}
    assert same(ours, theirs)
    assert same(ours, theirs | {"verb": {"id": ours["verb"]["id"]}})
    moment = datetime.fromisoformat(ours["timestamp"]).astimezone(UTC)
    cut = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    assert same(ours, theirs | {"timestamp": cut.isoformat()})
    assert not same(ours, theirs | {"timestamp": (moment + timedelta(seconds=1)).isoformat()})
    assert not same(ours, theirs | {"timestamp": "2026-03-02"})
    assert not same(ours, theirs | {"result": ours["result"] | {"success": True}})
    assert not same(ours, {name: theirs[name] for name in theirs if name != "object"})
    others: list[object] = [None, [], "x", 5, {}]
    for other in others:
        assert not same(ours, other)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine that only it vouches for: with its key, and alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "store")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    both, alone = folder / "both.pem", folder / "alone.pem"
    both.write_bytes(secret + pem)
    alone.write_bytes(pem)
    return both, alone
