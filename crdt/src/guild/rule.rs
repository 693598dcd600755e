//! The authority rule, version 1: rank-stratified strong revoke. The argument is in `crdt/docs/authority.md`.
//!
//! An op is first judged in its own past ([`local`]); a set is then decided from the strongest op to the weakest
//! ([`decide`]): whatever may void an op is stronger than it and has been decided before.

use super::deed::Deed;
use super::derived::Derived;
use super::graph::{Graph, Node};
use super::owners::Reigns;
use super::past::{Past, Place};
use super::state::removal::RemovalKind;
use super::state::{GuildView, Rank};
use crate::body::governance::{
    EventFields, FilterDelete, FilterEdit, OverwriteEntry, OverwriteTarget, PAUSE_MAX_MS, RateClass,
    RoleCreate, RoleEdit, Silence, SpaceKind, Timeout,
};
use crate::hlc::Hlc;
use crate::id::{ChannelId, DeviceKey, OpId, RoleId, UserId};
use crate::permissions::Permissions;
use crate::verdict::VoidReason;
use imbl::OrdMap;
use std::collections::BTreeMap;

/// The rules that a guild begins with.
pub(super) const FIRST_RULES: u32 = 1;
/// The latest rules that this version carries. Under 2 a quorum of owners is more than half of them: two changes of owners
/// that both have theirs need somebody who voted for both.
pub const RULES_VERSION: u32 = 2;

