//! Mailboxes people connect at Google and Microsoft, and what becomes of their tokens.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use crm_core::outbound::Address;
use crm_core::{ProviderId, Scope, UserId};
use crm_providers::oauth::Places;
use crm_providers::providers::{
    Elsewhere, MailboxConfig, NewProvider, ProviderConfig, Return, Visitor,
};
use crm_providers::{Outcome, Provider, Providers, ProvidersError, SeaProviders, State};
use mail_parser::MessageParser;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use support::emulate::{ACCOUNT, CLIENT_ID, CLIENT_SECRET, Emulate, parameter};
use support::graph::GraphServer;
use support::{TestDb, both_databases};

use super::{Bench, message, vault};

const REDIRECT: &str = "http://localhost:9/oauth/callback";

fn config() -> MailboxConfig {
    MailboxConfig {
        client_id: CLIENT_ID.to_owned(),
        tenant: None,
        from_name: "Ada".to_owned(),
        reply_to: None,
        may_look: false,
        may_read: false,
        rate_per_minute: None,
        rate_per_day: None,
        warm_up_from: None,
    }
}

fn new(config: ProviderConfig, secret: Option<&str>) -> NewProvider {
    let secret = secret.map(|secret| secret.to_owned().into());
    NewProvider { webhook_key: None, name: String::new(), config, secret, is_default: false }
}

/// The person and the session everything here is done in.
fn visitor(session: &str) -> Visitor {
    let user_id: UserId = "0193563d-8a00-7000-8000-000000000001".parse().unwrap();
    Visitor { user_id, session: session.to_owned().into(), redirect: REDIRECT.to_owned() }
}

struct Stage {
    bench: Bench,
    scope: Scope,
    emulate: Emulate,
    graph: GraphServer,
}

impl Stage {
    async fn on(db: TestDb) -> Self {
        let bench = Bench::on(db).await;
        let scope = bench.workspace().await;
        let (emulate, graph) = (Emulate::start(REDIRECT).await, GraphServer::start().await);
        Self { bench, scope, emulate, graph }
    }

    /// The service of one process.
    fn process(&self) -> SeaProviders {
        let at = |base: String, path: &str| Some(Address::parse(&format!("{base}{path}")).unwrap());
        let (google, microsoft) = (self.emulate.google(), self.emulate.microsoft());
        let oauth = Places {
            google_auth: at(google.clone(), "/o/oauth2/v2/auth"),
            google_token: at(google.clone(), "/oauth2/token"),
            google_revoke: at(google.clone(), "/oauth2/revoke"),
            gmail: at(google, ""),
            microsoft_auth: at(microsoft.clone(), "/oauth2/v2.0/authorize"),
            microsoft_token: at(microsoft, "/oauth2/v2.0/token"),
            outlook: at(self.graph.base().to_owned(), ""),
            ..Places::default()
        };
        self.bench.providers().elsewhere(Elsewhere { oauth, ..Elsewhere::default() })
    }

    /// A mailbox that is connected.
    async fn connected(&self, config: ProviderConfig) -> Provider {
        let process = self.process();
        let made = process.create(&self.scope, new(config, Some(CLIENT_SECRET))).await.unwrap();
        self.connect(&process, made.id).await
    }

    async fn connect(&self, process: &SeaProviders, id: ProviderId) -> Provider {
        let url = process.connect(&self.scope, id, &visitor("s1")).await.unwrap().unwrap();
        let back = self.consent(&url, None).await;
        process.connected(&self.scope, &visitor("s1"), back).await.unwrap()
    }

    async fn consent(&self, url: &str, scope: Option<&str>) -> Return {
        let consent = self.emulate.consent(url, scope).await;
        Return { state: consent.state, code: Some(consent.code), error: None }
    }

    async fn send(&self, process: &SeaProviders, id: ProviderId, to: &str) -> Outcome {
        let opened = process.open(&self.scope, id).await.unwrap().unwrap().email().unwrap();
        opened.send(&message(&self.scope, to)).await
    }

