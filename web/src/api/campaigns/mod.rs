//! `/api/campaigns`

use actix_web::web::{self, ServiceConfig};
use crm_campaigns::Campaign;
use crm_campaigns::campaigns::{Approval, Counts, Schedule, Status, SubjectTest, Variant};
use crm_campaigns::templates::Channel;
use crm_contacts::Segment;
use crm_contacts::segments::SegmentNode;
use crm_core::{ApprovalId, CampaignId, ProviderId, TemplateId, Timestamp, UserId};
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

mod decide;
mod duplicate;
mod export;
mod follow_up;
mod moves;
mod preflight;
mod recipients;
mod report;
mod subject;
mod test;
mod write;

/// `/api/campaigns…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/campaigns")
                .route(web::get().to(write::list))
                .route(web::post().to(write::create)),
        )
        .route("/campaigns/{id}/preflight", web::get().to(preflight::handle))
        .route("/campaigns/{id}/recipients", web::get().to(recipients::handle))
        .route("/campaigns/{id}/recipients.csv", web::get().to(export::handle))
        .route("/campaigns/{id}/report", web::get().to(report::handle))
        .route("/campaigns/{id}/subject", web::post().to(subject::handle))
        .route("/campaigns/{id}/duplicate", web::post().to(duplicate::handle))
        .route("/campaigns/{id}/follow-up", web::post().to(follow_up::handle))
        .route("/campaigns/{id}/submit", web::post().to(moves::submit))
        .route("/campaigns/{id}/approve", web::post().to(moves::approve))
        .route("/campaigns/{id}/reject", web::post().to(moves::reject))
        .route("/campaigns/{id}/withdraw", web::post().to(moves::withdraw))
        .route("/campaigns/{id}/schedule", web::post().to(moves::schedule))
        .route("/campaigns/{id}/send", web::post().to(moves::send))
        .route("/campaigns/{id}/pause", web::post().to(moves::pause))
        .route("/campaigns/{id}/resume", web::post().to(moves::resume))
        .route("/campaigns/{id}/cancel", web::post().to(moves::cancel))
        .route("/campaigns/{id}/test", web::post().to(test::handle))
        .route("/campaigns/{id}/unknown", web::post().to(decide::handle))
        .service(
            web::resource("/campaigns/{id}")
                .route(web::get().to(write::get))
                .route(web::put().to(write::update))
                .route(web::delete().to(write::delete)),
        );
}

/// What the document says of them.
#[derive(OpenApi)]
#[openapi(paths(
    write::list,
    write::create,
    write::get,
    write::update,
    write::delete,
    preflight::handle,
    recipients::handle,
    export::handle,
    report::handle,
    subject::handle,
    duplicate::handle,
    follow_up::handle,
    test::handle,
    decide::handle,
    moves::submit,
    moves::approve,
    moves::reject,
    moves::withdraw,
    moves::schedule,
    moves::send,
    moves::pause,
    moves::resume,
    moves::cancel
))]
pub(super) struct Document;

/// A campaign as the API shows it.
#[derive(Serialize, ToSchema)]
#[schema(as = Campaign)]
struct View {
    id: CampaignId,
    name: String,
    #[serde(rename = "type")]
    channel: Channel,
    template_id: Option<TemplateId>,
    /// The version of the template that was submitted and will be sent.
    template_version: Option<i64>,
    #[schema(value_type = SegmentNode)]
    segment_json: Segment,
    schedule_json: Schedule,
    /// Two subjects, tried on a part of the audience.
    subject_test: Option<SubjectTest>,
    /// The better one, once it is decided.
    subject_winner: Option<Variant>,
    provider_id: Option<ProviderId>,
    status: Status,
    pause_reason: Option<String>,
    content_hash: Option<String>,
    audience_count: Option<u64>,
    counts: Counts,
    approval: Option<ApprovalView>,
    created_by: Option<UserId>,
    created_at: Timestamp,
    updated_at: Timestamp,
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Approval)]
struct ApprovalView {
    id: ApprovalId,
    status: String,
    content_hash: String,
    requested_by: Option<UserId>,
    reviewer_id: Option<UserId>,
    notes: Option<String>,
    created_at: Timestamp,
    reviewed_at: Option<Timestamp>,
}

impl From<Approval> for ApprovalView {
    fn from(approval: Approval) -> Self {
        Self {
            id: approval.id,
            status: approval.status,
            content_hash: approval.content_hash,
            requested_by: approval.requested_by,
            reviewer_id: approval.reviewer_id,
            notes: approval.notes,
            created_at: approval.created_at,
            reviewed_at: approval.reviewed_at,
        }
    }
}

impl From<Campaign> for View {
    fn from(campaign: Campaign) -> Self {
        Self {
            id: campaign.id,
            name: campaign.name,
            channel: campaign.channel,
            template_id: campaign.template_id,
            template_version: campaign.template_version,
            segment_json: campaign.segment,
            schedule_json: campaign.schedule,
            subject_test: campaign.subject_test,
            subject_winner: campaign.subject_winner,
            provider_id: campaign.provider_id,
            status: campaign.status,
            pause_reason: campaign.pause_reason,
            content_hash: campaign.content_hash,
            audience_count: campaign.audience_count,
            counts: campaign.counts,
            approval: campaign.approval.map(ApprovalView::from),
            created_by: campaign.created_by,
            created_at: campaign.created_at,
            updated_at: campaign.updated_at,
            started_at: campaign.started_at,
            finished_at: campaign.finished_at,
        }
    }
}
