"""Credentials with a proof in them: W3C Data Integrity, cryptosuite eddsa-jcs-2022.

The issuer is a did:key, which is the public key itself: what verifies is in the document, and only
whether it is the right key has to be known from elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from runner import canonical, keys, multibase
from runner.entry import written
from runner.printable import one_line

if TYPE_CHECKING:
    from runner.keys import PublicKey, SigningKey

SUITE = "eddsa-jcs-2022"
_PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": SUITE,
    "proofPurpose": "assertionMethod",
}
_ED25519 = b"\xed\x01"
"""What says, in front of a public key, that it is one of Ed25519 (multicodec)."""


def did(key: PublicKey) -> str:
    """The key as an identifier that anybody can read the key from."""
    return "did:key:" + multibase.encode(_ED25519 + bytes.fromhex(keys.raw(key)))


def proven(document: Mapping[str, Any], key: SigningKey, at: datetime) -> dict[str, Any]:
    """The document with a proof that the key's owner made it; its issuer has to be that key."""
    config = _PROOF | {
        "@context": document["@context"],
        "created": written(at),
        "verificationMethod": _method(did(key.public)),
    }
    signature = bytes.fromhex(key.sign(hashed(document, config)))
    # A list of one: Data Integrity takes it as well as an object, Open Badges takes nothing else.
    return {**document, "proof": [config | {"proofValue": multibase.encode(signature)}]}


def fault(document: Mapping[str, Any], known: Mapping[str, PublicKey]) -> str:
    """What is wrong with a document that anybody may have written; empty where nothing is."""
    proof = _only(document.get("proof"))
    if any(proof.get(name) != value for name, value in _PROOF.items()):
        return f"it has no proof, and just one, of the kind {SUITE}"
    by = issuer(document)
    # Where it is left out of the proof it is signed with the document all the same.
    if proof.get("@context", document.get("@context")) != document.get("@context"):
        return "its @context is not that of the proof"
    if proof.get("verificationMethod") != _method(by):
        return "its proof names another key than its issuer"
    key = next((one for one in known.values() if did(one) == by), None)
    if key is None:
        there = ", ".join(did(one) for one in known.values()) or "none"
        return f"it was issued by {one_line(by, 120) or 'nobody'}; known here: {there}"
    if not key.signed(_signed(document, proof), _signature(proof)):
        return "its signature was not made with the issuer's key over this content"
    return ""


def is_one(found: object) -> bool:
    """Whether plain data is meant to be a credential, true or not."""
    return isinstance(found, dict) and "proof" in found and "credentialSubject" in found


def hashed(document: Mapping[str, Any], config: Mapping[str, Any]) -> bytes:
    """What is signed: the hashes of the proof's own fields and of the document."""
    parts = (canonical.dumps(dict(one)) for one in (config, document))
    return b"".join(hashlib.sha256(part).digest() for part in parts)


def issuer(document: Mapping[str, Any]) -> str:
    """Who is said to have issued it; empty where nobody is."""
    found = document.get("issuer")
    return str(found.get("id", "")) if isinstance(found, dict) else str(found or "")


def _method(by: str) -> str:
    return f"{by}#{by.removeprefix('did:key:')}"


def _only(proof: object) -> Mapping[str, Any]:
    """The one proof there is, in a list or by itself; empty where there is none, or another."""
    match proof:
        case [dict() as one] | (dict() as one):
            return one
        case _:
            return {}


def _signed(document: Mapping[str, Any], proof: Mapping[str, Any]) -> bytes:
    without = {name: value for name, value in document.items() if name != "proof"}
    return hashed(without, {name: value for name, value in proof.items() if name != "proofValue"})


def _signature(proof: Mapping[str, Any]) -> str:
    """In hexadecimal digits; empty where it is none, which nobody's signature is."""
    try:
        return multibase.decode(str(proof.get("proofValue"))).hex()
    except ValueError:
        return ""
