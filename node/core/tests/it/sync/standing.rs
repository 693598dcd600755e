//! What an author who lies can make a partial holder keep, and that it comes to say what everybody says once it holds what lies below.

use super::pages::{fetch, gaps, joined_late, scrolls_back, stream};
use super::{ANN, BEA, HUB, Town};
use nexus_core::store::{Range, Rot, Spot};
use nexus_core::sync::Fetch;
use nexus_core::{Command, Input, Secret, Store};
use nexus_crdt::body::content::{self, Pings};
use nexus_crdt::body::rich_text::RichText;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::OpId;
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Draft, Op};
use nexus_crypto::SecretKey;

/// Ann has two programs: what this one writes with her key her own knows nothing of.
struct Liar {
    key: SecretKey,
    pattern: Op,
}

impl Liar {
    fn of(town: &Town) -> Self {
        let node = &town.net.nodes[ANN];
        let key = node.store.secrets().unwrap().into_iter().find_map(|secret| match secret {
            Secret::Device(user, key) if user == town.ann => Some(key),
            _ => None,
        });
        let last = node.messages(&town.channel).last().unwrap().id;
        Self { key: key.unwrap(), pattern: node.store.op(&last).unwrap().unwrap().op }
    }

    /// A message behind an op of her log, at a place of it and a time.
    fn says(&self, text: &str, prev: OpId, seq: u64, hlc: Hlc) -> (OpId, Vec<u8>) {
        let body =
            content::Message { text: RichText::plain(text), pings: Pings::default(), ..Default::default() };
        self.writes(Kind::Message, None, op::open_body(&body), (prev, seq, hlc))
    }

    fn deletes(&self, message: OpId, place: (OpId, u64, Hlc)) -> (OpId, Vec<u8>) {
        self.writes(Kind::Delete, Some(message), op::open_body(&content::Delete {}), place)
    }

    fn writes(
        &self,
        kind: Kind,
        target: Option<OpId>,
        body: Vec<u8>,
        (prev, seq, hlc): (OpId, u64, Hlc),
    ) -> (OpId, Vec<u8>) {
        let header = &self.pattern.header;
        let draft = Draft {
            space: header.space,
            stream: header.stream,
            tenure: header.tenure,
            seq,
            prev: Some(prev),
            hlc,
            kind,
            deps: header.deps.clone(),
            target,
            body,
        };
        let sealed = draft.seal(&self.key, [5; 16]);
        (sealed.id, op::encode(&sealed))
    }
}

impl Town {
    fn op_at(&self, message: usize) -> Op {
        let id = self.net.nodes[ANN].messages(&self.channel)[message].id;
        self.net.nodes[ANN].store.op(&id).unwrap().unwrap().op
    }

    fn waiting(&self, node: usize) -> Vec<OpId> {
        self.net.nodes[node].store.waiting().unwrap().iter().map(|stored| stored.op.id).collect()
    }

    fn bea_views_everything(&mut self) {
        while !gaps(self).is_empty() {
            assert!(scrolls_back(self, 1, 40));
        }
        self.net.nodes.iter_mut().for_each(|node| node.tick());
        self.net.settle();
    }
}

fn later(op: &Op, by: u64) -> Hlc {
    Hlc(op.header.hlc.0 + by)
}

// She kept it for good, and everything that was done to it; and her own log ended, for others, where she had acted on it.
#[test]
fn what_does_not_follow_what_it_names_is_kept_until_that_is_here_and_who_acted_on_it_goes_on() {
    let mut town = joined_late(120);
    let liar = Liar::of(&town);
    let (old, last) = (town.op_at(3), town.op_at(119));
    let (skips, skipping) = liar.says("skips", old.id, old.header.seq + 9, later(&last, 1));
    let (follows, following) = liar.says("follows", skips, old.header.seq + 10, later(&last, 2));
    let (_, back) = liar.says("dated back", last.id, last.header.seq + 1, later(&town.op_at(80), 1));
    town.net.nodes[BEA].deliver(vec![skipping.clone(), following.clone()], Vec::new());
    assert_eq!(town.texts(BEA)[50..], ["skips", "follows"]);
    town.net.nodes[BEA].deliver(vec![back.clone()], Vec::new());
    let (bea, channel) = (town.bea, town.channel);
    for message in [skips, follows] {
        let react = Command::React { channel, message, emoji: String::from("\u{1f44d}") };
        town.net.nodes[BEA].command(bea, react).unwrap();
    }
    town.say(BEA, "and on");
    town.net.nodes[HUB].deliver(vec![skipping, back, following], Vec::new());
    assert_eq!(town.net.nodes[HUB].refused, ["does not follow prev"; 2]);
    town.net.settle();
    assert_eq!(town.texts(ANN).last().unwrap(), "and on");
    town.net.nodes[BEA].restart();
    town.bea_views_everything();
    assert_eq!(town.texts(BEA).len(), 121);
    assert_eq!((town.waiting(BEA), town.waiting(HUB)), (vec![follows], vec![follows]));
    town.assert_same();
    assert_eq!(town.outbox(BEA), 0);
}

