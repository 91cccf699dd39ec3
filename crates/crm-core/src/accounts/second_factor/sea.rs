//! [`SecondFactors`] on the database.

use async_trait::async_trait;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use secrecy::ExposeSecret as _;

use super::super::{AccountsError, Result, create_user, sessions};
use super::{Enrolment, FactorState, RECOVERY_CODES, SETUP_LIFETIME, SecondFactors, totp};
use crate::entity::{recovery_codes, second_factors};
use crate::sealed::{ResealError, SealedStore};
use crate::{Actor, AuditEvent, Context, System, Tx, UserId, Vault, token};

const SYSTEM: System = System::task("second factors");

/// [`SecondFactors`] on the database.
#[derive(Clone)]
pub struct SeaSecondFactors {
    ctx: Context,
    vault: Vault,
}

impl SeaSecondFactors {
    /// Second factors whose secrets `vault` seals.
    pub fn new(ctx: Context, vault: Vault) -> Self {
        Self { ctx, vault }
    }

    async fn row(&self, user_id: UserId) -> Result<Option<second_factors::Model>> {
        let select = second_factors::Entity::find_by_id(user_id);
        Ok(self.ctx.db.everywhere(SYSTEM, select).await?.pop())
    }

    /// The one that is being set up, while there is time left for it.
    async fn unconfirmed(&self, user_id: UserId) -> Result<Option<second_factors::Model>> {
        let now = self.ctx.now();
        Ok(self
            .row(user_id)
            .await?
            .filter(|row| row.confirmed_at.is_none() && now.since(row.created_at) < SETUP_LIFETIME))
    }

    async fn email(&self, user_id: UserId) -> Result<String> {
        let select = crate::entity::users::Entity::find_by_id(user_id);
        let row = self.ctx.db.everywhere(SYSTEM, select).await?.pop();
        Ok(row.map(create_user::user).ok_or(AccountsError::UnknownUser)?.email)
    }

    /// A secret sealed with the key of the moment, where it is not.
    async fn reseal_one(
        &self,
        tx: &Tx,
        row: second_factors::Model,
    ) -> std::result::Result<u64, ResealError> {
        let what = || ResealError::Unsealable(format!("the second factor of user {}", row.user_id));
        let renewed = self.vault.renew(&place(row.user_id), &row.secret).map_err(|_| what())?;
        let Some(secret) = renewed else { return Ok(0) };
        let update = second_factors::Entity::update_many()
            .col_expr(second_factors::Column::Secret, Expr::value(secret))
            .filter(second_factors::Column::UserId.eq(row.user_id));
        Ok(tx.update_everywhere(SYSTEM, update).await?)
    }

    fn open(&self, row: &second_factors::Model) -> Result<secrecy::SecretString> {
        Ok(self.vault.open(&place(row.user_id), &row.secret)?)
    }

    async fn enrolment(&self, user_id: UserId, secret: &str) -> Result<Enrolment> {
        let address = totp::address(secret, &self.email(user_id).await?);
        Ok(Enrolment { secret: secret.to_owned().into(), address: address.into() })
    }

