/** Generated from api-compat/schemas/dispatch by `npm run wire -w @nexus/core`. Not to be edited. */

export type Snowflake = string;
export type Permissions = string;
export type Timestamp = string;
export type Member = MemberFields & {
  user: User;
};
/**
 * Why authority lets something not count.
 */
export type VoidReason =
  | "not_a_member"
  | "no_permission"
  | "rank"
  | "removed"
  | "unsupported"
  | "stale"
  | "beyond_cut"
  | "device"
  | "target"
  | "quota"
  | "frontier"
  | "rules"
  | "locked";
export type OwnUser = User & {
  flags: number;
  mfa_enabled: boolean;
  verified: boolean;
};

export interface Dispatches {
  /**
   * To who types: what the bot proposes.
   */
  APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE: {
    nonce: string | null;
    /**
     * @maxItems 25
     */
    choices: {
      name: string;
      value: string | number;
    }[];
  };
  /**
   * A new channel, or a conversation's.
   */
  CHANNEL_CREATE: Channel | PrivateChannel;
  /**
   * A channel is gone.
   */
  CHANNEL_DELETE: Channel;
  /**
   * The set of pinned messages has changed.
   */
  CHANNEL_PINS_UPDATE: {
    channel_id: Snowflake;
    guild_id?: Snowflake;
    last_pin_timestamp?: null | Timestamp;
  };
  /**
   * A channel has changed.
   */
  CHANNEL_UPDATE: Channel;
  /**
   * Somebody is banned.
   */
  GUILD_BAN_ADD: {
    guild_id: Snowflake;
    user: User;
  };
  /**
   * Somebody may come back.
   */
  GUILD_BAN_REMOVE: {
    guild_id: Snowflake;
    user: User;
  };
  /**
   * A guild, whole. No private channel among its channels: hikari drops such a guild.
   */
  GUILD_CREATE: Guild & {
    joined_at: Timestamp;
    large: boolean;
    unavailable: false;
    member_count: number;
    /**
     * @minItems 1
     */
    members: Member[];
    channels: Channel[];
    presences: Presence[];
    voice_states: {}[];
    threads: {}[];
    stage_instances: {}[];
    guild_scheduled_events: {}[];
    soundboard_sounds: {}[];
  };
  /**
   * A guild has ended for this account.
   */
  GUILD_DELETE: {
    id: Snowflake;
    unavailable?: boolean;
  };
  /**
   * An answer to op 8.
   */
  GUILD_MEMBERS_CHUNK: {
    guild_id: Snowflake;
    /**
     * @maxItems 1000
     */
    members: Member[];
    chunk_index: number;
    chunk_count: number;
    not_found?: Snowflake[];
    presences?: Presence[];
    nonce?: string;
  };
  /**
   * Somebody is in.
   */
  GUILD_MEMBER_ADD: Member & {
    guild_id: Snowflake;
  };
  /**
   * Somebody is out.
   */
  GUILD_MEMBER_REMOVE: {
    guild_id: Snowflake;
    user: User;
  };
  /**
   * Somebody's nickname or roles have changed.
   */
  GUILD_MEMBER_UPDATE: Member & {
    guild_id: Snowflake;
  };
  /**
   * A new role.
   */
  GUILD_ROLE_CREATE: {
    guild_id: Snowflake;
    role: Role;
  };
  /**
   * A role is gone.
   */
  GUILD_ROLE_DELETE: {
    guild_id: Snowflake;
    role_id: Snowflake;
  };
  /**
   * A role has changed.
   */
  GUILD_ROLE_UPDATE: {
    guild_id: Snowflake;
    role: Role;
  };
  GUILD_UPDATE: Guild1;
  /**
   * To a bot: what somebody asks of it. To that person: that it was passed on.
   */
  INTERACTION_CREATE:
    | {
        id: Snowflake;
        nonce: string | null;
      }
    | ({
        [k: string]: unknown | undefined;
      } & {
        id: Snowflake;
        application_id: Snowflake;
        type: 2 | 3 | 4 | 5;
        data: {};
        token: string;
        version: 1;
        channel_id: Snowflake;
        channel: {
          id: Snowflake;
          type: number;
        };
        guild_id?: Snowflake;
        member?: Member & {
          permissions: Permissions;
        };
        user?: User;
        message?: Message;
        locale: string;
        app_permissions: Permissions;
        entitlements: unknown[];
        authorizing_integration_owners: {};
        context: 0 | 1;
        attachment_size_limit: number;
      });
  /**
   * To who asked: the bot did not answer within 3 s, and cannot any more.
   */
  INTERACTION_FAILURE: {
    id: Snowflake;
    nonce: string | null;
  };
  /**
   * To who asked: a form to be filled in, and handed in as an interaction of type 5 with this id.
   */
  INTERACTION_MODAL_CREATE: {
    id: Snowflake;
    nonce: string | null;
    channel_id: Snowflake;
    application: User;
    custom_id: string;
    title: string;
    /**
     * @minItems 1
     * @maxItems 5
     */
    components: unknown[];
  };
  /**
   * To who asked: the bot has answered.
   */
  INTERACTION_SUCCESS: {
    id: Snowflake;
    nonce: string | null;
  };
  /**
   * A new invite.
   */
  INVITE_CREATE: {
    channel_id: Snowflake;
    guild_id: Snowflake;
    code: string;
    created_at: Timestamp;
    inviter?: User;
    max_age: number;
    max_uses: number;
    temporary: boolean;
    uses: number;
    expires_at?: null | Timestamp;
    type?: number;
  };
  /**
   * An invite is gone.
   */
  INVITE_DELETE: {
    channel_id: Snowflake;
    guild_id: Snowflake;
    code: string;
  };
  /**
   * A new message.
   */
  MESSAGE_CREATE: Message & {
    guild_id?: Snowflake;
    member?: MemberFields;
  };
  /**
   * A message is gone.
   */
  MESSAGE_DELETE: {
    id: Snowflake;
    channel_id: Snowflake;
    guild_id?: Snowflake;
  };
  /**
   * Several messages are gone at once.
   */
  MESSAGE_DELETE_BULK: {
    /**
     * @minItems 1
     * @maxItems 100
     */
    ids: Snowflake[];
    channel_id: Snowflake;
    guild_id?: Snowflake;
  };
  /**
   * A reaction. `type` and `member.user` are read by discord.py.
   */
  MESSAGE_REACTION_ADD: {
    user_id: Snowflake;
    channel_id: Snowflake;
    message_id: Snowflake;
    guild_id?: Snowflake;
    member?: Member;
    emoji: Emoji;
    message_author_id: Snowflake;
    burst: false;
    type: 0;
  };
  /**
   * A reaction is gone.
   */
  MESSAGE_REACTION_REMOVE: {
    user_id: Snowflake;
    channel_id: Snowflake;
    message_id: Snowflake;
    guild_id?: Snowflake;
    emoji: Emoji;
    burst: false;
    type: 0;
  };
  /**
   * All reactions of a message are gone.
   */
  MESSAGE_REACTION_REMOVE_ALL: {
    channel_id: Snowflake;
    message_id: Snowflake;
    guild_id?: Snowflake;
  };
  /**
   * All reactions of one emoji are gone.
   */
  MESSAGE_REACTION_REMOVE_EMOJI: {
    channel_id: Snowflake;
    message_id: Snowflake;
    guild_id?: Snowflake;
    emoji: Emoji;
  };
  /**
   * A message has changed; it comes whole.
   */
  MESSAGE_UPDATE: Message & {
    guild_id?: Snowflake;
    member?: MemberFields;
  };
  /**
   * To the author alone: an act of governance counts for nothing, or no longer, and why. `op` is its name among the ops, `action` its kind, as in `Ban`. What only a checkpoint left behind is said again by the author's program, without a word.
   */
  NEXUS_ACTION_VOID: {
    guild_id: Snowflake;
    op: string;
    action: string;
    reason: VoidReason;
  };
  /**
   * To the author alone: authority took a message away that had counted, and why. A MESSAGE_DELETE came before it, or READY: a person's newest ones are told of again to each new session.
   */
  NEXUS_MESSAGE_VOID: {
    id: Snowflake;
    channel_id: Snowflake;
    guild_id?: Snowflake;
    reason: VoidReason;
    /**
     * What it said, where the author was not there when it was taken away.
     */
    content?: string;
  };
  /**
   * To the owner of a node, within a second after they come and whenever it changes: how the node stands with other programs, and what waits for one.
   */
  NEXUS_STANDING: {
    /**
     * In English words, as `nexus status` says it.
     */
    line: string;
    relays: {
      url: string;
      state: "connected" | "connecting" | "failing";
      /**
       * By what its link goes; null while there is none.
       */
      road: "quic" | "tcp" | "websocket" | null;
    }[];
    /**
     * Nodes it is linked with that share something with it.
     */
    direct: number;
    /**
     * Whether something that others hold is still coming.
     */
    syncing: boolean;
    /**
     * Ops written here that nobody else has, of spaces that somebody else is to have.
     */
    waiting: number;
    /**
     * The newest messages among them.
     *
     * @maxItems 64
     */
    queued: {
      channel_id: Snowflake;
      id: Snowflake;
    }[];
  };
  /**
   * How somebody is seen.
   */
  PRESENCE_UPDATE: Presence & {
    guild_id: Snowflake;
  };
  /**
   * The beginning of a gateway session.
   */
  READY: {
    v: 9 | 10;
    user: OwnUser;
    guilds: {
      id: Snowflake;
      unavailable: true;
    }[];
    private_channels?: PrivateChannel[];
    session_id: string;
    session_type?: string;
    resume_gateway_url: string;
    /**
     * @minItems 2
     * @maxItems 2
     */
    shard: unknown[];
    application?: {
      id: Snowflake;
      flags: number;
    };
  };
  /**
   * The end of a replay. `d` must be an object (discord.py).
   */
  RESUMED: {};
  /**
   * Somebody is writing.
   */
  TYPING_START: {
    channel_id: Snowflake;
    guild_id?: Snowflake;
    user_id: Snowflake;
    timestamp: number;
    member?: Member;
  };
  /**
   * The account itself has changed.
   */
  USER_UPDATE: User & {
    flags: number;
    mfa_enabled: boolean;
    verified: boolean;
  };
  /**
   * A channel's webhooks are others than before.
   */
  WEBHOOKS_UPDATE: {
    guild_id: Snowflake;
    channel_id: Snowflake;
  };
}
/**
 * A guild's channel. Overwrites and flags may never be null. `nexus`, what Discord has no word for: locked to who may not manage its messages.
 */
