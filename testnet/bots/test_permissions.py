"""Each operation with and without each permission, on a real node, held against what Discord documents (`permissions.tsv`).

A member has, one after the other, every permission but one, one beside VIEW_CHANNEL, all that the table does not name, and no more than
an operation needs. Whoever lacks what the table names is refused with 403 (404 where they may not see the thing); whoever has it is not.
"""

import functools
import http.client
import json
import operator
import unittest
from collections.abc import Iterator
from pathlib import Path

from nexus_node import Node

TABLE = Path(__file__).with_name("permissions.tsv")
ADMINISTRATOR, VIEW_CHANNEL = 3, 10
# By their public numbers.
NAMES = {
    "CREATE_INSTANT_INVITE": 0, "KICK_MEMBERS": 1, "BAN_MEMBERS": 2, "ADMINISTRATOR": 3, "MANAGE_CHANNELS": 4, "MANAGE_GUILD": 5,
    "ADD_REACTIONS": 6, "VIEW_AUDIT_LOG": 7, "PRIORITY_SPEAKER": 8, "STREAM": 9, "VIEW_CHANNEL": 10, "SEND_MESSAGES": 11,
    "SEND_TTS_MESSAGES": 12, "MANAGE_MESSAGES": 13, "EMBED_LINKS": 14, "ATTACH_FILES": 15, "READ_MESSAGE_HISTORY": 16,
    "MENTION_EVERYONE": 17, "USE_EXTERNAL_EMOJIS": 18, "VIEW_GUILD_INSIGHTS": 19, "CONNECT": 20, "SPEAK": 21, "MUTE_MEMBERS": 22,
    "DEAFEN_MEMBERS": 23, "MOVE_MEMBERS": 24, "USE_VAD": 25, "CHANGE_NICKNAME": 26, "MANAGE_NICKNAMES": 27, "MANAGE_ROLES": 28,
    "MANAGE_WEBHOOKS": 29, "MANAGE_GUILD_EXPRESSIONS": 30, "USE_APPLICATION_COMMANDS": 31, "REQUEST_TO_SPEAK": 32,
    "MANAGE_EVENTS": 33, "MANAGE_THREADS": 34, "CREATE_PUBLIC_THREADS": 35, "CREATE_PRIVATE_THREADS": 36,
    "USE_EXTERNAL_STICKERS": 37, "SEND_MESSAGES_IN_THREADS": 38, "USE_EMBEDDED_ACTIVITIES": 39, "MODERATE_MEMBERS": 40,
    "VIEW_CREATOR_MONETIZATION_ANALYTICS": 41, "USE_SOUNDBOARD": 42, "CREATE_GUILD_EXPRESSIONS": 43, "CREATE_EVENTS": 44,
    "USE_EXTERNAL_SOUNDS": 45, "SEND_VOICE_MESSAGES": 46, "SET_VOICE_CHANNEL_STATUS": 48, "SEND_POLLS": 49, "USE_EXTERNAL_APPS": 50, "PIN_MESSAGES": 51,
}  # fmt: skip

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
MARKET = {
    "name": "market",
    "privacy_level": 2,
    "entity_type": 3,
    "scheduled_start_time": "2099-01-01T10:00:00Z",
    "scheduled_end_time": "2099-01-01T12:00:00Z",
    "entity_metadata": {"location": "the square"},
}
RULE = {
    "name": "no dogs",
    "event_type": 1,
    "trigger_type": 1,
    "trigger_metadata": {"keyword_filter": ["dog"]},
    "actions": [{"type": 1}],
}
# Where this program asks for something else than Discord; `api-compat/docs/bots.md` says so too.
DIFFERENT = {
    # Nobody begins a thread from what they cannot read.
    "create_thread_from_message": "VIEW_CHANNEL+READ_MESSAGE_HISTORY+CREATE_PUBLIC_THREADS",
    # Who sees no channel sees no event.
    "get_guild_scheduled_event": "VIEW_CHANNEL",
    "list_guild_scheduled_event_users": "VIEW_CHANNEL",
    "count_guild_scheduled_event_users": "VIEW_CHANNEL",
    "update_guild_scheduled_event": "VIEW_CHANNEL+MANAGE_EVENTS",
    "delete_guild_scheduled_event": "VIEW_CHANNEL+MANAGE_EVENTS",
    # Who manages a channel's messages pins them, too, as on Discord before it had a permission for that.
    **dict.fromkeys(
        ("create_pin", "delete_pin", "deprecated_create_pin", "deprecated_delete_pin"),
        "VIEW_CHANNEL+PIN_MESSAGES|VIEW_CHANNEL+MANAGE_MESSAGES",
    ),
    # Nobody manages a channel they do not see.
    "invite_revoke": "VIEW_CHANNEL+MANAGE_CHANNELS|MANAGE_GUILD",
}


