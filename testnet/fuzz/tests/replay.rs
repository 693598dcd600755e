//! Every fuzz function over its corpus, over mutations of it (the same seeds, the same bytes, every time) and over what is swollen,
//! each within its memory.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nexus_fuzz::memory::{self, Bound};
use nexus_fuzz::{TARGETS, Target};
use peak_alloc::PeakAlloc;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Memory is counted for the whole program: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Mutations of a whole corpus, for each target.
const ROUNDS: usize = 1_000;
/// Bytes of an input that is all of one kind.
const SWOLLEN: usize = 24 * 1024;
/// What a first byte chooses among, at most.
const CHOICES: u8 = 21;
/// Mutated inputs stay below this, bytes.
const INPUT_MAX: usize = 8_192;

fn folder(target: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = folder(target);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no corpus for {target}");
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

fn run(target: &Target, input: &[u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| memory::run(&MEMORY, target, input)));
    let shown = &input[..input.len().min(INPUT_MAX)];
    assert!(outcome.is_ok(), "{} fails on {} bytes: {}", target.name, input.len(), hex::encode(shown));
}

#[test]
fn every_target_survives_its_corpus() {
    let _alone = alone();
    for target in TARGETS {
        for input in corpus(target.name) {
            run(target, &input);
        }
    }
}

#[test]
fn every_target_survives_mutations_of_its_corpus() {
    let _alone = alone();
    for (index, target) in TARGETS.iter().enumerate() {
        let corpus = corpus(target.name);
        let mut rng = StdRng::seed_from_u64(0x6e65_7875_7300 + index as u64);
        for round in 0..ROUNDS {
            let mut input = corpus[round % corpus.len()].clone();
            for _ in 0..=rng.random_range(0..3) {
                mutate(&mut input, &corpus, &mut rng);
            }
            input.truncate(INPUT_MAX);
            run(target, &input);
        }
    }
}

/// Few bytes that announce many, deep nests, and long lists of the least: what costs most memory for each byte.
#[test]
fn every_target_keeps_within_its_memory_on_what_is_swollen() {
    let _alone = alone();
    let long = |unit: &[u8]| unit.repeat(SWOLLEN / unit.len());
    let swollen = [
        long(b"["),
        long(b"{\"a\":"),
        [b"[".to_vec(), long(b"0,"), b"0]".to_vec()].concat(),
        [b"{\"a\":[".to_vec(), long(b"{},"), b"0]}".to_vec()].concat(),
        [b"{\"content\":\"".to_vec(), long(b"\\u00e9"), b"\"}".to_vec()].concat(),
        long(&[0x81]),
        long(&[0x9f]),
        vec![0x9b, 0, 0, 0, 1, 0, 0, 0, 0],
        vec![0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        [vec![0x9a, 0, 1, 0, 0], long(&[0x80])].concat(),
        u32::MAX.to_be_bytes().to_vec(),
        [&(SWOLLEN as u32).to_be_bytes()[..], &long(&[0x80])].concat(),
        long(b"a=b; "),
        long(b"--x\r\n"),
        long(b","),
    ];
    for target in TARGETS {
        for input in &swollen {
            run(target, input);
            // Where the first byte chooses, each choice.
            for which in 0..if target.bound == Bound::None { 0 } else { CHOICES } {
                run(target, &[&[which], input.as_slice()].concat());
            }
        }
    }
}

#[test]
fn every_corpus_folder_belongs_to_a_target() {
    for entry in std::fs::read_dir(folder("")).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(TARGETS.iter().any(|target| name == *target.name), "corpus/{name:?} is nobody's");
    }
}

/// Numbers at the edges of CBOR's and UTF-8's forms.
const EDGES: [u8; 16] =
    [0x00, 0x17, 0x18, 0x1b, 0x20, 0x40, 0x5f, 0x7f, 0x80, 0x9b, 0x9f, 0xbf, 0xc0, 0xf6, 0xf7, 0xff];

fn mutate(input: &mut Vec<u8>, corpus: &[Vec<u8>], rng: &mut StdRng) {
    let at = rng.random_range(0..=input.len());
    match rng.random_range(0..8) {
        0 if at < input.len() => input[at] ^= 1 << rng.random_range(0..8),
        1 if at < input.len() => input[at] = EDGES[rng.random_range(0..EDGES.len())],
        2 if at < input.len() => input[at] = input[at].wrapping_add(1),
        3 => input.truncate(at),
        4 => input.insert(at, rng.random()),
        5 => drop(input.drain(at..input.len().min(at + 1 + rng.random_range(0..8)))),
        6 => {
            let again: Vec<u8> = input[at..input.len().min(at + 64)].to_vec();
            input.splice(at..at, again);
        }
        _ => {
            let other = &corpus[rng.random_range(0..corpus.len())];
            let cut = rng.random_range(0..=other.len());
            input.truncate(at);
            input.extend(&other[cut..]);
        }
    }
}
