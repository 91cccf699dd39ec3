//! The composition root: opens the database, migrates it and builds every service. The only file that names the
//! implementations.

use std::sync::Arc;

use anyhow::Context as _;
use crm_ai::drafts::Environment;
use crm_ai::{SeaDrafts, SeaInsights, SeaSummaries};
use crm_audit::{ChainedAuditLog, Notes};
use crm_backup::SeaBackups;
use crm_campaigns::SeaConsents;
use crm_campaigns::campaigns::{
    ContactLedger, Deps as CampaignDeps, SeaCampaigns, UnsubscribeLinks,
};
use crm_campaigns::engine::{EngineDeps, LedgerEngine, Places};
use crm_campaigns::inbound::{InboundDeps, SeaInbound};
use crm_campaigns::mailbox::{MailboxDeps, SeaIncomingMail};
use crm_campaigns::messages::SeaMessages;
use crm_campaigns::suppressions::SeaSuppressions;
use crm_campaigns::templates::SeaTemplates;
use crm_contacts::board::SeaBoard;
use crm_contacts::bulk::SeaBulkActions;
use crm_contacts::contacts::SeaContacts;
use crm_contacts::fields::SeaFields;
use crm_contacts::import::SeaImports;
use crm_contacts::ledger::CampaignLedger;
use crm_contacts::lists::{SeaLists, StarterLists};
use crm_contacts::merge::SeaMerges;
use crm_contacts::privacy::SeaPrivacy;
use crm_contacts::segments::SeaSegments;
use crm_contacts::segments::saved::SeaSavedSegments;
use crm_contacts::tasks::SeaTasks;
use crm_contacts::timeline::SeaTimeline;
use crm_contacts::trash::SeaTrash;
use crm_contacts::{Contacts, Segments, Timeline};
use crm_core::accounts::second_factor::SeaSecondFactors;
use crm_core::accounts::{Accounts, Credentials, PasswordResets, SeaAccounts};
use crm_core::clock::{SystemClock, SystemIds};
use crm_core::db::Connections;
use crm_core::idempotency::SeaRepeatedRequests;
use crm_core::keys::SeaKeys;
use crm_core::sealed::SealedStore;
use crm_core::{BootId, Clock, Context, Db, Fingerprints, IdGen};
use crm_providers::Providers;
use crm_providers::domain::SeaSendingDomains;
use crm_providers::imap::ImapSurroundings;
use crm_providers::practice::{PracticeSeed, SeaPracticeOutbox};
use crm_providers::providers::{Elsewhere, SeaProviders};
use crm_providers::smtp::Trust;
use migration::{Migrator, MigratorTrait};

use crate::config::Config;
use crate::pages::tracking::SignedTracking;
use crate::pages::unsubscribe::SignedLinks;
use crate::state::Services;
use crate::workers::QueuePool;

/// Built services and what the background workers need beside them.
pub struct Booted {
    /// The services.
    pub services: Services,
    /// Where jobs queue up.
    pub queue: QueuePool,
    /// This run of the process.
    pub boot_id: BootId,
}

/// Opens and migrates the database and builds the services on it.
///
/// # Errors
/// Where the database cannot be opened or migrated, in words.
pub async fn boot(config: &Config) -> anyhow::Result<Booted> {
    let connections = open(config).await?;
    migrate(&connections).await.context("the database cannot be migrated")?;
    Ok(build(config, connections))
}

/// Opens the database beside a running server and builds the services on it. Nothing is migrated under the server's feet.
///
/// # Errors
/// Where the database cannot be opened, or the server is of another version, in words.
pub async fn boot_beside_server(config: &Config) -> anyhow::Result<Booted> {
    let connections = open(config).await?;
    let pending = Migrator::get_pending_migrations(&connections.write).await?;
    anyhow::ensure!(
        pending.is_empty(),
        "the server that is running is of an older version; stop it first"
    );
    Ok(build(config, connections))
}

/// Opens the database.
///
/// # Errors
/// Where it cannot be opened, in words.
pub async fn open(config: &Config) -> anyhow::Result<Connections> {
    crm_core::db::connect(&config.database_url).await.context("DATABASE_URL")
}

