/** Generated from api-compat/schemas/dispatch by `npm run wire -w @nexus/core`. Not to be edited. */

export type Snowflake = string;
export type Permissions = string;
export type Timestamp = string;
export type Member = MemberFields & {
  user: User;
};
export type GatewayMessage = Message & {
  guild_id?: Snowflake;
  member?: MemberFields;
};
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
  | "locked"
  | "filtered"
  | "erased";
export type OwnUser = User & {
  flags: number;
  mfa_enabled: boolean;
  verified: boolean;
};

export interface Dispatches {
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
  APPLICATION_COMMAND_PERMISSIONS_UPDATE: {
    id: Snowflake;
    application_id: Snowflake;
    guild_id: Snowflake;
    permissions: {
      id: Snowflake;
      type: 1 | 2 | 3;
      permission: boolean;
    }[];
  };
  AUTO_MODERATION_ACTION_EXECUTION: {
    guild_id: Snowflake;
    action: AutomodAction;
    rule_id: Snowflake;
    rule_trigger_type: 1 | 5;
    user_id: Snowflake;
    channel_id: Snowflake;
    message_id?: Snowflake;
    alert_system_message_id?: Snowflake;
    content: string;
    matched_keyword: string | null;
    matched_content: string | null;
  };
  AUTO_MODERATION_RULE_CREATE: AutomodRule;
  AUTO_MODERATION_RULE_DELETE: AutomodRule;
  AUTO_MODERATION_RULE_UPDATE: AutomodRule;
  CHANNEL_CREATE: Channel | PrivateChannel;
  CHANNEL_DELETE: Channel | PrivateChannel;
  CHANNEL_INFO: {
    guild_id: Snowflake;
    channels: {
      id: Snowflake;
      status?: string;
    }[];
  };
  CHANNEL_PINS_UPDATE: {
    channel_id: Snowflake;
    guild_id?: Snowflake;
    last_pin_timestamp?: null | Timestamp;
  };
  CHANNEL_RECIPIENT_ADD: {
    channel_id: Snowflake;
    user: User;
  };
  CHANNEL_RECIPIENT_REMOVE: {
    channel_id: Snowflake;
    user: User;
  };
  CHANNEL_UPDATE: Channel | PrivateChannel;
  GUILD_AUDIT_LOG_ENTRY_CREATE: {
    guild_id: Snowflake;
    id: Snowflake;
    action_type: number;
    user_id: Snowflake;
    target_id: string | null;
    changes?: {
      key: string;
      old_value?: unknown;
      new_value?: unknown;
    }[];
    options?: {
      id?: Snowflake;
      type?: "0" | "1";
      application_id?: Snowflake;
    };
    reason?: string;
  };
  GUILD_BAN_ADD: {
    guild_id: Snowflake;
    user: User;
  };
  GUILD_BAN_REMOVE: {
    guild_id: Snowflake;
    user: User;
  };
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
    threads: Thread[];
    stage_instances: {}[];
    guild_scheduled_events: ScheduledEvent[];
    soundboard_sounds: {}[];
  };
  GUILD_DELETE: {
    id: Snowflake;
    unavailable?: boolean;
  };
  GUILD_EMOJIS_UPDATE: {
    guild_id: Snowflake;
    emojis: GuildEmoji[];
  };
  GUILD_INTEGRATIONS_UPDATE: {
    guild_id: Snowflake;
  };
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
  GUILD_MEMBER_ADD: Member & {
    guild_id: Snowflake;
  };
  GUILD_MEMBER_REMOVE: {
    guild_id: Snowflake;
    user: User;
  };
  GUILD_MEMBER_UPDATE: Member & {
    guild_id: Snowflake;
  };
  GUILD_ROLE_CREATE: {
    guild_id: Snowflake;
    role: Role;
  };
  GUILD_ROLE_DELETE: {
    guild_id: Snowflake;
    role_id: Snowflake;
  };
  GUILD_ROLE_UPDATE: {
    guild_id: Snowflake;
    role: Role;
  };
  GUILD_SCHEDULED_EVENT_CREATE: ScheduledEvent;
  GUILD_SCHEDULED_EVENT_DELETE: ScheduledEvent;
  GUILD_SCHEDULED_EVENT_UPDATE: ScheduledEvent;
  GUILD_SCHEDULED_EVENT_USER_ADD: {
    guild_scheduled_event_id: Snowflake;
    guild_id: Snowflake;
    user_id: Snowflake;
  };
  GUILD_SCHEDULED_EVENT_USER_REMOVE: {
    guild_scheduled_event_id: Snowflake;
    guild_id: Snowflake;
    user_id: Snowflake;
  };
  GUILD_UPDATE: Guild;
  INTEGRATION_CREATE: Integration;
  INTEGRATION_DELETE: {
    id: Snowflake;
    guild_id: Snowflake;
    application_id: Snowflake;
  };
  INTEGRATION_UPDATE: Integration;
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
  INTERACTION_FAILURE: {
    id: Snowflake;
    nonce: string | null;
  };
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
  INTERACTION_SUCCESS: {
    id: Snowflake;
    nonce: string | null;
  };
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
  INVITE_DELETE: {
    channel_id: Snowflake;
    guild_id: Snowflake;
    code: string;
  };
  MESSAGE_ACK: {
    channel_id: Snowflake;
    message_id: Snowflake;
    version: number;
  };
  MESSAGE_CREATE: GatewayMessage;
  MESSAGE_DELETE: {
    id: Snowflake;
    channel_id: Snowflake;
    guild_id?: Snowflake;
    nexus?: {
      moved_to: Snowflake;
    };
  };
  MESSAGE_DELETE_BULK: {
    /**
     * @minItems 1
     * @maxItems 100
     */
    ids: Snowflake[];
    channel_id: Snowflake;
    guild_id?: Snowflake;
  };
  MESSAGE_POLL_VOTE_ADD: {
    user_id: Snowflake;
    channel_id: Snowflake;
    message_id: Snowflake;
    guild_id?: Snowflake;
    answer_id: number;
  };
  MESSAGE_POLL_VOTE_REMOVE: {
    user_id: Snowflake;
    channel_id: Snowflake;
    message_id: Snowflake;
    guild_id?: Snowflake;
    answer_id: number;
  };
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
  MESSAGE_REACTION_REMOVE: {
    user_id: Snowflake;
    channel_id: Snowflake;
    message_id: Snowflake;
    guild_id?: Snowflake;
    emoji: Emoji;
    burst: false;
    type: 0;
  };
  MESSAGE_REACTION_REMOVE_ALL: {
    channel_id: Snowflake;
    message_id: Snowflake;
    guild_id?: Snowflake;
  };
  MESSAGE_REACTION_REMOVE_EMOJI: {
    channel_id: Snowflake;
    message_id: Snowflake;
    guild_id?: Snowflake;
    emoji: Emoji;
  };
  MESSAGE_UPDATE: GatewayMessage;
  NEXUS_ACTION_VOID: {
    guild_id: Snowflake;
    op: string;
    action: string;
    reason: VoidReason;
  };
  NEXUS_DRAFT_UPDATE: {
    channel_id: Snowflake;
    text: string;
  };
  NEXUS_MESSAGE_VOID: {
    id: Snowflake;
    channel_id: Snowflake;
    guild_id?: Snowflake;
    reason: VoidReason;
    content?: string;
  };
  NEXUS_STANDING: {
    line: string;
    relays: {
      url: string;
      state: "connected" | "connecting" | "failing";
      road: "quic" | "tcp" | "websocket" | null;
    }[];
    direct: number;
    syncing: boolean;
    waiting: number;
    /**
     * @maxItems 64
     */
    queued: {
      channel_id: Snowflake;
      id: Snowflake;
    }[];
  };
  PRESENCE_UPDATE: Presence & {
    guild_id: Snowflake;
  };
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
    user_settings?: {
      [k: string]: unknown | undefined;
    };
    user_guild_settings?: {
      version: number;
      partial: false;
      entries: GuildSettings[];
    };
    read_state?: {
      version: number;
      partial: false;
      entries: {
        id: Snowflake;
        last_message_id: Snowflake;
      }[];
    };
    nexus_drafts?: {
      channel_id: Snowflake;
      text: string;
    }[];
    relationships?: Relationship[];
  };
  RELATIONSHIP_ADD: Relationship;
  RELATIONSHIP_REMOVE: {
    id: Snowflake;
  };
  RESUMED: {};
  THREAD_CREATE: Thread;
  THREAD_DELETE: {
    id: Snowflake;
    guild_id: Snowflake;
    parent_id: Snowflake;
    type: 10 | 11 | 12;
  };
  THREAD_LIST_SYNC: {
    guild_id: Snowflake;
    /**
     * @minItems 1
     */
    channel_ids: Snowflake[];
    /**
     * @minItems 1
     */
    threads: Thread[];
    members: ThreadMember[];
  };
  THREAD_MEMBERS_UPDATE: {
    id: Snowflake;
    guild_id: Snowflake;
    member_count: number;
    added_members?: ThreadMember[];
    removed_member_ids?: Snowflake[];
  };
  THREAD_MEMBER_UPDATE: ThreadMember & {
    guild_id?: Snowflake;
  };
  THREAD_UPDATE: Thread;
  TYPING_START: {
    channel_id: Snowflake;
    guild_id?: Snowflake;
    user_id: Snowflake;
    timestamp: number;
    member?: Member;
  };
  USER_GUILD_SETTINGS_UPDATE: GuildSettings;
  USER_SETTINGS_UPDATE: {
    [k: string]: unknown | undefined;
  };
  USER_UPDATE: OwnUser;
  VOICE_CHANNEL_STATUS_UPDATE: {
    id: Snowflake;
    guild_id: Snowflake;
    status: null | string;
  };
  VOICE_STATE_UPDATE: {
    guild_id: Snowflake;
    channel_id: null | Snowflake;
    user_id: Snowflake;
    member?: Member;
    session_id: string;
    deaf: boolean;
    mute: boolean;
    self_deaf: boolean;
    self_mute: boolean;
    self_video: boolean;
    self_stream?: boolean;
    suppress: boolean;
    request_to_speak_timestamp: null;
  };
  WEBHOOKS_UPDATE: {
    guild_id: Snowflake;
    channel_id: Snowflake;
  };
}
export interface AutomodAction {
  type: 1 | 2 | 3;
  metadata: {
    custom_message?: string;
    channel_id?: Snowflake;
    duration_seconds?: number;
  };
}
export interface AutomodRule {
  id: Snowflake;
  guild_id: Snowflake;
  creator_id: Snowflake;
  name: string;
  event_type: 1;
  trigger_type: 1 | 5;
  trigger_metadata: {
    keyword_filter?: string[];
    regex_patterns?: string[];
    allow_list?: string[];
    mention_total_limit?: number;
    mention_raid_protection_enabled?: false;
  };
  actions: AutomodAction[];
  enabled: boolean;
  exempt_roles: Snowflake[];
  exempt_channels: Snowflake[];
}
export interface Channel {
  id: Snowflake;
  type: 0 | 2 | 4 | 5 | 15;
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
  available_tags?: ForumTag[];
  default_reaction_emoji?: null | {
    emoji_id: string | null;
    emoji_name: string | null;
  };
  default_sort_order?: number | null;
  default_forum_layout?: number;
  default_thread_rate_limit_per_user?: number;
  default_auto_archive_duration?: 60 | 1440 | 4320 | 10080;
  nexus?: {
    locked?: true;
    retention_days?: number;
  };
}
export interface Overwrite {
  id: Snowflake;
  type: 0 | 1;
  allow: Permissions;
  deny: Permissions;
}
export interface ForumTag {
  id: Snowflake;
  name: string;
  moderated: boolean;
  emoji_id: string | null;
  emoji_name: string | null;
}
export interface PrivateChannel {
  id: Snowflake;
  type: 1 | 3;
  recipients: User[];
  last_message_id?: null | Snowflake;
  name?: null | string;
  owner_id?: Snowflake;
}
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
  nexus?: {
    contested: true;
  };
}
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
  emojis: GuildEmoji[];
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
  nexus?: {
    retention_days: number;
  };
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
export interface GuildEmoji {
  id: Snowflake;
  name: string;
  roles: Snowflake[];
  user?: User;
  require_colons: boolean;
  managed: boolean;
  animated: boolean;
  available: boolean;
  nexus: {
    path: string;
  };
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
export interface Thread {
  id: Snowflake;
  type: 10 | 11 | 12;
  guild_id: Snowflake;
  parent_id: Snowflake;
  owner_id: Snowflake;
  name: string;
  last_message_id: null | Snowflake;
  rate_limit_per_user: number;
  message_count: number;
  total_message_sent: number;
  member_count: number;
  flags: number;
  thread_metadata: {
    archived: boolean;
    archive_timestamp: Timestamp;
    auto_archive_duration: 60 | 1440 | 4320 | 10080;
    locked: boolean;
    create_timestamp: Timestamp;
    invitable?: boolean;
  };
  applied_tags?: Snowflake[];
  member?: ThreadMember;
  newly_created?: boolean;
}
export interface ThreadMember {
  id: Snowflake;
  user_id: Snowflake;
  join_timestamp: Timestamp;
  flags: number;
  member?: {};
}
export interface ScheduledEvent {
  id: Snowflake;
  guild_id: Snowflake;
  channel_id: null | Snowflake;
  creator_id: null | Snowflake;
  creator?: User;
  name: string;
  description: string | null;
  image: null;
  scheduled_start_time: Timestamp;
  scheduled_end_time: null | Timestamp;
  privacy_level: 2;
  status: 1 | 2 | 3 | 4;
  entity_type: 2 | 3;
  entity_id: null;
  entity_metadata: null | {
    location: string;
  };
  recurrence_rule: null | {};
  user_count?: number;
}
export interface Integration {
  id: Snowflake;
  guild_id: Snowflake;
  type: "discord";
  name: string;
  enabled: true;
  account: {
    id: Snowflake;
    name: string;
  };
  scopes: string[];
  application: {
    id: Snowflake;
    name: string;
    icon: null;
    description: string;
    bot: User;
    summary: "";
  };
}
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
  attachments: Attachment[];
  embeds: Embed[];
  pinned: boolean;
  type: 0 | 1 | 2 | 4 | 6 | 7 | 19 | 20 | 24;
  flags: number;
  components?: {
    type: number;
    id: number;
  }[];
  reactions?: Reaction[];
  nonce?: string | number;
  message_reference?: {
    type?: number;
    message_id?: Snowflake;
    channel_id: Snowflake;
    guild_id?: Snowflake;
  };
  message_snapshots?: {
    message: MessageSnapshot;
  }[];
  referenced_message?: null | Message;
  nexus?: {
    shown_at?: number;
    late?: true;
    unreadable?: true;
    webhook_of?: Snowflake;
    avatar_url?: string;
    alert_by?: Snowflake;
    moved_from?: Snowflake;
    brought?: {
      from: Snowflake;
      count: number;
    };
  };
  application_id?: Snowflake;
  webhook_id?: Snowflake;
  interaction_metadata?: {};
  thread?: Thread;
  poll?: Poll;
}
export interface Attachment {
  id: Snowflake;
  filename: string;
  size: number;
  url: string;
  proxy_url: string;
  content_type?: string;
  description?: string;
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
export interface MessageSnapshot {
  type: 0;
  content: string;
  timestamp: Timestamp;
  edited_timestamp: null | Timestamp;
  flags: number;
  mentions: User[];
  mention_roles: Snowflake[];
  attachments: Attachment[];
  embeds: Embed[];
  components: {
    type: number;
    id: number;
  }[];
}
export interface Poll {
  question: {
    text: string;
  };
  /**
   * @minItems 1
   * @maxItems 10
   */
  answers: {
    answer_id: number;
    poll_media: {
      text: string;
      emoji?: Emoji;
    };
  }[];
  expiry: Timestamp;
  allow_multiselect: boolean;
  layout_type: 1;
  results: {
    answer_counts: {
      id: number;
      count: number;
      me_voted: boolean;
    }[];
    is_finalized: boolean;
  };
}
export interface GuildSettings {
  guild_id: Snowflake;
  channel_overrides: {
    channel_id: Snowflake;
    [k: string]: unknown | undefined;
  }[];
  [k: string]: unknown | undefined;
}
export interface Relationship {
  id: Snowflake;
  type: 1 | 2 | 3 | 4;
  nickname: null;
  user: User;
}
