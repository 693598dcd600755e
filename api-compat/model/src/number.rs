//! Ids and permission sets on the wire.

use serde::{Deserialize, Deserializer};

/// An id or a permission set: a decimal number of up to 64 bits, sent as text or as a JSON number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Number(pub u64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a number of up to 64 bits, as text or as a number")]
        enum Either {
            Number(u64),
            Text(String),
        }
        match Either::deserialize(deserializer)? {
            Either::Number(number) => Ok(Self(number)),
            Either::Text(text) => {
                let wrong = || serde::de::Error::custom("not a decimal number of up to 64 bits");
                text.parse().map(Self).map_err(|_| wrong())
            }
        }
    }
}

/// Tells a field that is null (`Some(None)`) from one that is absent (`None`); for `deserialize_with`, beside `default`.
///
/// # Errors
/// Where the value has another type.
pub fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Deserialize::deserialize(deserializer).map(Some)
}

/// Takes null for absent, where Discord documents both; for `deserialize_with`, beside `default`.
///
/// # Errors
/// Where the value has another type.
pub fn null_as_absent<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_from_text_and_from_a_number_and_nothing_else() {
        let read = |json: &str| serde_json::from_str::<Number>(json).ok();
        assert_eq!(read("\"18446744073709551615\""), Some(Number(u64::MAX)));
        assert_eq!(read("7"), Some(Number(7)));
        for wrong in ["\"\"", "\"-1\"", "\"18446744073709551616\"", "-1", "1.5", "null", "[]", "\"7 \""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn null_and_absent_are_two_things() {
        #[derive(Deserialize)]
        struct Edit {
            #[serde(default, deserialize_with = "given")]
            topic: Option<Option<String>>,
        }
        let read = |json: &str| serde_json::from_str::<Edit>(json).map(|edit| edit.topic).unwrap();
        assert_eq!(read("{}"), None);
        assert_eq!(read("{\"topic\":null}"), Some(None));
        assert_eq!(read("{\"topic\":\"x\"}"), Some(Some(String::from("x"))));
    }
}
