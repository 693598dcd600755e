use super::*;
use crate::body::identity as body;
use crate::op::open_body;
use nexus_crypto::{SecretKey, hash_parts};
use proptest::prelude::*;

const NOW: u64 = 1_800_000_000_000;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

fn device(seed: u8) -> DeviceKey {
    key(seed).public().into()
}

const IDENTITY: u8 = 1;
const DEVICE: u8 = 2;
const RECOVERY: u8 = 3;

fn account(class: AccountClass, recovery: bool) -> (Identity, Vec<Verified<Op>>) {
    let recovery = recovery.then(|| key(RECOVERY).public());
    let (identity, ops) = begin_account(&Founding {
        class,
        name: "Ann",
        identity: &key(IDENTITY),
        recovery: recovery.as_ref(),
        device: &key(DEVICE),
        device_class: DeviceClass::Own,
        now_ms: NOW,
        salts: [[1; 16], [2; 16], [3; 16]],
    })
    .unwrap();
    (identity, ops.to_vec())
}

/// The next op of `signer`, as its own software would write it.
fn write<T: minicbor::Encode<()>>(identity: &Identity, signer: u8, kind: Kind, body: &T) -> Verified<Op> {
    identity.draft(&device(signer), kind, open_body(body), NOW).seal(&key(signer), [9; 16])
}

fn profile(name: &str) -> body::Profile {
    body::Profile { name: name.into(), about: String::new() }
}

fn certificate(identity: &Identity, seed: u8) -> body::DeviceAdd {
    let proof = device_proof(&key(seed), &identity.account().id);
    body::DeviceAdd { device: device(seed), class: DeviceClass::Own, proof }
}

/// Ends the reign that `begin` began; keeps what comes up to `keep`.
fn rotate(
    identity: &Identity,
    signer: u8,
    (begin, keep): (OpId, OpId),
    new: u8,
    recovery: Option<u8>,
) -> Verified<Op> {
    let recovery = recovery.map(|seed| hash_parts(&[&device(seed).0]));
    let body = body::IdRotate { new_key: device(new), keep, recovery };
    let draft = identity.draft(&device(signer), Kind::IdRotate, open_body(&body), NOW);
    Draft { target: Some(begin), ..draft }.seal(&key(signer), [8; 16])
}

fn take(identity: &mut Identity, op: &Verified<Op>) {
    identity.integrate(op).unwrap();
}

#[test]
fn a_new_account_has_a_name_and_a_device_that_writes_for_it() {
    let (identity, ops) = account(AccountClass::Person, true);
    let facts = identity.account();
    assert_eq!((facts.name.as_str(), facts.id), ("Ann", ops[0].id.into()));
    assert!(facts.certifies(&device(DEVICE), Hlc::from_ms(NOW + 1)));
    assert!(!facts.certifies(&device(IDENTITY), Hlc::from_ms(NOW + 1)));
}

#[test]
fn a_revoked_device_keeps_what_it_wrote_before_and_never_comes_back() {
    let (mut identity, _) = account(AccountClass::Person, true);
    let keep_until = Hlc::from_ms(NOW + 50);
    let revoke = body::DeviceRevoke { device: device(DEVICE), keep_until };
    let op = write(&identity, IDENTITY, Kind::DeviceRevoke, &revoke);
    take(&mut identity, &op);
    let again = write(&identity, IDENTITY, Kind::DeviceAdd, &certificate(&identity, DEVICE));
    take(&mut identity, &again);
    assert!(identity.account().certifies(&device(DEVICE), keep_until));
    assert!(!identity.account().certifies(&device(DEVICE), Hlc(keep_until.0 + 1)));
}

#[test]
fn nobody_certifies_a_stranger_s_device() {
    let (mut identity, _) = account(AccountClass::Person, true);
    let mut stolen = certificate(&identity, 7);
    stolen.device = device(8);
    let op = write(&identity, IDENTITY, Kind::DeviceAdd, &stolen);
    assert!(matches!(identity.integrate(&op), Err(IdentityError::Structure(_))));
}

#[test]
fn a_stranger_s_key_has_no_say() {
    let (mut identity, _) = account(AccountClass::Person, true);
    let op = write(&identity, 66, Kind::Profile, &profile("Mallory"));
    assert_eq!(identity.integrate(&op), Err(IdentityError::UnknownKey));
    let op = write(&identity, DEVICE, Kind::Profile, &profile("my own device"));
    assert_eq!(identity.integrate(&op), Err(IdentityError::UnknownKey));
    assert_eq!(identity.account().name, "Ann");
}

