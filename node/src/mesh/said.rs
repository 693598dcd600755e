//! What people here are seen to do and say of voice channels, told to other programs; and what those say.

use super::{Mesh, Role, Shared};
use nexus_core::sync::caption::{Caption, Captioned, Captions};
use nexus_core::sync::presence::{Presence, Presences, Seen};
use nexus_crdt::id::{ChannelId, UserId};
use tokio::sync::watch;

impl Mesh {
    /// How somebody here is seen by others from now on; none: not at all.
    pub fn show(&self, user: UserId, presence: Option<Presence>) {
        self.shared.see(|seen| seen.here(user, presence));
    }

    /// Those whom peers speak of, as they are and as they change.
    #[must_use]
    pub fn elsewhere(&self) -> watch::Receiver<Presences> {
        self.shared.seen.elsewhere()
    }

    /// What somebody here says a voice channel is about; none: they say it no more.
    pub fn caption(&self, channel: ChannelId, user: UserId, caption: Option<Caption>) {
        self.shared.caption(|captioned| captioned.here((channel, user), caption));
    }

    /// What peers say that voice channels are about, as it is and as it changes.
    #[must_use]
    pub fn captions_elsewhere(&self) -> watch::Receiver<Captions> {
        self.shared.captions.elsewhere()
    }
}

impl Shared {
    /// Changes who is seen, and tells whom it concerns.
    pub(super) fn see(&self, change: impl FnOnce(&mut Seen)) {
        self.seen.change(self.role == Role::Relay, change);
    }

    /// Changes what is said of voice channels, likewise.
    pub(super) fn caption(&self, change: impl FnOnce(&mut Captioned)) {
        self.captions.change(self.role == Role::Relay, change);
    }
}