class Row:
    """An operation, the ways to be allowed it (each a set of bits), and how it is tried."""

    def __init__(self, line: str):
        cells = [*line.rstrip("\n").split("\t"), "", "", ""]
        self.operation, needs, self.method, self.path, self.body, self.after = cells[:6]
        needs = DIFFERENT.get(self.operation, needs)
        self.needs = [sum(1 << NAMES[name] for name in way.split("+") if name) for way in needs.split("|")]

    def allows(self, has: int) -> bool:
        return bool(has >> ADMINISTRATOR & 1) or any(has & way == way for way in self.needs)


class Stage:
    """A guild with one of each thing; what an operation took away is put back."""

    def __init__(self, node: Node, served: set[str]):
        self.node = node
        guild = self.guild = node.guild("Permissions")
        guild.let_owner_write_without_quota()
        actor, self.token = node.application("Actor")
        guild.add_bot(actor, permissions=0)
        self.member_application, _ = node.application("Member")
        self.banned_application, _ = node.application("Banned")
        everyone = f"/guilds/{guild.id}/roles/{guild.id}"
        node.rest("PATCH", everyone, {"permissions": "0"})
        owner = node.rest("GET", "/users/@me")["id"]
        self.names = {"guild": guild.id, "channel": guild.general, "owner": owner}
        names = self.names
        names["other"] = node.rest("POST", f"/guilds/{guild.id}/roles", {"name": "other", "permissions": "0"})["id"]
        for thing in ("member", "role", "banned", "spare", "invite", "message", "overwrite"):
            self.put(thing)
        news = node.rest("POST", f"/guilds/{guild.id}/channels", {"name": "news", "type": 5})["id"]
        announced = node.rest("POST", f"/channels/{news}/messages", {"content": "we are open"})["id"]
        voice = node.rest("POST", f"/guilds/{guild.id}/channels", {"name": "voice", "type": 2})["id"]
        names.update(news=news, announced=announced, voice=voice)
        self.put("rule")
        if "create_guild_emoji" in served:
            self.put("emoji")
        if "create_guild_scheduled_event" in served:
            self.put("event")
        thread = node.rest("POST", f"/channels/{guild.general}/threads", {"name": "thread", "type": 11})
        self.names["thread"] = thread["id"]
        # Above what it acts upon.
        power = {"name": "power", "nexus": {"rate_class": "bulk"}}
        self.power = node.rest("POST", f"/guilds/{guild.id}/roles", power)["id"]
        node.rest("PUT", f"/guilds/{guild.id}/members/{actor}/roles/{self.power}")
        node.rest("PATCH", f"/guilds/{guild.id}/roles", [{"id": self.power, "position": 90}])
        self.acts = 0
        self.line = http.client.HTTPConnection("127.0.0.1", node.port, timeout=60)

    def give(self, permissions: int) -> None:
        self.node.rest("PATCH", f"/guilds/{self.guild.id}/roles/{self.power}", {"permissions": str(permissions)})

    def put(self, thing: str, answer: dict | None = None) -> None:
        node, guild, names = self.node, self.guild, self.names
        match thing:
            case "role":
                names["role"] = node.rest("POST", f"/guilds/{guild.id}/roles", {"name": "low", "permissions": "0"})["id"]
                # New roles begin at the bottom, below whoever acts.
                self.put("overwrite")
                self.put("given")
            case "given":
                node.rest("PUT", f"/guilds/{guild.id}/members/{self.member_application}/roles/{names['role']}")
            case "taken":
                node.rest("DELETE", f"/guilds/{guild.id}/members/{self.member_application}/roles/{names['other']}")
            case "member":
                guild.add_bot(self.member_application, permissions=0)
                names["member"] = self.member_application
                if "role" in names:
                    self.put("given")
            case "ban":
                node.rest("DELETE", f"/guilds/{guild.id}/bans/{names['member']}")
                self.put("member")
            case "banned":
                guild.add_bot(self.banned_application, permissions=0)
                node.rest("PUT", f"/guilds/{guild.id}/bans/{self.banned_application}", {})
                names["banned"] = self.banned_application
            case "spare":
                names["spare"] = node.rest("POST", f"/guilds/{guild.id}/channels", {"name": "spare"})["id"]
            case "invite":
                names["invite"] = node.rest("POST", f"/channels/{guild.general}/invites", {"unique": True})["code"]
            case "message":
                names["message"] = guild.say("words")["id"]
                self.put("reaction")
            case "reaction":
                node.rest("PUT", f"/channels/{guild.general}/messages/{names['message']}/reactions/%F0%9F%91%8D/@me")
            case "own reaction":
                path = f"/channels/{guild.general}/messages/{names['message']}/reactions/%F0%9F%8E%89"
                node.rest("DELETE", path)
            case "overwrite":
                body = {"type": 0, "allow": "0", "deny": "0"}
                node.rest("PUT", f"/channels/{guild.general}/permissions/{names['role']}", body)
            case "follower":
                node.rest("PUT", f"/channels/{names['thread']}/thread-members/@me")
            case "emoji":
                picture = {"name": "smile", "image": f"data:image/png;base64,{PIXEL}"}
                names["emoji"] = node.rest("POST", f"/guilds/{guild.id}/emojis", picture)["id"]
            case "made emoji":
                node.rest("DELETE", f"/guilds/{guild.id}/emojis/{answer['id']}")
            case "event":
                names["event"] = node.rest("POST", f"/guilds/{guild.id}/scheduled-events", MARKET)["id"]
            case "made event":
                node.rest("DELETE", f"/guilds/{guild.id}/scheduled-events/{answer['id']}")
            case "made channel":
                node.rest("DELETE", f"/channels/{answer['id']}")
            case "made thread":
                node.rest("DELETE", f"/channels/{answer['id']}")
                self.put("message")
            case "made role":
                node.rest("DELETE", f"/guilds/{guild.id}/roles/{answer['id']}")
            case "made invite":
                node.rest("DELETE", f"/invites/{answer['code']}")
            case "made webhook":
                # A webhook is its maker's.
                self.ask("DELETE", f"/webhooks/{answer['id']}", "")
            case "rule":
                names["rule"] = node.rest("POST", f"/guilds/{guild.id}/auto-moderation/rules", RULE)["id"]
            case "made rule":
                node.rest("DELETE", f"/guilds/{guild.id}/auto-moderation/rules/{answer['id']}")
            case "made follow":
                self.ask("DELETE", f"/webhooks/{answer['webhook_id']}", "")
            case "":
                pass

    def act(self, row: Row) -> tuple[int, str]:
        self.acts += 1
        # What changes nothing is nobody's deed, and nobody is refused it.
        if row.operation == "bulk_update_guild_roles":
            self.node.rest("PATCH", f"/guilds/{self.guild.id}/roles", [{"id": self.names["role"], "position": 1}])
        path, body = row.path, row.body.replace("{n}", str(self.acts))
        for name, value in self.names.items():
            path, body = path.replace(f"{{{name}}}", value), body.replace(f"{{{name}}}", value)
        status, text = self.ask(row.method, path, body)
        if status < 300:
            self.put(row.after, json.loads(text) if text else None)
        return status, text

    def ask(self, method: str, path: str, body: str) -> tuple[int, str]:
        headers = {"authorization": f"Bot {self.token}", "content-type": "application/json"}
        self.line.request(method, f"/api/v10{path}", body.encode(), headers)
        answer = self.line.getresponse()
        return answer.status, answer.read().decode()


