import type { Provider } from "../model/account.ts";
import type {
  Channel,
  Guild,
  GuildEmoji,
  GuildEvent,
  Id,
  Invite,
  Member,
  Message,
  Millis,
  Presence,
  Role,
  User,
} from "../model/entities.ts";
import type { NewFile } from "../model/files.ts";
import type { Made, NewForward, NewPoll } from "../model/made.ts";
import type { Failure } from "../model/outcome.ts";

/** Everything a client knows. Never changed in place: a part that changed is another object, the rest are the same. */
export interface State {
  readonly session: Session;
  readonly door: Door;
  /** Who one is; none while signed out. */
  readonly me: Id | null;
  readonly users: ById<User>;
  readonly guilds: ById<Guild>;
  /** In the order they are shown. */
  readonly guildOrder: readonly Id[];
  readonly channels: ById<Channel>;
  /** By guild: all of its channels, categories too, unsorted. See `channelTree`. */
  readonly channelsOf: ById<readonly Id[]>;
  /** By guild: the threads that are known here, unsorted: those that are not put away, and those that were looked at. */
  readonly threadsOf: ById<readonly Id[]>;
  /** Threads that one follows, with their guild: until one has seen that they were put away, they stay in sight. */
  readonly followed: ById<Id>;
  /** Conversations, unsorted. See `conversations`. */
  readonly privateChannels: readonly Id[];
  /** By guild, then by role. The role that everybody has carries the guild's id. */
  readonly roles: ById<ById<Role>>;
  /** By guild, then by id: what is looked forward to, and what was called off or ended since the last start. */
  readonly events: ById<ById<GuildEvent>>;
  /** Every guild's own, by id. */
  readonly emoji: ById<GuildEmoji>;
  /** By guild: its own, the oldest first. */
  readonly emojiOf: ById<readonly Id[]>;
  /** By guild, then by user. In a large guild not everybody. */
  readonly members: ById<ById<Member>>;
  readonly presences: ById<Presence>;
  /** By channel, then by user: until when they count as writing. */
  readonly typing: ById<ById<Millis>>;
  /** By voice channel: what it is about. No entry where that is nothing, or was not asked for. */
  readonly captions: ById<string>;
  /** By channel. Only channels that were opened, and of those the last few. */
  readonly timelines: ById<Timeline>;
  /** By channel, then by id: what the channel's timeline shows. */
  readonly messages: ById<ById<Message>>;
  /** By channel: pinned messages, newest first, once they were asked for. */
  readonly pins: ById<readonly Message[]>;
  /** By channel: what was written here and is not in the channel yet, in the order it was written. */
  readonly pending: ById<readonly Pending[]>;
  /** By nonce of what is on its way with files: how much of it is out, from 0 to 1. */
  readonly uploads: Readonly<Record<string, number>>;
  /** By channel: files for what is being written. No entry where there are none. */
  readonly trays: ById<readonly NewFile[]>;
  /** By channel: what is being written. No entry where there is nothing. */
  readonly drafts: ById<string>;
  /** .. and where the program has not been told yet; an empty one was sent, or taken back. */
  readonly draftsToTell: ById<string>;
  /** By channel: how far one has read. */
  readonly reads: ById<Read>;
  /** .. and where the program has not been told yet. */
  readonly readsToTell: ById<ReadToTell>;
  /** One's own messages that count no more, because authority took them away; the latest last, until dismissed. */
  readonly voids: readonly Void[];
  /** Places that one is in no more, or that are no more; the latest last. */
  readonly gone: readonly Gone[];
  /** Guilds, conversations and channels that one is about to leave or delete oneself. */
  readonly leaving: readonly Id[];
  /** What was to be said in places that are gone; until dismissed. */
  readonly unsaid: readonly Unsaid[];
  /** By code, as far as they were looked at. */
  readonly invites: Readonly<Record<string, Invite>>;
  /** Messages that were moved while one was here; the latest last, so many of them as are moved at once. */
  readonly moved: readonly Moved[];
  /** The last message of one's own that was deleted. Why may follow. */
  readonly lastGone: Message | null;
  /** Messages of one's own that no other program has yet, by channel; the newest of them. */
  readonly queued: ById<readonly Id[]>;
  /** Messages of `voids` that the person has put away, the oldest first. */
  readonly dismissed: readonly Id[];
  /** The channel that is on the screen. */
  readonly openChannel: Id | null;
  /** The thread that is open beside it. */
  readonly openThread: Id | null;
}

export type ById<T> = Readonly<Record<Id, T>>;

/** How the client stands to its program. */
export type Session =
  /** What was kept from last time is being read. */
  | { readonly phase: "starting" }
  | { readonly phase: "signed_out"; readonly why: "new" | "by_choice" | "ended" }
  /** Signed in, and nothing was heard of the state yet. */
  | { readonly phase: "connecting"; readonly since: Millis; readonly attempt: number }
  | { readonly phase: "ready"; readonly since: Millis }
  /** The connection broke; what was missed will follow. */
  | { readonly phase: "resuming"; readonly since: Millis; readonly attempt: number }
  /** Tried in vain; next at `retryAt`. What is on the screen is from before. */
  | { readonly phase: "offline"; readonly since: Millis; readonly attempt: number; readonly retryAt: Millis };

/** What kind of program serves this client, as it says itself. */
export interface Door {
  readonly kind: "unknown" | "node" | "relay";
  readonly name: string | null;
  readonly version: string | null;
  /** Whether one may make an account here. */
  readonly registers: boolean;
  /** Whether that takes an invite to the relay. */
  readonly invited: boolean;
  /** Whether who has forgotten a password is sent a mail. */
  readonly mails: boolean;
  /** At whom else one signs in. */
  readonly providers: readonly Provider[];
  /** Milliseconds from a heartbeat to its answer; none before the first. */
  readonly latency: number | null;
  /** Other programs it is linked to, where it tells. */
  readonly peers: number | null;
  /** What was written there and nobody else has yet, where it tells. */
  readonly outbox: number | null;
  /** The relays it uses, where it tells. */
  readonly relays: readonly RelayLink[];
  /** Whether what others hold is still coming. */
  readonly syncing: boolean;
}

