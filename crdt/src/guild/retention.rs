//! How long messages are kept, and what is gone by that.

use super::Guild;
use super::rule::{Judge, hold};
use super::state::channel::Channel;
use super::state::{GuildView, Kept, Rank};
use crate::body::governance::{ChannelKind, Retention};
use crate::hlc::Hlc;
use crate::id::{ChannelId, OpId};
use crate::permissions::Permissions;
use crate::verdict::VoidReason;

impl Guild {
    /// The time before which the messages of a channel are gone for good: what is hidden by [`GuildView::gone_before`], where
    /// every word behind that is final. A word is when a checkpoint has seen it, or when `is_old` says so, which is asked of
    /// the op.
    #[must_use]
    pub fn gone_for_good_before(
        &self,
        channel: &ChannelId,
        now_ms: u64,
        is_old: &dyn Fn(&OpId) -> bool,
    ) -> Hlc {
        let is_final = |word: &&Kept| self.is_below_checkpoint(&word.op) || is_old(&word.op);
        if self.view.words_on(channel).iter().flatten().all(is_final) {
            self.view.gone_before(channel, now_ms)
        } else {
            Hlc::ZERO
        }
    }

    /// Whether the highest checkpoint has seen an act of governance: what it says then turns by owners' words alone.
    #[must_use]
    pub fn is_below_checkpoint(&self, act: &OpId) -> bool {
        let checkpoint = self.now.checkpoint.map(|place| self.graph.node(place));
        let place = self.graph.place(act);
        checkpoint.is_some_and(|node| place.is_some_and(|place| node.past.has(place)))
    }
}

impl GuildView {
    /// How many days messages of a channel are kept; none: for ever.
    #[must_use]
    pub fn kept_days(&self, channel: &ChannelId) -> Option<u32> {
        let word = self.words_on(channel).into_iter().flatten().find_map(|word| word.days);
        word.filter(|days| *days > 0)
    }

    /// The time before which the messages of a channel are gone, as of now (Unix ms); [`Hlc::ZERO`] where all are kept.
    #[must_use]
    pub fn gone_before(&self, channel: &ChannelId, now_ms: u64) -> Hlc {
        let words = self.words_on(channel).into_iter().flatten();
        words.map(|word| word.gone_before(now_ms)).max().unwrap_or(Hlc::ZERO)
    }

    /// The same in every channel that leaves it to the guild.
    #[must_use]
    pub fn gone_in_guild_before(&self, now_ms: u64) -> Hlc {
        self.retention.get(&None).map_or(Hlc::ZERO, |word| word.gone_before(now_ms))
    }

    /// The acts that say how long messages of a channel are kept: its own, and the guild's where that decides.
    pub fn retained_by(&self, channel: &ChannelId) -> impl Iterator<Item = OpId> + use<> {
        self.words_on(channel).map(|word| word.map(|word| word.op)).into_iter().flatten()
    }

    /// A channel's own word, and the guild's where the channel leaves it to that. Nothing is said of events.
    fn words_on(&self, channel: &ChannelId) -> [Option<&Kept>; 2] {
        let Some(channel) = self.channels.get(channel) else { return [None, None] };
        let place = if channel.thread.is_some() { channel.parent } else { Some(channel.id) };
        let own = place.and_then(|place| self.retention.get(&Some(place)));
        let whole = self.retention.get(&None).filter(|_| own.is_none_or(|own| own.days.is_none()));
        [own, whole]
    }
}

impl Kept {
    /// What an op says.
    pub(super) const fn of(op: OpId, body: &Retention) -> Self {
        Self { op, days: body.days, gone: body.gone }
    }

    fn gone_before(&self, now_ms: u64) -> Hlc {
        match self.days {
            None | Some(0) => self.gone,
            Some(days) => {
                self.gone.max(Hlc::from_ms(now_ms.saturating_sub(u64::from(days).saturating_mul(DAY_MS))))
            }
        }
    }
}

impl Judge<'_> {
    /// It takes away what others said: in a channel, who may edit that and take messages away there; in the guild, where it
    /// reaches channels that nobody else sees, an owner. It takes no more at once than keeping a day does.
    pub(super) fn retention(&self, body: &Retention, written: Hlc) -> Result<(), VoidReason> {
        let reaches = body.gone.ms().saturating_add(DAY_MS);
        hold(body.gone == Hlc::ZERO || reaches <= written.ms())?;
        let Some(channel) = &body.channel else {
            return if self.rho == Rank::Owner { Ok(()) } else { Err(VoidReason::NoPermission) };
        };
        let holds = |channel: &Channel| channel.kind != ChannelKind::Category;
        hold(self.view.channels.get(channel).is_some_and(holds))?;
        self.own_channel(channel, Permissions::MANAGE_CHANNELS.with(Permissions::MANAGE_MESSAGES))
    }
}

const DAY_MS: u64 = 24 * 3_600_000;
