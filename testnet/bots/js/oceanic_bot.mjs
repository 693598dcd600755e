// The bot of the conversation, in oceanic.js. Its address is one option: `rest.baseURL`; the gateway's comes from there.
//
//     NEXUS_URL=http://127.0.0.1:8081 BOT_TOKEN=... node oceanic_bot.mjs

import {
  ApplicationCommandOptionTypes,
  ApplicationCommandTypes,
  ButtonStyles,
  ChannelTypes,
  Client,
  ComponentTypes,
  InteractionTypes,
  MessageFlags,
  OverwriteTypes,
  Permissions,
  TextInputStyles,
} from "oceanic.js";

const client = new Client({
  auth: `Bot ${process.env.BOT_TOKEN}`,
  rest: { baseURL: `${process.env.NEXUS_URL}/api/v10` },
  gateway: { intents: ["ALL"] },
});
const { rest } = client;
const fleeting = new Set();
const complain = (error) => console.error(error);

client.on("error", complain);
client.on("warn", complain);

client.once("ready", async () => {
  const text = { type: ApplicationCommandOptionTypes.STRING, name: "text", description: "what" };
  const told = (name, description) => ({ type: ApplicationCommandTypes.CHAT_INPUT, name, description });
  await client.application.bulkEditGlobalCommands([
    { ...told("echo", "says it again"), options: [{ ...text, required: true, autocomplete: true }] },
    told("slow", "takes its time"),
    told("secret", "for you alone"),
    told("form", "asks back"),
    { type: ApplicationCommandTypes.MESSAGE, name: "Quote" },
  ]);
  console.log(`ready ${client.guilds.size}`);
});

const say = (message, content, more = {}) => rest.channels.createMessage(message.channelID, { content, ...more });

async function lines(message) {
  const found = [];
  for await (const page of rest.channels.getMessagesIterator(message.channelID, { limit: 1_000 })) {
    found.push(...page.filter((each) => each.content.startsWith("line ")));
  }
  return found;
}

const TOLD = {
  async fleeting(message) {
    fleeting.add(message.id);
    await say(message, "it will pass");
  },
  async "!ping"(message) {
    await say(message, "pong", { messageReference: { messageID: message.id } });
  },
  async "!card"(message) {
    const sent = await say(message, "", { embeds: [{ title: "A card", description: "with text", color: 0x112233 }] });
    await sent.edit({ content: "a better card", embeds: [{ title: "A better card" }] });
    await sent.createReaction("👍");
  },
  async "!file"(message) {
    const words = await (await fetch(message.attachments.first().url)).text();
    const files = [{ name: "shouted.txt", contents: Buffer.from(words.toUpperCase()) }];
    await say(message, words, { files });
  },
  async "!history"(message) {
    await say(message, `${(await lines(message)).length} lines`);
  },
  async "!sweep"(message) {
    const ids = (await lines(message)).map((each) => each.id);
    await rest.channels.deleteMessages(message.channelID, ids);
    await say(message, "swept");
  },
  async "!pin"(message) {
    await message.pin();
    const pins = await rest.channels.getPins(message.channelID);
    await message.unpin();
    await say(message, `pinned: ${pins.map((pin) => pin.message.content).join(", ")}`);
  },
  async "!thread"(message, name) {
    const thread = await message.startThread({ name, autoArchiveDuration: 60 });
    await thread.createMessage({ content: "in here" });
    await thread.edit({ archived: true, locked: true });
    const { threads } = await rest.channels.getPublicArchivedThreads(message.channelID);
    await say(message, `archived: ${threads.map((each) => each.name).join(", ")}`);
  },
  async "!channel"(message, name) {
    const hidden = { id: message.guildID, type: OverwriteTypes.ROLE, allow: 0n, deny: Permissions.VIEW_CHANNEL };
    const options = { name, topic: "what next", permissionOverwrites: [hidden] };
    const made = await message.guild.createChannel(ChannelTypes.GUILD_TEXT, options);
    await made.edit({ name: `${name}-2`, rateLimitPerUser: 5 });
    const seen = await rest.channels.get(made.id);
    await made.delete();
    await say(message, `${seen.name}: ${seen.topic}, ${seen.rateLimitPerUser} s`);
  },
  async "!members"(message) {
    const listed = await message.guild.getMembers({ limit: 100 });
    const fetched = await message.guild.fetchMembers();
    const names = new Set([...listed, ...fetched].map((member) => member.username));
    await say(message, `here: ${[...names].sort().join(", ")}`);
  },
  async "!role"(message, who) {
    const { guild } = message;
    const role = await guild.createRole({ name: "helper", colors: { primaryColor: 0x112233 }, hoist: true });
    await guild.addMemberRole(who, role.id);
    await guild.editRole(role.id, { name: "chief helper" });
    const member = await rest.guilds.getMember(guild.id, who);
    const roles = (await rest.guilds.getRoles(guild.id)).filter((each) => member.roles.includes(each.id));
    await guild.deleteRole(role.id);
    const names = roles.map((each) => each.name).filter((each) => each !== "Guest");
    await say(message, `${member.username}: ${names.join(", ")}`);
  },
  async "!kick"(message, who) {
    await message.guild.removeMember(who, "enough");
  },
  async "!moderate"(message, who) {
    const { guild } = message;
    await guild.editMember(who, { nick: "Quiet", reason: "noise" });
    const { nick } = await rest.guilds.getMember(guild.id, who);
    await guild.createBan(who, { reason: "spam" });
    const banned = (await guild.getBans()).some((ban) => ban.user.id === who);
    await guild.removeBan(who);
    const forgiven = (await guild.getBans()).length === 0;
    await say(message, `${nick}${banned ? ", banned" : ""}${forgiven ? ", forgiven" : ""}`);
  },
  async "!invite"(message) {
    const { code } = await rest.channels.createInvite(message.channelID, { maxAge: 3600 });
    await say(message, `come: ${code}`);
  },
  async "!webhook"(message) {
    const webhook = await rest.webhooks.create(message.channelID, { name: "Postman" });
    await webhook.execute({ content: "a letter", username: "Postwoman", wait: true });
    await webhook.delete();
  },
  async "!dm"(message) {
    const conversation = await message.author.createDM();
    await conversation.createMessage({ content: "just you and me" });
  },
};

