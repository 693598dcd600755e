//! Who is there: told to peers that share a space with them, and heard.

use super::{Action, Env, Link};
use crate::sync::frame::{Frame, Seeing};
use crate::sync::presence::{Presence, Presences, Voice};
use crate::sync::rights::{Share, Standing};
use nexus_crdt::id::{SpaceId, UserId};
use std::collections::{BTreeMap, BTreeSet};

/// What the peer was told, and is yet to be.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Everybody who may be spoken of, as they are now.
    now: Presences,
    told: BTreeMap<UserId, Presence>,
    /// Somebody may know more or less than before: all are to be looked at.
    is_stale: bool,
    looked_ms: u64,
    /// Since the last tick.
    sent: u32,
    heard: u32,
    /// Those whom the peer has said are there: they may be known here only a moment later.
    heard_of: BTreeSet<UserId>,
    ticks: u32,
}

impl Told {
    pub(super) fn tick(&mut self) {
        (self.sent, self.heard) = (0, 0);
        self.ticks = self.ticks.wrapping_add(1);
        self.is_stale |= self.ticks.is_multiple_of(LOOK_TICKS);
    }

    pub(super) fn may_have_changed(&mut self) {
        self.is_stale = true;
    }

    /// False where there is no room for one more.
    fn remember(&mut self, user: UserId, is_there: bool) -> bool {
        if !is_there {
            return self.heard_of.remove(&user);
        }
        self.heard_of.contains(&user) || self.heard_of.len() < HEARD_OF_MAX && self.heard_of.insert(user)
    }

    pub(super) fn due_ms(&self) -> Option<u64> {
        (self.is_stale && self.sent < SENT_A_TICK).then_some(self.looked_ms + LOOK_MS)
    }
}

impl Link {
    pub(super) fn seen_now(&mut self, now: &Presences, env: &Env<'_>, out: &mut Vec<Action>) {
        let before = std::mem::replace(&mut self.seeing.now, now.clone());
        let changed = before.diff(now).map(|change| match change {
            imbl::ordmap::DiffItem::Add(user, _) | imbl::ordmap::DiffItem::Remove(user, _) => *user,
            imbl::ordmap::DiffItem::Update { old: (user, _), .. } => *user,
        });
        let changed: Vec<UserId> = changed.collect();
        for user in changed {
            self.tell_of(user, env, out);
        }
    }

    /// Looks at everybody where that is due; not often, since a relay has many links and many people.
    pub(super) fn look_again(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        if self.seeing.due_ms().is_none_or(|due_ms| env.now_ms < due_ms) {
            return;
        }
        (self.seeing.is_stale, self.seeing.looked_ms) = (false, env.now_ms);
        let users: BTreeSet<UserId> =
            self.seeing.told.keys().chain(self.seeing.now.keys()).copied().collect();
        for user in users {
            self.tell_of(user, env, out);
        }
    }

    fn tell_of(&mut self, user: UserId, env: &Env<'_>, out: &mut Vec<Action>) {
        let presence = self.seeing.now.get(&user).filter(|_| self.may_see(&user, env)).cloned();
        let presence = presence.map(|presence| self.without_hidden_voice(presence, env));
        let seeing = &mut self.seeing;
        if presence.as_ref() == seeing.told.get(&user) {
            return;
        }
        if seeing.sent >= SENT_A_TICK {
            seeing.is_stale = true;
            return;
        }
        seeing.sent += 1;
        match &presence {
            Some(presence) => seeing.told.insert(user, presence.clone()),
            None => seeing.told.remove(&user),
        };
        out.push(Action::Send(Frame::Seeing(Seeing { user, presence })));
    }

    // Nobody learns of a voice channel by who is in it.
    fn without_hidden_voice(&self, presence: Presence, env: &Env<'_>) -> Presence {
        let seen = |voice: &Voice| {
            self.rights.share(env.view, &voice.space, &voice.channel.stream()) > Share::Nothing
        };
        Presence { voice: presence.voice.filter(seen), ..presence }
    }

    // Who was only shown an invite is told of nobody, and nobody is told of themselves.
    fn may_see(&self, user: &UserId, env: &Env<'_>) -> bool {
        let mut shared = self.giving.keys().filter(|space| is_in(env, user, space));
        shared.any(|space| self.rights.standing(env.view, space) >= Standing::Member)
            && !self.rights.users(env.view).any(|own| own == user)
    }

    /// A relay is believed who is there, anybody else only of the people it speaks for.
    pub(super) fn hear_of(&mut self, seeing: Seeing, env: &Env<'_>, out: &mut Vec<Action>) {
        let Seeing { user, presence } = seeing;
        self.seeing.heard = self.seeing.heard.saturating_add(1);
        let first_hand = self.rights.users(env.view).any(|own| *own == user);
        let is_believed = first_hand || self.rights.relay().is_some();
        if is_believed && self.seeing.heard <= HEARD_A_TICK && self.seeing.remember(user, presence.is_some())
        {
            out.push(Action::Seen { user, presence, first_hand });
        }
    }
}

fn is_in(env: &Env<'_>, user: &UserId, space: &SpaceId) -> bool {
    env.view.guilds.get(space).is_some_and(|guild| guild.members.contains_key(user))
}

/// People that a peer is told of in a tick (5 s); the rest follow in the next.
const SENT_A_TICK: u32 = 512;
/// What is heard beyond it is passed over: a tick here and a tick there do not begin together.
const HEARD_A_TICK: u32 = 2 * SENT_A_TICK;
/// People that are known to be there by one link.
const HEARD_OF_MAX: usize = 16_384;
/// All are looked at once in so many ms at most ..
const LOOK_MS: u64 = 1_000;
/// .. and once in so many ticks, whatever was noticed.
const LOOK_TICKS: u32 = 12;
