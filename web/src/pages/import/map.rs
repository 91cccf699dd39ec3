//! `GET, POST /import/{id}/map`: which column goes where.

use std::collections::BTreeMap;

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::import::{ColumnPreview, ImportPlan, Mapping};
use crm_core::ImportId;

use super::convert;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Section;
use crate::views::common::{Choice, FormErrors};
use crate::views::imports::{ImportMapPage, MapColumn, TargetGroup};

/// Targets every contact has, with their labels.
const TARGETS: [(&str, &str); 9] = [
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("primary_email", "Email"),
    ("primary_phone", "Phone"),
    ("company", "Company"),
    ("value_minor", "Value"),
    ("owner", "Owner (email of a member)"),
    ("stage", "Stage"),
    ("tags", "Tags"),
];

pub(super) async fn show(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ImportId>,
) -> Result<HttpResponse, AppError> {
    let view = view(&app, &req, &allow, *id, None, FormErrors::none()).await?;
    frame::ok(&app, &req, &view)
}

/// The page. `typed` is the mapping to show again; without it, the one stored or suggested.
async fn view(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ContactsWrite>,
    id: ImportId,
    typed: Option<Mapping>,
    errors: FormErrors,
) -> Result<ImportMapPage, AppError> {
    let scope = allow.scope();
    let import = convert::find(app, scope, id).await?;
    let preview = app.services.imports.preview(scope, id).await?.ok_or_else(AppError::not_found)?;
    let custom = app.services.contacts.custom_field_names(scope).await?;
    let chosen = typed.or_else(|| Some(import.mapping.clone()).filter(|map| !map.is_empty()));
    let columns = preview.columns.into_iter().enumerate();
    Ok(ImportMapPage {
        shell: frame::shell(app, req, allow, Section::Import, "Map columns").await?,
        import: convert::head(&import),
        columns: columns
            .map(|(index, column)| map_column(index, column, chosen.as_ref(), &custom))
            .collect(),
        errors,
    })
}

fn map_column(
    index: usize,
    column: ColumnPreview,
    chosen: Option<&Mapping>,
    custom: &[String],
) -> MapColumn {
    let suggested = chosen.is_none() && column.suggested.is_some();
    let target = match chosen {
        Some(mapping) => mapping.get(&column.header).cloned(),
        None => column.suggested,
    };
    let is_target = |value: &str| target.as_deref() == Some(value);
    let contact =
        TARGETS.iter().map(|(value, label)| Choice::new(*value, *label, is_target(value)));
    let mut targets = vec![TargetGroup { label: "Contact".to_owned(), choices: contact.collect() }];
    if !custom.is_empty() {
        let choices = custom.iter().map(|name| {
            let value = format!("custom.{name}");
            let selected = is_target(&value);
            Choice::new(value, name, selected)
        });
        targets.push(TargetGroup { label: "Custom fields".to_owned(), choices: choices.collect() });
    }
    let samples = column.samples.into_iter().filter(|text| !text.is_empty()).take(3).collect();
    MapColumn { index, header: column.header, samples, targets, suggested }
}

pub(super) async fn submit(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ImportId>,
    form: Form<BTreeMap<String, String>>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let import = convert::find(&app, scope, *id).await?;
    let preview =
        app.services.imports.preview(scope, *id).await?.ok_or_else(AppError::not_found)?;
    let mapping: Mapping = preview
        .columns
        .iter()
        .enumerate()
        .filter_map(|(index, column)| {
            let target = form.get(&format!("column.{index}"))?;
            (!target.is_empty()).then(|| (column.header.clone(), target.clone()))
        })
        .collect();
    let plan = ImportPlan {
        mapping: Some(mapping.clone()),
        mode: import.mode,
        list_id: import.list_id,
        dry_run: true,
    };
    match app.services.imports.plan(scope, *id, plan).await.map_err(AppError::from) {
        Ok(planned) => {
            planned.ok_or_else(AppError::not_found)?;
            (app.poke)();
            Ok(frame::lead_to(&app, &format!("/import/{id}/check"), None))
        }
        Err(error) if error.is_correctable() => {
            let errors = frame::form_errors(&error, &[]);
            let view = view(&app, &req, &allow, *id, Some(mapping), errors).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}
