//! The rows of providers. Each channel has a table of its own, of the same columns; here both are read and written alike.

use crm_core::{Db, ProviderId, Scope, Scoped, StoreError, Tx};
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ActiveModelTrait as _, EntityTrait, IntoActiveModel as _, Order, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::ProviderKind;
use crate::entity::workspace_email_provider::{self as email, Column, Model};
use crate::entity::workspace_text_provider as text;

/// A row, and which table it lies in.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) kind: ProviderKind,
    pub(super) row: Model,
}

const fn in_email(row: Model) -> Row {
    Row { kind: ProviderKind::Email, row }
}

const fn in_text(row: Model) -> Row {
    Row { kind: ProviderKind::Text, row }
}

macro_rules! readers {
    ($door:ty, $one:ident, $default:ident) => {
        /// The provider with this id.
        pub(super) async fn $one(
            door: &$door,
            scope: &Scope,
            id: ProviderId,
        ) -> Result<Option<Row>, StoreError> {
            if let Some(row) = door.one(scope, email::Entity::find_by_id(id)).await? {
                return Ok(Some(in_email(row)));
            }
            let row = door.one_as(scope, text::Entity::find_by_id(id)).await?;
            Ok(row.map(in_text))
        }

        /// The default provider of a channel.
        pub(super) async fn $default(
            door: &$door,
            scope: &Scope,
            kind: ProviderKind,
        ) -> Result<Option<Row>, StoreError> {
            match kind {
                ProviderKind::Email => {
                    Ok(door.one_as(scope, defaults::<email::Entity>()).await?.map(in_email))
                }
                ProviderKind::Text => {
                    Ok(door.one_as(scope, defaults::<text::Entity>()).await?.map(in_text))
                }
            }
        }
    };
}

readers!(Db, one, default);
readers!(Tx, one_in, default_in);

fn defaults<E: EntityTrait>() -> Select<E> {
    E::find().filter(Expr::col(Column::IsDefault).eq(true))
}

/// All providers, those of e-mail first, each channel's default before its others.
pub(super) async fn all(db: &Db, scope: &Scope) -> Result<Vec<Row>, StoreError> {
    let emails: Vec<Model> = db.all_as(scope, in_order::<email::Entity>()).await?;
    let texts: Vec<Model> = db.all_as(scope, in_order::<text::Entity>()).await?;
    Ok(emails.into_iter().map(in_email).chain(texts.into_iter().map(in_text)).collect())
}

fn in_order<E: EntityTrait>() -> Select<E> {
    E::find()
        .order_by(Expr::col(Column::IsDefault), Order::Desc)
        .order_by(Expr::col(Column::CreatedAt), Order::Asc)
        .order_by(Expr::col(Column::Id), Order::Asc)
}

/// The provider of a channel that has been there longest.
pub(super) async fn oldest_in(
    tx: &Tx,
    scope: &Scope,
    kind: ProviderKind,
) -> Result<Option<Row>, StoreError> {
    match kind {
        ProviderKind::Email => Ok(tx.one_as(scope, oldest::<email::Entity>()).await?.map(in_email)),
        ProviderKind::Text => Ok(tx.one_as(scope, oldest::<text::Entity>()).await?.map(in_text)),
    }
}

fn oldest<E: EntityTrait>() -> Select<E> {
    E::find()
        .order_by(Expr::col(Column::CreatedAt), Order::Asc)
        .order_by(Expr::col(Column::Id), Order::Asc)
        .limit(1)
}

/// Writes a new row.
pub(super) async fn insert(tx: &Tx, scope: &Scope, new: Row) -> Result<Row, StoreError> {
    match new.kind {
        ProviderKind::Email => {
            Ok(in_email(tx.insert(scope, new.row.into_active_model().reset_all()).await?))
        }
        ProviderKind::Text => {
            let row = new.row.clone();
            let row = text::ActiveModel::from(text::Model {
                id: row.id,
                workspace_id: row.workspace_id,
                name: row.name,
                provider_type: row.provider_type,
                config_json: row.config_json,
                is_default: row.is_default,
                created_at: row.created_at,
                updated_at: row.updated_at,
                last_checked_at: row.last_checked_at,
                last_error: row.last_error,
                last_success_at: row.last_success_at,
                grant_json: None,
                grant_lease: None,
                grant_lease_until: None,
                grant_attempt: None,
            });
            tx.insert(scope, row.reset_all()).await?;
            Ok(new)
        }
    }
}

/// Sets columns of the rows of a channel that `which` finds; names of columns in it stand without their table.
pub(super) async fn set(
    tx: &Tx,
    scope: &Scope,
    kind: ProviderKind,
    which: SimpleExpr,
    values: Vec<(Column, SimpleExpr)>,
) -> Result<(), StoreError> {
    match kind {
        ProviderKind::Email => set_in::<email::Entity>(tx, scope, which, values).await,
        ProviderKind::Text => set_in::<text::Entity>(tx, scope, which, values).await,
    }
}

async fn set_in<E: Scoped>(
    tx: &Tx,
    scope: &Scope,
    which: SimpleExpr,
    values: Vec<(Column, SimpleExpr)>,
) -> Result<(), StoreError> {
    let update = E::update_many().filter(which);
    let update =
        values.into_iter().fold(update, |update, (column, value)| update.col_expr(column, value));
    tx.update_many(scope, update).await.map(drop)
}

/// Leaves a channel without a default, until another provider takes its place.
pub(super) async fn nobody_is_default(
    tx: &Tx,
    scope: &Scope,
    kind: ProviderKind,
) -> Result<(), StoreError> {
    let which = Expr::col(Column::IsDefault).eq(true);
    set(tx, scope, kind, which, vec![(Column::IsDefault, Expr::value(false))]).await
}

/// The row of this id, in a condition.
pub(super) fn is(id: ProviderId) -> SimpleExpr {
    Expr::col(Column::Id).eq(id)
}

/// Removes a row.
pub(super) async fn delete(tx: &Tx, scope: &Scope, row: &Row) -> Result<(), StoreError> {
    let which = is(row.row.id);
    match row.kind {
        ProviderKind::Email => {
            tx.delete_many(scope, email::Entity::delete_many().filter(which)).await.map(drop)
        }
        ProviderKind::Text => {
            tx.delete_many(scope, text::Entity::delete_many().filter(which)).await.map(drop)
        }
    }
}
