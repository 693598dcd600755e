//! The first door: commands become signed ops, or are refused with nothing written.

mod account;
pub(super) mod alert;
mod channel;
mod claim;
mod emoji;
pub(super) mod endpoint;
mod erase;
mod event;
mod filter;
mod group;
mod guild;
mod invite;
mod member;
mod message;
mod moderate;
mod moved;
mod note;
mod offer;
mod own_emoji;
mod poll;
mod prune;
pub(super) mod publish;
mod rank;
mod reach;
mod react;
mod recover;
mod reissue;
mod relay;
mod retain;
mod role;
mod settle;
mod thread;
mod token;
mod webhook;

pub use message::merged;

use super::admit::{Fate, Origin};
use super::entropy::Purpose;
use super::turn::Turn;
use crate::command::refusal::{Refusal, Thing};
use crate::command::{Command, Reply};
use crate::store::{LogEntry, LogId, StoreFault};
use minicbor::Encode;
use nexus_crdt::body;
use nexus_crdt::guild::{Denied, Guild, GuildView};
use nexus_crdt::id::{ChannelId, DeviceKey, OpId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, DEPS_MAX, Draft};
use nexus_crdt::permissions::Permissions;
use nexus_crdt::verdict::{Verdict, VoidReason};
use nexus_crypto::SecretKey;
use std::sync::Arc;

/// Why a command stops half-way: it is refused (the turn is undone, or, where it was caught, goes on with what is written of that), or
/// the store failed (the core is dropped).
#[derive(Debug)]
pub(super) enum Halt {
    Refused(Refusal),
    Caught(Refusal),
    Fault(StoreFault),
}

/// What authoring gives, or why it stops.
pub(super) type Authored<T> = Result<T, Halt>;

/// Who asks, with the key they write with.
#[derive(Clone)]
struct Actor {
    user: UserId,
    key: Arc<SecretKey>,
}

/// Where an op is to stand and what it cites, before it has its place in its log.
struct Place {
    space: SpaceId,
    stream: StreamId,
    tenure: Tenure,
    kind: Kind,
    deps: Vec<OpId>,
    target: Option<OpId>,
}

fn count(many: usize) -> Reply {
    Reply::Count(u32::try_from(many).unwrap_or(u32::MAX))
}

