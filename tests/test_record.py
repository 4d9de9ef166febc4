"""The record: the same over SQLite and over the classroom's PostgreSQL, and every refusal."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import given, settings
from hypothesis import strategies as st

from runner import keys, migrations
from runner.errors import Exit, RecordUnavailable
from runner.migrations.tables import metadata
from runner.record import LIMIT, NAME_LIMIT, bounded, open_record
from runner.verdict import Evidence
from tests.attempts import NOON, VERDICTS, attempt, fork, promised_when_killed, raw

if TYPE_CHECKING:
    from tests.standing import Standing

# --- what is kept -------------------------------------------------------------------------------


def test_an_attempt_comes_back_as_it_was(bare_url: str) -> None:
    one = attempt()
    with open_record(bare_url) as record:
        record.append(one)
        assert record.attempts() == [one]
    with open_record(bare_url) as record:
        assert record.attempts() == [one]


def test_the_same_id_twice_is_one_attempt(url: str) -> None:
    one = attempt()
    with open_record(url) as record:
        record.append(one)
        record.append(one)
        record.append(replace(one, points=6, verdicts=()))
        assert record.attempts() == [one]


def test_attempts_are_found_by_apprentice_and_by_code(url: str) -> None:
    late, early = attempt(minutes=9), attempt(minutes=1)
    other, elsewhere = attempt("Grace", minutes=2), attempt(code="1d", minutes=3)
    with open_record(url) as record:
        for one in (late, early, other, elsewhere):
            record.append(one)
        assert record.attempts() == [early, other, elsewhere, late]
        assert record.attempts("Ada") == [early, elsewhere, late]
        assert record.attempts(code="4c") == [early, other, late]
        assert record.attempts("Ada", "1d") == [elsewhere]
        assert record.attempts("ada") == []
        assert record.attempts("' OR 1=1 --") == []


def test_demonstrated_is_the_first_attempt_that_did_it(url: str) -> None:
    failed, first = attempt(minutes=1), attempt(minutes=2, demonstrated=True)
    again, other = attempt(minutes=3, demonstrated=True), attempt("Grace", demonstrated=True)
    with open_record(url) as record:
        for one in (again, first, failed, other):
            record.append(one)
        assert record.demonstrated("Ada") == {"4c": first}
        assert record.demonstrated("Nobody") == {}


def test_hints_are_counted_for_each_world(url: str) -> None:
    with open_record(url) as record:
        assert record.hints_used("s1") == 0
        record.note_hint("s1", 1, NOON)
        record.note_hint("s1", 2, NOON)
        record.note_hint("s1", 2, NOON + timedelta(hours=1))
        record.note_hint("s2", 1, NOON)
    with open_record(url) as record:
        assert [record.hints_used(one) for one in ("s1", "s2", "s3")] == [2, 1, 0]


def test_the_record_of_an_older_program_is_brought_up_to_date(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.sqlite"
    with raw(url).begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with open_record(url) as record:
        record.append(attempt())
        record.note_hint("s1", 1, NOON)
        assert (len(record.attempts()), record.hints_used("s1")) == (1, 1)


def test_moments_are_kept_in_utc(url: str) -> None:
    here = timezone(timedelta(hours=-7))
    one = replace(attempt(), graded_at=NOON.astimezone(here))
    with open_record(url) as record:
        record.append(one)
        (kept,) = record.attempts()
    assert kept.graded_at == NOON
    assert kept.graded_at.tzinfo == UTC


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="graded_at of an attempt needs a time zone"):
        replace(attempt(), graded_at=NOON.replace(tzinfo=None))


def test_an_attempt_without_verdicts_is_kept(url: str) -> None:
    one = replace(attempt(), verdicts=())
    with open_record(url) as record:
        record.append(one)
        assert record.attempts() == [one]


def test_text_that_no_database_takes_is_kept_without_what_is_amiss(url: str) -> None:
    answer = "a\0b\ud800c" + "ü" * LIMIT
    evidence = Evidence("h\0", "root", "cat", 0, answer, 0.0)
    verdict = replace(VERDICTS[0], evidence=(evidence,))
    one = replace(attempt("A\0da" + "x" * 5000), verdicts=(verdict,))
    with open_record(url) as record:
        record.append(one)
        (kept,) = record.attempts(one.apprentice)
    assert kept.apprentice == "Ada" + "x" * 992 + " [... cut, 5003 bytes in all]"
    assert kept.verdicts[0].evidence[0].host == "h"
    text = kept.verdicts[0].evidence[0].answer
    assert text.startswith("abcüü")
    assert text.endswith("ü [... cut, 131075 bytes in all]")
    assert len(text.encode()) in {LIMIT, LIMIT - 1}


any_text = st.text(st.characters(exclude_categories=[]), max_size=40)


@given(text=any_text, times=st.sampled_from([1, 1, 1, 3_000]), limit=st.sampled_from([1024, LIMIT]))
def test_any_text_is_kept_or_cut_as_documented(text: str, times: int, limit: int) -> None:
    text *= times
    clean = "".join(c for c in text if c != "\0" and not "\ud800" <= c <= "\udfff")
    size = len(clean.encode())
    kept = bounded(text, limit)
    if size <= limit:
        assert kept == clean
    else:
        mark = f" [... cut, {size} bytes in all]"
        assert kept.endswith(mark)
        assert clean.startswith(kept.removesuffix(mark))
        assert limit - 3 <= len(kept.encode()) <= limit
    assert bounded(kept, limit) == kept


def test_any_text_comes_back_from_the_database(url: str) -> None:
    with open_record(url) as record:

        @settings(max_examples=40, deadline=None)
        @given(name=any_text, text=any_text)
        def comes_back(name: str, text: str) -> None:
            evidence = Evidence(text, text, text, 1, text, 0.0)
            verdict = replace(VERDICTS[1], check=text, reason=text, hint=text, evidence=(evidence,))
            one = replace(attempt(name, text), title=text, verdicts=(verdict,))
            record.append(one)
            kept = {found.id: found for found in record.attempts(name, text)}[one.id]
            assert kept.apprentice == bounded(name, NAME_LIMIT)
            assert kept.title == bounded(text)
            assert kept.verdicts[0].reason == bounded(text)
            assert kept.verdicts[0].evidence[0].answer == bounded(text)

        comes_back()


# --- kept for good ------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["attempt", "verdict", "evidence", "hint", "entry", "pending"])
def test_the_database_refuses_to_alter_a_row(url: str, tmp_path: Path, table: str) -> None:
    one = attempt()
    with open_record(url) as record:
        record.append(one)  # its entry waits ...
        record.make_up(keys.signing(tmp_path / "keys"))  # ... until now
        record.note_hint("s1", 1, NOON)
        changes = [f"UPDATE {table} SET points = 100", f"DELETE FROM {table}"]  # noqa: S608
        if table == "hint":
            changes[0] = "UPDATE hint SET number = 9"
        if table == "evidence":
            changes[0] = "UPDATE evidence SET status = 0"
        if table in {"entry", "pending"}:
            changes[0] = f"UPDATE {table} SET code = '1e'"  # noqa: S608
        if url.startswith("postgresql"):
            changes.append(f"TRUNCATE {table} CASCADE")
        for change in changes:
            with (
                raw(url).connect() as connection,
                pytest.raises(
                    sa.exc.DBAPIError, match=f"rows of {table} are neither changed nor deleted"
                ),
            ):
                connection.exec_driver_sql(change)
        assert record.attempts() == [one]
        assert record.hints_used("s1") == 1


def test_replacing_a_row_in_sqlite_changes_nothing(tmp_path: Path) -> None:
    one = attempt()
    with open_record(f"sqlite:///{tmp_path}/r.sqlite") as record:
        record.append(one)
        with closing(sqlite3.connect(tmp_path / "r.sqlite")) as connection, connection:
            for table, column in (("attempt", "title"), ("verdict", "reason")):
                connection.execute(
                    f"CREATE TEMP TABLE copy AS SELECT * FROM {table}"  # noqa: S608
                )
                connection.execute(f"UPDATE copy SET {column} = 'forged'")  # noqa: S608
                connection.execute(f"REPLACE INTO {table} SELECT * FROM copy")  # noqa: S608
                connection.execute("DROP TABLE copy")
        assert record.attempts() == [one]


def test_evidence_without_its_verdict_is_refused(url: str) -> None:
    with open_record(url):
        pass
    engine = raw(url)
    if url.startswith("sqlite"):
        sa.event.listen(engine, "connect", lambda c, _: c.execute("PRAGMA foreign_keys = ON"))
    stray = sa.insert(metadata.tables["evidence"]).values(
        attempt_id=uuid4(), verdict_position=0, position=0, host="h", account="root",
        question="q", answer="a", seconds=0.0,
    )  # fmt: skip
    with engine.begin() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(stray)


# --- the tables ---------------------------------------------------------------------------------


def test_the_steps_lead_to_the_tables_that_the_program_knows(bare_url: str) -> None:
    with open_record(bare_url):
        pass
    with raw(bare_url).connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == migrations.HEAD
        assert compare_metadata(context, metadata) == []


def test_the_stated_head_is_the_last_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_docs_describe_every_field() -> None:
    page = (Path(__file__).parent.parent / "docs" / "records.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))
    assert {column.name for table in metadata.sorted_tables for column in table.c} <= described


def test_opening_an_up_to_date_file_is_quick_and_imports_no_library(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/r.sqlite"
    with open_record(url):
        pass
    code = (
        "import sys, time; from runner.record import open_record; start = time.perf_counter()\n"
        f"with open_record({url!r}): print(time.perf_counter() - start)\n"
        "print('sqlalchemy' in sys.modules, 'alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, libraries = done.stdout.splitlines()
    assert libraries == "False False"
    assert float(seconds) < 0.06


def test_the_usual_place_is_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "my data %20#?"))
    monkeypatch.delenv("LAB_DATABASE_URL", raising=False)
    with open_record():
        pass
    file = tmp_path / "my data %20#?" / "records.sqlite"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    monkeypatch.setenv("LAB_DATABASE_URL", f"sqlite:///{tmp_path}/deep/down/other.sqlite")
    with open_record():
        pass
    assert (tmp_path / "deep" / "down" / "other.sqlite").exists()


# --- many at once, and killed -------------------------------------------------------------------

# Forked, since eight fresh interpreters would take seconds only to import.


def _append_ten(url: str, who: int) -> None:
    with open_record(url, patience=30) as record:
        for number in range(10):
            record.append(attempt(f"apprentice {who}", minutes=number))


def test_eight_at_once_lose_nothing(bare_url: str) -> None:
    # None of them finds the tables: making them is part of the contest.
    writers = [fork.Process(target=_append_ten, args=(bare_url, who)) for who in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 8
    with open_record(bare_url) as record:
        kept = record.attempts()
    assert len(kept) == 80
    assert all(one.verdicts == VERDICTS for one in kept)


def _append_for_ever(url: str, pipe: int) -> None:
    with open_record(url) as record:
        while True:
            one = attempt()
            record.append(one)
            os.write(pipe, one.id.bytes)


def test_a_killed_writer_leaves_whole_attempts_and_a_usable_record(url: str) -> None:
    with open_record(url):
        pass
    ids = promised_when_killed(_append_for_ever, (url,), (1, 2, 5))
    with open_record(url) as record:
        kept = record.attempts()
        assert ids <= {one.id for one in kept}
        assert all(one.verdicts == VERDICTS for one in kept)
        record.append(attempt("after"))
        assert len(record.attempts("after")) == 1


# --- faults -------------------------------------------------------------------------------------


def refusal(url: str, *, append: bool = False, patience: float = 2.0) -> str:
    """What is said, on one line, when the record cannot be used."""

    def use() -> None:
        with open_record(url, patience=patience) as record:
            if append:
                record.append(attempt())

    with pytest.raises(RecordUnavailable) as caught:
        use()
    assert caught.value.remedy
    assert caught.value.exit_code is Exit.NOT_GRADED
    said = str(caught.value)
    assert "\n" not in said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root:geheim@db/x", "The URL of the records begins neither with sqlite:"),
        ("records.sqlite", "The URL of the records begins neither with sqlite:"),
        ("sqlite://", "The URL of the records names no file"),
        ("sqlite:///", "The URL of the records names no file"),
        ("sqlite://records.sqlite", "The URL of the records names no file"),
        ("sqlite:///:memory:", "The URL of the records names no file"),
        ("postgresql:///records", "The URL of the records names no host or no database."),
        ("postgresql://host", "The URL of the records names no host or no database."),
        ("postgresql://u:1/geheim@host/db", "The URL of the records names no host"),
        ("postgresql://u:1#geheim@host/db", "The URL of the records names no host"),
        ("postgresql://u:geheim/x@host/db", "The URL of the records cannot be read."),
        ("postgresql://u:geheim@host:port/db", "The URL of the records cannot be read."),
        ("postgresql://u:geheim@[::1/db", "The URL of the records cannot be read."),
    ],
)
def test_a_url_that_means_nothing(url: str, said: str) -> None:
    found = refusal(url)
    assert found.startswith(said)
    assert "geheim" not in found


def test_a_server_that_does_not_answer() -> None:
    found = refusal("postgresql://records:geheim@127.0.0.1:1/records")
    assert found == "The database records at 127.0.0.1:1 does not answer."


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "r.sqlite"
    file.write_bytes(b"hello, world " * 1000)
    assert refusal(f"sqlite:///{file}") == f"{file} is damaged, or is no database."
    assert file.read_bytes() == b"hello, world " * 1000


def test_a_damaged_file(tmp_path: Path) -> None:
    file = tmp_path / "r.sqlite"
    with open_record(f"sqlite:///{file}") as record:
        record.append(attempt())
    with file.open("r+b") as content:
        content.seek(2000)
        content.write(b"\xff" * 30_000)
    assert refusal(f"sqlite:///{file}", append=True) == f"{file} is damaged, or is no database."


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    assert "cannot be" in refusal(f"sqlite:///{tmp_path}")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    url = f"sqlite:///{tmp_path}/file/r.sqlite"
    assert refusal(url) == f"{tmp_path}/file/r.sqlite cannot be made: File exists."


def test_a_data_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "file" / "data"))
    monkeypatch.delenv("LAB_DATABASE_URL", raising=False)
    assert refusal("").startswith(f"The folder {tmp_path}/file/data cannot be made")


def test_a_record_that_another_program_does_not_let_go_of(tmp_path: Path) -> None:
    file = tmp_path / "r.sqlite"
    with open_record(f"sqlite:///{file}"):
        pass
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = refusal(f"sqlite:///{file}", append=True, patience=0.1)
    assert said == f"{file} is in use: another program did not let go of it within 0.1 s."


def test_a_record_that_may_only_be_read() -> None:
    warm = attempt()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "r.sqlite"
        with open_record(f"sqlite:///{file}") as record:
            record.append(warm)
        file.chmod(0o444)
        Path(folder).chmod(0o555)
        root = os.geteuid() == 0
        if root:  # whom no mode keeps out
            os.seteuid(65534)
        try:
            said = refusal(f"sqlite:///{file}", append=True)
        finally:
            if root:
                os.seteuid(0)
            Path(folder).chmod(0o755)
    assert said in {
        f"{file} cannot be written: the file, or the folder it is in, is read-only.",
        f"{file} cannot be opened: it is no file, or the way to it is barred.",
    }


def test_a_full_disk_loses_no_entry(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    mounted = subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "none", str(tmp_path)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a small disk can only be made by root")
    script = (
        "import sys\nfrom dataclasses import replace\n"
        "from pathlib import Path\nfrom uuid import uuid4\n"
        "from runner import keys\nfrom runner.errors import RecordUnavailable\n"
        "from runner.record import LIMIT, open_record\n"
        "from tests.attempts import VERDICTS, attempt\n"
        "from runner.chain import walk\n"
        "key = keys.signing(Path(sys.argv[2]))\n"
        "big = replace(attempt(), verdicts=(replace(VERDICTS[0], reason='x' * LIMIT),))\n"
        "url = 'sqlite:///' + sys.argv[1] + '/r.sqlite'\n"
        "try:\n"
        "    with open_record(url) as record:\n"
        "        while True: record.append(replace(big, id=uuid4()), key=key)\n"
        "except RecordUnavailable as error: print(error)\n"
        "with open_record(url) as record:\n"
        "    held = record.audit(lambda audit: walk(audit, {key.id: key.public}))\n"
        "    print(held.entries == len(record.attempts()) + 1 > 2)"
    )
    small = 'mount -t tmpfs -o size=600k none "$1" && exec "$2" -c "$3" "$1" "$4"'
    done = subprocess.run(
        [
            "unshare",
            "-m",
            "sh",
            "-c",
            small,
            "sh",
            str(tmp_path),
            sys.executable,
            script,
            str(tmp_path_factory.mktemp("keys")),
        ],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    said = f"{tmp_path}/r.sqlite cannot be written: the disk is full.\nTrue\n"
    assert done.stdout == said


def test_a_record_of_a_newer_program(url: str) -> None:
    with open_record(url):
        pass
    with raw(url).begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    found = refusal(url)
    assert "was written by a newer version of this program: its tables are at 9999" in found


def test_a_database_of_something_else(bare_url: str) -> None:
    with raw(bare_url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (id INTEGER)")
    assert "holds something else than records: the table recipes." in refusal(bare_url)


@pytest.mark.engine
def test_a_wrong_password_for_the_server(server: Standing) -> None:
    found = refusal(server.url("geheim"))
    assert re.fullmatch(r"The database records at \S+ refuses this user and password\.", found)


@pytest.mark.engine
def test_a_database_that_the_server_has_not(server: Standing) -> None:
    found = refusal(server.url().removesuffix("records") + "other")
    assert found.startswith("The database other at ")
    assert found.endswith((" does not exist on that server.", " refuses this user and password."))


@pytest.mark.engine
def test_a_server_that_dies_under_an_open_record(server: Standing) -> None:
    with open_record(server.url()) as record:
        record.append(one := attempt("before the kill"))
        server.container.kill("SIGKILL")
        with pytest.raises(RecordUnavailable, match="does not answer"):
            record.append(attempt())
    server.compose("start")
    server.await_healthy()
    with open_record(server.url()) as record:
        assert record.attempts("before the kill") == [one]
