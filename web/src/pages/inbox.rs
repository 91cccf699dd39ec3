//! `/inbox`: what waits for a person. Nothing is decided here but about single messages; campaigns lead to their pages,
//! where what is approved can be seen.

use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::Campaign;
use crm_campaigns::campaigns::Status;
use crm_core::accounts::Member;
use crm_core::{Permission, Scope};

use super::contacts::message_row;
use super::frame;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::state::App;
use crate::views::Section;
use crate::views::common::Link;
use crate::views::contact::MessageRow;
use crate::views::inbox::{InboxPage, WaitingCampaign};

/// `/inbox`
pub fn routes(config: &mut ServiceConfig) {
    config.route("/inbox", web::get().to(show));
}

async fn show(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let (services, scope) = (&app.services, allow.scope());
    let waiting = services.campaigns.waiting(scope).await?;
    let members = services.accounts.members(scope).await?;
    let approve_own = services.campaigns.authors_approve(scope).await?;
    let rows = |wanted: &dyn Fn(&Campaign) -> bool| {
        let chosen = waiting.iter().filter(|campaign| wanted(campaign));
        chosen.map(|campaign| row(campaign, scope, &members, approve_own)).collect()
    };
    let view = InboxPage {
        shell: frame::shell(&app, &req, &allow, Section::Inbox, "Inbox").await?,
        approvals: rows(&|campaign| campaign.status == Status::PendingApproval),
        in_doubt: rows(&|campaign| campaign.counts.unknown > 0),
        stopped: rows(&|campaign| {
            campaign.status == Status::Paused && campaign.pause_reason.is_some()
        }),
        messages: messages(&app, scope).await?,
        may_approve: scope.allows(Permission::CampaignsApprove),
        may_send: scope.allows(Permission::CampaignsSend),
    };
    frame::ok(&app, &req, &view)
}

fn row(
    campaign: &Campaign,
    scope: &Scope,
    members: &[Member],
    approve_own: bool,
) -> WaitingCampaign {
    let asked = campaign.approval.as_ref();
    let pending = campaign.status == Status::PendingApproval;
    let author = asked.and_then(|asked| asked.requested_by).or(campaign.created_by);
    let since = asked.filter(|_| pending).map_or(campaign.updated_at, |asked| asked.created_at);
    WaitingCampaign {
        id: campaign.id.to_string(),
        name: campaign.name.clone(),
        author: members
            .iter()
            .find(|member| Some(member.user_id) == author)
            .map(|member| member.name.clone()),
        people: campaign.audience_count.unwrap_or(campaign.counts.total()),
        doubtful: campaign.counts.unknown,
        since: since.to_string(),
        reason: campaign.pause_reason.as_deref().map(frame::sentence),
        may_decide: scope.allows(Permission::CampaignsApprove)
            && (approve_own || !campaign.is_by(scope.user_id())),
    }
}

/// Messages to single contacts, with the contacts they are to.
async fn messages(app: &App, scope: &Scope) -> Result<Vec<MessageRow>, AppError> {
    let found = app.services.messages.waiting(scope).await?;
    let ids: Vec<_> = found.iter().filter_map(|message| message.contact_id).collect();
    let contacts = app.services.contacts.get_many(scope, &ids).await?;
    let rows = found.iter().map(|message| {
        let contact = contacts.iter().find(|contact| Some(contact.id) == message.contact_id);
        let contact = contact
            .map(|contact| Link::new(contact.display_name(), format!("/contacts/{}", contact.id)));
        MessageRow { contact, ..message_row(message) }
    });
    Ok(rows.collect())
}
