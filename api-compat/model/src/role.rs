//! A role to be made or edited.

use crate::Number;
use serde::Deserialize;

/// What a client sends of a role; what is absent stays as it is. See [Discord Docs/Guild/Modify Guild Role].
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Role {
    /// 0xRRGGBB; [`Self::colors`] stands above it.
    pub color: Option<u32>,
    /// The newer way to say it.
    pub colors: Option<RoleColors>,
    /// Shown apart in the member list.
    pub hoist: Option<bool>,
    /// Anyone may ping it.
    pub mentionable: Option<bool>,
    /// 1 to 100 characters.
    pub name: Option<String>,
    /// What it allows.
    pub permissions: Option<Number>,
}

/// A role's colours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(default)]
pub struct RoleColors {
    /// 0xRRGGBB.
    pub primary_color: Option<u32>,
}

impl Role {
    /// The one colour there is here.
    #[must_use]
    pub fn primary_color(&self) -> Option<u32> {
        self.colors.and_then(|colors| colors.primary_color).or(self.color)
    }
}
