//! `GET, POST /contacts/{id}/cells/{column}`: editing one cell of the table. The rules are those of the form of a contact;
//! who asks for no part of a page is led to that form.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::Contact;
use crm_contacts::contacts::ContactChange;
use crm_contacts::fields::{Field, FieldType};
use crm_contacts::lists::List;
use crm_core::ContactId;
use crm_core::accounts::Member;

use super::texts::{self, Known};
use super::typed::Typed;
use super::{convert, custom, form, index};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::pages::meanwhile::{self, Named, Sides, Texts};
use crate::state::App;
use crate::views::Flash;
use crate::views::cells::{CellForm, CellInput};
use crate::views::common::Choice;
use crate::views::conflict::Conflict;

/// Columns that can be edited with the inputs they have in the form of a contact. Custom fields have one each.
const COLUMNS: [(&str, &[&str]); 7] = [
    ("name", &["first_name", "last_name"]),
    ("company", &["company"]),
    ("email", &["primary_email"]),
    ("phone", &["primary_phone"]),
    ("stage", &["stage_id"]),
    ("owner", &["owner_id"]),
    ("value", &["value"]),
];

/// The first input a column has in the form of a contact; nothing where it cannot be edited.
pub(super) fn input_of(column: &str) -> Option<&str> {
    if column.starts_with("custom.") {
        return Some(column);
    }
    COLUMNS.iter().find(|(name, _)| *name == column).and_then(|(_, inputs)| inputs.first().copied())
}

/// What the cells of a workspace can hold.
struct Cells {
    lists: Vec<List>,
    members: Vec<Member>,
    fields: Vec<Field>,
}

impl Cells {
    async fn load(app: &App, allow: &Allow<rights::ContactsWrite>) -> Result<Self, AppError> {
        let (services, scope) = (&app.services, allow.scope());
        Ok(Self {
            lists: services.lists.all(scope).await?,
            members: services.accounts.members(scope).await?,
            fields: services.fields.all(scope).await?,
        })
    }

    /// The inputs of a column, or 404 for one that is not there.
    fn inputs(&self, column: &str) -> Result<Vec<String>, AppError> {
        if let Some((_, inputs)) = COLUMNS.iter().find(|(name, _)| *name == column) {
            return Ok(inputs.iter().map(|name| (*name).to_owned()).collect());
        }
        self.field(column).map(|_| vec![column.to_owned()]).ok_or_else(AppError::not_found)
    }

    /// The custom field of an input.
    fn field(&self, input: &str) -> Option<&Field> {
        let mut open = self.fields.iter().filter(|field| field.archived_at.is_none());
        open.find(|field| custom::key(&field.name) == input)
    }

    /// What the form changes of a contact, and nothing beside it.
    fn change(
        &self,
        column: &str,
        typed: &Typed,
        stored: &Contact,
    ) -> Result<ContactChange, AppError> {
        let mut change = ContactChange::default();
        match column {
            "name" => {
                change.first_name = Some(typed.text("first_name"));
                change.last_name = Some(typed.text("last_name"));
            }
            "company" => change.company = Some(typed.text("company")),
            "email" => change.primary_email = Some(Some(typed.text("primary_email"))),
            "phone" => change.primary_phone = Some(Some(typed.text("primary_phone"))),
            "value" => change.value_minor = Some(typed.value()?),
            "owner" => change.owner_id = Some(typed.owner()?).filter(|id| *id != stored.owner_id),
            "stage" => {
                // The tags stay.
                let tags = stored.lists.iter().filter(|list| !list.is_primary);
                change.list_ids =
                    Some(typed.lists()?.into_iter().chain(tags.map(|tag| tag.id)).collect());
            }
            custom_field => {
                let field = self.field(custom_field).ok_or_else(AppError::not_found)?;
                change.custom = custom::changed(std::slice::from_ref(field), typed, stored);
            }
        }
        Ok(change)
    }

