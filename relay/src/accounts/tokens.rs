//! Tokens: access tokens are signed texts (JWT, RFC 7519, HS256), refresh tokens are random.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use nexus_crdt::id::UserId;
use serde::{Deserialize, Serialize};

/// How long an access token lasts, seconds.
pub(super) const ACCESS_S: u64 = 15 * 60;

/// Signs and reads access tokens.
pub(super) struct Signer {
    signing: EncodingKey,
    reading: DecodingKey,
    validation: Validation,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    /// The account in the ops, base64.
    sub: String,
    /// The session, base64.
    sid: String,
    iat: u64,
    exp: u64,
}

impl Signer {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        // Held against the time that is handed in, below.
        validation.validate_exp = false;
        validation.set_required_spec_claims(&["exp", "sub"]);
        Self { signing: EncodingKey::from_secret(key), reading: DecodingKey::from_secret(key), validation }
    }

    pub(super) fn sign(&self, user: &UserId, session: &[u8; 16], now_s: u64) -> Option<String> {
        let claims = Claims {
            sub: URL_SAFE_NO_PAD.encode(user.0),
            sid: URL_SAFE_NO_PAD.encode(session),
            iat: now_s,
            exp: now_s + ACCESS_S,
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.signing).ok()
    }

    /// Whom a token speaks for, and in which session; none where it is not one of ours, or has become old.
    pub(super) fn read(&self, token: &str, now_s: u64) -> Option<(UserId, [u8; 16])> {
        if token.len() > TOKEN_MAX {
            return None;
        }
        let claims = decode::<Claims>(token, &self.reading, &self.validation).ok()?.claims;
        let user = URL_SAFE_NO_PAD.decode(claims.sub).ok()?.try_into().ok()?;
        let session = URL_SAFE_NO_PAD.decode(claims.sid).ok()?.try_into().ok()?;
        (now_s < claims.exp).then_some((UserId(user), session))
    }
}

/// A new refresh token.
pub(super) fn refresh_token() -> String {
    format!("nxr_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// A new code that lets somebody choose another password.
pub(super) fn reset_code() -> String {
    format!("nxw_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// A new invite to the relay.
pub(super) fn invite_code() -> String {
    format!("nxi_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>()))
}

/// As a refresh token, an invite or a reset code is kept.
pub(super) fn hash(text: &str) -> [u8; 32] {
    *blake3::hash(text.as_bytes()).as_bytes()
}

/// Longer than any access token of ours.
const TOKEN_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    const USER: UserId = UserId([1; 32]);

    #[test]
    fn a_token_speaks_for_its_account_until_it_is_old() {
        let signer = Signer::new(&[7; 32]);
        let token = signer.sign(&USER, &[2; 16], 1_000).unwrap();
        assert_eq!(signer.read(&token, 1_000), Some((USER, [2; 16])));
        assert_eq!(signer.read(&token, 1_000 + ACCESS_S), None);
    }

    #[test]
    fn a_token_of_another_key_or_none_at_all_speaks_for_nobody() {
        let signer = Signer::new(&[7; 32]);
        let token = signer.sign(&USER, &[2; 16], 1_000).unwrap();
        assert_eq!(Signer::new(&[8; 32]).read(&token, 1_000), None);
        let (head, rest) = token.split_once('.').unwrap();
        let unsigned = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#),
            rest.split_once('.').unwrap().0
        );
        for wrong in ["", "a.b.c", head, &unsigned, &token[..token.len() - 1], &"x".repeat(10_000)] {
            assert_eq!(signer.read(wrong, 1_000), None);
        }
    }
}
