import type {
  AccountFacts,
  Entered,
  Login,
  Newcomer,
  SignedIn,
  SignInBack,
  SignInPurpose,
} from "../model/account.ts";
import type { Asking, AskingAnswer, Authorized, Connection } from "../model/application.ts";
import type { Bot, BotChange } from "../model/bot.ts";
import type {
  Ban,
  Channel,
  ChannelKind,
  EventStatus,
  ForumTag,
  Guild,
  Id,
  Invite,
  Message,
  Millis,
  Overwrite,
  Role,
  Status,
  User,
} from "../model/entities.ts";
import type { ChosenFile, FileBytes, FileChange, FileRefusal } from "../model/files.ts";
import type { NewEvent, NewPoll, NewPost, NewThread } from "../model/made.ts";
import type { Outcome } from "../model/outcome.ts";
import type { SearchPlace } from "../search/place.ts";
import type { MessageSearch } from "../search/wanted.ts";

type Wish<T = void> = Promise<Outcome<T>>;

/** Everything a person can do. What becomes of it is seen in the state; the outcome tells what went wrong. */
export interface Actions {
  /** A node's first run: the one-time key that it printed. */
  setup(key: string, displayName: string): Wish;
  /** A relay's new account. */
  register(account: NewAccount): Wish;
  /** With a ticket for an answer one is not in yet: `showCode`. */
  login(login: string, password: string): Wish<Entered>;
  /** The code of an authenticator, or a recovery code. */
  showCode(ticket: string, code: string): Wish;
  /** Where the window goes to sign in at a provider. `password`: to link. */
  beginSignIn(provider: string, secret: string, purpose: SignInPurpose, password?: string): Wish<string>;
  /** Back from there. */
  finishSignIn(back: SignInBack): Wish<SignedIn>;
  /** A new account of who came from a provider. */
  registerNewcomer(provider: string, newcomer: Newcomer): Wish;
  /** With a token as the program's command line prints it: a node's owner in another browser. */
  enterWithToken(token: string): Wish;
  /** Ends the session there, and forgets everything of the account here: what waits in the outbox too. */
  logout(): Wish;
  /** Tries to connect now instead of at `retryAt`; to be called when the network is back or the window is seen again. */
  reconnect(): void;

  /** Asks for a mail with a link; granted whether there is such an account or not. */
  forgotPassword(login: string): Wish;
  /** With the code of that link; every login ends. */
  resetPassword(code: string, password: string): Wish;
  /** Ends the account; `code` where there is a second factor. */
  eraseAccount(password: string, code: string | null): Wish;
  accountFacts(): Wish<AccountFacts>;
  /** One comes in by that provider no longer. */
  unlink(provider: string, password: string): Wish;
  logins(): Wish<readonly Login[]>;
  endLogin(id: Id): Wish;
  /** Every other login ends. */
  changePassword(password: string, next: string): Wish;
  /** `secret`: what the authenticator was given, base32. Gives recovery codes, which are shown this once. */
  addAuthenticator(password: string, secret: string, code: string): Wish<readonly string[]>;
  /** With a code of it, or a recovery code. */
  dropAuthenticator(code: string): Wish;
  /** Other recovery codes; those there were open nothing. */
  renewRecoveryCodes(password: string): Wish<readonly string[]>;

  /** What an application asks one for, by the query it sent one with. */
  lookAtAsking(query: string): Wish<Asking>;
  /** Yes or no; gives where the window goes next. */
  answerAsking(query: string, answer: AskingAnswer): Wish<string>;
  /** Applications that act for oneself, the one last used first. */
  authorizedApps(): Wish<readonly Authorized[]>;
  endAuthorized(id: Id): Wish;
  /** Sign-ins elsewhere that applications can be shown. */
  connections(): Wish<readonly Connection[]>;
  showConnection(one: Connection, shown: boolean): Wish;

  /** It leaves its guilds and ends, for good. */
  deleteBot(id: Id): Wish<void>;
  /** Bots that one has made, the first of them first. */
  bots(): Wish<readonly Bot[]>;
  createBot(name: string): Wish<Bot>;
  editBot(id: Id, change: BotChange): Wish<Bot>;
  /** Another token, shown this once: with the one before it nobody logs in any more. */
  renewBotToken(id: Id): Wish<string>;
  /** Another secret of its site's, shown this once: the one before it opens nothing. */
  renewBotSecret(id: Id): Wish<string>;

