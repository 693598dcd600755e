//! Every fuzz function over its corpus and over mutations of it: the same seeds, the same bytes, every time.

#![allow(clippy::unwrap_used, reason = "a test may")]

use nexus_fuzz::{TARGETS, Target};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

/// Mutations of a whole corpus, for each target.
const ROUNDS: usize = 2_000;
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

fn run((name, target): Target, input: &[u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| target(input)));
    assert!(outcome.is_ok(), "{name} fails on {}", hex::encode(input));
}

#[test]
fn every_target_survives_its_corpus() {
    for target in TARGETS {
        for input in corpus(target.0) {
            run(*target, &input);
        }
    }
}

#[test]
fn every_target_survives_mutations_of_its_corpus() {
    for (index, target) in TARGETS.iter().enumerate() {
        let corpus = corpus(target.0);
        let mut rng = StdRng::seed_from_u64(0x6e65_7875_7300 + index as u64);
        for round in 0..ROUNDS {
            let mut input = corpus[round % corpus.len()].clone();
            for _ in 0..=rng.random_range(0..3) {
                mutate(&mut input, &corpus, &mut rng);
            }
            input.truncate(INPUT_MAX);
            run(*target, &input);
        }
    }
}

#[test]
fn every_corpus_folder_belongs_to_a_target() {
    for entry in std::fs::read_dir(folder("")).unwrap() {
        let name = entry.unwrap().file_name();
        assert!(TARGETS.iter().any(|(target, _)| name == *target), "corpus/{name:?} is nobody's");
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
