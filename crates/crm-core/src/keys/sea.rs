//! [`Keys`] on the database.

use async_trait::async_trait;

use super::{
    Admitted, ApiKey, Keys, MadeKey, NewKey, Refused, Result, admit, create, list, revoke,
};
use crate::accounts::Origin;
use crate::{Actor, ApiKeyId, Context, System, UserId};

pub(super) const SYSTEM: System = System::task("api keys");

/// [`Keys`] on the database.
#[derive(Clone)]
pub struct SeaKeys {
    pub(super) ctx: Context,
}

impl SeaKeys {
    /// Keys kept in this database.
    pub const fn new(ctx: Context) -> Self {
        Self { ctx }
    }
}

#[async_trait]
impl Keys for SeaKeys {
    async fn create(&self, actor: &Actor, user_id: UserId, new: NewKey) -> Result<MadeKey> {
        create::run(self, actor, user_id, new).await
    }

    async fn list(&self, user_id: UserId) -> Result<Vec<ApiKey>> {
        list::run(self, user_id).await
    }

    async fn revoke(&self, actor: &Actor, user_id: UserId, id: ApiKeyId) -> Result<bool> {
        revoke::run(self, actor, user_id, id).await
    }

    async fn admit(
        &self,
        secret: &str,
        from: &Origin,
    ) -> Result<std::result::Result<Admitted, Refused>> {
        admit::run(self, secret, from).await
    }

    async fn note_refusal(&self, refused: &Refused, from: &Origin) -> Result<()> {
        admit::note_refusal(self, refused, from).await
    }
}
