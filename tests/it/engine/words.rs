//! People whose addresses begin with the fault that meets them, and what became of each.

use std::collections::BTreeMap;

use crm_campaigns::campaigns::Campaign;
use crm_contacts::contacts::NewContact;
use crm_core::CampaignId;

use super::rig::Rig;

/// Makes contacts whose addresses begin with these words.
pub(super) async fn people(rig: &Rig, words: &[&str]) {
    for (number, word) in words.iter().enumerate() {
        let new = NewContact {
            first_name: format!("Rita {number}"),
            primary_email: Some(format!("{word}.{number}@example.com")),
            ..NewContact::default()
        };
        rig.services.contacts.create(&rig.scope, new).await.unwrap();
    }
}

/// State and error of each row, by the word its address begins with.
pub(super) async fn ledger(rig: &Rig, id: CampaignId) -> BTreeMap<String, (String, String)> {
    let (addresses, states, errors) = (
        rig.ledger(id, "address").await,
        rig.ledger(id, "state").await,
        rig.ledger(id, "error").await,
    );
    addresses
        .into_iter()
        .zip(states.into_iter().zip(errors))
        .map(|(address, row)| (address.split('.').next().unwrap().to_owned(), row))
        .collect()
}

/// Whether nothing is left to do now.
pub(super) fn at_rest(campaign: &Campaign) -> bool {
    campaign.counts.queued + campaign.counts.sending == 0
}
