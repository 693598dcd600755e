//! Making an account: its first ops, and a device's own word for whom it writes.

use super::{Identity, IdentityError};
use crate::body::identity::{AccountClass, DeviceAdd, DeviceClass, IdGenesis, Profile};
use crate::hlc::Hlc;
use crate::id::{OpId, SpaceId, StreamId, Tenure, UserId};
use crate::kind::Kind;
use crate::op::{Draft, Op, open_body};
use nexus_crypto::{PublicKey, SecretKey, Signature, Verified};

const DEVICE_DOMAIN: &[u8] = b"nexus-device-v1\0";

/// What a new account begins with.
#[derive(Debug)]
pub struct Founding<'a> {
    /// What it is.
    pub class: AccountClass,
    /// Its first name, 1 to 32 characters.
    pub name: &'a str,
    /// Its first identity key.
    pub identity: &'a SecretKey,
    /// Its recovery key, to which it commits; none for an account made by plain REST.
    pub recovery: Option<&'a PublicKey>,
    /// Its first device ..
    pub device: &'a SecretKey,
    /// .. and where that lives.
    pub device_class: DeviceClass,
    /// Wall clock, Unix ms.
    pub now_ms: u64,
    /// 16 random bytes for each of the three ops.
    pub salts: [[u8; 16]; 3],
}

/// Makes an account: IdGenesis, DeviceAdd and Profile, and the identity that holds them.
///
/// # Errors
/// [`IdentityError::Structure`] where the name is no name; nothing else here can be refused.
pub fn begin_account(founding: &Founding<'_>) -> Result<(Identity, [Verified<Op>; 3]), IdentityError> {
    let Founding { class, name, identity, recovery, device, device_class, now_ms, salts } = founding;
    let commitment = recovery.map(|key| nexus_crypto::hash_parts(&[key.as_bytes()]));
    let body = open_body(&IdGenesis { class: *class, recovery: commitment });
    let first = Draft { hlc: Hlc::from_ms(*now_ms), ..empty_draft(body) }.seal(identity, salts[0]);
    let mut account = Identity::begin(&first)?;
    let user = account.account().id;
    let certificate = DeviceAdd {
        device: device.public().into(),
        class: *device_class,
        proof: device_proof(device, &user),
    };
    let profile = Profile { name: (*name).to_owned(), about: String::new() };
    let mut next = |kind, body, salt| {
        let op = account.draft(&identity.public().into(), kind, body, *now_ms).seal(identity, salt);
        account.integrate(&op).map(|()| op)
    };
    let second = next(Kind::DeviceAdd, open_body(&certificate), salts[1])?;
    let third = next(Kind::Profile, open_body(&profile), salts[2])?;
    Ok((account, [first, second, third]))
}

/// What a device signs before an account may certify it: [`DeviceAdd::proof`].
#[must_use]
pub fn device_proof(device: &SecretKey, user: &UserId) -> [u8; 64] {
    device.sign(&device_transcript(user)).0
}

/// Whether the device that a certificate names has signed for this account.
#[must_use]
pub fn device_signed(certificate: &DeviceAdd, user: &UserId) -> bool {
    PublicKey::parse(certificate.device.0)
        .is_ok_and(|key| key.signed(&device_transcript(user), &Signature(certificate.proof)))
}

fn device_transcript(user: &UserId) -> Vec<u8> {
    [DEVICE_DOMAIN, user.as_bytes()].concat()
}

/// An IdGenesis but for its time; and what every op of an identity has in common.
pub(super) fn empty_draft(body: Vec<u8>) -> Draft {
    Draft {
        space: SpaceId::NONE,
        stream: StreamId::GOVERNANCE,
        tenure: Tenure::NONE,
        seq: 0,
        prev: None::<OpId>,
        hlc: Hlc::ZERO,
        kind: Kind::IdGenesis,
        deps: Vec::new(),
        target: None,
        body,
    }
}
