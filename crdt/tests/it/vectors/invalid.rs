//! Ops that are wrong in one place each.

use super::raw::{Raw, SALT, author, header, transcript};
use super::valid::{genesis, message};
use super::{Invalid, error_name, limits};
use minicbor::bytes::ByteVec;
use nexus_crdt::body::content::React;
use nexus_crdt::body::governance::GuildEdit;
use nexus_crdt::body::identity::Profile;
use nexus_crdt::id::{DeviceKey, OpId, SpaceId, StreamId, Tenure};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{self, Header, open_body};
use nexus_crypto::SecretKey;

pub(super) fn all() -> Vec<Invalid> {
    let mut out = Vec::new();
    signatures(&mut out);
    envelopes(&mut out);
    header_bytes(&mut out);
    header_fields(&mut out);
    places(&mut out);
    bodies(&mut out);
    limits::all(&mut out);
    out
}

pub(super) fn add(out: &mut Vec<Invalid>, name: &str, why: &str, wire: &[u8]) {
    let error = op::decode(wire).and_then(op::verify).map(|op| op.id).expect_err(name);
    let text = |text: &str| text.to_owned();
    out.push(Invalid {
        name: text(name),
        why: text(why),
        error: text(error_name(&error)),
        wire: hex::encode(wire),
    });
}

fn hello() -> Vec<u8> {
    open_body(&message())
}

fn good() -> Raw {
    let body = hello();
    Raw::new(&header(Kind::Message, &body), &body)
}

/// The order of the group, little-endian: what makes a signature's S non-canonical when added.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn signatures(out: &mut Vec<Invalid>) {
    let mut flipped = good();
    flipped.signature[5] ^= 1;
    add(
        out,
        "a bit of the signature",
        "the signature covers the header, and is the author's",
        &flipped.wire(),
    );
    let stranger = SecretKey::from_seed(&[0x99; 32]).sign(&transcript(&good().header)).0;
    add(
        out,
        "a forged author",
        "signed by another key than the one it names",
        &Raw { signature: stranger, ..good() }.wire(),
    );
    let bare = author().sign(&good().header).0;
    add(
        out,
        "a signature without its domain",
        "a signature for another purpose is none here",
        &Raw { signature: bare, ..good() }.wire(),
    );
    let mut shifted = good();
    let mut carry = 0u16;
    for (byte, order) in shifted.signature[32..].iter_mut().zip(ORDER) {
        carry += u16::from(*byte) + u16::from(order);
        *byte = carry as u8;
        carry >>= 8;
    }
    add(out, "S not reduced", "S + L would verify with a careless verifier", &shifted.wire());
    let mut weak_r = good();
    weak_r.signature[..32].copy_from_slice(&{
        let mut point = [0; 32];
        point[0] = 1;
        point
    });
    add(out, "R of small order", "verify_strict refuses it before it computes", &weak_r.wire());
    small_order_authors(out);
}

/// With a small-order key and R = key, S = 0, careless verifiers accept any message.
fn small_order_authors(out: &mut Vec<Invalid>) {
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut order_two = [0xff; 32];
    (order_two[0], order_two[31]) = (0xec, 0x7f);
    let mut not_canonical = [0xff; 32];
    (not_canonical[0], not_canonical[31]) = (0xf0, 0x7f);
    for (name, why, key) in [
        ("an author of small order", "the neutral point signs everything", identity),
        ("an author of order two", "the point of order two signs every second message", order_two),
        ("an author not canonical", "y >= p names a point that has another name", not_canonical),
        ("an author off the curve", "no point has this y", [2; 32]),
    ] {
        let body = hello();
        let header = Header { author: DeviceKey(key), ..header(Kind::Message, &body) };
        let mut raw = Raw::new(&header, &body);
        raw.signature = [0; 64];
        raw.signature[..32].copy_from_slice(&identity);
        add(out, name, why, &raw.wire());
    }
}

