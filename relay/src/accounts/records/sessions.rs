//! Sessions: who is logged in, and what is forgotten in time.

use super::{Records, Secret, Stored, bytes, ms, oauth};
use nexus_api::ports::SessionFacts;
use sqlx::Row as _;

/// A session whose refresh token was not used for so long goes on no more, ms: 90 days.
const IDLE_MS: u64 = 90 * 24 * 3_600_000;
/// How long an ended session, and a used token of one that goes on, are remembered, ms: 30 days. A stolen token that comes
/// later than that is merely unknown.
const REMEMBERED_MS: u64 = 30 * 24 * 3_600_000;

impl Records {
    /// An account's sessions that go on, the latest used first; at most 100.
    pub(in super::super) async fn sessions(&self, account: i64) -> Stored<Vec<SessionFacts>> {
        let rows = sqlx::query(
            "SELECT session.id, session.begun_ms, MAX(refresh_token.made_ms) AS used_ms FROM session \
             JOIN refresh_token ON refresh_token.session = session.id \
             WHERE session.account = $1 AND session.ended_ms IS NULL \
             GROUP BY session.id ORDER BY used_ms DESC, session.id LIMIT 100",
        )
        .bind(account)
        .fetch_all(&self.pool)
        .await?;
        let time = |at: i64| u64::try_from(at).unwrap_or(0);
        let mut sessions = Vec::new();
        for row in rows {
            if let Some(id) = bytes(&row, 0)? {
                let (begun_ms, used_ms) = (time(row.try_get(1)?), time(row.try_get(2)?));
                sessions.push(SessionFacts { id, begun_ms, used_ms, current: false });
            }
        }
        Ok(sessions)
    }

    /// Another password in place of the one that was shown; every session but one ends, and what applications were let do. Gives those that did; none where the account
    /// has another one by now.
    pub(in super::super) async fn change_password(
        &self,
        account: i64,
        shown: &Secret,
        secret: &Secret,
        but: &[u8; 16],
        now_ms: u64,
    ) -> Stored<Option<Vec<[u8; 16]>>> {
        let mut transaction = self.write().await?;
        let changed = sqlx::query(
            "UPDATE account SET salt = $1, hash = $2, has_password = 1 WHERE id = $3 AND hash = $4",
        )
        .bind(&secret.salt[..])
        .bind(&secret.hash[..])
        .bind(account)
        .bind(&shown.hash[..])
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(None);
        }
        let rows = sqlx::query(
            "UPDATE session SET ended_ms = $1 WHERE account = $2 AND id <> $3 AND ended_ms IS NULL RETURNING id",
        )
        .bind(ms(now_ms))
        .bind(account)
        .bind(&but[..])
        .fetch_all(&mut *transaction)
        .await?;
        oauth::end_all(&mut transaction, account).await?;
        // A mail that was asked for before is about the old one.
        sqlx::query("DELETE FROM reset_code WHERE account = $1")
            .bind(account)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        let mut ended = Vec::new();
        for row in rows {
            ended.extend(bytes(&row, 0)?);
        }
        Ok(Some(ended))
    }

    /// The account and whatever hangs on it goes. Gives its sessions.
    pub(in super::super) async fn erase(&self, account: i64) -> Stored<Vec<[u8; 16]>> {
        let mut transaction = self.write().await?;
        let rows = sqlx::query("DELETE FROM session WHERE account = $1 RETURNING id")
            .bind(account)
            .fetch_all(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM account WHERE id = $1").bind(account).execute(&mut *transaction).await?;
        transaction.commit().await?;
        let mut sessions = Vec::new();
        for row in rows {
            sessions.extend(bytes(&row, 0)?);
        }
        Ok(sessions)
    }

    /// Forgets sessions that are long over, tokens that were used long ago, invites and reset codes that open nothing.
    pub(in super::super) async fn forget(&self, now_ms: u64) -> Stored<()> {
        let (idle, remembered) = (now_ms.saturating_sub(IDLE_MS), now_ms.saturating_sub(REMEMBERED_MS));
        let mut transaction = self.write().await?;
        let idle_sessions = "DELETE FROM session WHERE NOT EXISTS \
             (SELECT 1 FROM refresh_token WHERE refresh_token.session = session.id AND refresh_token.made_ms >= $1)";
        for (sql, before) in [
            ("DELETE FROM session WHERE ended_ms < $1", remembered),
            ("DELETE FROM refresh_token WHERE used_ms < $1", remembered),
            (idle_sessions, idle),
            ("DELETE FROM relay_invite WHERE expires_ms < $1", remembered),
            ("DELETE FROM reset_code WHERE expires_ms < $1", now_ms),
        ] {
            sqlx::query(sql).bind(ms(before)).execute(&mut *transaction).await?;
        }
        oauth::forget(&mut transaction, now_ms).await?;
        Ok(transaction.commit().await?)
    }

    /// An invite to this relay.
    pub(in super::super) async fn keep_invite(
        &self,
        hash: &[u8; 32],
        now_ms: u64,
        expires_ms: u64,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO relay_invite (hash, made_ms, expires_ms) VALUES ($1, $2, $3)")
            .bind(&hash[..])
            .bind(ms(now_ms))
            .bind(ms(expires_ms))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
