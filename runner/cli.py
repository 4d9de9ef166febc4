"""Words -> one call each -> exit code: the only place that prints, the only one that exits.

Each verb stands in one of the modules `runner.verbs_*`, read when it is called.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TextIO

import click

from runner.errors import Exit, LabError
from runner.printable import one_line, printable
from runner.voice import Voice, is_terminal, style_of

VERBS: Mapping[str, str] = {
    "list": "verbs_framework:list_labs",
    "start": "verbs_world:start",
    "brief": "verbs_learner:brief",
    "shell": "verbs_learner:shell",
    "grade": "verbs_learner:grade",
    "hint": "verbs_learner:hint",
    "submit": "verbs_assess:submit",
    "reset": "verbs_world:reset",
    "stop": "verbs_world:stop",
    "status": "verbs_world:status",
    "pool": "verbs_pool:pool",
    "record": "verbs_framework:record",
    "schedule": "verbs_pages:schedule",
    "badges": "verbs_exports:badges",
    "dispute": "verbs_ledger:dispute",
    "override": "verbs_ledger:override",
    "cosign": "verbs_ledger:cosign",
    "revoke": "verbs_ledger:revoke",
    "export-world": "verbs_freeze:export_world",
    "evidence": "verbs_evidence:evidence",
    "verify": "verbs_evidence:verify",
    "replay": "verbs_evidence:replay",
    "keys": "verbs_evidence:keys",
    "standards": "verbs_framework:standards",
    "new": "verbs_new:new",
    "schema": "verbs_new:schema",
    "attempt": "verbs_author:attempt",
    "try": "verbs_try:try_check",
    "validate": "verbs_validate:validate",
    "statistics": "verbs_pages:statistics",
    "doctor": "verbs_machine:doctor",
    "images": "verbs_machine:images",
}
"""Where each verb stands, in the order in which the help lists them."""

_PIPE = 128 + signal.SIGPIPE
_HERE = Path(__file__).resolve().parent


class Verbs(click.Group):
    """The verbs, read when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, in the order of use."""
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One verb."""
        del ctx
        if cmd_name not in VERBS:
            return None
        module, _, name = VERBS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"runner.{module}"), name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that is meant; what is none is answered with the nearest."""
        word = args[0]
        if not word.startswith("-") and word not in VERBS:
            import difflib

            near = difflib.get_close_matches(word.lower(), VERBS, n=2, cutoff=0.5)
            if word[:1].isdigit():
                near = [f"start {one_line(word, 40)}"]
            guess = f" Did you mean: {' or '.join(f'./lab {one}' for one in near)}?" if near else ""
            ctx.fail(f"There is no verb {one_line(word, 40)!r}.{guess}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Example:
  ./lab start 4c     the first time, this sets up everything
  ./lab shell        work in it
  ./lab grade        see what holds and what does not

CODE may be left out where one lab runs. Exit codes: 0 demonstrated (or done), 1 not yet, 2 wrong
use or wrongly authored, 3 could not be graded (or the machine is not fit).""",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    help="Say it and end.",
    callback=lambda ctx, _, asked: _version(ctx) if asked else None,
)
def verbs() -> None:
    """Practicals on real small networks, graded by what the systems then do."""


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words say; the exit code."""
    voice = _voice()
    if words is None:
        _hear_signals()
    try:
        code = _done(list(sys.argv[1:] if words is None else words), voice)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except LabError as error:
        _tell(voice, str(error), error.remedy)
        code = error.exit_code
    except click.UsageError as error:
        _tell(voice, error.format_message(), _more_help(error))
        code = Exit.WRONG_USE
    except (KeyboardInterrupt, click.Abort):
        voice.note("Interrupted.")
        code = Exit.INTERRUPTED
        if words is None:
            # What had to be put in order has been; a thread that still waits for the engine may
            # not keep the program from ending.
            os._exit(code)
    except BrokenPipeError:
        # Whoever read our answer has heard enough; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = _PIPE
    except Exception as error:  # noqa: BLE001 - no traceback ever reaches a user
        _tell(voice, f"The program failed: {type(error).__name__}: {one_line(str(error))}", _log())
        code = Exit.NOT_GRADED
    return int(code)


def _done(words: list[str], voice: Voice) -> int:
    # Without click's own `main`, which has exit codes of its own for a broken pipe and Ctrl-C.
    with verbs.make_context(_program(), words, obj=voice) as context:
        said = verbs.invoke(context)
        sys.stdout.flush()
        return int(said or 0)


def _hear_signals() -> None:
    """Being ended, or losing the terminal, is put in order like Ctrl-C."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, signal.default_int_handler)


def _voice() -> Voice:
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a terminal without UTF-8 gets \xe9 instead of an error
            reconfigure(errors="backslashreplace")
    somebody = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    return Voice(
        answer=lambda text: _print(text, sys.stdout),
        note=lambda text: _print(text, sys.stderr),
        draw=lambda text: _print(text, sys.stderr, end=""),
        ask=_asked if somebody else None,
        style=style_of(sys.stdout),
        moving=is_terminal(sys.stderr),
    )


def _print(text: str, stream: TextIO, end: str = "\n") -> None:
    if _program() != "./lab":
        text = text.replace("./lab ", f"{_program()} ")
    print(text, end=end, file=stream, flush=True)


def _more_help(error: click.UsageError) -> str:
    """Where more is said; nothing where the message is the help already."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return ""
    return f"{error.ctx.command_path if error.ctx else _program()} --help says what there is."


def _asked(question: str) -> bool:
    print(f"{question} [Y/n] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    return bool(answer) and answer.strip().lower() in {"", "y", "yes"}


def _tell(voice: Voice, message: str, remedy: str) -> None:
    voice.note(printable(message, 4000))
    if remedy:
        voice.note(printable(remedy, 4000))


def _program() -> str:
    """How the program is called: by its launcher in a checkout, by its name where installed."""
    return "./lab" if (_HERE.parent / "lab").is_file() else "lab"


def _version(context: click.Context) -> None:
    from runner import places

    context.obj.answer(f"lab {places.version()}")
    context.exit()


def _log() -> str:
    """Where the traceback was put."""
    import tempfile
    import traceback
    from datetime import UTC, datetime

    from runner import places

    name = f"error-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.log"
    try:
        folder = places.state() / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_text(traceback.format_exc(), encoding="utf-8")
    except (OSError, LabError):
        path = Path(tempfile.gettempdir()) / name
        try:
            path.write_text(traceback.format_exc(), encoding="utf-8")
        except OSError:
            return "Nothing could be written down: is the disk full?"
    return f"What happened is in {path}: whoever looks after this program needs it."
