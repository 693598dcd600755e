//! What a page of history lacks: the part of a gap that must be here before it can be shown.

use super::{Page, Reader};
use nexus_core::store::{Range, Spot};
use nexus_core::sync::Fetch;
use nexus_core::{Message, Snowflake, Store, StoreFault, View};
use nexus_crdt::body::content::Notice;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, OpId, SpaceId};

impl Reader {
    /// What must be fetched before `shown` is the whole answer to a page that was asked for; none where it is. One fetch may not
    /// be enough: it is asked again.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn lacking(
        &self,
        view: &View,
        channel: ChannelId,
        page: Page,
        limit: usize,
        shown: &[Message],
    ) -> Result<Option<Fetch>, StoreFault> {
        let Some(space) = view.channels.get(&channel).copied() else { return Ok(None) };
        if view.holds(&space, &channel.stream(), &Range::ALL) {
            return Ok(None);
        }
        let wanted = Wanted { view, space, channel, limit };
        let spots = |shown: &[Message]| shown.iter().map(spot).collect::<Vec<_>>();
        Ok(match page {
            Page::Latest => wanted.older(None, limit, &spots(shown)),
            Page::Before(number) => wanted.older(Some(self.spot_of(channel, number)?), limit, &spots(shown)),
            Page::After(number) => wanted.newer(self.spot_of(channel, number)?.next(), limit, &spots(shown)),
            Page::Around(number) => {
                let here = self.spot_of(channel, number)?.next();
                // Newest first.
                let newer = shown.partition_point(|message| message.api_id > number);
                let (newer, older) = (spots(&shown[..newer]), spots(&shown[newer..]));
                let older = wanted.older(Some(here), limit.saturating_sub(newer.len()), &older);
                older.or_else(|| wanted.newer(here, limit / 2, &newer))
            }
        })
    }

    /// What may be fetched of the messages that a page says were moved into its thread, and that are not here: an offer, for who
    /// says so may be wrong.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn lacking_moved(
        &self,
        view: &View,
        thread: ChannelId,
        shown: &[Message],
    ) -> Result<Option<Fetch>, StoreFault> {
        let parent = view.guild_of(&thread).and_then(|guild| guild.channels.get(&thread)?.parent);
        let (Some(space), Some(parent)) = (view.channels.get(&thread).copied(), parent) else {
            return Ok(None);
        };
        if view.holds(&space, &parent.stream(), &Range::ALL) {
            return Ok(None);
        }
        for message in shown {
            let Some(Notice::Brought(from, brought)) = &message.body.notice else { continue };
            let mut missing = Vec::new();
            for one in brought.iter().filter(|_| *from == parent) {
                if self.tables.message(&parent.stream(), &one.message)?.is_none() {
                    missing.push(Spot::of(one.written, &one.message));
                }
            }
            // They stood together, most likely: from the newest on down all of them come at once.
            let wanted = Wanted { view, space, channel: parent, limit: missing.len() };
            missing.sort();
            let fetch = missing.iter().rev().find_map(|spot| wanted.older(Some(spot.next()), 1, &[*spot]));
            if fetch.is_some() {
                return Ok(fetch);
            }
        }
        Ok(None)
    }

    /// What must be fetched to know whether there is a message of this number, which was not found.
    #[must_use]
    pub fn lacking_one(&self, view: &View, channel: ChannelId, number: Snowflake) -> Option<Fetch> {
        let space = view.channels.get(&channel).copied()?;
        // All that could have this number was written in its millisecond.
        let [from, upto] = [number.ms(), number.ms().saturating_add(1)]
            .map(|ms| Spot { hlc: Hlc::from_ms(ms), head: [0; 16] });
        Wanted { view, space, channel, limit: 1 }.older(Some(upto), 1, &[from])
    }

    // Of a number that nothing here has, the time that it carries.
    fn spot_of(&self, channel: ChannelId, number: Snowflake) -> Result<Spot, StoreFault> {
        let stream = channel.stream();
        let id: Option<OpId> = self.tables.message_by_number(&stream, number)?;
        let row = id.map_or(Ok(None), |id| self.tables.message(&stream, &id))?;
        let by_time = || Spot { hlc: Hlc::from_ms(number.ms()), head: [0; 16] };
        Ok(row.map_or_else(by_time, |row| Spot::of(row.hlc, &row.id)))
    }
}

fn spot(message: &Message) -> Spot {
    Spot::of(message.hlc, &message.id)
}

struct Wanted<'a> {
    view: &'a View,
    space: SpaceId,
    channel: ChannelId,
    limit: usize,
}

impl Wanted<'_> {
    // A full page reaches down to its oldest message, another to the beginning.
    fn older(&self, upto: Option<Spot>, full: usize, shown: &[Spot]) -> Option<Fetch> {
        let oldest = shown.iter().min().filter(|_| shown.len() >= full);
        let range = Range { from: oldest.copied().unwrap_or(Spot::FIRST), upto };
        let gap = self.view.gaps.get(&(self.space, self.channel.stream()))?.highest_in(&range)?;
        Some(self.fetch(gap.upto, true))
    }

    // .. and up to its newest, another to the end.
    fn newer(&self, from: Spot, full: usize, shown: &[Spot]) -> Option<Fetch> {
        let newest = shown.iter().max().filter(|_| shown.len() >= full);
        let range = Range { from, upto: newest.copied().map(Spot::next) };
        let gap = self.view.gaps.get(&(self.space, self.channel.stream()))?.lowest_in(&range)?;
        Some(self.fetch(Some(gap.from), false))
    }

    fn fetch(&self, from: Option<Spot>, older: bool) -> Fetch {
        let count = u32::try_from(self.limit).unwrap_or(u32::MAX);
        Fetch { space: self.space, stream: self.channel.stream(), from, older, count }
    }
}
