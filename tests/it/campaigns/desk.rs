//! A workspace to write campaigns in: two members' worth of scopes, the practice provider, and contacts.

use std::collections::BTreeMap;
use std::sync::Arc;

use crm_audit::ChainedAuditLog;
use crm_campaigns::campaigns::{
    Campaign, ContactLedger, Deps, NewCampaign, Schedule, SeaCampaigns, Status, UnsubscribeLinks,
};
use crm_campaigns::messages::SeaMessages;
use crm_campaigns::templates::{Channel, NewTemplate, SeaTemplates, Template};
use crm_campaigns::tracking::TrackingLinks;
use crm_campaigns::{Campaigns, SeaConsents, Templates};
use crm_contacts::contacts::{CustomValue, NewContact, SeaContacts};
use crm_contacts::lists::StarterLists;
use crm_contacts::segments::SeaSegments;
use crm_contacts::timeline::SeaTimeline;
use crm_contacts::{Contact, Contacts, Segment};
use crm_core::accounts::{Accounts, Entry, NewWorkspace, SeaAccounts};
use crm_core::clock::{FakeClock, SystemIds};
use crm_core::{
    Actor, Clock, Context, Db, IdGen, RecipientId, Role, Scope, UserId, Vault, WorkspaceId,
};
use crm_providers::practice::PracticeSeed;
use crm_providers::{OutboundPolicy, SeaProviders};
use sea_orm::ConnectionTrait;
use support::{Backend, PerBackend, TestDb};

/// When every test begins.
pub const START: &str = "2026-11-03T09:00:00.000Z";

/// Links as an installation with a public address has them.
struct Links;

impl UnsubscribeLinks for Links {
    fn url(&self, _: &Scope, recipient: RecipientId) -> Option<String> {
        Some(format!("https://crm.example/u/{recipient}"))
    }
}

/// Nobody is told what became of a message.
struct NoTracking;

impl TrackingLinks for NoTracking {
    fn picture(&self, _: &Scope, _: RecipientId) -> Option<String> {
        None
    }

    fn click(&self, _: &Scope, _: RecipientId, _: &str) -> Option<String> {
        None
    }

    fn is_own(&self, _: &str) -> bool {
        false
    }
}

pub struct Desk {
    pub db: TestDb,
    pub campaigns: Arc<SeaCampaigns>,
    pub templates: SeaTemplates,
    pub consents: SeaConsents,
    pub messages: SeaMessages,
    pub contacts: Arc<SeaContacts>,
    pub accounts: Arc<SeaAccounts>,
    pub ctx: Context,
    pub owner: UserId,
    /// The workspace most tests work in; its owner acts.
    pub here: Scope,
    /// Another workspace of the same owner.
    pub elsewhere: Scope,
}

impl PerBackend for Desk {
    async fn fresh(backend: Backend) -> Self {
        let db = TestDb::fresh(backend).await;
        let told: Arc<dyn Clock> = Arc::new(FakeClock::new(START.parse().unwrap()));
        let ids: Arc<dyn IdGen> = Arc::new(SystemIds);
        let ctx = Context {
            db: Db::new(crm_core::db::connect(db.url()).await.unwrap()),
            clock: Arc::clone(&told),
            ids: Arc::clone(&ids),
            audit: Arc::new(ChainedAuditLog::new(told, ids)),
            fingerprints: crm_core::Fingerprints::new(b"test"),
        };
        let accounts = Arc::new(SeaAccounts::new(
            ctx.clone(),
            vec![
                Arc::new(StarterLists::new(ctx.clone())),
                Arc::new(PracticeSeed { ctx: ctx.clone() }),
            ],
        ));
        let ledger = Arc::new(ContactLedger::new(ctx.clone()));
        let contacts = Arc::new(SeaContacts::new(ctx.clone()).with_ledger(ledger));
        let deps = Deps {
            ctx: ctx.clone(),
            contacts: contacts.clone(),
            segments: Arc::new(SeaSegments::new(ctx.clone())),
            timeline: Arc::new(SeaTimeline::new(ctx.clone())),
            providers: Arc::new(SeaProviders::new(
                ctx.clone(),
                Vault::new([7; 32]),
                OutboundPolicy::default(),
                None,
            )),
            accounts: accounts.clone(),
            links: Arc::new(Links),
            tracking: Arc::new(NoTracking),
        };
        let owner = user(&db, &ctx, "andy").await;
        let here = workspace(&accounts, owner, "Kornfeld").await;
        let elsewhere = workspace(&accounts, owner, "Elsewhere").await;
        Self {
            templates: SeaTemplates::new(ctx.clone(), contacts.clone(), accounts.clone()),
            consents: SeaConsents::new(deps.clone()),
            messages: SeaMessages::new(deps.clone()),
            campaigns: Arc::new(SeaCampaigns::new(deps)),
            contacts,
            db,
            accounts,
            ctx,
            owner,
            here,
            elsewhere,
        }
    }
}

