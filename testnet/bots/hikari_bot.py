"""The bot of `conversation`, in hikari. Its address is one argument: `rest_url`; the gateway's comes from there.

    NEXUS_URL=http://127.0.0.1:8081 BOT_TOKEN=... python -O hikari_bot.py
"""

import logging
import os

import hikari

logging.basicConfig(level=logging.WARNING)
bot = hikari.GatewayBot(
    os.environ["BOT_TOKEN"],
    rest_url=os.environ["NEXUS_URL"] + "/api/v10",
    intents=hikari.Intents.ALL,
    banner=None,
    logs=None,
)
rest = bot.rest
me: hikari.OwnUser
fleeting: set[int] = set()


@bot.listen()
async def on_started(_: hikari.StartedEvent) -> None:
    global me
    me = bot.get_me()
    await rest.set_application_commands(
        await rest.fetch_application(),
        [
            rest.slash_command_builder("echo", "says it again").add_option(
                hikari.CommandOption(
                    type=hikari.OptionType.STRING, name="text", description="what", is_required=True, autocomplete=True
                )
            ),
            rest.slash_command_builder("slow", "takes its time"),
            rest.slash_command_builder("secret", "for you alone"),
            rest.slash_command_builder("form", "asks back"),
            rest.context_menu_command_builder(hikari.CommandType.MESSAGE, "Quote"),
        ],
    )
    print("ready", len(bot.cache.get_guilds_view()), flush=True)


@bot.listen()
async def on_message(event: hikari.GuildMessageCreateEvent) -> None:
    word, _, rest_of_it = (event.content or "").partition(" ")
    if event.is_human and word in TOLD:
        await TOLD[word](event.message, rest_of_it)


async def remember(message: hikari.Message, _: str) -> None:
    fleeting.add(message.id)
    await message.respond("it will pass")


async def ping(message: hikari.Message, _: str) -> None:
    await message.respond("pong", reply=True)


async def card(message: hikari.Message, _: str) -> None:
    sent = await message.respond(hikari.Embed(title="A card", description="with text", color=0x112233))
    await sent.edit("a better card", embed=hikari.Embed(title="A better card"))
    await sent.add_reaction("👍")


async def files(message: hikari.Message, _: str) -> None:
    words = await message.attachments[0].read()
    await message.respond(words.decode(), attachment=hikari.Bytes(words.upper(), "shouted.txt"))


async def history(message: hikari.Message, _: str) -> None:
    texts = await rest.fetch_messages(message.channel_id).map(lambda each: each.content)
    await message.respond(f"{sum(text.startswith('line ') for text in texts if text)} lines")


async def sweep(message: hikari.Message, _: str) -> None:
    swept = rest.fetch_messages(message.channel_id).filter(lambda each: (each.content or "").startswith("line "))
    await rest.delete_messages(message.channel_id, await swept)
    await message.respond("swept")


async def pin(message: hikari.Message, _: str) -> None:
    await rest.pin_message(message.channel_id, message)
    pinned = [pin.message.content async for pin in rest.fetch_pins(message.channel_id)]
    await rest.unpin_message(message.channel_id, message)
    await message.respond(f"pinned: {', '.join(pinned)}")


async def thread(message: hikari.Message, name: str) -> None:
    made = await rest.create_message_thread(message.channel_id, message, name)
    await made.send("in here")
    await made.edit(archived=True, locked=True)
    archived = [each.name async for each in rest.fetch_public_archived_threads(message.channel_id)]
    await message.respond(f"archived: {', '.join(archived)}")


async def channel(message: hikari.Message, name: str) -> None:
    hidden = hikari.PermissionOverwrite(
        id=message.guild_id, type=hikari.PermissionOverwriteType.ROLE, deny=hikari.Permissions.VIEW_CHANNEL
    )
    made = await rest.create_guild_text_channel(message.guild_id, name, topic="what next", permission_overwrites=[hidden])
    await made.edit(name=f"{name}-2", rate_limit_per_user=5)
    seen = await rest.fetch_channel(made)
    await made.delete()
    await message.respond(f"{seen.name}: {seen.topic}, {seen.rate_limit_per_user.seconds} s")


async def members(message: hikari.Message, _: str) -> None:
    cached = bot.cache.get_members_view_for_guild(message.guild_id).values()
    listed = {member.username async for member in rest.fetch_members(message.guild_id)}
    known = listed | {member.username for member in cached}
    await message.respond(f"here: {', '.join(sorted(known))}")


async def kick(message: hikari.Message, who: str) -> None:
    await rest.kick_user(message.guild_id, int(who), reason="enough")


