"""Archives from anybody: read as `tarfile` reads them, or refused in words and in little memory."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.tape import BLOCK, END, Member, Tape, Unreadable

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=300)
KINDS = st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE])
FORMS = st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])


def archive(form: int, *members: tuple[str, bytes, bytes]) -> bytes:
    """An archive of these names, kinds and contents."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "elsewhere" * 30
            info.size = len(content) if kind == tarfile.REGTYPE else 0
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def in_pieces(data: bytes, size: int) -> Iterator[bytes]:
    """The data as it may come from a connection; empty pieces among it."""
    for at in range(0, len(data), size):
        yield data[at : at + size]
        yield b""


def read(data: bytes, size: int = 700) -> list[tuple[Member, bytes]]:
    """Each member with its content and what fills its last block."""
    tape, found = Tape(in_pieces(data, size)), []
    for one in tape:
        content = bytearray()
        tape.copy(content.extend)
        found.append((one, bytes(content)))
    return found


@given(FORMS, st.lists(st.tuples(NAMES, KINDS, st.binary(max_size=1200)), max_size=4),
       st.integers(300, 3000))  # fmt: skip
def test_it_reads_what_others_write(
    form: int, members: list[tuple[str, bytes, bytes]], size: int
) -> None:
    data = archive(form, *members)
    found = read(data, size)
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        there = tar.getmembers()
        assert [one.name.rstrip("/") for one, _ in found] == [one.name.rstrip("/") for one in there]
        assert [one.kind for one, _ in found] == [one.type for one in there]
    for (one, content), (_, kind, meant) in zip(found, members, strict=True):
        assert content[: one.size] == (meant if kind == tarfile.REGTYPE else b"")
    # What was read can be written again as it was.
    again = b"".join(one.head + content for one, content in found) + END
    assert data.startswith(again)


@given(st.binary(max_size=2000) | st.binary(max_size=300).map(lambda data: data + bytes(2000)))
def test_anything_is_read_or_refused(data: bytes) -> None:
    try:
        found = read(data)
    except Unreadable:
        return
    assert len(found) <= len(data) // BLOCK  # a sum can fit by chance


@given(st.data())
def test_a_byte_changed_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(archive(tarfile.PAX_FORMAT, ("ä" * 120, tarfile.REGTYPE, b"x" * 600)))
    at = data.draw(st.integers(0, 6 * BLOCK - 1))
    whole[at] = data.draw(st.integers(0, 255))
    try:
        found = read(bytes(whole))
    except Unreadable:
        return
    assert len(found) <= 1


def test_a_header_that_would_fill_the_memory_is_refused() -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 1 << 30
    with pytest.raises(Unreadable, match="1073741824 bytes"):
        read(info.tobuf(tarfile.USTAR_FORMAT))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (b"x path=a\n", "a number was expected"),
        (b"900 path=a\n", "broken"),
        (b"3 path=a\n", "broken"),
        (b"9999999999999999999999 path=a\n", "broken"),
        (b"11 path=abc", "broken"),
        (b"13 size=-100\n", "a number was expected"),
    ],
)
def test_an_extended_header_that_lies(record: bytes, said: str) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, len(record)
    data = info.tobuf(tarfile.USTAR_FORMAT) + record.ljust(BLOCK, b"\0")
    with pytest.raises(Unreadable, match=said):
        read(data + tarfile.TarInfo("y").tobuf(tarfile.USTAR_FORMAT) + END)


def test_it_says_what_it_does_not_read() -> None:
    whole = archive(tarfile.GNU_FORMAT, ("a", tarfile.REGTYPE, b"x" * 600))
    with pytest.raises(Unreadable, match="ends in the middle"):
        read(whole[: 2 * BLOCK])
    sparse = tarfile.TarInfo("x")
    sparse.type = tarfile.GNUTYPE_SPARSE
    with pytest.raises(Unreadable, match="of the kind b'S'"):
        read(sparse.tobuf(tarfile.USTAR_FORMAT))
    with pytest.raises(Unreadable, match="is followed by none"):
        read(archive(tarfile.PAX_FORMAT, ("a" * 300, tarfile.REGTYPE, b""))[: 3 * BLOCK] + END)


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "a/.."])
def test_a_name_that_leads_elsewhere(name: str) -> None:
    assert Member(name, b"0", 0, b"").strays


@pytest.mark.parametrize("name", ["a", "./a", "a..b/..c", "..."])
def test_a_name_that_does_not(name: str) -> None:
    assert not Member(name, b"0", 0, b"").strays
