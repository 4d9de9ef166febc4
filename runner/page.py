"""Pages for people: one HTML file each, complete in itself, the same on paper.

Everything that is put into a template is made visible and escaped here, whatever field it comes
from; a page has no script and takes nothing from elsewhere.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from runner.printable import on_page

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent / "pages"


def page(template: str, **values: object) -> bytes:
    """The template of that name in `runner/pages/`, filled: a page in UTF-8."""
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    text = _environment().get_template(f"{template}.html").render(**values, style=style)
    return text.encode("utf-8", "replace")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    found = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_visible,
    )
    found.filters["day"] = _day
    found.filters["minute"] = _minute
    return found


def _visible(value: object) -> object:
    # Markup is what a template made itself, of parts that came by here already.
    from markupsafe import Markup

    return on_page(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _day(when: datetime) -> object:
    """A date as people here write it."""
    return _time(when, "%Y-%m-%d")


def _minute(when: datetime) -> object:
    """A moment, with its zone: paper travels."""
    return _time(when, "%Y-%m-%d %H:%M %Z")


def _time(when: datetime, form: str) -> object:
    from markupsafe import Markup

    local = when.astimezone()
    return Markup('<time datetime="{}">{}</time>').format(
        local.isoformat(timespec="seconds"), local.strftime(form)
    )
