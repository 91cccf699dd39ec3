//! A person's own name and address.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{
    AccountsError, ProfileChange, Result, SeaAccounts, User, create_user, password, sessions,
};
use crate::entity::users;
use crate::{Actor, AuditEvent, EmailAddress, StoreError, System, UserId};

const SYSTEM: System = System::task("profile");

pub(super) async fn change(
    accounts: &SeaAccounts,
    actor: &Actor,
    user_id: UserId,
    change: ProfileChange,
) -> Result<User> {
    let ctx = &accounts.ctx;
    let select = users::Entity::find_by_id(user_id);
    let before = ctx.db.everywhere(SYSTEM, select).await?.pop();
    let before = before.ok_or(AccountsError::UnknownUser)?;
    let name = create_user::checked_name(change.name.as_deref().unwrap_or(&before.name))?;
    let email = match change.email {
        Some(email) => EmailAddress::parse(&email)?.to_string(),
        None => before.email.clone(),
    };
    let new_address = email != before.email;
    if new_address {
        let typed = change.current_password.ok_or(AccountsError::WrongPassword)?;
        password::confirm(accounts, user_id, typed).await?;
    }
    let tx = ctx.db.begin().await?;
    sessions::hold(&tx, user_id).await?;
    let update = users::Entity::update_many()
        .col_expr(users::Column::Name, name.clone().into())
        .col_expr(users::Column::Email, email.clone().into())
        .col_expr(users::Column::UpdatedAt, Expr::value(ctx.now()))
        .filter(users::Column::Id.eq(user_id))
        // The password that was checked is still the password.
        .filter(users::Column::PasswordHash.eq(&before.password_hash));
    let changed = tx.update_everywhere(SYSTEM, update).await.map_err(|err| match err {
        StoreError::Duplicate(_) => AccountsError::DuplicateEmail,
        other => other.into(),
    })?;
    if changed == 0 {
        return Err(AccountsError::WrongPassword);
    }
    let mut event = AuditEvent::new("user.changed", "user", user_id).with("name", &name);
    if new_address {
        event = event.with("email_before", &before.email).with("email", &email);
    }
    ctx.audit.record(&tx, None, actor, event).await?;
    tx.commit().await?;
    Ok(create_user::user(users::Model { email, name, ..before }))
}