#[test]
fn after_a_rotation_the_old_key_s_later_words_count_for_nothing() {
    let (mut identity, ops) = account(AccountClass::Person, true);
    let late = write(&identity, IDENTITY, Kind::Profile, &profile("Late"));
    let handover = rotate(&identity, IDENTITY, (ops[0].id, ops[2].id), 10, None);
    take(&mut identity, &handover);
    take(&mut identity, &late);
    assert_eq!(identity.account().identity_key, device(10));
    assert_eq!(identity.account().name, "Ann");
    assert_eq!(identity.verdict(&late.id), Some(Verdict::Void(VoidReason::BeyondCut)));
    let own = write(&identity, 10, Kind::Profile, &profile("Anna"));
    take(&mut identity, &own);
    assert_eq!(identity.account().name, "Anna");
    assert!(identity.account().certifies(&device(DEVICE), Hlc::from_ms(NOW)));
}

#[test]
fn the_recovery_key_takes_an_account_back_from_a_thief() {
    let (mut identity, ops) = account(AccountClass::Person, true);
    let add = write(&identity, IDENTITY, Kind::DeviceAdd, &certificate(&identity, 66));
    take(&mut identity, &add);
    let theft = rotate(&identity, IDENTITY, (ops[0].id, add.id), 67, None);
    take(&mut identity, &theft);
    let by_thief = write(&identity, 67, Kind::Profile, &profile("Thief"));
    take(&mut identity, &by_thief);
    assert_eq!(identity.account().name, "Thief");

    let rescue = rotate(&identity, RECOVERY, (ops[0].id, ops[2].id), 10, Some(11));
    take(&mut identity, &rescue);
    let facts = identity.account();
    assert_eq!((facts.name.as_str(), facts.identity_key), ("Ann", device(10)));
    assert!(!facts.devices.contains_key(&device(66)));
    assert_eq!(facts.recovery, Some(hash_parts(&[&device(11).0])));
    assert_eq!(identity.verdict(&theft.id), Some(Verdict::Void(VoidReason::Removed)));
    assert_eq!(identity.verdict(&by_thief.id), Some(Verdict::Void(VoidReason::Device)));
}

#[test]
fn the_identity_key_sets_the_first_commitment_and_no_other() {
    let (mut bare, ops) = account(AccountClass::Person, false);
    let claim = rotate(&bare, IDENTITY, (ops[0].id, ops[2].id), 10, Some(RECOVERY));
    take(&mut bare, &claim);
    assert_eq!(bare.account().recovery, Some(hash_parts(&[&device(RECOVERY).0])));
    let swap = rotate(&bare, 10, (claim.id, claim.id), 12, Some(66));
    take(&mut bare, &swap);
    assert_eq!(bare.account().identity_key, device(10));
    assert_eq!(bare.verdict(&swap.id), Some(Verdict::Void(VoidReason::Removed)));
}

/// An account that was claimed, by a key made at home, and what the relay that kept the old key signs afterwards: a
/// rival IdRotate earlier in a branch of its log, so that it comes first by seq.
fn claimed_and_contested() -> (Identity, Verified<Op>, Verified<Op>) {
    let (mut identity, ops) = account(AccountClass::Person, false);
    let claim = rotate(&identity, IDENTITY, (ops[0].id, ops[2].id), 10, Some(RECOVERY));
    let mut before = Identity::begin(&ops[0]).unwrap();
    take(&mut before, &ops[1]);
    let rival = rotate(&before, IDENTITY, (ops[0].id, ops[1].id), 66, Some(67));
    take(&mut identity, &claim);
    (identity, claim, rival)
}

#[test]
fn a_rotation_by_a_key_that_was_kept_is_a_contest_and_is_seen_as_one() {
    let (mut identity, claim, rival) = claimed_and_contested();
    assert!(!identity.account().contested);
    take(&mut identity, &rival);
    assert!(identity.account().contested);
    assert_eq!(identity.account().identity_key, device(66), "the rule takes the lower seq, whoever it helps");
    assert_eq!(identity.verdict(&claim.id), Some(Verdict::Void(VoidReason::Removed)));
}

#[test]
fn where_a_rotation_was_cited_whoever_kept_the_key_signs_nothing_that_counts() {
    let (mut identity, claim, rival) = claimed_and_contested();
    let own = write(&identity, 10, Kind::DeviceAdd, &certificate(&identity, 12));
    take(&mut identity, &own);
    take(&mut identity, &rival);
    let stolen = write(&identity, 66, Kind::DeviceAdd, &certificate(&identity, 68));
    take(&mut identity, &stolen);
    let again = write(&identity, IDENTITY, Kind::DeviceAdd, &certificate(&identity, 69));
    take(&mut identity, &again);
    let settled = identity.settled(&claim.id).unwrap().account;
    assert_eq!((settled.identity_key, settled.contested), (device(10), false));
    assert!(settled.devices.contains_key(&device(12)));
    assert!(!settled.devices.contains_key(&device(68)) && !settled.devices.contains_key(&device(69)));
    assert!(identity.account().contested, "elsewhere it is contested as before");
    // Its own later rotation is settled with it, and so is what led to a later one that is cited.
    let next = rotate(&identity, 10, (claim.id, own.id), 14, None);
    take(&mut identity, &next);
    for cited in [claim.id, next.id] {
        assert_eq!(identity.settled(&cited).unwrap().account.identity_key, device(14));
    }
    assert_eq!(identity.settled(&own.id), None, "what is no rotation settles nothing");
    assert_eq!(identity.settled(&OpId([5; 32])), None);
}

