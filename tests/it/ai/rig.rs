//! Drafts at the level of their service, with a model's server beside them.

use std::sync::Arc;
use std::time::Duration;

use crm_ai::SeaDrafts;
use crm_ai::drafts::{Brief, Channel, Environment, Length};
use crm_ai::openai::{Address, Limits};
use crm_contacts::timeline::SeaTimeline;
use crm_core::{OutboundPolicy, Vault};
use support::model::{Behaviour, ModelServer};
use support::{Backend, PerBackend};

use crate::campaigns::desk::Desk;

/// The key the operator has set.
pub const KEY: &str = "sk-of-the-operator";

pub struct Rig {
    pub desk: Desk,
    pub server: ModelServer,
    pub drafts: SeaDrafts,
}

impl PerBackend for Rig {
    async fn fresh(backend: Backend) -> Self {
        let desk = Desk::fresh(backend).await;
        let server = ModelServer::start(Behaviour::Well).await;
        let environment = Environment {
            key: Some(KEY.to_owned().into()),
            address: Some(Address::parse(server.base()).unwrap()),
            model: Some("stand-in".to_owned()),
        };
        let drafts = drafts(&desk, environment, "");
        Self { desk, server, drafts }
    }
}

/// The service with what the operator has set, and the private addresses a workspace's own server may be at.
pub fn drafts(desk: &Desk, environment: Environment, allowed: &str) -> SeaDrafts {
    SeaDrafts::new(
        desk.ctx.clone(),
        Arc::<crm_contacts::contacts::SeaContacts>::clone(&desk.contacts),
        Arc::new(SeaTimeline::new(desk.ctx.clone())),
        Vault::new([7; 32]),
        OutboundPolicy::parse(allowed).unwrap(),
        environment,
    )
}

impl Rig {
    /// The same with little patience.
    pub fn impatient(&self) -> SeaDrafts {
        let limits = Limits { silence: Duration::from_secs(1), whole: Duration::from_secs(20) };
        self.drafts.clone().with_limits(limits)
    }

    /// Uses as they are written down, oldest first: outcome, tokens in and out, whether they are a guess.
    pub async fn uses(&self) -> Vec<String> {
        let sql = "SELECT outcome || ' ' || prompt_tokens || ' ' || completion_tokens || \
                   CASE WHEN is_estimate THEN ' about' ELSE '' END FROM ai_usage ORDER BY at, id";
        self.desk.db.texts(sql).await
    }
}

/// A short draft.
pub fn brief(goal: &str) -> Brief {
    Brief {
        channel: Channel::Email,
        goal: goal.to_owned(),
        tone: "friendly".to_owned(),
        length: Length::Short,
        language: "English".to_owned(),
        facts: vec!["contact.first_name".to_owned()],
        contact_id: None,
    }
}
