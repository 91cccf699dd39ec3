//! Each provider with an HTTP API, connected to a server of these tests.

use crm_core::outbound::Address;
use crm_core::{ProviderId, UserId};
use crm_providers::mailgun;
use crm_providers::oauth::Places;
use crm_providers::providers::{
    Elsewhere, MailboxConfig, MailgunConfig, NewProvider, ProviderConfig, Return, TwilioConfig,
    Visitor,
};
use crm_providers::smtp::Timeouts;
use support::emulate::{CLIENT_ID, CLIENT_SECRET, Emulate};
use support::faulty::{Api, FaultyServer};
use support::{mailgun as mg, twilio};

use super::rig::{Rig, Services};

const REDIRECT: &str = "http://localhost:9/oauth/callback";

/// The services of a process that finds a provider at this server, and the provider.
pub(super) async fn connected(
    rig: &Rig,
    api: Api,
    server: &FaultyServer,
    patience: Timeouts,
) -> (Services, ProviderId) {
    match api {
        Api::Twilio | Api::Mailgun => {
            let services =
                Services::with(rig.db.url(), &rig.clock, |providers| providers.patient(patience))
                    .await;
            let new = account(api, server.base());
            let id = services.providers.create(&rig.scope, new).await.unwrap().id;
            (services, id)
        }
        Api::Gmail | Api::Graph => mailbox(rig, api, server, patience).await,
    }
}

fn account(api: Api, base: &str) -> NewProvider {
    let base_url = Some(base.to_owned());
    let (config, secret) = if api == Api::Twilio {
        let config = TwilioConfig {
            account_sid: twilio::ACCOUNT.to_owned(),
            from: Some("+12025550100".to_owned()),
            messaging_service_sid: None,
            base_url,
            rate_per_minute: None,
            rate_per_day: None,
            parts_per_month: None,
            price_per_part: None,
        };
        (ProviderConfig::Twilio(config), twilio::TOKEN)
    } else {
        assert_ne!(base_url.as_deref(), Some(mailgun::US), "nothing here leaves this machine");
        let config = MailgunConfig {
            domain: mg::DOMAIN.to_owned(),
            base_url,
            from_email: format!("hello@{}", mg::DOMAIN),
            from_name: "Acme".to_owned(),
            reply_to: None,
            rate_per_minute: None,
            rate_per_day: None,
            warm_up_from: None,
        };
        (ProviderConfig::Mailgun(config), mg::KEY)
    };
    NewProvider {
        name: String::new(),
        config,
        secret: Some(secret.to_owned().into()),
        webhook_key: None,
        is_default: false,
    }
}

/// A mailbox somebody connected at `emulate`, whose API is at the server.
async fn mailbox(
    rig: &Rig,
    api: Api,
    server: &FaultyServer,
    patience: Timeouts,
) -> (Services, ProviderId) {
    let emulate = Emulate::start(REDIRECT).await;
    let at = |base: &str, path: &str| Some(Address::parse(&format!("{base}{path}")).unwrap());
    let (google, microsoft) = (emulate.google(), emulate.microsoft());
    let oauth = Places {
        google_auth: at(&google, "/o/oauth2/v2/auth"),
        google_token: at(&google, "/oauth2/token"),
        google_revoke: at(&google, "/oauth2/revoke"),
        gmail: at(server.base(), ""),
        microsoft_auth: at(&microsoft, "/oauth2/v2.0/authorize"),
        microsoft_token: at(&microsoft, "/oauth2/v2.0/token"),
        outlook: at(server.base(), ""),
        ..Places::default()
    };
    let services = Services::with(rig.db.url(), &rig.clock, |providers| {
        providers.patient(patience).elsewhere(Elsewhere { oauth, ..Elsewhere::default() })
    })
    .await;
    let config = MailboxConfig {
        client_id: CLIENT_ID.to_owned(),
        tenant: None,
        from_name: "Ada".to_owned(),
        reply_to: None,
        may_look: false,
        may_read: false,
        rate_per_minute: None,
        rate_per_day: None,
        warm_up_from: None,
    };
    let is_gmail = api == Api::Gmail;
    let config =
        if is_gmail { ProviderConfig::Gmail(config) } else { ProviderConfig::Outlook(config) };
    let new = NewProvider {
        name: String::new(),
        config,
        secret: Some(CLIENT_SECRET.to_owned().into()),
        webhook_key: None,
        is_default: false,
    };
    let providers = &services.providers;
    let id = providers.create(&rig.scope, new).await.unwrap().id;
    let user_id: UserId = "0193563d-8a00-7000-8000-000000000001".parse().unwrap();
    let visitor =
        Visitor { user_id, session: "s1".to_owned().into(), redirect: REDIRECT.to_owned() };
    let url = providers.connect(&rig.scope, id, &visitor).await.unwrap().unwrap();
    let consent = emulate.consent(&url, None).await;
    let back = Return { state: consent.state, code: Some(consent.code), error: None };
    providers.connected(&rig.scope, &visitor, back).await.unwrap();
    (services, id)
}
