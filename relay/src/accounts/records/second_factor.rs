//! Second factors and recovery codes, as they are kept.

use super::{Records, Stored, bytes, ms};
use nexus_crdt::id::UserId;
use sqlx::{AnyConnection, Row as _};

impl Records {
    /// The sealed secret of an account's second factor, where it has one.
    pub(in super::super) async fn second_factor(&self, account: i64) -> Stored<Option<Vec<u8>>> {
        let row = sqlx::query("SELECT sealed FROM second_factor WHERE account = $1")
            .bind(account)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Whose accounts have one.
    pub(in super::super) async fn with_second_factor(&self) -> Result<Vec<UserId>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT account.user_id FROM second_factor JOIN account ON account.id = second_factor.account",
        )
        .fetch_all(&self.pool)
        .await?;
        let mut users = Vec::new();
        for row in rows {
            users.extend(bytes(&row, 0)?.map(UserId));
        }
        Ok(users)
    }

    /// A second factor with its recovery codes; not where there is one.
    pub(in super::super) async fn keep_second_factor(
        &self,
        account: i64,
        sealed: &[u8],
        step: u64,
        codes: &[[u8; 32]],
        now_ms: u64,
    ) -> Stored<bool> {
        let mut transaction = self.write().await?;
        let kept = sqlx::query(
            "INSERT INTO second_factor (account, sealed, last_step, made_ms) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (account) DO NOTHING",
        )
        .bind(account)
        .bind(sealed)
        .bind(ms(step))
        .bind(ms(now_ms))
        .execute(&mut *transaction)
        .await?;
        if kept.rows_affected() == 0 {
            return Ok(false);
        }
        replace_codes(&mut transaction, account, codes).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Other recovery codes in place of those there were.
    pub(in super::super) async fn renew_codes(&self, account: i64, codes: &[[u8; 32]]) -> Stored<()> {
        let mut transaction = self.write().await?;
        replace_codes(&mut transaction, account, codes).await?;
        Ok(transaction.commit().await?)
    }

    /// Uses a step up. One statement decides who of two is first.
    pub(in super::super) async fn use_step(&self, account: i64, step: u64) -> Stored<bool> {
        let used =
            sqlx::query("UPDATE second_factor SET last_step = $1 WHERE account = $2 AND last_step < $1")
                .bind(ms(step))
                .bind(account)
                .execute(&self.pool)
                .await?;
        Ok(used.rows_affected() == 1)
    }

    /// Uses a recovery code up. One statement decides who of two is first.
    pub(in super::super) async fn use_code(
        &self,
        account: i64,
        hash: &[u8; 32],
        now_ms: u64,
    ) -> Stored<bool> {
        let used = sqlx::query(
            "UPDATE recovery_code SET used_ms = $1 WHERE hash = $2 AND account = $3 AND used_ms IS NULL",
        )
        .bind(ms(now_ms))
        .bind(&hash[..])
        .bind(account)
        .execute(&self.pool)
        .await?;
        Ok(used.rows_affected() == 1)
    }

    /// The second factor goes, and its recovery codes.
    pub(in super::super) async fn drop_second_factor(&self, account: i64) -> Stored<()> {
        let mut transaction = self.write().await?;
        sqlx::query("DELETE FROM second_factor WHERE account = $1")
            .bind(account)
            .execute(&mut *transaction)
            .await?;
        replace_codes(&mut transaction, account, &[]).await?;
        Ok(transaction.commit().await?)
    }

    /// An account's e-mail address, and its recovery codes that are left.
    pub(in super::super) async fn facts(&self, account: i64) -> Stored<(Option<String>, u64)> {
        let row = sqlx::query(
            "SELECT email, (SELECT COUNT(*) FROM recovery_code \
             WHERE recovery_code.account = account.id AND used_ms IS NULL) FROM account WHERE id = $1",
        )
        .bind(account)
        .fetch_one(&self.pool)
        .await?;
        Ok((row.try_get(0)?, u64::try_from(row.try_get::<i64, _>(1)?).unwrap_or(0)))
    }
}

async fn replace_codes(
    connection: &mut AnyConnection,
    account: i64,
    codes: &[[u8; 32]],
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM recovery_code WHERE account = $1")
        .bind(account)
        .execute(&mut *connection)
        .await?;
    for code in codes {
        sqlx::query("INSERT INTO recovery_code (hash, account) VALUES ($1, $2)")
            .bind(&code[..])
            .bind(account)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
