import fc from "fast-check";
import { expect, test } from "vitest";
import { contestedMembers, initialState, type State } from "../src/index.ts";
import { type EventName, reduce } from "../src/state/reduce.ts";
import { showPage, WINDOW_MAX } from "../src/state/window.ts";
import { message as decoded } from "../src/wire/decode_message.ts";
import type * as wire from "../src/wire/generated.ts";
import { channel, type Event, GUILD, guildCreate, ME, member, message, ready, role, user } from "./world.ts";

const apply = (state: State, { t, d }: Event) => reduce(state, t as EventName, d as never, 0);

/** The truth: what a program holds. Each deed changes it and gives the event that tells of it. */
class World {
  channels = new Map<string, wire.Channel>([["300", channel("300")]]);
  members = new Map<string, wire.Member>([
    [ME, member(ME)],
    ["1002", member("1002", ["700"])],
  ]);
  roles = new Map<string, wire.Role>([
    [GUILD, role(GUILD, 1024n)],
    ["700", role("700", 2048n, 1)],
  ]);
  messages = new Map<string, wire.Message>();
  next = 4000;

  /** READY and what follows it, as a session that begins now hears them. */
  beginning(): Event[] {
    const last = (id: string) => this.of(id).at(-1)?.id ?? null;
    const channels = [...this.channels.values()].map((each) => ({ ...each, last_message_id: last(each.id) }));
    const facts = { channels, members: [...this.members.values()], roles: [...this.roles.values()] };
    return [
      { t: "READY", d: ready([GUILD]) },
      { t: "GUILD_CREATE", d: guildCreate(facts) },
    ];
  }

  private fresh(): number {
    this.next += 1;
    return this.next;
  }

  of(channelId: string): wire.Message[] {
    return [...this.messages.values()].filter((each) => each.channel_id === channelId);
  }

  do(deed: Deed): Event | null {
    const at = <T>(map: Map<string, T>) => [...map.entries()][deed.pick % Math.max(1, map.size)];
    switch (deed.what) {
      case "say": {
        const [channelId] = at(this.channels) ?? [];
        const id = `${this.fresh()}`;
        if (channelId === undefined) return null;
        const said = message(id, channelId, deed.pick % 2 === 0 ? ME : "1002");
        this.messages.set(id, said);
        return { t: "MESSAGE_CREATE", d: { ...said, guild_id: GUILD } };
      }
      case "edit": {
        const [id, before] = at(this.messages) ?? [];
        if (id === undefined || before === undefined) return null;
        const after = { ...before, content: `edited ${this.fresh()}` };
        this.messages.set(id, after);
        return { t: "MESSAGE_UPDATE", d: { ...after, guild_id: GUILD } };
      }
      case "delete": {
        const [id, gone] = at(this.messages) ?? [];
        if (id === undefined || gone === undefined) return null;
        this.messages.delete(id);
        return { t: "MESSAGE_DELETE", d: { id, channel_id: gone.channel_id, guild_id: GUILD } };
      }
      case "react": {
        const [id, before] = at(this.messages) ?? [];
        if (id === undefined || before === undefined) return null;
        const count = (before.reactions?.[0]?.count ?? 0) + 1;
        const emoji = { id: null, name: "🦀" };
        this.messages.set(id, { ...before, reactions: [{ emoji, count, me: false }] });
        const facts = { user_id: `${50_000 + count}`, channel_id: before.channel_id, message_id: id };
        return { t: "MESSAGE_REACTION_ADD", d: { ...facts, emoji, guild_id: GUILD } };
      }
      case "channel": {
        const made = channel(`${this.fresh()}`, { guild_id: GUILD });
        this.channels.set(made.id, made);
        return { t: "CHANNEL_CREATE", d: made };
      }
      case "rename": {
        const [id, before] = at(this.channels) ?? [];
        if (id === undefined || before === undefined) return null;
        const after = { ...before, name: `named ${this.fresh()}` };
        this.channels.set(id, after);
        return { t: "CHANNEL_UPDATE", d: { ...after, guild_id: GUILD, last_message_id: null } };
      }
      case "close": {
        const [id, gone] = at(this.channels) ?? [];
        if (id === undefined || this.channels.size < 2) return null;
        this.channels.delete(id);
        for (const each of this.of(id)) this.messages.delete(each.id);
        return { t: "CHANNEL_DELETE", d: { ...gone, guild_id: GUILD } };
      }
      case "join": {
        const joined = member(`${this.fresh()}`);
        this.members.set(joined.user.id, joined);
        return { t: "GUILD_MEMBER_ADD", d: { ...joined, guild_id: GUILD } };
      }
      case "leave": {
        const [id] = at(this.members) ?? [];
        if (id === undefined || id === ME || id === "1002") return null;
        this.members.delete(id);
        return { t: "GUILD_MEMBER_REMOVE", d: { guild_id: GUILD, user: user(id) } };
      }
      case "role": {
        const made = role(`${this.fresh()}`, 2048n, 1);
        this.roles.set(made.id, made);
        return { t: "GUILD_ROLE_CREATE", d: { guild_id: GUILD, role: made } };
      }
      case "unrole": {
        const [id] = at(this.roles) ?? [];
        if (id === undefined || id === GUILD) return null;
        this.roles.delete(id);
        for (const [who, each] of this.members) {
          this.members.set(who, { ...each, roles: each.roles.filter((held) => held !== id) });
        }
        return { t: "GUILD_ROLE_DELETE", d: { guild_id: GUILD, role_id: id } };
      }
      case "grant": {
        const [who, before] = at(this.members) ?? [];
        const [id] = at(this.roles) ?? [];
        if (who === undefined || before === undefined || id === undefined || id === GUILD) return null;
        const after = { ...before, roles: [...new Set([...before.roles, id])] };
        this.members.set(who, after);
        return { t: "GUILD_MEMBER_UPDATE", d: { ...after, guild_id: GUILD } };
      }
    }
  }
}

