"""The same bot, unmodified, on a relay instead of its owner's node. Where it runs is chosen at import: hence a process of its own."""

import os
import subprocess
import sys
import unittest
from pathlib import Path


class OnARelay(unittest.TestCase):
    def test_the_same_day_on_a_relay(self):
        environment = {**os.environ, "NEXUS_TEST_PLACE": "relay"}
        command = [sys.executable, "-m", "unittest", "-v", "bot_day"]
        day = subprocess.run(command, cwd=Path(__file__).parent, env=environment)
        self.assertEqual(day.returncode, 0)