    /// Writes new recovery codes in place of the old ones; returns them.
    async fn write_recovery_codes(&self, tx: &Tx, user_id: UserId) -> Result<Vec<String>> {
        let delete = recovery_codes::Entity::delete_many()
            .filter(recovery_codes::Column::UserId.eq(user_id));
        tx.delete_everywhere(SYSTEM, delete).await?;
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            // Four groups of four out of 32 characters: 80 bits, too many to try even with the hashes in hand.
            let code = token::readable_code(4);
            let row = recovery_codes::ActiveModel {
                code_hash: Set(recovery_hash(user_id, &code)),
                user_id: Set(user_id),
                created_at: Set(self.ctx.now()),
                used_at: Set(None),
            };
            tx.insert_system(SYSTEM, row).await?;
            codes.push(code);
        }
        Ok(codes)
    }

    /// Marks a recovery code as used; of several transactions that try, one succeeds.
    async fn use_recovery_code(&self, tx: &Tx, user_id: UserId, code: &str) -> Result<bool> {
        let update = recovery_codes::Entity::update_many()
            .col_expr(recovery_codes::Column::UsedAt, Expr::value(self.ctx.now()))
            .filter(recovery_codes::Column::CodeHash.eq(recovery_hash(user_id, code)))
            .filter(recovery_codes::Column::UserId.eq(user_id))
            .filter(recovery_codes::Column::UsedAt.is_null());
        Ok(tx.update_everywhere(SYSTEM, update).await? == 1)
    }

    /// Notes the step of a code as used; of several transactions that try, one succeeds.
    async fn use_step(&self, tx: &Tx, user_id: UserId, step: i64) -> Result<bool> {
        let fresh = second_factors::Column::LastUsedStep
            .is_null()
            .or(second_factors::Column::LastUsedStep.lt(step));
        let update = second_factors::Entity::update_many()
            .col_expr(second_factors::Column::LastUsedStep, Expr::value(step))
            .filter(second_factors::Column::UserId.eq(user_id))
            .filter(fresh);
        Ok(tx.update_everywhere(SYSTEM, update).await? == 1)
    }
}

/// Where a secret is sealed: it opens in this row and field only.
fn place(user_id: UserId) -> String {
    format!("second_factors/{user_id}/secret")
}

/// Codes are read aloud and copied by hand: case, dashes and spaces do not matter.
fn recovery_hash(user_id: UserId, code: &str) -> String {
    token::hash(&format!("recovery code {user_id} {}", plain(code)))
}

fn plain(code: &str) -> String {
    code.chars().filter(|c| !matches!(c, '-' | ' ')).collect::<String>().to_uppercase()
}

#[async_trait]
impl SealedStore for SeaSecondFactors {
    async fn reseal(&self, tx: &Tx) -> std::result::Result<u64, ResealError> {
        let mut resealed = 0;
        for row in tx.everywhere(SYSTEM, second_factors::Entity::find()).await? {
            resealed += self.reseal_one(tx, row).await?;
        }
        Ok(resealed)
    }
}

#[async_trait]
impl SecondFactors for SeaSecondFactors {
    async fn state(&self, user_id: UserId) -> Result<Option<FactorState>> {
        let Some(confirmed_at) = self.row(user_id).await?.and_then(|row| row.confirmed_at) else {
            return Ok(None);
        };
        let select = recovery_codes::Entity::find()
            .filter(recovery_codes::Column::UserId.eq(user_id))
            .filter(recovery_codes::Column::UsedAt.is_null());
        let left = self.ctx.db.everywhere(SYSTEM, select).await?.len();
        Ok(Some(FactorState {
            confirmed_at,
            recovery_codes_left: u64::try_from(left).unwrap_or_default(),
        }))
    }

    async fn begin(&self, actor: &Actor, user_id: UserId) -> Result<Enrolment> {
        let secret = totp::new_secret();
        let shown = self.enrolment(user_id, &secret).await?;
        let row = second_factors::ActiveModel {
            user_id: Set(user_id),
            secret: Set(self.vault.seal(&place(user_id), &secret)?),
            created_at: Set(self.ctx.now()),
            confirmed_at: Set(None),
            last_used_step: Set(None),
        };
        let tx = self.ctx.db.begin().await?;
        sessions::hold(&tx, user_id).await?;
        // One that is confirmed stays: it is taken away first.
        let select = second_factors::Entity::find_by_id(user_id);
        if tx.everywhere(SYSTEM, select).await?.iter().any(|row| row.confirmed_at.is_some()) {
            return Err(AccountsError::FactorExists);
        }
        let delete = second_factors::Entity::delete_many()
            .filter(second_factors::Column::UserId.eq(user_id));
        tx.delete_everywhere(SYSTEM, delete).await?;
        tx.insert_system(SYSTEM, row).await?;
        let event = AuditEvent::new("second_factor.begun", "user", user_id);
        self.ctx.audit.record(&tx, None, actor, event).await?;
        tx.commit().await?;
        Ok(shown)
    }

