"""One conversation for a bot of each library: a person speaks and asks as their client does, and hears what the bot answers.

The bots are programs of their own, told an address and a token and nothing else: `hikari_bot.py`, `js/oceanic_bot.mjs` and those of
`rust`. Each does the same on the same words.
"""

import json
import os
import subprocess
import tempfile
import urllib.request
import uuid
from pathlib import Path

from ear import Ear
from nexus_node import Node

HERE = Path(__file__).parent
SAID = ("MESSAGE_CREATE", "MESSAGE_UPDATE")


class Conversation:
    """Mixed into a test case that says on which program (`PLACE`) and with which bot (`BOT`, started in `FOLDER`)."""

    PLACE: type[Node]
    BOT: list[str]
    FOLDER = HERE
    # Whether the library waits where it is told that it asks too fast.
    WAITS = True

    @classmethod
    def setUpClass(cls):
        cls.place = cls.PLACE()
        cls.addClassCleanup(cls.place.stop)
        cls.guild = cls.place.guild("Workshop")
        cls.guild.let_owner_write_without_quota()
        cls.messages = f"/channels/{cls.guild.general}/messages"
        cls.application, token = cls.place.application("Hal")
        cls.guild.add_bot(cls.application)
        if not cls.WAITS:
            cls.guild.lift_limits(cls.application)
        cls.ear = Ear(cls.place.url, cls.place.token)
        cls.addClassCleanup(cls.ear.close)
        cls.bot = Bot(cls.BOT, cls.FOLDER, {"NEXUS_URL": cls.place.url, "BOT_TOKEN": token})
        cls.addClassCleanup(cls.bot.end)

    def setUp(self):
        self.since = self.ear.now()

    def test_it_answers_who_speaks_to_it(self):
        asked = self.guild.say("!ping")
        answer = self.hears("pong")
        self.assertEqual(answer["message_reference"]["message_id"], asked["id"])
        self.assertTrue(answer["author"]["bot"])

    def test_it_edits_its_card_and_puts_a_reaction_to_it(self):
        self.guild.say("!card")
        card = self.hears("a better card")
        self.assertEqual([embed["title"] for embed in card["embeds"]], ["A better card"])
        put = self.ear.until(self.since, "MESSAGE_REACTION_ADD", lambda reaction: reaction["message_id"] == card["id"])
        self.assertEqual((put["emoji"]["name"], put["user_id"]), ("👍", self.application))

    def test_it_hears_of_edits_reactions_and_deletions(self):
        path = f"{self.messages}/{self.guild.say('fleeting')['id']}"
        self.hears("it will pass")
        self.place.rest("PUT", f"{path}/reactions/%F0%9F%8E%89/@me")
        self.hears("thanks for 🎉")
        self.place.rest("PATCH", path, {"content": "fleeting still"})
        self.hears("changed to fleeting still")
        self.place.rest("DELETE", path)
        self.hears("it is gone")

    def test_it_reads_a_file_and_sends_one(self):
        self.post_file("!file", "words.txt", b"a few words")
        (sent,) = self.hears("a few words")["attachments"]
        self.assertEqual((sent["filename"], download(sent["url"])), ("shouted.txt", b"A FEW WORDS"))

    def test_it_pages_through_a_channel_and_sweeps_it(self):
        for n in range(110):
            self.guild.say(f"line {n}")
        self.guild.say("!history")
        self.hears("110 lines")
        self.guild.say("!sweep")
        self.hears("swept")
        left = [message["content"] for message in self.place.rest("GET", f"{self.messages}?limit=100")]
        self.assertEqual([content for content in left if content.startswith("line ")], [])

    def test_it_pins(self):
        self.guild.say("!pin")
        self.hears("pinned: !pin")

    def test_it_opens_a_thread_and_puts_it_away(self):
        asked = self.guild.say("!thread the roof")
        self.hears("archived: the roof")
        said = self.place.rest("GET", f"/channels/{asked['id']}/messages")
        self.assertIn("in here", [message["content"] for message in said])

    def test_it_makes_channels(self):
        self.guild.say("!channel plans")
        self.hears("plans-2: what next, 5 s")

    def test_it_greets_who_joins_knows_them_and_gives_them_a_role(self):
        guest, _ = self.place.application("Guest")
        self.guild.add_bot(guest, permissions=0)
        self.hears("welcome Guest")
        self.guild.say("!members")
        self.hears("here: Ada, Guest, Hal")
        self.guild.say(f"!role {guest}")
        self.hears("Guest: chief helper")
        self.guild.say(f"!kick {guest}")
        self.ear.until(self.since, "GUILD_MEMBER_REMOVE", lambda gone: gone["user"]["id"] == guest)

    def test_it_moderates(self):
        spammer, _ = self.place.application("Spammer")
        self.guild.add_bot(spammer, permissions=0)
        self.hears("welcome Spammer")
        self.guild.say(f"!moderate {spammer}")
        self.hears("Quiet, banned, forgiven")

    def test_it_invites(self):
        self.guild.say("!invite")
        answer = self.ear.until(self.since, SAID, lambda said: said["content"].startswith("come: "))
        invite = self.place.rest("GET", f"/invites/{answer['content'].removeprefix('come: ')}")
        self.assertEqual(invite["guild"]["id"], self.guild.id)

    def test_it_speaks_through_a_webhook(self):
        self.guild.say("!webhook")
        self.assertEqual(self.hears("a letter")["author"]["username"], "Postwoman")

    def test_it_speaks_to_one_person_alone(self):
        self.guild.say("!dm")
        self.assertNotIn("guild_id", self.hears("just you and me"))

    def test_a_command_is_completed_and_asked_then_a_menu_and_a_button(self):
        typed = {"type": 3, "name": "text", "value": "hel", "focused": True}
        self.ask_command("echo", [typed], kind=4)
        offered = self.ear.until(self.since, "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE")["choices"]
        self.assertEqual([(choice["name"], choice["value"]) for choice in offered], [("hel again", "hel again")])
        self.ask_command("echo", [{"type": 3, "name": "text", "value": "hello"}])
        said = self.hears("hello")
        self.ask(3, {"component_type": 3, "custom_id": "pick", "values": ["tea"]}, message_id=said["id"])
        self.hears("you chose tea")
        self.ask(3, {"component_type": 2, "custom_id": "press"}, message_id=said["id"])
        self.assertEqual(self.hears("pressed")["components"], [])

    def test_a_deferred_answer_and_one_more_with_a_file(self):
        self.ask_command("slow")
        self.hears("done")
        (file,) = self.hears("and a file")["attachments"]
        self.assertEqual((file["filename"], download(file["url"])), ("hello.txt", b"hello"))

    def test_an_answer_for_one_person_is_in_no_channel(self):
        self.ask_command("secret")
        self.assertEqual(self.hears("psst")["flags"] & 64, 64)
        said = [message["content"] for message in self.place.rest("GET", f"{self.messages}?limit=50")]
        self.assertNotIn("psst", said)

    def test_a_form_is_filled_in(self):
        self.ask_command("form")
        form = self.ear.until(self.since, "INTERACTION_MODAL_CREATE")
        self.assertEqual((form["title"], form["custom_id"]), ("A form", "form"))
        field = {"type": 1, "components": [{"type": 4, "custom_id": "field", "value": "my words"}]}
        self.ask(5, {"id": form["id"], "custom_id": "form", "components": [field]})
        self.hears("you wrote my words")

    def test_a_message_is_quoted_from_its_menu(self):
        said = self.guild.say("well said")
        self.ask_command("Quote", target_id=said["id"])
        self.hears("> well said")

    def hears(self, content: str) -> dict:
        """What the bot says, once it says this."""
        return self.ear.until(self.since, SAID, lambda said: said["content"] == content and said["author"].get("bot"))

    def ask_command(self, name: str, options: list[dict] = (), kind: int = 2, **more) -> None:
        index = self.place.rest("GET", f"/channels/{self.guild.general}/application-command-index")
        command = next(each for each in index["application_commands"] if each["name"] == name)
        self.ask(kind, {"id": command["id"], "name": name, "type": command["type"], "options": options, **more})

    def ask(self, kind: int, data: dict, **more) -> None:
        where = {"application_id": self.application, "channel_id": self.guild.general}
        self.place.rest("POST", "/interactions", {"type": kind, **where, "data": data, **more})

    def post_file(self, content: str, name: str, data: bytes) -> None:
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{json.dumps({"content": content})}\r\n',
            f'--{boundary}\r\nContent-Disposition: form-data; name="files[0]"; filename="{name}"\r\n\r\n',
        ]
        body = "".join(parts).encode() + data + f"\r\n--{boundary}--\r\n".encode()
        headers = {"authorization": self.place.token, "content-type": f"multipart/form-data; boundary={boundary}"}
        request = urllib.request.Request(f"{self.place.url}/api/v10{self.messages}", body, headers)
        urllib.request.urlopen(request, timeout=60).close()


class Bot:
    """A bot's program. What it complains of fails the test that ends it."""

    def __init__(self, command: list[str], folder: Path, environment: dict[str, str]):
        self.complaints = tempfile.TemporaryFile("w+")
        environment = {**os.environ, **environment}
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=self.complaints, text=True
        )
        ready = self.process.stdout.readline()
        if ready != "ready 1\n":
            self.end()
            raise AssertionError(f"the bot said {ready!r}")

    def end(self) -> None:
        gone = self.process.poll()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.complaints.seek(0)
        # That a burst is slowed down a library may say aloud, as long as it goes on.
        complaints = "".join(line for line in self.complaints if "rate limited" not in line)
        self.complaints.close()
        if complaints or gone is not None:
            raise AssertionError(f"the bot ended with {gone} and complained:\n{complaints}")


def download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read()
