//! What a page of contacts asks the database, for whoever wants to ask the database how it would answer.

use crm_core::{Context, Scope};
use sea_orm::Statement;

use super::{ContactQuery, Result, list};

/// The statements [`super::Contacts::list`] may send for the rows of this page, in their order.
///
/// # Errors
/// What the list itself would answer.
pub async fn page_statements(
    ctx: &Context,
    scope: &Scope,
    query: &ContactQuery,
) -> Result<Vec<Statement>> {
    let (walk, _) = list::prepare(ctx, scope, query).await?;
    Ok(walk.statements(ctx, scope))
}