#[test]
fn a_recovery_key_stands_above_what_was_cited() {
    let (mut identity, ops) = account(AccountClass::Person, true);
    let theft = rotate(&identity, IDENTITY, (ops[0].id, ops[2].id), 66, None);
    take(&mut identity, &theft);
    let rescue = rotate(&identity, RECOVERY, (ops[0].id, ops[2].id), 10, Some(11));
    take(&mut identity, &rescue);
    assert_eq!(identity.settled(&theft.id), None);
    assert!(!identity.account().contested, "a recovery key has decided it");
}

#[test]
fn who_keeps_the_old_key_cannot_slip_a_sibling_into_what_is_kept() {
    let (mut identity, ops) = account(AccountClass::Person, true);
    let before = identity.clone();
    let rename = write(&identity, IDENTITY, Kind::Profile, &profile("Anna"));
    take(&mut identity, &rename);
    let handover = rotate(&identity, IDENTITY, (ops[0].id, rename.id), 10, None);
    take(&mut identity, &handover);
    let sibling = write(&before, IDENTITY, Kind::DeviceAdd, &certificate(&before, 66));
    take(&mut identity, &sibling);
    assert!(!identity.account().devices.contains_key(&device(66)));
    assert_eq!(identity.account().name, "Anna");
}

#[test]
fn a_log_with_a_hole_or_a_clock_that_stands_is_no_log() {
    let (mut identity, ops) = account(AccountClass::Person, true);
    let draft = identity.draft(&device(IDENTITY), Kind::Profile, open_body(&profile("x")), NOW);
    let refused = |identity: &mut Identity, draft: Draft| {
        identity.integrate(&draft.seal(&key(IDENTITY), [0; 16])).unwrap_err()
    };
    let stands = Draft { hlc: ops[2].header.hlc, ..draft.clone() };
    assert!(matches!(refused(&mut identity, stands), IdentityError::Structure(_)));
    let jump = Draft { seq: draft.seq + 1, ..draft.clone() };
    assert!(matches!(refused(&mut identity, jump), IdentityError::Structure(_)));
    let hole = Draft { prev: Some(OpId([5; 32])), ..draft.clone() };
    assert_eq!(refused(&mut identity, hole), IdentityError::Missing(OpId([5; 32])));
    let elsewhere = Draft { space: crate::id::SpaceId([4; 32]), ..draft };
    assert_eq!(refused(&mut identity, elsewhere), IdentityError::Space);
}

#[test]
fn nothing_in_an_account_is_older_than_its_genesis() {
    let (mut identity, ops) = account(AccountClass::Person, true);
    let handover = rotate(&identity, IDENTITY, (ops[0].id, ops[2].id), 10, None);
    take(&mut identity, &handover);
    let draft = identity.draft(&device(10), Kind::Profile, open_body(&profile("x")), NOW);
    let early = Draft { hlc: ops[0].header.hlc, ..draft }.seal(&key(10), [0; 16]);
    assert!(matches!(identity.integrate(&early), Err(IdentityError::Structure(_))));
}

#[test]
fn only_a_bot_has_an_application() {
    let app = |owner| body::Application { owner, description: String::from("d"), flags: 1, endpoint: None };
    for (class, there) in [(AccountClass::Person, false), (AccountClass::Bot, true)] {
        let (mut identity, _) = account(class, true);
        let op = write(&identity, IDENTITY, Kind::Application, &app(identity.account().id));
        take(&mut identity, &op);
        assert_eq!(identity.account().application.is_some(), there);
    }
}

