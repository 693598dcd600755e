//! Cuts only tighten: they form a semilattice, and of a forked log the named branch alone stays.

use super::accounts;
use super::history::{History, arrive};
use super::model::Act;
use nexus_crdt::body::content::Message;
use nexus_crdt::guild::Guild;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{ChannelId, FrontierId, OpId};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{Draft, Op, open_body};
use nexus_crypto::Verified;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};

const DAN: usize = 4;
const LENGTH: u64 = 9;

/// A message of Dan's, by what he had seen when he joined.
fn message(history: &History, seq: u64, prev: Option<&Op>, salt: u8) -> Verified<Op> {
    let line = history.line(DAN, 0, OpId([0; 32]));
    let heads =
        vec![history.governance.iter().rev().find(|op| op.kind() == Some(Kind::RoleCreate)).unwrap().id];
    let draft = Draft {
        space: history.space,
        stream: line.stream,
        tenure: line.tenure,
        seq,
        prev: prev.map(|prev| prev.id),
        hlc: Hlc(Hlc::from_ms(2_000).0 + seq),
        kind: Kind::Message,
        deps: vec![OpId(FrontierId::of(&heads).0)],
        target: None,
        body: open_body(&Message::default()),
    };
    draft.seal(accounts::device(DAN, 0), [salt; 16])
}

/// Two branches of one log, apart from the fourth op on.
fn branches(history: &History) -> [Vec<Verified<Op>>; 2] {
    [1, 2].map(|salt| {
        let mut log: Vec<Verified<Op>> = Vec::new();
        for seq in 0..LENGTH {
            let salt = if seq < 3 { 0 } else { salt };
            let next = message(history, seq, log.last().map(|op| &**op), salt);
            log.push(next);
        }
        log
    })
}

fn kept(history: &History, guild: &Guild, logs: &[Vec<Verified<Op>>; 2]) -> Vec<OpId> {
    let all = logs.iter().flatten();
    let counts = all.filter(|op| {
        let on_branch = |head: &OpId| {
            logs.iter().any(|log| {
                let at = |id: &OpId| log.iter().position(|each| each.id == *id);
                at(head).is_some_and(|head| at(&op.id).is_some_and(|here| here <= head))
            })
        };
        let verdict =
            guild.judge(&op.header, &op.id, &history.people, &|line| on_branch(&line.head)).unwrap();
        verdict.is_valid()
    });
    counts.map(|op| op.id).collect()
}

#[test]
fn cuts_keep_less_whatever_their_order_and_number() {
    for seed in 0..40 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut history = History::begin(6);
        let logs = branches(&history);
        let last = history.governance.len() - 1;
        let first = history.governance[last].id;
        let channel = ChannelId::from(history.governance[1].id);
        assert_eq!(logs[0][0].header.stream, channel.stream());
        let ban = history.write(0, None, &[last], Act::Ban(DAN), 5_000_000);
        let base = history.guild();
        assert!(base.frontier_heads(&FrontierId::of(&[first])).is_some());
        let whole = kept(&history, &base, &logs);
        assert_eq!(whole.len(), 18, "an unlisted log keeps what is no later than the ban");
        let mut expected: Vec<OpId> = whole;
        for _ in 0..rng.random_range(1..4) {
            let log = &logs[rng.random_range(0..2)];
            let seq = rng.random_range(0..LENGTH);
            let head = log[usize::try_from(seq).unwrap()].id;
            history.tighten(DAN, ban, seq, head);
            let until = log.iter().position(|op| op.id == head).unwrap();
            expected.retain(|id| log[..=until].iter().any(|op| op.id == *id));
            let now = kept(&history, &history.guild(), &logs);
            assert_eq!(now, expected, "seed {seed}");
        }
        let mut shuffled: Vec<&Verified<Op>> = history.governance.iter().chain(&history.governance).collect();
        shuffled.shuffle(&mut rng);
        let other = arrive(shuffled, &history.comings_and_goings(), &history.frontiers, &history.people);
        assert_eq!(kept(&history, &other, &logs), expected, "seed {seed}");
    }
}
