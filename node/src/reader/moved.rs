//! What was written in a channel and is shown in one of its threads.

use super::Reader;
use nexus_core::{Message, MessageRow, Snowflake, Store, StoreFault, View};
use nexus_crdt::id::{ChannelId, OpId};

impl Reader {
    /// What an act has moved into a thread, whether it counts or not, with the channel where it was written.
    pub(super) fn moved_into(
        &self,
        view: &View,
        thread: ChannelId,
    ) -> Result<Vec<(ChannelId, OpId)>, StoreFault> {
        let moved = self.tables.moved_into(&thread.stream())?;
        let Some(parent) = parent_of(view, thread).filter(|_| !moved.is_empty()) else {
            return Ok(Vec::new());
        };
        let of_parent = moved.into_iter().filter(|(stream, _)| *stream == parent.stream());
        Ok(of_parent.map(|(_, id)| (parent, id)).collect())
    }

    /// The rows of what an act has moved into a thread, in any order.
    pub(super) fn moved_rows(&self, thread: ChannelId) -> Result<Vec<MessageRow>, StoreFault> {
        let moved = self.tables.moved_into(&thread.stream())?;
        let rows = moved.iter().map(|(stream, id)| self.tables.message(stream, id));
        Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// What is shown in a thread by being moved there, by its number.
    pub(super) fn moved_numbered(
        &self,
        view: &View,
        thread: ChannelId,
        number: Snowflake,
    ) -> Result<Option<Message>, StoreFault> {
        let moved = self.moved_page(view, thread, number, false, 1)?;
        Ok(moved.into_iter().find(|message| message.api_id == number))
    }

    /// What is shown in a thread by being moved there, from a number on, itself included; in order of going there, at most `limit`.
    pub(super) fn moved_page(
        &self,
        view: &View,
        thread: ChannelId,
        from: Snowflake,
        older: bool,
        limit: usize,
    ) -> Result<Vec<Message>, StoreFault> {
        let mut rows = self.moved_rows(thread)?;
        let Some(home) = parent_of(view, thread).filter(|_| !rows.is_empty()) else {
            return Ok(Vec::new());
        };
        rows.retain(|row| if older { row.api_id <= from } else { row.api_id >= from });
        rows.sort_by_key(|row| if older { !row.api_id.0 } else { row.api_id.0 });
        let mut page = Vec::new();
        for row in rows {
            if page.len() == limit {
                break;
            }
            page.extend(self.visible(view, home, &row)?.filter(|message| message.shown_in() == thread));
        }
        Ok(page)
    }
}

/// Only what was written in the channel that a thread hangs on is moved there.
fn parent_of(view: &View, thread: ChannelId) -> Option<ChannelId> {
    view.guild_of(&thread)?.channels.get(&thread)?.parent
}
