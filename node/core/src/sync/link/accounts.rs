//! What the people of a space are. The feed of accounts passes over those the peer may not know, and nobody looks again when
//! it may: so what either knows of a space's members is held against what the other knows.

use super::repair::{REPAIR_COST, Repair};
use super::{Action, Done, Env, Link};
use crate::sync::accounts::{ACCOUNTS, differing, line, parts_for, prints};
use crate::sync::frame::{Accounts, Frame, Sum};
use crate::sync::rights::Standing;
use nexus_crdt::id::SpaceId;

impl Link {
    /// The taker looks at what the giver knows of a space's people.
    pub(super) fn mend_accounts(
        &mut self,
        space: SpaceId,
        theirs: &Sum,
        env: &Env<'_>,
        out: &mut Vec<Action>,
    ) {
        let Some(key) = self.session_key(&space, &ACCOUNTS) else { return };
        let Some(taking) = self.taking.get_mut(&space) else { return };
        let differs = line(env.view, &space).is_some_and(|ours| ours != *theirs);
        if differs && taking.repaired.insert(ACCOUNTS) {
            let prints = prints(env.view, &space, &key, parts_for(env.view, &space)).into();
            out.push(Action::Send(Frame::Accounts(Accounts { space, prints })));
        }
    }

    /// The giver gives what the taker knows otherwise: once for each space free of charge.
    pub(super) fn know_otherwise(&mut self, theirs: &Accounts, env: &Env<'_>, out: &mut Vec<Action>) -> Done {
        let space = theirs.space;
        let may = self.gives(&space) && self.rights.standing(env.view, &space) >= Standing::Guest;
        if !may || !self.mended.insert((space, ACCOUNTS)) {
            self.bear(REPAIR_COST)?;
        }
        let waits = |repair: &Repair| matches!(repair, Repair::Accounts(waiting, _) if *waiting == space);
        let key = self.session_key(&space, &ACCOUNTS).filter(|_| may && !self.repairs.iter().any(waits));
        if let Some(key) = key {
            let users = differing(env.view, &space, &key, &theirs.prints);
            self.repairs.push_back(Repair::Accounts(space, users));
        }
        self.pump(env, out)
    }
}
