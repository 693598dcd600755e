//! The one corridor. Own ops and ops from elsewhere come in here and nowhere else; from here on nobody asks which.

use super::author::endpoint::question_key;
use super::mind::Mind;
use super::pending::Missing;
use super::turn::Turn;
use crate::change::Change;
use crate::effect::{NOT_BEHIND, OF_ANOTHER_LOG};
use crate::snowflake::Snowflake;
use crate::store::{LogEntry, LogId, Record, Standing, Store, StoreFault, StoredOp};
use crate::view::Application;
use nexus_crdt::body::governance::{Admit, Genesis};
use nexus_crdt::body::identity::{DeviceAdd, Offer, OwnEmoji, Webhook};
use nexus_crdt::body::membership::Join;
use nexus_crdt::guild::{Guild, GuildView, IntegrateError};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, FrontierId, OpId, SpaceId, StreamId, Tenure, UserId};
use nexus_crdt::identity::{Hook, Identity, IdentityError};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crdt::verdict::{Verdict, VoidReason};
use nexus_crypto::Verified;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Which door an op came by. It decides who is told, never whether it counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    /// Written here: marked for the outbox.
    Own,
    /// From another holder.
    Elsewhere,
}

/// What became of an op at the corridor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    /// It is here now, valid or void.
    Admitted(Verdict),
    /// It was here before; nothing has changed.
    Known,
    /// It cannot be judged yet.
    Waits(Missing),
    /// It never can.
    Refused(&'static str),
}

/// An act of governance that counts for nothing, or no longer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voided {
    pub(super) space: SpaceId,
    pub(super) op: OpId,
    pub(super) author: UserId,
    pub(super) reason: VoidReason,
}

