"""An unmodified discord.py bot with commands and buttons is asked over REST, as a person's client asks."""

import asyncio
import io
import unittest

import discord
from discord import app_commands

import redirect
from nexus_node import Node

PATIENCE = 60


class Buttons(discord.ui.View):
    @discord.ui.button(label="Count", custom_id="count")
    async def count(self, interaction: discord.Interaction, button: discord.ui.Button) -> None:
        button.label = "Counted"
        await interaction.response.edit_message(content="one", view=self)


class Bot(discord.Client):
    def __init__(self):
        super().__init__(intents=discord.Intents.all())
        self.tree = app_commands.CommandTree(self)
        self.add_commands()

    def add_commands(self) -> None:
        @self.tree.command(description="says it again")
        @app_commands.describe(text="what")
        async def echo(interaction: discord.Interaction, text: str) -> None:
            await interaction.response.send_message(text, view=Buttons())

        @self.tree.command(description="takes its time")
        async def slow(interaction: discord.Interaction) -> None:
            await interaction.response.defer(thinking=True)
            await interaction.followup.send("done")
            await interaction.edit_original_response(content="done at last")

        @self.tree.command(description="sends a file")
        async def paper(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("here", file=discord.File(io.BytesIO(b"words"), "paper.txt"))

    async def setup_hook(self) -> None:
        await self.tree.sync()


class Interactions(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.node = await asyncio.to_thread(Node)
        self.addCleanup(self.node.stop)
        redirect.to(self.node.url)
        self.guild = await asyncio.to_thread(self.node.guild, "Workshop")
        self.application, token = await asyncio.to_thread(self.node.application, "Helper")
        await asyncio.to_thread(self.guild.add_bot, self.application)
        self.bot = Bot()
        running = asyncio.create_task(self.bot.start(token))
        self.addAsyncCleanup(self.end, running)
        await asyncio.wait_for(self.ready(), PATIENCE)

    async def ready(self) -> None:
        while not self.bot.is_ready():
            await asyncio.sleep(0.05)

    async def end(self, running: asyncio.Task) -> None:
        await self.bot.close()
        await running

    async def rest(self, method: str, path: str, body=None):
        return await asyncio.to_thread(self.node.rest, method, path, body)

    async def ask(self, kind: int, data: dict, message: str | None = None) -> None:
        body = {"type": kind, "application_id": self.application, "channel_id": self.guild.general, "data": data}
        await self.rest("POST", "/interactions", body if message is None else {**body, "message_id": message})

    async def invoke(self, name: str, **options: str) -> None:
        index = await self.rest("GET", f"/channels/{self.guild.general}/application-command-index")
        command = next(each for each in index["application_commands"] if each["name"] == name)
        given = [{"type": 3, "name": key, "value": value} for key, value in options.items()]
        await self.ask(2, {"id": command["id"], "name": name, "type": 1, "options": given})

    async def newest(self, content: str) -> dict:
        """The newest message, once it says this."""
        async with asyncio.timeout(PATIENCE):
            while True:
                messages = await self.rest("GET", f"/channels/{self.guild.general}/messages?limit=1")
                if messages and messages[0]["content"] == content:
                    return messages[0]
                await asyncio.sleep(0.05)

    async def test_a_bot_answers_what_it_is_asked(self):
        await self.invoke("echo", text="hello")
        said = await self.newest("hello")
        self.assertEqual(said["interaction_metadata"]["type"], 2)
        await self.ask(3, {"component_type": 2, "custom_id": "count"}, said["id"])
        changed = await self.newest("one")
        self.assertEqual(changed["components"][0]["components"][0]["label"], "Counted")
        await self.invoke("slow")
        await self.newest("done at last")
        await self.invoke("paper")
        sent = await self.newest("here")
        seen = await self.bot.get_channel(int(self.guild.general)).fetch_message(int(sent["id"]))
        self.assertEqual((seen.attachments[0].filename, await seen.attachments[0].read()), ("paper.txt", b"words"))
