// What an unmodified discord.js bot answers when it is asked, on a node and on a relay: commands, buttons, files.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  ActionRowBuilder,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  Client,
  Events,
  GatewayIntentBits,
  MessageFlags,
  SlashCommandBuilder,
} from "discord.js";
import { Place } from "./place.mjs";

const COMMANDS = [
  new SlashCommandBuilder()
    .setName("echo")
    .setDescription("says it again")
    .addStringOption((option) => option.setName("text").setDescription("what").setRequired(true)),
  new SlashCommandBuilder().setName("slow").setDescription("takes its time"),
  new SlashCommandBuilder().setName("secret").setDescription("for you alone"),
];

/** Answers as bots do; what goes wrong is kept for the test. */
async function answer(interaction) {
  if (interaction.isButton()) return interaction.update({ content: "pressed", components: [] });
  if (interaction.commandName === "slow") {
    await interaction.deferReply();
    await interaction.editReply("done");
    const file = new AttachmentBuilder(Buffer.from("hello"), { name: "hello.txt" });
    return interaction.followUp({ content: "and a file", files: [file] });
  }
  if (interaction.commandName === "secret") {
    return interaction.reply({ content: "psst", flags: MessageFlags.Ephemeral });
  }
  const button = new ButtonBuilder().setCustomId("press").setLabel("Press").setStyle(ButtonStyle.Primary);
  const row = new ActionRowBuilder().addComponents(button);
  const content = interaction.options.getString("text");
  const response = await interaction.reply({ content, components: [row], withResponse: true });
  assert.equal(response.resource.message.content, content);
}

for (const kind of ["node", "relay"]) {
  describe(`a discord.js bot is asked on a ${kind}`, () => {
    let place;
    let guild;
    let application;
    let client;
    const failed = [];

    before(async () => {
      place = await Place[kind]();
      guild = await place.guild("Workshop");
      application = await place.application("Hal");
      await place.install(application, guild);
      client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: `${place.url}/api`, version: "10" } });
      client.on(Events.InteractionCreate, (interaction) => answer(interaction).catch((error) => failed.push(error)));
      const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve));
      await client.login(application.token);
      await ready;
      await client.application.commands.set(COMMANDS);
    });

    after(async () => {
      await client?.destroy();
      await place?.stop();
    });

    const ask = (type, data, message_id) => {
      const where = { application_id: application.id, channel_id: guild.general };
      return place.rest("POST", "/interactions", { type, ...where, data, message_id });
    };

    async function invoke(name, options = []) {
      const index = await place.rest("GET", `/channels/${guild.general}/application-command-index`);
      const command = index.application_commands.find((each) => each.name === name);
      await ask(2, { id: command.id, name, type: 1, options });
    }

    /** The newest message, once it says this. */
    async function newest(content) {
      for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
        assert.deepEqual(failed, []);
        const [message] = await place.rest("GET", `/channels/${guild.general}/messages?limit=1`);
        if (message?.content === content) return message;
      }
      throw new Error(`nobody said ${content}`);
    }

    test("a command and a button", async () => {
      await invoke("echo", [{ type: 3, name: "text", value: "hello" }]);
      const said = await newest("hello");
      assert.equal(said.components[0].components[0].custom_id, "press");
      await ask(3, { component_type: 2, custom_id: "press" }, said.id);
      assert.deepEqual((await newest("pressed")).components, []);
    });

    test("a deferred answer, and one more with a file", async () => {
      await invoke("slow");
      const [file] = (await newest("and a file")).attachments;
      assert.equal(file.filename, "hello.txt");
      assert.equal(await (await fetch(file.url)).text(), "hello");
    });

    test("an answer for one person is in no channel", async () => {
      await invoke("secret");
      await invoke("echo", [{ type: 3, name: "text", value: "afterwards" }]);
      await newest("afterwards");
      const messages = await place.rest("GET", `/channels/${guild.general}/messages`);
      assert.ok(!messages.some((message) => message.content === "psst"));
    });
  });
}
