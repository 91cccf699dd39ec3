//! `GET /contacts/new`, `POST /contacts`, `GET /contacts/{id}/edit`, `POST /contacts/{id}`

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::Contact;
use crm_contacts::fields::Field;
use crm_core::{ContactId, ListId};

use super::texts::Known;
use super::typed::Typed;
use super::{convert, custom, texts};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::pages::meanwhile::{self, Named, Sides};
use crate::state::App;
use crate::views::common::{Choice, FormErrors, Link};
use crate::views::conflict::Conflict;
use crate::views::contacts::{ContactForm, ContactFormPage};
use crate::views::{Flash, Section};

const FIELDS: [&str; 7] =
    ["first_name", "last_name", "primary_email", "primary_phone", "company", "value", "owner_id"];

/// What the form shows.
struct About<'a> {
    stored: Option<&'a Contact>,
    form: ContactForm,
    lists: Vec<ListId>,
    owner: String,
    errors: FormErrors,
    duplicate: Option<Link>,
    /// What was typed, where the form comes back.
    typed: Option<&'a Typed>,
    /// The version the form is of, and what it was filled with.
    version: i64,
    seen: String,
    conflict: Option<Conflict>,
}

impl About<'_> {
    /// A form without a contact.
    fn nobody() -> Self {
        Self {
            stored: None,
            form: ContactForm::default(),
            lists: Vec::new(),
            owner: String::new(),
            errors: FormErrors::none(),
            duplicate: None,
            typed: None,
            version: 0,
            seen: String::new(),
            conflict: None,
        }
    }
}

async fn page(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ContactsWrite>,
    about: About<'_>,
) -> Result<ContactFormPage, AppError> {
    let scope = allow.scope();
    let lists = app.services.lists.all(scope).await?;
    let title = about.stored.map_or_else(|| "New contact".to_owned(), Contact::display_name);
    let choices = |primary: bool| -> Vec<Choice> {
        let kind = lists.iter().filter(|list| list.is_primary == primary);
        kind.map(|list| {
            Choice::new(list.id.to_string(), &list.name, about.lists.contains(&list.id))
        })
        .collect()
    };
    let members = app.services.accounts.members(scope).await?;
    let mut people: Vec<Choice> = members
        .iter()
        .map(|member| {
            let id = member.user_id.to_string();
            Choice::new(id.clone(), &member.name, id == about.owner)
        })
        .collect();
    if !about.owner.is_empty() && people.iter().all(|one| !one.selected) {
        people.push(Choice::new(about.owner, "Somebody who left", true));
    }
    let fields = app.services.fields.all(scope).await?;
    let open = fields.iter().filter(|field| field.archived_at.is_none());
    Ok(ContactFormPage {
        shell: frame::shell(app, req, allow, Section::Contacts, title).await?,
        id: about.stored.map(|contact| contact.id.to_string()),
        stages: choices(true),
        tags: choices(false),
        people,
        custom: open.map(|field| custom::input(field, about.stored, about.typed)).collect(),
        version: about.version,
        seen: about.seen,
        conflict: about.conflict,
        form: about.form,
        errors: about.errors,
        duplicate: about.duplicate,
    })
}

pub(super) async fn new(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let view = page(&app, &req, &allow, About::nobody()).await?;
    frame::ok(&app, &req, &view)
}

/// The form again: what is wrong, and who has the address or number already.
pub(super) async fn again(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ContactsWrite>,
    mut typed: Typed,
    id: Option<ContactId>,
    error: AppError,
) -> Result<HttpResponse, AppError> {
    let is_stale = error.code == "stale";
    if !error.is_correctable() && !is_stale {
        return Err(error);
    }
    let scope = allow.scope();
    let fields = app.services.fields.all(scope).await?;
    let stored = match id {
        Some(id) => Some(convert::find(app, scope, id).await?),
        None => None,
    };
    let mut about = About {
        // A form that comes back is still of the version it was opened with.
        version: typed.version().unwrap_or_default(),
        seen: typed.memory().seen,
        errors: FormErrors::none(),
        ..About::nobody()
    };
    if let (true, Some(stored)) = (is_stale, &stored) {
        about.conflict = Some(conflict(app, allow, &mut typed, stored, &fields).await?);
        about.version = stored.version;
        about.seen = meanwhile::written(&texts::of(stored, &fields));
    } else {
        let custom: Vec<String> = fields.iter().map(|field| custom::key(&field.name)).collect();
        let names: Vec<&str> =
            FIELDS.into_iter().chain(custom.iter().map(String::as_str)).collect();
        about.errors = frame::form_errors(&error, &names);
    }
    if let Some(id) = error.contact_id {
        let other = app.services.contacts.get(scope, id).await?;
        about.duplicate = other.map(|c| Link::new(c.display_name(), format!("/contacts/{}", c.id)));
    }
    let about = About {
        stored: stored.as_ref(),
        form: typed.form(),
        lists: typed.lists().unwrap_or_default(),
        owner: typed.text("owner_id"),
        typed: Some(&typed),
        ..about
    };
    let view = page(app, req, allow, about).await?;
    frame::again(app, req, &error, &view)
}