    fn input(&self, name: &str, value: &str) -> CellInput {
        let all = texts::inputs(&self.fields);
        let label = all.into_iter().find(|(known, _)| known == name).map(|(_, label)| label);
        let choice = |id: String, label: &str| {
            let chosen = id == value;
            Choice::new(id, label, chosen)
        };
        let (kind, mut choices): (&str, Vec<Choice>) = match name {
            "primary_email" => ("email", Vec::new()),
            "primary_phone" => ("tel", Vec::new()),
            "stage_id" => {
                let stages = self.lists.iter().filter(|list| list.is_primary);
                ("select", stages.map(|list| choice(list.id.to_string(), &list.name)).collect())
            }
            "owner_id" => {
                let nobody = choice(String::new(), "Nobody");
                let people = self.members.iter();
                let people = people.map(|member| choice(member.user_id.to_string(), &member.name));
                ("select", std::iter::once(nobody).chain(people).collect())
            }
            _ => match self.field(name) {
                Some(field) if field.field_type == FieldType::Boolean => {
                    let yes = choice("true".to_owned(), "yes");
                    ("select", vec![yes, choice(String::new(), "no")])
                }
                Some(field) if field.field_type == FieldType::Select => {
                    let none = choice(String::new(), "–");
                    let options = field.options.iter().map(|one| choice(one.clone(), one));
                    ("select", std::iter::once(none).chain(options).collect())
                }
                Some(field) if field.field_type == FieldType::Date => ("date", Vec::new()),
                _ => ("text", Vec::new()),
            },
        };
        if kind == "select" && choices.iter().all(|choice| !choice.selected) {
            // What is stored can be chosen too, even where nobody could choose it any more.
            let known = Known { lists: &self.lists, members: &self.members, fields: &self.fields };
            let said = known.say(name, value);
            let said = if said.is_empty() { "–".to_owned() } else { said };
            choices.insert(0, Choice::new(value, said, true));
        }
        CellInput {
            name: name.to_owned(),
            label: label.unwrap_or_default(),
            kind: kind.to_owned(),
            value: value.to_owned(),
            choices,
        }
    }

    fn label(&self, column: &str) -> String {
        if let Some(field) = self.field(column) {
            return field.label.clone();
        }
        let mut letters = column.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        format!("{first}{}", letters.as_str())
    }

    /// What was typed into a cell beside what somebody else saved meanwhile.
    async fn conflict(
        &self,
        app: &App,
        allow: &Allow<rights::ContactsWrite>,
        (typed, stored): (&Typed, &Contact),
        mine: &mut Texts,
    ) -> Result<Conflict, AppError> {
        let inputs = texts::inputs(&self.fields);
        let named: Vec<Named<'_>> =
            inputs.iter().map(|(name, label)| Named { name, label }).collect();
        let known = Known { lists: &self.lists, members: &self.members, fields: &self.fields };
        let sides = Sides {
            of: ("contact", stored.id.to_string()),
            fields: &named,
            theirs: &texts::of(stored, &self.fields),
            memory: &typed.memory(),
            say: &|name, value| known.say(name, value),
        };
        meanwhile::conflict(app, allow.scope(), sides, mine).await
    }
}

/// What the form of a cell shows beside its values.
#[derive(Default)]
struct About {
    version: i64,
    seen: String,
    error: Option<String>,
    conflict: Option<Conflict>,
}

fn cell_form(
    allow: &Allow<rights::ContactsWrite>,
    cells: &Cells,
    (stored, column): (&Contact, &str),
    inputs: &[String],
    values: &Texts,
    about: About,
) -> CellForm {
    let value = |name: &str| values.get(name).map(String::as_str).unwrap_or_default();
    CellForm {
        id: stored.id.to_string(),
        name: stored.display_name(),
        column: column.to_owned(),
        label: cells.label(column),
        inputs: inputs.iter().map(|name| cells.input(name, value(name))).collect(),
        version: about.version,
        seen: about.seen,
        csrf_token: allow.identity().csrf_token.clone(),
        error: about.error,
        conflict: about.conflict,
    }
}

fn answer(
    app: &App,
    req: &HttpRequest,
    status: StatusCode,
    form: &CellForm,
) -> Result<HttpResponse, AppError> {
    let part = app.views.component("contacts.cell_form", "form", form);
    Ok(frame::html_answer(app, req, status, part.map_err(AppError::internal)?))
}