impl Turn<'_> {
    /// Carries a command out, or refuses it.
    pub(super) fn carry_out(&mut self, actor: Option<UserId>, command: Command) -> Authored<Reply> {
        let command = match command {
            Command::Setup { name } => return self.setup(&name),
            Command::Host { name } => return self.host(&name),
            Command::BeginClaim { user } => return self.begin_claim(user),
            Command::FinishClaim { user, relay, keep_hosted } => {
                return self.finish_claim(user, relay, keep_hosted);
            }
            Command::HandOverAccount { user, identity_key, recovery } => {
                return self.hand_over_account(user, identity_key, recovery);
            }
            Command::EraseAccount { user } => return self.erase_account(user),
            Command::Recover { user, recovery, relay } => {
                return self.recover(user, &recovery, relay);
            }
            Command::UseRelay { url } => return self.use_relay(url),
            Command::LeaveRelay { url } => return self.leave_relay(&url),
            other => other,
        };
        let actor = self.actor(actor)?;
        match command {
            // The commands without an actor are carried out above.
            Command::Setup { .. }
            | Command::Host { .. }
            | Command::BeginClaim { .. }
            | Command::FinishClaim { .. }
            | Command::HandOverAccount { .. }
            | Command::EraseAccount { .. }
            | Command::Recover { .. }
            | Command::UseRelay { .. }
            | Command::LeaveRelay { .. } => Err(Refusal::MissingAccess.into()),
            Command::SetRelays { guild, urls } => self.set_relays(&actor, guild, urls),
            Command::IssueToken { user, replace } => self.issue_token(&actor, user, replace),
            Command::RevokeToken { token } => self.revoke_token(&actor, token),
            Command::EditProfile { name, about } => self.edit_profile(&actor, name, about),
            Command::CreateApplication { name, description } => {
                self.create_application(&actor, &name, description)
            }
            Command::EditApplication { application, name, description, flags } => {
                self.edit_application(&actor, application, name, description, flags)
            }
            Command::DeleteApplication { application } => self.delete_application(&actor, application),
            Command::MakeOwnEmoji { application, name, picture } => {
                self.make_own_emoji(&actor, application, name, picture)
            }
            Command::NameOwnEmoji { application, emoji, name } => {
                self.name_own_emoji(&actor, application, emoji, name)
            }
            Command::SetEndpoint { application, url } => self.set_endpoint(&actor, application, url),
            Command::SignQuestion { text } => self.sign_question(&actor, &text),
            Command::Offer { application, guild, offers } => self.offer(&actor, application, guild, offers),
            Command::MakeWebhook { channel, name } => self.make_webhook(&actor, channel, name),
            Command::FollowChannel { source, channel } => self.follow_channel(&actor, source, channel),
            Command::Publish { channel, message } => self.publish(&actor, channel, message),
            Command::EditWebhook { webhook, channel, name } => {
                self.edit_webhook(&actor, webhook, channel, name)
            }
            Command::WebhookToken { webhook } => self.webhook_token(&actor, webhook),
            Command::OpenWebhook { webhook, token } => self.open_webhook(&actor, webhook, &token),
            Command::CreateGuild { name } => self.create_guild(&actor, name),
            Command::EditGuild { guild, edit } => self.edit_guild(&actor, guild, &edit),
            Command::LeaveGuild { guild, erase } => self.leave_guild(&actor, guild, erase),
            Command::Erase { guild, user } => self.erase_said(&actor, guild, user),
            Command::InstallBot(install) => self.install_bot(&actor, &install),
            Command::OpenConversation { with } => self.open_conversation(&actor, with),
            Command::BringIn { conversation, user } => self.bring_in(&actor, conversation, user),
            Command::PutOut { conversation, user } => self.put_out(&actor, conversation, user),
            Command::NameConversation { conversation, name } => self.name_group(&actor, conversation, name),
            Command::CreateChannel { guild, draft } => self.create_channel(&actor, guild, draft),
            Command::EditChannel { channel, patch } => self.edit_channel(&actor, channel, patch),
            Command::MoveChannels { guild, positions } => self.move_channels(&actor, guild, positions),
            Command::DeleteChannel { channel } => self.delete_channel(&actor, channel),
            Command::CreateThread { parent, draft } => self.create_thread(&actor, parent, draft),
            Command::EditThread { thread, fields } => self.edit_thread(&actor, thread, fields),
            Command::Follow { thread, user, following } => self.follow(&actor, thread, user, following),
            Command::CreateForum { guild, draft } => self.create_forum(&actor, guild, draft),
            Command::EditForum { channel, forum } => self.edit_forum(&actor, channel, forum),
            Command::MakeEmoji { guild, emoji } => self.make_emoji(&actor, guild, emoji),
            Command::EditEmoji { guild, edit } => self.edit_emoji(&actor, guild, edit),
            Command::DeleteEmoji { guild, emoji } => self.delete_emoji(&actor, guild, emoji),
            Command::Announce { guild, fields } => self.announce(&actor, guild, fields),
            Command::EditEvent { event, fields } => self.edit_event(&actor, event, fields),
            Command::CallOff { event } => self.call_off(&actor, event),
            Command::BeInterested { event, interested } => self.be_interested(&actor, event, interested),
            Command::SetOfferAccess { guild, access } => self.set_offer_access(&actor, guild, access),
            Command::SetRetention { guild, channel, days } => {
                self.set_retention(&actor, guild, channel, days)
            }
            Command::MakeFilter { guild, fields } => self.make_filter(&actor, guild, fields),
            Command::EditFilter { guild, filter, fields } => self.edit_filter(&actor, guild, filter, fields),
            Command::DeleteFilter { guild, filter } => self.delete_filter(&actor, guild, filter),
            Command::SetOverwrite { channel, entry } => self.set_overwrite(&actor, channel, entry),
            Command::ClearOverwrite { channel, target } => self.clear_overwrite(&actor, channel, target),
            Command::CreateRole { guild, draft } => self.create_role(&actor, guild, draft),
            Command::EditRole { guild, role, patch } => self.edit_role(&actor, guild, role, patch),
            Command::DeleteRole { guild, role } => self.delete_role(&actor, guild, role),
            Command::MoveRoles { guild, positions } => self.move_roles(&actor, guild, positions),
            Command::AddMemberRole { guild, user, role } => self.add_role(&actor, guild, user, role),
            Command::RemoveMemberRole { guild, user, role } => self.remove_role(&actor, guild, user, role),
            Command::EditMember { guild, user, patch } => self.edit_member(&actor, guild, user, patch),
            Command::Kick { guild, user, reason } => self.kick(&actor, guild, user, reason),
            Command::Ban { guild, user, reason, delete_s } => self.ban(&actor, guild, user, reason, delete_s),
            Command::Unban { guild, user } => self.unban(&actor, guild, user),
            Command::Prune { guild, silent_ms, roles, count_only, reason } => {
                let silent = self.silent(&actor, guild, silent_ms, &roles)?;
                if count_only { Ok(count(silent.len())) } else { self.prune(&actor, guild, silent, &reason) }
            }
            Command::Because { reason, command } => self.because(&actor, reason, *command),
            Command::TightenCut { guild, user, keep_until_ms } => {
                self.tighten_cut(&actor, guild, user, keep_until_ms)
            }
            Command::RevokeDevice { guild, user, device, reason } => {
                self.revoke_device(&actor, guild, user, device, reason)
            }
            Command::LockChannel { channel, locked } => self.lock_channel(&actor, channel, locked),
            Command::SetOwners { guild, owners, threshold } => {
                self.set_owners(&actor, guild, owners, threshold)
            }
            Command::SetRules { guild, rules_version } => self.set_rules(&actor, guild, rules_version),
            Command::CreateInvite { channel, max_age_s } => self.create_invite(&actor, channel, max_age_s),
            Command::RevokeInvite { guild, invite } => self.revoke_invite(&actor, guild, invite),
            Command::Join { code } => self.join(&actor, code),
            Command::SendMessage(draft) => self.send_message(&actor, draft),
            Command::EditMessage { channel, message, edit } => {
                self.edit_message(&actor, channel, message, edit)
            }
            Command::DeleteMessages { channel, messages } => self.delete_messages(&actor, channel, &messages),
            Command::React { channel, message, emoji } => self.react(&actor, channel, message, emoji),
            Command::Unreact { channel, message, emoji, user } => {
                self.unreact(&actor, channel, message, emoji, user)
            }
            Command::Pin { channel, message, pinned } => self.pin(&actor, channel, message, pinned),
            Command::MoveMessages { channel, messages, to } => {
                self.move_messages(&actor, channel, &messages, to)
            }
            Command::Keep { notes } => self.keep_notes(&actor, notes),
            Command::Befriend { user, wished } => self.befriend(&actor, user, wished),
            Command::Vote { channel, message, answers } => self.vote(&actor, channel, message, answers),
            Command::EndPoll { channel, message } => self.end_poll(&actor, channel, message),
            Command::Type { channel } => self.type_in(&actor, channel),
        }
    }

    fn actor(&mut self, user: Option<UserId>) -> Authored<Actor> {
        let user = user.ok_or(Refusal::MissingAccess)?;
        self.begin_anew(&user)?;
        let key = self.core.mind.keyring.devices.get(&user).ok_or(Refusal::MissingAccess)?;
        Ok(Actor { user, key: Arc::clone(key) })
    }

    /// A guild the actor is in, as it is now.
    fn guild_of(&self, actor: &Actor, space: &SpaceId) -> Authored<Arc<Guild>> {
        let guild = self.core.mind.guilds.get(space).ok_or(Refusal::Unknown(Thing::Guild))?;
        if !guild.view().members.contains_key(&actor.user) {
            return Err(Refusal::MissingAccess.into());
        }
        Ok(Arc::clone(guild))
    }

    /// The guild of a channel that the actor can see.
    fn guild_with(&self, actor: &Actor, channel: &ChannelId) -> Authored<Arc<Guild>> {
        let space = self.core.mind.view.channels.get(channel).ok_or(Refusal::Unknown(Thing::Channel))?;
        let guild = self.guild_of(actor, space)?;
        if !guild.view().permissions_in(&actor.user, channel).has(Permissions::VIEW_CHANNEL) {
            return Err(Refusal::MissingAccess.into());
        }
        Ok(guild)
    }

    /// Writes a governance op on the present heads, where authority permits it, and why, where that was said.
    fn govern<B: Encode<()>>(
        &mut self,
        actor: &Actor,
        space: SpaceId,
        kind: Kind,
        body: &B,
    ) -> Authored<OpId> {
        let op = self.govern_unexplained(actor, space, kind, body)?;
        self.give_reason(actor, space, kind, op)?;
        Ok(op)
    }

    fn govern_unexplained<B: Encode<()>>(
        &mut self,
        actor: &Actor,
        space: SpaceId,
        kind: Kind,
        body: &B,
    ) -> Authored<OpId> {
        let guild = self.guild_of(actor, &space)?;
        let tenure = tenure_of(guild.view(), &actor.user)?;
        let stream = StreamId::GOVERNANCE;
        let log = LogId { space, stream, device: DeviceKey::from(actor.key.public()), tenure };
        let deps = deps(&guild, self.head(&log)?);
        let place = Place { space, stream, tenure, kind, deps, target: None };
        self.write_if_permitted(actor, &guild, place, op::open_body(body))
    }

    /// Writes a membership op on the present frontier, where authority permits it.
    fn enroll<B: Encode<()>>(
        &mut self,
        actor: &Actor,
        space: SpaceId,
        tenure: Tenure,
        kind: Kind,
        body: &B,
    ) -> Authored<OpId> {
        let guild = self.core.mind.guilds.get(&space).ok_or(Refusal::Unknown(Thing::Guild))?;
        let guild = Arc::clone(guild);
        let deps = vec![OpId(guild.frontier().0)];
        let place = Place { space, stream: StreamId::MEMBERSHIP, tenure, kind, deps, target: None };
        self.write_if_permitted(actor, &guild, place, op::open_body(body))
    }

    fn write_if_permitted(
        &mut self,
        actor: &Actor,
        guild: &Guild,
        place: Place,
        body: Vec<u8>,
    ) -> Authored<OpId> {
        let draft = self.draft(place, &actor.key, body)?;
        guild.permits(&actor.user, &draft, &self.core.mind.accounts).map_err(denied)?;
        self.seal(draft, &actor.key)
    }

    /// Writes a content op on the present frontier of a guild; whether it counts, the corridor decides.
    fn utter<B: Encode<()>>(
        &mut self,
        actor: &Actor,
        guild: &Guild,
        channel: &ChannelId,
        kind: Kind,
        target: Option<OpId>,
        body: &B,
    ) -> Authored<OpId> {
        self.utter_bytes(actor, guild, channel, (kind, target), op::open_body(body))
    }

    fn utter_bytes(
        &mut self,
        actor: &Actor,
        guild: &Guild,
        channel: &ChannelId,
        (kind, target): (Kind, Option<OpId>),
        body: Vec<u8>,
    ) -> Authored<OpId> {
        let view = guild.view();
        if !view.beyond_rules.is_empty() {
            return Err(Refusal::ReadOnly.into());
        }
        let place = Place {
            space: view.facts.id,
            stream: channel.stream(),
            tenure: tenure_of(view, &actor.user)?,
            kind,
            deps: vec![OpId(guild.frontier().0)],
            target,
        };
        let draft = self.draft(place, &actor.key, body)?;
        self.seal(draft, &actor.key)
    }

    /// Gives an op its place in its log and its time.
    fn draft(&mut self, place: Place, key: &SecretKey, body: Vec<u8>) -> Authored<Draft> {
        let Place { space, stream, tenure, kind, deps, target } = place;
        let head = match space {
            SpaceId::NONE => None,
            _ => self.head(&LogId { space, stream, device: DeviceKey::from(key.public()), tenure })?,
        };
        // After a restart the clock is that of messages and governance: what was taken away since may be later.
        self.core.clock = head.map_or(self.core.clock, |head| self.core.clock.max(head.hlc));
        Ok(Draft {
            space,
            stream,
            tenure,
            seq: head.map_or(0, |head| head.seq + 1),
            prev: head.map(|head| head.op),
            hlc: self.next_hlc(),
            kind,
            deps,
            target,
            body,
        })
    }

    /// Signs an op and sends it down the corridor. What no other holder would take in is not signed.
    fn seal(&mut self, draft: Draft, key: &SecretKey) -> Authored<OpId> {
        body::check(Some(draft.kind), &draft.body).map_err(|_| TOO_LARGE)?;
        if draft.body.len() > body_max(draft.kind) {
            return Err(TOO_LARGE.into());
        }
        let op = draft.seal(key, self.entropy.draw(Purpose::Salt));
        match self.admit(&op, Origin::Own)? {
            Fate::Admitted(Verdict::Valid) => Ok(op.id),
            Fate::Admitted(Verdict::Void(reason)) => Err(void(reason).into()),
            // Nothing this node writes waits for anything, and the corridor refuses no form that was drafted
            // here; if it does all the same, nothing has happened.
            Fate::Known | Fate::Waits(_) | Fate::Refused(_) => Err(Refusal::Unavailable.into()),
        }
    }
}