// What it named was here and was not to be read, so it was taken in, and nobody looked at it again.
#[test]
fn what_names_what_the_disk_changed_is_kept_until_that_is_whole_again() {
    let mut town = joined_late(120);
    let liar = Liar::of(&town);
    let (named, last) = (town.op_at(110), town.op_at(119));
    let whole = op::encode(&town.net.nodes[HUB].store.op(&named.id).unwrap().unwrap().verify().unwrap());
    assert!(town.net.nodes[BEA].store.rot(&named.id, Rot::Header(0)));
    let (_, skipping) = liar.says("skips", named.id, named.header.seq + 99, later(&last, 1));
    let follows = liar.says("follows", last.id, last.header.seq + 1, later(&last, 2)).1;
    town.net.nodes[BEA].deliver(vec![skipping.clone(), follows.clone()], Vec::new());
    assert_eq!(town.texts(BEA)[50..], ["skips", "follows"]);
    town.net.nodes[BEA].tick();
    town.net.nodes[BEA].deliver(vec![whole], Vec::new());
    town.net.nodes[HUB].deliver(vec![skipping, follows], Vec::new());
    assert_eq!(town.net.nodes[HUB].refused, ["does not follow prev"]);
    town.bea_views_everything();
    town.assert_same();
    assert_eq!(town.texts(BEA).len(), 121);
}

#[test]
fn what_names_what_is_nowhere_waits_for_it_once_no_gap_is_left_and_comes_back_with_it() {
    let mut town = joined_late(120);
    let liar = Liar::of(&town);
    let last = town.op_at(119);
    let (seq, place) = (last.header.seq, |by| later(&last, by));
    let (hidden, hidden_bytes) = liar.says("hidden", last.id, seq + 1, place(1));
    let (first, second) = {
        let first = liar.says("first", hidden, seq + 2, place(2));
        let second = liar.deletes(town.op_at(118).id, (first.0, seq + 3, place(3)));
        (first, second)
    };
    town.net.nodes[BEA].deliver(vec![first.1.clone(), second.1.clone()], Vec::new());
    assert_eq!(town.texts(BEA).len(), 50, "one more, and one was taken away");
    town.net.nodes[HUB].deliver(vec![first.1, second.1], Vec::new());
    town.bea_views_everything();
    town.assert_same();
    assert_eq!(town.texts(BEA).len(), 120);
    let mut both = vec![first.0, second.0];
    both.sort();
    assert_eq!((town.waiting(BEA), town.waiting(HUB)), (both.clone(), both));
    town.net.nodes[BEA].restart();
    town.net.nodes[BEA].tick();
    for node in [BEA, HUB] {
        town.net.nodes[node].deliver(vec![hidden_bytes.clone()], Vec::new());
    }
    town.net.settle();
    town.assert_same();
    assert_eq!((town.texts(BEA).len(), town.waiting(BEA)), (121, vec![]));
}

#[test]
fn what_counts_is_what_it_would_be_had_the_liar_never_come() {
    let mut town = joined_late(120);
    let liar = Liar::of(&town);
    // Beside an op of her own: to Bea her log forks there, to nobody else.
    let (twin, before) = (town.op_at(110), town.op_at(3));
    let (_, beside) = liar.says("beside", before.id, twin.header.seq, later(&twin, 1));
    town.net.nodes[BEA].deliver(vec![beside], Vec::new());
    assert_eq!(town.net.nodes[BEA].store.forks().unwrap().len(), 1);
    town.bea_views_everything();
    town.assert_same();
    town.say(ANN, "and on");
    town.net.settle();
    town.net.nodes[BEA].restart();
    town.assert_same();
    assert_eq!(town.texts(BEA).last().unwrap(), "and on");
}

#[test]
fn what_stands_on_a_gap_and_follows_what_comes_stays() {
    let mut town = joined_late(150);
    let standing = |town: &Town| town.net.nodes[BEA].store.standing(None, 9).unwrap();
    assert_eq!(standing(&town).len(), 1, "the first of the page");
    let from = Some(Spot::of(town.op_at(40).header.hlc, &town.op_at(40).id));
    let middle = Fetch { space: town.guild, stream: stream(&town), from, older: false, count: 10 };
    assert!(fetch(&mut town, 1, middle));
    assert_eq!(standing(&town).len(), 2);
    town.net.nodes[BEA].tick();
    assert_eq!(town.texts(BEA).len(), 60, "a gap is left below");
    town.bea_views_everything();
    assert_eq!(standing(&town), []);
    town.assert_same();
    // What is let go of takes nothing along that stays.
    let upto = Some(Spot::of(town.op_at(100).header.hlc, &town.op_at(100).id));
    let (space, stream) = (town.guild, stream(&town));
    let range = Range { from: Spot::FIRST, upto };
    town.net.nodes[BEA].handle(Input::LetGo { space, stream, range });
    town.net.nodes[BEA].tick();
    assert_eq!((town.texts(BEA).len(), standing(&town).len()), (50, 1));
}

// Each was counted against her, and the relay ended her link.
#[test]
fn who_passes_on_what_they_could_not_know_to_be_wrong_keeps_their_link() {
    let mut town = joined_late(120);
    let liar = Liar::of(&town);
    let (old, last) = (town.op_at(3), town.op_at(119));
    let skips = |number| liar.says("skips", old.id, old.header.seq + 9 + number, later(&last, number)).1;
    town.net.nodes[BEA].deliver((1..=300).map(skips).collect(), Vec::new());
    town.say(BEA, "and on");
    town.net.settle();
    assert_eq!(town.texts(ANN).last().unwrap(), "and on");
    town.bea_views_everything();
    for _ in 0..2 {
        town.net.nodes[BEA].tick();
    }
    town.net.settle();
    assert_eq!(town.net.cables[1].closed, None);
    town.assert_same();
}
