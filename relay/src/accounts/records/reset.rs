//! Codes that let somebody choose another password, as they are kept.

use super::{Records, Secret, Stored, bytes, ms, oauth};
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Whom a mail goes to.
pub(in super::super) struct Addressee {
    pub(in super::super) account: i64,
    pub(in super::super) username: String,
    pub(in super::super) email: String,
}

/// Accounts of one address that a mail is sent for.
const OF_ADDRESS_MAX: i64 = 5;

impl Records {
    /// Accounts by name or address, as far as they have one.
    pub(in super::super) async fn addressees(&self, login: &str) -> Stored<Vec<Addressee>> {
        let rows = sqlx::query(
            "SELECT id, username, email FROM account \
             WHERE (username = $1 OR email = $1) AND email IS NOT NULL AND user_id IS NOT NULL ORDER BY id LIMIT $2",
        )
        .bind(login)
        .bind(OF_ADDRESS_MAX)
        .fetch_all(&self.pool)
        .await?;
        let of = |row: AnyRow| {
            Ok(Addressee { account: row.try_get(0)?, username: row.try_get(1)?, email: row.try_get(2)? })
        };
        Ok(rows.into_iter().map(of).collect::<Result<_, sqlx::Error>>()?)
    }

    /// A code; the one before it opens nothing any more.
    pub(in super::super) async fn keep_reset(
        &self,
        account: i64,
        hash: &[u8; 32],
        expires_ms: u64,
    ) -> Stored<()> {
        sqlx::query(
            "INSERT INTO reset_code (account, hash, expires_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (account) DO UPDATE SET hash = $2, expires_ms = $3",
        )
        .bind(account)
        .bind(&hash[..])
        .bind(ms(expires_ms))
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether a code is good.
    pub(in super::super) async fn is_reset(&self, hash: &[u8; 32], now_ms: u64) -> Stored<bool> {
        let row = sqlx::query("SELECT 1 FROM reset_code WHERE hash = $1 AND expires_ms > $2")
            .bind(&hash[..])
            .bind(ms(now_ms))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// Uses a code up: another password, and every session ends. Gives those that did; none where the code is not good.
    pub(in super::super) async fn reset(
        &self,
        hash: &[u8; 32],
        secret: &Secret,
        now_ms: u64,
    ) -> Stored<Option<Vec<[u8; 16]>>> {
        let mut transaction = self.write().await?;
        let used =
            sqlx::query("DELETE FROM reset_code WHERE hash = $1 AND expires_ms > $2 RETURNING account")
                .bind(&hash[..])
                .bind(ms(now_ms))
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(used) = used else { return Ok(None) };
        let account: i64 = used.try_get(0)?;
        sqlx::query("UPDATE account SET salt = $1, hash = $2, has_password = 1 WHERE id = $3")
            .bind(&secret.salt[..])
            .bind(&secret.hash[..])
            .bind(account)
            .execute(&mut *transaction)
            .await?;
        oauth::end_all(&mut transaction, account).await?;
        let rows = sqlx::query(
            "UPDATE session SET ended_ms = $1 WHERE account = $2 AND ended_ms IS NULL RETURNING id",
        )
        .bind(ms(now_ms))
        .bind(account)
        .fetch_all(&mut *transaction)
        .await?;
        transaction.commit().await?;
        let mut ended = Vec::new();
        for row in rows {
            ended.extend(bytes(&row, 0)?);
        }
        Ok(Some(ended))
    }
}
