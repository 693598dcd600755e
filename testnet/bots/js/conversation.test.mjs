// What an unmodified discord.js bot does, on a node and on a relay: the conversation that `bot_day.py` has with discord.py.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ChannelType, Client, Events, GatewayIntentBits, Partials, PermissionFlagsBits } from "discord.js";
import { Place } from "./place.mjs";

const PATIENCE_MS = 60_000;

/** A bot that keeps every event it hears, and lets a test wait for one. */
class ScriptedBot {
  constructor(place) {
    const intents = Object.values(GatewayIntentBits).filter((bit) => typeof bit === "number");
    const partials = [Partials.Message, Partials.Channel, Partials.Reaction, Partials.User];
    this.client = new Client({ intents, partials, rest: { api: `${place.url}/api`, version: "10" } });
    this.heard = [];
    this.waiting = new Set();
    for (const event of Object.values(Events)) {
      this.client.on(event, (...args) => {
        this.heard.push({ event, args });
        for (const look of this.waiting) look();
      });
    }
  }

  async logIn(token) {
    await this.client.login(token);
    await this.until(Events.ClientReady);
  }

  /** The arguments of the first such event, heard already or still to come. */
  until(event, matches = () => true) {
    return new Promise((resolve, reject) => {
      const names = () => [...new Set(this.heard.map((each) => each.event))].join(", ");
      const patience = setTimeout(() => reject(new Error(`never heard ${event}; heard ${names()}`)), PATIENCE_MS);
      const look = () => {
        const found = this.heard.find((each) => each.event === event && matches(...each.args));
        if (!found) return;
        clearTimeout(patience);
        this.waiting.delete(look);
        resolve(found.args);
      };
      this.waiting.add(look);
      look();
    });
  }

  count(event, matches) {
    return this.heard.filter((each) => each.event === event && matches(...each.args)).length;
  }
}

