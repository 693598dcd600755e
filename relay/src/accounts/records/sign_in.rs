//! Who signs in elsewhere, as it is kept.

use super::{Found, Records, Stored, found, ms};
use crate::sign_in::Elsewhere;
use sqlx::{AnyConnection, Row as _};

/// What came of taking a way in away.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Unlinked {
    Done,
    /// There is no such way in.
    NotThere,
    /// Nobody could come in any more.
    Last,
}

impl Records {
    pub(in super::super) async fn by_elsewhere(&self, known: &Elsewhere) -> Stored<Option<Found>> {
        let row = sqlx::query(
            "SELECT account.id, username, salt, hash, user_id, account.made_ms FROM account \
             JOIN sign_in ON sign_in.account = account.id WHERE issuer = $1 AND subject = $2",
        )
        .bind(&known.issuer)
        .bind(&known.subject)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.as_ref().map(found).transpose()?)
    }

    /// Another way in; not where it is somebody's, or the account has one at that provider.
    pub(in super::super) async fn link(&self, account: i64, known: &Elsewhere, now_ms: u64) -> Stored<bool> {
        let mut transaction = self.write().await?;
        let linked = note(&mut transaction, account, known, now_ms).await?;
        transaction.commit().await?;
        Ok(linked)
    }

    /// Whether an account has a password, and at whom else it signs in.
    pub(in super::super) async fn ways_in(&self, account: i64) -> Stored<(bool, Vec<String>)> {
        let mut connection = self.pool.acquire().await?;
        Ok(ways_in(&mut connection, account).await?)
    }

    /// A way in goes, where a password or one of those that are open is left.
    pub(in super::super) async fn unlink(
        &self,
        account: i64,
        issuer: &str,
        open: &[&str],
    ) -> Stored<Unlinked> {
        let mut transaction = self.write().await?;
        let (password, issuers) = ways_in(&mut transaction, account).await?;
        if !issuers.iter().any(|known| known == issuer) {
            return Ok(Unlinked::NotThere);
        }
        let left = issuers.iter().any(|known| known != issuer && open.contains(&known.as_str()));
        if !password && !left {
            return Ok(Unlinked::Last);
        }
        sqlx::query("DELETE FROM sign_in WHERE account = $1 AND issuer = $2")
            .bind(account)
            .bind(issuer)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Unlinked::Done)
    }
}

/// One statement decides who of two is first.
pub(super) async fn note(
    connection: &mut AnyConnection,
    account: i64,
    known: &Elsewhere,
    now_ms: u64,
) -> Result<bool, sqlx::Error> {
    let noted = sqlx::query(
        "INSERT INTO sign_in (issuer, subject, account, made_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(&known.issuer)
    .bind(&known.subject)
    .bind(account)
    .bind(ms(now_ms))
    .execute(connection)
    .await?;
    Ok(noted.rows_affected() == 1)
}

async fn ways_in(connection: &mut AnyConnection, account: i64) -> Result<(bool, Vec<String>), sqlx::Error> {
    let row = sqlx::query("SELECT has_password FROM account WHERE id = $1")
        .bind(account)
        .fetch_one(&mut *connection)
        .await?;
    let rows = sqlx::query("SELECT issuer FROM sign_in WHERE account = $1 ORDER BY issuer")
        .bind(account)
        .fetch_all(&mut *connection)
        .await?;
    let issuers = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    Ok((row.try_get::<i64, _>(0)? != 0, issuers))
}
