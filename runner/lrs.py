"""A learning record store of xAPI 1.0.3, told what it does not have yet.

A store keeps each statement under its id for good, so what was sent before may be sent again.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPResponse
from time import monotonic
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from runner.endpoint import AUTHORIZATION, PASSWORD, USER, Store
from runner.errors import StageError
from runner.printable import one_line, printable
from runner.voice import counted

VERSION = "1.0.3"
_BATCH = 50
_BATCH_BYTES = 1 << 20
_ANSWER = 1 << 18
_SHOWN = 160
# Some stores keep a moment to the millisecond only.
_NEAR = timedelta(milliseconds=1)
_FOUND, _NOT_FOUND, _CONFLICT, _TOO_MUCH = 200, 404, 409, 413
_AGAIN = "What has been sent may be sent again: nothing is doubled."


class NotTaken(StageError):
    """A store could not be reached, or did not take what it was told."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a store answered, its text bounded."""

    status: int
    text: bytes

    @property
    def fine(self) -> bool:
        """It did what it was asked to."""
        return 200 <= self.status < 300  # noqa: PLR2004 - what HTTP calls success


def send(there: Store, statements: Sequence[Mapping[str, Any]]) -> int:
    """Tell a store all statements, in their order; how many it had already said to have.

    NotTaken says why not all, and how many of them it has.
    """
    opener = _opener(there)
    known = done = 0
    for batch in _batches(statements):
        try:
            known += _told(opener, there, batch)
        except NotTaken as error:
            of = f"{done} of {counted(len(statements), 'statement')} were taken before."
            raise NotTaken(f"{error} {of}", remedy=error.remedy) from error
        done += len(batch)
    return known


def _told(opener: OpenerDirector, there: Store, batch: Sequence[Mapping[str, Any]]) -> int:
    answer = _asked(opener, there, there.statements, _written(batch))
    if answer.fine:
        return 0
    if answer.status in {_CONFLICT, _TOO_MUCH} and len(batch) > 1:
        # Nothing of it was taken: a store takes all, or none where it has one of them.
        half = len(batch) // 2
        return _told(opener, there, batch[:half]) + _told(opener, there, batch[half:])
    if answer.status == _CONFLICT:
        _refuse_another(opener, there, batch[0])
        return 1
    raise _refused(there, answer)


def _refuse_another(opener: OpenerDirector, there: Store, ours: Mapping[str, Any]) -> None:
    """Nothing where the store has this very statement; NotTaken where it has another one."""
    for name in ("statementId", "voidedStatementId"):
        answer = _asked(opener, there, f"{there.statements}?{urlencode({name: ours['id']})}")
        if answer.status != _NOT_FOUND:
            break
    if answer.status != _FOUND:
        raise _refused(there, answer)
    if not same(ours, _read(there, answer)):
        raise NotTaken(
            f"The store {there.endpoint} has another statement under the id {ours['id']}.",
            remedy="It was told otherwise before: with another --home-page, title or record?",
        )


def same(ours: Mapping[str, Any], theirs: object) -> bool:
    """Whether a store has what we say. It may have added to it, and names may have changed since.

    What specification and stores leave out of it: how verb and activity are described.
    """
    if not isinstance(theirs, Mapping):
        return False
    moments = [_moment(one.get("timestamp")) for one in (ours, theirs)]
    if None in moments or not _near(*moments):
        return False
    return _within({name: ours[name] for name in ours if name != "timestamp"}, theirs)


def _within(ours: object, theirs: object) -> bool:
    if not isinstance(ours, Mapping):
        return ours == theirs
    return isinstance(theirs, Mapping) and all(
        name in theirs and _within(ours[name], theirs[name])
        for name in ours
        if name not in {"display", "definition", "objectType"}
    )


def _moment(text: object) -> datetime | None:
    with suppress(ValueError):
        found = datetime.fromisoformat(str(text))
        return found if found.tzinfo else None
    return None


