/**
 * The things a client shows, normalised: each is kept once, by its id, and refers to others by theirs.
 * Ids are Discord's snowflakes as decimal text, never numbers: they have more digits than a double holds.
 */

/** A snowflake: decimal digits. Compare with {@link compareIds}, not with `<`. */
export type Id = string;

/** A point of time, Unix milliseconds. */
export type Millis = number;

export interface User {
  readonly id: Id;
  /** The name of the account. */
  readonly username: string;
  /** What is shown for them where no nickname is set. */
  readonly displayName: string;
  readonly bot: boolean;
  /** Somebody else signs as them, too, with a key that was handed over. */
  readonly contested: boolean;
}

export interface Guild {
  readonly id: Id;
  readonly name: string;
  readonly description: string | null;
  readonly ownerId: Id;
  /** Days that messages are kept in channels without a word of their own, 0 for ever; none: nobody said. */
  readonly retention: number | null;
  readonly systemChannelId: Id | null;
  readonly joinedAt: Millis;
  /** How many there are, whether or not all of them are known here. */
  readonly memberCount: number;
  /** Not all members were sent at once: ask for the others with {@link Actions.loadMembers}. */
  readonly large: boolean;
}

export type ChannelKind =
  | "text"
  | "voice"
  | "category"
  | "announcement"
  | "forum"
  | "media"
  | "thread"
  | "conversation"
  | "group";

/** What only a thread has. It is a channel below another one; of a forum or a media channel it is a post. */
export interface ThreadFacts {
  readonly ownerId: Id;
  /** Only who was brought in, and who manages threads, sees it. */
  readonly private: boolean;
  /** Put away: whoever writes in it takes it out again. */
  readonly archived: boolean;
  readonly archivedAt: Millis;
  /** Only who manages threads writes in it, or takes it out. */
  readonly locked: boolean;
  readonly messageCount: number;
  readonly memberCount: number;
  /** Whether oneself follows it. */
  readonly followed: boolean;
  /** Of a post: shown before the others. */
  readonly pinned: boolean;
  /** Of a post: ids of the forum's tags. */
  readonly tags: readonly Id[];
}

export interface ForumTag {
  readonly id: Id;
  readonly name: string;
  /** Given only by who manages threads. */
  readonly moderated: boolean;
  /** None, or one of Unicode. */
  readonly emoji: string | null;
}

/** What only a channel of posts has: see {@link holdsPosts}. */
export interface ForumFacts {
  readonly tags: readonly ForumTag[];
  /** A post without a tag is not taken. */
  readonly tagRequired: boolean;
  /** Its posts are shown by their pictures: of a media channel always, of a forum where whoever keeps it chose so. */
  readonly gallery: boolean;
}

export interface Overwrite {
  readonly id: Id;
  readonly of: "role" | "member";
  readonly allow: bigint;
  readonly deny: bigint;
}

export interface Channel {
  readonly id: Id;
  readonly kind: ChannelKind;
  /** None for a conversation. */
  readonly guildId: Id | null;
  /** Empty for a conversation: it is named after the people in it, see {@link channelName}. */
  readonly name: string;
  readonly topic: string | null;
  readonly position: number;
  readonly parentId: Id | null;
  readonly nsfw: boolean;
  /** Seconds between two messages of one member; 0 is none. */
  readonly slowmode: number;
  /** Days that messages are kept by its own word, 0 for ever; none: as in the guild. See {@link keptDays}. */
  readonly retention: number | null;
  readonly overwrites: readonly Overwrite[];
  /** The newest message known to be in it; what counts as unread is measured against it. */
  readonly lastMessageId: Id | null;
  /** The others in a conversation; empty in a guild. */
  readonly recipients: readonly Id[];
  /** Of a conversation of several only: who heads it. */
  readonly headId?: Id;
  /** Of a thread only. Its `parentId` is the channel that it hangs on. */
  readonly thread: ThreadFacts | null;
  /** Of a forum or a media channel only. */
  readonly forum: ForumFacts | null;
}

export type EventStatus = "scheduled" | "active" | "over" | "called_off";

/** Something that a guild looks forward to. Its status is somebody's word: no clock begins or ends it. */
export interface GuildEvent {
  readonly id: Id;
  readonly guildId: Id;
  /** The voice channel where it takes place; none: elsewhere. */
  readonly channelId: Id | null;
  /** Where it takes place, in words; of one in a voice channel none. */
  readonly location: string | null;
  readonly creatorId: Id | null;
  readonly name: string;
  readonly description: string | null;
  readonly startsAt: Millis;
  readonly endsAt: Millis | null;
  readonly status: EventStatus;
  /** How many look forward to it; none: not asked yet, see {@link Actions.loadEvents}. */
  readonly interested: number | null;
  /** Whether oneself does. */
  readonly mine: boolean;
}

export interface Role {
  readonly id: Id;
  readonly guildId: Id;
  readonly name: string;
  /** 0xRRGGBB; 0 is none. */
  readonly color: number;
  /** Its members are listed apart. */
  readonly hoist: boolean;
  readonly position: number;
  readonly permissions: bigint;
  readonly mentionable: boolean;
  /** Belongs to a bot, and is not given by hand. */
  readonly managed: boolean;
}

export interface Member {
  readonly userId: Id;
  readonly guildId: Id;
  readonly nick: string | null;
  /** Without the role that everybody has. */
  readonly roles: readonly Id[];
  readonly joinedAt: Millis | null;
}

export type Status = "online" | "idle" | "dnd" | "offline";

export interface Activity {
  readonly name: string;
  /** Discord's number: 0 playing, 2 listening, 3 watching, 4 custom. */
  readonly type: number;
  readonly state: string | null;
}

export interface Presence {
  readonly status: Status;
  readonly activities: readonly Activity[];
}

