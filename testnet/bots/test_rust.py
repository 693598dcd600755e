"""twilight and serenity, unmodified, in the conversation. Their bots are built apart (`rust`), into a folder of their own."""

import os
import unittest
from pathlib import Path

from conversation import HERE, Conversation
from nexus_node import Node, Relay


def bot(name: str) -> list[str]:
    built = os.environ.get("NEXUS_RUST_BOTS", HERE / "rust/target/debug")
    return [str(Path(built) / f"{name}-bot")]


class TwilightOnANode(Conversation, unittest.TestCase):
    PLACE, BOT = Node, bot("twilight")


class TwilightOnARelay(Conversation, unittest.TestCase):
    PLACE, BOT = Relay, bot("twilight")


class SerenityOnANode(Conversation, unittest.TestCase):
    PLACE, BOT, WAITS = Node, bot("serenity"), False


class SerenityOnARelay(Conversation, unittest.TestCase):
    PLACE, BOT, WAITS = Relay, bot("serenity"), False
