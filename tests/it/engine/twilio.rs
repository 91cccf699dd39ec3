//! Campaigns through Twilio's API: each kind of trouble by number, and what its list tells afterwards.

use crm_campaigns::Campaign;
use crm_campaigns::campaigns::{Campaigns as _, Schedule};
use crm_core::{CampaignId, ProviderId};
use crm_providers::ProviderKind;
use crm_providers::providers::{NewProvider, ProviderConfig, TwilioConfig};
use support::both_databases;
use support::twilio::{ACCOUNT, TOKEN, TwilioServer, field};

use super::rig::{Rig, assert_once};
use super::texts::{note, number, people};
use super::words::at_rest;

/// The time of [`Rig`]'s clock as Twilio writes it.
pub(super) const NOW: &str = "Sun, 22 Nov 2026 23:30:00 +0000";

pub(super) async fn twilio(rig: &Rig, server: &TwilioServer, token: &str) -> ProviderId {
    capped(rig, server, token, None).await
}

/// The same with a limit of parts a month.
pub(super) async fn capped(
    rig: &Rig,
    server: &TwilioServer,
    token: &str,
    most: Option<u32>,
) -> ProviderId {
    let config = TwilioConfig {
        account_sid: ACCOUNT.to_owned(),
        from: Some("+12025550100".to_owned()),
        messaging_service_sid: None,
        base_url: Some(server.base().to_owned()),
        rate_per_minute: None,
        rate_per_day: None,
        parts_per_month: most,
        price_per_part: Some("0.0079".to_owned()),
    };
    let new = NewProvider {
        webhook_key: None,
        name: String::new(),
        config: ProviderConfig::Twilio(config),
        secret: Some(token.to_owned().into()),
        is_default: true,
    };
    rig.services.providers.create(&rig.scope, new).await.unwrap().id
}

pub(super) async fn sending(rig: &Rig, provider: ProviderId) -> CampaignId {
    let id =
        rig.approved_from(note("Hi {{ contact.first_name }}"), provider, Schedule::default()).await;
    rig.services.campaigns.send(&rig.scope, id).await.unwrap().unwrap();
    rig.look_at(id).await;
    id
}

both_databases! {
    async fn the_ledger_says_what_twilio_took(rig: Rig) {
        let server = TwilioServer::start(NOW).await;
        people(&rig, 10).await;
        let id = sending(&rig, twilio(&rig, &server, TOKEN).await).await;
        rig.until("nothing to be left to do now", id, at_rest).await;
        let ledger = rig.db.texts(&format!(
            "SELECT address || ' ' || state FROM campaign_recipients WHERE campaign_id = '{id}' \
             AND address IS NOT NULL ORDER BY address"
        ))
        .await;
        let wanted = [
            "sent", "failed", "retry_wait", "unknown",
            // No answer that says so, but Twilio's list does.
            "sent", "sent",
            "failed", "unknown", "retry_wait", "sent",
        ];
        let wanted: Vec<String> =
            wanted.iter().enumerate().map(|(n, state)| format!("{} {state}", number(n))).collect();
        assert_eq!(ledger, wanted);
        assert_once(&server.recipients());
        assert_eq!(server.recipients(), [0, 4, 5, 9].map(number));
        let form = &server.taken()[0];
        assert_eq!((field(form, "From"), field(form, "StatusCallback")), ("+12025550100", ""));
        assert!(field(form, "Body").starts_with("Hi Rita"));
        let stopped = rig.db.texts("SELECT address || ' ' || reason FROM suppressions ORDER BY address").await;
        assert_eq!(stopped, [format!("{} bounced", number(1)), format!("{} unsubscribed", number(6))]);
    }

    async fn a_wrong_token_pauses_and_loses_nobody(rig: Rig) {
        let server = TwilioServer::start(NOW).await;
        people(&rig, 6).await;
        let wrong = "00000000000000000000000000000000";
        let id = sending(&rig, twilio(&rig, &server, wrong).await).await;
        let is_paused = |now: &Campaign| now.pause_reason.is_some() && now.counts.sending == 0;
        let paused = rig.until("it to pause", id, is_paused).await;
        assert!(paused.pause_reason.unwrap().contains("20003"));
        let counts = rig.get(id).await.counts;
        assert_eq!((counts.sent, counts.failed), (0, 0));
        assert_eq!(counts.queued, 6);
        let default = rig.services.providers.default(&rig.scope, ProviderKind::Text).await;
        assert!(default.unwrap().unwrap().last_error.unwrap().contains("20003"));
    }
}
