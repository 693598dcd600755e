/** What every event of the gateway does to the state. */

import type { Millis } from "../model/entities.ts";
import type { Dispatches } from "../wire/generated.ts";
import { draftElsewhere } from "./drafts.ts";
import { readElsewhere } from "./reads.ts";
import { drop } from "./records.ts";
import * as captions from "./reduce/captions.ts";
import * as emoji from "./reduce/emoji.ts";
import * as events from "./reduce/events.ts";
import * as guilds from "./reduce/guilds.ts";
import * as members from "./reduce/members.ts";
import * as messages from "./reduce/messages.ts";
import * as polls from "./reduce/polls.ts";
import { standing } from "./reduce/standing.ts";
import * as threads from "./reduce/threads.ts";
import type { State } from "./state.ts";

export type EventName = keyof Dispatches;

/** An event of the gateway. */
export type Dispatch = { [Name in EventName]: { readonly t: Name; readonly d: Dispatches[Name] } }[EventName];

type Reducers = { readonly [Name in EventName]: (state: State, d: Dispatches[Name], now: Millis) => State };

const unchanged = (state: State) => state;

const REDUCERS: Reducers = {
  READY: guilds.ready,
  RESUMED: unchanged,
  GUILD_CREATE: guilds.guildCreate,
  GUILD_UPDATE: guilds.guildUpdate,
  GUILD_DELETE: guilds.guildDelete,
  GUILD_ROLE_CREATE: guilds.roleSet,
  GUILD_ROLE_UPDATE: guilds.roleSet,
  GUILD_ROLE_DELETE: guilds.roleDelete,
  GUILD_MEMBER_ADD: members.memberAdd,
  GUILD_MEMBER_UPDATE: members.memberUpdate,
  GUILD_MEMBER_REMOVE: members.memberRemove,
  GUILD_MEMBERS_CHUNK: members.membersChunk,
  // The audit log is not shown in this client yet.
  GUILD_AUDIT_LOG_ENTRY_CREATE: unchanged,
  GUILD_BAN_ADD: unchanged,
  GUILD_BAN_REMOVE: unchanged,
  CHANNEL_CREATE: guilds.channelCreate,
  CHANNEL_UPDATE: guilds.channelCreate,
  CHANNEL_DELETE: guilds.channelDelete,
  CHANNEL_RECIPIENT_ADD: guilds.recipientAdd,
  CHANNEL_RECIPIENT_REMOVE: guilds.recipientRemove,
  // Which they are now is asked for again, where somebody looks.
  CHANNEL_PINS_UPDATE: unchanged,
  INVITE_CREATE: unchanged,
  INVITE_DELETE: (state, d) => ({ ...state, invites: drop(state.invites, d.code) }),
  MESSAGE_CREATE: messages.messageCreate,
  MESSAGE_UPDATE: messages.messageUpdate,
  MESSAGE_DELETE: messages.messageDelete,
  MESSAGE_DELETE_BULK: messages.messageDeleteBulk,
  MESSAGE_REACTION_ADD: messages.reactionAdd,
  MESSAGE_REACTION_REMOVE: messages.reactionRemove,
  MESSAGE_REACTION_REMOVE_ALL: messages.reactionRemoveAll,
  MESSAGE_REACTION_REMOVE_EMOJI: messages.reactionRemoveEmoji,
  // What bots are asked for: this client asks none, and shows what they answer like any message.
  APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE: unchanged,
  INTERACTION_CREATE: unchanged,
  INTERACTION_FAILURE: unchanged,
  INTERACTION_MODAL_CREATE: unchanged,
  INTERACTION_SUCCESS: unchanged,
  WEBHOOKS_UPDATE: unchanged,
  THREAD_CREATE: threads.threadSet,
  THREAD_DELETE: threads.threadDelete,
  THREAD_LIST_SYNC: threads.threadListSync,
  // The event for all members says it too.
  THREAD_MEMBER_UPDATE: unchanged,
  THREAD_MEMBERS_UPDATE: threads.threadMembers,
  THREAD_UPDATE: threads.threadSet,
  GUILD_EMOJIS_UPDATE: emoji.emojisUpdate,
  // Which bots there are is asked for where they are shown.
  GUILD_INTEGRATIONS_UPDATE: unchanged,
  INTEGRATION_CREATE: unchanged,
  INTEGRATION_DELETE: unchanged,
  INTEGRATION_UPDATE: unchanged,
  // Who may use commands is the bots' to know; what nobody may say is looked after elsewhere.
  APPLICATION_COMMAND_PERMISSIONS_UPDATE: unchanged,
  AUTO_MODERATION_ACTION_EXECUTION: unchanged,
  AUTO_MODERATION_RULE_CREATE: unchanged,
  AUTO_MODERATION_RULE_DELETE: unchanged,
  AUTO_MODERATION_RULE_UPDATE: unchanged,
  GUILD_SCHEDULED_EVENT_CREATE: events.eventCreate,
  GUILD_SCHEDULED_EVENT_DELETE: events.eventDelete,
  GUILD_SCHEDULED_EVENT_UPDATE: events.eventSet,
  GUILD_SCHEDULED_EVENT_USER_ADD: events.interestAdd,
  GUILD_SCHEDULED_EVENT_USER_REMOVE: events.interestRemove,
  MESSAGE_POLL_VOTE_ADD: polls.voteAdd,
  MESSAGE_POLL_VOTE_REMOVE: polls.voteRemove,
  MESSAGE_ACK: (state, d) => readElsewhere(state, d.channel_id, d.message_id),
  // Relations are not shown, nor what other clients keep.
  RELATIONSHIP_ADD: unchanged,
  RELATIONSHIP_REMOVE: unchanged,
  USER_GUILD_SETTINGS_UPDATE: unchanged,
  USER_SETTINGS_UPDATE: unchanged,
  NEXUS_DRAFT_UPDATE: draftElsewhere,
  NEXUS_ACTION_VOID: messages.actionVoid,
  NEXUS_MESSAGE_VOID: messages.messageVoid,
  NEXUS_STANDING: standing,
  PRESENCE_UPDATE: members.presenceUpdate,
  TYPING_START: members.typingStart,
  USER_UPDATE: members.userUpdate,
  // There is no voice yet.
  VOICE_STATE_UPDATE: unchanged,
  CHANNEL_INFO: captions.channelInfo,
  VOICE_CHANNEL_STATUS_UPDATE: captions.captionUpdate,
};

/** Whether an event is one that this version knows. */
export function isKnown(t: string): t is EventName {
  return Object.hasOwn(REDUCERS, t);
}

/** The state after an event. An event of a later version, or about what is not known here, changes nothing. */
export function reduce<Name extends EventName>(
  state: State,
  t: Name,
  d: Dispatches[Name],
  now: Millis,
): State {
  return REDUCERS[t](state, d, now);
}
