//! A mailbox read as a connected account: Dovecot lets in by `XOAUTH2` whom Google or Microsoft (by `emulate`) know.

use std::sync::{Arc, Mutex};

use crm_campaigns::IncomingMail as _;
use crm_campaigns::mailbox::{
    Found, Look, MailboxError, MailboxState, NewMailbox, SeaIncomingMail,
};
use crm_core::outbound::Address;
use crm_core::{ProviderId, UserId, Vault};
use crm_providers::imap::ImapServer;
use crm_providers::oauth::Places;
use crm_providers::providers::{
    Elsewhere, MailboxConfig, NewProvider, ProviderConfig, Return, Security, Visitor,
};
use crm_providers::smtp::Trust;
use crm_providers::{OutboundPolicy, Providers, SeaProviders, State};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use support::emulate::{ACCOUNT, CLIENT_ID, CLIENT_SECRET, Emulate};
use support::http::{self, Head, Listening};
use support::imap::Dovecot;
use support::smtp::tls::Certificates;
use support::{both_databases, client};

use super::mailbox::{PATIENCE, mailbox};
use super::rig::Rig;

const REDIRECT: &str = "http://localhost:9/oauth/callback";
const HOUR: std::time::Duration = std::time::Duration::from_hours(2);

/// In front of the service that says whose token it is: `emulate` takes any token for its first user, so that the ones that
/// have ended are refused here.
struct Gate {
    listening: Listening,
    ended: Arc<Mutex<Vec<String>>>,
}

impl Gate {
    async fn before(userinfo: String) -> Self {
        let ended = Arc::<Mutex<Vec<String>>>::default();
        let known = Arc::clone(&ended);
        let listening = Listening::start(move |mut stream| {
            let (userinfo, known) = (userinfo.clone(), Arc::clone(&known));
            async move {
                let Some(head) = Head::read(&mut stream).await else { return };
                let bearer = head.header("authorization").to_owned();
                let has_ended = known.lock().unwrap().iter().any(|token| bearer.ends_with(token));
                if has_ended {
                    let refusal = r#"{"error": "invalid_token"}"#;
                    http::answer(&mut stream, "401 Unauthorized", "", refusal).await;
                    return;
                }
                let asking = client::http().build().unwrap().get(userinfo);
                let answer = asking.header("authorization", bearer).send().await.unwrap();
                http::answer(&mut stream, "200 OK", "", &answer.text().await.unwrap()).await;
            }
        })
        .await;
        Self { listening, ended }
    }

    fn ends(&self, token: String) {
        self.ended.lock().unwrap().push(token);
    }
}

/// Where people sign in, and the mailbox that believes it.
struct Stage {
    emulate: Emulate,
    gate: Gate,
    dovecot: Dovecot,
    providers: Arc<dyn Providers>,
    incoming: SeaIncomingMail,
}

impl Stage {
    async fn google(rig: &Rig) -> Self {
        let emulate = Emulate::start(REDIRECT).await;
        let userinfo = format!("{}/oauth2/v2/userinfo", emulate.google());
        Self::with(rig, emulate, Gate::before(userinfo).await)
    }

    async fn microsoft(rig: &Rig) -> Self {
        let emulate = Emulate::start(REDIRECT).await;
        let userinfo = format!("{}/oidc/userinfo", emulate.microsoft());
        Self::with(rig, emulate, Gate::before(userinfo).await)
    }

    fn with(rig: &Rig, emulate: Emulate, gate: Gate) -> Self {
        let dovecot = Dovecot::with_tokens(&Certificates::make(), gate.listening.base());
        let at = |base: String, path: &str| Some(Address::parse(&format!("{base}{path}")).unwrap());
        let (google, microsoft) = (emulate.google(), emulate.microsoft());
        let server = ImapServer {
            host: "127.0.0.1".to_owned(),
            port: dovecot.port(),
            security: Security::None,
        };
        let oauth = Places {
            google_auth: at(google.clone(), "/o/oauth2/v2/auth"),
            google_token: at(google.clone(), "/oauth2/token"),
            google_revoke: at(google, "/oauth2/revoke"),
            microsoft_auth: at(microsoft.clone(), "/oauth2/v2.0/authorize"),
            microsoft_token: at(microsoft, "/oauth2/v2.0/token"),
            google_imap: Some(server.clone()),
            microsoft_imap: Some(server),
            ..Places::default()
        };
        // What the operator has named needs no leave beside that.
        let (ctx, nowhere) = (rig.services.ctx.clone(), OutboundPolicy::default());
        let providers = SeaProviders::new(ctx, Vault::new([7; 32]), nowhere, None)
            .elsewhere(Elsewhere { oauth, ..Elsewhere::default() });
        let providers: Arc<dyn Providers> = Arc::new(providers);
        let incoming = rig.services.incoming_as(Arc::clone(&providers), Trust::system(), PATIENCE);
        Self { emulate, gate, dovecot, providers, incoming }
    }