/// A row without a password: nobody signs in here.
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
    enter(accounts, owner, made.id).await
}

async fn enter(accounts: &SeaAccounts, user: UserId, workspace: WorkspaceId) -> Scope {
    match accounts.enter(user, Some(workspace), None).await.unwrap() {
        Entry::Entered(scope) => scope,
        other => panic!("a member cannot enter: {other:?}"),
    }
}

/// The template most tests use.
pub fn letter(name: &str, body: &str) -> NewTemplate {
    NewTemplate {
        name: name.to_owned(),
        subject: "News for {{ contact.first_name | default(\"you\") }}".to_owned(),
        body_html: body.to_owned(),
        ..NewTemplate::default()
    }
}

impl Desk {
    /// Adds a second member and gives the scope they act in.
    pub async fn colleague(&self, role: Role) -> Scope {
        let user = user(&self.db, &self.ctx, "monalisa").await;
        self.accounts.add_member(&self.here, user, role).await.unwrap();
        enter(&self.accounts, user, self.here.workspace_id()).await
    }

    pub async fn contact(&self, first_name: &str, email: &str) -> Contact {
        self.contact_with(first_name, email, &[]).await
    }

    pub async fn contact_with(
        &self,
        first_name: &str,
        email: &str,
        custom: &[(&str, &str)],
    ) -> Contact {
        let custom: BTreeMap<String, CustomValue> = custom
            .iter()
            .map(|(name, value)| ((*name).to_owned(), CustomValue::Text((*value).to_owned())))
            .collect();
        let new = NewContact {
            first_name: first_name.to_owned(),
            last_name: "Test".to_owned(),
            primary_email: Some(email.to_owned()),
            custom,
            ..NewContact::default()
        };
        self.contacts.create(&self.here, new).await.unwrap()
    }

    /// Contacts `p1@example.org` to `pN@example.org`.
    pub async fn people(&self, count: usize) {
        for n in 1..=count {
            self.contact(&format!("P{n}"), &format!("p{n}@example.org")).await;
        }
    }

    /// Defines a custom text field of `here`.
    pub async fn define(&self, name: &str) {
        let sql = format!(
            "INSERT INTO custom_field_definitions \
             (id, user_id, workspace_id, field_name, label, field_type, is_required, created_at) \
             VALUES ('{}', '{}', '{}', '{name}', '{name}', 'text', false, '{START}')",
            self.ctx.ids.uuid(),
            self.owner,
            self.here.workspace_id(),
        );
        self.run(&sql).await;
    }

    pub async fn run(&self, sql: &str) {
        let done = self.db.raw().execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    pub async fn template(&self, body: &str) -> Template {
        let name = format!("Letter {}", self.ctx.ids.uuid());
        self.templates.create(&self.here, letter(&name, body)).await.unwrap()
    }

    /// A draft to everybody, from a template with this body.
    pub async fn draft(&self, body: &str) -> Campaign {
        let template = self.template(body).await;
        self.campaigns.create(&self.here, self.to_everybody(&template)).await.unwrap()
    }

    pub fn to_everybody(&self, template: &Template) -> NewCampaign {
        NewCampaign {
            subject_test: None,
            name: "Newsletter".to_owned(),
            channel: Channel::Email,
            template_id: Some(template.id),
            segment: Segment::everybody(),
            schedule: Schedule::default(),
            provider_id: None,
        }
    }

    /// A campaign to everybody, submitted and approved by the owner.
    pub async fn approved(&self, body: &str) -> Campaign {
        let id = self.draft(body).await.id;
        self.campaigns.submit(&self.here, id).await.unwrap().unwrap();
        self.campaigns.approve(&self.here, id, None, None).await.unwrap().unwrap()
    }

    pub async fn reload(&self, campaign: &Campaign) -> Campaign {
        self.campaigns.get(&self.here, campaign.id).await.unwrap().unwrap()
    }

    pub async fn status(&self, campaign: &Campaign) -> Status {
        self.reload(campaign).await.status
    }

    /// What the audit log says happened to campaigns in `here`, oldest first.
    pub async fn audited(&self) -> Vec<String> {
        let sql = format!(
            "SELECT action FROM audit_logs WHERE workspace_id = '{}' AND entity_type = 'campaign' ORDER BY seq",
            self.here.workspace_id()
        );
        self.db.texts(&sql).await
    }
}
