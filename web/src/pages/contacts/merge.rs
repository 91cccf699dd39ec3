//! `/contacts/duplicates`, `/contacts/merge`, `/contacts/merges/{id}/undo`

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::Contact;
use crm_contacts::merge::{Choice, Comparison, MergeRequest, Reason, Resolution, Suspicion};
use crm_core::{ContactId, MergeId};
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::merge::{DuplicatesPage, MergeField, MergePage, MergeSide, Pair};
use crate::views::{Flash, Section};

/// Seconds until the page of a book that was never looked through asks again.
const REFRESH: u32 = 2;
/// What stands before the name of a field in the form.
const PREFIX: &str = "choice.";

/// `GET /contacts/duplicates`
pub(super) async fn duplicates(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let found = app.services.merges.duplicates(allow.scope()).await?;
    let mut shell = frame::shell(&app, &req, &allow, Section::Contacts, "Duplicates").await?;
    shell.refresh_seconds = found.looked_at.is_none().then_some(REFRESH);
    let page = DuplicatesPage {
        may_write: allow.scope().allows(crm_core::Permission::ContactsWrite),
        pairs: found.items.iter().map(pair).collect(),
        total: found.total,
        looked_at: found.looked_at.map(|at| at.to_string()),
        is_looking: found.is_looking,
        shell,
    };
    frame::ok(&app, &req, &page)
}

fn side(contact: &Contact) -> MergeSide {
    MergeSide {
        id: contact.id.to_string(),
        name: contact.display_name(),
        email: contact.primary_email.clone().unwrap_or_default(),
        company: contact.company.clone(),
        created_on: contact.created_on.to_string(),
        version: contact.version,
    }
}

fn pair(found: &Suspicion) -> Pair {
    Pair {
        first: side(&found.first),
        second: side(&found.second),
        reasons: found.reasons.iter().map(|reason| words(*reason).to_owned()).collect(),
    }
}

const fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::SameEmail => "Same address, written differently",
        Reason::SamePhone => "Same phone but for the country",
        Reason::SameName => "Same name",
        Reason::SimilarName => "Similar name, same company",
    }
}

#[derive(Deserialize)]
pub(super) struct Two {
    source: Option<ContactId>,
    target: Option<ContactId>,
}

/// `GET /contacts/merge?source&target`
pub(super) async fn show(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    two: Query<Two>,
) -> Result<HttpResponse, AppError> {
    let (Some(source), Some(target)) = (two.source, two.target) else {
        return Ok(frame::lead_to(&app, "/contacts/duplicates", None));
    };
    let page = page(&app, &req, &allow, (source, target), None).await?;
    frame::ok(&app, &req, &page)
}

async fn page(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ContactsWrite>,
    (source, target): (ContactId, ContactId),
    problem: Option<String>,
) -> Result<MergePage, AppError> {
    let merges = &app.services.merges;
    let found = merges.compare(allow.scope(), source, target).await?;
    let found = found.filter(|_| source != target).ok_or_else(AppError::not_found)?;
    let members = app.services.accounts.members(allow.scope()).await?;
    let title = format!("Merge {}", found.target.display_name());
    let shell = frame::shell(app, req, allow, Section::Contacts, title).await?;
    let owner = |id: &str| {
        let known = members.iter().find(|member| member.user_id.to_string() == id);
        known.map_or_else(|| id.to_owned(), |member| member.name.clone())
    };
    let money = |text: &str| text.parse::<i64>().ok();
    let shown = |name: &str, text: &str| match name {
        "owner_id" => owner(text),
        _ => text.to_owned(),
    };
    let fields = found.fields.iter().filter(|field| !field.is_equal()).map(|field| MergeField {
        name: format!("{PREFIX}{}", field.name),
        label: field.label.clone(),
        source: shown(&field.name, &field.source),
        target: shown(&field.name, &field.target),
        source_minor: money(&field.source).filter(|_| field.name == "value_minor"),
        target_minor: money(&field.target).filter(|_| field.name == "value_minor"),
        prefers_source: field.prefers_source,
    });
    let fields: Vec<MergeField> = fields.collect();
    let equal = found.fields.iter().filter(|field| field.is_equal() && !field.target.is_empty());
    Ok(MergePage {
        equal: u64::try_from(equal.count()).unwrap_or_default(),
        tags: tags(&found),
        source_entries: found.source_entries,
        target_entries: found.target_entries,
        source: side(&found.source),
        target: side(&found.target),
        fields,
        problem,
        shell,
    })
}

