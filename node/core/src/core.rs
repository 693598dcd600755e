//! The decisions: two doors (a command, ops from elsewhere), one corridor (`admit`), effects out.

mod accounts;
mod admit;
mod arrive;
mod author;
mod content;
mod entropy;
mod erase;
mod erased;
mod filter;
mod gap;
mod let_go;
mod life;
mod load;
mod mark;
mod mind;
mod note;
mod parked;
mod pending;
mod poll;
mod proof;
mod quota;
mod recent;
mod reduce;
mod rejudge;
mod retain;
mod sealing;
mod set_back;
mod standing;
mod thread;
mod timeline;
mod turn;

pub use author::merged;
pub use let_go::LET_GO_MAX;
pub use proof::{DeviceProof, PROOFS_MAX};

pub(crate) use mind::channel_of;
pub(crate) use recent::Recent;

use crate::change::Change;
use crate::effect::{Effect, Effects, Env, Input};
use crate::store::{Erasure, LogId, Record, Standing, Store, StoreFault};
use crate::view::View;
use author::Halt;
use erased::Through;
use life::Life;
use mind::Mind;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, FrontierId, OpId, SpaceId, StreamId, UserId};
use nexus_crdt::identity::Identity;
use nexus_crdt::permissions::Permissions;
use nexus_crypto::Mark;
use parked::Parked;
use pending::Pending;
use quota::Fork;
use retain::Swept;
use set_back::Relearning;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use turn::{Head, Turn};

/// Everything a node knows but message history.
#[derive(Debug)]
pub struct Core {
    mind: Mind,
    /// The latest time of writing made or taken in here: what is written next is later.
    clock: Hlc,
    /// Heads of the logs written to lately.
    heads: Recent<LogId, Head>,
    /// Accounts to which something came lately, with their ops.
    identities: Recent<UserId, Arc<Identity>>,
    /// Frontiers that are known to be in the store.
    cited: Recent<FrontierId, ()>,
    /// Logs that their author forked.
    forks: BTreeMap<LogId, Fork>,
    /// What a client called a message it sent lately.
    nonces: Recent<(UserId, ChannelId, String), OpId>,
    pending: Pending,
    parked: Parked,
    relearning: Relearning,
    life: Life,
    /// Guilds that changed since somebody looked whether a member's account changed hands.
    unsettled: BTreeSet<SpaceId>,
    /// How far messages whose bodies are to go were gone through; none: from the first.
    erasing: Option<Erasure>,
    /// How far messages that are not kept any longer were gone through, by channel.
    swept: BTreeMap<StreamId, Swept>,
    /// How far what was said by whom all is taken away was gone through, by guild and person.
    erased: BTreeMap<(SpaceId, UserId), Through>,
    /// How far what stands on gaps was gone through; none: from the first.
    standing: Option<Standing>,
    /// Ops that the start has checked and that have no mark yet.
    unmarked: Vec<(OpId, Mark)>,
}

/// Why a store cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// The store holds ops that do not fit together.
    #[error("the store is inconsistent: {0}")]
    Inconsistent(String),
}

