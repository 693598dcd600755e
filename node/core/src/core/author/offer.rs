//! What people can ask a bot for.

use super::{Actor, Authored, Turn};
use crate::command::Reply;
use crate::command::draft::OfferDraft;
use crate::command::refusal::{Refusal, Thing};
use nexus_crdt::body::governance::{ACCESS_LINES_MAX, OfferAccess};
use nexus_crdt::body::identity::Offer;
use nexus_crdt::id::{SpaceId, UserId};
use nexus_crdt::kind::Kind;

impl Turn<'_> {
    /// What says nothing new is not written: bots say all they offer at every start.
    pub(super) fn offer(
        &mut self,
        actor: &Actor,
        application: UserId,
        guild: Option<SpaceId>,
        offers: Vec<OfferDraft>,
    ) -> Authored<Reply> {
        if !self.core.mind.view.applications.contains_key(&application) {
            return Err(Refusal::Unknown(Thing::Application).into());
        }
        if !self.speaks_for(actor, &application) {
            return Err(Refusal::MissingPermissions.into());
        }
        for draft in offers {
            let account = self.core.mind.accounts.get(&application);
            let account = account.ok_or(Refusal::Unknown(Thing::Application))?;
            if let Some(id) = &draft.offer {
                let standing = account.offers.get(id).filter(|offered| offered.guild == guild);
                let standing = standing.ok_or(Refusal::Unknown(Thing::Offer))?;
                if Some(&*standing.definition) == draft.definition.as_deref() {
                    continue;
                }
            } else if account.offers.values().filter(|offered| offered.guild == guild).count() >= OFFERS_MAX {
                return Err(Refusal::TooMany { what: "application commands", max: 110 }.into());
            }
            let body = Offer { offer: draft.offer, guild, definition: draft.definition };
            self.attest(application, Kind::Offer, &body)?;
        }
        Ok(Reply::Done)
    }

    /// Of a bot in the guild. What says nothing new is not written.
    pub(super) fn set_offer_access(
        &mut self,
        actor: &Actor,
        guild: SpaceId,
        mut access: OfferAccess,
    ) -> Authored<Reply> {
        let view = self.guild_of(actor, &guild)?.view().clone();
        if !view.members.contains_key(&access.application) {
            return Err(Refusal::Unknown(Thing::Application).into());
        }
        access.lines.sort_by_key(|line| line.target);
        if access.lines.windows(2).any(|pair| pair[0].target == pair[1].target) {
            return Err(Refusal::Invalid { field: "permissions", reason: "each at most once" }.into());
        }
        if access.lines.len() > ACCESS_LINES_MAX {
            return Err(Refusal::TooMany { what: "application command permissions", max: 100 }.into());
        }
        let standing = view.access.get(&(access.application, access.offer)).map_or(&[][..], |all| &**all);
        if standing != access.lines {
            self.govern(actor, guild, Kind::OfferAccess, &access)?;
        }
        Ok(Reply::Done)
    }
}

/// Of one bot in one place: 100 commands, 5 for people, 5 for messages, as on Discord.
const OFFERS_MAX: usize = 110;
