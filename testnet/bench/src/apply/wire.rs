//! What batches of ops take on a line, and what it costs to pack them.

use super::Feed;
use anyhow::{Context as _, Result, ensure};
use nexus_core::sync::frame::{Frame, Ops};
use nexus_crdt::id::StreamId;
use nexus_crdt::op;
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

/// As they came, from ten channels, and channel by channel, as a page is.
pub(super) fn report(feed: &Feed, out: &mut impl Write) -> Result<()> {
    let mut by_stream: BTreeMap<StreamId, Vec<Vec<u8>>> = BTreeMap::new();
    for bytes in &feed.messages {
        by_stream.entry(op::decode(bytes)?.untrusted().header.stream).or_default().push(bytes.clone());
    }
    let pages: Vec<Vec<u8>> = by_stream.into_values().flatten().collect();
    writeln!(
        out,
        "\n| ops a frame | bytes an op, alone | packed, as they came | of one channel | µs an op to pack | to read |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|")?;
    for many in [1, 16, 128] {
        let plain = sizes(feed, &feed.messages, many, Frame::encode)?;
        let (mixed, page) = (
            sizes(feed, &feed.messages, many, Frame::encode_packed)?,
            sizes(feed, &pages, many, Frame::encode_packed)?,
        );
        writeln!(
            out,
            "| {many} | {:.0} | {:.0} | {:.0} | {:.1} | {:.1} |",
            plain.bytes,
            mixed.bytes,
            page.bytes,
            page.packing * 1e6,
            page.reading * 1e6
        )?;
    }
    Ok(())
}

/// For each op.
struct Cost {
    bytes: f64,
    packing: f64,
    reading: f64,
}

fn sizes(feed: &Feed, ops: &[Vec<u8>], many: usize, encode: impl Fn(&Frame) -> Vec<u8>) -> Result<Cost> {
    let frame = |some: &[Vec<u8>]| {
        let ops = some.iter().map(|bytes| bytes.clone().into()).collect();
        Frame::Ops(Ops { space: feed.space, upto: None, ops, frontiers: Vec::new() })
    };
    let frames: Vec<Frame> = ops.chunks(many).map(frame).collect();
    let begun = Instant::now();
    let encoded: Vec<Vec<u8>> = frames.iter().map(encode).collect();
    let packing = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let read = encoded.iter().map(|bytes| Frame::decode(bytes)).collect::<Result<Vec<_>, _>>()?;
    let reading = begun.elapsed().as_secs_f64();
    let read: Option<Vec<Frame>> = read.into_iter().collect();
    ensure!(read.context("frames of this version")? == frames, "what is read is what was packed");
    let of = |whole: f64| whole / ops.len() as f64;
    let bytes = encoded.iter().map(Vec::len).sum::<usize>() as f64;
    Ok(Cost { bytes: of(bytes), packing: of(packing), reading: of(reading) })
}
