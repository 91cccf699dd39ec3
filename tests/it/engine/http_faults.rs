//! What each kind of trouble on the way to a provider means for a message, for every provider with an HTTP API alike: what may
//! have been taken is never called anything that leads to another try, and one attempt is one request.

use std::time::Duration;

use crm_core::{EmailAddress, Phone, Scope};
use crm_providers::smtp::Timeouts;
use crm_providers::{Carrier, Outcome, Outgoing, OutgoingEmail, OutgoingText};
use support::both_databases;
use support::faulty::{Api, Fault, FaultyServer};

use super::channels::connected;
use super::rig::Rig;

/// Short, as a stall is waited for.
const PATIENCE: Timeouts = Timeouts {
    connect: Duration::from_secs(2),
    send: Duration::from_millis(500),
    idle: Duration::from_secs(5),
};

/// What may come of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Accepted,
    /// Surely not taken: it is tried again, not before this many seconds.
    Later(Option<u64>),
    /// Nobody can tell.
    Unknown,
    /// The end of the message may have left before the connection was lost: either is true.
    LaterOrUnknown,
}

/// The table: what goes wrong, what that means, and whether the server took the message.
const TABLE: [(Fault, Wanted, bool); 7] = [
    (Fault::None, Wanted::Accepted, true),
    (Fault::Limit, Wanted::Later(Some(60)), false),
    (Fault::Broke, Wanted::Unknown, false),
    (Fault::Garbage, Wanted::Unknown, true),
    (Fault::ResetAfter, Wanted::Unknown, true),
    (Fault::ResetBefore, Wanted::LaterOrUnknown, false),
    (Fault::Stall, Wanted::Unknown, true),
];

fn fits(wanted: Wanted, outcome: &Outcome) -> bool {
    match (wanted, outcome) {
        (Wanted::Accepted, Outcome::Accepted { .. })
        | (Wanted::Unknown | Wanted::LaterOrUnknown, Outcome::Unknown { .. })
        | (Wanted::LaterOrUnknown, Outcome::Transient { .. }) => true,
        (Wanted::Later(seconds), Outcome::Transient { retry_after, .. }) => {
            retry_after.map(|wait| wait.as_secs()) == seconds
        }
        _ => false,
    }
}

fn message(scope: &Scope, carrier: &Carrier) -> Outgoing {
    match carrier {
        Carrier::Text(_) => Outgoing::Text(OutgoingText {
            recipient_id: None,
            workspace_id: scope.workspace_id(),
            campaign_id: None,
            contact_id: None,
            to: Phone::parse("+436641234500", "").unwrap(),
            body: "Hi".to_owned(),
        }),
        Carrier::Email(_) => Outgoing::Email(OutgoingEmail {
            recipient_id: None,
            workspace_id: scope.workspace_id(),
            campaign_id: None,
            contact_id: None,
            message_id: "1@acme.example".to_owned(),
            to: EmailAddress::parse("ada@example.com").unwrap(),
            to_name: None,
            subject: "S".to_owned(),
            // Larger than what a connection takes before anybody reads it.
            html: format!("<p>{}</p>", "Dear Ada, all is well. ".repeat(20_000)),
            text: "Dear Ada".to_owned(),
            unsubscribe: None,
            return_path: None,
        }),
    }
}

async fn each_fault(rig: &Rig, api: Api) {
    for (fault, wanted, taken) in TABLE {
        let server = FaultyServer::start(api, Some(fault)).await;
        let (services, id) = connected(rig, api, &server, PATIENCE).await;
        let carrier = services.providers.open(&rig.scope, id).await.unwrap().unwrap();
        let outcome = carrier.send(&message(&rig.scope, &carrier)).await;
        assert!(fits(wanted, &outcome), "{api:?}, {fault:?}: {outcome:?}");
        assert_eq!(server.posts(), 1, "{api:?}, {fault:?}: one attempt is one request");
        assert_eq!(server.recipients().len(), usize::from(taken), "{api:?}, {fault:?}");
    }
}

both_databases! {
    async fn twilio_means_what_it_says(rig: Rig) {
        each_fault(&rig, Api::Twilio).await;
    }

    async fn mailgun_means_what_it_says(rig: Rig) {
        each_fault(&rig, Api::Mailgun).await;
    }

    async fn gmail_means_what_it_says(rig: Rig) {
        each_fault(&rig, Api::Gmail).await;
    }

    async fn outlook_means_what_it_says(rig: Rig) {
        each_fault(&rig, Api::Graph).await;
    }
}
