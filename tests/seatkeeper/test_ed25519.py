"""Signatures, compared with those of a library that everybody uses."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.images.licences.seatkeeper.ed25519 import verified

# RFC 8032, section 7.1.
VECTORS = [
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
        "af82",
    ),
]


@pytest.mark.parametrize(("key", "signature", "message"), VECTORS)
def test_what_the_standard_has_signed_is_signed(key: str, signature: str, message: str) -> None:
    assert verified(bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(message))
    assert not verified(bytes.fromhex(key), bytes.fromhex(signature), b"x")


@settings(max_examples=5)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=1, max_size=200), st.data())
def test_one_bit_of_it_changed_and_it_is_not_signed(
    secret: bytes, message: bytes, data: st.DataObject
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verified(public, signature, message)
    at = data.draw(st.integers(0, 511))
    broken = bytearray(signature)
    broken[at // 8] ^= 1 << at % 8
    assert not verified(public, bytes(broken), message)
    assert not verified(public, signature, message + b"!")


@settings(max_examples=15)
@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(min_size=1, max_size=8))
def test_no_bytes_upset_it(key: bytes, signature: bytes, message: bytes) -> None:
    assert not verified(key, signature, message)


def test_a_signature_has_one_form_only() -> None:
    key, signature, message = (bytes.fromhex(one) for one in VECTORS[0])
    order = 2**252 + 27742317777372353535851937790883648493
    other = int.from_bytes(signature[32:], "little") + order
    assert not verified(key, signature[:32] + other.to_bytes(32, "little"), message)
