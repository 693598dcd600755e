use super::super::{Frame, LINK_FRAME_MAX};
use super::*;
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{StreamId, Tenure};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::Draft;
use nexus_crypto::{SecretKey, Signature};
use proptest::prelude::*;

const SPACE: SpaceId = SpaceId([5; 32]);

/// What somebody says or does, before it has a place in a log.
#[derive(Clone, Debug)]
struct Said {
    author: u8,
    stream: u8,
    later_ms: u64,
    counter: u16,
    frontier: u8,
    /// Acts on an op so many before.
    on: Option<usize>,
    text: String,
    /// Passed on without its body.
    bare: bool,
    /// .. or left out, so that what follows in its log does not follow in the batch.
    left_out: bool,
}

fn said() -> impl Strategy<Value = Said> {
    let words = prop_oneof![".{0,40}", "(hello |you |no ){1,80}"];
    let place = (0..4u8, 0..3u8, 0..90_000u64, 0..3u16, 0..3u8);
    let rest = (proptest::option::weighted(0.3, 0..5usize), words, any::<u8>());
    (place, rest).prop_map(|((author, stream, later_ms, counter, frontier), (on, text, dice))| Said {
        author,
        stream,
        later_ms,
        counter,
        frontier,
        on,
        text,
        bare: dice < 20,
        left_out: dice > 230,
    })
}

/// The ops as they go alone.
fn written(all: &[Said]) -> Vec<Vec<u8>> {
    let mut logs: std::collections::BTreeMap<(u8, u8), (u64, OpId)> = std::collections::BTreeMap::new();
    let (mut now_ms, mut ids, mut out) = (1_700_000_000_000, Vec::new(), Vec::new());
    for said in all {
        now_ms += said.later_ms;
        let last = logs.get(&(said.author, said.stream)).copied();
        let target = said.on.and_then(|back| ids.iter().rev().nth(back).copied());
        let body = nexus_crdt::body::content::Message {
            text: nexus_crdt::body::rich_text::RichText::plain(&said.text),
            ..Default::default()
        };
        let draft = Draft {
            space: SPACE,
            stream: StreamId([said.stream + 1; 16]),
            tenure: Tenure([said.author + 1; 16]),
            seq: last.map_or(0, |(seq, _)| seq + 1),
            prev: last.map(|(_, id)| id),
            hlc: Hlc(now_ms << 16 | u64::from(said.counter)),
            kind: if target.is_some() { Kind::Delete } else { Kind::Message },
            deps: vec![OpId([said.frontier + 40; 32])],
            target,
            body: if target.is_some() { vec![0, 0x80] } else { op::open_body(&body) },
        };
        let op = draft.seal(&SecretKey::from_seed(&[said.author + 1; 32]), [said.author ^ said.stream; 16]);
        logs.insert((said.author, said.stream), (op.header.seq, op.id));
        ids.push(op.id);
        let mut bare = (*op).clone();
        bare.body = bare.body.filter(|_| !said.bare);
        if !said.left_out {
            out.push(op::encode_parts(&bare, op.signature()));
            assert!(out.last().is_some_and(|bytes| op::decode(bytes).is_ok()), "it could be given");
        }
    }
    out
}

fn frame(ops: Vec<Vec<u8>>) -> Frame {
    let upto = Some(Place { epoch: [1; 16], at: 7 });
    let ops = ops.into_iter().map(ByteVec::from).collect();
    Frame::Ops(Ops { space: SPACE, upto, ops, frontiers: vec![vec![OpId([6; 32])]] })
}