const WHAT = [
  ...[
    "say",
    "say",
    "say",
    "edit",
    "delete",
    "react",
    "channel",
    "rename",
    "close",
    "join",
    "leave",
    "role",
    "unrole",
  ],
  "grant",
] as const;

interface Deed {
  readonly what:
    | "say"
    | "edit"
    | "delete"
    | "react"
    | "channel"
    | "rename"
    | "close"
    | "join"
    | "leave"
    | "role"
    | "unrole"
    | "grant";
  readonly pick: number;
}

/** Between two deeds: nothing, a line that is cut and resumed, or a session that is lost and begun anew. */
type Break = "none" | "resume" | "anew";

const script = fc.array(
  fc.record({
    what: fc.constantFrom(...WHAT) as fc.Arbitrary<Deed["what"]>,
    pick: fc.nat(50),
    after: fc.constantFrom<Break>("none", "none", "none", "resume", "anew"),
    missed: fc.nat(5),
  }),
  { maxLength: 60 },
);

/** Opens a channel as loading its newest messages would. */
function withHistory(state: State, world: World, channelId: string): State {
  const messages = world.of(channelId).map((each) => decoded(each, GUILD));
  return showPage(state, channelId, { messages, hasOlder: false, hasNewer: false }, null);
}

/** What must be the same however one came there. */
function essence(state: State) {
  const { guilds, guildOrder, channels, roles, members, messages, timelines } = state;
  const of = (record: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(record).sort());
  const listed = [...(state.channelsOf[GUILD] ?? [])].sort();
  const named = Object.fromEntries(
    Object.entries(channels).map(([id, each]) => [id, { ...each, lastMessageId: null }]),
  );
  const people = Object.fromEntries(Object.entries(members).map(([id, all]) => [id, of(all)]));
  const said = Object.fromEntries(
    Object.entries(messages).map(([id, all]) => [
      id,
      Object.values(all).map((each) => ({ ...each, guildId: null })),
    ]),
  );
  const ids = Object.fromEntries(Object.entries(timelines).map(([id, each]) => [id, each.ids]));
  return {
    guilds: of(guilds),
    guildOrder,
    named: of(named),
    listed,
    roles: of(roles),
    people,
    said: of(said),
    ids: of(ids),
  };
}

test("the same events, whatever connection they came by, make the same state", () => {
  fc.assert(
    fc.property(script, (steps) => {
      const world = new World();
      let steady = world.beginning().reduce(apply, initialState());
      steady = withHistory(steady, world, "300");
      let broken = steady;
      /** What was sent since and may be replayed. */
      let recent: Event[] = [];
      for (const step of steps) {
        const event = world.do(step);
        if (event !== null) {
          steady = apply(steady, event);
          recent.push(event);
        }
        if (step.after === "none") {
          broken = recent.reduce(apply, broken);
          recent = [];
        } else if (step.after === "anew") {
          broken = world.beginning().reduce(apply, broken);
          if ("300" in broken.timelines) broken = withHistory(broken, world, "300");
          recent = [];
        }
        // "resume": the events wait at the program, and come with the next that goes through.
      }
      broken = recent.reduce(apply, broken);
      expect(essence(broken)).toEqual(essence(steady));
    }),
    { numRuns: 300 },
  );
});

test("what is shown is what the program holds", () => {
  fc.assert(
    fc.property(script, (steps) => {
      const world = new World();
      let state = withHistory(world.beginning().reduce(apply, initialState()), world, "300");
      for (const step of steps) {
        const event = world.do(step);
        if (event !== null) state = apply(state, event);
      }
      if (!world.channels.has("300")) {
        expect(state.timelines["300"]).toBeUndefined();
        return;
      }
      expect(state.timelines["300"]?.ids).toEqual(world.of("300").map((each) => each.id));
      for (const each of world.of("300")) {
        expect(state.messages["300"]?.[each.id]).toMatchObject({
          content: each.content,
          reactions: (each.reactions ?? []).map(({ count }) => ({ emoji: "🦀", count, mine: false })),
        });
      }
    }),
  );
});