/// Whether an op holds in the view of its past. `rho`: its author's rank there; `written`: when.
pub(super) fn local(
    before: &Derived,
    author: &UserId,
    rho: Rank,
    (deed, written): (&Deed, Hlc),
) -> Result<(), VoidReason> {
    if rho == Rank::Outside {
        return Err(VoidReason::NotAMember);
    }
    // Who is kept from writing governs nothing either.
    if before.view.paused_until(author, written).is_some() && !is_free(deed, author) {
        return Err(VoidReason::NoPermission);
    }
    if before.view.rules_version > RULES_VERSION {
        return Err(VoidReason::Rules);
    }
    let judge = Judge { before, view: &before.view, author, rho };
    if judge.view.facts.kind == SpaceKind::Conversation {
        return judge.in_conversation(deed);
    }
    match deed {
        Deed::Genesis(_) | Deed::Admit(_) => Err(VoidReason::Target),
        Deed::GuildEdit(_) => judge.may(Permissions::MANAGE_GUILD),
        Deed::RoleCreate(body) => judge.role_create(body),
        Deed::RoleEdit(body) => judge.role_edit(body),
        Deed::RoleDelete(body) => judge.role(&body.role),
        Deed::RoleMove(body) => {
            judge.role(&body.role)?;
            judge.below(body.rank)
        }
        Deed::PrivRoles(body) => judge.grant(&body.user, &body.roles),
        Deed::ChannelCreate(body) => {
            judge.may(Permissions::MANAGE_CHANNELS)?;
            body.overwrites.iter().try_for_each(|entry| judge.overwrite(entry))
        }
        Deed::ChannelEdit(body) => judge.own_channel(&body.channel, Permissions::MANAGE_CHANNELS),
        Deed::ChannelDelete(body) if judge.is_thread(&body.channel) => {
            judge.channel(&body.channel, Permissions::MANAGE_THREADS)
        }
        Deed::ChannelDelete(body) if judge.is_event(&body.channel) => {
            judge.event_edit(&body.channel, &EventFields::default())
        }
        Deed::ChannelDelete(body) => judge.channel(&body.channel, Permissions::MANAGE_CHANNELS),
        Deed::ThreadCreate(body) => judge.thread_create(body),
        Deed::ThreadEdit(body) => judge.thread_edit(body),
        Deed::ThreadMember(body) => judge.thread_member(body),
        Deed::ForumCreate(body) | Deed::MediaCreate(body) => {
            judge.may(Permissions::MANAGE_CHANNELS)?;
            body.overwrites.iter().try_for_each(|entry| judge.overwrite(entry))
        }
        Deed::ForumEdit(body) => {
            hold(judge.view.channels.get(&body.channel).is_some_and(|channel| channel.forum.is_some()))?;
            judge.channel(&body.channel, Permissions::MANAGE_CHANNELS)
        }
        Deed::EmojiCreate(_) => judge.may(Permissions::CREATE_GUILD_EXPRESSIONS),
        Deed::EmojiEdit(body) => judge.emoji(&body.emoji),
        Deed::EmojiDelete(body) => judge.emoji(&body.emoji),
        Deed::FilterCreate(_) => judge.may(Permissions::MANAGE_GUILD),
        Deed::FilterEdit(FilterEdit { filter, .. }) | Deed::FilterDelete(FilterDelete { filter }) => {
            hold(judge.view.filters.contains_key(filter))?;
            judge.may(Permissions::MANAGE_GUILD)
        }
        Deed::EventCreate(body) => judge.event_create(&body.fields),
        Deed::EventEdit(body) => judge.event_edit(&body.event, &body.fields),
        Deed::Retention(body) => judge.retention(body, written),
        Deed::Erase(body) => judge.erase(body, written),
        Deed::OfferAccess(_) => judge.may(Permissions::MANAGE_GUILD.with(Permissions::MANAGE_ROLES)),
        Deed::Overwrite(body) => {
            judge.own_channel(&body.channel, Permissions::MANAGE_ROLES)?;
            judge.overwrite(&body.entry)
        }
        Deed::InviteKey(body) => judge.own_channel(&body.channel, Permissions::CREATE_INVITE),
        Deed::InviteRevoke(body) => {
            let invite = judge.view.invites.get(&body.invite).ok_or(VoidReason::Target)?;
            let of_its_channel = judge.channel(&invite.channel, Permissions::MANAGE_CHANNELS).is_ok();
            if invite.inviter == *author || of_its_channel {
                Ok(())
            } else {
                judge.may(Permissions::MANAGE_GUILD)
            }
        }
        Deed::Kick(body) => judge.removal(&body.user, Permissions::KICK_MEMBERS),
        Deed::Ban(body) => judge.removal(&body.user, Permissions::BAN_MEMBERS),
        Deed::Unban(_) => judge.may(Permissions::BAN_MEMBERS),
        Deed::Timeout(body) => judge.timeout(body, written),
        Deed::Silence(body) => judge.silence(body),
        // What it states is compared, and decides nothing: it is another one once an account takes a device back.
        Deed::Relays(_) | Deed::Checkpoint(_) => judge.owner(),
        Deed::GuildDeviceRevoke(body) => judge.device(&body.user),
        Deed::Lock(body) if judge.is_thread(&body.channel) => {
            judge.channel(&body.channel, Permissions::MANAGE_THREADS)
        }
        Deed::Lock(body) if judge.is_event(&body.channel) => Err(VoidReason::Target),
        Deed::Lock(body) => judge.channel(&body.channel, Permissions::MANAGE_MESSAGES),
        Deed::CutTighten(body) => judge.tighten(&body.user, &body.removal),
        Deed::SetRules(body) => {
            judge.owner()?;
            hold(body.rules_version > judge.view.rules_version)
        }
        Deed::SetOwners(body) => {
            judge.owner()?;
            hold(body.base == judge.view.ownership.change)?;
            hold(judge.view.rules_version < 2 || body.is_majority())
        }
        Deed::Beyond => {
            if rho > Rank::Member(0) {
                Ok(())
            } else {
                Err(VoidReason::NoPermission)
            }
        }
        Deed::Reason(_) | Deed::Ignored => Ok(()),
    }
}

/// What somebody may do all the same who is kept from writing: end a device of their own, and take away what they said.
fn is_free(deed: &Deed, author: &UserId) -> bool {
    match deed {
        Deed::GuildDeviceRevoke(body) => body.user == *author,
        Deed::Erase(body) => body.user == *author,
        Deed::Ignored => true,
        _ => false,
    }
}