for (const kind of ["node", "relay"]) {
  describe(`a discord.js bot on a ${kind}`, () => {
    let place;
    let guild;
    let bot;
    let server;
    let general;

    before(async () => {
      place = await Place[kind]();
      guild = await place.guild("Workshop");
      const application = await place.application("Hal");
      await place.install(application, guild);
      bot = new ScriptedBot(place);
      await bot.logIn(application.token);
      server = bot.client.guilds.cache.get(guild.id);
      general = server.channels.cache.get(guild.general);
    });

    after(async () => {
      await bot?.client.destroy();
      await place?.stop();
    });

    test("it logs in and caches its guild", async () => {
      assert.equal(bot.client.user.username, "Hal");
      assert.equal(bot.client.user.bot, true);
      assert.equal(server.memberCount, 2);
      assert.deepEqual([...server.channels.cache.values()].map((channel) => channel.name).sort(), ["General", "general"]);
      const members = await server.members.fetch();
      assert.deepEqual(members.map((member) => member.user.username).sort(), ["Ada", "Hal"]);
      assert.ok(server.members.me.permissions.has(PermissionFlagsBits.Administrator));
    });

    test("it hears and answers", async () => {
      const said = await place.say(guild, "hello, bot");
      const [heard] = await bot.until(Events.MessageCreate, (message) => message.id === said.id);
      assert.deepEqual([heard.content, heard.author.username, heard.channelId], ["hello, bot", "Ada", guild.general]);
      const sent = await general.send({ content: "hello, Ada", embeds: [{ title: "A card", description: "with text" }] });
      const answer = await heard.reply("an answer");
      await bot.until(Events.MessageCreate, (message) => message.id === answer.id);
      assert.equal(answer.reference.messageId, heard.id);
      assert.ok(answer.mentions.has(heard.author));
      assert.equal(bot.count(Events.MessageCreate, (message) => message.id === sent.id), 1, "its own message, once");
      assert.equal(sent.embeds[0].title, "A card");
    });

    test("it passes a message on", async () => {
      const desk = await server.channels.create({ name: "desk" });
      const said = await general.send({ content: "we sail at dawn", embeds: [{ title: "Tides" }] });
      const passed = await said.forward(desk);
      const [heard] = await bot.until(Events.MessageCreate, (message) => message.id === passed.id);
      const snapshot = heard.messageSnapshots.first();
      assert.deepEqual([heard.content, snapshot.content, snapshot.embeds[0].title], ["", "we sail at dawn", "Tides"]);
      assert.equal(heard.reference.messageId, said.id);
    });

    test("it mutes and deafens who is in a voice channel", async () => {
      const voice = server.channels.cache.find((channel) => channel.type === ChannelType.GuildVoice);
      const wish = { guild_id: server.id, channel_id: voice.id, self_mute: false, self_deaf: false };
      server.shard.send({ op: 4, d: wish });
      await bot.until(Events.VoiceStateUpdate, (_, now) => now.channelId === voice.id);
      await server.members.me.voice.setMute(true);
      await bot.until(Events.VoiceStateUpdate, (_, now) => now.serverMute);
      await server.members.me.voice.setDeaf(true);
      await bot.until(Events.VoiceStateUpdate, (_, now) => now.serverMute && now.serverDeaf);
      await server.members.me.edit({ mute: false, deaf: false });
      await bot.until(Events.VoiceStateUpdate, (before, now) => before.serverMute && !now.serverMute);
      server.shard.send({ op: 4, d: { ...wish, channel_id: null } });
    });

    test("it edits and deletes", async () => {
      const sent = await general.send("frist");
      const edited = await sent.edit("first");
      assert.equal(edited.content, "first");
      await bot.until(Events.MessageUpdate, (_, message) => message.id === sent.id && message.content === "first");
      await sent.delete();
      await bot.until(Events.MessageDelete, (message) => message.id === sent.id);
      await assert.rejects(general.messages.fetch({ message: sent.id, force: true }), { code: 10_008 });
    });

    test("it opens threads, and posts in a forum", async () => {
      const message = await general.send("what about the roof?");
      const thread = await message.startThread({ name: "the roof", autoArchiveDuration: 60 });
      const [heard] = await bot.until(Events.ThreadCreate, (made) => made.id === thread.id);
      assert.deepEqual([heard.name, heard.parentId], ["the roof", guild.general]);
      const said = await thread.send("it leaks");
      await bot.until(Events.MessageCreate, (told) => told.id === said.id && told.channel.isThread());
      assert.equal((await thread.fetchStarterMessage()).id, message.id);
      await thread.setArchived(true);
      await bot.until(Events.ThreadUpdate, (_, after) => after.id === thread.id && after.archived);
      assert.deepEqual([...(await general.threads.fetchArchived()).threads.keys()], [thread.id]);
      const availableTags = [{ name: "question" }];
      const forum = await server.channels.create({ name: "help", type: ChannelType.GuildForum, availableTags });
      const tag = forum.availableTags[0].id;
      const post = await forum.threads.create({ name: "why", message: { content: "why?" }, appliedTags: [tag] });
      assert.deepEqual(post.appliedTags, [tag]);
      assert.equal((await post.fetchStarterMessage()).content, "why?");
      await post.delete();
      assert.ok(!server.channels.cache.has(post.id));
      await forum.delete();
    });

    test("it reacts", async () => {
      const sent = await general.send("react to this");
      await sent.react("👍");
      await bot.until(Events.MessageReactionAdd, (reaction) => reaction.message.id === sent.id);
      const again = await general.messages.fetch({ message: sent.id, force: true });
      const reaction = again.reactions.cache.get("👍");
      assert.deepEqual([reaction.count, reaction.me], [1, true]);
      assert.deepEqual((await reaction.users.fetch()).map((user) => user.username), ["Hal"]);
      await reaction.users.remove(bot.client.user.id);
      await bot.until(Events.MessageReactionRemove, (gone) => gone.message.id === sent.id);
      await sent.react("🎉");
      await again.reactions.removeAll();
      await bot.until(Events.MessageReactionRemoveAll, (message) => message.id === sent.id);
    });

    test("it types, and sees who types", async () => {
      await general.sendTyping();
      await place.rest("POST", `/channels/${guild.general}/typing`);
      const [typing] = await bot.until(Events.TypingStart, (typing) => typing.user?.username === "Ada");
      assert.equal(typing.channel.id, guild.general);
    });

    test("it pages history", async () => {
      const plans = await server.channels.create({ name: "history", type: ChannelType.GuildText });
      // A bot's quota is 300 in ten seconds; libraries wait out what comes faster.
      for (let number = 0; number < 120; number += 1) await plans.send(`message ${number}`);
      const newest = await plans.messages.fetch({ limit: 100 });
      assert.equal(newest.size, 100);
      assert.equal(newest.first().content, "message 119");
      const older = await plans.messages.fetch({ limit: 100, before: newest.last().id });
      assert.deepEqual([older.size, older.last().content], [20, "message 0"]);
      const next = await plans.messages.fetch({ limit: 3, after: older.last().id });
      assert.deepEqual(next.map((message) => message.content), ["message 3", "message 2", "message 1"]);
      await plans.delete();
    });

    test("it makes channels", async () => {
      const category = await server.channels.create({ name: "Work", type: ChannelType.GuildCategory });
      const channel = await server.channels.create({ name: "plans", parent: category, topic: "what next" });
      const [heard] = await bot.until(Events.ChannelCreate, (made) => made.id === channel.id);
      assert.deepEqual([heard.name, heard.topic, heard.parentId], ["plans", "what next", category.id]);
      await channel.edit({ name: "big-plans", rateLimitPerUser: 5 });
      const [, changed] = await bot.until(Events.ChannelUpdate, (_, now) => now.name === "big-plans");
      assert.equal(changed.rateLimitPerUser, 5);
      await channel.permissionOverwrites.edit(server.roles.everyone, { ViewChannel: false });
      await bot.until(Events.ChannelUpdate, (_, now) =>
        now.permissionOverwrites?.cache.get(guild.id)?.deny.has(PermissionFlagsBits.ViewChannel),
      );
      await channel.delete();
      await bot.until(Events.ChannelDelete, (gone) => gone.id === channel.id);
    });

    test("it makes roles and gives them", async () => {
      const role = await server.roles.create({ name: "helper", colors: { primaryColor: 0x112233 }, hoist: true });
      await bot.until(Events.GuildRoleCreate, (made) => made.id === role.id);
      assert.deepEqual([role.name, role.colors.primaryColor, role.hoist], ["helper", 0x112233, true]);
      await role.edit({ name: "chief helper" });
      await bot.until(Events.GuildRoleUpdate, (_, now) => now.name === "chief helper");
      const other = await place.application("Guest");
      await place.install(other, guild, "0");
      const [guest] = await bot.until(Events.GuildMemberAdd, (member) => member.id === other.id);
      await guest.roles.add(role);
      await bot.until(Events.GuildMemberUpdate, (_, now) => now.id === other.id && now.roles.cache.has(role.id));
      await guest.roles.remove(role);
      await server.members.me.setNickname("Hal 9000");
      await bot.until(Events.GuildMemberUpdate, (_, now) => now.nickname === "Hal 9000");
      await guest.kick("enough");
      await bot.until(Events.GuildMemberRemove, (member) => member.id === other.id);
      await role.delete();
      await bot.until(Events.GuildRoleDelete, (gone) => gone.id === role.id);
    });

    test("it pins", async () => {
      const sent = await general.send("keep this");
      await sent.pin();
      await bot.until(Events.ChannelPinsUpdate);
      const pins = await general.messages.fetchPins();
      assert.deepEqual(pins.items.map((pin) => pin.message.id), [sent.id]);
      await sent.unpin();
      assert.equal((await general.messages.fetchPins()).items.length, 0);
    });

    test("it moderates", async () => {
      const other = await place.application("Spammer");
      await place.install(other, guild, "0");
      const [joined] = await bot.until(Events.GuildMemberAdd, (member) => member.id === other.id);
      await joined.ban({ reason: "spam" });
      await bot.until(Events.GuildBanAdd, (ban) => ban.user.id === other.id);
      assert.deepEqual((await server.bans.fetch()).map((ban) => ban.user.id), [other.id]);
      await server.members.unban(other.id);
      await bot.until(Events.GuildBanRemove, (ban) => ban.user.id === other.id);
      assert.equal((await server.bans.fetch()).size, 0);
    });

    test("it invites", async () => {
      const invite = await general.createInvite({ maxAge: 3600 });
      await bot.until(Events.InviteCreate, (made) => made.code === invite.code);
      assert.ok((await server.invites.fetch()).has(invite.code));
      await invite.delete();
      await bot.until(Events.InviteDelete, (gone) => gone.code === invite.code);
    });

    test("it speaks to one person alone", async () => {
      const ada = (await server.members.fetch({ query: "Ada", limit: 1 })).first();
      const sent = await ada.send("just you and me");
      const conversations = await place.rest("POST", "/users/@me/channels", { recipient_id: bot.client.user.id });
      assert.equal(conversations.id, sent.channelId);
      await place.rest("POST", `/channels/${sent.channelId}/messages`, { content: "I hear you" });
      await bot.until(Events.MessageCreate, (message) => message.content === "I hear you" && !message.guildId);
    });

    test("it is cut off and goes on where it was", async () => {
      const before = bot.heard.length;
      const manager = bot.client.ws._ws;
      await manager.strategy.shards.get(0).destroy({ code: 4200, reason: "a test", recover: 1 });
      const said = await place.say(guild, "while you were away");
      await bot.until(Events.MessageCreate, (message) => message.id === said.id);
      const resumed = bot.heard.slice(before).some((each) => each.event === Events.ShardResume);
      assert.ok(resumed, "it resumed, and did not begin anew");
      assert.equal(bot.count(Events.MessageCreate, (message) => message.id === said.id), 1);
    });
  });
}