/// The values of some inputs as stored.
fn stored_texts(cells: &Cells, stored: &Contact, inputs: &[String]) -> Texts {
    let mut all = texts::of(stored, &cells.fields);
    all.retain(|name, _| inputs.contains(name));
    all
}

pub(super) async fn open(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    path: Path<(ContactId, String)>,
) -> Result<HttpResponse, AppError> {
    let (id, column) = path.into_inner();
    let stored = convert::find(&app, allow.scope(), id).await?;
    let cells = Cells::load(&app, &allow).await?;
    let inputs = cells.inputs(&column)?;
    if !frame::is_partial(&req) {
        let first = inputs.first().map(String::as_str).unwrap_or_default();
        return Ok(frame::lead_to(&app, &format!("/contacts/{id}/edit#f-{first}"), None));
    }
    let values = stored_texts(&cells, &stored, &inputs);
    let seen = meanwhile::written(&values);
    let about = About { version: stored.version, seen, ..About::default() };
    let form = cell_form(&allow, &cells, (&stored, &column), &inputs, &values, about);
    answer(&app, &req, StatusCode::OK, &form)
}

pub(super) async fn save(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    path: Path<(ContactId, String)>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let (id, column) = path.into_inner();
    let mut typed = Typed(form.into_inner());
    let stored = convert::find(&app, allow.scope(), id).await?;
    let cells = Cells::load(&app, &allow).await?;
    let inputs = cells.inputs(&column)?;
    typed.put(typed.memory().taken());
    let changed = match cells.change(&column, &typed, &stored) {
        Ok(change) => {
            let seen = typed.version();
            let changed = app.services.contacts.change(allow.scope(), id, seen, change).await;
            changed.map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    let error = match changed {
        Ok(None) => return Err(AppError::not_found()),
        Ok(Some(_)) if !frame::is_partial(&req) => {
            return Ok(frame::lead_to(&app, &format!("/contacts/{id}"), Some(Flash::ok("Saved."))));
        }
        Ok(Some(contact)) => return index::row(&app, &req, &allow, contact).await,
        Err(error) => error,
    };
    if !frame::is_partial(&req) {
        return whole(&app, &req, &allow, &cells, (id, &inputs), typed, error).await;
    }
    let is_stale = error.code == "stale";
    if !error.is_correctable() && !is_stale {
        return Err(error);
    }
    let mut values = typed.texts(inputs.iter().map(String::as_str));
    let mut about = About {
        version: typed.version().unwrap_or_default(),
        seen: typed.memory().seen,
        ..About::default()
    };
    // The version that was met, which may be newer than the one read at first.
    let stored = convert::find(&app, allow.scope(), id).await?;
    if is_stale {
        let conflict = cells.conflict(&app, &allow, (&typed, &stored), &mut values).await?;
        if conflict.rows.is_empty() && conflict.taken.is_empty() {
            // Both want the same.
            return index::row(&app, &req, &allow, stored).await;
        }
        about.version = stored.version;
        about.seen = meanwhile::written(&stored_texts(&cells, &stored, &inputs));
        about.conflict = Some(conflict);
    } else {
        let names: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let errors = frame::form_errors(&error, &names);
        let said = errors.fields.into_values().chain(errors.general).collect::<Vec<_>>();
        about.error = Some(said.join(" "));
    }
    let form = cell_form(&allow, &cells, (&stored, &column), &inputs, &values, about);
    answer(&app, &req, frame::refusal(&error), &form)
}

/// The whole form with what was typed into a cell, for who asked for no part.
async fn whole(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ContactsWrite>,
    cells: &Cells,
    (id, inputs): (ContactId, &[String]),
    typed: Typed,
    error: AppError,
) -> Result<HttpResponse, AppError> {
    let stored = convert::find(app, allow.scope(), id).await?;
    let mut all = Typed(Vec::new());
    all.put(texts::of(&stored, &cells.fields));
    all.put(typed.texts(inputs.iter().map(String::as_str)));
    all.0.extend(["version", "seen"].map(|name| (name.to_owned(), typed.text(name))));
    form::again(app, req, allow, all, Some(id), error).await
}
