//! Who is writing: told at once, stored nowhere.

use super::{Action, Env, Link};
use crate::sync::frame::{Frame, Role, Typing};
use crate::sync::rights::Share;

impl Link {
    pub(super) fn tell_typing(&self, typing: Typing, env: &Env<'_>, out: &mut Vec<Action>) {
        // Two relays would tell each other for ever what each heard of the other.
        let between_relays =
            self.setup.role == Role::Relay && self.hello.as_ref().is_some_and(|hello| hello.relay);
        if between_relays && !env.view.local.contains(&typing.user) {
            return;
        }
        let stream = typing.channel.stream();
        let own = self.rights.users(env.view).any(|user| *user == typing.user);
        let share = self.rights.share(env.view, &typing.space, &stream);
        if self.giving.contains_key(&typing.space) && share > Share::Nothing && !own {
            out.push(Action::Send(Frame::Typing(typing)));
        }
    }

    /// A relay is believed who writes, anybody else only of the people it speaks for.
    pub(super) fn hear_typing(&mut self, typing: Typing, env: &Env<'_>, out: &mut Vec<Action>) {
        let own = self.rights.users(env.view).any(|user| *user == typing.user);
        self.heard = self.heard.saturating_add(1);
        let told = self.taking.contains_key(&typing.space) && self.heard <= HEARD_A_TICK;
        if told && (own || self.rights.relay().is_some()) {
            out.push(Action::Heard(typing));
        }
    }
}

/// Typing beyond it is passed over.
const HEARD_A_TICK: u32 = 256;
