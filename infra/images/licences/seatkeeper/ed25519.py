"""Signatures by Ed25519, checked by openssl: python3-minimal brings no cryptography."""

from __future__ import annotations

import os
import subprocess
from contextlib import ExitStack

_KEY_SIZE = 32
_AS_KEY = bytes.fromhex("302a300506032b6570032100")
"""What stands before the bytes of a public key where it says of itself what it is (RFC 8410)."""
_PATIENCE = 10


def verified(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` (64 bytes) is that of `message` by the owner of `key` (32 bytes).

    OSError where openssl cannot be asked. It takes a message of no bytes for a mistake.
    """
    if len(key) != _KEY_SIZE:
        return False
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin"]
    files = []
    with ExitStack() as opened:
        said = {"-inkey": _AS_KEY + key, "-sigfile": signature, "-in": message}
        for option, content in said.items():
            file = opened.enter_context(os.fdopen(os.memfd_create(option), "r+b", 0))
            file.write(content)
            files.append(file.fileno())
            command += [option, f"/dev/fd/{file.fileno()}"]
        try:
            done = subprocess.run(
                command, pass_fds=files, capture_output=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError("openssl gave no answer in time") from error
    return done.returncode == 0
