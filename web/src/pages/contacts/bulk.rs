//! `/contacts/bulk`: what is about to be done to many contacts, with its count and some names, and how far it is.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::Contact;
use crm_contacts::bulk::{Action, Bulk, Selection, State};
use crm_contacts::contacts::CustomValue;
use crm_contacts::fields::Field;
use crm_contacts::lists::List;
use crm_core::{BulkId, ContactId, Scope};

use super::filter::{Params, at};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::{errors, frame};
use crate::state::App;
use crate::views::bulk::{BulkPage, BulkRunPage};
use crate::views::common::{Choice, FormErrors};
use crate::views::{Flash, Section};

/// Names shown of a selection.
const SHOWN: usize = 5;
/// Most contacts merged in one go: more are not looked at one by one any more.
const MOST_MERGED: usize = 5;

/// What a link or form says.
#[derive(Default)]
struct Asked {
    ids: Vec<ContactId>,
    /// Everything that matches the filter.
    all: bool,
    filter: Params,
    token: String,
    action: String,
    list_id: String,
    field: String,
    value: String,
    target_id: String,
    back: String,
}

impl Asked {
    fn read(pairs: Vec<(String, String)>) -> Self {
        let mut asked = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "ids" => asked.ids.extend(value.parse::<ContactId>().ok()),
                "all" => asked.all = true,
                "token" => asked.token = value,
                "action" => asked.action = value,
                "to_list" => asked.list_id = value,
                "set_field" => asked.field = value,
                "set_value" => asked.value = value,
                "target_id" => asked.target_id = value,
                "back" => asked.back = value,
                "q" => asked.filter.q = value,
                "list_id" => asked.filter.list_id = value,
                "segment_id" => asked.filter.segment_id = value,
                "owner" => asked.filter.owner = value,
                "field" => asked.filter.field = value,
                "value" => asked.filter.value = value,
                _ => {}
            }
        }
        asked
    }

    fn back(&self) -> String {
        frame::local_path(&self.back, "/contacts").to_owned()
    }

    /// What is to be done, as far as the form says it.
    fn action(&self) -> Result<Action, AppError> {
        let list = || {
            self.list_id
                .parse()
                .map_err(|_| AppError::invalid("to_list", "choose one of the lists"))
        };
        Ok(match self.action.as_str() {
            "move" => Action::Move { list_id: list()? },
            "tag" => Action::Tag { list_id: list()? },
            "untag" => Action::Untag { list_id: list()? },
            "set" => {
                if self.field.is_empty() {
                    return Err(AppError::invalid("set_field", "choose a field"));
                }
                let value = Some(self.value.trim()).filter(|value| !value.is_empty());
                let value = value.map(|value| CustomValue::Text(value.to_owned()));
                Action::Set { field: self.field.clone(), value }
            }
            "delete" => Action::Delete,
            "merge" => {
                let target_id = self.target_id.parse();
                let target_id = target_id
                    .map_err(|_| AppError::invalid("target_id", "choose the contact that stays"))?;
                Action::Merge { target_id, resolution: std::collections::BTreeMap::new() }
            }
            _ => return Err(AppError::invalid("action", "choose what to do")),
        })
    }
}

/// The file an action asks for.
fn file_of(action: &str) -> Option<&'static str> {
    match action {
        "export" => Some("contacts.csv"),
        "export_cards" => Some("contacts.vcf"),
        _ => None,
    }
}

/// `GET /contacts/bulk`
pub(super) async fn ask(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    pairs: Query<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let asked = Asked::read(pairs.into_inner());
    if asked.action == "merge"
        && let [source, target] = asked.ids.as_slice()
        && !asked.all
    {
        // The one that is older stays, unless somebody swaps them.
        let (target, source) = (source.min(target), source.max(target));
        let path = format!("/contacts/merge?source={source}&target={target}");
        return Ok(frame::lead_to(&app, &path, None));
    }
    if asked.ids.is_empty() && !asked.all {
        let said = Flash::info("Tick the contacts first.");
        return Ok(frame::lead_to(&app, &asked.back(), Some(said)));
    }
    if let Some(name) = file_of(&asked.action) {
        let path = file_url(&app, &allow, &asked, name).await?;
        return Ok(frame::lead_to(&app, &path, None));
    }
    let view = page(&app, &req, &allow, &asked, FormErrors::none()).await?;
    frame::ok(&app, &req, &view)
}