export interface Channel {
  id: Snowflake;
  type: 0 | 2 | 4 | 5;
  guild_id?: Snowflake;
  name: string;
  position: number;
  permission_overwrites: Overwrite[];
  parent_id: null | Snowflake;
  nsfw?: boolean;
  topic?: string | null;
  last_message_id?: null | Snowflake;
  rate_limit_per_user?: number;
  bitrate?: number;
  user_limit?: number;
  flags?: number;
}
export interface Overwrite {
  id: Snowflake;
  type: 0 | 1;
  allow: Permissions;
  deny: Permissions;
}
export interface PrivateChannel {
  id: Snowflake;
  type: 1 | 3;
  recipients: User[];
  last_message_id?: null | Snowflake;
}
/**
 * discord.py's BaseUser._update needs the first four; flags may be missing but never null (discord.js).
 */
export interface User {
  id: Snowflake;
  username: string;
  discriminator: string;
  avatar: string | null;
  global_name?: string | null;
  bot?: boolean;
  system?: boolean;
  public_flags?: number;
  flags?: number;
  banner?: string | null;
  accent_color?: number | null;
}
/**
 * What hikari needs of every guild.
 */
export interface Guild {
  id: Snowflake;
  name: string;
  icon: string | null;
  splash: string | null;
  discovery_splash: string | null;
  owner_id: Snowflake;
  afk_channel_id: null | Snowflake;
  afk_timeout: number;
  verification_level: number;
  default_message_notifications: number;
  explicit_content_filter: number;
  roles: Role[];
  emojis: {}[];
  stickers: {}[];
  features: string[];
  mfa_level: number;
  application_id: null | Snowflake;
  system_channel_id: null | Snowflake;
  system_channel_flags: number;
  rules_channel_id: null | Snowflake;
  public_updates_channel_id: null | Snowflake;
  vanity_url_code: string | null;
  description: string | null;
  banner: string | null;
  premium_tier: number;
  preferred_locale: string;
  nsfw_level: number;
  premium_progress_bar_enabled: boolean;
}
export interface Role {
  id: Snowflake;
  name: string;
  color: number;
  colors: {
    primary_color: number;
    secondary_color: number | null;
    tertiary_color: number | null;
  };
  hoist: boolean;
  position: number;
  permissions: Permissions;
  managed: boolean;
  mentionable: boolean;
  flags: number;
  icon?: string | null;
  unicode_emoji?: string | null;
  tags?: {};
}
export interface MemberFields {
  roles: Snowflake[];
  joined_at: null | Timestamp;
  flags: number;
  deaf: boolean;
  mute: boolean;
  nick?: string | null;
  avatar?: string | null;
  premium_since?: null;
  pending?: boolean;
  communication_disabled_until?: null | Timestamp;
}
export interface Presence {
  user: {
    id: Snowflake;
  };
  status: "online" | "idle" | "dnd" | "offline";
  activities: {
    name: string;
    type: number;
    state?: string;
    url?: string;
  }[];
  client_status: {};
}
/**
 * What hikari needs of every guild.
 */
