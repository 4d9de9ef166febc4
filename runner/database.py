"""Which database holds the records: a URL, read."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from runner import places
from runner.errors import RecordUnavailable, StageError
from runner.postgresql import Postgresql
from runner.sqlite import Sqlite
from runner.store import Store

_FORMS = (
    "Set LAB_DATABASE_URL to sqlite:////folder/records.sqlite or to"
    " postgresql://user:password@host:5432/database, with @ : / ? # % in the password written as"
    " %40 %3A %2F %3F %23 %25; or unset it."
)


def named(url: str | None, patience: float) -> Store:
    """The database that a URL means, or LAB_DATABASE_URL, or the usual one; nothing is opened.

    `patience` is how many seconds another program may keep us waiting.
    """
    url = url or os.environ.get("LAB_DATABASE_URL") or _usual()
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        # What is wrong may be the password, so neither the URL nor the reason is repeated.
        raise RecordUnavailable("The URL of the records cannot be read.", remedy=_FORMS) from None
    if parts.scheme == "sqlite":
        file = unquote(parts.path)[1:]
        if parts.netloc or parts.query or parts.fragment or file in {"", ":memory:"}:
            raise RecordUnavailable(
                "The URL of the records names no file: sqlite:/// needs three slashes, then the"
                " file's path.",
                remedy=_FORMS,
            )
        return Sqlite(Path(file), patience)
    if parts.scheme in {"postgresql", "postgres"}:
        # A slash in a password moves the rest of it into the path.
        named = parts.path.strip("/") and not {"/", "@"} & set(parts.path[1:])
        if not parts.hostname or not named or parts.fragment:
            raise RecordUnavailable(
                "The URL of the records names no host or no database.", remedy=_FORMS
            )
        return Postgresql(parts, patience)
    raise RecordUnavailable(
        "The URL of the records begins neither with sqlite: nor with postgresql:.", remedy=_FORMS
    )


def _usual() -> str:
    try:
        return f"sqlite:///{quote(str(places.data() / 'records.sqlite'))}"
    except StageError as error:
        raise RecordUnavailable(str(error), remedy=error.remedy) from error
