//! From a store to a core: identities first, then each space's governance and membership, then the indices.

mod checked;

use super::admit::application_of;
use super::mind::Mind;
use super::note::load_notes;
use super::pending::Pending;
use super::quota::Fork;
use super::recent::Recent;
use super::reduce;
use super::retain::gone_in;
use super::{
    Core, FRONTIERS_REMEMBERED, HEADS_REMEMBERED, IDENTITIES_REMEMBERED, LoadError, NONCES_REMEMBERED,
};
use crate::snowflake::Snowflake;
use crate::store::{Secret, Store, StoreFault};
use crate::view::View;
use checked::{Checked, Kept, Unmarked, kept_in, on_all_cores};
use nexus_crdt::body::governance::Admit;
use nexus_crdt::guild::{Guild, IntegrateError};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{SpaceId, StreamId, UserId};
use nexus_crdt::identity::{Identity, IdentityError};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crypto::MarkKey;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

pub(super) fn load(store: &dyn Store) -> Result<Core, LoadError> {
    let mut mind = Mind::default();
    let mut clock = Hlc::ZERO;
    let mut guilds = Vec::new();
    let (key, mut unmarked) = (store.mark_key(), Unmarked::new());
    for spaces in store.spaces()?.chunks(SPACES_AT_A_TIME) {
        let read = |space: &SpaceId| Ok((*space, kept_in(store, space, &StreamId::GOVERNANCE)?));
        let read = spaces.iter().map(read).collect::<Result<Vec<_>, StoreFault>>()?;
        for (newest, begun) in on_all_cores(&read, |(space, ops)| begin(space, ops, key))? {
            clock = clock.max(newest);
            match begun {
                Begun::Account(begun) => {
                    let Read { identity, rotates, unmarked: new } = *begun;
                    let user = identity.account().id;
                    mind.accounts.keep(user, &identity, rotates);
                    mind.view.prints.insert(user, identity.print());
                    unmarked.extend(new);
                }
                Begun::Guild(space, ops) => guilds.push((space, ops)),
            }
        }
    }
    for (space, governance) in guilds {
        let guild = load_guild(store, &mut mind, &mut clock, &space, governance, &mut unmarked)?;
        clock = clock.max(last_written(store, &guild)?);
        mind.guilds.insert(space, Arc::new(guild));
    }
    load_secrets(store, &mut mind)?;
    show(store, &mut mind, clock)?;
    let noted = mind.view.notes.values().flat_map(|notes| notes.values());
    clock = noted.map(|noted| noted.hlc).fold(clock, Hlc::max);
    let unsettled = mind.guilds.keys().copied().collect();
    let mut forks = BTreeMap::new();
    for log in store.forks()? {
        forks.insert(log, Fork::read(store, &log)?);
    }
    let waiting = store.waiting()?.iter().map(|stored| stored.verify()).collect::<Result<Vec<_>, _>>()?;
    Ok(Core {
        mind,
        clock,
        heads: Recent::new(HEADS_REMEMBERED),
        identities: Recent::new(IDENTITIES_REMEMBERED),
        cited: Recent::new(FRONTIERS_REMEMBERED),
        forks,
        nonces: Recent::new(NONCES_REMEMBERED),
        pending: Pending::reviving(waiting),
        parked: super::Parked::default(),
        relearning: super::Relearning::default(),
        life: super::Life::default(),
        unsettled,
        erasing: None,
        swept: BTreeMap::new(),
        erased: BTreeMap::new(),
        standing: None,
        unmarked,
    })
}

/// What the governance of a space is the beginning of.
enum Begun {
    Account(Box<Read>),
    Guild(SpaceId, VecDeque<Checked>),
}

/// An account, read from its ops.
struct Read {
    identity: Arc<Identity>,
    /// Some of them rotates its key.
    rotates: bool,
    unmarked: Unmarked,
}

/// With when the newest of it was written.
fn begin(space: &SpaceId, kept: &[Kept], key: &MarkKey) -> Result<(Hlc, Begun), LoadError> {
    let ops = kept.iter().map(|kept| kept.check(key)).collect::<Result<VecDeque<_>, _>>()?;
    let newest = ops.iter().map(|checked| checked.op.header.hlc).fold(Hlc::ZERO, Hlc::max);
    let begun = match ops.front().and_then(|checked| checked.op.kind()) {
        Some(Kind::IdGenesis) => Begun::Account(Box::new(load_identity(ops, key)?)),
        Some(Kind::Genesis) => Begun::Guild(*space, ops),
        _ => return Err(LoadError::Inconsistent(format!("space {} has no beginning", space.to_hex()))),
    };
    Ok((newest, begun))
}

