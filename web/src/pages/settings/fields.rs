//! `/settings/fields`: the custom fields of contacts, their order, and putting them away.

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::fields::{Field, FieldChange, FieldType, NewField};
use crm_core::{CustomFieldDefinitionId, Permission, Scope};
use serde::Deserialize;

use crate::error::AppError;
use crate::extract::{Allow, Right, rights};
use crate::pages::frame;
use crate::pages::lists::Direction;
use crate::pages::meanwhile::{self, Memory, Named, Sides, Texts};
use crate::state::App;
use crate::views::common::{Choice, FormErrors};
use crate::views::fields::{FieldForm, FieldPage, FieldRow, FieldsPage};
use crate::views::{Flash, Section};

const HERE: &str = "/settings/fields";
/// What can be wrong beside an input.
const INPUTS: [&str; 5] = ["label", "name", "field_type", "options", "default_value"];

/// A form as typed.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    label: String,
    field_type: Option<FieldType>,
    options: String,
    is_required: bool,
    default_value: String,
    is_global: bool,
    version: Option<i64>,
    seen: String,
    take: String,
    differs: String,
}

impl Typed {
    fn memory(&self) -> Memory {
        let (seen, take, differs) = (self.seen.clone(), self.take.clone(), self.differs.clone());
        Memory { seen, take, differs }
    }

    fn texts(&self) -> Texts {
        texts(&self.label, &self.options, self.is_required, &self.default_value)
    }

    /// Other values for some inputs.
    fn put(&mut self, texts: Texts) {
        for (name, value) in texts {
            match name.as_str() {
                "label" => self.label = value,
                "options" => self.options = value,
                "is_required" => self.is_required = value == "true",
                "default_value" => self.default_value = value,
                _ => {}
            }
        }
    }

    fn options(&self) -> Vec<String> {
        self.options.lines().map(str::to_owned).collect()
    }

    fn default_value(&self) -> Option<String> {
        Some(self.default_value.clone()).filter(|text| !text.trim().is_empty())
    }

    fn form(&self, errors: FormErrors) -> FieldForm {
        FieldForm {
            label: self.label.clone(),
            types: types(self.field_type.unwrap_or(FieldType::Text)),
            options: self.options.clone(),
            required: self.is_required,
            default_value: self.default_value.clone(),
            global: self.is_global,
            errors,
        }
    }
}

/// The inputs of a field that is there, for people.
const NAMED: [Named<'static>; 4] = [
    Named { name: "label", label: "Label" },
    Named { name: "options", label: "Choices" },
    Named { name: "default_value", label: "Value of new contacts" },
    Named { name: "is_required", label: "A new contact must have it" },
];

/// What the form of a field is filled with.
fn texts(label: &str, options: &str, is_required: bool, default_value: &str) -> Texts {
    let required = if is_required { "true" } else { "" };
    let texts = [
        ("label", label),
        ("options", options),
        ("is_required", required),
        ("default_value", default_value),
    ];
    texts.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// The same of what is stored.
fn stored(field: &Field) -> Texts {
    let default_value = field.default_value.as_deref().unwrap_or_default();
    texts(&field.label, &field.options.join("\n"), field.is_required, default_value)
}

/// A type in the words of people.
const fn kind(field_type: FieldType) -> &'static str {
    match field_type {
        FieldType::Text => "Text",
        FieldType::Number => "Number",
        FieldType::Date => "Date",
        FieldType::Boolean => "Yes or no",
        FieldType::Select => "Choice",
        FieldType::Url => "Web address",
    }
}

fn types(chosen: FieldType) -> Vec<Choice> {
    FieldType::ALL
        .into_iter()
        .map(|one| Choice::new(one.as_str(), kind(one), one == chosen))
        .collect()
}

/// Whether the caller may change what is in all workspaces of this one's owner.
async fn owns(app: &App, scope: &Scope) -> Result<bool, AppError> {
    let workspace = app.services.accounts.workspace(scope).await?;
    Ok(scope.user_id() == Some(workspace.user_id))
}

