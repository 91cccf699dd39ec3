//! Approvals: whose word counts, what it pins, and what withdraws it.

use crm_campaigns::campaigns::{NewCampaign, SendPolicy, Status};
use crm_campaigns::templates::NewTemplate;
use crm_campaigns::{Campaigns, CampaignsError, Templates};
use crm_contacts::Contacts;
use crm_core::Role;
use support::both_databases;

use super::desk::Desk;

const BODY: &str = "<p>Hi {{ contact.first_name }}</p>";

both_databases! {
    async fn alone_one_approves_ones_own_and_in_company_not(desk: Desk) {
        desk.people(1).await;
        let alone = desk.approved(BODY).await;
        assert_eq!(alone.status, Status::Approved);

        let reviewer = desk.colleague(Role::Reviewer).await;
        let id = desk.draft(BODY).await.id;
        desk.campaigns.submit(&desk.here, id).await.unwrap();
        let own = desk.campaigns.approve(&desk.here, id, None, None).await;
        assert!(matches!(own, Err(CampaignsError::OwnApproval)), "{own:?}");
        let approved = desk.campaigns.approve(&reviewer, id, None, None).await.unwrap().unwrap();
        assert_eq!((approved.status, approved.approval.unwrap().reviewer_id), (Status::Approved, reviewer.user_id()));
    }

    async fn the_workspace_may_say_otherwise(desk: Desk) {
        desk.people(1).await;
        let id = desk.draft(BODY).await.id;
        desk.campaigns.submit(&desk.here, id).await.unwrap();
        let strict = SendPolicy { approve_own: Some(false), ..SendPolicy::default() };
        desk.campaigns.set_policy(&desk.here, strict.clone()).await.unwrap();
        assert_eq!(desk.campaigns.policy(&desk.here).await.unwrap(), strict);
        assert_eq!(desk.campaigns.policy(&desk.elsewhere).await.unwrap(), SendPolicy::default());
        let own = desk.campaigns.approve(&desk.here, id, None, None).await;
        assert!(matches!(own, Err(CampaignsError::OwnApproval)), "{own:?}");

        desk.colleague(Role::Editor).await;
        let lax = SendPolicy { approve_own: Some(true), ..SendPolicy::default() };
        desk.campaigns.set_policy(&desk.here, lax).await.unwrap();
        assert!(desk.campaigns.approve(&desk.here, id, None, None).await.unwrap().is_some());
    }

    async fn of_racing_reviewers_one_wins(desk: Desk) {
        desk.people(1).await;
        let reviewer = desk.colleague(Role::Admin).await;
        for _ in 0..5 {
            let id = desk.draft(BODY).await.id;
            desk.campaigns.submit(&desk.here, id).await.unwrap();
            let mut racing = Vec::new();
            for n in 0..4 {
                let (campaigns, scope) = (desk.campaigns.clone(), reviewer.clone());
                racing.push(tokio::spawn(async move {
                    if n % 2 == 0 {
                        campaigns.approve(&scope, id, None, None).await
                    } else {
                        campaigns.reject(&scope, id, "no".to_owned()).await
                    }
                }));
            }
            let mut won = Vec::new();
            for one in racing {
                match one.await.unwrap() {
                    Ok(Some(campaign)) => won.push(campaign.status),
                    Err(CampaignsError::InvalidState { .. }) => {}
                    other => panic!("{other:?}"),
                }
            }
            let now = desk.campaigns.get(&desk.here, id).await.unwrap().unwrap();
            assert_eq!(won, [now.status]);
            assert_eq!(now.approval.unwrap().status, now.status.as_str());
        }
    }

    async fn a_rejection_says_why_and_goes_back_to_the_author(desk: Desk) {
        desk.people(1).await;
        let id = desk.draft(BODY).await.id;
        desk.campaigns.submit(&desk.here, id).await.unwrap();
        let silent = desk.campaigns.reject(&desk.here, id, "  ".to_owned()).await;
        assert!(matches!(silent, Err(CampaignsError::NotesRequired)), "{silent:?}");
        let rejected = desk.campaigns.reject(&desk.here, id, "too long".to_owned()).await.unwrap().unwrap();
        assert_eq!((rejected.status, rejected.approval.unwrap().notes.as_deref()), (Status::Rejected, Some("too long")));
        let draft = desk.campaigns.withdraw(&desk.here, id).await.unwrap().unwrap();
        assert_eq!((draft.status, draft.approval.unwrap().status.as_str()), (Status::Draft, "rejected"));
        let again = desk.campaigns.submit(&desk.here, id).await.unwrap().unwrap();
        assert_eq!(again.status, Status::PendingApproval);
    }

    async fn what_is_approved_is_what_the_reviewer_saw(desk: Desk) {
        desk.people(1).await;
        let id = desk.draft(BODY).await.id;
        let before = desk.campaigns.preflight(&desk.here, id).await.unwrap().unwrap();
        let submitted = desk.campaigns.submit(&desk.here, id).await.unwrap().unwrap();
        assert_eq!(submitted.content_hash.as_ref(), Some(&before.content_hash));
        let other = desk.campaigns.approve(&desk.here, id, None, Some("0".repeat(64))).await;
        assert!(matches!(other, Err(CampaignsError::Stale)), "{other:?}");
        let same = desk.campaigns.approve(&desk.here, id, None, Some(before.content_hash)).await;
        assert_eq!(same.unwrap().unwrap().status, Status::Approved);
    }

    async fn an_edit_withdraws_the_approval(desk: Desk) {
        desk.people(1).await;
        let approved = desk.approved(BODY).await;
        let template = desk.template(BODY).await;
        let late = desk.campaigns.update(&desk.here, approved.id, Some(1), desk.to_everybody(&template)).await;
        assert!(matches!(late, Err(CampaignsError::Stale)), "{late:?}");
        let change = NewCampaign { name: "Other".to_owned(), ..desk.to_everybody(&template) };
        let edited = desk.campaigns.update(&desk.here, approved.id, Some(approved.version), change).await.unwrap().unwrap();
        assert_eq!((edited.status, edited.name.as_str(), edited.content_hash), (Status::Draft, "Other", None));
        assert!(edited.approval.is_none());
        let sent = desk.campaigns.send(&desk.here, approved.id).await;
        assert!(matches!(sent, Err(CampaignsError::InvalidState { .. })), "{sent:?}");
        let said = desk.db.texts("SELECT CAST(details AS TEXT) FROM audit_logs WHERE action = 'campaign.updated'").await;
        assert!(said[0].contains("approval_withdrawn"), "{said:?}");
    }

    async fn an_edited_template_withdraws_the_approval_and_a_renamed_or_deleted_one_does_not(desk: Desk) {
        desk.people(1).await;
        let approved = desk.approved(BODY).await;
        let id = approved.template_id.unwrap();
        let template = desk.templates.get(&desk.here, id).await.unwrap().unwrap();
        let change = NewTemplate { subject: "Changed".to_owned(), ..template.content.clone() };
        desk.templates.update(&desk.here, id, None, change).await.unwrap();
        let warned = desk.campaigns.preflight(&desk.here, approved.id).await.unwrap().unwrap();
        assert!(warned.warnings.iter().any(|words| words.contains("template was changed")), "{:?}", warned.warnings);
        let refused = desk.campaigns.send(&desk.here, approved.id).await;
        assert!(matches!(refused, Err(CampaignsError::ApprovalWithdrawn(_))), "{refused:?}");
        assert_eq!(desk.status(&approved).await, Status::Draft);
        assert_eq!(desk.db.count("SELECT count(*) FROM campaign_recipients").await, 0);
        assert_eq!(desk.audited().await.last().map(String::as_str), Some("campaign.withdrawn"));

        let renamed = desk.approved(BODY).await;
        let id = renamed.template_id.unwrap();
        let template = desk.templates.get(&desk.here, id).await.unwrap().unwrap();
        let change = NewTemplate { name: "New name".to_owned(), ..template.content };
        desk.templates.update(&desk.here, id, None, change).await.unwrap();
        desk.templates.delete(&desk.here, id).await.unwrap();
        let sent = desk.campaigns.send(&desk.here, renamed.id).await.unwrap().unwrap();
        assert_eq!((sent.status, sent.template_id), (Status::Sending, None));
    }

    async fn an_audience_that_drifts_too_far_withdraws_the_approval(desk: Desk) {
        desk.people(10).await;
        let (near, far) = (desk.approved(BODY).await, desk.approved(BODY).await);
        desk.contact("One", "one@example.org").await;
        let sent = desk.campaigns.send(&desk.here, near.id).await.unwrap().unwrap();
        assert_eq!((sent.status, sent.counts.queued), (Status::Sending, 11));
        let two = desk.contact("Two", "two@example.org").await;
        let refused = desk.campaigns.send(&desk.here, far.id).await;
        match refused {
            Err(CampaignsError::ApprovalWithdrawn(words)) => assert!(words.contains("from 10 to 12"), "{words}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(desk.status(&far).await, Status::Draft);
        assert_eq!(desk.reload(&far).await.counts.total(), 0);

        desk.campaigns.submit(&desk.here, far.id).await.unwrap();
        desk.campaigns.approve(&desk.here, far.id, None, None).await.unwrap();
        let strict = SendPolicy { max_drift_percent: 0, ..SendPolicy::default() };
        desk.campaigns.set_policy(&desk.here, strict).await.unwrap();
        desk.contacts.delete(&desk.here, two.id).await.unwrap();
        let refused = desk.campaigns.send(&desk.here, far.id).await;
        assert!(matches!(refused, Err(CampaignsError::ApprovalWithdrawn(_))), "{refused:?}");
    }
}
