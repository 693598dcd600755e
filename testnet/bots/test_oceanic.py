"""oceanic.js, unmodified, in the conversation."""

import unittest

from conversation import HERE, Conversation
from nexus_node import Node, Relay

BOT = ["node", "oceanic_bot.mjs"]


class OnANode(Conversation, unittest.TestCase):
    PLACE, BOT, FOLDER = Node, BOT, HERE / "js"


class OnARelay(Conversation, unittest.TestCase):
    PLACE, BOT, FOLDER = Relay, BOT, HERE / "js"
