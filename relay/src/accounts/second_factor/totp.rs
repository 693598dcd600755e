//! Codes of an authenticator: TOTP, RFC 6238, with SHA-1, six digits and 30 s, which is what all of them speak.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// How long a code is shown, ms.
const STEP_MS: u64 = 30_000;
/// Digits of a code.
const DIGITS: usize = 6;
/// Bytes of a secret: at least 128 bits (RFC 4226, 4, R6).
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 16..=64;

/// A secret shared with an authenticator. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub(in super::super) struct Shared(Vec<u8>);

impl Shared {
    /// From base32 (RFC 4648, 6), as authenticators show it: blanks, case and padding do not matter.
    pub(in super::super) fn parse(text: &str) -> Option<Self> {
        let mut bytes = Vec::new();
        let (mut held, mut bits) = (0_u32, 0_u32);
        for letter in text.bytes().filter(|letter| !letter.is_ascii_whitespace() && *letter != b'=') {
            let value = match letter.to_ascii_uppercase() {
                letter @ b'A'..=b'Z' => letter - b'A',
                digit @ b'2'..=b'7' => digit - b'2' + 26,
                _ => return None,
            };
            held = (held << 5 | u32::from(value)) & 0xfff;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes.push(u8::try_from(held >> bits & 0xff).ok()?);
            }
            if bytes.len() > *SECRET_BYTES.end() {
                return None;
            }
        }
        Self::from_bytes(bytes)
    }

    pub(super) fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        SECRET_BYTES.contains(&bytes.len()).then_some(Self(bytes))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The step whose code this is: the present one, or one beside it, for clocks differ (RFC 6238, 5.2).
    pub(super) fn step_of(&self, code: &str, now_ms: u64) -> Option<u64> {
        let now = now_ms / STEP_MS;
        let steps = [now, now.saturating_sub(1), now + 1];
        steps.into_iter().find(|step| self.code(*step).is_some_and(|shown| shown == code))
    }

    /// HOTP of a step (RFC 4226, 5.3).
    fn code(&self, step: u64) -> Option<String> {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).ok()?;
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest.last()? & 0xf);
        let [a, b, c, d] = *digest.get(offset..offset + 4)? else { return None };
        let number = u32::from_be_bytes([a & 0x7f, b, c, d]) % 10_u32.pow(DIGITS as u32);
        Some(format!("{number:0DIGITS$}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1: Unix seconds, and the last six of its eight digits.
    const VECTORS: [(u64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn shared() -> Shared {
        Shared::parse("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap()
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        assert_eq!(shared().bytes(), b"12345678901234567890");
        for (second, code) in VECTORS {
            assert_eq!(shared().code(second / 30).as_deref(), Some(code), "{second}");
        }
    }

    #[test]
    fn a_code_is_good_for_its_step_and_the_two_beside_it() {
        let at = |second: u64| shared().step_of("050471", second * 1_000);
        let step = Some(1_111_111_111 / 30);
        for (second, found) in
            [(1_111_111_111, step), (1_111_111_141, step), (1_111_111_081, step), (1_111_111_201, None)]
        {
            assert_eq!(at(second), found, "{second}");
        }
        assert_eq!(shared().step_of("", 0), None);
    }

    #[test]
    fn a_secret_is_read_as_people_copy_it_and_short_ones_are_none() {
        let copied = Shared::parse("gezd gnbv gy3t qojq gezd gnbv gy3t qojq====");
        assert!(copied == Some(shared()));
        for none in ["", "GEZDGNBVGY3TQOJQ", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", &"A".repeat(200)] {
            assert!(Shared::parse(none).is_none(), "{none}");
        }
    }
}
