"""Two nodes, two people who use the relay by REST, and two unmodified bots share one guild while talk plays into it. Each goes away and
comes back, the relay too; in the end all hold the same."""

import json
import os
import subprocess
import sys
import time
import unittest
from pathlib import Path

from nexus_node import Node, Relay, RestError, program

HERE = Path(__file__).parent
PATIENCE = 120
MANAGE_GUILD = 1 << 5


def eventually(deed):
    """What `deed` gives once it gives something and does not fail."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if result := deed():
                return result
            failure = None
        except (RestError, OSError, subprocess.CalledProcessError) as error:
            failure = error
        if time.monotonic() > deadline:
            raise AssertionError(f"it never came to pass: {failure}")
        time.sleep(0.1)


class Company(unittest.TestCase):
    def setUp(self):
        self.relay = self.place(Relay())
        self.ada = self.place(Node("Ada", ("--relay", self.relay.url)))
        self.bea = self.place(Node("Bea"))
        self.guild = self.ada.guild("Company")
        invite = self.ada.rest("POST", f"/channels/{self.guild.general}/invites", {"max_age": 0})
        url = f"{self.relay.url}/invite/{invite['code']}"
        eventually(lambda: self.bea.run("join", url))
        self.relay.rest("PATCH", "/users/@me", {"username": "cleo"})
        form = {"username": "dan", "password": "a password of his"}
        self.cleo, self.dan = self.relay.token, self.relay.rest("POST", "/auth/register", form)["token"]
        for person in (self.cleo, self.dan):
            eventually(lambda: self.relay.rest("POST", f"/invites/{invite['code']}", {}, person))

    def place(self, program):
        self.addCleanup(program.stop)
        return program

    def test_all_of_them_hold_the_same(self):
        on_a_node = self.bot([sys.executable, "hello_bot.py"], HERE, self.ada, self.python_bot())
        on_the_relay = self.bot(["node", "hello_bot.mjs"], HERE / "js", self.relay, self.javascript_bot())
        replay = self.play(300)
        self.relay.kill()
        self.guild.say("while the relay is away")
        self.relay.begin()
        self.bea.kill()
        self.say(self.relay, self.dan, "while Bea is away")
        self.bea.begin()
        self.assertEqual(replay.wait(timeout=PATIENCE), 0)
        self.ada.kill()
        self.say(self.relay, self.cleo, "while Ada is away")
        self.say(self.bea, None, "Bea, too")
        self.ada.begin()
        # A bot whose node was restarted begins a new session: it is asked until it is back.
        eventually(self.both_bots_answer)
        for bot in (on_a_node, on_the_relay):
            self.assertIsNone(bot.poll(), "a bot that was not touched goes on through all of it")
        held = eventually(self.all_the_same)
        self.assertGreaterEqual(sum(timeline["messages"] for timeline in held["timelines"].values()), 300)
        # What was handed over is noted a moment later.
        eventually(lambda: all(self.status(place)["outbox"] == 0 for place in (self.ada, self.bea)))
        for place in (self.ada, self.bea, self.relay):
            place.process.terminate()
            place.process.wait(timeout=PATIENCE)
            place.run("verify")

    def python_bot(self) -> str:
        application, token = self.ada.application("Python", flags=1 << 19)
        self.guild.add_bot(application, permissions=0)
        return token

    def javascript_bot(self) -> str:
        """Cleo brings a bot of hers: who may manage the guild may."""
        role = self.ada.rest("POST", f"/guilds/{self.guild.id}/roles", {"name": "steward", "permissions": str(MANAGE_GUILD)})
        cleo = eventually(lambda: self.member("cleo"))
        self.ada.rest("PUT", f"/guilds/{self.guild.id}/members/{cleo}/roles/{role['id']}")
        application, token = self.relay.application("Javascript", flags=1 << 19)
        install = {"guild_id": self.guild_at(self.relay, self.cleo), "permissions": "0", "authorize": True}
        path = f"/oauth2/authorize?client_id={application}&scope=bot"
        eventually(lambda: self.relay.rest("POST", path, install, self.cleo))
        return token

    def member(self, name: str) -> str | None:
        members = self.ada.rest("GET", f"/guilds/{self.guild.id}/members?limit=100")
        return next((member["user"]["id"] for member in members if member["user"]["username"] == name), None)

    def bot(self, command: list[str], folder: Path, place: Node, token: str) -> subprocess.Popen:
        environment = {**os.environ, "NEXUS_URL": place.url, "BOT_TOKEN": token}
        bot = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
        self.addCleanup(bot.stdout.close)
        self.addCleanup(bot.wait)
        self.addCleanup(bot.kill)
        self.assertIn("Logged in", bot.stdout.readline())
        return bot

    def play(self, messages: int) -> subprocess.Popen:
        command = [program("nexus-load", "NEXUS_LOAD_BIN"), "replay", "--base", self.ada.url, "--guild", self.guild.id]
        command += ["--messages", str(messages), "--channels", "3", "--authors", "10"]
        environment = {**os.environ, "NEXUS_TOKEN": self.ada.token}
        replay = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        self.addCleanup(replay.kill)
        return replay

    def guild_at(self, place: Node, token: str | None = None) -> str:
        guilds = place.rest("GET", "/users/@me/guilds", token=token)
        return next(guild["id"] for guild in guilds if guild["name"] == "Company")

    def general_at(self, place: Node, token: str | None = None) -> str:
        channels = place.rest("GET", f"/guilds/{self.guild_at(place, token)}/channels", token=token)
        return next(channel["id"] for channel in channels if channel["name"] == "general")

    def say(self, place: Node, token: str | None, content: str) -> None:
        body = {"content": content}
        eventually(lambda: place.rest("POST", f"/channels/{self.general_at(place, token)}/messages", body, token))

    def both_bots_answer(self) -> bool:
        self.say(self.relay, self.dan, "!ping")
        time.sleep(2)
        messages = self.bea.rest("GET", f"/channels/{self.general_at(self.bea)}/messages?limit=100")
        answers = {message["author"]["username"] for message in messages if message["content"] == "pong"}
        return answers == {"Javascript", "Python"}

    def status(self, place: Node) -> dict:
        guilds = json.loads(place.run("status", "--json"))["guilds"]
        return next(guild for guild in guilds if guild["name"] == "Company")

    def all_the_same(self) -> dict | None:
        first, *others = [self.status(place) for place in (self.ada, self.bea, self.relay)]
        same = all((other["state_hash"], other["timelines"]) == (first["state_hash"], first["timelines"]) for other in others)
        return first if same else None
