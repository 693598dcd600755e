//! The accounts of a history as the crate holds them: who certified which device, who took which account home, who kept its key.

use super::fact::Person;
use super::succession::{Account, Deed, DeviceNo, KeyNo, Word, WordNo};
use nexus_crdt::body::identity as body;
use nexus_crdt::body::identity::{AccountClass, DeviceClass};
use nexus_crdt::hlc::Hlc;
use nexus_crdt::id::{DeviceKey, OpId, UserId};
use nexus_crdt::identity::{
    Founding, Identity, IdentityError, People, Succession, begin_account, device_proof,
};
use nexus_crdt::kind::Kind;
use nexus_crdt::op::{Draft, Op, open_body};
use nexus_crypto::{SecretKey, Verified, hash_parts};
use std::collections::VecDeque;
use std::sync::OnceLock;

/// Keys: the first identity key, one at home, a thief's, the recovery key, and one made for a recovery.
pub(crate) const KEYS: usize = 5;
pub(crate) const THIEF: KeyNo = 2;
pub(crate) const RECOVERY: KeyNo = 3;
/// Devices: two from the beginning on, one that is taken later, a thief's.
pub(crate) const DEVICES: usize = 4;
/// Most people of a history.
const PEOPLE: usize = 8;
/// When every account begins, ms.
const BORN_MS: u64 = 100;

/// A key of somebody's: their devices' and their account's.
struct Keys {
    devices: Vec<SecretKey>,
    identity: Vec<SecretKey>,
    /// The account as it begins, and its first ops.
    founded: (Identity, Vec<Verified<Op>>, Account),
}

fn everybody() -> &'static [Keys] {
    static KEYS: OnceLock<Vec<Keys>> = OnceLock::new();
    KEYS.get_or_init(|| (0..PEOPLE).map(found).collect())
}

/// Half of the people have written a recovery key down.
fn found(who: Person) -> Keys {
    let seed = |kind: usize, no: usize| {
        let mut seed = [u8::try_from(who + 1).unwrap(); 32];
        (seed[30], seed[31]) = (u8::try_from(kind).unwrap(), u8::try_from(no).unwrap());
        SecretKey::from_seed(&seed)
    };
    let devices: Vec<SecretKey> = (0..DEVICES).map(|no| seed(1, no)).collect();
    let identity: Vec<SecretKey> = (0..KEYS).map(|no| seed(2, no)).collect();
    let recovery = (who % 2 == 1).then_some(RECOVERY);
    let (mut account, ops) = begin_account(&Founding {
        class: AccountClass::Person,
        name: "somebody",
        identity: &identity[0],
        recovery: recovery.map(|key| identity[key].public()).as_ref(),
        device: &devices[0],
        device_class: DeviceClass::Own,
        now_ms: BORN_MS,
        salts: [[1; 16], [2; 16], [3; 16]],
    })
    .unwrap();
    let proof = device_proof(&devices[1], &account.account().id);
    let second = body::DeviceAdd { device: devices[1].public().into(), class: DeviceClass::Own, proof };
    let draft = account.draft(&identity[0].public().into(), Kind::DeviceAdd, open_body(&second), BORN_MS);
    let second = draft.seal(&identity[0], [4; 16]);
    account.integrate(&second).unwrap();
    let ops: Vec<Verified<Op>> = ops.into_iter().chain([second]).collect();
    let deeds = [Deed::Begin { recovery }, Deed::Certify(0), Deed::Name, Deed::Certify(1)];
    let words = ops.iter().zip(deeds).enumerate().map(|(number, (op, deed))| Word {
        by: 0,
        prev: number.checked_sub(1),
        seq: op.header.seq,
        hlc: op.header.hlc.0,
        id: op.id.0,
        deed,
    });
    let words = Account(words.collect());
    Keys { devices, identity, founded: (account, ops, words) }
}

pub(crate) fn device(who: Person, no: DeviceNo) -> &'static SecretKey {
    &everybody()[who].devices[no]
}

pub(crate) fn user(who: Person) -> UserId {
    everybody()[who].founded.0.account().id
}

