/** A guild that does not exist, and a client that asks nobody: what the gallery draws with. */

import {
  type Actions,
  type Channel,
  type ChannelKind,
  type Client,
  type Door,
  EMPTY_TIMELINE,
  type GuildEmoji,
  type GuildEvent,
  idAt,
  initialState,
  type Message,
  type NewFile,
  type Pending,
  Permission,
  type Role,
  type State,
  type ThreadFacts,
  type User,
} from "@nexus/core";
import { createStore } from "zustand/vanilla";

export const GUILD = "1000";
export const GENERAL = "2000";
export const QUIET = "2001";
export const LOCKED = "2003";
/** A thread that was made from the first message. */
export const THREAD = idAt(Date.UTC(2026, 10, 23, 11, 1));
export const FORUM = "2006";
export const MEDIA = "2007";
/** A conversation of several. */
export const GROUP = "3001";
export const ME = "1";
const NOW = Date.UTC(2026, 10, 23, 12);
const LONG = "a-name-that-somebody-made-as-long-as-they-were-allowed-to";

const PEOPLE: readonly (readonly [string, string, boolean])[] = [
  ["1", "Ada", false],
  ["2", "Tomas", false],
  ["3", "Yuki", false],
  ["4", "Clerk", true],
  ["5", LONG, false],
  ["6", "‏מירה כהן", false],
];

export function sample(change: Partial<State> = {}): State {
  const channels = [
    channel("1999", "The boat", { kind: "category" }),
    channel(GENERAL, "general", { parentId: "1999", topic: "Everything about the boat." }),
    channel(QUIET, "engine-room", { parentId: "1999", position: 1 }),
    channel("2002", LONG, { parentId: "1999", position: 2 }),
    channel(LOCKED, "officers", { position: 3, overwrites: [HIDDEN] }),
    channel("2004", "logbook", { kind: "announcement", position: 4 }),
    channel("2005", "Deck", { kind: "voice", position: 5 }),
    channel(FORUM, "workshop", {
      kind: "forum",
      position: 6,
      forum: { tags: TAGS, tagRequired: true, gallery: false },
    }),
    channel(MEDIA, "photographs", {
      kind: "media",
      position: 7,
      forum: { tags: TAGS, tagRequired: false, gallery: true },
    }),
  ];
  const threads = [
    thread(THREAD, "The mast, measured again", {}),
    thread("2101", LONG, { archived: true, locked: true, followed: true }),
    thread("2102", "Officers only", { private: true, followed: false }),
    thread("2103", "Varnish or oil?", { tags: ["1", "2"], pinned: true }, FORUM),
    thread("2104", LONG, { archived: true, tags: ["2"] }, FORUM),
  ];
  const group = channel(GROUP, "Trip", {
    kind: "conversation",
    guildId: null,
    recipients: ["2", "3"],
    headId: "1",
  });
  const direct = channel("3000", "", { kind: "conversation", guildId: null, recipients: ["2"] });
  return {
    ...initialState(),
    session: { phase: "ready", since: NOW },
    door: { ...initialState().door, kind: "node", peers: 2, outbox: 0 },
    me: ME,
    users: Object.fromEntries(PEOPLE.map(([id, name, bot]) => [id, user(id, name, bot)])),
    guilds: {
      [GUILD]: guild(GUILD, "Good Boat Anna"),
      1001: guild("1001", "Rust"),
      1002: guild("1002", LONG),
    },
    guildOrder: [GUILD, "1001", "1002"],
    channels: Object.fromEntries([...channels, ...threads, direct, group].map((each) => [each.id, each])),
    channelsOf: { [GUILD]: channels.map((each) => each.id), 1001: [], 1002: [] },
    threadsOf: { [GUILD]: threads.map((each) => each.id) },
    followed: { [THREAD]: GUILD, 2101: GUILD },
    privateChannels: [direct.id, group.id],
    roles: {
      [GUILD]: {
        [GUILD]: role(GUILD, "@everyone", 0, { permissions: EVERYONE }),
        40: role("40", "Skipper", 2, { color: 0xc27c0e, hoist: true, permissions: Permission.ADMINISTRATOR }),
        41: role("41", "Shipwright", 1, { color: 0x1abc9c }),
      },
    },
    events: { [GUILD]: Object.fromEntries(EVENTS.map((each) => [each.id, each])) },
    emoji: Object.fromEntries(EMOJI.map((each) => [each.id, each])),
    captions: { 2005: "Planning the refit" },
    emojiOf: { [GUILD]: EMOJI.map((each) => each.id) },
    members: {
      [GUILD]: Object.fromEntries(
        PEOPLE.map(([id], at) => [
          id,
          {
            userId: id,
            guildId: GUILD,
            nick: null,
            roles: at < 2 ? ["40"] : at === 2 ? ["41"] : [],
            joinedAt: NOW,
          },
        ]),
      ),
    },
    presences: {
      1: { status: "online", activities: [] },
      2: { status: "idle", activities: [{ name: "Custom", type: 4, state: "mending sails" }] },
      3: { status: "dnd", activities: [] },
    },
    reads: { [QUIET]: { upTo: "1", mentions: 3, divider: null } },
    ...change,
  };
}