/// What was typed beside what somebody else saved meanwhile.
async fn conflict(
    app: &App,
    allow: &Allow<rights::ContactsWrite>,
    typed: &mut Typed,
    stored: &Contact,
    fields: &[Field],
) -> Result<Conflict, AppError> {
    let scope = allow.scope();
    let lists = app.services.lists.all(scope).await?;
    let members = app.services.accounts.members(scope).await?;
    let known = Known { lists: &lists, members: &members, fields };
    let inputs = texts::inputs(fields);
    let named: Vec<Named<'_>> = inputs.iter().map(|(name, label)| Named { name, label }).collect();
    let mut mine = typed.texts(inputs.iter().map(|(name, _)| name.as_str()));
    let sides = Sides {
        of: ("contact", stored.id.to_string()),
        fields: &named,
        theirs: &texts::of(stored, fields),
        memory: &typed.memory(),
        say: &|name, value| known.say(name, value),
    };
    let conflict = meanwhile::conflict(app, scope, sides, &mut mine).await?;
    typed.put(mine);
    Ok(conflict)
}

pub(super) async fn create(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed(form.into_inner());
    let fields = app.services.fields.all(allow.scope()).await?;
    let made = match typed.contact(&fields) {
        Ok(new) => app.services.contacts.create(allow.scope(), new).await.map_err(AppError::from),
        Err(error) => Err(error),
    };
    match made {
        Ok(contact) => {
            let said = Flash::ok(format!("{} is added.", contact.display_name()));
            let another = !typed.text("again").is_empty();
            let next = if another {
                "/contacts/new".to_owned()
            } else {
                format!("/contacts/{}", contact.id)
            };
            Ok(frame::lead_to(&app, &next, Some(said)))
        }
        Err(error) => again(&app, &req, &allow, typed, None, error).await,
    }
}

pub(super) async fn edit(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let contact = convert::find(&app, allow.scope(), *id).await?;
    let fields = app.services.fields.all(allow.scope()).await?;
    let about = About {
        form: ContactForm {
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
            primary_email: contact.primary_email.clone().unwrap_or_default(),
            primary_phone: contact.primary_phone.clone().unwrap_or_default(),
            company: contact.company.clone(),
            value: contact.value_minor.map(texts::amount).unwrap_or_default(),
        },
        lists: contact.lists.iter().map(|list| list.id).collect(),
        owner: contact.owner_id.map(|id| id.to_string()).unwrap_or_default(),
        version: contact.version,
        seen: meanwhile::written(&texts::of(&contact, &fields)),
        stored: Some(&contact),
        ..About::nobody()
    };
    let view = page(&app, &req, &allow, about).await?;
    frame::ok(&app, &req, &view)
}

pub(super) async fn save(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let mut typed = Typed(form.into_inner());
    let stored = convert::find(&app, allow.scope(), *id).await?;
    typed.put(typed.memory().taken());
    let fields = app.services.fields.all(allow.scope()).await?;
    let changed = match typed.change(&fields, &stored) {
        Ok(change) => {
            let seen = typed.version();
            let changed = app.services.contacts.change(allow.scope(), *id, seen, change).await;
            changed.map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(changed) => {
            changed.ok_or_else(AppError::not_found)?;
            Ok(frame::lead_to(&app, &format!("/contacts/{id}"), Some(Flash::ok("Saved."))))
        }
        Err(error) => again(&app, &req, &allow, typed, Some(*id), error).await,
    }
}
