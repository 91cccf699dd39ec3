//! A contact book to test with: two workspaces of one owner, and a second person who is in the first one only.

use std::sync::Arc;
use std::time::Duration;

use crm_audit::ChainedAuditLog;
use crm_contacts::contacts::{NewContact, SeaContacts};
use crm_contacts::lists::{List, SeaLists, StarterLists};
use crm_contacts::segments::SeaSegments;
use crm_contacts::timeline::SeaTimeline;
use crm_contacts::{Contact, Contacts, Lists};
use crm_core::accounts::{Accounts, Entry, NewWorkspace, SeaAccounts};
use crm_core::clock::{FakeClock, SystemIds};
use crm_core::{
    Actor, CampaignId, Clock, ContactId, Context, Db, IdGen, RecipientId, Role, Scope, Timestamp,
    UserId,
};
use sea_orm::ConnectionTrait;
use support::{Backend, PerBackend, TestDb};

use super::segment_model::Got;

/// When every test begins.
pub const START: &str = "2026-11-03T09:00:00.000Z";

pub struct Book {
    pub db: TestDb,
    pub ctx: Context,
    pub clock: Arc<FakeClock>,
    pub contacts: SeaContacts,
    pub lists: SeaLists,
    pub timeline: SeaTimeline,
    pub segments: SeaSegments,
    /// The workspace most tests work in.
    pub here: Scope,
    /// Another workspace of the same owner.
    pub elsewhere: Scope,
    pub owner: UserId,
    /// A member of `here` only.
    pub colleague: UserId,
    /// Somebody with an account and no workspace.
    pub stranger: UserId,
}

impl PerBackend for Book {
    async fn fresh(backend: Backend) -> Self {
        let db = TestDb::fresh(backend).await;
        let connections = crm_core::db::connect(db.url()).await.unwrap();
        let clock = Arc::new(FakeClock::new(START.parse().unwrap()));
        let told: Arc<dyn Clock> = Arc::<FakeClock>::clone(&clock);
        let ids: Arc<dyn IdGen> = Arc::new(SystemIds);
        let ctx = Context {
            db: Db::new(connections),
            clock: Arc::clone(&told),
            ids: Arc::clone(&ids),
            audit: Arc::new(ChainedAuditLog::new(told, ids)),
            fingerprints: crm_core::Fingerprints::new(b"test"),
        };
        let accounts =
            SeaAccounts::new(ctx.clone(), vec![Arc::new(StarterLists::new(ctx.clone()))]);
        let owner = user(&db, &ctx, "andy").await;
        let colleague = user(&db, &ctx, "monalisa").await;
        let stranger = user(&db, &ctx, "stranger").await;
        let here = workspace(&accounts, owner, "Here").await;
        let elsewhere = workspace(&accounts, owner, "Elsewhere").await;
        accounts.add_member(&here, colleague, Role::Editor).await.unwrap();
        Self {
            contacts: SeaContacts::new(ctx.clone()),
            lists: SeaLists::new(ctx.clone()),
            timeline: SeaTimeline::new(ctx.clone()),
            segments: SeaSegments::new(ctx.clone()),
            db,
            ctx,
            clock,
            here,
            elsewhere,
            owner,
            colleague,
            stranger,
        }
    }
}

impl Book {
    /// A campaign that has been sent, or with another `kind` a message to one person.
    pub async fn campaign(&self, scope: &Scope, kind: &str) -> String {
        let id = self.ctx.id(CampaignId::from_uuid);
        let sql = format!(
            "INSERT INTO campaigns (id, workspace_id, kind, name, type, segment_json, status, version, created_at, updated_at) \
             VALUES ('{id}', '{}', '{kind}', 'Offer', 'email', '{{\"all\": []}}', 'sent', 1, '{START}', '{START}')",
            scope.workspace_id()
        );
        self.db.raw().execute_unprepared(&sql).await.unwrap();
        id.to_string()
    }

    /// A row of its ledger.
    pub async fn recipient(&self, campaign: &str, contact: ContactId, got: Got) {
        let id = self.ctx.id(RecipientId::from_uuid);
        let at = |is: bool| if is { format!("'{START}'") } else { "NULL".to_owned() };
        let sql = format!(
            "INSERT INTO campaign_recipients (id, workspace_id, campaign_id, contact_id, channel, state, \
             created_at, updated_at, sent_at, opened_at, clicked_at, replied_at) \
             VALUES ('{id}', '{}', '{campaign}', '{contact}', 'email', '{}', '{START}', '{START}', {}, {}, {}, {})",
            self.here.workspace_id(),
            if got.sent { "sent" } else { "failed" },
            at(got.sent),
            at(got.opened),
            at(got.clicked),
            at(got.replied),
        );
        self.db.raw().execute_unprepared(&sql).await.unwrap();
    }
}