fn row(field: &Field, may_write: bool) -> FieldRow {
    FieldRow {
        id: field.id.to_string(),
        label: field.label.clone(),
        name: field.name.clone(),
        kind: kind(field.field_type).to_owned(),
        options: field.options.join(", "),
        required: field.is_required,
        people: field.contacts,
        may_write,
    }
}

async fn page<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    form: FieldForm,
) -> Result<FieldsPage, AppError> {
    let scope = allow.scope();
    let fields = app.services.fields.all(scope).await?;
    let may_write = scope.allows(Permission::FieldsWrite);
    let may_write_global = may_write && owns(app, scope).await?;
    let rows = |wanted: &dyn Fn(&Field) -> bool| -> Vec<FieldRow> {
        let chosen = fields.iter().filter(|field| wanted(field));
        chosen
            .map(|field| row(field, if field.is_global { may_write_global } else { may_write }))
            .collect()
    };
    Ok(FieldsPage {
        shell: frame::shell(app, req, allow, Section::Settings, "Custom fields").await?,
        own: rows(&|field| !field.is_global && field.archived_at.is_none()),
        global: rows(&|field| field.is_global && field.archived_at.is_none()),
        archived: rows(&|field| field.archived_at.is_some()),
        may_write,
        may_write_global,
        form,
    })
}

pub(super) async fn show(
    allow: Allow<rights::FieldsRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let form = Typed::default().form(FormErrors::none());
    frame::ok(&app, &req, &page(&app, &req, &allow, form).await?)
}

