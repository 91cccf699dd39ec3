//! `GET, POST /import/{id}/check`: the trial over all rows, and the same under another rule.

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::import::{Import, ImportMode, ImportPlan, ImportState};
use crm_core::{ImportId, ListId};
use serde::Deserialize;

use super::convert;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Section;
use crate::views::common::{Choice, FormErrors};
use crate::views::imports::ImportCheckPage;

/// Seconds until the page asks again without JavaScript.
const REFRESH: u32 = 2;

/// What the form says.
#[derive(Deserialize)]
pub(super) struct Rules {
    #[serde(default)]
    mode: ImportMode,
    #[serde(default)]
    list_id: String,
}

impl Rules {
    /// The plan these rules make of an import that is mapped.
    pub(super) fn plan(&self, import: &Import, dry_run: bool) -> Result<ImportPlan, AppError> {
        let list_id: Option<ListId> = match self.list_id.as_str() {
            "" => None,
            text => Some(
                text.parse().map_err(|_| AppError::invalid("list_id", "there is no such list"))?,
            ),
        };
        Ok(ImportPlan { mapping: Some(import.mapping.clone()), mode: self.mode, list_id, dry_run })
    }
}

pub(super) async fn show(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let import = convert::find(&app, allow.scope(), *id).await?;
    if import.state == ImportState::Uploaded {
        return Ok(frame::lead_to(&app, &format!("/import/{id}/map"), None));
    }
    if !import.dry_run {
        return Ok(frame::lead_to(&app, &format!("/import/{id}"), None));
    }
    let view = view(&app, &req, &allow, &import, FormErrors::none()).await?;
    frame::ok(&app, &req, &view)
}

async fn view(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ContactsWrite>,
    import: &Import,
    errors: FormErrors,
) -> Result<ImportCheckPage, AppError> {
    let checking = convert::is_working(import);
    let mut shell = frame::shell(app, req, allow, Section::Import, "Check the import").await?;
    shell.refresh_seconds = checking.then_some(REFRESH);
    let lists = app.services.lists.all(allow.scope()).await?;
    let errors = match (&import.error, errors.is_empty()) {
        (Some(text), true) => FormErrors::general(frame::sentence(text)),
        _ => errors,
    };
    Ok(ImportCheckPage {
        shell,
        import: convert::head(import),
        checking,
        looked_at: import.counts.total,
        counts: convert::counts(import.counts),
        mode: mode(import.mode).to_owned(),
        lists: lists
            .into_iter()
            .filter(|list| !list.is_primary)
            .map(|list| {
                Choice::new(list.id.to_string(), list.name, import.list_id == Some(list.id))
            })
            .collect(),
        problems: convert::problems(app, allow.scope(), import.id).await?,
        errors,
    })
}

const fn mode(mode: ImportMode) -> &'static str {
    match mode {
        ImportMode::Skip => "skip",
        ImportMode::Fill => "fill",
        ImportMode::Overwrite => "overwrite",
    }
}

pub(super) async fn again(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<ImportId>,
    form: Form<Rules>,
) -> Result<HttpResponse, AppError> {
    let import = convert::find(&app, allow.scope(), *id).await?;
    let plan = form.plan(&import, true)?;
    let planned = app.services.imports.plan(allow.scope(), *id, plan).await?;
    planned.ok_or_else(AppError::not_found)?;
    (app.poke)();
    Ok(frame::lead_to(&app, &format!("/import/{id}/check"), None))
}
