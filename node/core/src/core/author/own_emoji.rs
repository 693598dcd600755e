//! Emoji of a bot's own: in its account's log, for the bot wherever it is.

use super::emoji::called;
use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::refusal::{Refusal, Thing};
use nexus_crdt::body::governance::Picture;
use nexus_crdt::body::identity::OwnEmoji;
use nexus_crdt::id::{OpId, UserId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    pub(super) fn make_own_emoji(
        &mut self,
        actor: &Actor,
        application: UserId,
        name: String,
        picture: Picture,
    ) -> Authored<Reply> {
        if self.own_emojis(actor, &application)? >= EMOJIS_MAX {
            return Err(Refusal::TooMany { what: "emojis", max: 2_000 }.into());
        }
        called(&name)?;
        let body = OwnEmoji { emoji: None, name: Some(name), picture: Some(picture) };
        Ok(Reply::Created(self.attested(application, Kind::OwnEmoji, &body)?))
    }

    /// A word that changes nothing is not written.
    pub(super) fn name_own_emoji(
        &mut self,
        actor: &Actor,
        application: UserId,
        emoji: OpId,
        name: Option<String>,
    ) -> Authored<Reply> {
        self.own_emojis(actor, &application)?;
        name.as_deref().map_or(Ok(()), called)?;
        let account = self.core.mind.accounts.get(&application);
        let standing = account.and_then(|account| account.emojis.get(&emoji));
        let standing = standing.ok_or(Refusal::Unknown(Thing::Emoji))?;
        if name.as_ref() != Some(&standing.name) {
            let body = OwnEmoji { emoji: Some(emoji), name, picture: None };
            self.attest(application, Kind::OwnEmoji, &body)?;
        }
        Ok(Reply::Done)
    }

    /// How many a bot has, for who speaks for it.
    fn own_emojis(&self, actor: &Actor, application: &UserId) -> Authored<usize> {
        let shown = self.core.mind.view.applications.get(application);
        let shown = shown.ok_or(Refusal::Unknown(Thing::Application))?;
        if !self.speaks_for(actor, application) {
            return Err(Refusal::MissingPermissions.into());
        }
        Ok(shown.emojis.len())
    }
}

/// Of one bot, as on Discord.
const EMOJIS_MAX: usize = 2_000;
