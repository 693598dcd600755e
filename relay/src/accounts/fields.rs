//! What somebody writes into a form, parsed.

use std::fmt;

/// 2 to 32 of `a-z`, `0-9`, dot and underscore, no two dots in a row: Discord's rule for names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Username(String);

/// Something with one `@` and no blanks, up to 254 bytes (RFC 5321, 4.5.3.1.3). Whether it is theirs, only a mail would tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Email(String);

impl Username {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let name = text.trim().to_lowercase();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte);
        let fits = (2..=32).contains(&name.len()) && name.bytes().all(plain) && !name.contains("..");
        fits.then_some(Self(name))
    }

    /// The nearest to what somebody is called elsewhere; none where nothing of it can stay.
    pub(super) fn near(text: &str) -> Option<Self> {
        let kept = |letter: &char| letter.is_ascii_alphanumeric() || *letter == '_';
        Self::parse(&text.chars().filter(kept).take(32).collect::<String>())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Email {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let email = text.trim().to_lowercase();
        let (local, domain) = email.rsplit_once('@')?;
        let fits = !local.is_empty()
            && local.len() <= 64
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && email.len() <= 254
            && !email.contains(|c: char| c.is_whitespace() || c.is_control());
        fits.then_some(Self(email))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_lower_case_and_plain() {
        assert_eq!(Username::parse(" Ann.B_9 ").unwrap().as_str(), "ann.b_9");
        for none in ["", "a", "a b", "a..b", "ann!", "\u{e4}nn", "ann\u{200b}", &"a".repeat(33)] {
            assert_eq!(Username::parse(none), None, "{none}");
        }
    }

    #[test]
    fn a_name_from_elsewhere_is_made_one_where_it_can_be() {
        assert_eq!(Username::near("Ada-Lovelace 1").unwrap().as_str(), "adalovelace1");
        assert_eq!(Username::near(&"x".repeat(99)).unwrap().as_str(), "x".repeat(32));
        assert_eq!(Username::near("\u{e4}"), None);
    }

    #[test]
    fn an_address_has_one_place_to_go_to() {
        assert_eq!(Email::parse("Ann@Example.org").unwrap().as_str(), "ann@example.org");
        for none in ["", "ann", "@example.org", "ann@org", "ann@.org", "a b@example.org", "a\n@example.org"] {
            assert_eq!(Email::parse(none), None, "{none}");
        }
        assert_eq!(Email::parse(&format!("{}@example.org", "a".repeat(65))), None);
    }
}