/** A relay that a node uses. */
export interface RelayLink {
  readonly url: string;
  readonly state: "connected" | "connecting" | "failing";
  /** By what the link goes; null while there is none. */
  readonly road: "quic" | "tcp" | "websocket" | null;
}

export type Loading = "no" | "first" | "older" | "newer" | "around";

/** A window onto a channel's history: ascending, without holes between its ends. */
export interface Timeline {
  readonly ids: readonly Id[];
  readonly hasOlder: boolean;
  /** False: the window's end is the present, and new messages are added. True: it shows the past ("detached"). */
  readonly hasNewer: boolean;
  readonly loading: Loading;
  /** Why the last loading failed. */
  readonly error: Failure | null;
  /** The message that was jumped to. */
  readonly focus: Id | null;
}

export interface Pending {
  readonly nonce: string;
  /** Where it goes; of an event its guild. */
  readonly channelId: Id;
  readonly content: string;
  readonly answers: Id | null;
  readonly mentionAnswered: boolean;
  readonly at: Millis;
  /** `queued` waits for a connection or its turn; `failed` waits for the person: retry or discard. */
  readonly state: "queued" | "sending" | "failed";
  readonly reason: Failure | null;
  /** It was handed over and nobody answered: it may have arrived. */
  readonly uncertain: boolean;
  /** The newest message of the channel when it was first handed over: if it arrived, then after this. */
  readonly after: Id | null;
  /** Files that go with it; absent where there are none. */
  readonly files?: readonly NewFile[];
  /** What it asks; absent where it asks nothing. */
  readonly poll?: NewPoll;
  /** What it passes on; absent where it passes on nothing. */
  readonly forwards?: NewForward;
  /** What it is, where it is no message. */
  readonly makes?: Made;
}

/** A message, or an act of governance, of one's own that the guild's rules took away. */
export interface Void {
  /** The message; of an act the op that it was. */
  readonly messageId: Id;
  /** Its channel; empty for an act. */
  readonly channelId: Id;
  /** The rule's name: `no_permission`, `removed`, `beyond_cut`, … */
  readonly reason: string;
  /** The kind of an act, as in `Ban`; absent for a message. */
  readonly action?: string;
  /** What it said, where that is still known: so that nothing that was written is lost. */
  readonly content: string | null;
}

/** A place that one was in, and is not any more. */
export interface Gone {
  readonly id: Id;
  readonly kind: "guild" | "conversation" | "channel" | "thread";
  /** As it was called last; of a channel with its sign. */
  readonly name: string;
  readonly guildId: Id | null;
  readonly parentId: Id | null;
  /** `closed`: it is there, and not for oneself; `unknown`: nobody said why, one was away. */
  readonly how: "deleted" | "out" | "closed" | "unknown";
}

/** A message that is no longer where it was. */
export interface Moved {
  readonly messageId: Id;
  /** The channel, or the thread, that it is in now. */
  readonly to: Id;
  /** As it stood where it was, if that was loaded: what an event cannot say of it is known from there. */
  readonly before: Message | null;
}

/** What was being written, or waited, in a channel that is gone. */
export interface Unsaid {
  readonly channelId: Id;
  /** As it was called; null where that is not known. */
  readonly place: string | null;
  readonly text: string;
  /** How many files waited with it. */
  readonly files: number;
}

export interface Read {
  /** Everything up to this id was read. */
  readonly upTo: Id | null;
  /** Unread messages that mention one. */
  readonly mentions: number;
  /** Where "new" begins on the screen: set when the channel is opened, kept until it is left. */
  readonly divider: Id | null;
}

export interface ReadToTell {
  /** A message of the channel. */
  readonly upTo: Id;
  /** It was read further, and marked as unread: what another device has read does not undo that. */
  readonly back: boolean;
}

export const EMPTY_TIMELINE: Timeline = {
  ids: [],
  hasOlder: true,
  hasNewer: false,
  loading: "no",
  error: null,
  focus: null,
};

export const UNKNOWN_DOOR: Door = {
  kind: "unknown",
  name: null,
  version: null,
  registers: false,
  invited: false,
  mails: false,
  providers: [],
  latency: null,
  peers: null,
  outbox: null,
  relays: [],
  syncing: false,
};

/** The state before anything is known. */
export function initialState(): State {
  return {
    session: { phase: "starting" },
    door: UNKNOWN_DOOR,
    ...nobody(),
    invites: {},
  };
}

/** What is known of and for an account, before anything is. */
export function nobody(): Omit<State, "session" | "door" | "invites"> {
  return {
    me: null,
    users: {},
    guilds: {},
    guildOrder: [],
    channels: {},
    channelsOf: {},
    threadsOf: {},
    followed: {},
    privateChannels: [],
    roles: {},
    events: {},
    emoji: {},
    emojiOf: {},
    members: {},
    presences: {},
    typing: {},
    captions: {},
    timelines: {},
    messages: {},
    pins: {},
    pending: {},
    uploads: {},
    trays: {},
    drafts: {},
    draftsToTell: {},
    reads: {},
    readsToTell: {},
    voids: [],
    gone: [],
    leaving: [],
    unsaid: [],
    moved: [],
    lastGone: null,
    queued: {},
    dismissed: [],
    openChannel: null,
    openThread: null,
  };
}