/// Where the file of the chosen contacts is, or of all that match the filter.
async fn file_url(
    app: &App,
    allow: &Allow<rights::ContactsWrite>,
    asked: &Asked,
    name: &str,
) -> Result<String, AppError> {
    if !asked.all {
        let ids: Vec<String> = asked.ids.iter().map(ToString::to_string).collect();
        return Ok(format!("/api/export/{name}?ids={}", ids.join(",")));
    }
    let (services, scope, me) = (&app.services, allow.scope(), allow.identity().user.id);
    let fields = services.fields.all(scope).await?;
    let segments = services.saved_segments.all(scope).await?;
    let saved = segments.iter().find(|saved| Some(saved.id) == asked.filter.segment());
    Ok(asked.filter.export_url(name, me, &fields, saved))
}

async fn page(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ContactsWrite>,
    asked: &Asked,
    errors: FormErrors,
) -> Result<BulkPage, AppError> {
    let scope = allow.scope();
    let services = &app.services;
    let fields = services.fields.all(scope).await?;
    let lists = services.lists.all(scope).await?;
    let mut found: Vec<Contact> = Vec::new();
    let (token, count, names) = if asked.all {
        let filter = asked.filter.as_filter(allow.identity().user.id, &fields);
        let chosen = services.bulk.select(scope, filter).await?;
        (Some(chosen.token), chosen.count, chosen.sample)
    } else {
        found = services.contacts.get_many(scope, &asked.ids).await?;
        found.sort_by_key(|contact| contact.id);
        let names = found.iter().take(SHOWN).map(Contact::display_name).collect();
        (None, u64::try_from(found.len()).unwrap_or_default(), names)
    };
    let mergeable = !asked.all && (2..=MOST_MERGED).contains(&found.len());
    let title = heading(&asked.action).to_owned();
    Ok(BulkPage {
        shell: frame::shell(app, req, allow, Section::Contacts, title).await?,
        action: asked.action.clone(),
        ids: found.iter().map(|contact| contact.id.to_string()).collect(),
        token,
        count,
        names,
        lists: list_choices(&lists, asked),
        fields: field_choices(&fields, asked),
        value: asked.value.clone(),
        keep: found
            .iter()
            .filter(|_| mergeable)
            .map(|contact| {
                let id = contact.id.to_string();
                let chosen = asked.target_id == id;
                let email = contact.primary_email.clone().unwrap_or_default();
                Choice::new(id, contact.display_name(), chosen).with_hint(email)
            })
            .collect(),
        filter: at("", &asked.filter.query("", &[])).trim_start_matches('?').to_owned(),
        back: asked.back(),
        errors,
    })
}

const fn heading(action: &str) -> &'static str {
    match action.as_bytes() {
        b"move" => "Move to a stage",
        b"tag" => "Add a tag",
        b"untag" => "Remove a tag",
        b"set" => "Set a field",
        b"delete" => "Delete contacts",
        b"merge" => "Merge contacts",
        _ => "Change contacts",
    }
}

fn list_choices(lists: &[List], asked: &Asked) -> Vec<Choice> {
    let stages = asked.action == "move";
    let of = lists.iter().filter(|list| list.is_primary == stages);
    of.map(|list| {
        let id = list.id.to_string();
        let chosen = asked.list_id == id;
        Choice::new(id, &list.name, chosen)
    })
    .collect()
}

fn field_choices(fields: &[Field], asked: &Asked) -> Vec<Choice> {
    let own = [("company", "Company")]
        .into_iter()
        .map(|(name, label)| Choice::new(name, label, asked.field == name));
    let custom = fields.iter().filter(|field| field.archived_at.is_none()).map(|field| {
        let name = format!("custom.{}", field.name);
        let chosen = asked.field == name;
        Choice::new(name, &field.label, chosen)
    });
    own.chain(custom).collect()
}

