//! A gateway session: whose it is, what was asked for, and its run of events.

use crate::gateway::close::CloseCode;
use crate::gateway::frame::Identify;
use crate::gateway::intents::Intents;
use crate::gateway::outlet::Outlet;
use crate::gateway::session::{Run, Taken};
use crate::ports::{Credential, Spoken};
use nexus_core::View;
use nexus_crdt::body::governance::SpaceKind;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::UserId;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An IDENTIFY that was found good.
pub(in crate::gateway::hub) struct Admission {
    user: UserId,
    by: Credential,
    bot: bool,
    intents: Intents,
    shard: Shard,
    large_threshold: usize,
}

/// A part of the guilds: those with `(id >> 22) % count == index`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shard {
    /// Which part.
    pub(crate) index: u64,
    /// Of how many.
    pub(crate) count: u64,
}

/// A gateway session: whose it is, what was asked for, and its run of events.
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) user: UserId,
    pub(crate) bot: bool,
    pub(crate) intents: Intents,
    pub(crate) shard: Shard,
    /// Guilds up to this size come with all their members.
    pub(crate) large_threshold: usize,
    pub(super) by: Credential,
    run: Mutex<Run>,
}

impl Admission {
    /// Token, intents and shard, in Discord's order.
    pub(in crate::gateway::hub) fn check(
        identify: &Identify,
        spoken: Option<Spoken>,
        view: &View,
    ) -> Result<Self, CloseCode> {
        let Spoken { user, by } = spoken.ok_or(CloseCode::AuthenticationFailed)?;
        let bot = view.users.get(&user).is_some_and(|user| user.class == AccountClass::Bot);
        let intents = match (identify.intents, bot) {
            (Some(bits), true) => Intents::parse(bits).ok_or(CloseCode::InvalidIntents)?,
            (None, true) => return Err(CloseCode::InvalidIntents),
            (_, false) => Intents::of_a_person(),
        };
        let flags = view.applications.get(&user).map_or(0, |application| application.flags);
        if bot && !intents.allowed_by(flags) {
            return Err(CloseCode::DisallowedIntents);
        }
        let (index, count) = identify.shard.unwrap_or((0, 1));
        if index >= count {
            return Err(CloseCode::InvalidShard);
        }
        let threshold = identify.large_threshold.unwrap_or(50).clamp(50, 250);
        let large_threshold = usize::try_from(threshold).unwrap_or(50);
        Ok(Self { user, by, bot, intents, shard: Shard { index, count }, large_threshold })
    }
}

impl Shard {
    /// Whether it is told of a space. Conversations belong to the first.
    pub(crate) fn holds(self, view: &View, guild: &GuildView) -> bool {
        match guild.facts.kind {
            SpaceKind::Guild => (view.ids.of(guild.facts.id).0 >> 22) % self.count == self.index,
            _ => self.index == 0,
        }
    }
}

impl Session {
    pub(in crate::gateway::hub) fn new(admission: Admission, run: Run) -> Self {
        let Admission { user, by, bot, intents, shard, large_threshold } = admission;
        let id = format!("{:032x}", rand::random::<u128>());
        Self { id, user, bot, intents, shard, large_threshold, by, run: Mutex::new(run) }
    }

    /// Somebody's that asked for nothing.
    #[cfg(test)]
    pub(super) fn of(user: UserId, by: Credential, run: Run) -> Self {
        let (intents, shard) = (Intents::NONE, Shard { index: 0, count: 1 });
        Self::new(Admission { user, by, bot: false, intents, shard, large_threshold: 50 }, run)
    }

    /// Puts what is next behind what the connection of an outlet is to write.
    pub(in crate::gateway::hub) fn put_backlog(&self, outlet: &Outlet) -> Taken {
        outlet.put_backlog(&self.run)
    }

    /// Sends what its connection has not heard yet, where that can be done at once; else the connection's own task does.
    pub(in crate::gateway::hub) fn hand_out(&self) {
        let run = self.run();
        if let Some(outlet) = run.behind().cloned() {
            outlet.hand_out(run);
        }
    }

    pub(in crate::gateway::hub) fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