/// Brings the schema up to date; on PostgreSQL one process at a time.
///
/// # Errors
/// Where a step fails; the database is as before that step.
pub async fn migrate(connections: &Connections) -> anyhow::Result<()> {
    let db =
        Db::new(Connections { read: connections.read.clone(), write: connections.write.clone() });
    // The lock is held by a transaction of its own for as long as the steps take. SQLite needs none: the data folder is
    // locked, and a transaction there would block the steps.
    let lock = if db.is_sqlite() {
        None
    } else {
        let tx = db.begin().await?;
        tx.serialize_on("migrate").await?;
        Some(tx)
    };
    Migrator::up(&connections.write, None).await?;
    if let Some(tx) = lock {
        tx.commit().await?;
    }
    Ok(())
}

/// What every service works with.
pub(crate) fn context(config: &Config, connections: Connections) -> Context {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdGen> = Arc::new(SystemIds);
    Context {
        db: Db::new(connections),
        audit: Arc::new(ChainedAuditLog::new(Arc::clone(&clock), Arc::clone(&ids))),
        clock,
        ids,
        fingerprints: Fingerprints::new(config.secrets.signing_key()),
    }
}

fn build(config: &Config, connections: Connections) -> Booted {
    let queue = if config.is_sqlite() {
        QueuePool::Sqlite(connections.write.get_sqlite_connection_pool().clone())
    } else {
        QueuePool::Postgres(connections.write.get_postgres_connection_pool().clone())
    };
    let ctx = context(config, connections);
    let boot_id = BootId::from_uuid(ctx.ids.uuid());
    let seeds: Vec<Arc<dyn crm_core::accounts::WorkspaceSeed>> =
        vec![Arc::new(StarterLists::new(ctx.clone())), Arc::new(PracticeSeed { ctx: ctx.clone() })];
    let people = Arc::new(SeaAccounts::new(ctx.clone(), seeds));
    let credentials: Arc<dyn Credentials> = Arc::<SeaAccounts>::clone(&people);
    let resets: Arc<dyn PasswordResets> = Arc::<SeaAccounts>::clone(&people);
    let accounts: Arc<dyn Accounts> = people;
    let ledger: Arc<dyn CampaignLedger> = Arc::new(ContactLedger::new(ctx.clone()));
    let contacts: Arc<dyn Contacts> =
        Arc::new(SeaContacts::new(ctx.clone()).with_ledger(Arc::clone(&ledger)));
    let timeline: Arc<dyn Timeline> = Arc::new(SeaTimeline::new(ctx.clone()));
    let segments: Arc<dyn Segments> = Arc::new(SeaSegments::new(ctx.clone()));
    let sealed_providers = Arc::new(providers(config, &ctx));
    let providers: Arc<dyn Providers> = Arc::<SeaProviders>::clone(&sealed_providers);
    let links: Arc<dyn UnsubscribeLinks> = Arc::new(SignedLinks::new(config));
    let templates =
        Arc::new(SeaTemplates::new(ctx.clone(), Arc::clone(&contacts), Arc::clone(&accounts)));
    let deps = CampaignDeps {
        ctx: ctx.clone(),
        contacts: Arc::clone(&contacts),
        segments: Arc::clone(&segments),
        timeline: Arc::clone(&timeline),
        providers: Arc::clone(&providers),
        accounts: Arc::clone(&accounts),
        links,
        tracking: Arc::new(SignedTracking::new(config)),
    };
    let drafts = Arc::new(drafts(config, &ctx, &contacts, &timeline));
    let second_factors = Arc::new(SeaSecondFactors::new(ctx.clone(), config.secrets.vault()));
    let inbound = SeaInbound::new(InboundDeps {
        campaigns: deps.clone(),
        tasks: Arc::new(SeaTasks::new(ctx.clone())),
    });
    let incoming = Arc::new(incoming(config, &inbound));
    let sealed: Vec<Arc<dyn SealedStore>> = vec![
        Arc::<SeaSecondFactors>::clone(&second_factors),
        Arc::<SeaDrafts>::clone(&drafts),
        Arc::<SeaProviders>::clone(&sealed_providers),
        Arc::<SeaIncomingMail>::clone(&incoming),
    ];
    let engine = Arc::new(LedgerEngine::new(EngineDeps {
        campaigns: deps.clone(),
        boot_id,
        places: Places::of_server(&config.data_dir),
    }));
    let suppressions = SeaSuppressions::new(ctx.clone(), Arc::clone(&accounts));
    let domains = SeaSendingDomains::new(ctx.clone(), Arc::clone(&providers), config.dns_server);
    let services = Services {
        notes: Arc::new(Notes::new(ctx.clone())),
        backups: Arc::new(backups(config, &ctx, &accounts)),
        accounts,
        credentials,
        resets,
        second_factors,
        keys: Arc::new(SeaKeys::new(ctx.clone())),
        contacts,
        merges: Arc::new(SeaMerges::new(ctx.clone(), Arc::clone(&ledger))),
        bulk: Arc::new(SeaBulkActions::new(
            ctx.clone(),
            Arc::clone(&ledger),
            config.secrets.vault(),
        )),
        privacy: Arc::new(SeaPrivacy::new(ctx.clone(), Arc::clone(&ledger))),
        trash: Arc::new(SeaTrash::new(ctx.clone(), ledger)),
        lists: Arc::new(SeaLists::new(ctx.clone())),
        board: Arc::new(SeaBoard::new(ctx.clone())),
        tasks: Arc::new(SeaTasks::new(ctx.clone())),
        fields: Arc::new(SeaFields::new(ctx.clone())),
        saved_segments: Arc::new(SeaSavedSegments::new(ctx.clone())),
        timeline,
        segments,
        imports: Arc::new(SeaImports::new(ctx.clone(), config.data_dir.clone(), boot_id)),
        providers,
        domains: Arc::new(domains),
        practice: Arc::new(SeaPracticeOutbox::new(ctx.clone())),
        templates,
        insights: Arc::new(SeaInsights::new(SeaDrafts::clone(&drafts))),
        summaries: Arc::new(SeaSummaries::new(SeaDrafts::clone(&drafts))),
        drafts,
        messages: Arc::new(SeaMessages::new(deps.clone())),
        incoming,
        inbound: Arc::new(inbound),
        consents: Arc::new(SeaConsents::new(deps.clone())),
        campaigns: Arc::new(SeaCampaigns::new(deps)),
        suppressions: Arc::new(suppressions),
        repeated: Arc::new(SeaRepeatedRequests::new(ctx.clone(), boot_id)),
        engine,
        sealed,
        ctx,
    };
    Booted { services, queue, boot_id }
}

