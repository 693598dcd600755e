"""A bot that has no gateway session: hikari's own server of interactions, as its registry has it. The one line to change is `rest_url`.

    NEXUS_URL=http://127.0.0.1:8081 BOT_TOKEN=... BOT_PORT=... python -O endpoint_bot.py
"""

import asyncio
import os

import hikari


async def answer(interaction: hikari.CommandInteraction):
    if interaction.command_name == "slow":
        yield interaction.build_deferred_response()
        await interaction.edit_initial_response("done at last")
        return
    words = interaction.options[0].value
    yield interaction.build_response().set_content(f"{words}, {interaction.user.username}")


async def main() -> None:
    url = os.environ["NEXUS_URL"] + "/api/v10"
    bot = hikari.RESTBot(os.environ["BOT_TOKEN"], "Bot", rest_url=url, banner=None, logs=None)
    bot.set_listener(hikari.CommandInteraction, answer)
    await bot.start(host="127.0.0.1", port=int(os.environ["BOT_PORT"]))
    application = await bot.rest.fetch_application()
    echo = bot.rest.slash_command_builder("echo", "says it again")
    echo.add_option(hikari.CommandOption(type=hikari.OptionType.STRING, name="text", description="what", is_required=True))
    slow = bot.rest.slash_command_builder("slow", "takes its time")
    await bot.rest.set_application_commands(application, [echo, slow])
    print("ready", flush=True)
    await bot.join()


asyncio.run(main())
