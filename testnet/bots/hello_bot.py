"""A first bot: answers `!ping`.

    NEXUS_URL=http://127.0.0.1:8081 BOT_TOKEN=... python hello_bot.py

It is an ordinary discord.py bot. Only the two lines with `redirect` know that it talks to a node of Nexus.
"""

import os

import discord

import redirect

redirect.to(os.environ.get("NEXUS_URL", "http://127.0.0.1:8081"))

intents = discord.Intents.default()
intents.message_content = True  # switch it on for the application as well: PATCH /api/v10/applications/ID {"flags": 524288}
bot = discord.Client(intents=intents)


@bot.event
async def on_ready() -> None:
    print(f"Logged in as {bot.user} in {len(bot.guilds)} guild(s). Say !ping there.", flush=True)


@bot.event
async def on_message(message: discord.Message) -> None:
    if message.author != bot.user and message.content == "!ping":
        await message.reply("pong")


if __name__ == "__main__":
    bot.run(os.environ["BOT_TOKEN"])