fn envelopes(out: &mut Vec<Invalid>) {
    let wire = good().wire();
    add(out, "nothing", "no bytes are no op", &[]);
    add(out, "cut short", "the last byte is missing", &wire[..wire.len() - 1]);
    add(out, "a trailing byte", "an op ends where it ends", &[wire.as_slice(), &[0]].concat());
    let erased = Raw { body: None, ..good() }.wire();
    let left_out = [&[0x82], &erased[1..erased.len() - 1]].concat();
    add(out, "an erased body left out", "null stands in its place", &left_out);
    add(
        out,
        "a fourth field",
        "later versions have a later version number",
        &[&[0x84], &wire[1..], &[0xf6]].concat(),
    );
    add(
        out,
        "an envelope of indefinite length",
        "definite lengths only",
        &[&[0x9f], &wire[1..], &[0xff]].concat(),
    );
    add(out, "a tagged envelope", "no tags", &[&[0xc1], wire.as_slice()].concat());
    add(
        out,
        "an array that claims 2^60 elements",
        "a claim allocates nothing",
        &[&[0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0], &wire[1..]].concat(),
    );
    add(out, "bytes that claim 2^60", "a claim allocates nothing", &[0x83, 0x5b, 0x10, 0, 0, 0, 0, 0, 0, 0]);
    add(out, "a deep nest", "nesting is no way to exhaust a stack", &[0x81; 4_000]);
    add(out, "a map", "an op is an array", &[0xa0]);
    let head = good().header;
    let long = [&[0x83, 0x5a, 0, 0, (head.len() >> 8) as u8, head.len() as u8], &wire[4..]].concat();
    add(out, "a length longer than need be", "shortest form only", &long);
    let short = [&wire[..1 + 3 + head.len()], &[0x58, 63], &wire[1 + 3 + head.len() + 2 + 1..]].concat();
    add(out, "a signature of 63 bytes", "a signature has 64 bytes", &short);
}

fn header_bytes(out: &mut Vec<Invalid>) {
    let Raw { header, body, .. } = good();
    let mut changed = |name: &str, why: &str, header: Vec<u8>| {
        add(out, name, why, &Raw::signed(header, body.clone()).wire());
    };
    let tail = |ext: &[u8]| [&header[..header.len() - 1], ext].concat();
    changed("a longer integer", "version 1 written in two bytes", [&[0x8e, 0x18, 1], &header[2..]].concat());
    changed(
        "a header of indefinite length",
        "definite lengths only",
        [&[0x9f], &header[1..], &[0xff]].concat(),
    );
    changed("a byte after the header", "a header ends where it ends", tail(&[0xa0, 0]));
    changed("thirteen fields", "a header has fourteen", [&[0x8d], &header[1..header.len() - 1]].concat());
    changed("fifteen fields", "a header has fourteen", [&[0x8f], &tail(&[0xa0, 0xf6])[1..]].concat());
    changed("an empty header", "a header has fourteen fields", vec![0x80]);
    changed("an ext twice", "a map has each key once", tail(&[0xa2, 1, 0x41, 1, 1, 0x41, 2]));
    changed("exts out of order", "keys ascend", tail(&[0xa2, 2, 0x41, 1, 1, 0x41, 1]));
    changed("an ext of indefinite length", "definite lengths only", tail(&[0xbf, 0xff]));
    changed("a float", "no floats", [&[0x8e, 0xf9, 0x3c, 0], &header[2..]].concat());
    changed("a negative version", "integers are unsigned", [&[0x8e, 0x20], &header[2..]].concat());
    changed("a space of 31 bytes", "ids have their length", [&[0x8e, 1, 0x58, 31], &header[5..]].concat());
    changed("deps that claim 2^60", "a claim allocates nothing", {
        let deps = [0x81, 0x58, 0x20, 0x66];
        let at = header.windows(4).position(|window| window == deps).unwrap();
        [&header[..at], &[0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0], &header[at + 1..]].concat()
    });
}

