"""Jobs started as on another day: how they are asked for, and what is made of the answers."""

from __future__ import annotations

import pytest

from graders.facts.otherday import JobRunOn
from graders.facts.schedule import Job
from runner.errors import UnreadableOutput
from runner.host import Reply

LINE = Job("cron", "/etc/cron.d/save", "save $WHAT", "", "adm", (("WHAT", "mail"),))
UNIT = Job("timer", "save@mail.service", "/usr/local/bin/save")


def test_a_line_of_cron_gets_the_date_with_its_own_environment() -> None:
    asked = JobRunOn(LINE, 5).command()
    assert "WHAT=mail" in asked
    assert "FAKETIME=-5d" in asked
    assert "systemctl" not in asked


def test_a_unit_gets_the_date_in_a_copy_of_its_own_that_goes_again() -> None:
    asked = JobRunOn(UNIT, 5).command()
    assert "systemctl start 5-days-ago-save@mail.service" in asked
    assert '"FAKETIME=-5d"' in asked
    assert 'rm -rf "$place" "$place.d"' in asked
    assert "systemctl start save@mail.service" not in asked
    assert "daemon-reload" not in asked
    assert "set-environment" not in asked


@pytest.mark.parametrize("job", [LINE, UNIT])
def test_a_host_on_which_no_other_day_can_be_had_is_nobodys_fault(job: Job) -> None:
    with pytest.raises(UnreadableOutput, match="cannot be started as on another day"):
        JobRunOn(job, 5).read(Reply(69, "", ""))
    assert JobRunOn(job, 5).read(Reply(1, "", "tar: no space left")) == "tar: no space left"
    assert not JobRunOn(job, 5).read(Reply(0, ""))