client.on("messageCreate", (message) => {
  if (message.author.bot || !message.guildID) return;
  const [word, ...rest_of_it] = message.content.split(" ");
  TOLD[word]?.(message, rest_of_it.join(" ")).catch(complain);
});

client.on("messageUpdate", (message) => {
  if (fleeting.has(message.id) && message.editedTimestamp) {
    say(message, `changed to ${message.content}`).catch(complain);
  }
});

client.on("messageDelete", (message) => {
  if (fleeting.has(message.id)) say(message, "it is gone").catch(complain);
});

client.on("messageReactionAdd", (message, reactor, reaction) => {
  if (reactor.id !== client.user.id) say(message, `thanks for ${reaction.emoji.name}`).catch(complain);
});

client.on("guildMemberAdd", (member) => {
  const general = member.guild.channels.find((channel) => channel.name === "general");
  general.createMessage({ content: `welcome ${member.username}` }).catch(complain);
});

async function asked(interaction) {
  if (interaction.data.name === "echo") {
    const press = { type: ComponentTypes.BUTTON, style: ButtonStyles.PRIMARY, label: "Press", customID: "press" };
    const drinks = ["Tea", "Coffee"].map((label) => ({ label, value: label.toLowerCase() }));
    const menu = { type: ComponentTypes.STRING_SELECT, customID: "pick", options: drinks };
    const components = [press, menu].map((each) => ({ type: ComponentTypes.ACTION_ROW, components: [each] }));
    await interaction.createMessage({ content: interaction.data.options.getString("text", true), components });
  } else if (interaction.data.name === "slow") {
    await interaction.defer();
    await interaction.editOriginal({ content: "done" });
    const files = [{ name: "hello.txt", contents: Buffer.from("hello") }];
    await interaction.createFollowup({ content: "and a file", files });
  } else if (interaction.data.name === "secret") {
    await interaction.createMessage({ content: "psst", flags: MessageFlags.EPHEMERAL });
  } else if (interaction.data.name === "form") {
    const field = { type: ComponentTypes.TEXT_INPUT, customID: "field", label: "What?", style: TextInputStyles.SHORT };
    const components = [{ type: ComponentTypes.ACTION_ROW, components: [field] }];
    await interaction.createModal({ title: "A form", customID: "form", components });
  } else {
    const quoted = interaction.data.resolved.messages.first();
    await interaction.createMessage({ content: `> ${quoted.content}` });
  }
}

async function answer(interaction) {
  switch (interaction.type) {
    case InteractionTypes.APPLICATION_COMMAND_AUTOCOMPLETE: {
      const again = `${interaction.data.options.getFocused(true).value} again`;
      return interaction.result([{ name: again, value: again }]);
    }
    case InteractionTypes.MODAL_SUBMIT:
      return interaction.createMessage({ content: `you wrote ${interaction.data.components.getTextInput("field")}` });
    case InteractionTypes.MESSAGE_COMPONENT: {
      if (interaction.data.customID === "press") {
        return interaction.editParent({ content: "pressed", components: [] });
      }
      return interaction.createMessage({ content: `you chose ${interaction.data.values.getStrings()[0]}` });
    }
    default:
      return asked(interaction);
  }
}

client.on("interactionCreate", (interaction) => answer(interaction).catch(complain));

await client.connect();