    async fn begun(&self, user_id: UserId) -> Result<Option<Enrolment>> {
        let Some(row) = self.unconfirmed(user_id).await? else { return Ok(None) };
        let secret = self.open(&row)?;
        Ok(Some(self.enrolment(user_id, secret.expose_secret()).await?))
    }

    async fn confirm(&self, actor: &Actor, user_id: UserId, code: &str) -> Result<Vec<String>> {
        let row = self.unconfirmed(user_id).await?.ok_or(AccountsError::NoFactor)?;
        let secret = self.open(&row)?;
        let now = self.ctx.now();
        let step = totp::matching_step(secret.expose_secret(), &plain(code), now, None);
        let step = step.ok_or(AccountsError::WrongCode)?;
        let tx = self.ctx.db.begin().await?;
        sessions::hold(&tx, user_id).await?;
        let update = second_factors::Entity::update_many()
            .col_expr(second_factors::Column::ConfirmedAt, Expr::value(now))
            .col_expr(second_factors::Column::LastUsedStep, Expr::value(step))
            .filter(second_factors::Column::UserId.eq(user_id))
            .filter(second_factors::Column::Secret.eq(&row.secret))
            .filter(second_factors::Column::ConfirmedAt.is_null());
        if tx.update_everywhere(SYSTEM, update).await? != 1 {
            return Err(AccountsError::NoFactor);
        }
        let codes = self.write_recovery_codes(&tx, user_id).await?;
        let event = AuditEvent::new("second_factor.enabled", "user", user_id);
        self.ctx.audit.record(&tx, None, actor, event).await?;
        tx.commit().await?;
        Ok(codes)
    }

    async fn verify(&self, actor: &Actor, user_id: UserId, code: &str) -> Result<()> {
        let row = self.row(user_id).await?.filter(|row| row.confirmed_at.is_some());
        let row = row.ok_or(AccountsError::NoFactor)?;
        let secret = self.open(&row)?;
        let typed = plain(code);
        let now = self.ctx.now();
        let step = totp::matching_step(secret.expose_secret(), &typed, now, row.last_used_step);
        let tx = self.ctx.db.begin().await?;
        let (right, event) = match step {
            Some(step) => (self.use_step(&tx, user_id, step).await?, "second_factor.used"),
            None => (self.use_recovery_code(&tx, user_id, &typed).await?, "recovery_code.used"),
        };
        if !right {
            return Err(AccountsError::WrongCode);
        }
        let event = AuditEvent::new(event, "user", user_id);
        self.ctx.audit.record(&tx, None, actor, event).await?;
        Ok(tx.commit().await?)
    }

    async fn renew_recovery_codes(&self, actor: &Actor, user_id: UserId) -> Result<Vec<String>> {
        let tx = self.ctx.db.begin().await?;
        sessions::hold(&tx, user_id).await?;
        let select = second_factors::Entity::find_by_id(user_id)
            .filter(second_factors::Column::ConfirmedAt.is_not_null());
        if tx.everywhere(SYSTEM, select).await?.is_empty() {
            return Err(AccountsError::NoFactor);
        }
        let codes = self.write_recovery_codes(&tx, user_id).await?;
        let event = AuditEvent::new("recovery_codes.renewed", "user", user_id);
        self.ctx.audit.record(&tx, None, actor, event).await?;
        tx.commit().await?;
        Ok(codes)
    }

    async fn disable(&self, actor: &Actor, user_id: UserId) -> Result<()> {
        let tx = self.ctx.db.begin().await?;
        sessions::hold(&tx, user_id).await?;
        let delete = second_factors::Entity::delete_many()
            .filter(second_factors::Column::UserId.eq(user_id));
        if tx.delete_everywhere(SYSTEM, delete).await? == 0 {
            return Err(AccountsError::NoFactor);
        }
        let delete = recovery_codes::Entity::delete_many()
            .filter(recovery_codes::Column::UserId.eq(user_id));
        tx.delete_everywhere(SYSTEM, delete).await?;
        let event = AuditEvent::new("second_factor.disabled", "user", user_id);
        self.ctx.audit.record(&tx, None, actor, event).await?;
        Ok(tx.commit().await?)
    }
}