async def role(message: hikari.Message, who: str) -> None:
    made = await rest.create_role(message.guild_id, name="helper", color=0x112233, hoist=True)
    await rest.add_role_to_member(message.guild_id, int(who), made)
    member = await rest.fetch_member(message.guild_id, int(who))
    await rest.edit_role(message.guild_id, made, name="chief helper")
    names = [each.name for each in await rest.fetch_roles(message.guild_id) if each.id in member.role_ids]
    await rest.delete_role(message.guild_id, made)
    await message.respond(f"{member.username}: {', '.join(sorted(set(names) - {'@everyone', 'Guest'}))}")


async def moderate(message: hikari.Message, who: str) -> None:
    guild, user = message.guild_id, int(who)
    await rest.edit_member(guild, user, nickname="Quiet", reason="noise")
    quiet = await rest.fetch_member(guild, user)
    done = [quiet.nickname]
    await rest.ban_user(guild, user, reason="spam")
    done += ["banned" async for ban in rest.fetch_bans(guild) if ban.user.id == user]
    await rest.unban_user(guild, user)
    done += ["still banned" async for ban in rest.fetch_bans(guild)] or ["forgiven"]
    await message.respond(", ".join(done))


async def invite(message: hikari.Message, _: str) -> None:
    made = await rest.create_invite(message.channel_id, max_age=3600)
    await message.respond(f"come: {made.code}")


async def webhook(message: hikari.Message, _: str) -> None:
    made = await rest.create_webhook(message.channel_id, "Postman")
    await rest.execute_webhook(made, made.token, "a letter", username="Postwoman")
    await rest.delete_webhook(made)


async def whisper(message: hikari.Message, _: str) -> None:
    await message.author.send("just you and me")


TOLD = {
    "fleeting": remember,
    "!ping": ping,
    "!card": card,
    "!file": files,
    "!history": history,
    "!sweep": sweep,
    "!pin": pin,
    "!thread": thread,
    "!channel": channel,
    "!members": members,
    "!role": role,
    "!kick": kick,
    "!moderate": moderate,
    "!invite": invite,
    "!webhook": webhook,
    "!dm": whisper,
}


@bot.listen()
async def on_edit(event: hikari.GuildMessageUpdateEvent) -> None:
    if event.message_id in fleeting:
        await rest.create_message(event.channel_id, f"changed to {event.message.content}")


@bot.listen()
async def on_delete(event: hikari.GuildMessageDeleteEvent) -> None:
    if event.message_id in fleeting:
        await rest.create_message(event.channel_id, "it is gone")


@bot.listen()
async def on_reaction(event: hikari.GuildReactionAddEvent) -> None:
    if event.user_id != me.id:
        await rest.create_message(event.channel_id, f"thanks for {event.emoji_name}")


@bot.listen()
async def on_join(event: hikari.MemberCreateEvent) -> None:
    guild = bot.cache.get_guild(event.guild_id)
    general = next(each for each in guild.get_channels().values() if each.name == "general")
    await rest.create_message(general, f"welcome {event.user.username}")


@bot.listen()
async def on_interaction(event: hikari.InteractionCreateEvent) -> None:
    interaction = event.interaction
    if isinstance(interaction, hikari.AutocompleteInteraction):
        typed = interaction.options[0].value
        await interaction.create_response([hikari.impl.AutocompleteChoiceBuilder(f"{typed} again", f"{typed} again")])
    elif isinstance(interaction, hikari.ModalInteraction):
        (row,) = interaction.components
        await say(interaction, f"you wrote {row[0].value}")
    elif isinstance(interaction, hikari.ComponentInteraction):
        if interaction.custom_id == "pick":
            return await say(interaction, f"you chose {interaction.values[0]}")
        await interaction.create_initial_response(hikari.ResponseType.MESSAGE_UPDATE, "pressed", components=[])
    elif isinstance(interaction, hikari.CommandInteraction):
        await asked(interaction)


async def asked(interaction: hikari.CommandInteraction) -> None:
    if interaction.command_name == "echo":
        button = rest.build_message_action_row().add_interactive_button(hikari.ButtonStyle.PRIMARY, "press", label="Press")
        menu = rest.build_message_action_row()
        menu.add_text_menu("pick").add_option("Tea", "tea").add_option("Coffee", "coffee")
        await say(interaction, interaction.options[0].value, components=[button, menu])
    elif interaction.command_name == "slow":
        await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
        await interaction.edit_initial_response("done")
        await interaction.execute("and a file", attachment=hikari.Bytes(b"hello", "hello.txt"))
    elif interaction.command_name == "secret":
        await say(interaction, "psst", flags=hikari.MessageFlag.EPHEMERAL)
    elif interaction.command_name == "form":
        field = rest.build_modal_action_row().add_text_input("field", "What?")
        await interaction.create_modal_response("A form", "form", component=field)
    else:
        (quoted,) = interaction.resolved.messages.values()
        await say(interaction, f"> {quoted.content}")


async def say(interaction, content: str, **more) -> None:
    await interaction.create_initial_response(hikari.ResponseType.MESSAGE_CREATE, content, **more)


if __name__ == "__main__":
    bot.run()
