"""The keys of the ledger: one that signs, in the data folder, and those that are known to verify.

    keys/signing.pem          the private key, readable by its owner only
    keys/next.pem             its successor, while a rotation is under way
    keys/known/<id>.pem       public keys of this folder, of today and from before

A key is known by its id: SHA-256 over the public key as DER (SubjectPublicKeyInfo), which
`openssl pkey -pubin -in FILE -outform DER | sha256sum` prints.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from runner import places
from runner.canonical import digest
from runner.errors import KeyUnavailable, StageError, UsageError
from runner.printable import one_line

# Imported where it is used: most verbs need no key, and reading the library takes time.
if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

_LIMIT = 16 * 1024
"""Bytes of a key file: a real one has some 120."""
_OTHERS = 0o077
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_SIGNING, _NEXT, _KNOWN = "signing.pem", "next.pem", "known"


@dataclass(frozen=True)
class PublicKey:
    """A key that can verify."""

    id: str
    key: Ed25519PublicKey = field(repr=False, compare=False)

    def signed(self, data: bytes, signature: str) -> bool:
        """Whether its owner signed these bytes."""
        from cryptography.exceptions import InvalidSignature

        # Upper-case digits would mean the same: there is one way to write a signature.
        if not _SIGNATURE.fullmatch(signature):
            return False
        try:
            self.key.verify(bytes.fromhex(signature), data)
        except InvalidSignature:
            return False
        return True

    def pem(self) -> str:
        """As it is handed out."""
        from cryptography.hazmat.primitives import serialization

        return self.key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()


@dataclass(frozen=True)
class SigningKey:
    """The key that signs, and the folder it lies in."""

    public: PublicKey
    folder: Path
    key: Ed25519PrivateKey = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """What it is known by."""
        return self.public.id

    def sign(self, data: bytes) -> str:
        """The signature, in hexadecimal digits."""
        return self.key.sign(data).hex()

    def successor(self, id: str) -> SigningKey:
        """The key that followed this one in the ledger; KeyUnavailable where it is not here."""
        return _successor(self.folder, self.id, id)


def signing(folder: Path | None = None) -> SigningKey:
    """The key that signs, made at its first use; KeyUnavailable where that cannot be."""
    where = folder or _usual()
    try:
        found = _private(where / _SIGNING)
        if found is None:
            found = _first(where)
        key = SigningKey(_public(found.public_key()), where, found)
        _keep(where, key.public)
    except OSError as error:
        raise _cannot(where, error) from error
    return key


def known(folder: Path | None = None) -> Mapping[str, PublicKey]:
    """By id, the public keys of this data folder, those that sign no longer among them."""
    where = (folder or _usual()) / _KNOWN
    try:
        found = [read_public(path) for path in sorted(where.glob("*.pem"))]
    except OSError as error:
        raise _cannot(where.parent, error) from error
    return {key.id: key for key in found}


def read_public(path: Path) -> PublicKey:
    """The public key in a file that anybody may have written; UsageError where there is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            data = file.read(_LIMIT) or b""
        found = serialization.load_pem_public_key(data)
    except OSError as error:
        raise UsageError(
            f"The key {path} cannot be read: {error.strerror}.",
            remedy="Name the file that `./lab keys export` wrote.",
        ) from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PublicKey):
        raise UsageError(
            f"{path} holds no public key of Ed25519.",
            remedy="Name the file that `./lab keys export` wrote.",
        )
    return _public(found)