impl Turn<'_> {
    /// Takes a checked op in that is not here: its place in its log, its space's rule, its rows, its changes.
    pub(super) fn admit(&mut self, op: &Verified<Op>, origin: Origin) -> Result<Fate, StoreFault> {
        if let Some(fate) = self.misplaced_in_log(op)? {
            return Ok(fate);
        }
        let fate = self.admit_by_space(op, origin)?;
        let Fate::Admitted(verdict) = fate else { return Ok(fate) };
        if origin == Origin::Own && !verdict.is_valid() {
            return Ok(fate);
        }
        let (header, space) = (&op.header, op.space());
        if self.has_no_footing(op)? {
            self.write(Record::Stands(Standing::of(op)));
        }
        self.advance(op)?;
        self.core.clock = self.core.clock.max(header.hlc);
        self.found.extend([Missing::Op(op.id), Missing::Tenure(space, Tenure::of(&op.id))]);
        if header.space == SpaceId::NONE {
            self.found.push(Missing::Space(space));
        }
        Ok(fate)
    }

    /// Whether the op before it in its log is here and is indeed before it.
    fn misplaced_in_log(&mut self, op: &Op) -> Result<Option<Fate>, StoreFault> {
        let header = &op.header;
        let Some(prev) = header.prev else { return Ok(None) };
        let log = LogId::of(op);
        let before = match self.head(&log)?.filter(|head| head.op == prev) {
            Some(head) => head,
            None => match self.store.op(&prev)? {
                Some(stored) if stored.log() == log => {
                    LogEntry { seq: stored.op.header.seq, op: prev, hlc: stored.op.header.hlc }
                }
                Some(_) => return Ok(Some(Fate::Refused(OF_ANOTHER_LOG))),
                None if self.may_stand_on_a_gap(op) => return Ok(None),
                None => return Ok(Some(Fate::Waits(Missing::Op(prev)))),
            },
        };
        let follows = before.seq.checked_add(1) == Some(header.seq) && before.hlc < header.hlc;
        Ok((!follows).then_some(Fate::Refused(NOT_BEHIND)))
    }

    fn admit_by_space(&mut self, op: &Verified<Op>, origin: Origin) -> Result<Fate, StoreFault> {
        match op.kind() {
            Some(Kind::IdGenesis) => return self.admit_identity(op, origin),
            Some(Kind::Genesis) => return self.admit_genesis(op, origin),
            _ => {}
        }
        let space = op.space();
        if self.core.mind.accounts.has(&UserId(space.0)) {
            return self.admit_identity(op, origin);
        }
        let Some(guild) = self.core.mind.guilds.get(&space).cloned() else {
            return Ok(Fate::Waits(Missing::Space(space)));
        };
        let author = match author_of(&self.core.mind, &guild, op) {
            Ok(author) => author,
            Err(missing) => return Ok(Fate::Waits(missing)),
        };
        if op.header.stream.is_channel() {
            self.admit_content(op, origin, guild, author)
        } else {
            self.admit_governance(op, origin, guild, author)
        }
    }

    fn admit_identity(&mut self, op: &Verified<Op>, origin: Origin) -> Result<Fate, StoreFault> {
        let user = UserId(op.space().0);
        let taken = match self.identity(&user)? {
            Some(mut identity) => Arc::make_mut(&mut identity).integrate(op).map(|()| identity),
            None => Identity::begin(op).map(Arc::new),
        };
        let identity = match taken {
            Ok(identity) => identity,
            Err(IdentityError::Missing(op)) => return Ok(Fate::Waits(Missing::Op(op))),
            Err(IdentityError::UnknownKey) => return Ok(Fate::Waits(Missing::Key(user))),
            Err(_) => return Ok(Fate::Refused("not of this identity")),
        };
        let rotates = op.kind() == Some(Kind::IdRotate);
        if rotates {
            self.found.push(Missing::Key(user));
        }
        self.core.mind.accounts.keep(user, &identity, rotates);
        self.core.mind.view.prints.insert(user, identity.print());
        self.identities.insert(user, identity.clone());
        self.keep(op, origin);
        self.mark(op);
        if op.kind() == Some(Kind::IdGenesis) || begins_a_thing(op) {
            self.number(op.id, op.header.hlc);
        }
        let before = self.core.mind.view.webhooks.get(&user).cloned();
        self.show_account(&user);
        if op.kind() == Some(Kind::Webhook) {
            self.tell_webhooks(before.as_deref(), &user);
        }
        if let Some(Ok(certificate)) =
            (op.kind() == Some(Kind::DeviceAdd)).then(|| op.read_body::<DeviceAdd>())
        {
            self.found.push(Missing::Device(certificate.device));
        }
        if matches!(op.kind(), Some(Kind::DeviceAdd | Kind::DeviceRevoke | Kind::IdRotate)) {
            self.devices_changed(&user);
        }
        Ok(Fate::Admitted(identity.verdict(&op.id).unwrap_or(Verdict::Valid)))
    }

    /// Tells of the channels whose webhooks are others than before.
    fn tell_webhooks(&mut self, before: Option<&BTreeMap<OpId, Hook>>, user: &UserId) {
        let view = &self.core.mind.view;
        let now = view.webhooks.get(user);
        let hooks = before.into_iter().chain(now.map(AsRef::as_ref)).flat_map(BTreeMap::iter);
        let differs = |(id, hook): &(&OpId, &Hook)| {
            before.and_then(|all| all.get(*id)) != Some(*hook)
                || now.and_then(|all| all.get(*id)) != Some(*hook)
        };
        let channels: BTreeSet<ChannelId> = hooks.filter(differs).map(|(_, hook)| hook.channel).collect();
        let placed = channels.iter().filter_map(|channel| Some((*view.channels.get(channel)?, *channel)));
        let told: Vec<Change> =
            placed.map(|(space, channel)| Change::WebhooksUpdated { space, channel }).collect();
        self.changes.extend(told);
    }

    fn admit_genesis(&mut self, op: &Verified<Op>, origin: Origin) -> Result<Fate, StoreFault> {
        let Ok(body) = op.read_body::<Genesis>() else {
            return Ok(Fate::Refused("genesis without its body"));
        };
        let Some(founder) = self.core.mind.accounts.get(&body.founder) else {
            return Ok(Fate::Waits(Missing::Space(SpaceId(body.founder.0))));
        };
        if !founder.certifies(&op.header.author, op.header.hlc) {
            // Nobody founds a guild in another's name. The device's certificate may still be on its way.
            return Ok(Fate::Waits(Missing::Device(op.header.author)));
        }
        let Ok(guild) = Guild::begin(op) else { return Ok(Fate::Refused("no genesis of these rules")) };
        let space = op.space();
        self.keep(op, origin);
        self.mark(op);
        self.number(op.id, op.header.hlc);
        for owner in body.owners {
            self.core.mind.let_in(owner, space);
        }
        self.core.mind.let_in(body.founder, space);
        let verdict = guild.verdict(&op.id).unwrap_or(Verdict::Valid);
        self.put_guild(space, Arc::new(guild));
        Ok(Fate::Admitted(verdict))
    }

    fn admit_governance(
        &mut self,
        op: &Verified<Op>,
        origin: Origin,
        mut guild: Arc<Guild>,
        author: UserId,
    ) -> Result<Fate, StoreFault> {
        let space = op.space();
        if let Some(frontier) = op.frontier().filter(|_| op.header.stream == StreamId::MEMBERSHIP)
            && let Err(missing) = self.learn(&mut guild, &frontier)?
        {
            return Ok(Fate::Waits(missing));
        }
        let earlier = Arc::clone(&guild);
        // The map keeps its own guild until this one has taken the op in: on an error nothing has changed.
        if let Err(error) = Arc::make_mut(&mut guild).integrate(op, &self.core.mind.accounts) {
            return Ok(unfit(space, error));
        }
        self.keep(op, origin);
        if guild.has_proven(op) {
            self.mark(op);
        }
        match op.kind() {
            Some(
                Kind::RoleCreate
                | Kind::ChannelCreate
                | Kind::ForumCreate
                | Kind::MediaCreate
                | Kind::EmojiCreate
                | Kind::EventCreate
                | Kind::FilterCreate,
            ) => {
                self.number(op.id, op.header.hlc);
            }
            Some(Kind::ThreadCreate) => self.number_thread(op)?,
            Some(Kind::Admit) => self.brought_in(op, &guild),
            _ => {}
        }
        if let Some(frontier) = op.frontier().filter(|_| op.header.stream == StreamId::MEMBERSHIP) {
            self.cite(&guild, &frontier)?;
        }
        self.core.mind.let_in(author, space);
        self.turned(&earlier, &guild);
        if op.kind() == Some(Kind::Leave) {
            self.affected.insert((space, author));
        }
        self.found.push(Missing::Frontier(guild.frontier()));
        let verdict = guild.verdict(&op.id).unwrap_or(Verdict::Valid);
        self.erase_where_said(op)?;
        if verdict.is_valid() && op.header.stream == StreamId::GOVERNANCE {
            self.governed.push((space, op.id));
        }
        self.put_guild(space, guild);
        self.settled_anew(op);
        Ok(Fate::Admitted(verdict))
    }

    /// Somebody may write in a conversation from now on, and what they wrote may have come before.
    fn brought_in(&mut self, op: &Op, guild: &Guild) {
        let Ok(Admit { user }) = op.read_body() else { return };
        let facts = &guild.view().facts;
        self.core.mind.let_in(user, facts.id);
        self.found.push(Missing::Tenure(facts.id, facts.tenure_of(&user)));
    }

    /// A checkpoint that cites a rotation turns what its account's devices wrote here.
    fn settled_anew(&mut self, op: &Op) {
        let Some(rotation) = op.header.target.filter(|_| op.kind() == Some(Kind::Checkpoint)) else { return };
        let mind = &self.core.mind;
        let Some(guild) = mind.guilds.get(&op.space()) else { return };
        let users = guild.view().members.keys();
        let turned: Vec<UserId> =
            users.filter(|user| guild.settled(user) == Some(rotation)).copied().collect();
        for user in turned {
            self.affected.insert((op.space(), user));
            self.show_account(&user);
        }
    }

    /// An account's devices decide which of its ops are its own, in every space it writes in.
    fn devices_changed(&mut self, user: &UserId) {
        let spaces = self.core.mind.writes_in.get(user).cloned().unwrap_or_default();
        for space in spaces.iter().copied() {
            let Some(mut guild) = self.core.mind.guilds.get(&space).cloned() else { continue };
            let earlier = Arc::clone(&guild);
            Arc::make_mut(&mut guild).people_changed(&self.core.mind.accounts);
            self.turned(&earlier, &guild);
            // A join by a device that nobody knew was none. It is one now, and what was said under it may have waited for it.
            self.found.extend(guild.tenures(user).map(|tenure| Missing::Tenure(space, tenure)));
            self.affected.insert((space, *user));
            self.put_guild(space, guild);
        }
    }

    /// Notes what a change of governance may have turned: content that removals, ended devices and locks reach, and
    /// acts of this program's people that came to nothing.
    fn turned(&mut self, before: &Guild, after: &Guild) {
        let space = after.view().facts.id;
        // Bodies may have come while a word did not count, for no longer than a batch.
        for user in erased_anew(before.view(), after.view()) {
            self.core.erased.remove(&(space, user));
        }
        self.affected.extend(turned(before.view(), after.view()).into_iter().map(|user| (space, user)));
        let relocked = relocked(before.view(), after.view()).into_iter();
        self.locked.extend(relocked.map(|(stream, from)| (space, stream, from)));
        // What cites an op that turned is later than it: nothing counts that is dated before what it cites.
        if let Some(from) = after.turned_below(before) {
            let from = Hlc(from.0.saturating_sub(1));
            let channels = after.view().channels.keys().chain(before.view().channels.keys());
            self.locked.extend(channels.map(|channel| (space, channel.stream(), from)));
        }
        let local = &self.core.mind.keyring.devices;
        let voided =
            after.voided_since(before).into_iter().filter(|(_, author, _)| local.contains_key(author));
        let voided = voided.map(|(op, author, reason)| Voided { space, op, author, reason });
        self.acts_voided.extend(voided);
    }

    fn put_guild(&mut self, space: SpaceId, guild: Arc<Guild>) {
        self.core.mind.view.guilds.insert(space, guild.view().clone());
        self.core.mind.view.authority.insert(space, Arc::clone(&guild));
        self.core.mind.guilds.insert(space, guild);
        self.core.unsettled.insert(space);
        self.touched.insert(space);
    }

    fn show_account(&mut self, user: &UserId) {
        let mind = &mut self.core.mind;
        let (Some(account), Some(shown)) = (mind.accounts.get(user), mind.shown(user)) else { return };
        let hooks = Arc::new(account.webhooks.clone());
        if let Some(application) = application_of(mind, user) {
            mind.view.applications.insert(*user, application);
        }
        if hooks.is_empty() {
            mind.view.webhooks.remove(user);
        } else {
            mind.view.webhooks.insert(*user, hooks);
        }
        let before = mind.view.show_user(shown.clone());
        if before.is_some_and(|before| before != shown && !before.name.is_empty()) {
            self.renamed.insert(*user);
        }
    }

    /// Makes a frontier known to the guild, from the store or from what came along.
    pub(super) fn learn(
        &mut self,
        guild: &mut Arc<Guild>,
        frontier: &FrontierId,
    ) -> Result<Result<(), Missing>, StoreFault> {
        if guild.frontier_heads(frontier).is_some() {
            return Ok(Ok(()));
        }
        let offered = self.core.pending.frontiers.get(frontier).cloned();
        let Some(heads) = self.store.frontier(frontier)?.or(offered) else {
            return Ok(Err(Missing::Frontier(*frontier)));
        };
        match Arc::make_mut(guild).learn_frontier(&heads) {
            Ok(_) => {
                self.core.mind.guilds.insert(guild.view().facts.id, Arc::clone(guild));
                Ok(Ok(()))
            }
            Err(IntegrateError::MissingDeps(missing)) if !missing.is_empty() => {
                Ok(Err(Missing::Op(missing[0])))
            }
            Err(_) => Ok(Err(Missing::Frontier(*frontier))),
        }
    }

    /// Stores what a frontier's name stands for, the first time it is cited.
    pub(super) fn cite(&mut self, guild: &Guild, frontier: &FrontierId) -> Result<(), StoreFault> {
        if self.cited.contains(frontier) || self.core.cited.get(frontier).is_some() {
            return Ok(());
        }
        let Some(heads) = guild.frontier_heads(frontier) else { return Ok(()) };
        if self.store.frontier(frontier)?.is_none() {
            self.write(Record::Frontier(*frontier, heads));
        }
        self.cited.insert(*frontier);
        Ok(())
    }

    pub(super) fn keep(&mut self, op: &Verified<Op>, origin: Origin) {
        let mine = origin == Origin::Own;
        self.write(Record::Op { op: Arc::new(StoredOp::of(op.clone())), mine });
    }

    /// Gives a thing its number in the program-wide scope.
    pub(super) fn number(&mut self, op: OpId, hlc: Hlc) {
        let ids = &mut self.core.mind.view.ids;
        let free = Snowflake::assign(&op, hlc, |number| Ok(ids.is_taken(number)));
        let Ok(number) = free else { return };
        ids.insert(number, op);
        self.write(Record::Snowflake(number, op));
    }
}

