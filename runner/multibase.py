"""Bytes as text, the way decentralised identifiers write them: multibase, in base58-btc."""

from __future__ import annotations

_LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
"""No 0, O, I and l, which are taken for one another."""
_PREFIX = "z"
_LIMIT = 256
"""Characters that are read: a signature has some 90, and the time grows with the square."""


def encode(data: bytes) -> str:
    """The text of these bytes, each zero in front kept as a 1."""
    number, digits = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, len(_LETTERS))
        digits = _LETTERS[digit] + digits
    zeros = len(data) - len(data.lstrip(b"\0"))
    return _PREFIX + _LETTERS[0] * zeros + digits


def decode(text: str) -> bytes:
    """The bytes of a text that anybody may have written; ValueError where it has none."""
    digits = text.removeprefix(_PREFIX)
    if digits == text or len(text) > _LIMIT:
        raise ValueError("no text in base58-btc")
    number = 0
    for letter in digits:
        number = number * len(_LETTERS) + _LETTERS.index(letter)
    zeros = len(digits) - len(digits.lstrip(_LETTERS[0]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)
