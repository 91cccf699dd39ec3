//! Answers to requests that carried an `Idempotency-Key`.

use sea_orm::entity::prelude::*;

use crate::{BootId, Timestamp, UserId};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub(crate) struct Model {
    /// Hash of caller, request line and key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub user_id: UserId,
    /// Hash of the body.
    pub fingerprint: String,
    /// The run of the server that took the request.
    pub boot_id: BootId,
    /// The answer's status; empty while the request is being worked on.
    pub status: Option<i64>,
    pub body: Option<String>,
    pub etag: Option<String>,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