/// Whose op it is, by the admission it is written under, where that and the account are known here.
pub(super) fn author_of(mind: &Mind, guild: &Guild, op: &Op) -> Result<UserId, Missing> {
    let author = match op.kind() {
        Some(Kind::Join) => op.read_body::<Join>().ok().map(|join| join.user),
        _ => guild.author_of(op),
    };
    let author = author.ok_or(Missing::Tenure(op.space(), op.header.tenure))?;
    match mind.accounts.get(&author) {
        Some(_) => Ok(author),
        None => Err(Missing::Space(SpaceId(author.0))),
    }
}

/// Whether an op of an account's log makes something that the API has a number for.
fn begins_a_thing(op: &Op) -> bool {
    match op.kind() {
        Some(Kind::Offer) => op.read_body::<Offer>().is_ok_and(|body| body.offer.is_none()),
        Some(Kind::OwnEmoji) => op.read_body::<OwnEmoji>().is_ok_and(|body| body.emoji.is_none()),
        Some(Kind::Webhook) => op.read_body::<Webhook>().is_ok_and(|body| body.webhook.is_none()),
        _ => false,
    }
}

/// What an account of class bot whose key is here shows as an application.
pub(super) fn application_of(mind: &Mind, user: &UserId) -> Option<Application> {
    let account = mind.accounts.get(user)?;
    let application = account.application.as_ref()?;
    let question_key = question_key(mind, user)?;
    Some(Application {
        id: *user,
        owner: application.owner,
        description: application.description.clone(),
        flags: application.flags,
        endpoint: application.endpoint.clone(),
        verify_key: question_key.public().into(),
        offers: Arc::new(account.offers.clone()),
        emojis: Arc::new(account.emojis.clone()),
    })
}

