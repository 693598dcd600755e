//! Ops of an identity log by several keys, some of them strangers', taken in two orders.

use crate::program::Program;
use nexus_crdt::body::identity::{
    AccountClass, Application, DeviceAdd, DeviceClass, DeviceRevoke, IdRelays, IdRotate, Profile,
};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, OpId};
use nexus_crdt::identity::{Founding, Identity, begin_account, device_proof};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{Draft, Op, open_body};
use nexus_crypto::{SecretKey, Verified};

const NOW: u64 = 1_800_000_000_000;
/// Ops of one run; a signature costs more than the rest.
const OPS_MAX: usize = 24;

fn key(seed: usize) -> SecretKey {
    SecretKey::from_seed(&[u8::try_from(seed + 1).unwrap_or(0); 32])
}

fn device(seed: usize) -> DeviceKey {
    key(seed).public().into()
}

/// The account is the same whichever way round its ops come in, and nothing of it is lost.
pub(crate) fn log(data: &[u8]) {
    let mut program = Program(data);
    let recovery = key(2).public();
    let founding = Founding {
        class: if program.below(2) == 0 { AccountClass::Person } else { AccountClass::Bot },
        name: "Ann",
        identity: &key(0),
        recovery: (program.below(2) == 0).then_some(&recovery),
        device: &key(1),
        device_class: DeviceClass::Own,
        now_ms: NOW,
        salts: [[0; 16]; 3],
    };
    let Ok((mut identity, first)) = begin_account(&founding) else { panic!("Ann is a name") };
    let mut taken = first.to_vec();
    while program.goes_on() && taken.len() < OPS_MAX {
        let op = next(&mut program, &identity, &taken);
        if identity.integrate(&op).is_ok() {
            taken.push(op);
        }
    }
    let backwards = settle(&taken);
    assert_eq!(identity.account(), backwards.account());
    for op in &taken {
        assert_eq!(identity.verdict(&op.id), backwards.verdict(&op.id));
    }
}

fn next(program: &mut Program<'_>, identity: &Identity, taken: &[Verified<Op>]) -> Verified<Op> {
    let signer = program.below(6);
    let ids: Vec<OpId> = taken.iter().map(|op| op.id).collect();
    let (kind, body, target) = deed(program, identity, &ids);
    let mut draft = Draft { target, ..identity.draft(&device(signer), kind, body, NOW) };
    match program.below(8) {
        0 => draft.seq = program.below(4) as u64,
        1 => draft.prev = program.one_of(&ids),
        2 => draft.hlc = Hlc(draft.hlc.0.wrapping_sub(program.below(4) as u64)),
        3 => draft.body = program.bytes(32),
        // A sibling: the same place in the log once more.
        4 => {
            let Some(twin) = taken.iter().rev().find(|op| op.header.author == device(signer)) else {
                return draft.seal(&key(signer), [0; 16]);
            };
            (draft.seq, draft.prev) = (twin.header.seq, twin.header.prev);
        }
        _ => {}
    }
    draft.seal(&key(signer), [0; 16])
}

fn deed(program: &mut Program<'_>, identity: &Identity, ids: &[OpId]) -> (Kind, Vec<u8>, Option<OpId>) {
    let user = identity.account().id;
    let seed = program.below(8);
    match program.below(6) {
        0 => {
            let name = String::from_utf8_lossy(&program.bytes(8)).into_owned();
            (Kind::Profile, open_body(&Profile { name, about: String::new() }), None)
        }
        1 => {
            let proof = device_proof(&key(seed), &user);
            let body = DeviceAdd { device: device(seed), class: DeviceClass::Own, proof };
            (Kind::DeviceAdd, open_body(&body), None)
        }
        2 => {
            let keep_until = Hlc::from_ms(NOW + program.below(8) as u64);
            (Kind::DeviceRevoke, open_body(&DeviceRevoke { device: device(seed), keep_until }), None)
        }
        3 => (Kind::IdRelays, open_body(&IdRelays { urls: vec![format!("https://{seed}.example")] }), None),
        4 => {
            let body =
                Application { owner: user, description: String::new(), flags: seed as u64, endpoint: None };
            (Kind::Application, open_body(&body), None)
        }
        _ => {
            let keep = program.one_of(ids).unwrap_or(identity.reign());
            let target = if program.below(2) == 0 { Some(identity.reign()) } else { program.one_of(ids) };
            let recovery = (program.below(3) == 0).then(|| nexus_crypto::hash_parts(&[&device(seed).0]));
            (Kind::IdRotate, open_body(&IdRotate { new_key: device(seed), keep, recovery }), target)
        }
    }
}

/// Takes the ops in backwards, as often as something new fits.
fn settle(ops: &[Verified<Op>]) -> Identity {
    let Some(mut identity) = ops.first().and_then(|genesis| Identity::begin(genesis).ok()) else {
        panic!("the first op begins the account")
    };
    let mut waiting: Vec<_> = ops.iter().rev().collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        waiting.retain(|op| identity.integrate(op).is_err());
        assert!(waiting.len() < before, "an op that was taken in is refused in another order");
    }
    identity
}
