"""The ledger: one unbroken chain whatever happens, and whatever was changed in it is named."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st

from runner import canonical, chain, keys, migrations
from runner.chain import Held, Refused, read, verify, walk
from runner.entry import START, Draft, Entry, Kind, document, sealed
from runner.errors import KeyUnavailable, RecordUnavailable, UsageError
from runner.keys import PublicKey, SigningKey
from runner.migrations.tables import metadata
from runner.record import LIMIT, Record, digest_of, open_record
from tests.attempts import attempt, fork, promised_when_killed, raw

if TYPE_CHECKING:
    from tests.standing import Standing

NOW = datetime.now(UTC)
DISK = "/var/lib/postgresql"


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    """The key that signs."""
    return keys.signing(tmp_path / "keys")


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """A key that is not ours."""
    return keys.signing(tmp_path_factory.mktemp("another"))


def held(record: Record, *known: PublicKey) -> Held:
    """The ledger, verified against these keys."""
    return record.audit(lambda audit: walk(audit, {one.id: one for one in known}))


def refusal(url: str, *known: PublicKey) -> str:
    """What is wrong first."""
    with open_record(url) as record, pytest.raises(Refused) as caught:
        held(record, *known)
    assert caught.value.exit_code == 1
    assert "\n" not in str(caught.value)
    return str(caught.value)


def all_entries(record: Record) -> list[Entry]:
    return record.audit(lambda audit: list(audit.entries()))


def draft(kind: Kind, entry: Entry, **body: object) -> Draft:
    """Something about an entry."""
    said = {"entry": str(entry.id), "by": "M. Ito", "reason": "seen", **body}
    return Draft(uuid4(), kind, entry.apprentice, entry.code, said)


def filled(record: Record, key: SigningKey) -> list[Entry]:
    """A ledger of five entries: opened, graded, graded, disputed, overridden."""
    graded = [record.append(attempt(minutes=n, demonstrated=bool(n)), key=key) for n in range(2)]
    assert graded[0] is not None
    record.enter(draft(Kind.DISPUTED, graded[0], check="ssh_closed"), key)
    record.enter(draft(Kind.OVERRIDDEN, graded[0], demonstrated=True), key)
    return all_entries(record)


# --- appending ----------------------------------------------------------------------------------


def test_each_attempt_has_its_entry_in_one_chain(url: str, key: SigningKey) -> None:
    with open_record(url) as record:
        entries = filled(record, key)
        assert held(record, key.public) == Held(5, entries[-1])
        kept = record.attempts()
    assert [one.sequence for one in entries] == [1, 2, 3, 4, 5]
    assert [one.kind for one in entries] == ["opened", "graded", "graded", "disputed", "overridden"]
    assert [one.previous for one in entries] == [START, *(one.digest for one in entries[:-1])]
    assert [one.attempt_id for one in entries[1:3]] == [one.id for one in kept]
    assert [one.body["attempt_digest"] for one in entries[1:3]] == [digest_of(a) for a in kept]
    assert entries[1].body["seed"] == str(2**70)
    assert entries[1].body["checks"][0]["milliseconds"] == 250


def test_the_same_id_twice_is_one_entry(url: str, key: SigningKey) -> None:
    one = attempt()
    with open_record(url) as record:
        first = record.append(one, key=key)
        assert first is not None
        assert record.append(replace(one, points=6), key=key) == first
        said = draft(Kind.DISPUTED, first, check="ssh_closed")
        disputed = record.enter(said, key)
        assert record.enter(replace(said, apprentice="Grace"), key) == disputed
        assert held(record, key.public).entries == 3


def test_an_entry_comes_back_as_it_was_signed(url: str, key: SigningKey) -> None:
    text = "\0 \x1b[2J \u202e <b> é \U0001f600 'quoted' \"double\" \\ %s {{ x }}"
    with open_record(url) as record:
        graded = record.append(attempt("Zoë " + text, "4c"), {"t": text, "n": [1, None, True]}, key)
        assert graded is not None
        assert record.entry(id=graded.id) == graded
        assert record.entry(sequence=2) == graded
        assert record.newest(graded.apprentice) == graded
        assert record.newest(graded.apprentice, "1e") is None
        about = record.about(graded.apprentice)
    assert about == [replace(graded, body={})]


def test_what_was_handed_in_is_an_entry_of_its_own_kind(url: str, key: SigningKey) -> None:
    one = replace(attempt(), mode="assessment")
    with open_record(url) as record:
        record.append(attempt(minutes=-5), key=key)
        made = record.append(one, key=key)
        assert made is not None
        assert (made.kind, made.body["mode"]) == ("submitted", "assessment")
        assert record.newest("Ada", "4c") == made
        assert record.about("Ada")[-1] == replace(made, body={})
        assert record.attempts()[-1] == one
        assert held(record, key.public).entries == 3
    change(url, "UPDATE attempt SET mode = 'practice' WHERE mode = 'assessment'")
    assert "Entry 3 (submitted, Ada, 4c): the attempt" in refusal(url, key.public)


def test_what_was_practice_is_not_made_an_assessment(url: str, key: SigningKey) -> None:
    with open_record(url) as record:
        record.append(attempt(), key=key)
    change(url, "UPDATE attempt SET mode = 'assessment'")
    assert "Entry 2 (graded, Ada, 4c): the attempt" in refusal(url, key.public)


def test_attempts_from_before_there_were_modes_keep_their_digest() -> None:
    # As it was signed before an attempt had a mode.
    signed = "301387b73892ed38416115174fd749b4e58a579b6639e81193e378bf61551c62"
    one = replace(attempt(), id=UUID(int=1))
    assert digest_of(one) == signed
    assert digest_of(replace(one, mode="assessment")) != signed


def test_what_cannot_be_signed_waits_and_is_made_up(url: str, key: SigningKey) -> None:
    first, second = attempt(minutes=1), attempt(minutes=2)
    with open_record(url) as record:
        assert record.append(first, {"said": "all of it"}) is None
        assert record.append(second) is None
        assert record.append(second, key=None) is None
        assert record.attempts() == [first, second]
        record.make_up(key)
        record.make_up(key)
        entries = all_entries(record)
        assert [one.attempt_id for one in entries] == [None, first.id, second.id]
        assert entries[0].body["attempts"] == 0
        assert entries[1].body == {"said": "all of it", "late": True}
        assert record.append(first, key=key) == entries[1]


def test_what_waits_is_no_fault_and_is_remarked(url: str, key: SigningKey) -> None:
    with open_record(url) as record:
        record.append(attempt(minutes=1), key=key)
        record.append(attempt(minutes=2))
        found = held(record, key.public)
        assert found.entries == 2
        assert found.remarks == ("1 to be signed yet: the next ./lab grade does it.",)
        record.append(attempt(minutes=3), key=key)
        assert held(record, key.public).remarks == ()


def test_a_key_that_fails_within_loses_neither_and_keeps_both(
    url: str, key: SigningKey, tmp_path: Path
) -> None:
    one = attempt()
    with open_record(url) as record:
        record.append(attempt(minutes=1), key=key)
        stale = keys.signing(tmp_path / "keys")
        _, follower = record.rotate(key)
        keys.follow(follower)
        (tmp_path / "keys" / "signing.pem").unlink()
        with pytest.raises(KeyUnavailable, match="which is not in"):
            record.append(one, key=stale)
        assert one not in record.attempts()
        assert record.append(one) is None
        assert one in record.attempts()


def test_attempts_from_before_are_stated_by_the_first_entry(url: str, key: SigningKey) -> None:
    with raw(url).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for number in range(3):
            connection.execute(metadata.tables["attempt"].insert().values(_row_of_before(number)))
    with open_record(url) as record:
        before = record.attempts()
        assert len(before) == 3
        record.append(attempt(), key=key)
        opened = all_entries(record)[0]
        assert (opened.kind, opened.body["attempts"]) == ("opened", 3)
        assert held(record, key.public).entries == 2
    change(url, "UPDATE attempt SET points = 99 WHERE points = 1")
    assert "Entry 1 (opened): it states 3 attempts from before it" in refusal(url, key.public)


def _row_of_before(number: int) -> dict[str, Any]:
    one = attempt(minutes=number)
    columns = metadata.tables["attempt"].columns
    names = [column.name for column in columns if column.name != "mode"]
    return {name: getattr(one, name) for name in names} | {"seed": "7", "points": number}


def _append_five(url: str, folder: Path, who: int) -> None:
    with open_record(url, patience=60) as record:
        for number in range(5):
            key = keys.signing(folder)
            record.append(attempt(f"apprentice {who}", minutes=number), key=key)


def test_many_at_once_make_one_unbroken_chain(url: str, tmp_path: Path) -> None:
    # None of them finds tables, a key or a ledger: making them is part of the contest.
    folder = tmp_path / "keys"
    writers = [fork.Process(target=_append_five, args=(url, folder, who)) for who in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 6
    with open_record(url) as record:
        assert held(record, *keys.known(folder).values()).entries == 31


def _append_for_ever(url: str, folder: Path, pipe: int) -> None:
    with open_record(url) as record:
        while True:
            one = attempt()
            record.append(one, key=keys.signing(folder))
            os.write(pipe, one.id.bytes)


def test_a_killed_writer_leaves_no_attempt_without_its_entry(url: str, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    with open_record(url):
        pass
    ids = promised_when_killed(_append_for_ever, (url, folder), (1, 2, 4))
    with open_record(url) as record:
        record.append(attempt("after"), key=keys.signing(folder))
        entered = {one.attempt_id for one in all_entries(record)} - {None}
        assert ids <= entered == {one.id for one in record.attempts()}
        assert held(record, *keys.known(folder).values()).entries == len(entered) + 1


def test_a_locked_record_loses_neither_and_keeps_no_half(tmp_path: Path, key: SigningKey) -> None:
    url = f"sqlite:///{tmp_path}/r.sqlite"
    with open_record(url) as record:
        record.append(attempt(), key=key)
    with raw(url).connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        with (
            open_record(url, patience=0.05) as record,
            pytest.raises(RecordUnavailable, match="is in use"),
        ):
            record.append(attempt(), key=key)
        other.rollback()
    with open_record(url) as record:
        assert len(record.attempts()) == 1
        assert held(record, key.public).entries == 2


# --- keys that follow each other ----------------------------------------------------------------


def test_whoever_trusts_the_first_key_trusts_those_that_follow(url: str, key: SigningKey) -> None:
    with open_record(url) as record:
        record.append(attempt(minutes=1), key=key)
        entry, second = record.rotate(key)
        keys.follow(second)
        assert (entry.sequence, entry.key_id) == (3, key.id)
        after = record.append(attempt(minutes=2), key=key)  # by a program that knows the old one
        assert after is not None
        assert after.key_id == second.id
        _, third = record.rotate(second)
        keys.follow(third)
        record.append(attempt(minutes=3), key=third)
        assert held(record, key.public).entries == 6
        with pytest.raises(Refused, match=r"Entry 1 \(opened\): it is signed with the key"):
            held(record, second.public)


def test_a_rotation_that_was_killed_is_finished_by_the_next(url: str, key: SigningKey) -> None:
    with open_record(url) as record:
        record.append(attempt(minutes=1), key=key)
        _, second = record.rotate(key)  # and no `follow`
        after = record.append(attempt(minutes=2), key=keys.signing(key.folder))
        assert after is not None
        assert after.key_id == second.id == keys.signing(key.folder).id
        assert held(record, key.public).entries == 4


def test_a_key_that_was_taken_out_of_use_signs_no_more(url: str, key: SigningKey) -> None:
    with open_record(url) as record:
        record.append(attempt(minutes=1), key=key)
        entry, _ = record.rotate(key)
    forged = draft(Kind.COSIGNED, entry)
    put(url, sealed(forged, 4, entry.digest, key, NOW))
    found = refusal(url, key.public)
    assert found == (
        "Entry 4 (cosigned): it is signed with the key"
        f" {key.id[:16]}, which entry 3 took out of use."
    )


def test_a_rotation_that_brings_another_key_than_it_names(
    url: str, key: SigningKey, another: SigningKey
) -> None:
    with open_record(url) as record:
        last = filled(record, key)[-1]
    body = {"new_key": key.id, "public_key": keys.raw(another.public)}
    put(url, sealed(Draft(uuid4(), Kind.KEY_ROTATED, "", "", body), 6, last.digest, key, NOW))
    assert "Entry 6 (key_rotated): the key that it names and" in refusal(url, key.public)


# --- changed ------------------------------------------------------------------------------------


def change(url: str, *statements: str) -> None:
    """Change what the triggers guard, as somebody may who owns the database."""
    with raw(url).begin() as connection:
        if url.startswith("sqlite"):
            query = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in connection.execute(query).all():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        else:
            for table in metadata.tables:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                for link in sa.inspect(connection).get_foreign_keys(table):
                    connection.exec_driver_sql(
                        f"ALTER TABLE {table} DROP CONSTRAINT {link['name']}"
                    )
        for statement in statements:
            connection.exec_driver_sql(statement)


def put(url: str, entry: Entry) -> None:
    """An entry that our door would not let in."""
    row = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    with raw(url).begin() as connection:
        table = metadata.tables["entry"]
        row["body"] = canonical.dumps(entry.body).decode()
        connection.execute(table.insert().values(row))


CHANGES = {
    "UPDATE entry SET kind = 'cosigned' WHERE sequence = 3": "Entry 3 (cosigned, Ada, 4c): its",
    "UPDATE entry SET apprentice = 'Eve' WHERE sequence = 3": "Entry 3 (graded, Eve, 4c): its",
    "UPDATE entry SET code = '1e' WHERE sequence = 2": "Entry 2 (graded, Ada, 1e): its content",
    "UPDATE entry SET body = '{}' WHERE sequence = 4": "Entry 4 (disputed, Ada, 4c): its content",
    "UPDATE entry SET body = '{ }' WHERE sequence = 4": "Entry 4 cannot be read: byte 1 is not",
    "UPDATE entry SET body = 'x' WHERE sequence = 1": "Entry 1 cannot be read: no JSON",
    "UPDATE entry SET previous = 'x' WHERE sequence = 4": "Entry 4 cannot be read: the field prev",
    "UPDATE entry SET digest = upper(digest) WHERE sequence = 5": "Entry 5 cannot be read: the fie",
    "UPDATE entry SET digest = key_id WHERE sequence = 2": "its content has the digest",
    "UPDATE entry SET signature = digest || digest WHERE sequence = 2": "its signature was not",
    "UPDATE entry SET signature = '' WHERE sequence = 5": "its signature was not made",
    "UPDATE entry SET key_id = digest WHERE sequence = 5": "its content has the digest",
    "DELETE FROM entry WHERE sequence = 1": "Entry 1 is missing: entry 2 was found in its place.",
    "DELETE FROM entry WHERE sequence = 4": "Entry 4 is missing: entry 5 was found in its place.",
    "DELETE FROM entry WHERE sequence > 2": "1 are in no entry",
    "DELETE FROM entry": "The ledger is empty, while 2 attempts are recorded.",
    "UPDATE entry SET sequence = sequence + 1000 WHERE sequence > 1": "Entry 2 is missing",
    "UPDATE attempt SET demonstrated = (1 = 1)": "Entry 2 (graded, Ada, 4c): the attempt",
    "UPDATE attempt SET apprentice = 'Eve'": "in the tables, signed is",
    "UPDATE verdict SET reason = 'x' WHERE position = 1": "in the tables, signed is",
    "UPDATE evidence SET answer = 'x' WHERE position = 0": "in the tables, signed is",
    "DELETE FROM evidence": "in the tables, signed is",
    "UPDATE attempt SET seed = 'x'": "an attempt in the tables cannot be read",
    "DELETE FROM attempt": "that it is about is gone",
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SigningKey]:
    """A file with a ledger that holds, and the key that signed it."""
    folder = tmp_path_factory.mktemp("whole")
    key = keys.signing(folder / "keys")
    with open_record(f"sqlite:///{folder}/r.sqlite") as record:
        filled(record, key)
    with raw(f"sqlite:///{folder}/r.sqlite").connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")  # all of it in the one file
    return folder / "r.sqlite", key


@pytest.mark.parametrize("statement", CHANGES)
def test_a_change_in_the_file_is_named(
    tmp_path: Path, whole: tuple[Path, SigningKey], statement: str
) -> None:
    shutil.copy(whole[0], tmp_path)
    url = f"sqlite:///{tmp_path}/r.sqlite"
    change(url, statement)
    assert CHANGES[statement] in refusal(url, whole[1].public)


@pytest.mark.engine
def test_a_full_disk_of_the_server_loses_no_entry(tmp_path: Path, key: SigningKey) -> None:
    from tests.standing import standing

    promised: list[UUID] = []

    def fill(record: Record) -> None:
        for _ in range(500):
            # No text that a database could make small.
            long = replace(attempt().verdicts[0], reason=secrets.token_hex(LIMIT // 2))
            record.append(one := replace(attempt(), verdicts=(long,)), key=key)
            promised.append(one.id)

    with standing(tmp_path, disk="120m") as small:
        with open_record(small.url()) as record:
            record.append(first := attempt(), key=key)
            # Its next log is there beforehand: where it cannot write that it falls, and with it
            # goes a disk that is in memory.
            small.inside("psql", "-d", "records", "-c", "SELECT pg_switch_wal()")
            record.append(second := attempt(), key=key)
        free = f"$(df -k --output=avail {DISK} | tail -n 1)"
        small.inside("sh", "-c", f"fallocate -l $(({free} - 2048))k {DISK}/ballast")
        with (
            open_record(small.url()) as record,
            pytest.raises(RecordUnavailable, match="the server's disk is full"),
        ):
            fill(record)
        small.inside("rm", f"{DISK}/ballast")
        with open_record(small.url()) as record:
            record.append(last := attempt(), key=key)
            held = record.audit(lambda audit: walk(audit, {key.id: key.public}))
            there = [one.id for one in record.attempts()]
    assert promised
    assert sorted(there) == sorted([first.id, second.id, *promised, last.id])
    assert held.entries == len(there) + 1


@pytest.mark.engine
def test_a_change_on_the_server_is_named(server: Standing, key: SigningKey) -> None:
    for statement, said in CHANGES.items():
        url = server.empty()
        with open_record(url) as record:
            filled(record, key)
        change(url, statement)
        assert said in refusal(url, key.public), statement


def test_two_entries_that_changed_places_are_named(url: str, key: SigningKey) -> None:
    with open_record(url) as record:
        filled(record, key)
    change(
        url,
        "UPDATE entry SET sequence = 99 WHERE sequence = 2",
        "UPDATE entry SET sequence = 2 WHERE sequence = 3",
        "UPDATE entry SET sequence = 3 WHERE sequence = 99",
    )
    assert "it follows an entry with the digest" in refusal(url, key.public)


def test_an_attempt_that_was_smuggled_in_is_named(url: str, key: SigningKey) -> None:
    with open_record(url) as record:
        filled(record, key)
    with raw(url).begin() as connection:
        connection.execute(metadata.tables["attempt"].insert().values(_row_of_before(1)))
    assert "it states 0 attempts from before it" in refusal(url, key.public)


def test_a_ledger_of_a_key_that_is_not_known_is_named(
    url: str, key: SigningKey, another: SigningKey
) -> None:
    with open_record(url) as record:
        filled(record, key)
    found = refusal(url, another.public)
    assert found == (
        f"Entry 1 (opened): it is signed with the key {key.id[:16]}; known here: {another.id[:16]}."
    )


def test_an_entry_that_somebody_elses_key_signed_is_named(
    url: str, key: SigningKey, another: SigningKey
) -> None:
    with open_record(url) as record:
        last = filled(record, key)[-1]
    put(url, sealed(draft(Kind.COSIGNED, last), 6, last.digest, another, NOW))
    assert "Entry 6 (cosigned, Ada, 4c): it is signed with the key" in refusal(url, key.public)


def test_a_clock_that_was_set_back_is_remarked(url: str, key: SigningKey) -> None:
    with open_record(url) as record:
        last = filled(record, key)[-1]
        earlier = last.made_at - timedelta(hours=1)
        put(url, sealed(draft(Kind.COSIGNED, last), 6, last.digest, key, earlier))
        (said,) = held(record, key.public).remarks
    assert said == (
        "Entry 6 (cosigned, Ada, 4c) was made before the one in front of it: a clock was set back."
    )


def test_the_database_takes_no_entry_out_of_order(url: str, key: SigningKey) -> None:
    with open_record(url) as record:
        entries = filled(record, key)
    last = entries[-1]
    said = draft(Kind.COSIGNED, last)
    for wrong in (
        sealed(said, 7, last.digest, key, NOW),
        sealed(said, 5, last.digest, key, NOW),
        sealed(said, 6, START, key, NOW),
        sealed(replace(said, id=last.id), 6, last.digest, key, NOW),
    ):
        with pytest.raises(sa.exc.DBAPIError):
            put(url, wrong)
    if url.startswith("sqlite"):
        with raw(url).begin() as connection:
            connection.exec_driver_sql("CREATE TEMP TABLE copy AS SELECT * FROM entry")
            connection.exec_driver_sql("UPDATE copy SET kind = 'forged'")
            with pytest.raises(sa.exc.DBAPIError, match="an entry follows the last one"):
                connection.exec_driver_sql("REPLACE INTO entry SELECT * FROM copy")
    with open_record(url) as record:
        assert all_entries(record) == entries


# --- bundles ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """A key for all bundles of this file."""
    return keys.signing(tmp_path_factory.mktemp("signer"))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, signer: SigningKey) -> Path:
    """A bundle of a grading."""
    folder = tmp_path_factory.mktemp("bundle")
    with open_record(f"sqlite:///{folder}/r.sqlite") as record:
        entry = record.append(attempt(demonstrated=True), key=signer)
    assert entry is not None
    (folder / "bundle.json").write_bytes(chain.written(entry))
    return folder / "bundle.json"


def refused(file: Path, key: PublicKey) -> str:
    """Why a bundle is not believed."""
    with pytest.raises(Refused) as caught:
        verify(read(file), {key.id: key})
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 1000
    return said


def test_a_bundle_is_an_entry_and_holds(bundle: Path, signer: SigningKey) -> None:
    entry = read(bundle)
    verify(entry, {signer.id: signer.public})
    assert document(entry) == json.loads(bundle.read_bytes())
    assert (entry.kind, entry.apprentice, entry.body["demonstrated"]) == ("graded", "Ada", True)
    bare = bundle.with_name("bare.json")
    bare.write_bytes(bundle.read_bytes().removesuffix(b"\n"))
    assert read(bare) == entry


@given(place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
def test_any_changed_byte_is_refused(
    bundle: Path, signer: SigningKey, place: float, bits: int
) -> None:
    data = bytearray(bundle.read_bytes())
    data[int(place * len(data))] ^= bits
    file = bundle.with_name("changed.json")
    file.write_bytes(data)
    refused(file, signer.public)


@given(start=st.floats(0, 1), end=st.floats(0, 1), other=st.binary(max_size=8))
def test_any_changed_piece_is_refused(
    bundle: Path, signer: SigningKey, start: float, end: float, other: bytes
) -> None:
    data = bundle.read_bytes()
    first, last = sorted((int(start * len(data)), int(end * len(data))))
    changed = data[:first] + other + data[last:]
    if changed.removesuffix(b"\n") == data.removesuffix(b"\n"):
        return
    file = bundle.with_name("changed.json")
    file.write_bytes(changed)
    refused(file, signer.public)


def test_each_case_of_a_hexadecimal_digit_is_refused(bundle: Path, signer: SigningKey) -> None:
    data = bundle.read_bytes()
    for name in (b"digest", b"signature", b"previous", b"key_id"):
        found = re.search(rb'"' + name + rb'":"([0-9a-f]+)"', data)
        assert found
        file = bundle.with_name("changed.json")
        file.write_bytes(data.replace(found[1], found[1].upper(), 1))
        refused(file, signer.public)


def test_a_bundle_of_another_key_is_refused(
    bundle: Path, signer: SigningKey, another: SigningKey
) -> None:
    assert refused(bundle, another.public) == (
        f"Entry 2 (graded, Ada, 4c): it is signed with the key {signer.id[:16]};"
        f" known here: {another.id[:16]}."
    )
    with pytest.raises(Refused, match="known here: none"):
        verify(read(bundle), {})


def test_evidence_of_another_grading_is_refused(bundle: Path, signer: SigningKey) -> None:
    whole = json.loads(bundle.read_bytes())
    other = sealed(
        Draft(uuid4(), Kind.GRADED, "Eve", "4c", {"demonstrated": False}), 3, START, signer, NOW
    )
    file = bundle.with_name("swapped.json")
    file.write_bytes(canonical.dumps(document(other) | {"body": whole["body"]}))
    assert "Entry 3 (graded, Eve, 4c): its content has the digest" in refused(file, signer.public)


Document = dict[str, Any]
WRONG: Mapping[str, tuple[Callable[[Document], object], str]] = {
    "list": (lambda _: [], "an object was expected, found was a list"),
    "text": (lambda _: "x", "an object was expected, found was a text"),
    "format": (lambda d: d | {"format": 2}, "format 1 was expected, found was 2"),
    "true": (lambda d: d | {"format": True}, "format 1 was expected, found was True"),
    "more": (lambda d: d | {"extra\x1b[2J": 1}, "there is a field too many: 'extra"),
    "less": (lambda d: {k: v for k, v in d.items() if k != "kind"}, "the field kind is missing"),
    "sequence": (lambda d: d | {"sequence": "2"}, "the field sequence is not as it should be: '2'"),
    "nought": (lambda d: d | {"sequence": 0}, "the field sequence is not as it should be: 0"),
    "id": (lambda d: d | {"id": "x" * 9999}, "the field id is not as it should be: 'xxx"),
    "kind": (lambda d: d | {"kind": "<b>"}, "the field kind is not as it should be: '<b>'"),
    "moment": (lambda d: d | {"made_at": "now"}, "the field made_at is not as it should be"),
    "year": (lambda d: d | {"made_at": "0001-01-01T00:00:00.0Z"}, "the field made_at is not"),
    "attempt": (lambda d: d | {"attempt_id": 7}, "the field attempt_id is not as it should be: 7"),
    "body": (lambda d: d | {"body": []}, "the field body is not as it should be: a list"),
    "apprentice": (lambda d: d | {"apprentice": None}, "the field apprentice is not as it should"),
    "signature": (lambda d: d | {"signature": {}}, "the field signature is not as it should be"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_document_of_another_shape_is_refused(
    bundle: Path, signer: SigningKey, name: str
) -> None:
    wrong, said = WRONG[name]
    file = bundle.with_name("wrong.json")
    file.write_bytes(canonical.dumps(wrong(json.loads(bundle.read_bytes()))))
    found = refused(file, signer.public)
    assert f"{file} is no bundle, or was changed: {said}" in found
    assert "\x1b" not in found


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\0" * 99, b"[" * 99_999, b'{"format":NaN}', b'{"format":1,"format":1}']
)
def test_what_is_no_json_of_ours_is_refused(bundle: Path, signer: SigningKey, data: bytes) -> None:
    file = bundle.with_name("wrong.json")
    file.write_bytes(data)
    assert "is no bundle, or was changed" in refused(file, signer.public)


def test_a_bundle_of_a_gigabyte_is_not_read(bundle: Path, signer: SigningKey) -> None:
    file = bundle.with_name("large.json")
    with file.open("wb") as large:
        large.truncate(2**30)
    assert refused(file, signer.public) == f"{file} is no bundle: it has more than 32 MiB."


def test_a_file_that_cannot_be_read_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read(tmp_path / "none.json")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read(tmp_path)
