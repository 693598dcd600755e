"""Thousands of messages, played into a guild through the API, with an unmodified discord.py bot among them."""

import asyncio
import json
import os
import unittest

import discord

import redirect
from nexus_node import ROOT, Node, program

PATIENCE = 300


class Listener(discord.Client):
    """Keeps the number of every message it hears."""

    def __init__(self):
        super().__init__(intents=discord.Intents.all(), max_messages=None)
        self.is_there = asyncio.Event()
        self.heard: list[discord.Message] = []
        self.more = asyncio.Condition()

    async def on_ready(self) -> None:
        self.is_there.set()

    async def on_message(self, message: discord.Message) -> None:
        async with self.more:
            self.heard.append(message)
            self.more.notify_all()

    async def until_heard(self, count: int) -> None:
        async with self.more:
            await self.more.wait_for(lambda: len(self.heard) >= count)


class Replay(unittest.IsolatedAsyncioTestCase):
    async def test_a_bot_in_the_guild_sees_each_of_thousands_of_messages_exactly_once(self):
        # unittest's debug mode traces every one of thousands of tasks.
        asyncio.get_running_loop().set_debug(False)
        node = await asyncio.to_thread(Node)
        self.addCleanup(node.stop)
        redirect.to(node.url)
        guild = node.guild("Replay")
        application, token = node.application("Listener")
        guild.add_bot(application)
        listener = Listener()
        self.addAsyncCleanup(listener.close)
        running = asyncio.create_task(listener.start(token))
        self.addCleanup(running.cancel)
        await asyncio.wait_for(listener.is_there.wait(), PATIENCE)

        summary = await self.play(node, guild.id)
        self.assertGreaterEqual(summary["messages"], 5000)
        self.assertEqual((summary["channels"], summary["authors"]), (20, 200))
        await asyncio.wait_for(listener.until_heard(summary["messages"]), PATIENCE)

        heard = listener.heard
        self.assertEqual(len(heard), summary["messages"])
        self.assertEqual(len({message.id for message in heard}), summary["messages"])
        self.assertEqual(len({message.author.id for message in heard}), summary["authors"])
        self.assertEqual(sum(message.reference is not None for message in heard), summary["replies"])
        for channel in {message.channel for message in heard}:
            numbers = [message.id for message in heard if message.channel == channel]
            self.assertEqual(numbers, sorted(numbers), "a channel is heard in its order")

    async def play(self, node: Node, guild: str) -> dict:
        command = [program("nexus-load", "NEXUS_LOAD_BIN"), "replay", "--base", node.url, "--guild", guild]
        environment = {**os.environ, "NEXUS_TOKEN": node.token}
        process = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        self.assertEqual(process.returncode, 0)
        return json.loads(printed)