fn header_fields(out: &mut Vec<Invalid>) {
    let body = hello();
    let base = || header(Kind::Message, &body);
    let mut changed =
        |name: &str, why: &str, header: Header| add(out, name, why, &Raw::new(&header, &body).wire());
    let many = |n: u8| (0..n).map(|byte| OpId([byte; 32])).collect::<Vec<_>>();
    let ext = |n: u16, len: usize| (0..n).map(|n| (n, ByteVec::from(vec![0; len]))).collect();
    changed("version 2", "this is version 1", Header { version: 2, ..base() });
    changed("version 0", "this is version 1", Header { version: 0, ..base() });
    changed("seq 0 with a prev", "the first op has none before it", Header { seq: 0, ..base() });
    changed("seq 7 without a prev", "every later op names the one before", Header { prev: None, ..base() });
    changed("two frontiers", "content cites exactly one", Header { deps: many(2), ..base() });
    changed("no frontier", "content cites exactly one", Header { deps: Vec::new(), ..base() });
    changed("nine exts", "at most 8", Header { ext: ext(9, 1), ..base() });
    changed("exts of 520 bytes", "at most 512 bytes in all", Header { ext: ext(8, 65), ..base() });
    changed("a hash without a body", "both or neither", Header { body_len: 0, ..base() });
    changed("a length without a hash", "both or neither", Header { body_hash: None, ..base() });
    changed(
        "a message with a target",
        "a message acts on no op",
        Header { target: Some(OpId([1; 32])), ..base() },
    );
    changed(
        "a message without a tenure",
        "whoever writes was admitted",
        Header { tenure: Tenure::NONE, ..base() },
    );
    let edit = open_body(&GuildEdit::default());
    let mut heads = |name: &str, why: &str, deps| {
        let header = Header { deps, ..header(Kind::GuildEdit, &edit) };
        add(out, name, why, &Raw::new(&header, &edit).wire());
    };
    heads("seventeen heads", "at most 16", many(17));
    heads("a head twice", "each once", vec![OpId([1; 32]); 2]);
    heads("heads out of order", "ascending", vec![OpId([2; 32]), OpId([1; 32])]);
    heads("governance that cites nothing", "only Genesis cites nothing", Vec::new());
}

fn places(out: &mut Vec<Invalid>) {
    let mut placed = |name: &str, why: &str, kind: Kind, body: &[u8], change: &dyn Fn(&mut Header)| {
        let mut header = header(kind, body);
        change(&mut header);
        add(out, name, why, &Raw::new(&header, body).wire());
    };
    let hello = hello();
    let leave = [0, 0x80];
    let edit = open_body(&GuildEdit::default());
    let genesis = open_body(&genesis());
    let react = open_body(&React { emoji: String::from("👍") });
    placed("a message in governance", "content stands in channels", Kind::Message, &hello, &|header| {
        header.stream = StreamId::GOVERNANCE;
    });
    placed("a message among the members", "content stands in channels", Kind::Message, &hello, &|header| {
        header.stream = StreamId::MEMBERSHIP;
    });
    placed(
        "governance in a channel",
        "governance stands in stream zero",
        Kind::GuildEdit,
        &edit,
        &|header| header.stream = StreamId([3; 16]),
    );
    placed("a leave in governance", "membership stands in stream one", Kind::Leave, &leave, &|header| {
        header.stream = StreamId::GOVERNANCE;
    });
    placed(
        "an unknown governance kind in a channel",
        "a family stands where it stands",
        Kind::GuildEdit,
        &edit,
        &|header| (header.kind, header.stream) = (0x81f0, StreamId([3; 16])),
    );
    placed(
        "a reserved content kind in governance",
        "a family stands where it stands",
        Kind::Message,
        &hello,
        &|header| (header.kind, header.stream) = (0x0306, StreamId::GOVERNANCE),
    );
    placed(
        "a profile that cites",
        "identity ops cite nothing",
        Kind::Profile,
        &open_body(&Profile { name: String::from("Ann"), about: String::new() }),
        &|header| header.deps = vec![OpId([1; 32])],
    );
    placed(
        "a genesis inside a space",
        "a genesis carries the zero space",
        Kind::Genesis,
        &genesis,
        &|header| header.space = SpaceId([1; 32]),
    );
    placed(
        "a message in space zero",
        "only a genesis carries the zero space",
        Kind::Message,
        &hello,
        &|header| header.space = SpaceId::NONE,
    );
    placed("a genesis that cites", "nothing was before it", Kind::Genesis, &genesis, &|header| {
        header.deps = vec![OpId([1; 32])];
    });
    placed("a genesis further on in a log", "it begins its log", Kind::Genesis, &genesis, &|header| {
        (header.seq, header.prev) = (1, Some(OpId([1; 32])));
    });
    placed("a genesis under a tenure", "it admits itself", Kind::Genesis, &genesis, &|header| {
        header.tenure = Tenure([1; 16]);
    });
    placed("a reaction to nothing", "a reaction acts on a message", Kind::React, &react, &|header| {
        header.target = None;
    });
    let large = |header: &mut Header, len| header.body_len = len;
    for (name, kind, len) in [
        ("content of 49,153 bytes", Kind::Message, 49_153),
        ("governance of 32,769 bytes", Kind::GuildEdit, 32_769),
    ] {
        let mut header = header(kind, &hello);
        large(&mut header, len);
        let raw = Raw { body: None, ..Raw::new(&header, &[]) };
        add(out, name, "the header alone says it is too large", &raw.wire());
    }
}

