//! History that is not held here is fetched before it is answered: 5 s at most, then 503.

use crate::error::{Answer, ApiError};
use crate::window::{Caller, Window};
use nexus_core::store::Range;
use nexus_core::sync::Fetch;
use nexus_core::{Message, Snowflake};
use nexus_crdt::id::ChannelId;
use nexus_node::{Page, Reader};
use std::time::{Duration, Instant};

/// How long whoever asks may wait.
const PATIENCE: Duration = Duration::from_secs(5);

/// A page of history, whole.
pub(super) async fn page(
    window: &Window,
    caller: &Caller,
    channel: &str,
    page: Page,
    limit: usize,
) -> Answer<(Vec<Message>, Reader)> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        // The gaps first, the rows after them: what closes between the two is read.
        let view = window.node.view();
        let (channel, _, reader) = caller.history(window, channel)?;
        let messages = reader.messages(&caller.view, channel, page, limit)?;
        match reader.lacking(&view, channel, page, limit, &messages)? {
            Some(fetch) => bring(window, fetch, deadline).await?,
            None => return Ok((messages, reader)),
        }
    }
}

/// Refuses to answer for all of a channel where not all of it is held.
pub(super) fn whole(caller: &Caller, channel: ChannelId) -> Answer<()> {
    let space = caller.view.channels.get(&channel);
    let held = space.is_none_or(|space| caller.view.holds(space, &channel.stream(), &Range::ALL));
    if held { Ok(()) } else { Err(ApiError::not_held()) }
}

/// One message.
pub(super) async fn message(
    window: &Window,
    caller: &Caller,
    channel: &str,
    number: &str,
) -> Answer<(Message, Reader)> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let view = window.node.view();
        let (channel, _, reader) = caller.history(window, channel)?;
        let found = caller.message(&reader, channel, number);
        let lacking = match number.parse() {
            Ok(number) if found.is_err() => reader.lacking_one(&view, channel, Snowflake(number)),
            _ => None,
        };
        match lacking {
            Some(fetch) => bring(window, fetch, deadline).await?,
            None => return Ok((found?, reader)),
        }
    }
}

async fn bring(window: &Window, fetch: Fetch, deadline: Instant) -> Answer<()> {
    let left = deadline.saturating_duration_since(Instant::now());
    let came = match &window.options.mesh {
        Some(mesh) if !left.is_zero() => mesh.fetch(fetch, left).await,
        _ => false,
    };
    if came { Ok(()) } else { Err(ApiError::not_held()) }
}