  editProfile(change: { readonly displayName?: string; readonly about?: string }): Wish<User>;
  setStatus(status: Status): void;

  /** Puts a channel on the screen: loads its newest messages, sets the unread divider. Null: no channel. */
  openChannel(channelId: Id | null): Wish;
  loadOlder(channelId: Id): Wish;
  loadNewer(channelId: Id): Wish;
  /** Jumps: a window around a message, wherever in the history it is. */
  loadAround(channelId: Id, messageId: Id): Wish;
  /** Back from a jump: the newest messages. */
  loadPresent(channelId: Id): Wish;
  /** Everything up to a message was read; without one, everything there is. Cheap: call it when the end is seen. */
  ack(channelId: Id, messageId?: Id): void;
  ackGuild(guildId: Id): void;
  /** The message and what follows it count as unread again. */
  markUnread(channelId: Id, messageId: Id): void;
  /** Takes the "new" line off the screen. */
  clearDivider(channelId: Id): void;

  /**
   * Puts a message into the outbox with the files of the channel's tray, from where it is sent until it is accepted. Never
   * fails: see `State.pending`.
   */
  send(channelId: Id, content: string, reply?: Reply): void;
  /** Passes a message on, the same way; a note goes before it, as a message of its own. */
  forward(channelId: Id, message: Message, note: string): void;
  /** Puts files into the channel's tray; gives back those that cannot go along. */
  attach(channelId: Id, chosen: readonly ChosenFile[]): readonly FileRefusal[];
  editFile(key: string, change: FileChange): void;
  detach(channelId: Id, key: string): void;
  /** The bytes of a file that waits; none where they are not here any more. */
  fileBytes(key: string): Promise<FileBytes | null>;
  /** Breaks a message with files off on its way: it waits for the person then. */
  stopSending(nonce: string): void;
  retry(nonce: string): void;
  discard(nonce: string): void;
  /** Takes what is said of a message that authority took away off the screen. */
  dismissVoid(messageId: Id): void;
  /** What was to be said in a channel that is gone has been seen. */
  dismissUnsaid(channelId: Id): void;
  edit(channelId: Id, messageId: Id, content: string): Wish<Message>;
  deleteMessage(channelId: Id, messageId: Id): Wish;
  react(channelId: Id, messageId: Id, emoji: string): Wish;
  unreact(channelId: Id, messageId: Id, emoji: string): Wish;
  /** Who reacted with it, first hundred. */
  reactors(channelId: Id, messageId: Id, emoji: string): Wish<readonly User[]>;
  /** Into the outbox, as a message. */
  createPoll(channelId: Id, poll: NewPoll): void;
  /** One's whole ballot; an empty one takes it back. */
  vote(channelId: Id, messageId: Id, answers: readonly number[]): Wish;
  endPoll(channelId: Id, messageId: Id): Wish;
  /**
   * Into a public thread of the channel that they were written in, or, with none, back there. `channelId`: that channel, or
   * the thread that they are in.
   */
  moveMessages(channelId: Id, messageIds: readonly Id[], threadId: Id | null): Wish;
  /** Where a message is now that was in that channel when somebody noted it. */
  placeOf(channelId: Id, messageId: Id): Wish<Id>;
  pin(channelId: Id, messageId: Id): Wish;
  unpin(channelId: Id, messageId: Id): Wish;
  loadPins(channelId: Id): Wish;
  /** A page of the messages of a guild or a conversation that fit, as far as the program holds them; null where it was called off. */
  searchMessages(place: SearchPlace, search: MessageSearch, going: Searching): Wish<Searched | null>;
  /** Tells the others that one is writing; at most every eight seconds, however often it is called. */
  typing(channelId: Id): void;
  setDraft(channelId: Id, text: string): void;

