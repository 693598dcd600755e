//! What people show of who they are elsewhere, and what applications know of them, as it is kept.

use super::{Records, Stored, ms};
use nexus_crdt::id::UserId;
use sqlx::Row as _;

/// Applications that may keep something of one account: beyond it what was kept first goes.
const KNOWN_MAX: i64 = 100;

impl Records {
    /// Sign-ins of an account: issuer, subject, and whether they are shown.
    pub(in super::super) async fn connections(&self, user: &UserId) -> Stored<Vec<(String, String, bool)>> {
        let rows = sqlx::query(
            "SELECT issuer, subject, shown FROM sign_in JOIN account ON account.id = sign_in.account \
             WHERE user_id = $1 ORDER BY issuer",
        )
        .bind(&user.0[..])
        .fetch_all(&self.pool)
        .await?;
        let mut all = Vec::new();
        for row in rows {
            all.push((row.try_get(0)?, row.try_get(1)?, row.try_get::<i64, _>(2)? != 0));
        }
        Ok(all)
    }

    /// Whether there is such a one.
    pub(in super::super) async fn show_connection(
        &self,
        account: i64,
        issuer: &str,
        shown: bool,
    ) -> Stored<bool> {
        let done = sqlx::query("UPDATE sign_in SET shown = $1 WHERE account = $2 AND issuer = $3")
            .bind(i64::from(shown))
            .bind(account)
            .bind(issuer)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    pub(in super::super) async fn client_metadata(&self, application: &UserId) -> Stored<Option<String>> {
        let row = sqlx::query("SELECT metadata FROM oauth_client WHERE application = $1")
            .bind(&application.0[..])
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?.flatten())
    }

    pub(in super::super) async fn set_client_metadata(&self, application: &UserId, json: &str) -> Stored<()> {
        sqlx::query(
            "INSERT INTO oauth_client (application, redirects, is_public, metadata) VALUES ($1, '', 0, $2) \
             ON CONFLICT (application) DO UPDATE SET metadata = $2",
        )
        .bind(&application.0[..])
        .bind(json)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub(in super::super) async fn known_by(
        &self,
        user: &UserId,
        application: &UserId,
    ) -> Stored<Option<String>> {
        let row = sqlx::query(
            "SELECT body FROM role_connection JOIN account ON account.id = role_connection.account \
             WHERE user_id = $1 AND application = $2",
        )
        .bind(&user.0[..])
        .bind(&application.0[..])
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    pub(in super::super) async fn set_known_by(
        &self,
        user: &UserId,
        application: &UserId,
        json: Option<&str>,
        now_ms: u64,
    ) -> Stored<()> {
        let mut transaction = self.write().await?;
        sqlx::query(
            "DELETE FROM role_connection WHERE application = $1 AND account IN (SELECT id FROM account WHERE user_id = $2)",
        )
        .bind(&application.0[..])
        .bind(&user.0[..])
        .execute(&mut *transaction)
        .await?;
        if let Some(json) = json {
            sqlx::query(
                "INSERT INTO role_connection (account, application, body, made_ms) \
                 SELECT id, $1, $2, $3 FROM account WHERE user_id = $4",
            )
            .bind(&application.0[..])
            .bind(json)
            .bind(ms(now_ms))
            .bind(&user.0[..])
            .execute(&mut *transaction)
            .await?;
            sqlx::query(
                "DELETE FROM role_connection WHERE account IN (SELECT id FROM account WHERE user_id = $1) \
                 AND application NOT IN (SELECT one.application FROM role_connection AS one \
                 WHERE one.account IN (SELECT id FROM account WHERE user_id = $1) \
                 ORDER BY one.made_ms DESC, one.application LIMIT $2)",
            )
            .bind(&user.0[..])
            .bind(KNOWN_MAX)
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }
}
