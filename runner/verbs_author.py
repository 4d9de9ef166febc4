"""The verbs of those who write labs: attempt, validate."""

from __future__ import annotations

import click

from runner.errors import Exit, UsageError
from runner.verbs_assess import refuse_in_assessment
from runner.voice import Voice
from runner.words import (
    as_option,
    code_and_name,
    connected,
    plain_option,
    running,
    verb,
)


@verb("attempt", "./lab attempt 4c nftables\n./lab attempt 4c nftables --without drop_by_default")
@click.argument("words", nargs=-1, metavar="[CODE] NAME")
@click.option("--without", metavar="STEP", help="Leave this step out.")
@as_option
@plain_option
def attempt(
    voice: Voice, words: tuple[str, ...], without: str | None, name: str | None, *, plain: bool
) -> int:
    """Play an authored attempt into the world that runs.

    For authors and for CI. NAME is a folder in the lab's `attempts/`.
    """
    from runner import practical
    from runner.attempt import named
    from runner.progress import progress

    code, wanted = code_and_name(words, "An attempt is named by [CODE] NAME.")
    voice = voice.plainly(plain)
    engine = connected()
    work = running(engine, name, code)
    refuse_in_assessment(work.session, "it is played by nobody else")
    chosen = named(work.lab.attempts, wanted)
    steps = [step.name for step in chosen.steps]
    if without is not None and without not in steps:
        raise UsageError(
            f"Attempt {chosen.name} has no step {without!r}.",
            remedy=f"Its steps: {', '.join(dict.fromkeys(steps)) or 'none'}.",
        )
    with progress(voice) as telling:
        practical.play(engine, work, chosen, telling.say, without=without)
    played = [step for step in steps if step != without]
    voice.note(f"Played {chosen.name} ({len(played)} steps): ./lab grade {work.lab.code}")
    return Exit.DEMONSTRATED
