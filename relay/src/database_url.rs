//! The URL of a PostgreSQL database.

use std::fmt;
use std::str::FromStr;

/// `postgres://USER:PASSWORD@HOST:PORT/NAME`, as PostgreSQL's own programs write it. Never printed, for a password may be in it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

/// A text that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not postgres://USER:PASSWORD@HOST:PORT/NAME")]
pub struct NoDatabase;

impl DatabaseUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = NoDatabase;

    fn from_str(text: &str) -> Result<Self, NoDatabase> {
        let url = url::Url::parse(text).map_err(|_| NoDatabase)?;
        let fits = matches!(url.scheme(), "postgres" | "postgresql");
        if fits { Ok(Self(text.to_owned())) } else { Err(NoDatabase) }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DatabaseUrl(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_by_its_url_which_is_never_printed() {
        for url in ["postgres://ann:horse@db.example/nexus", "postgresql:///nexus?host=/run/postgresql"] {
            let url: DatabaseUrl = url.parse().unwrap();
            assert_eq!(format!("{url:?}"), "DatabaseUrl(..)");
        }
        for none in ["", "accounts.sqlite", "sqlite://accounts.sqlite", "mysql://db.example/nexus"] {
            assert_eq!(none.parse::<DatabaseUrl>(), Err(NoDatabase), "{none}");
        }
    }
}
