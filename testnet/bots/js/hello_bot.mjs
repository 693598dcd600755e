// The bot of the README in the other language: plain discord.js with its address changed.
//
//     NEXUS_URL=http://127.0.0.1:8080 BOT_TOKEN=... node hello_bot.mjs

import { Client, Events, GatewayIntentBits } from "discord.js";

const url = process.env.NEXUS_URL ?? "http://127.0.0.1:8080";
const { Guilds, GuildMessages, MessageContent } = GatewayIntentBits;
const client = new Client({
  intents: [Guilds, GuildMessages, MessageContent],
  rest: { api: `${url}/api`, version: "10" },
});

client.once(Events.ClientReady, (ready) => {
  console.log(`Logged in as ${ready.user.username} in ${ready.guilds.cache.size} guild(s). Say !ping there.`);
});

client.on(Events.MessageCreate, async (message) => {
  if (message.content === "!ping") await message.reply("pong");
});

await client.login(process.env.BOT_TOKEN);
