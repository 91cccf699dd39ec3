//! Entries about what changed nothing and is worth knowing: refused access, failed sign-ins. Outsiders cause them, so
//! their number is bounded: a flood must not fill the disk.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crm_core::{
    Actor, AuditEvent, Context, EmailAddress, Role, StoreError, System, Timestamp, WorkspaceId,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::entity::users;

const SYSTEM: System = System::task("audit notes");

/// What is counted is counted anew after this long.
const WINDOW: Duration = Duration::from_mins(1);
/// Refusals of one right to one person noted in a window.
const REFUSALS: u32 = 1;
/// Failed sign-ins from one address noted in a window.
const FAILURES: u32 = 20;
/// Callers counted at once; beyond it nothing is noted until the window is over.
const REMEMBERED: usize = 10_000;

/// Takes notes.
pub struct Notes {
    ctx: Context,
    recent: Mutex<HashMap<String, (Timestamp, u32)>>,
}

impl Notes {
    /// Nothing was noted yet.
    pub fn new(ctx: Context) -> Self {
        Self { ctx, recent: Mutex::default() }
    }

    /// `actor` was refused `right` on a route, such as `POST /api/contacts`, as what they are in a workspace: one entry
    /// a minute.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be written.
    pub async fn refused(
        &self,
        actor: &Actor,
        place: Option<(WorkspaceId, Role)>,
        right: &str,
        route: &str,
    ) -> Result<(), StoreError> {
        let who = actor.user_id.map(|id| id.to_string()).unwrap_or_default();
        let workspace_id = place.map(|(id, _)| id);
        let here = workspace_id.map(|id| id.to_string()).unwrap_or_default();
        if !self.has_room(format!("refused\n{who}\n{here}\n{right}"), REFUSALS) {
            return Ok(());
        }
        let event = AuditEvent::about("access.refused", "access")
            .with("right", right)
            .with("role", place.map(|(_, role)| role))
            .with("route", route);
        let tx = self.ctx.db.begin().await?;
        self.ctx.audit.record(&tx, workspace_id, actor, event).await?;
        tx.commit().await
    }

    /// Somebody at `ip_address` tried to sign in as `tried` and was not let in. The limits on guessing bound how often
    /// that can happen; here it is bounded once more, per address they come from.
    ///
    /// # Errors
    /// [`StoreError`] where it cannot be written.
    pub async fn login_failed(
        &self,
        tried: &str,
        ip_address: Option<String>,
    ) -> Result<(), StoreError> {
        let key = format!("login\n{}", ip_address.as_deref().unwrap_or_default());
        if !self.has_room(key, FAILURES) {
            return Ok(());
        }
        // What is no address may be a password typed into the wrong field.
        let email = EmailAddress::parse(tried).ok();
        let known = match &email {
            Some(email) => {
                let select = users::Entity::find().filter(users::Column::Email.eq(email.as_str()));
                self.ctx.db.everywhere(SYSTEM, select).await?.pop()
            }
            None => None,
        };
        let event = match known {
            Some(user) => AuditEvent::new("login.failed", "user", user.id),
            None => AuditEvent::about("login.failed", "user"),
        };
        let event = event.with("address", email.as_ref().map(EmailAddress::as_str));
        let actor = Actor { ip_address, ..Actor::system("sign-in") };
        let tx = self.ctx.db.begin().await?;
        self.ctx.audit.record(&tx, None, &actor, event).await?;
        tx.commit().await
    }

    /// Counts one more of `key`; whether it is still among the first `most` of its window.
    fn has_room(&self, key: String, most: u32) -> bool {
        let now = self.ctx.now();
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() >= REMEMBERED {
            recent.retain(|_, (since, _)| now.since(*since) < WINDOW);
            if recent.len() >= REMEMBERED && !recent.contains_key(&key) {
                return false;
            }
        }
        let (since, count) = recent.entry(key).or_insert((now, 0));
        if now.since(*since) >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= most
    }
}
