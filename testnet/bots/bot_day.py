"""What an unmodified discord.py bot does in a day, on a real node or relay. Run by `test_zstd_stream`, `test_zlib_stream` and
`test_relay`."""

import asyncio
import datetime
import base64
import os
import sys
import unittest

# A plain install of discord.py has no zstandard and asks for zlib-stream. Hiding it is all that differs.
COMPRESSION = os.environ.get("NEXUS_TEST_COMPRESSION", "zstd-stream")
if COMPRESSION == "zlib-stream":
    sys.modules["zstandard"] = None

import discord  # noqa: E402

import redirect  # noqa: E402
from nexus_node import CuttingProxy, Node, Relay  # noqa: E402

PLACE = {"node": Node, "relay": Relay}[os.environ.get("NEXUS_TEST_PLACE", "node")]

PATIENCE = 60
# A GIF of one pixel.
PIXEL = base64.b64decode("R0lGODlhAQABAAAAACwAAAAAAQABAAA=")


class ScriptedBot(discord.Client):
    """A bot that keeps every event it hears, and lets a test wait for one."""

    def __init__(self):
        super().__init__(intents=discord.Intents.all())
        self.heard: list[tuple[str, tuple]] = []
        self.more = asyncio.Condition()
        self.running: asyncio.Task | None = None

    def dispatch(self, event: str, /, *arguments) -> None:
        super().dispatch(event, *arguments)
        self.heard.append((event, arguments))
        asyncio.get_running_loop().create_task(self.tell())

    async def tell(self) -> None:
        async with self.more:
            self.more.notify_all()

    def all(self, event: str) -> list[tuple]:
        return [arguments for name, arguments in self.heard if name == event]

    async def until(self, event: str, matches=lambda *arguments: True) -> tuple:
        """The arguments of the first such event, heard already or still to come."""
        return (await self.until_heard(lambda: [got for got in self.all(event) if matches(*got)], event))[0]

    async def until_heard(self, found, what: str):
        async def wait():
            async with self.more:
                while not (result := found()):
                    await self.more.wait()
                return result

        waiting = asyncio.create_task(wait())
        done, _ = await asyncio.wait({waiting, self.running}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if waiting in done:
            return waiting.result()
        waiting.cancel()
        if self.running in done:
            self.running.result()
        raise AssertionError(f"never heard: {what}; heard {sorted({name for name, _ in self.heard})}")

    async def log_in(self, token: str) -> None:
        self.running = asyncio.create_task(self.start(token))
        await self.until("ready")

    async def log_out(self) -> None:
        await self.close()
        if self.running:
            await asyncio.gather(self.running, return_exceptions=True)


class BotDay(unittest.IsolatedAsyncioTestCase):
    node: Node

    @classmethod
    def setUpClass(cls):
        cls.node = PLACE()
        cls.addClassCleanup(cls.node.stop)

    async def asyncSetUp(self):
        redirect.to(self.node.url)
        self.guild = self.node.guild(self.id().rsplit(".", 1)[-1][:90])
        self.application, self.bot_token = self.node.application("Hal")
        self.guild.add_bot(self.application)
        self.bot = ScriptedBot()
        self.addAsyncCleanup(self.bot.log_out)

    async def in_thread(self, deed, *arguments):
        return await asyncio.to_thread(deed, *arguments)

    async def log_in(self) -> tuple[discord.Guild, discord.TextChannel]:
        await self.bot.log_in(self.bot_token)
        guild = self.bot.get_guild(int(self.guild.id))
        return guild, guild.get_channel(int(self.guild.general))

    async def test_it_logs_in_with_the_asked_compression_and_caches_its_guild(self):
        guild, general = await self.log_in()
        self.assertEqual(self.bot.ws._decompressor.COMPRESSION_TYPE, COMPRESSION)
        self.assertEqual(self.bot.user.name, "Hal")
        self.assertTrue(self.bot.user.bot)
        self.assertEqual(self.bot.application_id, int(self.application))
        self.assertEqual({channel.name for channel in guild.channels}, {"general", "General"})
        self.assertEqual({member.name for member in guild.members}, {"Ada", "Hal"})
        self.assertEqual(guild.member_count, 2)
        self.assertEqual(guild.owner.name, "Ada")
        self.assertTrue(guild.chunked)
        self.assertTrue(guild.me.guild_permissions.administrator)
        self.assertTrue(guild.self_role.is_bot_managed())
        self.assertTrue(general.permissions_for(guild.me).send_messages)

    async def test_it_hears_and_answers(self):
        _, general = await self.log_in()
        said = await self.in_thread(self.guild.say, "hello, bot")
        (heard,) = await self.bot.until("message", lambda message: message.id == int(said["id"]))
        self.assertEqual((heard.content, heard.author.name, heard.channel), ("hello, bot", "Ada", general))
        sent = await general.send("hello, Ada", embed=discord.Embed(title="A card", description="with text"))
        answer = await heard.reply("an answer")
        await self.bot.until("message", lambda message: message.id == answer.id)
        self.assertEqual(answer.reference.message_id, heard.id)
        self.assertEqual([user.name for user in answer.mentions], ["Ada"])
        own = [message for (message,) in self.bot.all("message") if message.id == sent.id]
        self.assertEqual(len(own), 1, "its own message, by the same dispatch as everybody's, once")
        self.assertEqual(own[0].embeds[0].title, "A card")
        mention = await general.send(f"{heard.author.mention} in {general.mention}")
        self.assertEqual(mention.content, f"<@{heard.author.id}> in <#{general.id}>")

    async def test_it_passes_a_message_on(self):
        guild, general = await self.log_in()
        desk = await guild.create_text_channel("desk")
        said = await general.send("we sail at dawn", embed=discord.Embed(title="Tides"))
        passed = await said.forward(desk)
        (heard,) = await self.bot.until("message", lambda message: message.id == passed.id)
        (snapshot,) = heard.message_snapshots
        self.assertEqual((heard.content, snapshot.content, snapshot.embeds[0].title), ("", "we sail at dawn", "Tides"))
        self.assertEqual(snapshot.created_at, said.created_at)
        reference = heard.reference
        self.assertEqual((reference.type, reference.message_id), (discord.MessageReferenceType.forward, said.id))
        self.assertTrue(heard.flags.forwarded)

    async def test_it_edits_and_deletes(self):
        _, general = await self.log_in()
        sent = await general.send("frist")
        edited = await sent.edit(content="first")
        self.assertEqual(edited.content, "first")
        before, after = await self.bot.until("message_edit", lambda _, after: after.id == sent.id)
        self.assertEqual((before.content, after.content), ("frist", "first"))
        self.assertIsNotNone(after.edited_at)
        await sent.delete()
        (gone,) = await self.bot.until("message_delete")
        self.assertEqual(gone.id, sent.id)
        with self.assertRaises(discord.NotFound) as unknown:
            await general.fetch_message(sent.id)
        self.assertEqual(unknown.exception.code, 10008)

    async def test_it_reacts(self):
        _, general = await self.log_in()
        sent = await general.send("react to this")
        await sent.add_reaction("👍")
        reaction, user = await self.bot.until("reaction_add", lambda reaction, _: reaction.message.id == sent.id)
        self.assertEqual((str(reaction.emoji), user), ("👍", self.bot.user))
        again = await general.fetch_message(sent.id)
        self.assertEqual([(str(each.emoji), each.count, each.me) for each in again.reactions], [("👍", 1, True)])
        self.assertEqual([user.name async for user in again.reactions[0].users()], ["Hal"])
        await sent.remove_reaction("👍", self.bot.user)
        await self.bot.until("reaction_remove")
        await sent.add_reaction("🎉")
        await self.bot.until("reaction_add", lambda reaction, _: str(reaction.emoji) == "🎉")
        await sent.clear_reactions()
        await self.bot.until("raw_reaction_clear")

    async def test_it_types_and_sees_typing(self):
        _, general = await self.log_in()
        async with general.typing():
            await general.send("typed")
        await self.in_thread(self.node.rest, "POST", f"/channels/{general.id}/typing")
        channel, user, _ = await self.bot.until("typing", lambda _, user, __: user.name == "Ada")
        self.assertEqual((channel, user.name), (general, "Ada"))

    async def test_it_pages_history(self):
        _, general = await self.log_in()
        await self.in_thread(self.guild.let_owner_write_without_quota)
        for n in range(230):
            await self.in_thread(self.guild.say, f"message {n}")
        newest_first = [message.content async for message in general.history(limit=None)]
        self.assertEqual(newest_first, [f"message {n}" for n in reversed(range(230))])
        oldest_first = [message async for message in general.history(limit=None, oldest_first=True)]
        self.assertEqual([message.content for message in oldest_first], newest_first[::-1])
        middle = oldest_first[100]
        before = [message.content async for message in general.history(limit=5, before=middle)]
        self.assertEqual(before, [f"message {n}" for n in (99, 98, 97, 96, 95)])
        after = [message.content async for message in general.history(limit=3, after=middle)]
        self.assertEqual(after, ["message 101", "message 102", "message 103"])
        around = [message.id async for message in general.history(limit=11, around=middle)]
        self.assertIn(middle.id, around)

    async def test_it_makes_channels(self):
        guild, _ = await self.log_in()
        category = await guild.create_category("Work")
        channel = await guild.create_text_channel("plans", category=category, topic="what next")
        (heard,) = await self.bot.until("guild_channel_create", lambda made: made.id == channel.id)
        self.assertEqual((heard.name, heard.topic, heard.category_id), ("plans", "what next", category.id))
        await channel.edit(name="big-plans", slowmode_delay=5)
        _, after = await self.bot.until("guild_channel_update", lambda _, after: after.name == "big-plans")
        self.assertEqual(after.slowmode_delay, 5)
        await channel.set_permissions(guild.default_role, view_channel=False)
        _, hidden = await self.bot.until(
            "guild_channel_update", lambda _, after: after.overwrites_for(guild.default_role).view_channel is False
        )
        self.assertEqual(hidden.id, channel.id)
        await channel.delete()
        (gone,) = await self.bot.until("guild_channel_delete")
        self.assertEqual(gone.id, channel.id)

    async def test_it_makes_roles_and_gives_them(self):
        guild, _ = await self.log_in()
        role = await guild.create_role(name="helper", colour=discord.Colour(0x112233), hoist=True)
        (heard,) = await self.bot.until("guild_role_create", lambda made: made.id == role.id)
        self.assertEqual((heard.name, heard.colour.value, heard.hoist), ("helper", 0x112233, True))
        await role.edit(name="chief helper")
        await self.bot.until("guild_role_update", lambda _, after: after.name == "chief helper")
        other, _ = await self.in_thread(self.node.application, "Guest")
        await self.in_thread(lambda: self.guild.add_bot(other, permissions=0))
        (guest,) = await self.bot.until("member_join", lambda member: member.id == int(other))
        await guest.add_roles(role)
        await self.bot.until("member_update", lambda _, after: role in after.roles)
        await guest.remove_roles(role)
        await self.bot.until("member_update", lambda before, after: role in before.roles and role not in after.roles)
        await guild.me.edit(nick="Hal 9000")
        await self.bot.until("member_update", lambda _, after: after.nick == "Hal 9000")
        await role.delete()
        (gone,) = await self.bot.until("guild_role_delete")
        self.assertEqual(gone.id, role.id)

    async def test_it_fetches_members(self):
        guild, _ = await self.log_in()
        fetched = [member.name async for member in guild.fetch_members(limit=None)]
        self.assertEqual(sorted(fetched), ["Ada", "Hal"])
        self.assertEqual([member.name for member in await guild.query_members("ad")], ["Ada"])
        found = await guild.query_members(user_ids=[self.bot.user.id])
        self.assertEqual([member.name for member in found], ["Hal"])
        self.assertEqual({member.name for member in await guild.chunk()}, {"Ada", "Hal"})
        self.assertEqual((await guild.fetch_member(self.bot.user.id)).name, "Hal")

    async def test_it_pins(self):
        _, general = await self.log_in()
        sent = await general.send("keep this")
        await sent.pin()
        await self.bot.until("guild_channel_pins_update")
        self.assertEqual([message.id async for message in general.pins()], [sent.id])
        await sent.unpin()
        self.assertEqual([message.id async for message in general.pins()], [])

    async def test_it_moderates(self):
        guild, _ = await self.log_in()
        other, _ = await self.in_thread(self.node.application, "Spammer")
        await self.in_thread(lambda: self.guild.add_bot(other, permissions=0))
        (joined,) = await self.bot.until("member_join", lambda member: member.id == int(other))
        await joined.ban(reason="spam")
        await self.bot.until("member_ban")
        await self.bot.until("member_remove", lambda member: member.id == int(other))
        self.assertEqual([entry.user.id async for entry in guild.bans()], [int(other)])
        await guild.unban(joined)
        await self.bot.until("member_unban")
        self.assertEqual([entry async for entry in guild.bans()], [])
        log = [entry async for entry in guild.audit_logs(action=discord.AuditLogAction.ban)]
        self.assertEqual([(entry.reason, entry.user.id) for entry in log], [("spam", self.bot.user.id)])

    async def test_it_times_out(self):
        guild, _ = await self.log_in()
        other, _ = await self.in_thread(self.node.application, "Loud")
        await self.in_thread(lambda: self.guild.add_bot(other, permissions=0))
        (joined,) = await self.bot.until("member_join", lambda member: member.id == int(other))
        await joined.timeout(datetime.timedelta(minutes=5), reason="too loud")
        await self.bot.until("member_update", lambda _, after: after.is_timed_out())
        (entry,) = [each async for each in guild.audit_logs(action=discord.AuditLogAction.member_update)]
        self.assertEqual((entry.target.id, entry.reason), (joined.id, "too loud"))
        await joined.timeout(None)
        await self.bot.until("member_update", lambda before, after: before.is_timed_out() and not after.is_timed_out())

    async def test_it_mutes_and_deafens(self):
        guild, _ = await self.log_in()
        (voice,) = guild.voice_channels
        await guild.change_voice_state(channel=voice)
        await self.bot.until("voice_state_update", lambda member, _, after: after.channel == voice)
        await guild.me.edit(mute=True, deafen=True)
        await self.bot.until("voice_state_update", lambda member, _, after: after.mute and after.deaf)
        await guild.me.edit(mute=False, deafen=False)
        await self.bot.until("voice_state_update", lambda _, before, after: before.mute and not after.mute)
        await guild.change_voice_state(channel=None)

    async def test_it_opens_threads(self):
        _, general = await self.log_in()
        message = await general.send("what about the roof?")
        thread = await message.create_thread(name="the roof", auto_archive_duration=60)
        (heard,) = await self.bot.until("thread_create", lambda made: made.id == thread.id)
        self.assertEqual((heard.name, heard.parent, heard.owner_id), ("the roof", general, self.bot.user.id))
        said = await thread.send("it leaks")
        (told,) = await self.bot.until("message", lambda told: told.id == said.id)
        self.assertEqual(told.channel.id, thread.id)
        self.assertEqual([member.id for member in await thread.fetch_members()], [self.bot.user.id])
        plans = await general.create_thread(name="plans", type=discord.ChannelType.public_thread)
        self.assertEqual({each.name for each in await general.guild.active_threads()}, {"the roof", "plans"})
        await thread.edit(name="the old roof", archived=True, locked=True)
        await self.bot.until("thread_update", lambda _, after: after.archived and after.locked)
        self.assertEqual([each.name async for each in general.archived_threads()], ["the old roof"])
        await plans.leave()
        self.assertEqual(await plans.fetch_members(), [])
        ticket = await general.create_thread(name="ticket", invitable=False)
        self.assertTrue(ticket.is_private())
        await plans.delete()
        await self.bot.until("raw_thread_delete", lambda gone: gone.thread_id == plans.id)

    async def test_it_posts_in_a_forum(self):
        guild, _ = await self.log_in()
        tags = [discord.ForumTag(name="question", emoji="❓"), discord.ForumTag(name="solved", moderated=True)]
        media = await guild.create_forum("pictures", media=True)
        self.assertTrue(media.is_media())
        self.assertEqual((await media.create_thread(name="the harbour", content="at dawn")).thread.parent, media)
        forum = await guild.create_forum("help", topic="ask", available_tags=tags)
        self.assertEqual([tag.name for tag in forum.available_tags], ["question", "solved"])
        thread, first = await forum.create_thread(
            name="It does not start", content="why?", applied_tags=forum.available_tags[:1]
        )
        self.assertEqual((first.id, first.content), (thread.id, "why?"))
        self.assertEqual([tag.name for tag in thread.applied_tags], ["question"])
        await thread.add_tags(forum.available_tags[1])
        _, after = await self.bot.until("thread_update", lambda _, after: len(after.applied_tags) == 2)
        self.assertEqual(after.id, thread.id)

    async def test_it_makes_an_emoji_and_reacts_with_it(self):
        guild, general = await self.log_in()
        emoji = await guild.create_custom_emoji(name="party_cat", image=PIXEL)
        self.assertEqual((emoji.name, emoji.animated), ("party_cat", True))
        _, _, after = await self.bot.until("guild_emojis_update")
        self.assertEqual([each.id for each in after], [emoji.id])
        said = await general.send(f"look: {emoji}")
        self.assertEqual(said.content, f"look: <a:party_cat:{emoji.id}>")
        await said.add_reaction(emoji)
        await self.bot.until("raw_reaction_add", lambda added: added.emoji.id == emoji.id)
        again = await general.fetch_message(said.id)
        self.assertEqual([(each.emoji.id, each.me) for each in again.reactions], [(emoji.id, True)])
        await said.remove_reaction(emoji, guild.me)
        await emoji.edit(name="cat")
        await self.bot.until("guild_emojis_update", lambda _, __, after: [each.name for each in after] == ["cat"])
        await emoji.delete()
        await self.bot.until("guild_emojis_update", lambda _, __, after: after == ())

    async def test_it_invites(self):
        _, general = await self.log_in()
        invite = await general.create_invite(max_age=3600)
        (heard,) = await self.bot.until("invite_create")
        self.assertEqual(heard.code, invite.code)
        self.assertEqual([each.code for each in await general.invites()], [invite.code])
        await invite.delete()
        (gone,) = await self.bot.until("invite_delete")
        self.assertEqual(gone.code, invite.code)

    async def test_it_is_cut_off_100_times_and_sees_each_message_exactly_once(self):
        await self.in_thread(self.guild.let_owner_write_without_quota)
        proxy = CuttingProxy(self.node, seed=7, cuts=100)
        self.addCleanup(proxy.stop)
        redirect.to(self.node.url, proxy.gateway)
        await self.log_in()
        # The proxy may cut before the first READY arrived; then there is nothing to resume, and nothing was missed.
        cut = asyncio.create_task(self.in_thread(proxy.wait_for_cuts, 100))
        said = []
        while not cut.done():
            said.append((await self.in_thread(self.guild.say, f"message {len(said)}"))["id"])
        await cut
        last = (await self.in_thread(self.guild.say, "the last one"))["id"]
        await self.bot.until("message", lambda message: message.id == int(last))
        heard = [message.id for (message,) in self.bot.all("message")]
        self.assertEqual(heard, [int(each) for each in [*said, last]])
        self.assertEqual(len(self.bot.all("connect")), 1, "one READY; every cut after it ended in a RESUME")
        self.assertGreaterEqual(len(self.bot.all("resumed")), 50)
