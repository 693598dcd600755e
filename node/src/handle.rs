//! What a window holds of a node: ask, read, listen.

use nexus_core::{Change, Command, Message, Refusal, Reply, Snowflake, StoreFault, View};
use nexus_crdt::id::{ChannelId, OpId, SpaceId, UserId};
use std::path::PathBuf;
use std::sync::Arc;

/// How a node is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Its data folder; made where it is missing, mode 0700.
    pub data: PathBuf,
    /// Bytes that must stay free on the disk; below it writes are refused, reads go on.
    pub disk_reserve: u64,
}

/// Why a data folder cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process has it open.
    #[error("another program has this data folder open")]
    InUse,
    /// The folder or its store cannot be read.
    #[error("cannot open the store: {0}")]
    Store(String),
}

/// A running node. Cheap to clone; the last clone's drop stops the loop after what was accepted is durable.
#[derive(Clone)]
pub struct Node {}

/// What sessions hear after each durable batch: the changes, and the view that has them.
#[derive(Clone, Debug)]
pub struct Published {
    /// The projection after the batch.
    pub view: Arc<View>,
    /// In order.
    pub changes: Arc<[Change]>,
}

/// A listener's place in the stream of changes.
pub struct ChangeFeed {}

/// Why a feed gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// The listener was too slow and missed changes: it must begin anew from the view.
    #[error("missed changes")]
    Lagged,
    /// The node has stopped.
    #[error("the node has stopped")]
    Closed,
}

/// One read transaction: shows what is durable, and nothing that came after it began.
pub struct Reader {}

impl Node {
    /// Opens or makes a data folder and starts the loop on a thread of its own.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(options: Options) -> Result<Self, OpenError> {
        let _ = options;
        Err(OpenError::InUse)
    }

    /// Asks for something. The answer comes when it is durable. `actor` is none only for setup.
    ///
    /// # Errors
    /// [`Refusal`]; nothing was written then. A full inbox is [`Refusal::Later`].
    pub async fn command(&self, actor: Option<UserId>, command: Command) -> Result<Reply, Refusal> {
        let _ = (actor, command);
        Err(Refusal::Unavailable)
    }

    /// The projection as of the last durable batch.
    #[must_use]
    pub fn view(&self) -> Arc<View> {
        Arc::default()
    }

    /// The projection, and every change after it, with no gap between the two.
    #[must_use]
    pub fn subscribe(&self) -> (Arc<View>, ChangeFeed) {
        (self.view(), ChangeFeed {})
    }

    /// Begins a read transaction. Blocking work is short (memory-mapped pages, no fsync): fine on an async thread.
    ///
    /// # Errors
    /// [`StoreFault`] while the store is being reopened.
    pub fn read(&self) -> Result<Reader, StoreFault> {
        Err(StoreFault(String::from("not open")))
    }

    /// Takes ops in from elsewhere, encoded. No network calls this yet; the ops door and tests do.
    ///
    /// # Errors
    /// [`Refusal::Later`] where the inbox is full.
    pub async fn integrate(&self, ops: Vec<Vec<u8>>, frontiers: Vec<Vec<OpId>>) -> Result<(), Refusal> {
        let _ = (ops, frontiers);
        Err(Refusal::Unavailable)
    }

    /// A guild's derived state hash.
    pub async fn state_hash(&self, space: SpaceId) -> Option<[u8; 32]> {
        let _ = space;
        None
    }
}

impl ChangeFeed {
    /// The next batch of changes.
    ///
    /// # Errors
    /// [`FeedError`].
    pub async fn next(&mut self) -> Result<Published, FeedError> {
        Err(FeedError::Closed)
    }
}

/// Where a page of history begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The newest.
    Latest,
    /// Strictly older than this number, newest first.
    Before(Snowflake),
    /// Strictly newer than this number; the oldest of those, given newest first as Discord does.
    After(Snowflake),
    /// Around it.
    Around(Snowflake),
}

impl Reader {
    /// A visible message by its number.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn message(
        &self,
        view: &View,
        channel: ChannelId,
        number: Snowflake,
    ) -> Result<Option<Message>, StoreFault> {
        let _ = (view, channel, number);
        Ok(None)
    }

    /// Visible messages, newest first, at most `limit`.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn messages(
        &self,
        view: &View,
        channel: ChannelId,
        page: Page,
        limit: usize,
    ) -> Result<Vec<Message>, StoreFault> {
        let _ = (view, channel, page, limit);
        Ok(Vec::new())
    }

    /// Pinned messages, newest pin first.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn pins(&self, view: &View, channel: ChannelId) -> Result<Vec<Message>, StoreFault> {
        let _ = (view, channel);
        Ok(Vec::new())
    }

    /// The number of the newest message of a channel, void and deleted ones included (Discord's `last_message_id`).
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn last_message(&self, channel: ChannelId) -> Result<Option<Snowflake>, StoreFault> {
        let _ = channel;
        Ok(None)
    }

    /// What `status` prints of a space: ops, outbox, and per stream messages and hash.
    ///
    /// # Errors
    /// [`StoreFault`].
    pub fn space_status(&self, view: &View, space: SpaceId) -> Result<SpaceStatus, StoreFault> {
        let _ = (view, space);
        Ok(SpaceStatus::default())
    }
}

/// A space's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpaceStatus {
    /// Ops of all streams.
    pub ops: u64,
    /// Written here and handed to nobody yet.
    pub outbox: u64,
    /// Per channel stream: visible-or-deleted valid messages that are not deleted, and the timeline's hash.
    pub timelines: std::collections::BTreeMap<nexus_crdt::id::StreamId, (u64, [u8; 32])>,
}
