//! History that is not held here is fetched before it is answered: 5 s at most, then 503.

use crate::error::{Answer, ApiError};
use crate::window::{Caller, Window};
use nexus_core::store::{Range, Spot};
use nexus_core::sync::Fetch;
use nexus_core::{Message, Snowflake};
use nexus_crdt::id::ChannelId;
use nexus_node::{Page, Reader};
use std::time::{Duration, Instant};

/// How long whoever asks may wait.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often what a thread's notices name is fetched for one page. Anybody may name what is not there.
const OFFERS_TAKEN: u32 = 8;

/// A page of history, whole.
pub(super) async fn page(
    window: &Window,
    caller: &Caller,
    channel: &str,
    page: Page,
    limit: usize,
) -> Answer<(Vec<Message>, Reader)> {
    let deadline = Instant::now() + PATIENCE;
    let mut offers = OFFERS_TAKEN;
    loop {
        // The gaps first, the rows after them: what closes between the two is read.
        let view = window.node.view();
        let (channel, _, reader) = caller.history(window, channel)?;
        let messages = reader.messages(&caller.view, channel, page, limit)?;
        if let Some(fetch) = reader.lacking(&view, channel, page, limit, &messages)? {
            bring(window, fetch, deadline).await?;
            continue;
        }
        let offer = reader.lacking_moved(&view, channel, &messages)?.filter(|_| offers > 0);
        if let Some(fetch) = offer {
            let came = bring(window, fetch, deadline).await.is_ok();
            offers = if came { offers - 1 } else { 0 };
            continue;
        }
        look(window, caller, channel, &messages);
        return Ok((messages, reader));
    }
}

/// Refuses to answer for all of a channel where not all of it is held.
pub(super) fn whole(caller: &Caller, channel: ChannelId) -> Answer<()> {
    let space = caller.view.channels.get(&channel);
    let held = space.is_none_or(|space| caller.view.holds(space, &channel.stream(), &Range::ALL));
    if held { Ok(()) } else { Err(ApiError::not_held()) }
}

/// One message of somebody who reads history.
pub(super) async fn message(
    window: &Window,
    caller: &Caller,
    channel: &str,
    number: &str,
) -> Answer<(ChannelId, Message, Reader)> {
    caller.history(window, channel)?;
    let (channel, message) = target(window, caller, channel, number).await?;
    Ok((channel, message, window.node.read()?))
}

/// A message that something is to be done with, and the channel in which it was written: what acts on it is written there, wherever
/// it is shown.
pub(super) async fn target(
    window: &Window,
    caller: &Caller,
    channel: &str,
    number: &str,
) -> Answer<(ChannelId, Message)> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let view = window.node.view();
        let (channel, _) = caller.channel(channel)?;
        let reader = window.node.read()?;
        let found = caller.message(&reader, channel, number);
        let lacking = match number.parse() {
            Ok(number) if found.is_err() => reader.lacking_one(&view, channel, Snowflake(number)),
            _ => None,
        };
        match lacking {
            Some(fetch) => bring(window, fetch, deadline).await?,
            None => {
                let message = found?;
                return Ok((message.channel, message));
            }
        }
    }
}

// What somebody looks at is let go of last.
fn look(window: &Window, caller: &Caller, channel: ChannelId, shown: &[Message]) {
    let spots = || shown.iter().map(|message| Spot::of(message.hlc, &message.id));
    let (oldest, newest) = (spots().min(), spots().max());
    if let (Some(mesh), Some(space)) = (&window.options.mesh, caller.view.channels.get(&channel))
        && let (Some(from), Some(newest)) = (oldest, newest)
    {
        mesh.look(*space, channel.stream(), Range { from, upto: Some(newest.next()) });
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