/// Decides the ops of a set that are `new` in it, where everything else is decided for good and seen by each of them:
/// all void ops of the set, why, and how many ops and pairs of ops were looked at.
pub(super) fn decide(
    graph: &Graph,
    set: &Past,
    new: &[&Node],
    known: &OrdMap<Place, VoidReason>,
) -> (OrdMap<Place, VoidReason>, usize) {
    let mut by_key = new.to_vec();
    by_key.sort_by_cached_key(|node| std::cmp::Reverse(node.key()));
    let mut decided = Decided {
        graph,
        reigns: Reigns::of(graph, set),
        void: known.clone(),
        words: BTreeMap::new(),
        ends: BTreeMap::new(),
        checkpoints: Vec::new(),
        steps: by_key.len(),
    };
    for node in by_key {
        match decided.against(node) {
            Some(reason) => drop(decided.void.insert(node.place, reason)),
            None => decided.add(node),
        }
    }
    (decided.void, decided.steps)
}

/// What is known while a set is decided: everything stronger than the op that is looked at.
struct Decided<'a> {
    graph: &'a Graph,
    reigns: Reigns,
    void: OrdMap<Place, VoidReason>,
    /// Valid words on each person's roles and membership.
    words: BTreeMap<UserId, Vec<&'a Node>>,
    /// Valid words that end a device.
    ends: BTreeMap<(UserId, DeviceKey), Vec<&'a Node>>,
    /// An owner's, so that all of them are decided before anything that may be stale.
    checkpoints: Vec<&'a Node>,
    /// Ops, and pairs of ops, that were looked at.
    steps: usize,
}

impl<'a> Decided<'a> {
    fn add(&mut self, node: &'a Node) {
        if let Some(person) = node.deed.person() {
            self.words.entry(person).or_default().push(node);
        }
        if let Some(device) = node.deed.ended_device() {
            self.ends.entry(device).or_default().push(node);
        }
        if node.deed.sealed().is_some() {
            self.checkpoints.push(node);
        }
    }

    /// Why `x` is void, given everything stronger.
    fn against(&mut self, x: &Node) -> Option<VoidReason> {
        if let Err(reason) = x.local {
            return Some(reason);
        }
        if matches!(x.deed, Deed::SetOwners(_)) {
            return None;
        }
        let ends = self.ends.get(&(x.author, x.device)).map_or(&[][..], Vec::as_slice);
        self.steps += ends.len();
        if ends.iter().any(|end| ends_device(end, x)) {
            return Some(VoidReason::Device);
        }
        if x.rho == Rank::Owner {
            return self.reigns.against(self.graph, x);
        }
        if self.is_stale(x) {
            return Some(VoidReason::Stale);
        }
        let words = self.words.get(&x.author).map_or(&[][..], Vec::as_slice);
        let voiding: Vec<&Node> = words.iter().copied().filter(|word| voids(word, x)).collect();
        self.steps += self.checkpoints.len() + words.len() * (1 + voiding.len());
        if voiding.iter().any(|word| !overridden(word, x, words)) {
            return Some(VoidReason::Removed);
        }
        x.supports.iter().any(|support| self.void.contains_key(support)).then_some(VoidReason::Unsupported)
    }

    fn is_stale(&self, x: &Node) -> bool {
        self.checkpoints.iter().any(|checkpoint| checkpoint.concurrent_with(x))
            && !self.checkpoints.iter().any(|checkpoint| checkpoint.past.has(x.place))
    }
}

/// Whether a word on `x`'s device takes it. A person's own devices cannot save themselves by ending each other: of
/// two that do, neither remains.
fn ends_device(end: &Node, x: &Node) -> bool {
    let both_end = x.deed.ended_device().is_some() && end.author == x.author;
    end.concurrent_with(x) && !both_end
}

/// Whether a concurrent word on `x`'s author takes the rank that `x` needed.
fn voids(word: &Node, x: &Node) -> bool {
    let takes = match &word.deed {
        Deed::PrivRoles(_) => Rank::Member(word.gives) < x.rho,
        deed => deed.removed().is_some(),
    };
    takes && word.concurrent_with(x)
}

