//! Addresses that lead into the mailbox of a workspace, and whether anybody can reach this installation otherwise.

use crm_core::{Context, Fingerprints, RecipientId, Scope, StoreError, settings};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::entity::workspace_mailboxes as mailbox;
use crate::inbound::mail::{Purpose, mint};

/// Most characters of an address before its `@` (RFC 5321 4.5.3.1.1).
const LONGEST_LOCAL: usize = 64;
/// The setting of a workspace that says that nobody can reach this installation from outside.
pub(super) const CLOSED: &str = "closed_port";

/// How people outside can answer to what a workspace sends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outside {
    /// Whether nobody can reach this installation: links to it lead nowhere.
    pub(crate) is_closed: bool,
    /// The mailbox that is read.
    pub(crate) incoming: Option<Incoming>,
}

/// Where mail to a workspace is read.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    address: String,
    prints: Fingerprints,
}

/// How people outside can answer to what the workspace sends.
pub(crate) async fn outside(ctx: &Context, scope: &Scope) -> Result<Outside, StoreError> {
    let select = mailbox::Entity::find().filter(mailbox::Column::IsEnabled.eq(true));
    let found = ctx.db.one(scope, select).await?;
    let prints = || ctx.fingerprints.clone();
    Ok(Outside {
        is_closed: is_closed(ctx, scope).await?,
        incoming: found.map(|row| Incoming { address: row.address, prints: prints() }),
    })
}

/// Whether the workspace says that nobody can reach this installation from outside.
pub(crate) async fn is_closed(ctx: &Context, scope: &Scope) -> Result<bool, StoreError> {
    Ok(settings::get(ctx, Some(scope), CLOSED).await?.as_deref() == Some("true"))
}

impl Incoming {
    /// Address and subject of a message that unsubscribes the recipient of one of ours, as they stand behind `mailto:`.
    pub(crate) fn unsubscribe(&self, scope: &Scope, recipient: RecipientId) -> String {
        let token = mint(&self.prints, scope.workspace_id(), Purpose::Unsubscribe, recipient);
        format!("{}?subject=unsubscribe%20{token}", self.address)
    }

    /// The address for reports about one message alone (VERP); `None` where it would be too long.
    pub(crate) fn reports(&self, scope: &Scope, recipient: RecipientId) -> Option<String> {
        let (local, domain) = self.address.rsplit_once('@')?;
        let token = mint(&self.prints, scope.workspace_id(), Purpose::Report, recipient);
        let local = format!("{local}+{token}");
        (local.len() <= LONGEST_LOCAL).then(|| format!("{local}@{domain}"))
    }
}
