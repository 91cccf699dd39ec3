//! Conditions on what a campaign did about a contact.
//!
//! The tables belong to campaigns, whose crate builds on this one: they are known here by name only, and never written.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use self::campaign_recipients::{Column, Entity};
use super::compile::Compiler;
use super::leaf::of_contact;
use super::tree::{CampaignOperator, CampaignState};

/// The `kind` of what people know as a campaign; messages to one person are of another.
pub(super) const KIND: &str = "campaign";

/// What a segment reads of `campaigns`.
pub(super) mod campaigns {
    use crm_core::{CampaignId, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "campaigns")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CampaignId,
        pub workspace_id: WorkspaceId,
        pub kind: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}

/// What a segment reads of `campaign_recipients`.
mod campaign_recipients {
    use crm_core::{CampaignId, ContactId, RecipientId, Timestamp, WorkspaceId};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "campaign_recipients")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: RecipientId,
        pub workspace_id: WorkspaceId,
        pub campaign_id: CampaignId,
        pub contact_id: Option<ContactId>,
        pub state: String,
        pub opened_at: Option<Timestamp>,
        pub clicked_at: Option<Timestamp>,
        pub replied_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
    crm_core::scoped!();
}

/// Having got a campaign, and what came of it. Whoever was left out by it, or whose message failed, was not sent it.
pub(super) fn state(compiler: &Compiler<'_>, asked: &CampaignState) -> Expr {
    let sent = Entity::find()
        .select_only()
        .expr_as(Expr::val(1), "one")
        .filter(Column::CampaignId.eq(asked.id))
        .filter(of_contact(Column::ContactId))
        .filter(Column::State.eq("sent"));
    let select = match asked.op {
        CampaignOperator::Sent | CampaignOperator::NotSent => sent,
        CampaignOperator::Opened => sent.filter(Column::OpenedAt.is_not_null()),
        CampaignOperator::Clicked => sent.filter(Column::ClickedAt.is_not_null()),
        CampaignOperator::Replied => sent.filter(Column::RepliedAt.is_not_null()),
        CampaignOperator::NotReplied => sent.filter(Column::RepliedAt.is_null()),
    };
    let subquery = compiler.door.subquery(compiler.scope, select);
    if asked.op == CampaignOperator::NotSent {
        Expr::not_exists(subquery)
    } else {
        Expr::exists(subquery)
    }
}
