/** The client without a screen: what it knows, what it does, and what a screen asks of it. */

export type {
  Actions,
  Begun,
  ChannelChange,
  GuildRelay,
  NewAccount,
  NewChannel,
  PostPage,
  Readers,
  Reply,
  RoleChange,
  Searched,
  Searching,
  Shortfall,
  TagChange,
  ThreadChange,
  ThreadPage,
} from "./client/actions.ts";
export type { Client } from "./client/client.ts";
export { createClient } from "./client/create.ts";
export type {
  Answer,
  ClientOptions,
  Clock,
  FileStore,
  FormPart,
  Request,
  Socket,
  SocketEvents,
  Storage,
  Transport,
  Upload,
} from "./client/ports.ts";
export { SEARCH_PAGE } from "./client/wishes/searching.ts";
export type { Block, Inline, Markdown } from "./markdown/ast.ts";
export { markdown, plainText } from "./markdown/markdown.ts";
export {
  type AccountFacts,
  authenticatorLink,
  base32,
  type Entered,
  inFours,
  type Login,
  type Newcomer,
  OLD_TICKET,
  type Provider,
  type SignedIn,
  type SignInBack,
  type SignInPurpose,
  WRONG_CODE,
} from "./model/account.ts";
export type { Asker, Asking, AskingAnswer, Authorized, Connection } from "./model/application.ts";
export {
  type Bot,
  type BotChange,
  type BotForm,
  type BotSite,
  botChange,
  botForm,
  type Hearing,
  hears,
  withHearing,
} from "./model/bot.ts";
export * from "./model/entities.ts";
export {
  type ChosenFile,
  FILE_ABOUT_MAX,
  FILE_MAX,
  FILES_MAX,
  FILES_TOGETHER_MAX,
  type FileBytes,
  type FileChange,
  type FileRefusal,
  isPicture,
  isSpoiler,
  type NewFile,
  shownName,
} from "./model/files.ts";
export { holdsPosts } from "./model/holds_posts.ts";
export type * from "./model/made.ts";
export { type Failure, type FailureKind, mayBeDone, type Outcome } from "./model/outcome.ts";
export { said, toForward } from "./model/said.ts";
export { ALL_PERMISSIONS, allows, Permission, type PermissionName } from "./permissions/bits.ts";
export { mayGive, myPermissions, permissionsIn, rankOf } from "./permissions/in_channel.ts";
export { excerpt, type MarkedPart, markedParts } from "./search/marked.ts";
export { filtersIn, guildAt, type SearchPlace } from "./search/place.ts";
export {
  isWholeName,
  type SearchBegun,
  type SearchSuggestion,
  searchBegunAt,
  searchSuggestions,
} from "./search/suggest.ts";
export { FILTERS, type Filter } from "./search/tokens.ts";
export {
  HAS,
  type Has,
  type MessageSearch,
  type SearchProblem,
  type Wanted,
  wantedMessages,
} from "./search/wanted.ts";
export { isBegun, mayAttach } from "./select/attaching.ts";
export { type ChannelGroup, channelTree, conversations, firstChannel } from "./select/channels.ts";
export { type MessageDeeds, messageDeeds } from "./select/deeds.ts";
export { customEmoji, usableEmoji } from "./select/emoji.ts";
export { type EventDeeds, eventDeeds, guildEvents, mayAnnounce } from "./select/events.ts";
export { forwardTargets, type Whence, whence } from "./select/forwards.ts";
export { goneAt } from "./select/gone.ts";
export { type LeadFile, leadFile } from "./select/lead_file.ts";
export { contestedMembers, type MemberGroup, memberGroups } from "./select/members.ts";
export { type MoveTarget, movableIn, movedAlong, movedAway, moveTargets } from "./select/moves.ts";
export { channelName, colorOf, faceOf, nameOf } from "./select/names.ts";
export { fuzzy, quickSwitch, type SwitchHit, type SwitchTarget } from "./select/quick_switch.ts";
export { keptDays } from "./select/retention.ts";
export {
  forumPosts,
  type MayBegin,
  mayBegin,
  type ThreadDeeds,
  type ThreadsOf,
  threadDeeds,
  threadFrom,
  threadOverview,
  threadsBeside,
} from "./select/threads.ts";
export { type TimelineItem, timelineItems } from "./select/timeline_items.ts";
export { type Truth, truthLine } from "./select/truth.ts";
export { totalMentions, type Unread, unread, unreadConversations, visibleChannels } from "./select/unread.ts";
export {
  type ById,
  type Door,
  EMPTY_TIMELINE,
  type Gone,
  initialState,
  type Loading,
  type Moved,
  type Pending,
  type Read,
  type RelayLink,
  type Session,
  type State,
  type Timeline,
  type Unsaid,
  type Void,
} from "./state/state.ts";
