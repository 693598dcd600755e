//! What voice channels are said to be about: told to peers that may have the channel, and heard.

use super::seeing::is_in;
use super::told::Told;
use super::{Action, Env, Link};
use crate::sync::caption::{AHEAD_MS, Caption, Captions};
use crate::sync::frame::{Captioning, Frame};
use crate::sync::rights::Share;
use nexus_crdt::id::{ChannelId, UserId};

/// Captions, as the peer was told them.
pub(super) type Captioned = Told<(ChannelId, UserId), Caption, CAPTIONS_MAX>;

impl Link {
    pub(super) fn captions_now(&mut self, now: &Captions, env: &Env<'_>, out: &mut Vec<Action>) {
        for key in self.captions.turn_to(now) {
            self.tell_caption(key, env, out);
        }
    }

    pub(super) fn look_at_captions_again(&mut self, env: &Env<'_>, out: &mut Vec<Action>) {
        for key in self.captions.due_for_a_look(env.now_ms) {
            self.tell_caption(key, env, out);
        }
    }

    // The devices of whoever said it are told, too: all of them show the channel.
    fn tell_caption(&mut self, key: (ChannelId, UserId), env: &Env<'_>, out: &mut Vec<Action>) {
        let (channel, user) = key;
        let may_hear = |caption: &&Caption| {
            is_in(env, &user, &caption.space)
                && self.rights.share(env.view, &caption.space, &channel.stream()) > Share::Nothing
        };
        let caption = self.captions.now(&key).filter(may_hear).cloned();
        if self.captions.is_to_tell(key, caption.as_ref()) {
            out.push(Action::Send(Frame::Captioning(Captioning { user, channel, caption })));
        }
    }

    /// A relay is believed who said so, anybody else only of the people it speaks for. Whether they may say it, who shows it judges.
    pub(super) fn hear_caption(&mut self, said: Captioning, env: &Env<'_>, out: &mut Vec<Action>) {
        let (key, first_hand) = ((said.channel, said.user), self.speaks_for(&said.user, env));
        let is_late = said.caption.as_ref().is_some_and(|it| it.at_ms > env.now_ms.saturating_add(AHEAD_MS));
        let is_believed = !is_late && (first_hand || self.rights.relay().is_some());
        if self.captions.listens(key, said.caption.is_some(), is_believed) {
            out.push(Action::Captioned { said, first_hand });
        }
    }
}

/// Captions that are known by one link; of each one, up to 2 KB.
const CAPTIONS_MAX: usize = 1_024;