/// `POST /contacts/bulk`
pub(super) async fn start(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let mut asked = Asked::read(form.into_inner());
    let started = match asked.action() {
        Ok(action) => {
            let on = if asked.token.is_empty() {
                Selection::Ids(asked.ids.clone())
            } else {
                Selection::Token(asked.token.clone())
            };
            app.services.bulk.start(allow.scope(), action, on).await.map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    match started {
        Ok(bulk) => {
            if bulk.state.is_going_on() {
                (app.poke)();
            }
            let back = errors::serde_urlencode(&asked.back());
            Ok(frame::lead_to(&app, &format!("/contacts/bulk/{}?back={back}", bulk.id), None))
        }
        Err(error) if error.is_correctable() => {
            asked.all = !asked.token.is_empty();
            let error = error.renamed("value", "set_value").renamed("list_id", "to_list");
            let names = ["to_list", "set_field", "set_value", "target_id"];
            let errors = frame::form_errors(&error, &names);
            let view = page(&app, &req, &allow, &asked, errors).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

/// Where the page leads back to.
#[derive(serde::Deserialize, Default)]
#[serde(default)]
pub(super) struct Back {
    back: String,
}

/// `GET /contacts/bulk/{id}`
pub(super) async fn show(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<BulkId>,
    back: Query<Back>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let bulk = app.services.bulk.get(scope, *id).await?.ok_or_else(AppError::not_found)?;
    let what = what(&app, scope, &bulk).await?;
    let mut shell = frame::shell(&app, &req, &allow, Section::Contacts, &what).await?;
    shell.refresh_seconds = bulk.state.is_going_on().then_some(1);
    let undoable = matches!(bulk.state, State::Done | State::Failed)
        && bulk.changed > 0
        && scope.allows(crm_core::Permission::ContactsWrite);
    let undoing = matches!(bulk.state, State::Undoing | State::Undone);
    let page = BulkRunPage {
        id: bulk.id.to_string(),
        state: bulk.state.as_str().to_owned(),
        total: if undoing { bulk.changed } else { bulk.total },
        done: if undoing { bulk.undone } else { bulk.done },
        changed: bulk.changed,
        undone: bulk.undone,
        error: bulk.error,
        undoable,
        what,
        back: frame::local_path(&back.back, "/contacts").to_owned(),
        shell,
    };
    frame::page(&app, &req, StatusCode::OK, &page)
}

/// What was done, in words.
async fn what(app: &App, scope: &Scope, bulk: &Bulk) -> Result<String, AppError> {
    let list = |id| async move {
        let found = app.services.lists.get(scope, id).await?;
        Ok::<_, AppError>(found.map_or_else(|| "a list".to_owned(), |list| list.name))
    };
    Ok(match &bulk.action {
        Action::Move { list_id } => format!("Move to {}", list(*list_id).await?),
        Action::Tag { list_id } => format!("Tag {}", list(*list_id).await?),
        Action::Untag { list_id } => format!("Remove the tag {}", list(*list_id).await?),
        Action::Set { field, .. } => {
            let name = field.trim_start_matches("custom.");
            let fields = app.services.fields.all(scope).await?;
            let field = fields.iter().find(|field| field.name == name);
            format!("Set {}", field.map_or(name, |field| field.label.as_str()))
        }
        Action::Delete => "Delete contacts".to_owned(),
        Action::Merge { .. } => "Merge contacts".to_owned(),
    })
}

/// `POST /contacts/bulk/{id}/undo`
pub(super) async fn undo(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<BulkId>,
) -> Result<HttpResponse, AppError> {
    let path = format!("/contacts/bulk/{id}");
    match app.services.bulk.undo(allow.scope(), *id).await.map_err(AppError::from) {
        Ok(bulk) => {
            if bulk.state.is_going_on() {
                (app.poke)();
            }
            Ok(frame::lead_to(&app, &path, None))
        }
        Err(error) if error.is_correctable() => {
            let said = Flash::bad(frame::sentence(&error.message));
            Ok(frame::lead_to(&app, &path, Some(said)))
        }
        Err(error) => Err(error),
    }
}