def from_raw(digits: str) -> PublicKey | None:
    """The public key that an entry of a rotation names; None where it is none."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        return None
    try:
        return _public(Ed25519PublicKey.from_public_bytes(bytes.fromhex(digits)))
    except ValueError:
        return None


def raw(key: PublicKey) -> str:
    """The same the other way round: 32 bytes in hexadecimal digits."""
    return key.key.public_bytes_raw().hex()


def next_of(key: SigningKey) -> SigningKey:
    """The key that is to follow, made if it is not there; it signs nothing before `follow`."""
    try:
        found = _private(key.folder / _NEXT)
        if found is None:
            _write(key.folder, _NEXT)
            found = _private(key.folder / _NEXT)
    except OSError as error:
        raise _cannot(key.folder, error) from error
    if found is None:
        raise KeyUnavailable(f"The key {key.folder / _NEXT} was taken away.", remedy=_BACKUP)
    return SigningKey(_public(found.public_key()), key.folder, found)


def follow(key: SigningKey) -> SigningKey:
    """From now on `key`, which was the next, signs. The old one is gone; it is known for ever."""
    try:
        _keep(key.folder, key.public)
        (key.folder / _NEXT).replace(key.folder / _SIGNING)
    except FileNotFoundError as error:
        # Another program has finished the same rotation, or something is wrong.
        now = _private(key.folder / _SIGNING)
        if now is None or _public(now.public_key()).id != key.id:
            raise _cannot(key.folder, error) from error
    except OSError as error:
        raise _cannot(key.folder, error) from error
    return key


def replace_lost(folder: Path | None = None) -> SigningKey:
    """A new key where the old one is lost; UsageError where it is not."""
    where = folder or _usual()
    path = where / _SIGNING
    if path.exists():
        raise UsageError(
            f"The signing key is there: {path}.", remedy="./lab keys rotate replaces it."
        )
    try:
        _write(where, _SIGNING)
    except OSError as error:
        raise _cannot(where, error) from error
    return signing(where)


def _successor(folder: Path, old: str, id: str) -> SigningKey:
    for name in (_SIGNING, _NEXT):
        try:
            found = _private(folder / name)
        except OSError as error:
            raise _cannot(folder, error) from error
        if found is not None and (public := _public(found.public_key())).id == id:
            key = SigningKey(public, folder, found)
            # A rotation that was cut short between the ledger and the folder is finished here.
            return follow(key) if name == _NEXT else key
    raise KeyUnavailable(
        f"The ledger says that key {old[:16]} was followed by {id[:16]}, which is not in {folder}.",
        remedy=f"Put {_SIGNING} of the folder that it was rotated in here, or its backup.",
    )


_BACKUP = (
    "Put it back from a backup; if it is lost, ./lab keys rotate --lost makes a new one, and"
    " whoever verifies has to be given that."
)


def _first(folder: Path) -> Ed25519PrivateKey:
    if any((folder / _KNOWN).glob("*.pem")):
        # Another program may have made it since it was looked for: it is known only after that.
        if (found := _private(folder / _SIGNING)) is not None:
            return found
        # A new key made in silence would look like somebody else's.
        raise KeyUnavailable(
            f"The signing key {folder / _SIGNING} is gone, though it has signed.", remedy=_BACKUP
        )
    _write(folder, _SIGNING)
    found = _private(folder / _SIGNING)
    if found is None:
        raise KeyUnavailable(f"The key {folder / _SIGNING} was taken away.", remedy=_BACKUP)
    return found


def _private(path: Path) -> Ed25519PrivateKey | None:
    """The private key in a file of ours; None where there is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    try:
        opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    with os.fdopen(opened, "rb") as file:
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode):
            raise KeyUnavailable(f"The signing key {path} is no file.", remedy=_BACKUP)
        if status.st_mode & _OTHERS:
            raise KeyUnavailable(
                f"The signing key {path} is open to others: its mode is"
                f" {stat.S_IMODE(status.st_mode):04o}, 0600 was expected.",
                remedy=f"chmod 600 {path}; if others have been on this machine, ./lab keys rotate.",
            )
        data = file.read(_LIMIT)
    try:
        found = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise KeyUnavailable(f"{path} holds no private key of Ed25519.", remedy=_BACKUP)
    return found


def _write(folder: Path, name: str) -> None:
    """A new private key, on disk; the first of several programs that make one wins."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    data = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / _KNOWN).mkdir(mode=0o700, parents=True, exist_ok=True)
    _put(folder / name, data)


def _keep(folder: Path, key: PublicKey) -> None:
    path = folder / _KNOWN / f"{key.id}.pem"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _put(path, key.pem().encode())


def _put(path: Path, data: bytes) -> None:
    """A file that is there whole or not at all, and is never written over."""
    passing = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(passing, path)
        except FileExistsError:
            return
    finally:
        passing.unlink(missing_ok=True)


def _public(key: Ed25519PublicKey) -> PublicKey:
    from cryptography.hazmat.primitives import serialization

    data = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return PublicKey(digest(data), key)


def _usual() -> Path:
    try:
        return places.data() / "keys"
    except StageError as error:
        raise KeyUnavailable(str(error), remedy=error.remedy) from error


def _cannot(folder: Path, error: OSError) -> KeyUnavailable:
    return KeyUnavailable(
        f"The signing key in {folder} cannot be used: {one_line(error.strerror or str(error))}.",
        remedy=f"Give yourself the right to read and write in {folder} (`ls -la` shows it), or"
        " set LAB_DATA to another folder.",
    )