/// The heads a governance op cites: all of them, or where somebody made more than an op may cite, as many as it may
/// with the one among them that has seen the author's own last op, which must be cited.
fn deps(guild: &Guild, last: Option<LogEntry>) -> Vec<OpId> {
    let mut heads = guild.heads();
    if heads.len() <= DEPS_MAX {
        return heads;
    }
    let mut guild = guild.clone();
    let last = last.and_then(|last| guild.learn_frontier(&[last.op]).ok());
    let has_seen_it = last.and_then(|last| {
        heads.iter().position(|head| {
            let head = guild.learn_frontier(&[*head]);
            head.is_ok_and(|head| guild.frontier_grows(&last, &head).unwrap_or(false))
        })
    });
    heads.swap(0, has_seen_it.unwrap_or(0));
    heads.truncate(DEPS_MAX);
    heads.sort_unstable();
    heads
}

fn tenure_of(guild: &GuildView, user: &UserId) -> Authored<Tenure> {
    Ok(guild.members.get(user).ok_or(Refusal::MissingAccess)?.tenure)
}

const fn body_max(kind: Kind) -> usize {
    match kind.plane() {
        nexus_crdt::kind::Plane::Content => op::CONTENT_BODY_MAX,
        _ => op::GOVERNANCE_BODY_MAX,
    }
}

