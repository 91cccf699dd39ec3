//! `GET /templates/{id}/versions…`, `POST /templates/{id}/versions/{version}/restore`

use std::collections::HashMap;

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::templates::{self, Change, ChangedField, TemplateVersion};
use crm_core::{Cursor, PageRequest, Permission, Scope, TemplateId, UserId};
use serde::Deserialize;

use super::edit;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::{Choice, Pager};
use crate::views::templates::{
    TemplateVersionPage, TemplateVersionsPage, VersionChange, VersionLine, VersionRow,
};
use crate::views::{Flash, Section};

/// Versions on one page.
const ROWS: u64 = 50;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Params {
    cursor: String,
}

pub(super) async fn list(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<TemplateId>,
    params: Query<Params>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let stored = edit::find(&app, scope, *id).await?;
    let request = PageRequest { limit: ROWS, cursor: Cursor::decode(&params.cursor).ok() };
    let found = app.services.templates.versions(scope, *id, request.clone()).await?;
    let found = found.ok_or_else(AppError::not_found)?;
    let names = names(&app, scope).await?;
    let here = format!("/templates/{id}/versions");
    let to = |cursor: &Cursor| format!("{here}?cursor={}", cursor.encode());
    let pager = Pager {
        shown: u64::try_from(found.items.len()).unwrap_or_default(),
        total: found.total,
        total_exact: found.total_exact,
        first_url: request.cursor.is_some().then(|| here.clone()),
        prev_url: found.previous.as_ref().map(to),
        next_url: found.next.as_ref().map(to),
    };
    let view = TemplateVersionsPage {
        id: id.to_string(),
        current: stored.version,
        rows: found.items.into_iter().map(|one| row(one, &names, stored.version)).collect(),
        shell: frame::shell(
            &app,
            &req,
            &allow,
            Section::Templates,
            format!("Versions of {}", stored.content.name),
        )
        .await?,
        name: stored.content.name,
        pager,
        may_write: scope.allows(Permission::TemplatesWrite),
    };
    frame::ok(&app, &req, &view)
}

async fn names(app: &App, scope: &Scope) -> Result<HashMap<UserId, String>, AppError> {
    let members = app.services.accounts.members(scope).await?;
    Ok(members.into_iter().map(|member| (member.user_id, member.name)).collect())
}

fn row(version: TemplateVersion, names: &HashMap<UserId, String>, current: i64) -> VersionRow {
    let by = version.saved_by.and_then(|id| names.get(&id).cloned());
    VersionRow {
        version: version.version,
        name: version.name,
        by: by.unwrap_or_default(),
        at: version.saved_at.to_string(),
        restored_from: version.restored_from,
        drafted_with: version.drafted_with.unwrap_or_default(),
        is_current: version.version == current,
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Against {
    against: Option<i64>,
}

pub(super) async fn show(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    req: HttpRequest,
    path: Path<(TemplateId, i64)>,
    params: Query<Against>,
) -> Result<HttpResponse, AppError> {
    let (id, version) = path.into_inner();
    let scope = allow.scope();
    let service = &app.services.templates;
    let stored = edit::find(&app, scope, id).await?;
    let found = service.version(scope, id, version).await?;
    let (about, content) = found.ok_or_else(AppError::not_found)?;
    // What changed with a version is what people look for; of the first there is only what changed since.
    let against = params.against.unwrap_or(if version > 1 { version - 1 } else { stored.version });
    let other = service.version(scope, id, against).await?;
    let (_, other) = other.ok_or_else(AppError::not_found)?;
    let changes = if against <= version {
        templates::changes(&other, &content)
    } else {
        templates::changes(&content, &other)
    };
    let request = PageRequest { limit: 200, cursor: None };
    let all = service.versions(scope, id, request).await?.ok_or_else(AppError::not_found)?;
    let others = all.items.iter().filter(|one| one.version != version).map(|one| {
        let word = if one.version == stored.version { " (now)" } else { "" };
        let label = format!("Version {}{word}", one.version);
        Choice::new(one.version.to_string(), label, one.version == against)
    });
    let view = TemplateVersionPage {
        id: id.to_string(),
        shell: frame::shell(&app, &req, &allow, Section::Templates, format!("Version {version}"))
            .await?,
        row: row(about, &names(&app, scope).await?, stored.version),
        against,
        others: others.collect(),
        changes: changes.into_iter().map(shown).collect(),
        may_restore: version != stored.version && scope.allows(Permission::TemplatesWrite),
        name: stored.content.name,
    };
    frame::ok(&app, &req, &view)
}

fn shown(change: ChangedField) -> VersionChange {
    let label = match change.field.as_str() {
        "name" => "Name",
        "channel" => "Channel",
        "format" => "Format",
        "subject" => "Subject",
        "preheader" => "Preview line",
        "body_text" => "Plain text",
        "signature" => "Signature",
        _ => "Message",
    };
    let line = |line: templates::ChangedLine| VersionLine {
        change: match line.change {
            Change::Same => "same".to_owned(),
            Change::Removed => "removed".to_owned(),
            Change::Added => "added".to_owned(),
        },
        text: line.text,
    };
    VersionChange { label: label.to_owned(), lines: change.lines.into_iter().map(line).collect() }
}

pub(super) async fn restore(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    path: Path<(TemplateId, i64)>,
) -> Result<HttpResponse, AppError> {
    let (id, version) = path.into_inner();
    let restored = app.services.templates.restore(allow.scope(), id, version, None).await;
    match restored.map_err(AppError::from) {
        Ok(restored) => {
            restored.ok_or_else(AppError::not_found)?;
            let said = Flash::ok(format!("The template is as it was in version {version}."));
            Ok(frame::lead_to(&app, &format!("/templates/{id}"), Some(said)))
        }
        Err(error) if error.is_correctable() => {
            let said = Flash::bad(frame::sentence(&error.message));
            Ok(frame::lead_to(&app, &format!("/templates/{id}/versions/{version}"), Some(said)))
        }
        Err(error) => Err(error),
    }
}