const EVENT: GuildEvent = {
  id: "60",
  guildId: GUILD,
  channelId: null,
  location: "On the quay",
  creatorId: "2",
  name: "Launching",
  description: "Bring *gloves*.",
  startsAt: Date.UTC(2100, 4, 1, 9),
  endsAt: Date.UTC(2100, 4, 1, 12),
  status: "scheduled",
  interested: 4,
  mine: true,
};
const EVENTS: readonly GuildEvent[] = [
  EVENT,
  { ...EVENT, id: "61", name: LONG, location: LONG, description: null, mine: false, interested: null },
  {
    ...EVENT,
    id: "62",
    name: "Talk on rope",
    channelId: "2005",
    location: null,
    endsAt: null,
    status: "active",
  },
  { ...EVENT, id: "63", name: "Scraping the hull", startsAt: NOW, endsAt: null },
  { ...EVENT, id: "64", name: "Winter sail", status: "called_off" },
  { ...EVENT, id: "65", name: "Mast day", status: "over" },
];

/** Their pictures are on no program: they are shown by their names. */
const EMOJI: readonly GuildEmoji[] = [
  { id: "50", guildId: GUILD, name: "anchor", animated: false, path: "/files/0/anchor.png", roles: [] },
  { id: "51", guildId: GUILD, name: "a_name_as_long_as_they_allow_it_", animated: true, path: "", roles: [] },
];

const TAGS = [
  { id: "1", name: "Wood", moderated: false, emoji: "🌲" },
  { id: "2", name: LONG, moderated: true, emoji: null },
];

const EVERYONE =
  Permission.VIEW_CHANNEL |
  Permission.SEND_MESSAGES |
  Permission.READ_MESSAGE_HISTORY |
  Permission.ADD_REACTIONS |
  Permission.CREATE_PUBLIC_THREADS |
  Permission.SEND_MESSAGES_IN_THREADS |
  Permission.CREATE_INSTANT_INVITE;
const HIDDEN = { id: GUILD, of: "role", allow: 0n, deny: Permission.VIEW_CHANNEL } as const;

/** A node or relay that stands as told. */
export function door(change: Partial<Door>): Partial<State> {
  return { door: { ...initialState().door, kind: "node", peers: 0, outbox: 0, ...change } };
}

export function message(number: number, change: Partial<Message> = {}): Message {
  const at = NOW - 3_600_000 + number * 60_000;
  return {
    id: idAt(at),
    channelId: GENERAL,
    guildId: GUILD,
    authorId: "2",
    kind: "plain",
    content: "I measured the mast again. It is *12.4 m*, not 12.8: the **old plan** is wrong.",
    at,
    editedAt: null,
    pinned: false,
    mentions: [],
    mentionRoles: [],
    mentionEveryone: false,
    reactions: [],
    embeds: [],
    attachments: [],
    answers: null,
    forwarded: null,
    movedFrom: null,
    brought: null,
    poll: null,
    nonce: null,
    late: false,
    unreadable: false,
    ...change,
  };
}

export function pending(change: Partial<Pending>): Pending {
  return {
    nonce: "n",
    channelId: GENERAL,
    content: "I will be on the quay at six.",
    answers: null,
    mentionAnswered: false,
    at: NOW,
    state: "queued",
    reason: null,
    uncertain: false,
    after: null,
    ...change,
  };
}

export function newFile(key: string, change: Partial<NewFile> = {}): NewFile {
  const kind = "image/jpeg";
  return { key, name: "mast.jpg", kind, size: 1_530_000, about: "", spoiler: false, kept: true, ...change };
}

/** A channel that holds these. */
export function holding(messages: readonly Message[], change: Partial<State> = {}): State {
  return sample({
    timelines: {
      [GENERAL]: { ...EMPTY_TIMELINE, ids: messages.map(({ id }) => id), hasOlder: false, hasNewer: false },
    },
    messages: { [GENERAL]: Object.fromEntries(messages.map((each) => [each.id, each])) },
    openChannel: GENERAL,
    ...change,
  });
}

/** Whatever is asked for is never answered. */
export function still(state: State): Client {
  const never = () => new Promise<never>(() => {});
  const actions = new Proxy({}, { get: () => never }) as Actions;
  const nothing = () => Promise.resolve();
  return { store: createStore(() => state), actions, start: nothing, stop: nothing, keep: () => {} };
}

function user(id: string, displayName: string, bot: boolean): User {
  return { id, username: displayName.toLowerCase(), displayName, bot, contested: false };
}

function guild(id: string, name: string) {
  return {
    id,
    name,
    description: "People who sail one boat.",
    ownerId: ME,
    retention: null,
    systemChannelId: null,
    joinedAt: NOW,
    memberCount: PEOPLE.length,
    large: false,
  };
}

function channel(
  id: string,
  name: string,
  change: Partial<Channel> & { readonly kind?: ChannelKind },
): Channel {
  return {
    id,
    kind: "text",
    guildId: GUILD,
    name,
    topic: null,
    position: 0,
    parentId: null,
    nsfw: false,
    slowmode: 0,
    retention: null,
    overwrites: [],
    lastMessageId: id === QUIET ? idAt(NOW) : null,
    recipients: [],
    thread: null,
    forum: null,
    ...change,
  };
}

export function thread(id: string, name: string, facts: Partial<ThreadFacts>, parentId = GENERAL): Channel {
  const whole: ThreadFacts = {
    ownerId: "2",
    private: false,
    archived: false,
    archivedAt: NOW,
    locked: false,
    messageCount: 12,
    memberCount: 3,
    followed: true,
    pinned: false,
    tags: [],
    ...facts,
  };
  return channel(id, name, { kind: "thread", parentId, lastMessageId: idAt(NOW), thread: whole });
}

function role(id: string, name: string, position: number, change: Partial<Role>): Role {
  return {
    id,
    guildId: GUILD,
    name,
    color: 0,
    hoist: false,
    position,
    permissions: 0n,
    mentionable: true,
    managed: false,
    ...change,
  };
}