impl Core {
    /// Loads identities, governance and membership, and derives the view.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(store: &dyn Store) -> Result<Self, LoadError> {
        load::load(store)
    }

    /// Decides one input.
    ///
    /// # Errors
    /// [`StoreFault`] where the store failed: the core may be half-way and must be loaded anew.
    pub fn handle(&mut self, input: Input, env: &Env<'_>) -> Result<Effects, StoreFault> {
        if !self.mind.view.set_back.is_empty() {
            self.relearning.begin(env.now_ms);
        }
        match input {
            Input::Command { ticket, actor, command } => {
                let mut turn = Turn::begin(self, env);
                match turn.carry_out(actor, *command) {
                    Ok(reply) => turn.finish(Some((ticket, Ok(reply)))),
                    Err(Halt::Caught(refusal)) => turn.finish(Some((ticket, Err(refusal)))),
                    Err(Halt::Refused(refusal)) => {
                        turn.undo();
                        Ok(vec![Effect::Reply { ticket, outcome: Err(refusal) }])
                    }
                    Err(Halt::Fault(fault)) => Err(fault),
                }
            }
            Input::Ops { ops, frontiers, cursor, gaps } => {
                let mut turn = Turn::begin(self, env);
                turn.release_due()?;
                turn.change_gaps(&gaps, false);
                turn.take_in(ops, &frontiers)?;
                turn.change_gaps(&gaps, true);
                turn.keep_cursor(cursor)?;
                turn.finish(None)
            }
            Input::HoldsViewed(viewed) => {
                let mut turn = Turn::begin(self, env);
                turn.note_viewed(viewed);
                turn.finish(None)
            }
            Input::LetGo { space, stream, range } => {
                let mut turn = Turn::begin(self, env);
                turn.let_go(space, stream, &range)?;
                turn.finish(None)
            }
            Input::HandedOver { space, upto } => {
                let mut turn = Turn::begin(self, env);
                turn.hand_over(space, upto)?;
                turn.finish(None)
            }
            Input::SetBack => {
                let mut turn = Turn::begin(self, env);
                turn.set_back();
                turn.finish(None)
            }
            Input::FilesSettled(files) => {
                let mut turn = Turn::begin(self, env);
                for (hash, bodies) in files {
                    turn.write(Record::FileSettled { hash, bodies });
                }
                turn.finish(None)
            }
            Input::Told => {
                self.relearning.told();
                Ok(Vec::new())
            }
            Input::Heard { space, channel, user } => {
                let writes = self.mind.view.guilds.get(&space).is_some_and(|guild| {
                    guild.permissions_in(&user, &channel).has(Permissions::SEND_MESSAGES)
                });
                let typing = Change::Typing { space, channel, user, at_ms: env.now_ms };
                Ok(if writes { vec![Effect::Publish(vec![typing])] } else { Vec::new() })
            }
            Input::Tick => {
                let mut turn = Turn::begin(self, env);
                turn.release_due()?;
                turn.erase_due()?;
                turn.retain_due()?;
                turn.erase_said_due()?;
                turn.look_at_standing()?;
                turn.settle_rotations()?;
                turn.seal_due()?;
                turn.mark_checked();
                turn.finish(None)
            }
        }
    }

    /// What the API reads. Cheap to clone.
    #[must_use]
    pub const fn view(&self) -> &View {
        &self.mind.view
    }

    /// Shows another program that this one speaks for its accounts: each device's signature over a link's transcript.
    /// Only `whom`, where that is given. At most [`PROOFS_MAX`], people before their bots.
    #[must_use]
    pub fn prove(&self, transcript: &[u8], whom: Option<&BTreeSet<UserId>>) -> Vec<DeviceProof> {
        let meant = |user: &UserId| whom.is_none_or(|whom| whom.contains(user));
        let devices = self.mind.keyring.devices.iter().filter(|(user, _)| meant(user));
        let (bots, people): (Vec<_>, Vec<_>) =
            devices.partition(|(user, _)| self.mind.view.applications.contains_key(*user));
        let first = people.into_iter().chain(bots).take(PROOFS_MAX);
        first.map(|(user, key)| DeviceProof::sign(*user, key, transcript)).collect()
    }

    /// A guild's derived state hash, where it is held here.
    #[must_use]
    pub fn state_hash(&self, space: &SpaceId) -> Option<[u8; 32]> {
        self.mind.guilds.get(space).map(|guild| guild.state_hash())
    }
}

/// Log heads that are remembered; a miss costs one lookup in the store.
const HEADS_REMEMBERED: usize = 512;
/// Accounts that are remembered with their ops; a miss costs reading them.
const IDENTITIES_REMEMBERED: usize = 256;
/// Frontiers that are remembered to be stored.
const FRONTIERS_REMEMBERED: usize = 512;
/// Messages whose nonce is remembered.
const NONCES_REMEMBERED: usize = 1024;
