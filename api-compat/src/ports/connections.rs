//! What the window asks of a program that knows who people are elsewhere, and what applications know of them.

use super::oauth::OAuthRefusal;
use super::{Later, Spoken};
use nexus_crdt::id::UserId;

/// Who people are elsewhere, as far as they show it; and what applications keep with the relay about them.
pub trait Connections: Send + Sync + 'static {
    /// Whom somebody signs in as at services that Discord knows, shown or not.
    fn connections(&self, user: UserId) -> Later<'_, Result<Vec<Connection>, OAuthRefusal>>;

    /// Whether one of them is shown to applications that may see it; whether there is such a one.
    fn show(&self, _: Spoken, service: String, shown: bool) -> Later<'_, Result<bool, OAuthRefusal>>;

    /// What an application says that it knows of people (JSON); none: nothing.
    fn metadata(&self, application: UserId) -> Later<'_, Result<Option<String>, OAuthRefusal>>;

    /// Says something else.
    fn set_metadata(&self, application: UserId, json: String) -> Later<'_, Result<(), OAuthRefusal>>;

    /// What an application knows of somebody (JSON).
    fn known(&self, user: UserId, application: UserId) -> Later<'_, Result<Option<String>, OAuthRefusal>>;

    /// Something else; none: nothing any more.
    fn set_known(
        &self,
        user: UserId,
        application: UserId,
        json: Option<String>,
    ) -> Later<'_, Result<(), OAuthRefusal>>;
}

/// An account somewhere else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Connection {
    /// Discord's word for where.
    pub service: &'static str,
    /// Who there.
    pub id: String,
    /// Whether they show it.
    pub shown: bool,
}