    async fn grant(&self) -> Value {
        let sql = "SELECT grant_json FROM workspace_email_provider WHERE grant_json IS NOT NULL";
        serde_json::from_str(&self.bench.db.texts(sql).await.remove(0)).unwrap()
    }

    async fn state(&self, id: ProviderId) -> State {
        self.process().get(&self.scope, id).await.unwrap().unwrap().state
    }
}

fn gmail() -> ProviderConfig {
    ProviderConfig::Gmail(config())
}

fn outlook() -> ProviderConfig {
    ProviderConfig::Outlook(config())
}

fn is_accepted(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Accepted { .. })
}

both_databases! {
    async fn a_gmail_mailbox_is_connected_sends_and_is_disconnected(db: TestDb) {
        let stage = Stage::on(db).await;
        let process = stage.process();
        let bare = MailboxConfig { client_id: String::new(), ..config() };
        let made = process.create(&stage.scope, new(ProviderConfig::Gmail(bare), None)).await.unwrap();
        assert_eq!(made.state, State::NotConfigured);
        let early = process.connect(&stage.scope, made.id, &visitor("s1")).await;
        assert!(matches!(early, Err(ProvidersError::NotConfigured)), "{early:?}");
        let filled = new(gmail(), Some(CLIENT_SECRET));
        let ready = process.update(&stage.scope, made.id, None, filled).await.unwrap().unwrap();
        assert_eq!((ready.state, ready.account), (State::Ready, None));
        let early = process.open(&stage.scope, made.id).await.map(drop);
        assert!(matches!(early, Err(ProvidersError::NotConnected)), "{early:?}");

        let url = process.connect(&stage.scope, made.id, &visitor("s1")).await.unwrap().unwrap();
        assert_eq!(parameter(&url, "code_challenge_method"), "S256");
        assert_eq!(parameter(&url, "access_type"), "offline");
        assert_eq!(parameter(&url, "redirect_uri"), REDIRECT);
        assert!(parameter(&url, "scope").contains("gmail.send"));
        assert!(!url.contains(CLIENT_SECRET));
        let back = stage.consent(&url, None).await;
        let connected = process.connected(&stage.scope, &visitor("s1"), back).await.unwrap();
        assert_eq!((connected.state, connected.account.as_deref()), (State::Connected, Some(ACCOUNT)));

        let sent = message(&stage.scope, "bob@example.org");
        let opened = process.open(&stage.scope, made.id).await.unwrap().unwrap().email().unwrap();
        assert_eq!(opened.sender().email.as_str(), ACCOUNT);
        let outcome = opened.send(&sent).await;
        assert!(is_accepted(&outcome), "{outcome:?}");
        let raw = stage.emulate.sent(REDIRECT).await.remove(0);
        let raw = BASE64_URL_SAFE_NO_PAD.decode(raw.trim_end_matches('=')).unwrap();
        let parsed = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(parsed.message_id(), Some(sent.message_id.as_str()));
        assert_eq!(parsed.subject(), Some(sent.subject.as_str()));
        assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some("bob@example.org"));
        let steps = process.test(&stage.scope, made.id, "bob@example.org").await.unwrap().unwrap();
        assert!(steps.iter().all(|step| step.ok) && steps.len() == 2, "{steps:?}");

        // Neither secret nor token lies anywhere in clear.
        let columns = "SELECT CAST(config_json AS text) || grant_json FROM workspace_email_provider";
        let mut stored = stage.bench.db.texts(columns).await;
        stored.extend(stage.bench.db.texts("SELECT CAST(details AS text) FROM audit_logs").await);
        let stored = stored.join("\n");
        assert!(!stored.contains(CLIENT_SECRET) && !stored.contains("google_"), "{stored}");

        let refresh = refresh_token(&stage, made.id).await;
        assert!(process.disconnect(&stage.scope, made.id).await.unwrap());
        let gone = process.get(&stage.scope, made.id).await.unwrap().unwrap();
        assert_eq!((gone.state, gone.account), (State::Ready, None));
        assert_eq!(renew(&stage, &refresh).await, 400, "Google was told");
        let actions = stage.bench.db.texts("SELECT action FROM audit_logs WHERE action LIKE '%mailbox%' ORDER BY seq").await;
        assert_eq!(actions, ["provider.mailbox_connected", "provider.mailbox_disconnected"]);
    }

    async fn a_way_back_counts_once_for_who_began_it(db: TestDb) {
        let stage = Stage::on(db).await;
        let process = stage.process();
        let made = process.create(&stage.scope, new(gmail(), Some(CLIENT_SECRET))).await.unwrap();
        let expired = |result: &Result<Provider, ProvidersError>| matches!(result, Err(ProvidersError::ConnectExpired));
        let begin = async || process.connect(&stage.scope, made.id, &visitor("s1")).await.unwrap().unwrap();

        let back = stage.consent(&begin().await, None).await;
        let other = process.connected(&stage.scope, &visitor("s2"), back.clone()).await;
        assert!(expired(&other), "another session: {other:?}");
        let twice = process.connected(&stage.scope, &visitor("s1"), back).await;
        assert!(expired(&twice), "it is used up: {twice:?}");

        let back = stage.consent(&begin().await, None).await;
        let forged = Return { state: "made-up".to_owned(), ..back.clone() };
        assert!(expired(&process.connected(&stage.scope, &visitor("s1"), forged).await));
        let elsewhere = stage.bench.workspace().await;
        assert!(expired(&process.connected(&elsewhere, &visitor("s1"), back.clone()).await));
        stage.bench.clock.advance(Duration::from_mins(11));
        assert!(expired(&process.connected(&stage.scope, &visitor("s1"), back).await), "too late");

        let back = stage.consent(&begin().await, Some("openid email")).await;
        let unticked = process.connected(&stage.scope, &visitor("s1"), back).await;
        assert!(matches!(&unticked, Err(ProvidersError::ConnectFailed(words)) if words.contains("ticked")), "{unticked:?}");
        let state = parameter(&begin().await, "state");
        let denied = Return { state, code: None, error: Some("access_denied".to_owned()) };
        let denied = process.connected(&stage.scope, &visitor("s1"), denied).await;
        assert!(matches!(&denied, Err(ProvidersError::ConnectFailed(words)) if words.contains("not allowed")), "{denied:?}");
        assert_eq!(stage.state(made.id).await, State::Ready);
    }

    async fn two_processes_that_renew_at_once_end_connected(db: TestDb) {
        let stage = Stage::on(db).await;
        let made = stage.connected(outlook()).await;
        let (one, two) = (stage.process(), stage.process());
        // Microsoft takes each refresh token once: had both asked with the same, one of them would be shut out.
        for round in 0..3_u64 {
            stage.bench.clock.advance(Duration::from_hours(2));
            let (first, second) = tokio::join!(
                stage.send(&one, made.id, "bob@example.org"),
                stage.send(&two, made.id, "cleo@example.org"),
            );
            assert!(is_accepted(&first) && is_accepted(&second), "{round}: {first:?} {second:?}");
            assert_eq!(stage.grant().await["generation"], round + 2, "once in a round");
        }
        assert_eq!(stage.state(made.id).await, State::Connected);
        let taken = stage.graph.taken();
        assert_eq!(taken.len(), 6);
        assert!(taken.iter().all(|taken| taken.token.starts_with("microsoft_")));
    }

    async fn a_lost_new_token_is_noticed_once_and_not_asked_for_again(db: TestDb) {
        let stage = Stage::on(db).await;
        let made = stage.connected(outlook()).await;
        let process = stage.process();
        let before = stage.grant().await;
        stage.bench.clock.advance(Duration::from_hours(2));
        assert!(is_accepted(&stage.send(&process, made.id, "bob@example.org").await));
        // As if this server had ended between the answer and the commit.
        let before = before.to_string().replace('\'', "''");
        stage.bench.run(&format!("UPDATE workspace_email_provider SET grant_json = '{before}' WHERE id = '{}'", made.id)).await;
        for _ in 0..2 {
            let outcome = stage.send(&process, made.id, "cleo@example.org").await;
            let Outcome::Blocked { kind, message } = outcome else { panic!("{outcome:?}") };
            assert!(kind == "reconnect" && message.contains("invalid_grant"), "{message}");
        }
        assert_eq!(stage.state(made.id).await, State::NeedsReconnect);
        let lost = "SELECT count(*) FROM audit_logs WHERE action = 'provider.mailbox_lost'";
        assert_eq!(stage.bench.db.count(lost).await, 1);
        assert_eq!(stage.graph.taken().len(), 1);
        let connected = stage.connect(&process, made.id).await;
        assert_eq!(connected.state, State::Connected);
        assert!(is_accepted(&stage.send(&process, made.id, "cleo@example.org").await));
    }

    async fn a_revoked_grant_waits_for_a_person(db: TestDb) {
        let stage = Stage::on(db).await;
        let made = stage.connected(gmail()).await;
        let process = stage.process();
        let refresh = refresh_token(&stage, made.id).await;
        stage.emulate.revoke(&refresh).await;
        // The token of the moment is good for a while yet.
        assert!(is_accepted(&stage.send(&process, made.id, "bob@example.org").await));
        stage.bench.clock.advance(Duration::from_hours(2));
        let outcome = stage.send(&process, made.id, "bob@example.org").await;
        assert!(matches!(&outcome, Outcome::Blocked { kind, .. } if kind == "reconnect"), "{outcome:?}");
        let now = process.get(&stage.scope, made.id).await.unwrap().unwrap();
        assert_eq!(now.state, State::NeedsReconnect);
        assert!(now.last_error.unwrap().contains("The refresh token is invalid"));
        let steps = process.test(&stage.scope, made.id, "bob@example.org").await.unwrap().unwrap();
        assert!(steps.len() == 1 && !steps[0].ok && steps[0].message.contains("connect the mailbox again"), "{steps:?}");
    }

    async fn graph_takes_the_message_in_base64(db: TestDb) {
        let stage = Stage::on(db).await;
        let made = stage.connected(outlook()).await;
        let process = stage.process();
        let sent = message(&stage.scope, "bob@example.org");
        let opened = process.open(&stage.scope, made.id).await.unwrap().unwrap().email().unwrap();
        assert_eq!(opened.send(&sent).await, Outcome::Accepted { provider_id: None });
        let taken = stage.graph.taken().remove(0);
        let parsed = MessageParser::default().parse(&taken.message).unwrap();
        assert_eq!(parsed.message_id(), Some(sent.message_id.as_str()));
        assert_eq!(taken.to, "bob@example.org");
        let busy = opened.send(&message(&stage.scope, "busy.x@example.org")).await;
        assert!(matches!(busy, Outcome::Transient { retry_after: Some(wait), .. } if wait.as_secs() == 5), "{busy:?}");
        for (to, wanted) in [("denied.x@example.org", "sender"), ("stale.x@example.org", "authentication")] {
            let outcome = opened.send(&message(&stage.scope, to)).await;
            assert!(matches!(&outcome, Outcome::Blocked { kind, .. } if kind == wanted), "{to}: {outcome:?}");
        }
        let nobody = opened.send(&message(&stage.scope, "nobody.x@example.org")).await;
        assert!(matches!(nobody, Outcome::Permanent { suppress: false, .. }), "{nobody:?}");
        let lost = opened.send(&message(&stage.scope, "lost.x@example.org")).await;
        assert!(matches!(lost, Outcome::Unknown { .. }), "{lost:?}");
    }
}

/// The token for getting others, as it lies sealed in the row.
async fn refresh_token(stage: &Stage, id: ProviderId) -> String {
    let sealed = stage.grant().await["refresh_token"].as_str().unwrap().to_owned();
    let opened = vault().open(&format!("provider/{id}/refresh"), &sealed).unwrap();
    opened.expose_secret().to_owned()
}

/// What Google answers to a refresh token.
async fn renew(stage: &Stage, refresh: &str) -> u16 {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
    ];
    let http = support::client::http().build().unwrap();
    let url = format!("{}/oauth2/token", stage.emulate.google());
    http.post(url).form(&form).send().await.unwrap().status().as_u16()
}
