//! What somebody at the window asks for, parsed and typed. Whether they may is decided by the core alone.

pub(crate) mod draft;
pub(crate) mod message;
pub(crate) mod recovery_key;
pub(crate) mod refusal;

use crate::invite::InviteCode;
use crate::message::Message;
use crate::store::TokenHash;
use draft::{
    BotInstall, ChannelDraft, ChannelPatch, ForumDraft, MemberPatch, OfferDraft, RoleDraft, RolePatch,
    ThreadDraft,
};
use message::{MessageDraft, MessageEdit};
use nexus_crdt::body::content::Note;
use nexus_crdt::body::governance::{
    ChannelFields, EmojiCreate, EmojiEdit, EventFields, FilterFields, ForumFields, GuildEdit, OfferAccess,
    OverwriteEntry, OverwriteTarget, Picture, ThreadFields,
};
use nexus_crdt::id::{ChannelId, DeviceKey, OpId, RoleId, SpaceId, UserId};
use recovery_key::RecoveryKey;
use std::sync::Arc;

/// A wish. The actor travels beside it, in `Input::Command`.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Command {
    /// First run: makes the owner's account, their device, and a token. Needs no actor. → `Reply::Setup`
    Setup { name: String },
    /// A relay makes the account of somebody who registers: its keys live on the relay, and everybody can see that.
    /// Needs no actor: the program asks, for a person it knows. → `Reply::Created` (the account)
    Host { name: String },
    /// A node with no owner yet makes the keys that an account will have here, or finds those it made before. Needs no
    /// actor. → `Reply::Claiming`
    BeginClaim { user: UserId },
    /// The account, whose log is here and names those keys, is this node's owner from now on. Its own device is certified;
    /// the hosted ones are revoked, or kept. `relay`: a home relay, where the account names none. Needs no actor.
    /// → `Reply::Claimed`
    FinishClaim { user: UserId, relay: String, keep_hosted: bool },
    /// A relay hands a hosted account to an identity key at home, with the first recovery commitment, and forgets its
    /// own. Needs no actor: the program asks, for a person who has shown who they are. → `Reply::Done`, each time it is
    /// asked with the same key
    HandOverAccount { user: UserId, identity_key: DeviceKey, recovery: [u8; 32] },
    /// A relay ends a hosted account, or a bot of it: by its own ops it has no name and no device any more, and its keys and tokens
    /// are forgotten. One that was taken home lives on there; its hosted device's key is forgotten. Needs no actor: the program
    /// asks, for a person who has shown who they are. → `Reply::Done`, each time it is asked
    EraseAccount { user: UserId },
    /// A bot of the actor's ends: it leaves its guilds, and then as above. → `Reply::Done`
    DeleteApplication { application: UserId },
    /// An account, whose log is here, is taken back by its recovery key, on a node of that owner's or of nobody's. It has new
    /// keys here, every other device is revoked as of now, and there is another recovery key. `relay`: a home relay, where the
    /// account names none. Needs no actor. → `Reply::Claimed`
    Recover { user: UserId, recovery: RecoveryKey, relay: Option<String> },
    /// This node's people use a relay from now on: their accounts say so, and their guilds that name no relay name
    /// it. Needs no actor: the program's settings ask. → `Reply::Done`
    UseRelay { url: String },
    /// .. and no longer. What guilds and accounts have named stays until somebody changes it. Needs no actor. → `Reply::Done`
    LeaveRelay { url: String },
    /// The whole list of a guild's relays, an owner's word. → `Reply::Done`
    SetRelays { guild: SpaceId, urls: Vec<String> },
    /// A fresh token for oneself or an application of one's own; `replace` revokes those it had. → `Reply::Token`
    IssueToken { user: UserId, replace: bool },
    /// Ends a token. → `Reply::Done`
    RevokeToken { token: TokenHash },
    /// A new name or text about oneself. → `Reply::Done`
    EditProfile { name: Option<String>, about: Option<String> },
    /// A new bot account of the actor's. → `Reply::Created`
    CreateApplication { name: String, description: String },
    /// Name, description or flags of one. → `Reply::Done`
    EditApplication {
        application: UserId,
        name: Option<String>,
        description: Option<String>,
        flags: Option<u64>,
    },
    /// An emoji of a bot's own; its picture is kept already. → `Reply::Created`
    MakeOwnEmoji { application: UserId, name: String, picture: Picture },
    /// Its name; none takes it away. → `Reply::Done`
    NameOwnEmoji { application: UserId, emoji: OpId, name: Option<String> },
    /// The URL at which one is asked, in place of its gateway sessions; none: by these again. → `Reply::Done`
    SetEndpoint { application: UserId, url: Option<String> },
    /// Signs what the actor, an application, is asked at its endpoint. → `Reply::Signature`
    SignQuestion { text: Vec<u8> },

    /// What people can ask a bot for: makes, edits and takes away offers, all or none. → `Reply::Done`
    Offer { application: UserId, guild: Option<SpaceId>, offers: Vec<OfferDraft> },

    /// Another name that the actor speaks under in a channel. → `Reply::Created`
    MakeWebhook { channel: ChannelId, name: String },
    /// Messages that are published in an announcement channel come to another, in the actor's name, by a webhook. → `Reply::Created`
    FollowChannel { source: ChannelId, channel: ChannelId },
    /// Gives a message of an announcement channel to whoever follows it. → `Reply::Message`
    Publish { channel: ChannelId, message: OpId },
    /// Of one's own: where it is and what it is called; no name takes it away. → `Reply::Done`
    EditWebhook { webhook: OpId, channel: Option<ChannelId>, name: Option<String> },
    /// The secret of its link. → `Reply::Token`
    WebhookToken { webhook: OpId },
    /// Whether that is the secret. → `Reply::Done`
    OpenWebhook { webhook: OpId, token: String },

    /// A guild with channels `general` and `General`. → `Reply::Created`
    CreateGuild { name: String },
    /// → `Reply::Done`
    EditGuild { guild: SpaceId, edit: GuildEdit },
    /// Goes, and takes away all that was said there, where `erase` says so. Owners cannot. → `Reply::Done`
    LeaveGuild { guild: SpaceId, erase: bool },
    /// Takes away all that somebody said in a guild up to now: oneself, or whom one may. → `Reply::Done`
    Erase { guild: SpaceId, user: UserId },
    /// Lets a local bot in, with its managed role where `permissions` is not empty. → `Reply::Done`
    InstallBot(BotInstall),
    /// A conversation with these people and the actor, or the one there is. → `Reply::Created`
    OpenConversation { with: Vec<UserId> },
    /// Somebody comes into a conversation of several. → `Reply::Done`
    BringIn { conversation: SpaceId, user: UserId },
    /// Somebody is put out of one, or goes. → `Reply::Done`
    PutOut { conversation: SpaceId, user: UserId },
    /// It is called so. → `Reply::Done`
    NameConversation { conversation: SpaceId, name: String },

    /// → `Reply::Created`
    CreateChannel { guild: SpaceId, draft: ChannelDraft },
    /// → `Reply::Done`
    EditChannel { channel: ChannelId, patch: ChannelPatch },
    /// Several positions at once. → `Reply::Done`
    MoveChannels { guild: SpaceId, positions: Vec<(ChannelId, ChannelFields)> },
    /// → `Reply::Done`
    DeleteChannel { channel: ChannelId },
    /// How many days messages are kept, in a channel or in the whole guild: 0 for ever, none as in the guild. → `Reply::Done`
    SetRetention { guild: SpaceId, channel: Option<ChannelId>, days: Option<u32> },
    /// → `Reply::Done`
    SetOverwrite { channel: ChannelId, entry: OverwriteEntry },
    /// → `Reply::Done`
    ClearOverwrite { channel: ChannelId, target: OverwriteTarget },

    /// Made by the actor, who follows it. → `Reply::Created`
    CreateThread { parent: ChannelId, draft: ThreadDraft },
    /// → `Reply::Done`
    EditThread { thread: ChannelId, fields: ThreadFields },
    /// Somebody follows a thread, or no longer. → `Reply::Done`
    Follow { thread: ChannelId, user: UserId, following: bool },
    /// → `Reply::Created`
    CreateForum { guild: SpaceId, draft: ForumDraft },
    /// What only forums have. Tags with the number 0 are new. → `Reply::Done`
    EditForum { channel: ChannelId, forum: ForumFields },

    /// Its picture is kept already. → `Reply::Created`
    MakeEmoji { guild: SpaceId, emoji: EmojiCreate },
    /// → `Reply::Done`
    EditEmoji { guild: SpaceId, edit: EmojiEdit },
    /// → `Reply::Done`
    DeleteEmoji { guild: SpaceId, emoji: OpId },
    /// An event; name, time and place are there. → `Reply::Created`
    Announce { guild: SpaceId, fields: EventFields },
    /// → `Reply::Done`
    EditEvent { event: ChannelId, fields: EventFields },
    /// Takes it away, for good. → `Reply::Done`
    CallOff { event: ChannelId },
    /// The actor looks forward to an event, or no longer. → `Reply::Done`
    BeInterested { event: ChannelId, interested: bool },

    /// Who may ask a bot for what it offers: the lines of one offer, or of the bot, all of them. → `Reply::Done`
    SetOfferAccess { guild: SpaceId, access: OfferAccess },
    /// What nobody may say; name and trigger are there. → `Reply::Created`
    MakeFilter { guild: SpaceId, fields: FilterFields },
    /// → `Reply::Done`
    EditFilter { guild: SpaceId, filter: OpId, fields: FilterFields },
    /// → `Reply::Done`
    DeleteFilter { guild: SpaceId, filter: OpId },

    /// Made below all others. → `Reply::Created`
    CreateRole { guild: SpaceId, draft: RoleDraft },
    /// → `Reply::Done`
    EditRole { guild: SpaceId, role: RoleId, patch: RolePatch },
    /// → `Reply::Done`
    DeleteRole { guild: SpaceId, role: RoleId },
    /// Puts roles at positions, from 1 above `@everyone`; the others keep their order. → `Reply::Done`
    MoveRoles { guild: SpaceId, positions: Vec<(RoleId, u32)> },
    /// One role more. → `Reply::Done`
    AddMemberRole { guild: SpaceId, user: UserId, role: RoleId },
    /// One role less. → `Reply::Done`
    RemoveMemberRole { guild: SpaceId, user: UserId, role: RoleId },
    /// Nickname, the whole list of roles and a timeout, where given: all of it or nothing. → `Reply::Done`
    EditMember { guild: SpaceId, user: UserId, patch: MemberPatch },
    /// → `Reply::Done`
    Kick { guild: SpaceId, user: UserId, reason: String },
    /// `delete_s`: also what they wrote in so many seconds before. → `Reply::Done`
    Ban { guild: SpaceId, user: UserId, reason: String, delete_s: u32 },
    /// → `Reply::Done`
    Unban { guild: SpaceId, user: UserId },
    /// Kicks who has been silent (came, and last wrote anything in the guild, so long ago), whom the actor ranks above, and who has
    /// no roles but these; or only counts them. At most 1,000 at a time, and as many as the actor's quota allows.
    /// → `Reply::Count`
    Prune { guild: SpaceId, silent_ms: u64, roles: Vec<RoleId>, count_only: bool, reason: String },
    /// Another command, with why: what it writes of governance is followed by the reason, for the audit log. (Of a kick, a
    /// ban and a device's end the reason stands in the op itself.) → what that replies
    Because { reason: String, command: Box<Self> },
    /// Of somebody who was removed, what is younger than a time (Unix ms) goes too. → `Reply::Done`
    TightenCut { guild: SpaceId, user: UserId, keep_until_ms: u64 },
    /// Ends a device of a member in this guild, for good: one's own lost one, or by who may kick. → `Reply::Done`
    RevokeDevice { guild: SpaceId, user: UserId, device: DeviceKey, reason: String },
    /// Closes a channel to who may not manage its messages, or opens it again. → `Reply::Done`
    LockChannel { channel: ChannelId, locked: bool },
    /// An owner's vote for all owners from then on, and for how many of them a quorum is. → `Reply::Done`
    SetOwners { guild: SpaceId, owners: Vec<UserId>, threshold: u32 },
    /// An owner's barrier: from it on these rules hold, before it the old ones for ever. Who does not carry them reads the
    /// guild and writes nothing in it. → `Reply::Done`
    SetRules { guild: SpaceId, rules_version: u32 },

    /// `max_age_s` 0: never expires. → `Reply::Created` (the invite's op id; its code stands in the view)
    CreateInvite { channel: ChannelId, max_age_s: u32 },
    /// → `Reply::Done`
    RevokeInvite { guild: SpaceId, invite: OpId },
    /// Joins by the code of an invite whose guild is held here. → `Reply::Created` (the guild)
    Join { code: InviteCode },

    /// → `Reply::Message`
    SendMessage(MessageDraft),
    /// One's own. → `Reply::Message`
    EditMessage { channel: ChannelId, message: OpId, edit: MessageEdit },
    /// → `Reply::Done`
    DeleteMessages { channel: ChannelId, messages: Vec<OpId> },
    /// → `Reply::Done`
    React { channel: ChannelId, message: OpId, emoji: String },
    /// `user` and `emoji` as in the op's body. → `Reply::Done`
    Unreact { channel: ChannelId, message: OpId, emoji: Option<String>, user: Option<UserId> },
    /// → `Reply::Done`
    Pin { channel: ChannelId, message: OpId, pinned: bool },
    /// Shows messages of a channel in one of its public threads, or (none) in the channel again; 1 to 100. → `Reply::Done`
    MoveMessages { channel: ChannelId, messages: Vec<OpId>, to: Option<ChannelId> },
    /// What the actor keeps for themself, all or none; no wishes for friendship. → `Reply::Done`
    Keep { notes: Vec<Note> },
    /// The actor wishes to be friends with somebody, or no longer; a conversation with them is opened for it. → `Reply::Done`
    Befriend { user: UserId, wished: bool },
    /// The actor's whole ballot on a message's poll: numbers of answers, from 1. → `Reply::Done`
    Vote { channel: ChannelId, message: OpId, answers: Vec<u8> },
    /// Ends the poll of a message of one's own. → `Reply::Message`
    EndPoll { channel: ChannelId, message: OpId },
    /// Says that the actor is writing; a frame, never an op. → `Reply::Done`
    Type { channel: ChannelId },
}

/// The answer to a command that was carried out and is durable.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Reply {
    /// Carried out; read the view.
    Done,
    /// What it made.
    Created(OpId),
    /// How many.
    Count(u32),
    /// The message as it stands now.
    Message(Arc<Message>),
    /// The token, shown this once.
    Token(String),
    /// Ed25519, by the application's key.
    Signature([u8; 64]),
    /// The owner's account and token.
    Setup { user: UserId, token: String },
    /// What an account that comes home is to be handed to.
    Claiming { identity_key: DeviceKey, recovery: [u8; 32] },
    /// It is here: its owner's token, and the recovery key, shown this once.
    Claimed { user: UserId, token: String, recovery: RecoveryKey },
}
