//! What a node that holds what is viewed holds of its channels, kept within bounds.

use super::{Shared, lock};
use crate::Node;
use nexus_core::bounds::{Bounds, HeldOp, Holding, ROW_BYTES, beyond};
use nexus_core::store::{Range, Spot};
use nexus_core::sync::Hold;
use nexus_core::{Store, StoreFault, StreamSum, View};
use nexus_crdt::id::{SpaceId, StreamId};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often it is looked whether it has become too much.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// How soon after it was asked for a note is looked for in the store.
const NOTED_AFTER: Duration = Duration::from_millis(200);
/// Windows that are remembered to have been looked at.
const WINDOWS_MAX: usize = 32;
/// Ops that are read at a time.
const PAGE: usize = 256;

/// What somebody here looked at, since the program began.
#[derive(Default)]
pub(super) struct Viewing {
    looks: u64,
    viewed: BTreeMap<(SpaceId, StreamId), u64>,
    windows: VecDeque<(SpaceId, StreamId, Range)>,
    /// What was held at the last look.
    held: Measured,
}

type Measured = BTreeMap<(SpaceId, StreamId), Measure>;

/// A channel's ops, and what those take that were not written here.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Measure {
    sum: StreamSum,
    ops: usize,
    bytes: u64,
}

impl Viewing {
    /// Somebody looked at some of a channel.
    pub(super) fn look(&mut self, space: SpaceId, stream: StreamId, window: Range) {
        self.looks += 1;
        self.viewed.insert((space, stream), self.looks);
        self.windows.retain(|(of, its, other)| (*of, *its, other) != (space, stream, &window));
        self.windows.push_back((space, stream, window));
        if self.windows.len() > WINDOWS_MAX {
            self.windows.pop_front();
        }
    }

    fn holding(&self, space: SpaceId, stream: StreamId, ops: Vec<HeldOp>) -> Holding {
        let windows = self.windows.iter().filter(|(of, its, _)| (*of, *its) == (space, stream));
        let windows = windows.map(|(.., window)| *window).collect();
        let viewed = self.viewed.get(&(space, stream)).copied().unwrap_or_default();
        Holding { space, stream, viewed, windows, ops }
    }
}

/// Looks again and again, as long as the node runs.
pub(super) async fn keep_within_bounds(shared: Arc<Shared>) {
    let may_let_go = loop {
        match note(&shared.node, shared.hold) {
            Ok(Some(viewed)) => break viewed,
            // Too busy, or just being written.
            Ok(None) | Err(_) => tokio::time::sleep(NOTED_AFTER).await,
        }
    };
    if !may_let_go {
        return;
    }
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Err(fault) = keep_within(&shared.node, &shared.viewing, Bounds::PHONE).await {
            tracing::warn!(%fault, "what is held could not be looked at");
        }
    }
}

/// Notes in the store what it holds; says whether it has never held more than what is viewed, once that is noted as it is. A
/// store that held everything has told others that it holds what they gave: it goes on holding that.
fn note(node: &Node, hold: Hold) -> Result<Option<bool>, StoreFault> {
    let noted = node.tables()?.holds_viewed()?;
    let viewed = hold == Hold::Viewed && (noted || node.view().guilds.is_empty());
    if viewed == noted {
        return Ok(Some(viewed));
    }
    // Too busy: it is asked again.
    let _ = node.holds_viewed(viewed);
    Ok(None)
}

