//! Guilds and conversations: beginning, editing and leaving them, and letting a bot in.

use super::super::entropy::Purpose;
use super::{Actor, Authored, Place, Turn, tenure_of, within};
use crate::command::Reply;
use crate::command::draft::BotInstall;
use crate::command::refusal::{Refusal, Thing};
use crate::invite::LET_IN_WITHIN;
use nexus_crdt::body::governance::{
    ChannelCreate, ChannelFields, ChannelKind, GROUP_MAX, Genesis, GuildEdit, InviteKey, Quota, RateClass,
    Relays, RoleCreate, RoleEdit, SpaceKind,
};
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::body::membership::Leave;
use nexus_crdt::guild::GuildView;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, RoleId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op;
use nexus_crdt::permissions::Permissions;
use nexus_crypto::SecretKey;
use std::sync::Arc;

impl Turn<'_> {
    pub(super) fn create_guild(&mut self, actor: &Actor, name: String) -> Authored<Reply> {
        within("name", &name, 1, NAME_MAX)?;
        let space = self.begin_space(actor, SpaceKind::Guild, vec![actor.user], name, PERSON_QUOTA)?;
        for (kind, name) in [(ChannelKind::Text, "general"), (ChannelKind::Voice, "General")] {
            let fields = ChannelFields { name: Some(name.to_owned()), ..ChannelFields::default() };
            let body = ChannelCreate { kind, fields, overwrites: Vec::new() };
            self.govern(actor, space, Kind::ChannelCreate, &body)?;
        }
        let urls = self.home_relays();
        if !urls.is_empty() {
            self.govern(actor, space, Kind::Relays, &Relays { urls })?;
        }
        Ok(Reply::Created(space.into()))
    }

    pub(super) fn edit_guild(&mut self, actor: &Actor, guild: SpaceId, edit: &GuildEdit) -> Authored<Reply> {
        if let Some(name) = &edit.name {
            within("name", name, 1, NAME_MAX)?;
        }
        if let Some(description) = &edit.description {
            within("description", description, 0, DESCRIPTION_MAX)?;
        }
        self.govern(actor, guild, Kind::GuildEdit, edit)?;
        Ok(Reply::Done)
    }

    pub(super) fn leave_guild(&mut self, actor: &Actor, space: SpaceId, erase: bool) -> Authored<Reply> {
        if erase {
            self.erase_said(actor, space, actor.user)?;
        }
        let guild = self.guild_of(actor, &space)?;
        if guild.view().is_group() {
            return self.put_out(actor, space, actor.user);
        }
        if guild.view().is_owner(&actor.user) || guild.view().facts.kind == SpaceKind::Conversation {
            return Err(Refusal::Invalid { field: "guild", reason: "its owners cannot leave" }.into());
        }
        let tenure = tenure_of(guild.view(), &actor.user)?;
        self.enroll(actor, space, tenure, Kind::Leave, &Leave {})?;
        Ok(Reply::Done)
    }

    pub(super) fn open_conversation(&mut self, actor: &Actor, with: Vec<UserId>) -> Authored<Reply> {
        let mut people = with;
        people.push(actor.user);
        people.sort_unstable();
        people.dedup();
        if people.len() < 2 {
            return Err(Refusal::Invalid { field: "recipients", reason: "nobody but oneself" }.into());
        }
        if people.len() > GROUP_MAX {
            return Err(Refusal::TooMany { what: "people in a conversation", max: 10 }.into());
        }
        if people.iter().any(|user| self.core.mind.accounts.get(user).is_none()) {
            return Err(Refusal::Unknown(Thing::User).into());
        }
        if let Some(there) = self.conversation_of(actor, &people) {
            return Ok(Reply::Created(there.into()));
        }
        if people.iter().any(|user| *user != actor.user && self.is_talk_paused(actor, user)) {
            return Err(Refusal::TalksPaused.into());
        }
        // One of several has no name before somebody gives it one.
        let name = if people.len() > 2 { "" } else { "conversation" }.to_owned();
        let space = self.begin_space(actor, SpaceKind::Conversation, people, name, PERSON_QUOTA)?;
        Ok(Reply::Created(space.into()))
    }

    /// A conversation with nobody else. A person's program writes there more often than they write elsewhere.
    pub(super) fn begin_own_space(&mut self, actor: &Actor) -> Authored<SpaceId> {
        let name = String::from("own");
        self.begin_space(actor, SpaceKind::Conversation, vec![actor.user], name, OWN_QUOTA)
    }

    /// The bot comes in by an invite made for it alone, whose key nobody keeps, and gets its managed role.
    pub(super) fn install_bot(&mut self, actor: &Actor, install: &BotInstall) -> Authored<Reply> {
        let BotInstall { guild: space, application: bot, permissions } = *install;
        let guild = self.guild_of(actor, &space)?;
        let view = guild.view().clone();
        if !view.permissions(&actor.user).has(Permissions::MANAGE_GUILD) {
            return Err(Refusal::MissingPermissions.into());
        }
        let is_bot = self.core.mind.accounts.get(&bot).is_some_and(|bot| bot.class == AccountClass::Bot);
        if !is_bot || !self.core.mind.view.applications.contains_key(&bot) {
            return Err(Refusal::Unknown(Thing::Application).into());
        }
        if !view.members.contains_key(&bot) {
            self.let_in(actor, &view, bot)?;
        }
        // Who follows a link that asks for nothing means to take nothing away.
        if let Some(permissions) = permissions {
            self.manage_role_of(actor, &view, bot, permissions)?;
        }
        Ok(Reply::Done)
    }

    fn let_in(&mut self, actor: &Actor, guild: &GuildView, bot: UserId) -> Authored<()> {
        let space = guild.facts.id;
        let admission = SecretKey::from_seed(&self.entropy.draw(Purpose::AdmissionKey));
        let channel = guild.channels.values().find(|channel| channel.is_listed());
        let channel = channel.map_or(ChannelId(space.0), |channel| channel.id);
        // Over with this turn: the bot's join is the next thing written.
        let now = self.core.clock.max(Hlc::from_ms(self.now_ms));
        let expires = Some(Hlc(now.0.saturating_add(LET_IN_WITHIN)));
        let body = InviteKey { admission: admission.public().into(), expires, channel };
        let invite = self.govern(actor, space, Kind::InviteKey, &body)?;
        let bot = self.actor(Some(bot))?;
        self.enter(&bot, space, invite, &admission)
    }

    fn manage_role_of(
        &mut self,
        actor: &Actor,
        guild: &GuildView,
        bot: UserId,
        permissions: Permissions,
    ) -> Authored<()> {
        let managed = guild.roles.values().find(|role| role.managed_by == Some(bot));
        let role = match managed {
            Some(role) if role.permissions == permissions => role.id,
            Some(role) => {
                let edit = RoleEdit { permissions: Some(permissions), ..no_edit(role.id) };
                self.govern(actor, guild.facts.id, Kind::RoleEdit, &edit)?;
                role.id
            }
            None if permissions == Permissions::NONE => return Ok(()),
            None => {
                let name = self.core.mind.accounts.get(&bot).map(|bot| bot.name.clone()).unwrap_or_default();
                let body = RoleCreate {
                    rank: next_rank(guild),
                    name,
                    permissions,
                    color: 0,
                    hoist: false,
                    mentionable: false,
                    // No other class is another's to give.
                    rate_class: if guild.is_owner(&actor.user) { RateClass::Bot } else { RateClass::Person },
                    managed_by: Some(bot),
                };
                RoleId(self.govern(actor, guild.facts.id, Kind::RoleCreate, &body)?.0)
            }
        };
        self.grant(actor, guild.facts.id, bot, role)
    }

    fn conversation_of(&self, actor: &Actor, people: &[UserId]) -> Option<SpaceId> {
        let view = &self.core.mind.view;
        let same = |space: &&SpaceId| {
            view.guilds.get(*space).is_some_and(|guild| {
                guild.facts.kind == SpaceKind::Conversation
                    && (people.len() > 2) == guild.is_group()
                    && guild.members.keys().eq(people)
            })
        };
        view.guilds_of.get(&actor.user)?.iter().find(same).copied()
    }

    fn begin_space(
        &mut self,
        actor: &Actor,
        kind: SpaceKind,
        owners: Vec<UserId>,
        name: String,
        person_quota: Quota,
    ) -> Authored<SpaceId> {
        let body = Genesis {
            kind,
            founder: actor.user,
            owners,
            threshold: 1,
            rules_version: 1,
            name,
            everyone: Permissions::DEFAULT_EVERYONE,
            person_quota,
            bot_quota: Quota { short: 300, long: 20_000 },
        };
        let place = Place {
            space: SpaceId::NONE,
            stream: StreamId::GOVERNANCE,
            tenure: Tenure::NONE,
            kind: Kind::Genesis,
            deps: Vec::new(),
            target: None,
        };
        let draft = self.draft(place, &Arc::clone(&actor.key), op::open_body(&body))?;
        Ok(self.seal(draft, &actor.key)?.into())
    }
}

/// Below every role there is: the first 2^63, each next 2^40 below the lowest.
pub(super) fn next_rank(guild: &GuildView) -> u64 {
    let ranks = guild.roles.values().map(|role| role.rank).filter(|rank| *rank > 0);
    ranks.min().map_or(1 << 63, |lowest| lowest.saturating_sub(1 << 40).max(1))
}

/// An edit that changes nothing yet.
pub(super) const fn no_edit(role: RoleId) -> RoleEdit {
    RoleEdit {
        role,
        name: None,
        permissions: None,
        color: None,
        hoist: None,
        mentionable: None,
        rate_class: None,
    }
}

const PERSON_QUOTA: Quota = Quota { short: 30, long: 1_000 };
/// In the space of one's own.
const OWN_QUOTA: Quota = Quota { short: 300, long: 20_000 };
const NAME_MAX: usize = 100;
const DESCRIPTION_MAX: usize = 300;