    /// An account somebody has connected, granting `scope` where that is not what was asked for.
    async fn connected(
        &self,
        rig: &Rig,
        config: ProviderConfig,
        scope: Option<&str>,
    ) -> ProviderId {
        let secret = Some(CLIENT_SECRET.to_owned().into());
        let new = NewProvider {
            name: String::new(),
            config,
            secret,
            webhook_key: None,
            is_default: false,
        };
        let id = self.providers.create(&rig.scope, new).await.unwrap().id;
        let user_id: UserId = "0193563d-8a00-7000-8000-000000000001".parse().unwrap();
        let (session, redirect) = ("s1".to_owned().into(), REDIRECT.to_owned());
        let visitor = Visitor { user_id, session, redirect };
        let url = self.providers.connect(&rig.scope, id, &visitor).await.unwrap().unwrap();
        let consent = self.emulate.consent(&url, scope).await;
        let back = Return { state: consent.state, code: Some(consent.code), error: None };
        self.providers.connected(&rig.scope, &visitor, back).await.unwrap();
        id
    }

    async fn look(&self, rig: &Rig) -> Look {
        self.incoming.check(&rig.scope).await.unwrap()
    }

    /// Reads what is new, which must go well.
    async fn found(&self, rig: &Rig) -> Found {
        let look = self.look(rig).await;
        assert!(look.steps.iter().all(|step| step.ok), "{:?}", look.steps);
        look.found
    }

    async fn state(&self, rig: &Rig) -> (MailboxState, String) {
        let mailbox = self.incoming.get(&rig.scope).await.unwrap().unwrap();
        (mailbox.state, mailbox.last_error.unwrap_or_default())
    }
}

fn config(may_read: bool) -> MailboxConfig {
    MailboxConfig {
        client_id: CLIENT_ID.to_owned(),
        tenant: None,
        from_name: "Ada".to_owned(),
        reply_to: None,
        may_look: false,
        may_read,
        rate_per_minute: None,
        rate_per_day: None,
        warm_up_from: None,
    }
}

fn read_as(id: ProviderId) -> NewMailbox {
    let mut new = mailbox(1);
    // What stands in the fields of a password counts for nothing.
    "evil.example".clone_into(&mut new.place.host);
    NewMailbox { address: ACCOUNT.to_owned(), provider_id: Some(id), password: None, ..new }
}

fn mail(id: &str) -> String {
    format!(
        "From: Ada <ada@taken.example>\nTo: {ACCOUNT}\nSubject: Hello\nMessage-ID: <{id}>\n\nHello\n"
    )
}

async fn grant(rig: &Rig) -> Value {
    let sql = "SELECT grant_json FROM workspace_email_provider WHERE grant_json IS NOT NULL";
    serde_json::from_str(&rig.db.texts(sql).await.remove(0)).unwrap()
}

async fn token(rig: &Rig, id: ProviderId, what: &str, field: &str) -> String {
    let sealed = grant(rig).await[field].as_str().unwrap().to_owned();
    let opened = Vault::new([7; 32]).open(&format!("provider/{id}/{what}"), &sealed).unwrap();
    opened.expose_secret().to_owned()
}

const ONE: Found = Found { messages: 1, reports: 0, complaints: 0, answers: 0, unsubscribed: 0 };