/// An account with its ops, as they were taken in.
pub(super) fn identity_in(store: &dyn Store, user: &UserId) -> Result<Arc<Identity>, StoreFault> {
    let key = store.mark_key();
    let kept = kept_in(store, &user.space(), &StreamId::GOVERNANCE)?;
    let ops = kept.iter().map(|kept| kept.check(key)).collect::<Result<_, _>>()?;
    match load_identity(ops, key) {
        Ok(read) => Ok(read.identity),
        Err(LoadError::Store(fault)) => Err(fault),
        Err(error) => Err(StoreFault(error.to_string())),
    }
}

fn load_identity(mut ops: VecDeque<Checked>, key: &MarkKey) -> Result<Read, LoadError> {
    let inconsistent = |error: IdentityError| LoadError::Inconsistent(error.to_string());
    let Some(genesis) = ops.pop_front() else {
        return Err(LoadError::Inconsistent(String::from("an account without a genesis")));
    };
    let rotates = ops.iter().any(|checked| checked.op.kind() == Some(Kind::IdRotate));
    let mut identity = Identity::begin(&genesis.op).map_err(inconsistent)?;
    let (mut late, mut unmarked) = (0, Unmarked::new());
    genesis.note(key, &mut unmarked);
    while let Some(next) = ops.pop_front() {
        let Checked { op, known } = &next;
        match if *known { identity.integrate_again(op) } else { identity.integrate(op) } {
            Ok(()) => {
                late = 0;
                next.note(key, &mut unmarked);
            }
            // Two devices' clocks may differ: what a log needs can stand later in order of time.
            Err(IdentityError::Missing(_) | IdentityError::UnknownKey) if late < ops.len() => {
                late += 1;
                ops.push_back(next);
            }
            Err(error) => return Err(inconsistent(error)),
        }
    }
    Ok(Read { identity: Arc::new(identity), rotates, unmarked })
}

fn load_guild(
    store: &dyn Store,
    mind: &mut Mind,
    clock: &mut Hlc,
    space: &SpaceId,
    mut ops: VecDeque<Checked>,
    unmarked: &mut Unmarked,
) -> Result<Guild, LoadError> {
    let inconsistent = |error: IntegrateError| LoadError::Inconsistent(error.to_string());
    let Some(genesis) = ops.pop_front() else {
        return Err(LoadError::Inconsistent(String::from("a space without a genesis")));
    };
    let mut guild = Guild::begin(&genesis.op).map_err(inconsistent)?;
    let key = store.mark_key();
    genesis.note(key, unmarked);
    let members = kept_in(store, space, &StreamId::MEMBERSHIP)?;
    ops.extend(on_all_cores(&members, |kept| kept.check(key))?);
    drop(members);
    *clock = ops.iter().map(|checked| checked.op.header.hlc).fold(*clock, Hlc::max);
    ops.make_contiguous().sort_by_key(|checked| (checked.op.header.hlc, checked.op.id));
    let mut authors: BTreeSet<UserId> = guild.view().facts.owners.iter().copied().collect();
    authors.insert(guild.view().facts.founder);
    let mut late = 0;
    while let Some(next) = ops.pop_front() {
        let Checked { op, known } = &next;
        let people = &mind.accounts;
        match if *known { guild.integrate_again(op, people) } else { guild.integrate(op, people) } {
            Ok(()) => {
                late = 0;
                authors.extend(guild.author_of(op));
                authors.extend(brought_in(op));
                if guild.has_proven(op) {
                    next.note(key, unmarked);
                }
            }
            Err(IntegrateError::MissingFrontier(frontier)) if late <= ops.len() => {
                late += 1;
                if let Some(heads) = store.frontier(&frontier)?
                    && guild.learn_frontier(&heads).is_ok()
                {
                    ops.push_front(next);
                } else {
                    ops.push_back(next);
                }
            }
            Err(IntegrateError::MissingDeps(_) | IntegrateError::MissingTenure(_)) if late <= ops.len() => {
                late += 1;
                ops.push_back(next);
            }
            Err(error) => return Err(inconsistent(error)),
        }
    }
    for author in authors {
        mind.let_in(author, *space);
    }
    Ok(guild)
}

