//! Rows that were derived from ops and that the disk has changed: what was signed stands over them.

use crate::node::{Home, draft};
use nexus_core::store::Rot;
use nexus_core::{Command, MessageDraft, MessageRow, Record, Reply, Store};

// A bit in the number that stands for an account, and what Ann said was Bea's.
#[test]
fn who_said_something_is_read_from_what_was_signed_and_not_from_a_row_that_the_disk_has_changed() {
    let mut home = Home::new(1);
    let (_, bea) = home.guest(2, "Bea");
    let (owner, channel) = (home.owner, home.channel);
    let said = home.node.say(owner, channel, "by Ann");
    let answer = MessageDraft { reply_to: Some(said.id), ..draft(channel, "an answer") };
    let answer = home.node.command(owner, Command::SendMessage(answer));
    assert!(matches!(answer, Ok(Reply::Message(_))));
    let row = home.node.store.message(&channel.stream(), &said.id).unwrap().unwrap();
    home.node.store.apply(&[Record::Message(MessageRow { author: bea, ..row })]);
    let [read, answer] = &home.node.messages(&channel)[..] else { panic!("two were said") };
    assert_eq!((read.author, read.unreadable), (owner, false));
    assert_eq!(answer.replied.as_ref().unwrap().author, owner);
}

// A bit of it was another, so it was taken for one that is not here, and all the rest of it stayed on the disk for good.
#[test]
fn what_the_disk_has_changed_of_a_message_is_destroyed_with_it() {
    for rot in [Rot::Body(9), Rot::Header(3)] {
        let mut home = Home::new(1);
        let (owner, channel) = (home.owner, home.channel);
        let said = home.node.say(owner, channel, "take this away").id;
        assert!(home.node.store.rot(&said, rot) && home.node.store.lies_here(&said));
        let delete = Command::DeleteMessages { channel, messages: vec![said] };
        home.node.command(owner, delete).unwrap();
        assert!(!home.node.store.lies_here(&said), "{rot:?}");
    }
}
