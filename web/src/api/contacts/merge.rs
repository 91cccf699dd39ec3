//! `POST /api/contacts/merge`, `/unmerge`, `GET /api/contacts/duplicates`, `POST /api/contacts/duplicates/dismiss`

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::Data;
use crm_contacts::merge::{Choice, Conflict, MergeRequest, Reason};
use crm_core::{ContactId, MergeId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::View;
use crate::api::answer;
use crate::error::AppError;
use crate::extract::{Allow, Json, rights};
use crate::state::App;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MergeInput)]
pub(super) struct Body {
    /// The contact that goes.
    source_id: ContactId,
    /// The contact that stays.
    target_id: ContactId,
    /// Column, `stage` or `custom.<field>` → `"source"`, `"target"` or `{"custom": value}`. What is left out is the
    /// target's, or the source's where the target has nothing.
    #[serde(default)]
    resolution: BTreeMap<String, Choice>,
    /// The version of the source that was looked at: the number in its `ETag`.
    #[serde(default)]
    source_version: Option<i64>,
    /// The version of the target that was looked at.
    #[serde(default)]
    target_version: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Merge)]
struct MergedView {
    /// By which it is undone.
    merge_id: MergeId,
    /// The contact that stayed.
    contact: View,
}

/// Makes one contact of two. The id of the one that goes leads to the other from then on.
#[utoipa::path(
    post,
    path = "/api/contacts/merge",
    operation_id = "merge_contacts",
    tag = "contacts",
    request_body = Body,
    responses((status = 200, body = answer::One<MergedView>)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn merge(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    body: Json<Body>,
) -> Result<HttpResponse, AppError> {
    let body = body.into_inner();
    let request = MergeRequest {
        source_id: body.source_id,
        target_id: body.target_id,
        resolution: body.resolution,
        source_version: body.source_version,
        target_version: body.target_version,
    };
    let merged = app.services.merges.merge(allow.scope(), request).await?;
    Ok(answer::ok(MergedView { merge_id: merged.merge_id, contact: merged.contact.into() }))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UnmergeInput)]
pub(super) struct Undo {
    /// The merge.
    merge_id: MergeId,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Unmerge)]
struct UnmergedView {
    /// The contact that came back.
    source: View,
    /// The contact it was part of.
    target: View,
    /// What is not as it was before, because somebody changed it since or it is taken.
    conflicts: Vec<Conflict>,
}

/// Makes two contacts of one again.
#[utoipa::path(
    post,
    path = "/api/contacts/unmerge",
    operation_id = "unmerge_contacts",
    tag = "contacts",
    request_body = Undo,
    responses((status = 200, body = answer::One<UnmergedView>)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn unmerge(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    body: Json<Undo>,
) -> Result<HttpResponse, AppError> {
    let undone = app.services.merges.unmerge(allow.scope(), body.merge_id).await?;
    Ok(answer::ok(UnmergedView {
        source: undone.source.into(),
        target: undone.target.into(),
        conflicts: undone.conflicts,
    }))
}

#[derive(Serialize, ToSchema)]
#[schema(as = Duplicate)]
struct SuspicionView {
    /// The older one.
    first: View,
    /// The newer one.
    second: View,
    /// Why, the surest first.
    reasons: Vec<Reason>,
}

/// Contacts that may be one person: the hundred surest pairs.
///
/// A book of more than 10,000 contacts is looked through in the background. Until that is done the answer is what was
/// found before, and `meta.total_exact` is false: ask again.
#[utoipa::path(
    get,
    path = "/api/contacts/duplicates",
    operation_id = "list_duplicates",
    tag = "contacts",
    responses((status = 200, body = answer::Many<SuspicionView>)),
    extensions(("x-permission" = json!("contacts:read"))),
)]
pub(super) async fn duplicates(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
) -> Result<HttpResponse, AppError> {
    let found = app.services.merges.duplicates(allow.scope()).await?;
    let pairs = found.items.into_iter().map(|pair| SuspicionView {
        first: pair.first.into(),
        second: pair.second.into(),
        reasons: pair.reasons,
    });
    Ok(answer::first_of(pairs.collect(), found.total, !found.is_looking))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DismissInput)]
pub(super) struct Dismiss {
    /// Two contacts that are two people.
    contact_ids: [ContactId; 2],
}

/// Remembers that two contacts are two people.
#[utoipa::path(
    post,
    path = "/api/contacts/duplicates/dismiss",
    operation_id = "dismiss_duplicate",
    tag = "contacts",
    request_body = Dismiss,
    responses((status = 200, body = answer::Done)),
    extensions(("x-permission" = json!("contacts:write"))),
)]
pub(super) async fn dismiss(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    body: Json<Dismiss>,
) -> Result<HttpResponse, AppError> {
    let [one, other] = body.contact_ids;
    let dismissed = app.services.merges.dismiss(allow.scope(), one, other).await;
    dismissed.map_err(|err| AppError::from(err).renamed("source_id", "contact_ids"))?;
    Ok(answer::done())
}