class Permissions(unittest.TestCase):
    def test_each_operation_with_and_without_each_permission(self):
        node = Node()
        self.addCleanup(node.stop)
        served = {route["operation"] for route in node.rest("GET", "/nexus/compatibility")["served"]}
        rows = [Row(line) for line in TABLE.read_text().splitlines() if not line.startswith(("#", "-"))]
        rows = [row for row in rows if row.operation in served]
        self.assertGreater(len(rows), 50, "most of the table is served")
        stage = Stage(node, served)
        self.addCleanup(stage.line.close)
        wrong = []
        for words, has, tried in sets(rows):
            stage.give(has)
            for row in tried:
                status, text = stage.act(row)
                refused = status in (403, 404)
                if status not in (200, 201, 204, 403, 404) or refused == row.allows(has):
                    wrong.append(f"{row.operation} with {words}: {status} {text[:120]}")
        self.assertEqual(wrong, [], "\n".join(wrong))


def sets(rows: list[Row]) -> Iterator[tuple[str, int, list[Row]]]:
    """Sets of permissions, in words and in bits, and what is tried with each."""
    every = sum(1 << bit for bit in NAMES.values()) & ~(1 << ADMINISTRATOR)
    named = functools.reduce(operator.or_, (way for row in rows for way in row.needs)) | 1 << ADMINISTRATOR
    for name, bit in NAMES.items():
        if named >> bit & 1:
            yield f"all but {name}", every & ~(1 << bit), rows
            yield f"{name} alone", 1 << VIEW_CHANNEL | 1 << bit, rows
    yield "all that nothing needs", 1 << VIEW_CHANNEL | every & ~named, rows
    # Whoever has what it needs may lack each other one.
    for row in rows:
        for way in row.needs:
            yield "what it needs and nothing else", way, [row]
