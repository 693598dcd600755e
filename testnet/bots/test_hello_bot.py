"""The bot of the README answers."""

import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

from nexus_node import Node


class HelloBot(unittest.TestCase):
    def test_it_answers_ping(self):
        node = Node()
        self.addCleanup(node.stop)
        guild = node.guild("A guild of my own")
        application, token = node.application("Hello", flags=1 << 19)
        guild.add_bot(application, permissions=0)
        environment = {**os.environ, "NEXUS_URL": node.url, "BOT_TOKEN": token}
        command = [sys.executable, "hello_bot.py"]
        bot = subprocess.Popen(
            command, cwd=Path(__file__).parent, env=environment, stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(bot.stdout.close)
        self.addCleanup(bot.wait)
        self.addCleanup(bot.kill)
        self.assertEqual(bot.stdout.readline(), "Logged in as Hello in 1 guild(s). Say !ping there.\n")
        asked = guild.say("!ping")
        deadline = time.monotonic() + 90
        while len(messages := node.rest("GET", f"/channels/{guild.general}/messages")) < 2:
            self.assertLess(time.monotonic(), deadline, "no answer")
            time.sleep(0.05)
        self.assertEqual(messages[0]["content"], "pong")
        self.assertEqual(messages[0]["message_reference"]["message_id"], asked["id"])