export interface Guild1 {
  id: Snowflake;
  name: string;
  icon: string | null;
  splash: string | null;
  discovery_splash: string | null;
  owner_id: Snowflake;
  afk_channel_id: null | Snowflake;
  afk_timeout: number;
  verification_level: number;
  default_message_notifications: number;
  explicit_content_filter: number;
  roles: Role[];
  emojis: {}[];
  stickers: {}[];
  features: string[];
  mfa_level: number;
  application_id: null | Snowflake;
  system_channel_id: null | Snowflake;
  system_channel_flags: number;
  rules_channel_id: null | Snowflake;
  public_updates_channel_id: null | Snowflake;
  vanity_url_code: string | null;
  description: string | null;
  banner: string | null;
  premium_tier: number;
  preferred_locale: string;
  nsfw_level: number;
  premium_progress_bar_enabled: boolean;
}
/**
 * flags, embeds and components may never be null (discord.js); edited_timestamp is always there (hikari).
 */
export interface Message {
  id: Snowflake;
  channel_id: Snowflake;
  author: User;
  content: string;
  timestamp: Timestamp;
  edited_timestamp: null | Timestamp;
  tts: boolean;
  mention_everyone: boolean;
  mentions: User[];
  mention_roles: Snowflake[];
  attachments: {
    id: Snowflake;
    filename: string;
    size: number;
    url: string;
    proxy_url: string;
  }[];
  embeds: Embed[];
  pinned: boolean;
  type: 0 | 6 | 7 | 19 | 20;
  flags: number;
  /**
   * Each with an integer id (hikari).
   */
  components?: {
    type: number;
    id: number;
  }[];
  reactions?: Reaction[];
  nonce?: string | number;
  message_reference?: {
    type?: number;
    message_id: Snowflake;
    channel_id: Snowflake;
    guild_id?: Snowflake;
  };
  referenced_message?: null | Message;
  /**
   * What Discord has no word for, where there is something to say: unix ms at which it was written, that it came late, that it cannot be read here; whose webhook it was sent by, and the picture it is shown with.
   */
  nexus?: {
    shown_at?: number;
    late?: true;
    unreadable?: true;
    webhook_of?: Snowflake;
    avatar_url?: string;
  };
  application_id?: Snowflake;
  webhook_id?: Snowflake;
  interaction_metadata?: {};
}
export interface Embed {
  type?: string;
  title?: string;
  description?: string;
  url?: string;
  timestamp?: string;
  color?: number;
  footer?: {
    text: string;
  };
  image?: {
    url: string;
  };
  thumbnail?: {
    url: string;
  };
  author?: {
    name: string;
  };
  fields?: {
    name: string;
    value: string;
    inline?: boolean;
  }[];
}
export interface Reaction {
  count: number;
  me: boolean;
  emoji: Emoji;
}
export interface Emoji {
  id: null | Snowflake;
  name: string | null;
  animated?: boolean;
}
