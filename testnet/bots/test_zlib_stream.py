"""A bot as a plain install of discord.py makes it. What is imported cannot be hidden afterwards: hence a process of its own."""

import os
import subprocess
import sys
import unittest
from pathlib import Path


class ZlibStream(unittest.TestCase):
    def test_the_same_day_over_zlib_stream(self):
        environment = {**os.environ, "NEXUS_TEST_COMPRESSION": "zlib-stream"}
        command = [sys.executable, "-m", "unittest", "-v", "bot_day"]
        day = subprocess.run(command, cwd=Path(__file__).parent, env=environment)
        self.assertEqual(day.returncode, 0)
