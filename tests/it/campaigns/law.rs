//! What the law asks of campaigns: a postal address below mail to many.

use crm_campaigns::campaigns::SendPolicy;
use crm_campaigns::{Campaigns, CampaignsError};
use support::both_databases;

use super::desk::Desk;

const ADDRESS: &str = "Kornfeld\nMill Lane 1\n4020 Linz";

async fn set(desk: &Desk, change: impl FnOnce(&mut SendPolicy)) {
    let mut policy = desk.campaigns.policy(&desk.here).await.unwrap();
    change(&mut policy);
    desk.campaigns.set_policy(&desk.here, policy).await.unwrap();
}

both_databases! {
    async fn the_postal_address_stands_below_every_copy(desk: Desk) {
        desk.contact("Ada", "ada@example.org").await;
        set(&desk, |policy| policy.postal_address = ADDRESS.to_owned()).await;
        let draft = desk.draft("<p>Hello {{ contact.first_name }}</p>").await;
        let preflight = desk.campaigns.preflight(&desk.here, draft.id).await.unwrap().unwrap();
        assert!(preflight.blockers.is_empty() && !preflight.lacks_address, "{:?}", preflight.blockers);
        let rendered = &preflight.samples[0].rendered;
        let line = "Kornfeld, Mill Lane 1, 4020 Linz";
        assert!(rendered.html.contains(line) && rendered.text.contains(line), "{}", rendered.text);
    }

    async fn without_an_address_it_is_said_and_refused_once_there_was_one(desk: Desk) {
        desk.contact("Ada", "ada@example.org").await;
        let draft = desk.draft("<p>Hello</p>").await;
        let preflight = desk.campaigns.preflight(&desk.here, draft.id).await.unwrap().unwrap();
        assert!(preflight.lacks_address && preflight.blockers.is_empty());
        assert!(preflight.warnings.iter().any(|said| said.contains("postal address")), "{:?}", preflight.warnings);
        // Whoever has never said where they are reached may send all the same.
        desk.campaigns.submit(&desk.here, draft.id).await.unwrap().unwrap();
        desk.campaigns.approve(&desk.here, draft.id, None, None).await.unwrap().unwrap();

        set(&desk, |policy| policy.postal_address = ADDRESS.to_owned()).await;
        set(&desk, |policy| policy.postal_address.clear()).await;
        // Also what was approved before.
        let err = desk.campaigns.send(&desk.here, draft.id).await.unwrap_err();
        assert!(matches!(&err, CampaignsError::Blocked(why) if why.contains("postal address")), "{err:?}");
        let next = desk.draft("<p>Hello again</p>").await;
        let preflight = desk.campaigns.preflight(&desk.here, next.id).await.unwrap().unwrap();
        assert!(preflight.blockers.iter().any(|said| said.contains("Settings, Workspace, Law")), "{:?}", preflight.blockers);
        let err = desk.campaigns.submit(&desk.here, next.id).await.unwrap_err();
        assert!(matches!(&err, CampaignsError::Blocked(why) if why.contains("postal address")), "{err:?}");

        set(&desk, |policy| policy.require_postal_address = Some(false)).await;
        desk.campaigns.send(&desk.here, draft.id).await.unwrap().unwrap();
        desk.campaigns.submit(&desk.here, next.id).await.unwrap().unwrap();
        // Another workspace has rules of its own.
        assert_eq!(desk.campaigns.policy(&desk.elsewhere).await.unwrap(), SendPolicy::default());
    }

    async fn an_address_too_long_is_named(desk: Desk) {
        let policy = SendPolicy { postal_address: "x".repeat(501), ..SendPolicy::default() };
        let err = desk.campaigns.set_policy(&desk.here, policy).await.unwrap_err();
        assert!(matches!(err, CampaignsError::InvalidPolicy { field: "postal_address", .. }), "{err:?}");
    }
}
