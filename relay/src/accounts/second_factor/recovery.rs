//! Recovery codes: for who has lost their authenticator. Shown once, kept as keyed hashes, each good once.

/// Codes that are given at a time, as on Discord.
pub(super) const CODES: usize = 10;
/// Letters of a code: 50 bits, beside a password and a limit of tries.
const LETTERS: usize = 10;
/// Crockford's base32: none looks like another.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// New codes, as they are shown: `xxxxx-xxxxx`.
pub(super) fn make() -> Vec<String> {
    (0..CODES).map(|_| one(rand::random())).collect()
}

fn one(random: [u8; LETTERS]) -> String {
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte & 31)]);
    let (front, back) = random.split_at(LETTERS / 2);
    let word = |bytes: &[u8]| bytes.iter().map(letter).collect::<String>();
    format!("{}-{}", word(front), word(back))
}

/// As it is kept; none where it cannot be a code.
pub(super) fn hash(key: &[u8; 32], account: i64, typed: &str) -> Option<[u8; 32]> {
    let mut letters = [0; LETTERS];
    let mut typed = typed.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'-');
    for letter in &mut letters {
        *letter = typed.next()?.to_ascii_lowercase();
    }
    if typed.next().is_some() {
        return None;
    }
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(&account.to_be_bytes()).update(&letters);
    Some(*hasher.finalize().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it_and_is_its_accounts_alone() {
        let kept = hash(&[7; 32], 1, &one([5; LETTERS]));
        assert!(kept.is_some());
        assert_eq!(hash(&[7; 32], 1, " 5555 555555 "), kept);
        assert_eq!(hash(&[7; 32], 1, "55555-5555"), None);
        assert_eq!(hash(&[7; 32], 1, "55555-555555"), None);
        assert_ne!(hash(&[7; 32], 2, "55555-55555"), kept);
        assert_ne!(hash(&[8; 32], 1, "55555-55555"), kept);
    }

    #[test]
    fn codes_differ() {
        let codes: std::collections::BTreeSet<String> = make().into_iter().collect();
        assert_eq!(codes.len(), CODES);
        assert!(codes.iter().all(|code| code.len() == LETTERS + 1));
    }
}
