//! A bot that was let in: an invite made for it alone, and its join by that.

use super::Line;
use nexus_core::{LET_IN_WITHIN, StoreFault, View};
use nexus_crdt::body::governance::InviteKey;
use nexus_crdt::body::identity::AccountClass;
use nexus_crdt::body::membership::Join;
use nexus_crdt::guild::Guild;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::UserId;
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Op;
use nexus_crdt::verdict::{Verdict, VoidReason};
use nexus_node::Reader;

/// Discord's number of it.
pub(crate) const BOT_ADD: u16 = 28;

/// What an act is to the log by whom it let in.
pub(super) enum Newcomer {
    /// It is no invite that was over in the turn that made it; or no bot came by it.
    Nobody,
    /// This bot.
    Bot(UserId),
    /// Whoever is to come by it is not known here yet: the line comes with them.
    Awaited,
}

impl Newcomer {
    pub(super) fn of(view: &View, guild: &Guild, reader: &Reader, act: &Op) -> Result<Self, StoreFault> {
        let Some(until) = over_at_once(act) else { return Ok(Self::Nobody) };
        for op in reader.joins(&act.header.space, act.header.hlc, until)? {
            let Ok(join) = op.read_body::<Join>() else { continue };
            if join.invite != act.id || !did_count(guild, &op) {
                continue;
            }
            let user = view.users.get(&join.user);
            let is_bot = user.is_some_and(|user| user.class == AccountClass::Bot);
            return Ok(if is_bot { Self::Bot(join.user) } else { Self::Nobody });
        }
        Ok(Self::Awaited)
    }

    pub(super) fn line(bot: UserId) -> Option<Line> {
        Line::about(BOT_ADD, bot, Vec::new(), "")
    }
}

/// When an invite ends that nobody can have been shown.
fn over_at_once(act: &Op) -> Option<Hlc> {
    let invite = act.read_body::<InviteKey>().ok().filter(|_| act.kind() == Some(Kind::InviteKey))?;
    invite.expires.filter(|end| end.0.saturating_sub(act.header.hlc.0) <= LET_IN_WITHIN)
}

/// A join that counts, or did until whom it brought was put out.
fn did_count(guild: &Guild, join: &Op) -> bool {
    matches!(guild.verdict(&join.id), Some(Verdict::Valid | Verdict::Void(VoidReason::Removed)))
}