fn bodies(out: &mut Vec<Invalid>) {
    let message = hello();
    let salted = |bytes: &[u8]| Some([SALT.as_slice(), bytes].concat());
    let mut other = |name: &str, why: &str, body| {
        let raw = Raw { body, ..good() };
        add(out, name, why, &raw.wire());
    };
    let mut flipped = message.clone();
    flipped[4] ^= 1;
    other("another body", "the header names the body by its hash", salted(&flipped));
    other("another salt", "the hash covers the salt", Some([&[0; 16], message.as_slice()].concat()));
    other("a body without its salt", "16 bytes come first", Some(vec![0; 15]));
    let mut shaped = |name: &str, why: &str, kind: Kind, body: &[u8]| {
        add(out, name, why, &Raw::new(&header(kind, body), body).wire());
    };
    shaped("a first byte of 2", "0 is open, 1 is sealed", Kind::Message, &[&[2], &message[1..]].concat());
    shaped("sealed governance", "what everybody must judge is open", Kind::GuildEdit, &[1; 40]);
    shaped("a sealed body of 20 bytes", "epoch, index and some ciphertext", Kind::Message, &[1; 21]);
    shaped("a first byte and nothing", "an open body is one CBOR item", Kind::Message, &[0]);
    shaped(
        "another kind's body",
        "a guild edit is no message",
        Kind::Message,
        &open_body(&GuildEdit::default()),
    );
    shaped(
        "a byte after the body",
        "a body ends where it ends",
        Kind::Message,
        &[message.as_slice(), &[0]].concat(),
    );
    shaped("text that is no UTF-8", "text is UTF-8", Kind::React, &[0, 0x81, 0x62, 0xc3, 0x28]);
    shaped("text in pieces", "definite lengths only", Kind::React, &[0, 0x81, 0x7f, 0x61, b'x', 0xff]);
    shaped("a boolean as a number", "pinned is true or false", Kind::Pin, &[0, 0x81, 1]);
    shaped(
        "an enum's unknown variant",
        "no such channel kind",
        Kind::ChannelCreate,
        &[0, 0x83, 0x18, 0x63, 0x80, 0x80],
    );
    shaped("a field too many", "a field a version does not know", Kind::Pin, &[0, 0x82, 0xf5, 0xf5]);
    shaped("trailing nulls", "absent fields at the end are left out", Kind::GuildEdit, &[0, 0x81, 0xf6]);
    shaped(
        "a list that claims 2^60",
        "a claim allocates nothing",
        Kind::Relays,
        &[0, 0x81, 0x9b, 0x10, 0, 0, 0, 0, 0, 0, 0],
    );
}