/// The file of a SQLite database, as the driver understands its address.
pub fn database_file(config: &Config) -> Option<std::path::PathBuf> {
    let options: Result<sea_orm::sqlx::sqlite::SqliteConnectOptions, _> =
        config.database_url.parse();
    options.ok().filter(|_| config.is_sqlite()).map(|options| options.get_filename().to_owned())
}

/// Backups of the database this server works with.
fn backups(config: &Config, ctx: &Context, accounts: &Arc<dyn Accounts>) -> SeaBackups {
    let places = crm_backup::Places {
        database: database_file(config),
        data_dir: config.data_dir.clone(),
        folder: config.backup_dir.clone(),
        keep: config.backup_keep,
    };
    SeaBackups::new(ctx.clone(), Arc::clone(accounts), places)
}

/// Drafts by the language model of the settings, or of a workspace.
fn drafts(
    config: &Config,
    ctx: &Context,
    contacts: &Arc<dyn Contacts>,
    timeline: &Arc<dyn Timeline>,
) -> SeaDrafts {
    SeaDrafts::new(
        ctx.clone(),
        Arc::clone(contacts),
        Arc::clone(timeline),
        config.secrets.vault(),
        config.outbound.clone(),
        Environment {
            key: config.ai.api_key.clone(),
            address: config.ai.base_url.clone(),
            model: config.ai.model.clone(),
        },
    )
}

/// The mailbox of each workspace.
fn incoming(config: &Config, inbound: &SeaInbound) -> SeaIncomingMail {
    let imap = ImapSurroundings {
        outbound: config.outbound.clone(),
        trust: Trust::system(),
        patience: SeaIncomingMail::PATIENCE,
    };
    let vault = config.secrets.vault();
    SeaIncomingMail::new(MailboxDeps { inbound: inbound.clone(), vault, imap })
}

fn providers(config: &Config, ctx: &Context) -> SeaProviders {
    let vault = config.secrets.vault();
    let (outbound, public_host) = (config.outbound.clone(), config.public_host());
    let urls = &config.base_urls;
    let elsewhere = Elsewhere {
        mailgun: urls.mailgun.clone(),
        twilio: urls.twilio.clone(),
        oauth: urls.mailboxes.clone(),
    };
    let providers = SeaProviders::new(ctx.clone(), vault, outbound, public_host);
    providers.elsewhere(elsewhere).reached_at(config.public_url.clone())
}