export interface Reaction {
  /** The emoji itself, or `name:id` of a custom one: what {@link Actions.react} takes. */
  readonly emoji: string;
  readonly count: number;
  readonly mine: boolean;
}

/** A guild's own emoji. */
export interface GuildEmoji {
  readonly id: Id;
  readonly guildId: Id;
  readonly name: string;
  readonly animated: boolean;
  /** Where its picture is, below the address of the program where it was made. */
  readonly path: string;
  /** Only members with one of these may use it; empty: everybody. */
  readonly roles: readonly Id[];
}

export interface EmbedField {
  readonly name: string;
  readonly value: string;
  readonly inline: boolean;
}

/** A card in a message. Its pictures are addresses of third parties: show them as links only. */
export interface Embed {
  readonly title: string | null;
  readonly description: string | null;
  readonly url: string | null;
  /** 0xRRGGBB. */
  readonly color: number | null;
  readonly author: { readonly name: string; readonly url: string | null } | null;
  readonly footer: string | null;
  readonly timestamp: Millis | null;
  readonly fields: readonly EmbedField[];
  readonly imageUrl: string | null;
  readonly thumbnailUrl: string | null;
}

export interface Attachment {
  readonly id: Id;
  readonly filename: string;
  /** Bytes. */
  readonly size: number;
  readonly url: string;
  readonly contentType: string | null;
  /** What it shows, in its sender's words. */
  readonly about: string | null;
  readonly width: number | null;
  readonly height: number | null;
}

/** The message that another one answers, as much of it as is shown above the answer. */
export interface Answered {
  readonly messageId: Id;
  /** Where it is now: it may have been moved away from its answer. */
  readonly channelId: Id;
  /** None where it was deleted or cannot be read. */
  readonly authorId: Id | null;
  readonly content: string;
}

export interface PollAnswer {
  readonly id: number;
  readonly text: string;
  /** The emoji itself, or `name:id` of a custom one. */
  readonly emoji: string | null;
}

/** What a message asks, and what was answered so far. */
export interface Poll {
  readonly question: string;
  readonly answers: readonly PollAnswer[];
  readonly endsAt: Millis;
  /** One may give several answers. */
  readonly multiple: boolean;
  /** By answer: how many gave it. */
  readonly counts: Readonly<Record<number, number>>;
  /** One's own ballot. */
  readonly mine: readonly number[];
  /** It was ended; or its time was over when it was read. */
  readonly final: boolean;
}

/** What a message says, whoever said it first. */
export interface Said {
  /** Discord's flavour of markdown: see `markdown`. */
  readonly content: string;
  readonly editedAt: Millis | null;
  readonly embeds: readonly Embed[];
  readonly attachments: readonly Attachment[];
}

/** What was said elsewhere and is passed on, as it stood then; and where, as far as that is known here. */
export interface Forwarded extends Said {
  readonly channelId: Id | null;
  readonly guildId: Id | null;
  /** None where the program does not hold it. */
  readonly messageId: Id | null;
  /** When it was said. */
  readonly at: Millis;
}

export type MessageKind =
  | "plain"
  | "reply"
  | "joined"
  | "pinned"
  | "added"
  | "removed"
  | "named"
  /** Tells in a thread that messages were moved into it. */
  | "brought"
  | "other";

/** How many messages somebody moved into a thread, and the channel they are from. */
export interface Brought {
  readonly from: Id;
  readonly count: number;
}

export interface Message extends Said {
  readonly id: Id;
  readonly channelId: Id;
  readonly guildId: Id | null;
  readonly authorId: Id;
  readonly kind: MessageKind;
  readonly at: Millis;
  readonly pinned: boolean;
  readonly mentions: readonly Id[];
  readonly mentionRoles: readonly Id[];
  readonly mentionEveryone: boolean;
  readonly reactions: readonly Reaction[];
  readonly answers: Answered | null;
  /** What it passes on; then it says nothing itself. See `said`. */
  readonly forwarded: Forwarded | null;
  /** The channel it was written in, where it was moved from there into the thread it is in now. */
  readonly movedFrom: Id | null;
  /** What a message of that kind tells. */
  readonly brought: Brought | null;
  readonly poll: Poll | null;
  /** What its sender called it before it had an id. */
  readonly nonce: string | null;
  /** It came long after it was written: `at` is when its author says it was. */
  readonly late: boolean;
  /** It is encrypted for somebody else, or of a kind this version does not know. */
  readonly unreadable: boolean;
}

export interface Invite {
  readonly code: string;
  /** What is handed to who is invited; none of an invite that one only looks at. */
  readonly url: string | null;
  /** Where this program is dialed, as far as the URL tells whoever has it. */
  readonly addresses: readonly string[];
  readonly guildId: Id;
  readonly guildName: string;
  readonly guildDescription: string | null;
  readonly channelId: Id | null;
  readonly channelName: string | null;
  readonly inviter: User | null;
  readonly memberCount: number | null;
  readonly onlineCount: number | null;
  readonly expiresAt: Millis | null;
}

export interface Ban {
  readonly user: User;
  readonly reason: string | null;
}

/** Order of ids: by length, then by digits; the order of time. Negative where `a` is older. */
export function compareIds(a: Id, b: Id): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** When a thing with this id came to be, by Discord's epoch. */
export function idTime(id: Id): Millis {
  return Number(BigInt(id) >> 22n) + DISCORD_EPOCH;
}

/** An id that sorts where a thing of that time would: to compare with, never to send as somebody's. */
export function idAt(at: Millis): Id {
  return (BigInt(Math.max(0, Math.trunc(at) - DISCORD_EPOCH)) << 22n).toString();
}

/** 2015-01-01T00:00:00Z. */
const DISCORD_EPOCH = 1_420_070_400_000;
