"""The thirty checks of the plain world, asked of hosts that boot systemd."""

from __future__ import annotations

from bench.house.graders.jf9_measured import a_thirty_facts
from runner.check import checks_of

globals().update({one.name: one for one in checks_of(a_thirty_facts)})
