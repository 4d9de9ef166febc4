"""Proofs in credentials: made here, verified by others, and believed only where they hold."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from runner import keys
from runner.credential import did, fault, is_one, proven
from runner.keys import SigningKey
from tests.attempts import NOON

LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """A key that signs."""
    return keys.signing(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """Another one."""
    return keys.signing(tmp_path_factory.mktemp("other"))


def document(key: SigningKey, **more: object) -> dict[str, Any]:
    """A credential without proof."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "issuer": {"id": did(key.public), "type": ["Profile"]},
        "credentialSubject": {"type": ["AchievementSubject"]},
        **more,
    }


def verified_by_others(signed: dict[str, Any]) -> None:
    """The specification's way, without anything of ours; InvalidSignature where it does not hold.

    As RFC 8785 has it, for documents without fractions and with keys in ASCII.
    """

    def raw(text: str) -> bytes:
        number = 0
        for letter in text[1:]:
            number = 58 * number + LETTERS.index(letter)
        return number.to_bytes((number.bit_length() + 7) // 8)

    def hashed(value: object) -> bytes:
        form = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(form.encode()).digest()

    rest = dict(signed)
    (proof,) = rest.pop("proof")
    proof = dict(proof)
    signature = raw(proof.pop("proofValue")).rjust(64, b"\0")
    public = raw(signed["issuer"]["id"].removeprefix("did:key:"))
    assert public[:2] == b"\xed\x01"
    assert proof["verificationMethod"].partition("#")[0] == signed["issuer"]["id"]
    Ed25519PublicKey.from_public_bytes(public[2:]).verify(signature, hashed(proof) + hashed(rest))


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=9).filter(str.isprintable),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@given(name=plain)
def test_others_verify_what_we_sign_whatever_is_in_it(key: SigningKey, name: object) -> None:
    signed = proven(document(key, name=name), key, NOON)
    verified_by_others(signed)
    assert fault(signed, {key.id: key.public}) == ""


def test_a_proof_may_stand_by_itself_and_never_beside_another(key: SigningKey) -> None:
    signed = proven(document(key), key, NOON)
    (proof,) = signed["proof"]
    known = {key.id: key.public}
    assert fault(signed | {"proof": proof}, known) == ""
    for proofs in ([], [proof, proof], [proof, {}], [[proof]]):
        assert fault(signed | {"proof": proofs}, known).startswith("it has no proof, and just one")


def test_each_other_byte_is_found(key: SigningKey) -> None:
    data = json.dumps(proven(document(key, name="4c"), key, NOON)).encode()
    known = {key.id: key.public}
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 0x01
        try:
            found = json.loads(changed)
        except ValueError:
            continue
        assert not is_one(found) or fault(found, known), changed


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5).filter(str.isprintable),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab@z"), inner, max_size=2),
    max_leaves=5,
)


@given(
    field=st.sampled_from(["@context", "issuer", "proof", "credentialSubject"]),
    proof_field=st.sampled_from(["@context", "proofValue", "verificationMethod", "created"]),
    value=anything,
)
def test_whatever_a_stranger_writes_is_answered_and_not_believed(
    key: SigningKey, field: str, proof_field: str, value: object
) -> None:
    signed = proven(document(key), key, NOON)
    known = {key.id: key.public}
    if value != signed[field]:
        assert fault(signed | {field: value}, known)
    (proof,) = signed["proof"]
    if value != proof[proof_field]:
        assert fault(signed | {"proof": [proof | {proof_field: value}]}, known)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"proof": None}, "it has no proof, and just one, of the kind eddsa-jcs-2022"),
        ({"proof": [1]}, "it has no proof, and just one, of the kind eddsa-jcs-2022"),
        ({"@context": ["https://evil.test"]}, "its @context is not that of the proof"),
        ({"issuer": "did:key:z6Mk"}, "its proof names another key than its issuer"),
        ({"issuer": 7}, "its proof names another key than its issuer"),
        ({"name": "4d"}, "its signature was not made with the issuer's key over this content"),
        ({"more": 1}, "its signature was not made with the issuer's key over this content"),
    ],
)
def test_what_is_wrong_is_said(key: SigningKey, change: dict[str, Any], said: str) -> None:
    signed = proven(document(key, name="4c"), key, NOON) | change
    assert fault(signed, {key.id: key.public}) == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cryptosuite": "eddsa-rdfc-2022"}, "it has no proof, and just one, of the kind"),
        ({"proofPurpose": "authentication"}, "it has no proof, and just one, of the kind"),
        ({"created": "2020-01-01T00:00:00Z"}, "its signature was not made"),
        ({"proofValue": "z"}, "its signature was not made"),
        ({"proofValue": None}, "its signature was not made"),
        ({"proofValue": "z" + "2" * 100_000}, "its signature was not made"),
        ({"expires": "2020-01-01T00:00:00Z"}, "its signature was not made"),
    ],
)
def test_so_it_is_of_the_proof(key: SigningKey, change: dict[str, Any], said: str) -> None:
    signed = proven(document(key), key, NOON)
    signed["proof"][0] |= change
    assert fault(signed, {key.id: key.public}).startswith(said)


def test_a_badge_of_somebody_else_is_not_believed(key: SigningKey, other: SigningKey) -> None:
    signed = proven(document(other), other, NOON)
    verified_by_others(signed)  # it holds in itself, and that is not enough
    said = f"it was issued by {did(other.public)}; known here: "
    assert fault(signed, {key.id: key.public}) == said + did(key.public)
    assert fault(signed, {}) == said + "none"


def test_signed_by_one_and_said_to_be_of_another(key: SigningKey, other: SigningKey) -> None:
    signed = proven(document(key), other, NOON)
    known = {one.id: one.public for one in (key, other)}
    assert fault(signed, known) == "its proof names another key than its issuer"
    signed["proof"][0]["verificationMethod"] = (
        f"{did(key.public)}#{did(key.public).removeprefix('did:key:')}"
    )
    assert fault(signed, known).startswith("its signature was not made with the issuer's key")


def test_a_key_is_written_as_others_write_it() -> None:
    # The public key of the first test of RFC 8032, and what did:key makes of it.
    found = keys.from_raw("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert found
    assert did(found) == "did:key:z6MktwupdmLXVVqTzCw4i46r4uGyosGXRnR3XjN4Zq7oMMsw"