pub(super) fn unfit(space: SpaceId, error: IntegrateError) -> Fate {
    match error {
        IntegrateError::MissingDeps(missing) => match missing.first() {
            Some(first) => Fate::Waits(Missing::Op(*first)),
            None => Fate::Refused("unknown deps"),
        },
        IntegrateError::MissingFrontier(frontier) => Fate::Waits(Missing::Frontier(frontier)),
        IntegrateError::MissingTenure(tenure) => Fate::Waits(Missing::Tenure(space, tenure)),
        IntegrateError::Structure(reason) => Fate::Refused(reason),
        _ => Fate::Refused("of another space"),
    }
}

/// Whose content a change of governance may have turned. Who was admitted and what they might do stands in the past
/// that the content cites, and is fixed; removals reach back.
fn turned(before: &GuildView, after: &GuildView) -> BTreeSet<UserId> {
    use imbl::ordmap::DiffItem;
    let user = |item| match item {
        DiffItem::Add(user, _) | DiffItem::Remove(user, _) | DiffItem::Update { old: (user, _), .. } => user,
    };
    let device = |item| match item {
        DiffItem::Add(key, _) | DiffItem::Remove(key, _) | DiffItem::Update { old: (key, _), .. } => key,
    };
    let paused = |item| match item {
        DiffItem::Add(user, _) | DiffItem::Remove(user, _) | DiffItem::Update { old: (user, _), .. } => user,
    };
    let removed = before.removals.diff(&after.removals).map(user).copied();
    removed
        .chain(erased_anew(before, after))
        .chain(before.timeouts.diff(&after.timeouts).map(paused).copied())
        .chain(before.ended_devices.diff(&after.ended_devices).map(device).map(|(user, _)| *user))
        .collect()
}

/// Of whom all that they said was taken away, or given back.
fn erased_anew(before: &GuildView, after: &GuildView) -> BTreeSet<UserId> {
    use imbl::ordmap::DiffItem;
    let user = |item| match item {
        DiffItem::Add(user, _) | DiffItem::Remove(user, _) | DiffItem::Update { old: (user, _), .. } => *user,
    };
    before.erased.diff(&after.erased).map(user).collect()
}

/// Channels whose locks changed, and from when on their content may have turned. A channel that is gone shuts out nothing.
fn relocked(before: &GuildView, after: &GuildView) -> Vec<(StreamId, Hlc)> {
    let locks = |view: &GuildView, id: &ChannelId| {
        view.channels.get(id).map(|channel| channel.locks.clone()).unwrap_or_default()
    };
    let ids: BTreeSet<&ChannelId> = before.channels.keys().chain(after.channels.keys()).collect();
    let changed = ids.into_iter().filter_map(|id| {
        let (was, is) = (locks(before, id), locks(after, id));
        let cuts = was.values().chain(is.values()).map(|lock| lock.cut);
        let from = cuts.min().filter(|_| was != is)?;
        Some((id.stream(), from))
    });
    changed.collect()
}
