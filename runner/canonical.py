"""JSON that is the same bytes wherever it is written (RFC 8785), and its reading from strangers.

What is signed here has no fractions: durations are whole milliseconds. So far `json.dumps` with
sorted keys writes the same, which is what lets a third party verify without a library.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NoReturn

HIGHEST = 2**53 - 1
"""The greatest whole number that every reader of JSON keeps exactly."""

_DIGITS = len(str(HIGHEST)) + 1  # and a sign


class NotCanonical(ValueError):
    """Text that is no JSON of ours; says why."""


def dumps(value: object) -> bytes:
    """The canonical bytes of plain data; NotCanonical where it has something else in it."""
    from rfc8785 import CanonicalizationError
    from rfc8785 import dumps as canonical

    try:
        return canonical(value)  # type: ignore[arg-type]  # it checks by itself
    except (CanonicalizationError, RecursionError) as error:
        raise NotCanonical(str(error)) from error


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def loads(data: bytes, *, exact: bool = True) -> Any:  # noqa: ANN401 - JSON has no types yet
    """Plain data from bytes that anybody may have written; NotCanonical where they are not ours.

    Only the one way to write something is read: what `dumps` would not write again is refused.
    Unless `exact`, blanks and the order of keys are anybody's; values are held to the same.
    """
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_refused,
            parse_constant=_refused,
        )
        same = dumps(value)
    except UnicodeDecodeError as error:
        raise NotCanonical(f"byte {error.start} is no UTF-8") from error
    except json.JSONDecodeError as error:
        raise NotCanonical(f"no JSON: {error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise NotCanonical("it is nested too deep") from error
    if exact and same != data:
        # From the first other byte on it is another text.
        at = next(
            (n for n, (a, b) in enumerate(zip(same, data, strict=False)) if a != b),
            min(len(same), len(data)),
        )
        raise NotCanonical(f"byte {at} is not as RFC 8785 writes it")
    return value


def _object(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise NotCanonical(f"the key {name[:40]!r} is there twice")
        found[name] = value
    return found


def _whole(digits: str) -> int:
    # Python itself would refuse to read thousands of digits, in other words.
    if len(digits) > _DIGITS or abs(int(digits)) > HIGHEST:
        raise NotCanonical(f"the number {digits[:20]} is too great")
    return int(digits)


def _refused(text: str) -> NoReturn:
    raise NotCanonical(f"the number {text[:20]} is not a whole one")
