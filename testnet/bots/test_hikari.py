"""hikari, unmodified, in the conversation."""

import sys
import unittest

from conversation import Conversation
from nexus_node import Node, Relay

BOT = [sys.executable, "-O", "hikari_bot.py"]


class OnANode(Conversation, unittest.TestCase):
    PLACE, BOT = Node, BOT


class OnARelay(Conversation, unittest.TestCase):
    PLACE, BOT = Relay, BOT