  /** Puts a thread beside the channel. Null: none. */
  openThread(threadId: Id | null): Wish;
  createThread(channelId: Id, thread: NewThread): Wish<Begun>;
  /** A public one that hangs on no message, at once or not at all: it does not wait in the outbox. */
  makeThread(channelId: Id, name: string): Wish<Channel>;
  /** A post of a forum, with what it begins with. */
  createPost(forumId: Id, post: NewPost): Wish<Begun>;
  /** What a thread is now: put away, locked, gone. One that is gone leaves the state. */
  loadThread(threadId: Id): Wish;
  editThread(threadId: Id, change: ThreadChange): Wish;
  followThread(threadId: Id, followed: boolean): Wish;
  /** Who follows a thread, the first hundred. */
  threadFollowers(threadId: Id): Wish<readonly Id[]>;
  /** Brings somebody into a private thread, or takes them out. */
  setFollower(threadId: Id, userId: Id, follows: boolean): Wish;
  /** The threads of a channel that were put away, the last first; with `before`, those put away before that time. */
  awayThreads(channelId: Id, before?: Millis): Wish<ThreadPage>;
  /** A forum's posts, the liveliest first, put away or not. */
  posts(forumId: Id, wish: { readonly tag: Id | null; readonly offset: number }): Wish<PostPage>;

  createGuild(name: string): Wish<Guild>;
  editGuild(guildId: Id, change: { readonly name?: string; readonly description?: string | null }): Wish;
  /** Days that messages are kept, 0 for ever; null, of a channel: as in its guild. */
  keepGuild(guildId: Id, days: number): Wish;
  keepChannel(channelId: Id, days: number | null): Wish;
  /** `erase`: and all that one said there is taken away, for good. */
  leaveGuild(guildId: Id, erase: boolean): Wish;
  /** All that one said in a guild up to now is taken away, for good. */
  eraseSaid(guildId: Id): Wish;
  createChannel(guildId: Id, channel: NewChannel): Wish<Channel>;
  editChannel(channelId: Id, change: ChannelChange): Wish;
  deleteChannel(channelId: Id): Wish;
  setOverwrite(channelId: Id, overwrite: Overwrite): Wish;
  clearOverwrite(channelId: Id, overwriteId: Id): Wish;
  createRole(guildId: Id, role: RoleChange): Wish<Role>;
  editRole(guildId: Id, roleId: Id, change: RoleChange): Wish;
  deleteRole(guildId: Id, roleId: Id): Wish;
  addRole(guildId: Id, userId: Id, roleId: Id): Wish;
  removeRole(guildId: Id, userId: Id, roleId: Id): Wish;
  /** What a guild looks forward to, with how many do, and whether oneself does. */
  loadEvents(guildId: Id): Wish;
  /** Without a connection it waits in the outbox, as of its guild: see `State.pending`. */
  createEvent(guildId: Id, event: NewEvent): Wish;
  editEvent(guildId: Id, eventId: Id, event: NewEvent): Wish;
  /** It has begun, is over, or is called off. */
  setEventStatus(guildId: Id, eventId: Id, status: EventStatus): Wish;
  setInterested(guildId: Id, eventId: Id, interested: boolean): Wish;
  /** `image`: a data URL of a PNG, JPEG, GIF or WebP. */
  createEmoji(guildId: Id, name: string, image: string): Wish;
  renameEmoji(guildId: Id, emojiId: Id, name: string): Wish;
  deleteEmoji(guildId: Id, emojiId: Id): Wish;
  /** Null takes the nickname away. */
  setNick(guildId: Id, userId: Id, nick: string | null): Wish;
  kick(guildId: Id, userId: Id, reason?: string): Wish;
  ban(guildId: Id, userId: Id, reason?: string): Wish;
  unban(guildId: Id, userId: Id): Wish;
  bans(guildId: Id): Wish<readonly Ban[]>;
  /** Makes sure of these members; without a list, of the first hundred that match `query`. */
  loadMembers(guildId: Id, wish: { readonly userIds?: readonly Id[]; readonly query?: string }): void;
  /** Makes sure of what the guild's voice channels are about; what changes later is told. */
  loadCaptions(guildId: Id): void;
  /** What a voice channel is about; empty for nothing. Gone with the last who leaves it. */
  setCaption(channelId: Id, text: string): Wish;