pub(super) async fn create(
    allow: Allow<rights::FieldsWrite>,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let new = NewField {
        name: None,
        label: typed.label.clone(),
        field_type: typed.field_type.unwrap_or(FieldType::Text),
        options: typed.options(),
        is_required: typed.is_required,
        default_value: typed.default_value(),
        is_global: typed.is_global,
    };
    match app.services.fields.create(allow.scope(), new).await.map_err(AppError::from) {
        Ok(field) => {
            let said = Flash::ok(format!("{} is added.", field.label));
            Ok(frame::lead_to(&app, HERE, Some(said)))
        }
        Err(error) if error.is_correctable() => {
            let form = typed.form(frame::form_errors(&error, &INPUTS));
            let view = page(&app, &req, &allow, form).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

async fn find(app: &App, scope: &Scope, id: CustomFieldDefinitionId) -> Result<Field, AppError> {
    app.services.fields.get(scope, id).await?.ok_or_else(AppError::not_found)
}

async fn one(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::FieldsWrite>,
    field: &Field,
    form: FieldForm,
) -> Result<FieldPage, AppError> {
    Ok(FieldPage {
        shell: frame::shell(app, req, allow, Section::Settings, field.label.clone()).await?,
        field: row(field, true),
        is_select: field.field_type == FieldType::Select,
        version: field.version,
        seen: meanwhile::written(&stored(field)),
        conflict: None,
        form,
    })
}

pub(super) async fn edit(
    allow: Allow<rights::FieldsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<CustomFieldDefinitionId>,
) -> Result<HttpResponse, AppError> {
    let field = find(&app, allow.scope(), *id).await?;
    let form = FieldForm {
        label: field.label.clone(),
        options: field.options.join("\n"),
        required: field.is_required,
        default_value: field.default_value.clone().unwrap_or_default(),
        ..FieldForm::default()
    };
    frame::ok(&app, &req, &one(&app, &req, &allow, &field, form).await?)
}

pub(super) async fn save(
    allow: Allow<rights::FieldsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<CustomFieldDefinitionId>,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let field = find(&app, allow.scope(), *id).await?;
    let mut typed = typed.into_inner();
    typed.put(typed.memory().taken());
    let change = FieldChange {
        label: typed.label.clone(),
        options: typed.options(),
        is_required: typed.is_required,
        default_value: typed.default_value(),
        position: None,
        is_archived: field.archived_at.is_some(),
    };
    let changed = app.services.fields.update(allow.scope(), *id, typed.version, change).await;
    match changed.map_err(AppError::from) {
        Ok(changed) => {
            changed.ok_or_else(AppError::not_found)?;
            Ok(frame::lead_to(&app, HERE, Some(Flash::ok("Saved."))))
        }
        Err(error) if error.code == "stale" => {
            let field = find(&app, allow.scope(), *id).await?;
            let mut mine = typed.texts();
            let sides = Sides {
                of: ("field", id.to_string()),
                fields: &NAMED,
                theirs: &stored(&field),
                memory: &typed.memory(),
                say: &|name, value| match (name, value) {
                    ("is_required", "true") => "yes".to_owned(),
                    ("is_required", _) => "no".to_owned(),
                    _ => value.to_owned(),
                },
            };
            let conflict = meanwhile::conflict(&app, allow.scope(), sides, &mut mine).await?;
            typed.put(mine);
            let mut view = one(&app, &req, &allow, &field, typed.form(FormErrors::none())).await?;
            view.conflict = Some(conflict);
            frame::again(&app, &req, &error, &view)
        }
        Err(error) if error.is_correctable() => {
            let form = typed.form(frame::form_errors(&error, &INPUTS));
            let mut view = one(&app, &req, &allow, &field, form).await?;
            // The form is still of the version it was opened with.
            view.version = typed.version.unwrap_or(view.version);
            view.seen = typed.seen;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

/// The field as it is, as a change of it.
fn same(field: &Field) -> FieldChange {
    FieldChange {
        label: field.label.clone(),
        options: field.options.clone(),
        is_required: field.is_required,
        default_value: field.default_value.clone(),
        position: None,
        is_archived: field.archived_at.is_some(),
    }
}

async fn change(
    app: &App,
    scope: &Scope,
    field: &Field,
    change: FieldChange,
    said: String,
) -> Result<HttpResponse, AppError> {
    let changed = app.services.fields.update(scope, field.id, Some(field.version), change).await?;
    changed.ok_or_else(AppError::not_found)?;
    Ok(frame::lead_to(app, HERE, Some(Flash::ok(said))))
}

/// One place up or down.
#[derive(Deserialize)]
pub(super) struct Shift {
    direction: Direction,
}

pub(super) async fn shift(
    allow: Allow<rights::FieldsWrite>,
    app: Data<App>,
    id: Path<CustomFieldDefinitionId>,
    form: Form<Shift>,
) -> Result<HttpResponse, AppError> {
    let field = find(&app, allow.scope(), *id).await?;
    let position = Some(form.direction.from(field.position));
    let said = format!("{} is moved.", field.label);
    change(&app, allow.scope(), &field, FieldChange { position, ..same(&field) }, said).await
}

pub(super) async fn archive(
    allow: Allow<rights::FieldsWrite>,
    app: Data<App>,
    id: Path<CustomFieldDefinitionId>,
) -> Result<HttpResponse, AppError> {
    let field = find(&app, allow.scope(), *id).await?;
    let said = format!("{} is archived. Its values are kept.", field.label);
    let archived = FieldChange { is_archived: true, ..same(&field) };
    change(&app, allow.scope(), &field, archived, said).await
}

pub(super) async fn restore(
    allow: Allow<rights::FieldsWrite>,
    app: Data<App>,
    id: Path<CustomFieldDefinitionId>,
) -> Result<HttpResponse, AppError> {
    let field = find(&app, allow.scope(), *id).await?;
    let said = format!("{} is back.", field.label);
    let restored = FieldChange { is_archived: false, ..same(&field) };
    change(&app, allow.scope(), &field, restored, said).await
}

pub(super) async fn delete(
    allow: Allow<rights::FieldsWrite>,
    app: Data<App>,
    id: Path<CustomFieldDefinitionId>,
) -> Result<HttpResponse, AppError> {
    let field = find(&app, allow.scope(), *id).await?;
    let deleted = app.services.fields.delete(allow.scope(), *id).await.map_err(AppError::from);
    let said = match deleted {
        Ok(true) => Flash::ok(format!("{} is deleted.", field.label)),
        Ok(false) => return Err(AppError::not_found()),
        Err(error) if error.is_correctable() => Flash::bad(frame::sentence(&error.message)),
        Err(error) => return Err(error),
    };
    Ok(frame::lead_to(&app, HERE, Some(said)))
}