/// The accounts of a history's people.
#[derive(Clone)]
pub(crate) struct Accounts {
    identities: Vec<Identity>,
    /// Each one's ops from the beginning on.
    ops: Vec<Vec<Verified<Op>>>,
}

impl Accounts {
    /// As they begin.
    pub(crate) fn founded(people: usize) -> Self {
        let founded = || everybody()[..people].iter().map(|keys| &keys.founded);
        Self {
            identities: founded().map(|(identity, ..)| identity.clone()).collect(),
            ops: founded().map(|(_, ops, _)| ops.clone()).collect(),
        }
    }

    /// As the model is told of them.
    pub(crate) fn described(people: usize) -> Vec<Account> {
        everybody()[..people].iter().map(|keys| keys.founded.2.clone()).collect()
    }

    /// What was written in them since they began.
    pub(crate) fn later(&self) -> VecDeque<Verified<Op>> {
        self.ops.iter().flat_map(|ops| ops.iter().skip(FOUNDING)).cloned().collect()
    }

    /// The name of a word.
    pub(crate) fn word(&self, who: Person, word: WordNo) -> OpId {
        self.ops[who][word].id
    }

    pub(crate) fn take(&mut self, op: &Verified<Op>) -> Result<(), IdentityError> {
        let identity =
            self.identities.iter_mut().find(|identity| identity.account().id.space() == op.space());
        identity.unwrap().integrate(op)
    }

    /// Writes in somebody's account with one of its keys, behind one of that key's words.
    pub(crate) fn say(
        &mut self,
        who: Person,
        by: KeyNo,
        behind: Option<(WordNo, u64)>,
        hlc: u64,
        deed: Deed,
    ) -> Word {
        let keys = &everybody()[who].identity;
        let key = |no: KeyNo| DeviceKey::from(keys[no].public());
        let device = |no: DeviceNo| DeviceKey::from(everybody()[who].devices[no].public());
        let mut target = None;
        let (kind, body) = match &deed {
            Deed::Certify(no) => {
                let proof = device_proof(&everybody()[who].devices[*no], &user(who));
                let body = body::DeviceAdd { device: device(*no), class: DeviceClass::Own, proof };
                (Kind::DeviceAdd, open_body(&body))
            }
            Deed::Revoke { device: no, until } => {
                let body = body::DeviceRevoke { device: device(*no), keep_until: Hlc(*until) };
                (Kind::DeviceRevoke, open_body(&body))
            }
            Deed::Rotate { ends, new, keep, recovery } => {
                target = Some(self.word(who, *ends));
                let recovery = recovery.map(|no| hash_parts(&[&key(no).0]));
                let body = body::IdRotate { new_key: key(*new), keep: self.word(who, *keep), recovery };
                (Kind::IdRotate, open_body(&body))
            }
            Deed::Begin { .. } | Deed::Name => unreachable!("said at the beginning"),
        };
        let blank = self.identities[who].draft(&key(by), kind, body, BORN_MS);
        let prev = behind.map(|(word, _)| self.word(who, word));
        let seq = behind.map_or(0, |(_, seq)| seq + 1);
        let salt = [u8::try_from(self.ops[who].len()).unwrap(); 16];
        let op = Draft { seq, prev, hlc: Hlc(hlc), target, ..blank }.seal(&keys[by], salt);
        self.identities[who].integrate(&op).unwrap();
        let word = Word { by, prev: behind.map(|(word, _)| word), seq, hlc, id: op.id.0, deed };
        self.ops[who].push(op);
        word
    }
}

/// Ops that every account begins with.
const FOUNDING: usize = 4;

impl Accounts {
    fn of(&self, who: &UserId) -> Option<&Identity> {
        self.identities.iter().find(|identity| identity.account().id == *who)
    }
}

impl People for Accounts {
    fn certifies(&self, user: &UserId, device: &DeviceKey, at: Hlc) -> bool {
        self.of(user).is_some_and(|identity| identity.account().certifies(device, at))
    }

    fn class(&self, user: &UserId) -> Option<AccountClass> {
        self.of(user).map(|identity| identity.account().class)
    }

    fn settled(&self, user: &UserId, rotation: &OpId) -> Option<Succession> {
        self.of(user)?.settled(rotation)
    }
}