/// A row without a password: nobody signs in here, and hashing one takes longer than most of these tests.
async fn user(db: &TestDb, ctx: &Context, name: &str) -> UserId {
    let id = ctx.id(UserId::from_uuid);
    let sql = format!(
        "INSERT INTO users (id, email, password_hash, name, is_admin, created_at, updated_at) \
         VALUES ('{id}', '{name}@example.com', '', '{name}', false, '{START}', '{START}')"
    );
    db.raw().execute_unprepared(&sql).await.unwrap();
    id
}

async fn workspace(accounts: &SeaAccounts, owner: UserId, name: &str) -> Scope {
    let actor = Actor::user(owner, None);
    let made = accounts.create_workspace(&actor, NewWorkspace::named(name)).await.unwrap();
    match accounts.enter(owner, Some(made.id), None).await.unwrap() {
        Entry::Entered(scope) => scope,
        other => panic!("the owner cannot enter: {other:?}"),
    }
}

impl Book {
    /// Adds a contact to `here`.
    pub async fn add(&self, new: NewContact) -> Contact {
        self.contacts.create(&self.here, new).await.unwrap()
    }

    /// Adds a contact of this name to `here`.
    pub async fn named(&self, first_name: &str, last_name: &str) -> Contact {
        let (first_name, last_name) = (first_name.to_owned(), last_name.to_owned());
        self.add(NewContact { first_name, last_name, ..NewContact::default() }).await
    }

    /// The list of this name in `here`.
    pub async fn list(&self, name: &str) -> List {
        let all = self.lists.all(&self.here).await.unwrap();
        all.into_iter().find(|list| list.name == name).unwrap()
    }

    pub async fn reload(&self, contact: &Contact) -> Contact {
        self.contacts.get(&self.here, contact.id).await.unwrap().unwrap()
    }

    pub fn later(&self, hours: u64) -> Timestamp {
        self.clock.advance(Duration::from_hours(hours));
        self.clock.now()
    }

    /// Defines a custom field of `here`, or of all the owner's workspaces.
    pub async fn define(
        &self,
        everywhere: bool,
        name: &str,
        field_type: &str,
        extra: (&str, bool, Option<&str>),
    ) {
        let (options, is_required, default) = extra;
        let workspace =
            if everywhere { "NULL".to_owned() } else { format!("'{}'", self.here.workspace_id()) };
        let default = default.map_or_else(|| "NULL".to_owned(), |text| format!("'{text}'"));
        let sql = format!(
            "INSERT INTO custom_field_definitions \
             (id, user_id, workspace_id, field_name, label, field_type, options, is_required, default_value, created_at) \
             VALUES ('{}', '{}', {workspace}, '{name}', '{name}', '{field_type}', {options}, {is_required}, {default}, '{START}')",
            self.ctx.ids.uuid(),
            self.owner,
        );
        self.db.raw().execute_unprepared(&sql).await.unwrap();
    }

    /// Adds `n` contacts to the first stage of a workspace past the services, where only their number matters. They
    /// are `Crowd 00001` and so on, one a millisecond.
    pub async fn crowd(&self, scope: &Scope, n: u32) {
        let all = self.lists.all(scope).await.unwrap();
        let (workspace, stage) = (scope.workspace_id(), all[0].id);
        for (from, to) in (0..n).step_by(500).map(|from| (from + 1, n.min(from + 500))) {
            let (mut contacts, mut places) = (Vec::new(), Vec::new());
            for i in from..=to {
                let id = self.ctx.ids.uuid();
                let at = self.later(0).plus(Duration::from_millis(u64::from(i)));
                contacts.push(format!(
                    "('{id}', '{workspace}', '{at}', '{at}', 'Crowd', '{i:05}', '{at}', 1)"
                ));
                places.push(format!("('{workspace}', '{id}', '{stage}', true, '{at}')"));
            }
            let sql = format!(
                "INSERT INTO base_contacts (id, workspace_id, created_on, updated_at, first_name, last_name, stage_since, version) VALUES {}",
                contacts.join(", ")
            );
            self.db.raw().execute_unprepared(&sql).await.unwrap();
            let sql = format!(
                "INSERT INTO contact_list_assignments (workspace_id, contact_id, list_id, is_primary, assigned_at) VALUES {}",
                places.join(", ")
            );
            self.db.raw().execute_unprepared(&sql).await.unwrap();
        }
    }

    /// What the audit log says happened in `here` since the workspace was made, oldest first.
    pub async fn audited(&self) -> Vec<String> {
        let sql = format!(
            "SELECT action FROM audit_logs WHERE workspace_id = '{}' AND entity_type NOT IN ('workspace', 'user') ORDER BY seq",
            self.here.workspace_id()
        );
        self.db.texts(&sql).await
    }
}