/// Lets go of what is beyond the bounds.
async fn keep_within(node: &Node, viewing: &Arc<Mutex<Viewing>>, bounds: Bounds) -> Result<(), StoreFault> {
    let (reading, looked) = (node.clone(), viewing.clone());
    // All that is held may have to be read.
    let plan = tokio::task::spawn_blocking(move || plan(&reading, &looked, bounds));
    let plan = plan.await.map_err(|_| StoreFault(String::from("the reading task failed")))??;
    for (space, stream, range) in plan {
        // Too busy, or at its end: what is left is looked at again.
        if node.let_go(space, stream, range).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn plan(
    node: &Node,
    viewing: &Mutex<Viewing>,
    bounds: Bounds,
) -> Result<Vec<nexus_core::bounds::LetGo>, StoreFault> {
    let (view, tables) = (node.view(), node.tables()?);
    let before = std::mem::take(&mut lock(viewing).held);
    let mut now = Measured::new();
    for space in view.guilds.keys() {
        for (stream, sum) in tables.stream_sums(space)?.into_iter().filter(|(stream, _)| stream.is_channel())
        {
            let at = (*space, stream);
            let same = before.get(&at).copied().filter(|measure| measure.sum == sum);
            let measured = same.map_or_else(|| measure(&tables, &view, at, sum), Ok)?;
            now.insert(at, measured);
        }
    }
    let bytes: u64 = now.values().map(|measure| measure.bytes).sum();
    let is_too_much = bytes > bounds.bytes_max || now.values().any(|measure| measure.ops > bounds.ops_max);
    // What stays as it is was looked at before.
    let is_news = now != before;
    let streams: Vec<(SpaceId, StreamId)> = now.keys().copied().collect();
    lock(viewing).held = now;
    if !is_too_much || !is_news {
        return Ok(Vec::new());
    }
    let mut holdings = Vec::with_capacity(streams.len());
    for (space, stream) in streams {
        let ops = held(&tables, &view, (space, stream))?;
        holdings.push(lock(viewing).holding(space, stream, ops));
    }
    Ok(beyond(bounds, holdings))
}

fn measure(
    store: &dyn Store,
    view: &View,
    at: (SpaceId, StreamId),
    sum: StreamSum,
) -> Result<Measure, StoreFault> {
    let ops = held(store, view, at)?;
    Ok(Measure { sum, ops: ops.len(), bytes: ops.iter().map(|op| op.bytes).sum() })
}

/// What is held of a channel that was not written here.
fn held(
    store: &dyn Store,
    view: &View,
    (space, stream): (SpaceId, StreamId),
) -> Result<Vec<HeldOp>, StoreFault> {
    let (mut held, mut after) = (Vec::new(), None);
    loop {
        let page = store.stream_page(&space, &stream, after, PAGE)?;
        let Some(last) = page.last() else { return Ok(held) };
        after = Some((last.op.header.hlc, last.op.id));
        let others = page.iter().filter(|stored| !view.local_devices.contains(&stored.op.header.author));
        held.extend(others.map(|stored| HeldOp {
            spot: Spot::of(stored.op.header.hlc, &stored.op.id),
            bytes: ROW_BYTES + u64::from(stored.op.header.body_len),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use nexus_core::{Arrival, Arriving, Command, MessageDraft, Reply};
    use nexus_crdt::id::{ChannelId, UserId};
    use tempfile::TempDir;

    // No more than a person may say in 10 s.
    const SAID: usize = 30;

    async fn opened(name: &str) -> (Node, UserId, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let node = Node::open(Options { data: folder.path().to_owned(), disk_reserve: 0 }).unwrap();
        let setup = node.command(None, Command::Setup { name: name.to_owned() }).await.unwrap();
        let Reply::Setup { user, .. } = setup else { panic!("{setup:?}") };
        (node, user, folder)
    }

    /// Bea's node, which holds what Ann said on hers.
    async fn holder() -> (Node, (SpaceId, StreamId), TempDir) {
        let (ann, user, _ann_folder) = opened("Ann").await;
        let founded = ann.command(Some(user), Command::CreateGuild { name: String::from("Harbour") }).await;
        let Ok(Reply::Created(guild)) = founded else { panic!("{founded:?}") };
        let guild = SpaceId::from(guild);
        let view = ann.view();
        let channels = &view.guilds[&guild].channels;
        let channel = channels.values().find(|channel| channel.name == "general").unwrap().id;
        for number in 0..SAID {
            ann.command(Some(user), say(channel, &format!("line {number}"))).await.unwrap();
        }
        let (bea, _, folder) = opened("Bea").await;
        let tables = ann.tables().unwrap();
        for space in [SpaceId::NONE, guild] {
            let arrived = tables.arrivals(&space, Arrival(0), usize::MAX).unwrap();
            let ops = arrived.iter().map(|(_, id)| tables.op(id).unwrap().unwrap());
            let ops = ops.map(|stored| Arriving::Bytes(stored.encode())).collect();
            let frontiers = tables.frontiers().unwrap();
            bea.integrate(ops, frontiers, None).await.unwrap();
        }
        (bea, (guild, channel.stream()), folder)
    }

    fn say(channel: ChannelId, text: &str) -> Command {
        Command::SendMessage(MessageDraft::plain(channel, text))
    }

    fn spots(node: &Node, (space, stream): (SpaceId, StreamId)) -> Vec<Spot> {
        node.tables().unwrap().spots(&space, &stream, &Range::ALL, usize::MAX).unwrap()
    }

    #[tokio::test]
    async fn a_channel_that_became_too_long_loses_its_oldest_and_says_so() {
        let (node, at, _folder) = holder().await;
        let all = spots(&node, at);
        assert_eq!(all.len(), SAID);
        let viewing = Arc::new(Mutex::new(Viewing::default()));
        let bounds = Bounds { ops_max: 100, bytes_max: 1 << 20 };
        keep_within(&node, &viewing, bounds).await.unwrap();
        assert_eq!(spots(&node, at), all, "there is room");
        lock(&viewing).look(at.0, at.1, Range { from: all[3], upto: Some(all[5]) });
        lock(&viewing).held.clear();
        keep_within(&node, &viewing, Bounds { ops_max: 20, ..bounds }).await.unwrap();
        let left: Vec<Spot> = all[3..5].iter().chain(&all[SAID - 16..]).copied().collect();
        assert_eq!(spots(&node, at), left, "the newest, and what is looked at");
        let view = node.view();
        let holds = |from: usize, upto: usize| {
            view.holds(&at.0, &at.1, &Range { from: all[from], upto: Some(all[upto]) })
        };
        assert!(holds(3, 5) && holds(SAID - 16, SAID - 1));
        assert!(!holds(0, 1) && !holds(5, 6) && !holds(SAID - 17, SAID - 16));
    }

    #[tokio::test]
    async fn a_store_that_once_held_everything_lets_go_of_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let node = Node::open(Options { data: folder.path().to_owned(), disk_reserve: 0 }).unwrap();
        assert_eq!(note(&node, Hold::Viewed).unwrap(), None, "what is asked for is not written yet");
        let setup = node.command(None, Command::Setup { name: String::from("Bea") }).await.unwrap();
        let Reply::Setup { user, .. } = setup else { panic!("{setup:?}") };
        assert_eq!(note(&node, Hold::Viewed).unwrap(), Some(true));
        let found = Command::CreateGuild { name: String::from("Harbour") };
        node.command(Some(user), found.clone()).await.unwrap();
        assert_eq!(note(&node, Hold::Viewed).unwrap(), Some(true), "after a restart, too");
        assert_eq!(note(&node, Hold::Everything).unwrap(), None);
        node.command(Some(user), found).await.unwrap();
        assert_eq!(note(&node, Hold::Everything).unwrap(), Some(false));
        assert_eq!(note(&node, Hold::Viewed).unwrap(), Some(false), "others count on what it held meanwhile");
    }

    #[tokio::test]
    async fn all_channels_together_take_no_more_than_there_is_room_for() {
        let (node, at, _folder) = holder().await;
        let viewing = Arc::new(Mutex::new(Viewing::default()));
        let bytes_max = 20 * (ROW_BYTES + 64);
        keep_within(&node, &viewing, Bounds { ops_max: 5_000, bytes_max }).await.unwrap();
        let held = held(&node.tables().unwrap(), &node.view(), at).unwrap();
        let bytes: u64 = held.iter().map(|op| op.bytes).sum();
        assert!(bytes <= bytes_max && bytes > bytes_max / 2, "{bytes} of {bytes_max}");
    }
}