  /** Seconds until it ends; 0 is never. */
  createInvite(channelId: Id, maxAge: number): Wish<Invite>;
  invites(guildId: Id): Wish<readonly Invite[]>;
  revokeInvite(code: string): Wish;
  /** Looks at an invite, signed in or not. */
  lookAtInvite(code: string): Wish<Invite>;
  /** Joins, by a code or by an invite's whole address, on this program or another; the guild then appears in the state. */
  join(codeOrUrl: string): Wish<Invite>;
  /** Who can read along in a channel: relays in the open, accounts whose keys a relay has, bots. */
  readers(channelId: Id): Wish<Readers>;
  /** The relays that keep a guild, and how far each has it. */
  guildRelays(guildId: Id): Wish<readonly GuildRelay[]>;
  /** An owner names all of them, by their addresses. */
  setGuildRelays(guildId: Id, urls: readonly string[]): Wish<readonly GuildRelay[]>;
  openConversation(userIds: readonly Id[]): Wish<Channel>;
  /** Into a conversation of several: who comes reads all of it. */
  bringIn(channelId: Id, userId: Id): Wish;
  /** Out of one; oneself goes. */
  putOut(channelId: Id, userId: Id): Wish;
  nameConversation(channelId: Id, name: string): Wish;
}

export interface Readers {
  /** Nobody but the people in it can read. */
  readonly sealed: boolean;
  /** Addresses of the relays that keep it and could read it. */
  readonly relays: readonly string[];
  readonly people: number;
  /** Of them, those whose keys a relay keeps; some of them by name. */
  readonly hosted: number;
  readonly hostedUsers: readonly User[];
  /** Accounts that somebody else still signs for, with a key that was handed over. */
  readonly contestedUsers: readonly User[];
  readonly bots: readonly User[];
}

export interface GuildRelay {
  readonly url: string;
  /** Only "here" and "filled" mean that it has what is here. */
  readonly state: "here" | "filled" | "filling" | "queued" | "not_reached" | "refused" | "lacking";
  /** What was seen twice when it was asked; where it is lacking. */
  readonly shortfall: Shortfall | null;
}

export interface Shortfall {
  /** It does not show what it said it has; it says that it has more than it gives; it does not say what it has. */
  readonly what: "shown" | "given" | "answered";
  readonly ops: number;
  /** By name, as far as it is in channels. */
  readonly channels: readonly string[];
  /** Unix ms. */
  readonly since: number;
  /** Relays that showed everything. */
  readonly whole: readonly string[];
}

export interface NewAccount {
  readonly username: string;
  readonly password: string;
  readonly email?: string;
  /** To the relay, where it asks for one. */
  readonly invite?: string;
}

export interface Reply {
  readonly messageId: Id;
  /** Whether its author is pinged. */
  readonly mention: boolean;
}

export interface NewChannel {
  readonly name: string;
  readonly kind: Exclude<ChannelKind, "conversation" | "group" | "thread">;
  readonly parentId?: Id | null;
  readonly topic?: string;
}

/** How a search goes on. */
export interface Searching {
  /** Found messages that are left out: those of the pages before. */
  readonly offset: number;
  readonly oldestFirst: boolean;
  /** Told each time the program is not through: how many messages it has looked at. */
  onLooked(messages: number): void;
  /** Asked after each answer. */
  isCalledOff(): boolean;
}

export interface Searched {
  readonly messages: readonly Message[];
  /** How many there are on all pages. */
  readonly total: number;
  /** The program does not hold everything that was said there. */
  readonly inPart: boolean;
  readonly hasMore: boolean;
}

export interface Begun {
  /** Null: it waits in the outbox. */
  readonly thread: Channel | null;
}

export interface ThreadChange {
  readonly name?: string;
  readonly archived?: boolean;
  readonly locked?: boolean;
  /** Of a post. */
  readonly pinned?: boolean;
  readonly tags?: readonly Id[];
}

export interface ThreadPage {
  readonly threads: readonly Id[];
  readonly hasMore: boolean;
}

export interface PostPage {
  readonly posts: readonly Id[];
  /** By post: what it begins with, as far as that is here. */
  readonly first: Readonly<Record<Id, Message>>;
  readonly hasMore: boolean;
}

export interface ChannelChange {
  readonly name?: string;
  readonly topic?: string | null;
  readonly parentId?: Id | null;
  readonly position?: number;
  readonly slowmode?: number;
  readonly nsfw?: boolean;
  /** Of a forum: all of its tags. One without an id is new. */
  readonly tags?: readonly TagChange[];
  readonly tagRequired?: boolean;
}

export type TagChange = Omit<ForumTag, "id"> & { readonly id: Id | null };

export interface RoleChange {
  readonly name?: string;
  readonly color?: number;
  readonly hoist?: boolean;
  readonly mentionable?: boolean;
  readonly permissions?: bigint;
}