both_databases! {
    async fn a_gmail_account_is_read_without_a_password_until_it_is_revoked(rig: Rig) {
        let stage = Stage::google(&rig).await;
        let id = stage.connected(&rig, ProviderConfig::Gmail(config(true)), None).await;
        let accounts = stage.incoming.accounts(&rig.scope).await.unwrap();
        assert_eq!(accounts.len(), 1);
        assert_eq!((accounts[0].id, accounts[0].account.as_str()), (id, ACCOUNT));

        let saved = stage.incoming.save(&rig.scope, read_as(id), None).await.unwrap();
        assert_eq!((saved.place.host.as_str(), saved.place.port), ("127.0.0.1", stage.dovecot.port()));
        assert_eq!((saved.place.username.as_str(), saved.provider_id), (ACCOUNT, Some(id)));
        assert_eq!(stage.found(&rig).await, Found::default());
        stage.dovecot.deliver(&mail("1@taken.example"));
        assert_eq!(stage.found(&rig).await, ONE);
        assert_eq!(stage.state(&rig).await.0, MailboxState::Connected);

        // A token that ends before its time is replaced by another one.
        let before = token(&rig, id, "access", "access_token").await;
        stage.gate.ends(before.clone());
        stage.dovecot.deliver(&mail("2@taken.example"));
        assert_eq!(stage.found(&rig).await, ONE);
        assert_ne!(token(&rig, id, "access", "access_token").await, before);

        // What was granted is taken back: it says so, for reading and for sending, and asks nobody again and again.
        stage.emulate.revoke(&token(&rig, id, "refresh", "refresh_token").await).await;
        rig.clock.advance(HOUR);
        let look = stage.look(&rig).await;
        let last = look.steps.last().unwrap();
        assert!(!last.ok && last.message.contains("connect the mailbox again"), "{:?}", look.steps);
        let (state, words) = stage.state(&rig).await;
        assert_eq!(state, MailboxState::Failing);
        assert!(words.contains("connect the mailbox again"), "{words}");
        let provider = stage.providers.get(&rig.scope, id).await.unwrap().unwrap();
        assert_eq!(provider.state, State::NeedsReconnect);
    }

    async fn an_outlook_account_is_read_with_a_token_of_its_own(rig: Rig) {
        let stage = Stage::microsoft(&rig).await;
        let id = stage.connected(&rig, ProviderConfig::Outlook(config(true)), None).await;
        stage.incoming.save(&rig.scope, read_as(id), None).await.unwrap();
        stage.dovecot.deliver(&mail("1@taken.example"));
        assert_eq!(stage.found(&rig).await, ONE);
        let first = grant(&rig).await;
        assert!(first["reading"]["token"].is_string(), "{first}");
        // Kept as long as it is good, and the token of sending stays what it was.
        assert_eq!(stage.found(&rig).await, Found::default());
        assert_eq!(grant(&rig).await, first);
        rig.clock.advance(HOUR);
        assert_eq!(stage.found(&rig).await, Found::default());
        let second = grant(&rig).await;
        assert_ne!(second["reading"], first["reading"]);
        assert_eq!(second["access_token"], first["access_token"]);
        assert_ne!(second["refresh_token"], first["refresh_token"], "worth something once");
    }

    async fn an_account_that_did_not_allow_reading_still_sends(rig: Rig) {
        let stage = Stage::microsoft(&rig).await;
        let granted = "openid email profile offline_access https://graph.microsoft.com/Mail.Send";
        let id = stage.connected(&rig, ProviderConfig::Outlook(config(true)), Some(granted)).await;
        stage.incoming.save(&rig.scope, read_as(id), None).await.unwrap();
        stage.look(&rig).await;
        let (state, words) = stage.state(&rig).await;
        assert_eq!(state, MailboxState::Failing);
        assert!(words.contains("was not allowed to let pi-crm read"), "{words}");
        let provider = stage.providers.get(&rig.scope, id).await.unwrap().unwrap();
        assert_ne!(provider.state, State::NeedsReconnect);
        assert!(stage.providers.open(&rig.scope, id).await.is_ok());
    }

    async fn accounts_that_may_not_be_read_are_not_offered(rig: Rig) {
        let stage = Stage::google(&rig).await;
        let id = stage.connected(&rig, ProviderConfig::Gmail(config(false)), None).await;
        assert_eq!(stage.incoming.accounts(&rig.scope).await.unwrap(), []);
        let stranger = rig.services.ctx.id(ProviderId::from_uuid);
        for id in [id, stranger] {
            let refused = stage.incoming.save(&rig.scope, read_as(id), None).await;
            assert!(
                matches!(refused, Err(MailboxError::Invalid { field: "provider_id", .. })),
                "{refused:?}"
            );
        }
        // One with a password becomes one without, and the password is gone; the other way round it is asked for.
        let path = Stage::google(&rig).await;
        let readable = path.connected(&rig, ProviderConfig::Gmail(config(true)), None).await;
        path.incoming.save(&rig.scope, mailbox(path.dovecot.port()), None).await.unwrap();
        assert_eq!(path.found(&rig).await, Found::default());
        path.incoming.save(&rig.scope, read_as(readable), None).await.unwrap();
        assert_eq!(path.found(&rig).await, Found::default());
        let back = NewMailbox { password: None, ..mailbox(path.dovecot.port()) };
        let refused = path.incoming.save(&rig.scope, back, None).await;
        assert!(matches!(refused, Err(MailboxError::Invalid { field: "password", .. })), "{refused:?}");
    }
}