def _near(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and abs(one - other) < _NEAR


def _batches(statements: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """The statements in their order, never too many or too much at once."""
    batch: list[Mapping[str, Any]] = []
    size = 0
    for one in statements:
        its = len(_written([one]))
        if batch and (len(batch) == _BATCH or size + its > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += its
    if batch:
        yield batch


def _written(batch: Sequence[Mapping[str, Any]]) -> bytes:
    return json.dumps(batch, ensure_ascii=False).encode("utf-8", "replace")


def _asked(opener: OpenerDirector, there: Store, url: str, data: bytes | None = None) -> Answer:
    headers = {"X-Experience-API-Version": VERSION, "Accept": "application/json"}
    if data is not None:
        headers["Content-Type"] = "application/json"
    if there.authorization:
        headers["Authorization"] = there.authorization
    request = Request(url, data, headers)  # noqa: S310 - the address was looked at: see _endpoint
    try:
        try:
            with opener.open(request, timeout=there.patience) as found:
                return Answer(found.status, _bounded(found, there.patience))
        except HTTPError as error:
            with error:
                text = error.fp
                bounded = _bounded(text, there.patience) if isinstance(text, HTTPResponse) else b""
                return Answer(error.code, bounded)
    except (OSError, HTTPException, ValueError) as error:
        raise _unreachable(there, error) from error


def _bounded(found: HTTPResponse, patience: float) -> bytes:
    """So much of an answer as is read, however slowly it comes."""
    end = monotonic() + patience
    text = b""
    while len(text) < _ANSWER and (piece := found.read1(_ANSWER - len(text))):
        text += piece
        if monotonic() > end:
            raise TimeoutError
    return text


def _read(there: Store, answer: Answer) -> object:
    try:
        return json.loads(answer.text)
    except (ValueError, RecursionError) as error:
        raise NotTaken(
            f"The store {there.endpoint} answers with something else than a statement.",
            remedy="Is this the address of a learning record store?",
        ) from error


def _refused(there: Store, answer: Answer) -> NotTaken:
    said = one_line(printable(answer.text.decode("utf-8", "replace")), _SHOWN)
    return NotTaken(
        f"The store {there.endpoint} answers {answer.status}{f': {said}' if said else '.'}",
        remedy=_REMEDIES.get(answer.status, "") or _remedy(answer.status),
    )


_REMEDIES = {
    401: f"{USER} and {PASSWORD}, or {AUTHORIZATION}, say who sends: the store knows them not.",
    403: f"Whom {USER} names may not write there: the store's administrator can allow it.",
    404: "--xapi-endpoint takes the address below which `statements` lies, such as .../xapi/.",
    413: "It takes no statement of this size: its administrator can allow larger ones.",
    429: f"It is busy: try again later. {_AGAIN}",
}


def _remedy(status: int) -> str:
    if 300 <= status < 400:  # noqa: PLR2004 - what HTTP calls a redirection
        return "It is somewhere else: name the address to which it leads."
    if status >= 500:  # noqa: PLR2004 - what HTTP calls the server's fault
        return f"The fault is the store's: try again later. {_AGAIN}"
    return "See what the store's administrator says; --xapi FILE writes what would be sent."


def _unreachable(there: Store, error: Exception) -> NotTaken:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return NotTaken(
            f"The store {there.endpoint} did not answer within {there.patience:g} s.",
            remedy=f"Try again later. {_AGAIN}",
        )
    if isinstance(reason, ssl.SSLCertVerificationError):
        return NotTaken(
            f"The store {there.endpoint} is not known to be what it says:"
            f" {one_line(reason.verify_message, _SHOWN)}.",
            remedy="SSL_CERT_FILE names a file with the certificate of whoever vouches for it.",
        )
    said = getattr(reason, "strerror", None) or reason
    return NotTaken(
        f"The store {there.endpoint} cannot be reached: {one_line(str(said), _SHOWN)}.",
        remedy=f"See whether the address is right and the network leads there. {_AGAIN}",
    )


class _Nowhere(HTTPRedirectHandler):
    """Follows nobody elsewhere: credentials are for one store."""

    def redirect_request(self, *_: object) -> None:
        """No request."""


def _opener(there: Store) -> OpenerDirector:
    # What goes to this machine goes past any proxy.
    return build_opener(_Nowhere, *([ProxyHandler({})] if there.here else []))
