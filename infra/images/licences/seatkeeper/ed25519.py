"""Signatures by Ed25519, checked only (RFC 8032): python3-minimal brings no cryptography.

Nothing secret is touched, so that it takes more or less time for one signature or another does no
harm. One takes a few milliseconds.
"""

from __future__ import annotations

import hashlib

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_SIZE = 32

_Point = tuple[int, int, int, int]
"""X, Y, Z and T of a point: x = X/Z, y = Y/Z, x * y = T/Z."""
_NEUTRAL: _Point = (0, 1, 1, 0)


def verified(key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` (64 bytes) is that of `message` by the owner of `key` (32 bytes)."""
    if len(key) != _SIZE or len(signature) != 2 * _SIZE:
        return False
    owner, commitment = _point(key), _point(signature[:_SIZE])
    answer = int.from_bytes(signature[_SIZE:], "little")
    if owner is None or commitment is None or answer >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:_SIZE] + key + message).digest()
    challenge = int.from_bytes(digest, "little") % _ORDER
    return _same(_times(answer, _BASE), _sum(commitment, _times(challenge, owner)))


def _point(text: bytes) -> _Point | None:
    """The point that 32 bytes stand for; None if they stand for none."""
    y = int.from_bytes(text, "little")
    odd, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and odd):
        return None
    if x & 1 != odd:
        x = _P - x
    return x, y, 1, x * y % _P


def _sum(one: _Point, other: _Point) -> _Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(number: int, point: _Point) -> _Point:
    found = _NEUTRAL
    while number:
        if number & 1:
            found = _sum(found, point)
        point = _sum(point, point)
        number >>= 1
    return found


def _same(one: _Point, other: _Point) -> bool:
    return not (
        (one[0] * other[2] - other[0] * one[2]) % _P or (one[1] * other[2] - other[1] * one[2]) % _P
    )


_BASE = _point((4 * pow(5, -1, _P) % _P).to_bytes(_SIZE, "little")) or _NEUTRAL