/// Some talk, a line each.
fn talk(lines: usize) -> Vec<Vec<u8>> {
    let words =
        ["so what do you make of it", "no idea", "the relay was down again", "it is up now, look", "ha"];
    let line = |at: usize| Said {
        author: (at / 2 % 4) as u8,
        stream: (at % 3) as u8,
        later_ms: 7_000,
        counter: 0,
        frontier: 0,
        on: None,
        text: format!("{} {at}", words[at % 5]),
        bare: false,
        left_out: false,
    };
    written(&(0..lines).map(line).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn a_batch_is_read_as_it_was_packed(all in proptest::collection::vec(said(), 0..60)) {
        let frame = frame(written(&all));
        prop_assert_eq!(Frame::decode(&frame.encode_packed()), Ok(Some(frame)));
    }

    #[test]
    fn bytes_that_were_changed_are_other_ops_or_none(at in any::<proptest::sample::Index>(), bit in 0..8u8) {
        let mut bytes = frame(talk(30)).encode_packed();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(Some(Frame::Ops(ops))) = Frame::decode(&bytes) {
            prop_assert!(ops.ops.len() <= OPS_MAX);
            prop_assert!(ops.ops.iter().map(|op| op.len()).sum::<usize>() <= 4 * LINK_FRAME_MAX);
        }
    }
}

#[test]
fn talk_takes_less_than_half_of_the_bytes() {
    let (alone, frame) = (talk(128), frame(talk(128)));
    let plain: usize = alone.iter().map(Vec::len).sum();
    let packed = frame.encode_packed();
    assert_eq!(packed[0], PACKED);
    assert!(packed.len() * 2 < plain, "{} of {plain}", packed.len());
}

#[test]
fn a_single_op_is_packed_too() {
    let frame = frame(talk(1));
    assert!(frame.encode_packed().len() + 32 < frame.encode().len());
    assert_eq!(Frame::decode(&frame.encode_packed()), Ok(Some(frame)));
}

#[test]
fn what_is_written_in_one_stream_makes_another_no_smaller() {
    let say = |stream: u8, text: &str| Said {
        author: 0,
        stream,
        later_ms: 1,
        counter: 0,
        frontier: 0,
        on: None,
        text: text.to_owned(),
        bare: false,
        left_out: false,
    };
    let secret = "the meeting is on the seventh at the old mill, tell nobody, come alone, and bring the ledger with you";
    let bytes =
        |here: &str, there: &str| frame(written(&[say(0, here), say(1, there)])).encode_packed().len();
    let other: String = secret.bytes().rev().map(char::from).collect();
    let (same, crossed) =
        (bytes(secret, secret) + bytes(&other, &other), bytes(secret, &other) + bytes(&other, secret));
    assert_eq!(same, crossed);
}

#[test]
fn what_is_no_op_goes_as_it_is() {
    let frame = frame(vec![vec![1, 2, 3]]);
    assert_eq!(frame.encode_packed(), frame.encode());
}

#[test]
fn a_packed_batch_cut_anywhere_or_with_more_behind_it_is_garbage() {
    let Frame::Ops(ops) = frame(talk(9)) else { return };
    let claims: Vec<_> = ops.ops.iter().map(|bytes| op::decode(bytes).unwrap()).collect();
    let packed = written::pack(&SPACE, &claims).unwrap();
    assert!(read::unpack(&SPACE, &packed).is_ok());
    assert!((0..packed.len()).all(|end| read::unpack(&SPACE, &packed[..end]).is_err()));
    assert!(read::unpack(&SPACE, &[packed.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn a_section_that_says_more_than_sixteenfold_is_garbage() {
    let much = vec![b'a'; 64 << 10];
    let small = zstd::bulk::compress(&much, 3).unwrap();
    let mut bytes = vec![1];
    written::put_varint(&mut bytes, much.len() as u64);
    written::put_varint(&mut bytes, small.len() as u64);
    bytes.extend(&small);
    assert!(small.len() * 16 < much.len());
    assert_eq!(read::unpack(&SPACE, &bytes), Err(Garbage));
    let mut honest = Vec::new();
    section::put(&mut honest, &much);
    assert!(honest.len() > much.len(), "so it is said as it is");
}

#[test]
fn what_is_given_is_still_checked() {
    let mut ops = talk(2);
    let claim = op::decode(&ops[1]).unwrap();
    ops[1] = op::encode_parts(claim.untrusted(), &Signature([7; 64]));
    let forged = frame(ops);
    let Ok(Some(Frame::Ops(read))) = Frame::decode(&forged.encode_packed()) else { panic!("it is a frame") };
    let verified = |bytes: &ByteVec| op::verify(op::decode(bytes).unwrap()).is_ok();
    assert_eq!(read.ops.iter().map(verified).collect::<Vec<_>>(), [true, false]);
}

/// A packed batch as one of the first programs that did so said it, and the same ops alone.
const VECTORS: &str = include_str!("../../../../tests/vectors/packed.txt");

#[test]
fn what_was_packed_once_is_read_for_good() {
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect()
    };
    let frames: Vec<_> = VECTORS.lines().map(|hex| Frame::decode(&bytes(hex)).unwrap().unwrap()).collect();
    let [packed, alone] = frames.as_slice() else { panic!("two lines") };
    assert_eq!(packed, alone);
    assert_eq!(bytes(VECTORS.lines().next().unwrap())[0], PACKED);
}
