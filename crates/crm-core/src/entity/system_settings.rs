//! Settings of the system, a workspace or a user, as text by key.

use sea_orm::entity::prelude::*;

use crate::SettingId;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "system_settings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SettingId,
    pub scope: String,
    pub scope_id: String,
    pub setting_key: String,
    pub setting_value: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
