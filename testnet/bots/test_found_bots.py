"""Bots that others wrote for Discord, as PyPI and npm have them, told an address and a token: Red (a bot of many parts), jishaku (one
that runs what its owner says) and discord-tictactoe (a game)."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from conversation import SAID
from ear import Ear
from nexus_node import Node, Relay

HERE = Path(__file__).parent


class FoundBots(unittest.TestCase):
    def settle(self, place: Node, name: str) -> str:
        """A program with a guild that has the bot: the bot's token."""
        self.place = place
        self.addCleanup(place.stop)
        self.guild = place.guild("Workshop")
        self.guild.let_owner_write_without_quota()
        self.application, token = place.application(name)
        self.guild.add_bot(self.application)
        self.ear = Ear(place.url, place.token)
        self.addCleanup(self.ear.close)
        return token

    def start(self, command: list[str], folder: Path = HERE, **environment: str) -> subprocess.Popen:
        environment = {**os.environ, "NEXUS_URL": self.place.url, "PYTHONUNBUFFERED": "1", **environment}
        bot = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.addCleanup(bot.stdout.close)
        self.addCleanup(bot.wait)
        self.addCleanup(bot.kill)
        return bot

    def prints(self, bot: subprocess.Popen, pattern: str) -> re.Match:
        said = []
        for line in bot.stdout:
            said.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError("".join(said))

    def asks(self, content: str, answers) -> dict:
        """What the bot says to it, once it says what `answers` wants."""
        since = self.ear.now()
        self.guild.say(content)
        return self.hears(since, answers)

    def hears(self, since: int, answers) -> dict:
        theirs = lambda said: said["author"]["id"] == self.application and answers(said)  # noqa: E731
        return self.ear.until(since, SAID, theirs)

    def test_red_moderates_and_learns_a_command(self):
        token = self.settle(Relay(), "Red")
        python = os.environ["NEXUS_RED_PYTHON"]
        home = tempfile.TemporaryDirectory(prefix="nexus-red-")
        self.addCleanup(home.cleanup)
        own = {name: home.name for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        setup = ["redbot.setup", "--no-prompt", "--instance-name", "workshop", "--data-path", f"{home.name}/data"]
        subprocess.run([python, "-m", *setup, "--backend", "json"], env={**os.environ, **own}, check=True, capture_output=True)
        arguments = ["workshop", "--no-prompt", "--token", token, "--prefix", "!"]
        red = self.start([python, "elsewhere.py", "redbot", *arguments, "--load-cogs", "mod", "customcom", "cleanup"], **own)
        self.prints(red, r"Loaded \d+ cogs")
        self.asks("!ping", lambda said: said["content"] == "Pong.")
        self.asks("!help", lambda said: said["embeds"] and said["embeds"][0]["title"].startswith("*Red V3*"))
        self.asks("!load mod customcom cleanup", lambda said: said["content"].startswith("Loaded"))
        self.asks("!customcom create simple hi hello there", lambda said: "successfully added" in said["content"])
        self.asks("!hi", lambda said: said["content"] == "hello there")
        self.asks("!slowmode 5", lambda said: "5 seconds" in said["content"])
        general = self.place.rest("GET", f"/channels/{self.guild.general}")
        self.assertEqual(general["rate_limit_per_user"], 5)
        spammer, _ = self.place.application("Spammer")
        self.guild.add_bot(spammer, permissions=0)
        self.asks(f"!ban {spammer} 0 spam", lambda said: said["content"].startswith("Done"))
        bans = self.place.rest("GET", f"/guilds/{self.guild.id}/bans")
        self.assertEqual([ban["user"]["id"] for ban in bans], [spammer])
        self.asks("!cleanup messages 3", lambda said: "messages were deleted" in said["content"])

    def test_jishaku_tells_of_itself_and_reckons(self):
        token = self.settle(Node(), "Jishaku")
        command = [sys.executable, "elsewhere.py", "jishaku", "--log-level", "INFO", "--skip-wait", "--", "+all", token]
        jishaku = self.start(command)
        prefix = self.prints(jishaku, r"`([0-9a-f-]{36}::jsk) <subcommand>`")[1]
        self.prints(jishaku, "has connected to Gateway")
        self.asks(prefix, lambda said: "This bot is not sharded and can see 1 guild" in said["content"])
        self.asks(f"{prefix} py _ctx.guild.name, 6 * 7", lambda said: said["content"] == "('Workshop', 42)")
        self.asks(f"{prefix} source jsk py", lambda said: said["attachments"] or "async def" in said["content"])

    def test_a_game_of_tic_tac_toe_is_played_to_its_end(self):
        token = self.settle(Relay(), "Tic Tac Toe")
        program = "node_modules/discord-tictactoe/dist/bin/tictactoe.js"
        game = self.start(["node", "--require", "./redirect.cjs", program], HERE / "js", TOKEN=token)
        self.prints(game, "ready to be used")
        self.asks(f"<@{self.application}> tttdeploy", lambda said: "has been registered" in said["content"])
        index = self.place.rest("GET", f"/channels/{self.guild.general}/application-command-index")
        (command,) = index["application_commands"]
        since = self.ear.now()
        self.ask(2, {"id": command["id"], "name": "tictactoe", "type": 1, "options": []})
        board = self.hears(since, shows_turn_or_end)
        while "select your move" in board["content"]:
            board = self.presses(board)
        self.assertRegex(board["content"], "won|tie|draw")

    def presses(self, board: dict) -> dict:
        """A free cell, and what the game says to it. Again, as people do, where the bot was told before it listened to its board."""
        for _ in range(5):
            since = self.ear.now()
            self.ask(3, {"component_type": 2, "custom_id": free(board)[0]}, message_id=board["id"])
            answers = lambda told: "author" not in told or (  # noqa: E731
                told["author"]["id"] == self.application and shows_turn_or_end(told)
            )
            told = self.ear.until(since, (*SAID, "INTERACTION_FAILURE"), answers)
            if "author" in told:
                return told
        raise AssertionError("the game hears no press")

    def ask(self, kind: int, data: dict, **more) -> None:
        where = {"application_id": self.application, "channel_id": self.guild.general}
        self.place.rest("POST", "/interactions", {"type": kind, **where, "data": data, **more})


def free(board: dict) -> list[str]:
    cells = [cell for row in board["components"] for cell in row["components"]]
    return [cell["custom_id"] for cell in cells if cell.get("label") == "-"]


def shows_turn_or_end(board: dict) -> bool:
    """Whether it is the person's turn, or the game is over."""
    said = board["content"]
    return "please wait" not in said and ("select your move" in said or re.search("won|tie|draw", said) is not None)