fn denied(denied: Denied) -> Refusal {
    match denied {
        Denied::NotAMember => Refusal::MissingAccess,
        Denied::ReadOnly => Refusal::ReadOnly,
        Denied::Quota => Refusal::Later { retry_ms: 60_000 },
        _ => Refusal::MissingPermissions,
    }
}

const fn void(reason: VoidReason) -> Refusal {
    match reason {
        VoidReason::Quota => Refusal::Later { retry_ms: 1_000 },
        VoidReason::Filtered => Refusal::Filtered { words: String::new() },
        VoidReason::NotAMember | VoidReason::Device => Refusal::MissingAccess,
        _ => Refusal::MissingPermissions,
    }
}

/// A text of `min..=max` characters, trimmed of nothing.
fn within(field: &'static str, text: &str, min: usize, max: usize) -> Authored<()> {
    let count = text.chars().count();
    match count {
        _ if count < min => Err(Refusal::Invalid { field, reason: "too short" }.into()),
        _ if count > max => Err(Refusal::Invalid { field, reason: "too long" }.into()),
        _ => Ok(()),
    }
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreFault> for Halt {
    fn from(fault: StoreFault) -> Self {
        Self::Fault(fault)
    }
}

const TOO_LARGE: Refusal = Refusal::Invalid { field: "body", reason: "too large or of no known form" };
