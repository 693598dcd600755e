"""hikari's server of interactions, unmodified, is asked over signed HTTP: it checks each signature with PyNaCl."""

import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

from nexus_node import Node, Relay, RestError, free_port

PATIENCE = 60


class Endpoint:
    PLACE: type[Node]

    def setUp(self):
        self.node = self.PLACE(flags=("--private-endpoints",))
        self.addCleanup(self.node.stop)
        self.guild = self.node.guild("Workshop")
        self.application, token = self.node.application("Helper")
        self.guild.add_bot(self.application)
        self.port = free_port()
        environment = {**os.environ, "NEXUS_URL": self.node.url, "BOT_TOKEN": token, "BOT_PORT": str(self.port)}
        command = [sys.executable, "-O", "endpoint_bot.py"]
        self.bot = subprocess.Popen(
            command, cwd=Path(__file__).parent, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.addCleanup(self.end)
        self.assertEqual(self.bot.stdout.readline().strip(), "ready")
        self.url = f"http://127.0.0.1:{self.port}/"

    def end(self):
        self.bot.kill()
        self.bot.wait()
        self.bot.stdout.close()

    def sets(self, url: str | None) -> dict:
        body = {"interactions_endpoint_url": url}
        return self.node.rest("PATCH", f"/applications/{self.application}", body)

    def asks(self, name: str, options: list[dict]) -> None:
        index = self.node.rest("GET", f"/channels/{self.guild.general}/application-command-index")
        command = next(each for each in index["application_commands"] if each["name"] == name)
        data = {"id": command["id"], "name": name, "type": 1, "version": command["version"], "options": options}
        body = {
            "type": 2,
            "application_id": self.application,
            "guild_id": self.guild.id,
            "channel_id": self.guild.general,
            "session_id": "x",
            "data": data,
        }
        self.node.rest("POST", "/interactions", body)

    def sees(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        said: list[str] = []
        while words not in said:
            self.assertLess(time.monotonic(), deadline, said)
            time.sleep(0.05)
            said = [each["content"] for each in self.node.rest("GET", f"/channels/{self.guild.general}/messages")]

    def test_a_bot_without_a_gateway_is_asked_and_answers(self):
        self.assertEqual(self.sets(self.url)["interactions_endpoint_url"], self.url)
        self.asks("echo", [{"type": 3, "name": "text", "value": "hello"}])
        self.sees("hello, Ada")
        self.asks("slow", [])
        self.sees("done at last")

    def test_an_endpoint_that_is_not_the_bot_s_is_not_taken(self):
        for url in (f"http://127.0.0.1:{free_port()}/", f"{self.node.url}/api/v10/gateway", "ftp://bot.example/"):
            with self.assertRaises(RestError) as refused:
                self.sets(url)
            self.assertEqual(refused.exception.status, 400, url)
            self.assertIn("interactions_endpoint_url", refused.exception.answer["errors"])
        self.assertIsNone(self.sets(None)["interactions_endpoint_url"])


class OnANode(Endpoint, unittest.TestCase):
    PLACE = Node


class OnARelay(Endpoint, unittest.TestCase):
    PLACE = Relay


class Guarded(unittest.TestCase):
    def test_a_relay_calls_no_private_address_unless_it_was_told_to(self):
        relay = Relay()
        self.addCleanup(relay.stop)
        application, _ = relay.application("Spy")
        for url in ("http://127.0.0.1:1/", "https://127.0.0.1:1/", "https://localhost:1/", "https://10.0.0.1/"):
            with self.assertRaises(RestError) as refused:
                relay.rest("PATCH", f"/applications/{application}", {"interactions_endpoint_url": url})
            self.assertEqual(refused.exception.status, 400, url)
