"""A bot with zstandard installed, as discord.py's `speed` extra has it."""

from bot_day import BotDay as ZstdStream  # noqa: F401: found and run by unittest
