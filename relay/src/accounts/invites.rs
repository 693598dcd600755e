//! Invites to the relay itself: who has one makes one account, where strangers make none.

use super::tokens;
use crate::{DatabaseUrl, OpenError};
use std::path::Path;
use std::time::Duration;

/// How long an invite opens the relay.
pub const INVITE_LASTS: Duration = Duration::from_hours(7 * 24);

/// Makes an invite to the relay of a data folder and, where its accounts are elsewhere, their database, whether it runs or not; its code, which is kept nowhere.
///
/// # Errors
/// [`OpenError`].
pub async fn make_invite(data: &Path, database: Option<&DatabaseUrl>) -> Result<String, OpenError> {
    let records = super::records::Records::open(data, database).await?;
    let code = tokens::invite_code();
    let now_ms = super::now_ms();
    let lasts_ms = u64::try_from(INVITE_LASTS.as_millis()).unwrap_or(u64::MAX);
    let made = records.keep_invite(&tokens::hash(&code), now_ms, now_ms.saturating_add(lasts_ms)).await;
    records.close().await;
    made?;
    Ok(code)
}
