//! One signature for a run of ops of one log: each names the one before it, so that the last one's signature covers them all. What it would
//! save depends on how long runs are, and that on how people talk.

use anyhow::{Context as _, Result, ensure};
use nexus_crdt::id::OpId;
use nexus_crdt::op::{self, Op};
use nexus_crypto::{Signed, Verified};
use nexus_load::talk::Talk;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

/// Reads batches of so many ops, checks the last signature of each log in them, and that each other op is named by the next of its log.
pub(super) fn checked(messages: &[Vec<u8>], many: usize) -> Result<()> {
    for batch in messages.chunks(many) {
        let read: Vec<Signed<Op>> = batch.iter().map(|bytes| op::decode(bytes)).collect::<Result<_, _>>()?;
        let named: BTreeSet<OpId> = read.iter().filter_map(|op| op.untrusted().header.prev).collect();
        for last in read.into_iter().filter(|op| !named.contains(&op.untrusted().id)) {
            op::verify(last)?;
        }
    }
    Ok(())
}

/// How many signatures a batch of so many ops would need.
fn needed<T: Ord>(logs: &[T], many: usize) -> usize {
    logs.chunks(many).map(|batch| batch.iter().collect::<BTreeSet<_>>().len()).sum()
}

/// How long runs are, in the order in which a holder gives what it has and in the order of the talk's own times.
pub(super) fn report(talk: &Talk, ops: &[Verified<Op>], out: &mut impl Write) -> Result<()> {
    let given: Vec<_> = ops.iter().map(|op| (op.header.author, op.header.stream)).collect();
    let bytes: usize = ops.iter().map(|op| op::encode(op).len()).sum::<usize>() / ops.len().max(1);
    ensure!(bytes > SIGNATURE, "an op is longer than its signature");
    writeln!(
        out,
        "\n| one signature for each log in | signatures an op | ops a run | bytes an op, of {bytes} |\n|---|---|---|---|"
    )?;
    for many in [16, 64, 128, 1_024, usize::MAX] {
        let share = needed(&given, many.min(given.len())) as f64 / given.len() as f64;
        let what = if many == usize::MAX { String::from("everything") } else { format!("{many} ops") };
        let saved = SIGNATURE as f64 * (1.0 - share);
        writeln!(out, "| {what} | {share:.3} | {:.1} | {:.0} |", 1.0 / share, bytes as f64 - saved)?;
    }
    let alone = talk.rooms.iter().map(|room| turns(room.lines.iter().map(|line| line.author))).sum::<usize>();
    let turn = talk.lines() as f64 / alone as f64;
    let (count, quick) = quick(talk).context("talk has lines")?;
    writeln!(
        out,
        "\nIn a channel somebody says {turn:.2} messages in a row. Of {count} messages {:.1} % come within 5 s of the same person's one before: these alone\ncould share a signature while they are live.",
        quick as f64 / count as f64 * 100.0
    )?;
    Ok(())
}

/// How often another one speaks than before.
fn turns(authors: impl Iterator<Item = usize>) -> usize {
    let mut last = None;
    authors.filter(|author| last.replace(*author) != Some(*author)).count()
}

/// Messages, and those that somebody wrote in the same room within 5 s of their own one before.
fn quick(talk: &Talk) -> Option<(usize, usize)> {
    let (mut count, mut quick) = (0, 0);
    for room in &talk.rooms {
        let mut last = BTreeMap::new();
        for line in &room.lines {
            let before = last.insert(line.author, line.at);
            count += 1;
            quick += usize::from(before.is_some_and(|before| line.at.saturating_sub(before) <= 5_000));
        }
    }
    (count > 0).then_some((count, quick))
}

/// Bytes of one.
const SIGNATURE: usize = 64;
