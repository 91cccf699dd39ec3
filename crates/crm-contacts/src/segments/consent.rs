//! Conditions on what somebody said about being written to.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::compile::Compiler;
use super::leaf::of_contact;
use crate::consents::{ConsentChannel, ConsentState};
use crate::entity::consents::{Column, Entity};

/// Having consented, as they said last.
pub(super) fn granted(compiler: &Compiler<'_>, channel: ConsentChannel) -> Expr {
    let last = Entity::find()
        .select_only()
        .column(Column::State)
        .filter(of_contact(Column::ContactId))
        .filter(Column::Channel.eq(channel.as_str()))
        .order_by_desc(Column::At)
        .order_by_desc(Column::Id)
        .limit(1);
    let last = Expr::from(compiler.door.subquery(compiler.scope, last));
    // Nothing said is null, which is no answer a comparison may have.
    let said = sea_orm::sea_query::Func::coalesce([last, Expr::val("")]);
    Expr::expr(said).eq(ConsentState::Granted.as_str())
}