test("a window holds no more than it may, and no message that it does not show", () => {
  const world = new World();
  let state = withHistory(world.beginning().reduce(apply, initialState()), world, "300");
  for (let count = 0; count < WINDOW_MAX + 50; count += 1) {
    const event = world.do({ what: "say", pick: 0 });
    if (event !== null) state = apply(state, event);
  }
  expect(state.timelines["300"]?.ids).toHaveLength(WINDOW_MAX);
  expect(Object.keys(state.messages["300"] ?? {})).toHaveLength(WINDOW_MAX);
  expect(state.timelines["300"]).toMatchObject({ hasOlder: true, hasNewer: false });
  expect(state.timelines["300"]?.ids.at(-1)).toBe(world.of("300").at(-1)?.id);
});

test("an answer to a message that is deleted no longer quotes it", () => {
  const world = new World();
  let state = withHistory(world.beginning().reduce(apply, initialState()), world, "300");
  const asked = message("5001", "300", "1002", { content: "a question" });
  const reference = {
    message_reference: { message_id: "5001", channel_id: "300" },
    referenced_message: asked,
  };
  const answer = message("5002", "300", ME, { type: 19, ...reference });
  for (const d of [asked, answer]) state = apply(state, { t: "MESSAGE_CREATE", d });
  expect(state.messages["300"]?.["5002"]?.answers).toMatchObject({ authorId: "1002", content: "a question" });
  state = apply(state, { t: "MESSAGE_DELETE", d: { id: "5001", channel_id: "300" } });
  expect(state.messages["300"]?.["5002"]?.answers).toEqual({
    messageId: "5001",
    channelId: "300",
    authorId: null,
    content: "",
  });
});

test("what a followed channel gave names its message and answers nothing: it was shown as an answer to something deleted", () => {
  const world = new World();
  const state = withHistory(world.beginning().reduce(apply, initialState()), world, "300");
  const reference = { message_reference: { type: 0, message_id: "9001", channel_id: "900", guild_id: "90" } };
  const d = message("5001", "300", "1002", { content: "we are open", flags: 2, ...reference });
  expect(apply(state, { t: "MESSAGE_CREATE", d }).messages["300"]?.["5001"]?.answers).toBe(null);
});

test("a message that authority takes away is told of with its words", () => {
  const world = new World();
  let state = withHistory(world.beginning().reduce(apply, initialState()), world, "300");
  state = apply(state, { t: "MESSAGE_CREATE", d: message("5001", "300", ME, { content: "long and dear" }) });
  state = apply(state, { t: "MESSAGE_DELETE", d: { id: "5001", channel_id: "300" } });
  state = apply(state, { t: "NEXUS_MESSAGE_VOID", d: { id: "5001", channel_id: "300", reason: "removed" } });
  expect(state.voids).toEqual([
    { messageId: "5001", channelId: "300", reason: "removed", content: "long and dear" },
  ]);
});

test("an act that came to nothing is told, until it is put away", () => {
  const d = { guild_id: "200", op: "ab".repeat(32), action: "Ban", reason: "removed" } as const;
  let state = apply(initialState(), { t: "NEXUS_ACTION_VOID", d });
  state = apply(state, { t: "NEXUS_ACTION_VOID", d });
  expect(state.voids).toEqual([
    { messageId: d.op, channelId: "", reason: "removed", content: null, action: "Ban" },
  ]);
});

test("one's own reaction counts once, though it is on the screen before the event", () => {
  const world = new World();
  let state = withHistory(world.beginning().reduce(apply, initialState()), world, "300");
  state = apply(state, { t: "MESSAGE_CREATE", d: message("5001", "300", "1002") });
  const reaction = { user_id: ME, channel_id: "300", message_id: "5001", emoji: { id: null, name: "🦀" } };
  for (let twice = 0; twice < 2; twice += 1) state = apply(state, { t: "MESSAGE_REACTION_ADD", d: reaction });
  expect(state.messages["300"]?.["5001"]?.reactions).toEqual([{ emoji: "🦀", count: 1, mine: true }]);
  // An edit is drawn for nobody in particular, and does not say whose reactions they are.
  const reactions = [{ emoji: { id: null, name: "🦀" }, count: 1, me: false }];
  state = apply(state, {
    t: "MESSAGE_UPDATE",
    d: message("5001", "300", "1002", { content: "x", reactions }),
  });
  expect(state.messages["300"]?.["5001"]?.reactions[0]?.mine).toBe(true);
  state = apply(state, { t: "MESSAGE_REACTION_REMOVE", d: reaction });
  expect(state.messages["300"]?.["5001"]?.reactions).toEqual([]);
});

test("somebody is contested from the event that says so until the one that does not", () => {
  const begun = new World().beginning().reduce(apply, initialState());
  expect(contestedMembers(begun, GUILD)).toEqual([]);
  const update = (nexus: { nexus?: { contested: true } }) => {
    const fields = member("1002", ["700"]);
    return {
      t: "GUILD_MEMBER_UPDATE",
      d: { ...fields, user: { ...user("1002"), ...nexus }, guild_id: GUILD },
    } as const;
  };
  const contested = apply(begun, update({ nexus: { contested: true } }));
  expect(contestedMembers(contested, GUILD)).toEqual(["1002"]);
  expect(contestedMembers(apply(contested, update({})), GUILD)).toEqual([]);
});
