//! Who is there: told to peers that share a space with them, and heard.

use super::told::Told;
use super::{Action, Env, Link};
use crate::sync::frame::{Frame, Seeing};
use crate::sync::presence::{Presence, Presences, Voice};
use crate::sync::rights::{Share, Standing};
use nexus_crdt::id::{SpaceId, UserId};

/// Who is there, as the peer was told.
pub(super) type Present = Told<UserId, Presence, PEOPLE_MAX>;

impl Link {
    pub(super) fn seen_now(&mut self, now: &Presences, env: &Env<'_>, out: &mut Vec<Action>) {
        for user in self.seeing.turn_to(now) {
            self.tell_of(user, env, out);
        }
    }

    /// Looks at everybody where that is due.
    pub(super) fn look_again(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        for user in self.seeing.due_for_a_look(env.now_ms) {
            self.tell_of(user, env, out);
        }
        self.look_at_captions_again(env, out);
    }

    fn tell_of(&mut self, user: UserId, env: &Env<'_>, out: &mut Vec<Action>) {
        let presence = self.seeing.now(&user).filter(|_| self.may_see(&user, env)).cloned();
        let presence = presence.map(|presence| self.without_hidden_voice(presence, env));
        if self.seeing.is_to_tell(user, presence.as_ref()) {
            out.push(Action::Send(Frame::Seeing(Seeing { user, presence })));
        }
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
        let first_hand = self.speaks_for(&user, env);
        let is_believed = first_hand || self.rights.relay().is_some();
        if self.seeing.listens(user, presence.is_some(), is_believed) {
            out.push(Action::Seen { user, presence, first_hand });
        }
    }

    pub(super) fn speaks_for(&self, user: &UserId, env: &Env<'_>) -> bool {
        self.rights.users(env.view).any(|own| own == user)
    }
}

pub(super) fn is_in(env: &Env<'_>, user: &UserId, space: &SpaceId) -> bool {
    env.view.guilds.get(space).is_some_and(|guild| guild.members.contains_key(user))
}

/// People that are known to be there by one link.
const PEOPLE_MAX: usize = 16_384;
