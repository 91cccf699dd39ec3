//! How a workspace wants its campaigns handled.

use crm_core::{Scope, StoreError, settings};

use super::deps::Deps;
use super::{Result, SendPolicy};

const KEY: &str = "send_policy";

/// The policy of the scope's workspace; the default where nobody has set one.
pub(crate) async fn get(deps: &Deps, scope: &Scope) -> std::result::Result<SendPolicy, StoreError> {
    match settings::get(&deps.ctx, Some(scope), KEY).await? {
        Some(text) => Ok(serde_json::from_str(&text)?),
        None => Ok(SendPolicy::default()),
    }
}

pub(super) async fn set(deps: &Deps, scope: &Scope, policy: &SendPolicy) -> Result<()> {
    let text = serde_json::to_string(policy).map_err(StoreError::from)?;
    let tx = deps.ctx.db.begin().await?;
    settings::set(&deps.ctx, &tx, Some(scope), KEY, &text).await?;
    Ok(tx.commit().await?)
}