/// Whether a stronger grant that `x` had seen, and that is concurrent with `word`, stands against it.
fn overridden(word: &Node, x: &Node, words: &[&Node]) -> bool {
    words.iter().any(|grant| {
        matches!(grant.deed, Deed::PrivRoles(_))
            && x.past.has(grant.place)
            && grant.concurrent_with(word)
            && Rank::Member(grant.gives) >= x.rho
            && grant.register_key() > word.register_key()
    })
}

pub(super) fn hold(fits: bool) -> Result<(), VoidReason> {
    if fits { Ok(()) } else { Err(VoidReason::Target) }
}

/// One author's op against the view of its past.
pub(super) struct Judge<'a> {
    pub(super) before: &'a Derived,
    pub(super) view: &'a GuildView,
    pub(super) author: &'a UserId,
    pub(super) rho: Rank,
}

impl Judge<'_> {
    pub(super) fn may(&self, permission: Permissions) -> Result<(), VoidReason> {
        if self.view.base(self.author).has(permission) { Ok(()) } else { Err(VoidReason::NoPermission) }
    }

    fn owner(&self) -> Result<(), VoidReason> {
        if self.rho == Rank::Owner { Ok(()) } else { Err(VoidReason::NoPermission) }
    }

    fn below(&self, rank: u64) -> Result<(), VoidReason> {
        if Rank::Member(rank) < self.rho { Ok(()) } else { Err(VoidReason::Rank) }
    }

    /// Nobody gives what they have not got.
    fn holds(&self, permissions: Permissions) -> Result<(), VoidReason> {
        if self.rho == Rank::Owner { Ok(()) } else { self.may(permissions) }
    }

    pub(super) fn channel(&self, channel: &ChannelId, permission: Permissions) -> Result<(), VoidReason> {
        let channel = self.view.channels.get(channel).ok_or(VoidReason::Target)?;
        if self.view.in_channel(self.author, channel).has(permission) {
            Ok(())
        } else {
            Err(VoidReason::NoPermission)
        }
    }

    /// A person's rank by their register: whether they are a member is no matter of governance.
    fn above(&self, user: &UserId) -> Result<(), VoidReason> {
        if self.view.is_owner(user) {
            return if self.rho == Rank::Owner { Ok(()) } else { Err(VoidReason::Rank) };
        }
        self.below(self.before.assigned_rank(user))
    }

    pub(super) fn removal(&self, user: &UserId, permission: Permissions) -> Result<(), VoidReason> {
        self.may(permission)?;
        if self.view.is_owner(user) { Err(VoidReason::Rank) } else { self.above(user) }
    }

    /// Of somebody below whom timeouts do hold back, and never for longer than 28 days.
    fn timeout(&self, body: &Timeout, written: Hlc) -> Result<(), VoidReason> {
        if body.user == *self.author && body.filter.is_some() {
            return self.timeout_by_filter(body, written);
        }
        self.removal(&body.user, Permissions::MODERATE_MEMBERS)?;
        let Some(until) = body.until else { return Ok(()) };
        if self.view.is_above_timeouts(&body.user) {
            return Err(VoidReason::Rank);
        }
        hold(until.ms().saturating_sub(written.ms()) <= PAUSE_MAX_MS)
    }

    /// Of whomever, as on Discord: rank is no ear-plug. Of several words at once that of who stands higher counts.
    fn silence(&self, body: &Silence) -> Result<(), VoidReason> {
        if body.muted.is_some() {
            self.may(Permissions::MUTE_MEMBERS)?;
        }
        if body.deafened.is_some() { self.may(Permissions::DEAFEN_MEMBERS) } else { Ok(()) }
    }

    /// Of oneself, where a filter that is there has it so, and for no longer than it says.
    fn timeout_by_filter(&self, body: &Timeout, written: Hlc) -> Result<(), VoidReason> {
        let filter = body.filter.and_then(|filter| self.view.filters.get(&filter));
        let longest_s = filter.filter(|filter| filter.enabled).and_then(|filter| filter.acts.timeout_s);
        let (longest_s, until) = longest_s.zip(body.until).ok_or(VoidReason::Target)?;
        hold(body.ends.is_empty() && !self.view.is_above_timeouts(self.author))?;
        hold(until.ms().saturating_sub(written.ms()) <= u64::from(longest_s) * 1_000)
    }

    /// One's own device, or that of somebody whom one may kick. An owner's is theirs alone to end.
    fn device(&self, user: &UserId) -> Result<(), VoidReason> {
        if user == self.author { Ok(()) } else { self.removal(user, Permissions::KICK_MEMBERS) }
    }

    /// Whoever may remove in that way may keep less of what the removal kept.
    fn tighten(&self, user: &UserId, removal: &OpId) -> Result<(), VoidReason> {
        let devices = self.view.ended_devices.iter().filter(|((whose, _), _)| whose == user);
        let mut all =
            devices.flat_map(|(_, ends)| ends).chain(self.view.removals.get(user).into_iter().flatten());
        let kind = all.find(|each| each.op == *removal).ok_or(VoidReason::Target)?.kind;
        match kind {
            RemovalKind::Device => self.device(user),
            RemovalKind::Kick => self.removal(user, Permissions::KICK_MEMBERS),
            RemovalKind::Ban => self.removal(user, Permissions::BAN_MEMBERS),
        }
    }

    fn role_create(&self, body: &RoleCreate) -> Result<(), VoidReason> {
        self.may(Permissions::MANAGE_ROLES)?;
        if body.rank == 0 {
            return Err(VoidReason::Target);
        }
        self.below(body.rank)?;
        self.holds(body.permissions)?;
        self.class(Some(body.rate_class))
    }

    fn role_edit(&self, body: &RoleEdit) -> Result<(), VoidReason> {
        self.may(Permissions::MANAGE_ROLES)?;
        let role = self.view.roles.get(&body.role).ok_or(VoidReason::Target)?;
        self.below(role.rank)?;
        if let Some(after) = body.permissions {
            self.holds(after.without(role.permissions).with(role.permissions.without(after)))?;
        }
        self.class(body.rate_class)
    }

    fn class(&self, class: Option<RateClass>) -> Result<(), VoidReason> {
        if class.is_some_and(|class| class != RateClass::Person) { self.owner() } else { Ok(()) }
    }

    /// Deleting or moving it.
    fn role(&self, role: &RoleId) -> Result<(), VoidReason> {
        self.may(Permissions::MANAGE_ROLES)?;
        if *role == self.view.everyone() {
            return Err(VoidReason::Target);
        }
        self.below(self.view.roles.get(role).ok_or(VoidReason::Target)?.rank)
    }

    fn grant(&self, user: &UserId, roles: &[RoleId]) -> Result<(), VoidReason> {
        self.may(Permissions::MANAGE_ROLES)?;
        self.above(user)?;
        let had: Vec<RoleId> = self.view.roles_of(user).map(|role| role.id).collect();
        let added = roles.iter().filter(|role| !had.contains(role));
        let removed = had.iter().filter(|role| !roles.contains(role));
        for id in added.clone().chain(removed) {
            let role = self.view.roles.get(id).filter(|role| role.rank > 0).ok_or(VoidReason::Target)?;
            self.below(role.rank)?;
        }
        added
            .into_iter()
            .try_for_each(|id| self.class(self.view.roles.get(id).and_then(|role| role.rate_class)))
    }

    fn overwrite(&self, entry: &OverwriteEntry) -> Result<(), VoidReason> {
        match &entry.target {
            OverwriteTarget::Role(role) => {
                self.below(self.view.roles.get(role).ok_or(VoidReason::Target)?.rank)?;
            }
            OverwriteTarget::User(user) => self.above(user)?,
        }
        self.holds(touched_bits(entry))
    }
}

/// Bits of an overwrite that its author must have themself.
fn touched_bits(entry: &OverwriteEntry) -> Permissions {
    entry.allow.with(entry.deny)
}