#[test]
fn of_an_offer_the_latest_word_counts_and_it_stays_where_it_was_made() {
    let (mut identity, ops) = account(AccountClass::Bot, true);
    let guild = crate::id::SpaceId([7; 32]);
    let offer =
        |offer, guild, text: Option<&str>| body::Offer { offer, guild, definition: text.map(str::to_owned) };
    let made = write(&identity, IDENTITY, Kind::Offer, &offer(None, Some(guild), Some("{1}")));
    take(&mut identity, &made);
    let edited = write(&identity, IDENTITY, Kind::Offer, &offer(Some(made.id), None, Some("{2}")));
    take(&mut identity, &edited);
    let stray = write(&identity, IDENTITY, Kind::Offer, &offer(Some(ops[0].id), None, Some("{3}")));
    take(&mut identity, &stray);
    let standing: Vec<_> = identity.account().offers.iter().collect();
    let expected = crate::identity::Offered { guild: Some(guild), definition: "{2}".into() };
    assert_eq!(standing, [(&made.id, &expected)]);
    let gone = write(&identity, IDENTITY, Kind::Offer, &offer(Some(made.id), None, None));
    take(&mut identity, &gone);
    assert!(identity.account().offers.is_empty());
}

#[test]
fn no_more_than_64_devices_are_live_at_once() {
    let (mut identity, _) = account(AccountClass::Person, true);
    for seed in 100..170 {
        let op = write(&identity, IDENTITY, Kind::DeviceAdd, &certificate(&identity, seed));
        take(&mut identity, &op);
    }
    assert_eq!(identity.account().devices.len(), DEVICES_MAX);
    assert!(!identity.account().devices.contains_key(&device(169)));
}

/// What one of several hands that hold keys of the account does next.
#[derive(Clone, Debug)]
enum Act {
    Rename(u8),
    Add(u8),
    Revoke(u8),
    Rotate { begin: prop::sample::Index, keep: prop::sample::Index, new: u8, recovery: Option<u8> },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        any::<u8>().prop_map(Act::Rename),
        (20u8..26).prop_map(Act::Add),
        (20u8..26).prop_map(Act::Revoke),
        (
            any::<prop::sample::Index>(),
            any::<prop::sample::Index>(),
            10u8..16,
            prop::option::of(RECOVERY..=RECOVERY + 1)
        )
            .prop_map(|(begin, keep, new, recovery)| Act::Rotate { begin, keep, new, recovery }),
    ]
}

fn perform(identity: &Identity, all: &[Verified<Op>], signer: u8, act: &Act) -> Verified<Op> {
    match act {
        Act::Rename(n) => write(identity, signer, Kind::Profile, &profile(&format!("name {n}"))),
        Act::Add(seed) => write(identity, signer, Kind::DeviceAdd, &certificate(identity, *seed)),
        Act::Revoke(seed) => {
            let keep_until = Hlc::from_ms(NOW + u64::from(*seed));
            write(
                identity,
                signer,
                Kind::DeviceRevoke,
                &body::DeviceRevoke { device: device(*seed), keep_until },
            )
        }
        Act::Rotate { begin, keep, new, recovery } => {
            let begins: Vec<OpId> = all
                .iter()
                .filter(|op| matches!(op.kind(), Some(Kind::IdRotate | Kind::IdGenesis)))
                .map(|op| op.id)
                .collect();
            rotate(identity, signer, (*begin.get(&begins), keep.get(all).id), *new, *recovery)
        }
    }
}

/// A history by hands that share keys and do not see all of each other's ops, so that logs fork.
fn history(acts: &[(u8, bool, Act)]) -> Vec<Verified<Op>> {
    let (mut seen, mut all) = account(AccountClass::Person, true);
    let mut stale = seen.clone();
    for (signer, from_stale, act) in acts {
        let op = perform(if *from_stale { &stale } else { &seen }, &all, *signer, act);
        if seen.integrate(&op).is_ok() {
            all.push(op);
        }
        if *from_stale {
            stale = seen.clone();
        }
    }
    all
}

/// Takes ops in as a holder does: what does not fit yet is tried again while something else still fits.
fn settle(genesis: &Verified<Op>, mut waiting: Vec<Verified<Op>>) -> Identity {
    let mut identity = Identity::begin(genesis).unwrap();
    loop {
        let before = waiting.len();
        waiting.retain(|op| identity.integrate(op).is_err());
        if waiting.is_empty() || waiting.len() == before {
            assert!(waiting.is_empty(), "an op was lost: {:?}", identity.integrate(&waiting[0]));
            return identity;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_account_is_a_function_of_the_set_of_its_ops(
        acts in prop::collection::vec((prop_oneof![Just(IDENTITY), Just(RECOVERY), 10u8..16], any::<bool>(), act()), 1..24),
        keys in prop::collection::vec(any::<u64>(), 64),
    ) {
        let all = history(&acts);
        let in_order = settle(&all[0], all.clone());
        let mut shuffled: Vec<_> = all.iter().cloned().zip(keys).collect();
        shuffled.sort_by_key(|(_, key)| *key);
        let other = settle(&all[0], shuffled.into_iter().map(|(op, _)| op).collect());
        prop_assert_eq!(in_order.account(), other.account());
        for op in &all {
            prop_assert_eq!(in_order.verdict(&op.id), other.verdict(&op.id));
        }
    }
}
