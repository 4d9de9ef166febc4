"""The keys of the ledger: made once, ours alone, followed by others, and known for ever."""

from __future__ import annotations

import multiprocessing
import os
import stat
import subprocess
from pathlib import Path
from time import sleep

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from runner import keys
from runner.errors import Exit, KeyUnavailable, UsageError
from runner.keys import SigningKey, from_raw, raw, read_public, replace_lost, signing
from tests.small_lab import put

fork = multiprocessing.get_context("fork")
_LIMIT = 30.0
"""Seconds after which a program that makes a key is given up."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the keys lie."""
    return tmp_path / "keys"


@pytest.fixture
def key(folder: Path) -> SigningKey:
    """A key that was just made."""
    return signing(folder)


def refusal(folder: Path) -> str:
    """Why there is no key to sign with, on one line."""
    with pytest.raises(KeyUnavailable) as caught:
        signing(folder)
    assert caught.value.remedy
    assert caught.value.exit_code is Exit.NOT_GRADED
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_key_is_made_at_first_use_and_is_ours_alone(folder: Path) -> None:
    first = signing(folder)
    assert signing(folder).id == first.id
    assert stat.S_IMODE((folder / "signing.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "known").stat().st_mode) == 0o700
    assert sorted(one.name for one in folder.iterdir()) == ["known", "signing.pem"]
    assert list(keys.known(folder)) == [first.id]


@pytest.mark.parametrize("turn", range(4))
def test_many_that_make_one_at_once_have_the_same(folder: Path, turn: int) -> None:
    here, there = fork.Pipe()
    together = fork.Barrier(8)

    def make(number: int) -> None:
        together.wait(_LIMIT)
        sleep(number * turn / 1000)  # some look for the key while others write it
        there.send(signing(folder).id)

    makers = [fork.Process(target=make, args=(number,), daemon=True) for number in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join(_LIMIT)
    assert [maker.exitcode for maker in makers] == [0] * 8
    assert {here.recv() for _ in makers} == {signing(folder).id}


def test_a_key_that_another_made_since_it_was_looked_for_is_taken(
    folder: Path, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = keys._private  # noqa: SLF001 - nobody can be made to come just between two looks
    first = [True]

    def look(path: Path) -> Ed25519PrivateKey | None:
        return None if first and first.pop() else found(path)

    monkeypatch.setattr(keys, "_private", look)
    assert signing(folder).id == key.id


def test_what_is_signed_verifies_and_nothing_else(key: SigningKey) -> None:
    signature = key.sign(b"entry")
    assert key.public.signed(b"entry", signature)
    assert not key.public.signed(b"Entry", signature)
    assert not key.public.signed(b"entry", signature.upper())
    assert not key.public.signed(b"entry", signature[:-2])
    assert not key.public.signed(b"entry", "0" * 128)
    assert not key.public.signed(b"entry", "")


def test_the_id_is_what_openssl_says(key: SigningKey, tmp_path: Path) -> None:
    (tmp_path / "k.pem").write_text(key.public.pem(), encoding="ascii")
    words = ["openssl", "pkey", "-pubin", "-in", str(tmp_path / "k.pem"), "-outform", "DER"]
    try:
        der = subprocess.run(words, capture_output=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("this machine has no openssl program")
    hashed = subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout
    assert hashed.decode().split()[0] == key.id
    assert read_public(tmp_path / "k.pem").id == key.id


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o601])
def test_a_key_that_others_can_read_is_refused(key: SigningKey, mode: int) -> None:
    file = key.folder / "signing.pem"
    file.chmod(mode)
    said = refusal(key.folder)
    assert said == (
        f"The signing key {file} is open to others: its mode is {mode:04o}, 0600 was expected."
    )


def test_a_key_that_is_gone_is_not_replaced_in_silence(key: SigningKey) -> None:
    (key.folder / "signing.pem").unlink()
    assert refusal(key.folder).endswith("signing.pem is gone, though it has signed.")
    new = replace_lost(key.folder)
    assert signing(key.folder).id == new.id != key.id
    assert set(keys.known(key.folder)) == {key.id, new.id}
    with pytest.raises(UsageError, match="The signing key is there"):
        replace_lost(key.folder)


@pytest.mark.parametrize("content", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_key_that_is_none_is_refused(folder: Path, content: str) -> None:
    put(folder / "signing.pem", content)
    (folder / "signing.pem").chmod(0o600)
    assert refusal(folder) == f"{folder / 'signing.pem'} holds no private key of Ed25519."


def test_a_folder_in_place_of_the_key_is_refused(folder: Path) -> None:
    (folder / "signing.pem").mkdir(parents=True, mode=0o700)
    assert refusal(folder) == f"The signing key in {folder} cannot be used: Is a directory."


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said = refusal(tmp_path / "file" / "keys")
    assert said == (f"The signing key in {tmp_path}/file/keys cannot be used: Not a directory.")


@pytest.mark.skipif(os.geteuid() != 0, reason="somebody else can only be played by root")
def test_a_key_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    folder = tmp_path / "keys"
    signing(folder)
    os.seteuid(65534)
    try:
        assert "Permission denied" in refusal(folder)
    finally:
        os.seteuid(0)


# --- one that follows ---------------------------------------------------------------------------


def test_after_a_rotation_the_old_key_is_gone_and_known(key: SigningKey) -> None:
    follower = keys.next_of(key)
    assert signing(key.folder).id == key.id  # until it is in the ledger
    assert keys.next_of(key).id == follower.id
    keys.follow(follower)
    assert signing(key.folder).id == follower.id
    assert set(keys.known(key.folder)) == {key.id, follower.id}
    assert sorted(one.name for one in key.folder.iterdir()) == ["known", "signing.pem"]


def test_a_rotation_that_was_cut_short_is_finished(key: SigningKey) -> None:
    follower = keys.next_of(key)
    assert key.successor(follower.id).id == follower.id
    assert signing(key.folder).id == follower.id
    assert key.successor(follower.id).id == follower.id  # once more, from a program that was slow
    assert keys.follow(follower).id == follower.id


def test_a_successor_that_is_elsewhere_is_asked_for(key: SigningKey) -> None:
    with pytest.raises(KeyUnavailable, match="was followed by 0000000000000000, which is not in"):
        key.successor("0" * 64)


# --- public ones --------------------------------------------------------------------------------


def test_a_public_key_comes_back_from_its_bytes(key: SigningKey) -> None:
    assert from_raw(raw(key.public)) == key.public


@pytest.mark.parametrize("digits", ["", "0" * 62, "x" * 64, "A" * 64])
def test_bytes_that_are_no_key_are_none(digits: str) -> None:
    assert from_raw(digits) is None


def test_a_file_without_a_public_key_is_refused(key: SigningKey, tmp_path: Path) -> None:
    private = key.folder / "signing.pem"
    with pytest.raises(UsageError, match="holds no public key of Ed25519"):
        read_public(private)
    put(tmp_path / "k.pem", "\x1b[2J" * 10_000)
    with pytest.raises(UsageError, match="holds no public key of Ed25519"):
        read_public(tmp_path / "k.pem")
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_public(tmp_path / "none.pem")
