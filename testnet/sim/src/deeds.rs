//! Counts of what people did with threads. What nobody ever did in a run was not seen to hold.

use crate::counts::counts;
use crate::host::Outcome;
use nexus_core::{Change, Command};
use nexus_crdt::guild::GuildView;
use nexus_crdt::id::ChannelId;

counts! {
    /// What became of threads, and of what is read in them.
    Deeds {
        /// Threads that were begun ..
        begun "threads begun";
        /// .. from a message.
        begun_from_one "threads begun from a message";
        /// Messages that were written in one.
        said "messages said in threads";
        /// Words on who follows one.
        followed "words on who follows a thread";
        /// Locks on one, and ends of them.
        locked "threads locked or opened";
        /// Times one was put away or taken out.
        put_away "threads put away or taken out";
        /// Threads that were deleted.
        deleted "threads deleted";
        /// Messages that were moved from their channel into a thread ..
        moved "messages moved into a thread";
        /// .. from there into another ..
        moved_on "messages moved on to another thread";
        /// .. and back into their channel.
        moved_back "messages moved back";
        /// Moves that a program refused who asked for them.
        moves_refused "moves refused";
        /// In the end: messages that are read in a thread.
        read_there "messages read in a thread in the end";
        /// Moves that count for nothing.
        moves_void "moves that count for nothing";
        /// Messages whose latest move counts for nothing, so that they stand where the one before it had them.
        overruled "messages that stand where the move before had them";
        /// Messages that are read nowhere, since their thread is gone.
        gone_with_it "messages gone with their thread";
    }
}

impl Deeds {
    /// Counts what was asked for in a guild as it had been, by what came of it.
    pub(crate) fn count(&mut self, before: &GuildView, asked: &Command, outcome: &Outcome) {
        let is_thread =
            |channel: &ChannelId| before.channels.get(channel).is_some_and(|it| it.thread.is_some());
        let is_done = match &outcome.reply {
            Some(reply) => reply.is_ok(),
            None => return,
        };
        match asked {
            Command::MoveMessages { .. } if !is_done => self.moves_refused += 1,
            _ if !is_done => {}
            Command::CreateThread { draft, .. } => {
                self.begun += 1;
                self.begun_from_one += u64::from(draft.starter.is_some());
            }
            Command::SendMessage(draft) => self.said += u64::from(is_thread(&draft.channel)),
            Command::Follow { .. } => self.followed += 1,
            Command::LockChannel { channel, .. } => self.locked += u64::from(is_thread(channel)),
            Command::EditThread { .. } => self.put_away += 1,
            Command::DeleteChannel { channel } => self.deleted += u64::from(is_thread(channel)),
            Command::MoveMessages { .. } => {
                outcome.changes.iter().for_each(|change| self.count_moved(change));
            }
            _ => {}
        }
    }

    fn count_moved(&mut self, change: &Change) {
        let Change::MessageMoved { message, from } = change else { return };
        match message.moved {
            None => self.moved_back += 1,
            Some(_) if *from == Some(message.channel) => self.moved += 1,
            Some(_) => self.moved_on += 1,
        }
    }
}