/// Whom an op brings into a conversation.
fn brought_in(op: &Op) -> Option<UserId> {
    let body = (op.kind() == Some(Kind::Admit)).then(|| op.read_body::<Admit>())?;
    body.ok().map(|admit| admit.user)
}

/// When the newest message of a guild was written.
fn last_written(store: &dyn Store, guild: &Guild) -> Result<Hlc, StoreFault> {
    let mut last = Hlc::ZERO;
    for channel in guild.view().channels.keys() {
        for row in store.messages(&channel.stream(), Snowflake(u64::MAX), true, 1)? {
            last = last.max(row.hlc);
        }
    }
    Ok(last)
}

fn load_secrets(store: &dyn Store, mind: &mut Mind) -> Result<(), StoreFault> {
    for secret in store.secrets()? {
        let keyring = &mut mind.keyring;
        match secret {
            Secret::Identity(user, key) => drop(keyring.identities.insert(user, Arc::new(key))),
            Secret::Device(user, key) => drop(keyring.devices.insert(user, Arc::new(key))),
            Secret::InviteCode(invite, code) => drop(mind.view.invite_codes.insert(invite, code)),
            // The owner's to take away: the core signs with it never, and hands to it what it may need to open.
            Secret::Recovery(user, key) => drop(keyring.recoveries.insert(user, key.public().into())),
            Secret::Spent(user, key) => drop(keyring.spent.insert(user, Arc::new(key))),
            // What is not an account's key yet.
            Secret::Claim(..) => {}
        }
    }
    Ok(())
}

/// `at`: the latest time that is known here; the first tick knows better what is too old to be seen.
fn show(store: &dyn Store, mind: &mut Mind, at: Hlc) -> Result<(), StoreFault> {
    let invite_codes = std::mem::take(&mut mind.view.invite_codes);
    let home_relays = store.home_relays()?.into_iter().collect();
    let set_back = store.set_back()?.into_iter().collect();
    let let_in = std::mem::take(&mut mind.view.let_in);
    let prints = std::mem::take(&mut mind.view.prints);
    let owner = store.owner()?;
    let mut view = View { owner, invite_codes, home_relays, set_back, let_in, prints, ..View::default() };
    for (number, op) in store.snowflakes()? {
        view.ids.insert(number, op);
    }
    view.gaps = store.gaps()?.into_iter().map(|(stream, gaps)| (stream, Arc::new(gaps))).collect();
    view.holds_viewed = store.holds_viewed()?;
    view.tokens = store.tokens()?.into_iter().collect();
    for user in mind.accounts.users() {
        if let Some(shown) = mind.shown(user) {
            view.show_user(shown);
        }
        let hooks = mind.accounts.get(user).map(|account| &account.webhooks);
        let hooks = hooks.filter(|hooks| !hooks.is_empty());
        view.webhooks.extend(hooks.map(|hooks| (*user, Arc::new(hooks.clone()))));
        view.applications.extend(application_of(mind, user).map(|application| (*user, application)));
    }
    view.governance = mind.guilds.clone();
    for (space, guild) in &mind.guilds {
        view.guilds.insert(*space, guild.view().clone());
        let gone = gone_in(guild.view(), at.ms());
        view.gone.extend((!gone.is_empty()).then_some((*space, gone)));
        view.authority.insert(*space, Arc::clone(guild));
        view.channels.extend(guild.view().channels.keys().map(|channel| (*channel, *space)));
        view.invites
            .extend(guild.view().invites.values().map(|invite| (invite.admission, (*space, invite.id))));
    }
    for (user, key) in &mind.keyring.devices {
        view.local.insert(*user);
        view.local_devices.insert(key.public().into());
        reduce::index_account(&mut view, *user);
    }
    load_notes(store, mind, &mut view)?;
    mind.view = view;
    Ok(())
}

/// Spaces whose governance is read before it is checked: most are accounts, of a few ops each.
const SPACES_AT_A_TIME: usize = 4_096;
