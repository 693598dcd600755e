//! A quiet feed is wanted again.

use super::worth::Worth;
use crate::sync::frame::Role;
use crate::sync::link::{Action, Done, Env, Halt, Link};
use nexus_crdt::id::SpaceId;

impl Link {
    /// Another link is gone: whatever came by it must come by this one now.
    pub(in crate::sync::link) fn fewer(&mut self, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let quiet = self.taking.iter().filter(|(_, taking)| taking.calm.quiet);
        let quiet: Vec<SpaceId> = quiet.map(|(space, _)| *space).collect();
        for space in quiet {
            self.graft(space, false, env, out)?;
        }
        Ok(())
    }

    /// A node that is wanted as a feed wants one in return: what came from its own side of a cut goes the other way.
    pub(in crate::sync::link) fn feed_in_return(
        &mut self,
        space: SpaceId,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Done {
        let is_quiet = self.taking.get(&space).is_some_and(|taking| taking.calm.quiet);
        if is_quiet && self.is_feeding(&space) {
            self.graft(space, false, env, out)?;
        }
        Ok(())
    }

    pub(super) fn is_feeding(&self, space: &SpaceId) -> bool {
        let among_nodes =
            self.setup.role == Role::Node && self.hello.as_ref().is_some_and(|hello| !hello.relay);
        among_nodes && self.giving.get(space).is_some_and(|giving| giving.quiet.is_none())
    }

    // The feed again, from the place it has come to. Where there is none it begins from the start: only where much is lacking.
    pub(super) fn graft(
        &mut self,
        space: SpaceId,
        at_any_cost: bool,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) -> Result<bool, Halt> {
        let has_place = self.feed_place(&space, env)?.is_some();
        let Some(taking) = self.taking.get_mut(&space) else { return Ok(false) };
        let is_cheap = taking.caught_up && has_place;
        if !is_cheap && !at_any_cost {
            return Ok(false);
        }
        taking.calm.quiet = false;
        taking.calm.worth = Worth::anew(env.now_ms);
        taking.calm.named.clear();
        let want = self.wanted(space, env)?;
        out.push(Action::Send(want));
        Ok(true)
    }
}