/// The tags of both.
fn tags(found: &Comparison) -> Vec<String> {
    let both = found.target.lists.iter().chain(&found.source.lists);
    let mut tags: Vec<String> =
        both.filter(|list| !list.is_primary).map(|list| list.name.clone()).collect();
    tags.sort();
    tags.dedup();
    tags
}

/// `POST /contacts/merge`
pub(super) async fn merge(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let (mut source, mut target) = (None, None);
    let (mut source_version, mut target_version) = (None, None);
    let mut resolution = Resolution::new();
    for (name, value) in form.into_inner() {
        match name.as_str() {
            "source" => source = value.parse().ok(),
            "target" => target = value.parse().ok(),
            "source_version" => source_version = value.parse().ok(),
            "target_version" => target_version = value.parse().ok(),
            _ => {
                let Some(field) = name.strip_prefix(PREFIX) else { continue };
                let choice = if value == "source" { Choice::Source } else { Choice::Target };
                resolution.insert(field.to_owned(), choice);
            }
        }
    }
    let (Some(source_id), Some(target_id)) = (source, target) else {
        return Ok(frame::lead_to(&app, "/contacts/duplicates", None));
    };
    let request = MergeRequest { source_id, target_id, resolution, source_version, target_version };
    let merged = app.services.merges.merge(allow.scope(), request).await;
    match merged.map_err(AppError::from) {
        Ok(merged) => {
            let said = format!(
                "Two contacts are one now: {}. You can undo it on this page.",
                merged.contact.display_name()
            );
            Ok(frame::lead_to(&app, &format!("/contacts/{target_id}"), Some(Flash::ok(said))))
        }
        Err(error) if error.is_correctable() || error.code == "stale" => {
            // Somebody changed one of them: both are shown as they are now, and nothing was merged.
            let problem = frame::sentence(&error.message);
            let ids = (source_id, target_id);
            let page = page(&app, &req, &allow, ids, Some(problem)).await?;
            frame::page(&app, &req, StatusCode::CONFLICT, &page)
        }
        Err(error) => Err(error),
    }
}

#[derive(Deserialize)]
pub(super) struct Told {
    one: ContactId,
    other: ContactId,
}

/// `POST /contacts/duplicates/dismiss`
pub(super) async fn dismiss(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    told: Form<Told>,
) -> Result<HttpResponse, AppError> {
    app.services.merges.dismiss(allow.scope(), told.one, told.other).await?;
    let said = Flash::ok("Remembered: they are two people.");
    Ok(frame::lead_to(&app, "/contacts/duplicates", Some(said)))
}

/// `POST /contacts/merges/{id}/undo`
pub(super) async fn undo(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<MergeId>,
) -> Result<HttpResponse, AppError> {
    match app.services.merges.unmerge(allow.scope(), *id).await.map_err(AppError::from) {
        Ok(undone) => {
            let name = undone.source.display_name();
            let said = if undone.conflicts.is_empty() {
                Flash::ok(format!("{name} is a contact of its own again, as before the merge."))
            } else {
                let kept: Vec<String> = undone
                    .conflicts
                    .iter()
                    .map(|conflict| {
                        let field = conflict.field.trim_start_matches("custom.").replace('_', " ");
                        let now = conflict.kept.as_deref().unwrap_or("empty");
                        let before = conflict.before.as_deref().unwrap_or("empty");
                        format!("{field} is “{now}”, was “{before}”")
                    })
                    .collect();
                Flash::info(format!(
                    "{name} is a contact of its own again. Kept, because it was changed or taken since: {}.",
                    kept.join("; ")
                ))
            };
            let path = format!("/contacts/{}", undone.source.id);
            Ok(frame::lead_to(&app, &path, Some(said)))
        }
        Err(error) if error.is_correctable() => {
            let said = Flash::bad(frame::sentence(&error.message));
            Ok(frame::lead_to(&app, "/contacts", Some(said)))
        }
        Err(error) => Err(error),
    }
}
