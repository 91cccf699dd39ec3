//! `GET /contacts/new`, `POST /contacts`, `GET /contacts/{id}/edit`, `POST /contacts/{id}`

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::Contact;
use crm_contacts::contacts::{ContactChange, NewContact};
use crm_contacts::fields::Field;
use crm_core::{ContactId, ListId, UserId};

use super::{convert, custom};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::{Choice, FormErrors, Link};
use crate::views::contacts::{ContactForm, ContactFormPage};
use crate::views::{Flash, Section};

const FIELDS: [&str; 7] =
    ["first_name", "last_name", "primary_email", "primary_phone", "company", "value", "owner_id"];

/// The form as typed: `list_ids` comes once for each tag that is ticked.
pub(super) struct Typed(Vec<(String, String)>);

impl Typed {
    pub(super) fn text(&self, name: &str) -> String {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or_else(String::new, |(_, value)| value.clone())
    }

    fn lists(&self) -> Result<Vec<ListId>, AppError> {
        let ids = self
            .0
            .iter()
            .filter(|(key, value)| (key == "list_ids" || key == "stage_id") && !value.is_empty());
        ids.map(|(_, id)| id.parse())
            .collect::<Result<_, _>>()
            .map_err(|_| AppError::invalid("list_ids", "there is no such list"))
    }

    /// Who looks after the contact; empty for nobody.
    fn owner(&self) -> Result<Option<UserId>, AppError> {
        match self.text("owner_id").as_str() {
            "" => Ok(None),
            id => {
                let nobody =
                    |_| AppError::invalid("owner_id", "this person is no member of the workspace");
                id.parse().map(Some).map_err(nobody)
            }
        }
    }

    /// The value in the smallest unit: people write `1,250.50`.
    fn value(&self) -> Result<Option<i64>, AppError> {
        let text: String =
            self.text("value").chars().filter(|c| !c.is_whitespace() && *c != ',').collect();
        if text.is_empty() {
            return Ok(None);
        }
        let invalid = || AppError::invalid("value", "enter an amount, like 1250 or 1250.50");
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        if part.len() > 2 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        let whole: i64 = whole.parse().map_err(|_| invalid())?;
        let cents: i64 = format!("{part:0<2}").parse().map_err(|_| invalid())?;
        whole.checked_mul(100).and_then(|n| n.checked_add(cents)).map(Some).ok_or_else(invalid)
    }

    fn contact(&self, fields: &[Field]) -> Result<NewContact, AppError> {
        Ok(NewContact {
            first_name: self.text("first_name"),
            last_name: self.text("last_name"),
            primary_email: Some(self.text("primary_email")),
            primary_phone: Some(self.text("primary_phone")),
            company: self.text("company"),
            owner_id: self.owner()?,
            value_minor: self.value()?,
            custom: custom::given(fields, self),
            list_ids: self.lists()?,
        })
    }

    /// The same as a change, which leaves what the form does not have as it is.
    fn change(&self, fields: &[Field], stored: &Contact) -> Result<ContactChange, AppError> {
        let new = self.contact(fields)?;
        // Whoever left the workspace stays the owner until another one is chosen.
        let asked = self.0.iter().any(|(key, _)| key == "owner_id");
        let owner_id = Some(new.owner_id).filter(|id| asked && *id != stored.owner_id);
        Ok(ContactChange {
            first_name: Some(new.first_name),
            last_name: Some(new.last_name),
            primary_email: Some(new.primary_email),
            primary_phone: Some(new.primary_phone),
            company: Some(new.company),
            owner_id,
            value_minor: Some(new.value_minor),
            custom: custom::changed(fields, self, stored),
            list_ids: Some(new.list_ids),
        })
    }

    fn form(&self) -> ContactForm {
        ContactForm {
            first_name: self.text("first_name"),
            last_name: self.text("last_name"),
            primary_email: self.text("primary_email"),
            primary_phone: self.text("primary_phone"),
            company: self.text("company"),
            value: self.text("value"),
        }
    }
}

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
        version: about.stored.map_or(0, |contact| contact.version),
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
    let about = About {
        stored: None,
        form: ContactForm::default(),
        lists: Vec::new(),
        owner: String::new(),
        errors: FormErrors::none(),
        duplicate: None,
        typed: None,
    };
    let view = page(&app, &req, &allow, about).await?;
    frame::ok(&app, &req, &view)
}

/// The form again: what is wrong, and who has the address or number already.
async fn again(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::ContactsWrite>,
    typed: &Typed,
    stored: Option<&Contact>,
    error: AppError,
) -> Result<HttpResponse, AppError> {
    if !error.is_correctable() && error.code != "stale" {
        return Err(error);
    }
    let duplicate = match error.contact_id {
        Some(id) => app.services.contacts.get(allow.scope(), id).await?,
        None => None,
    };
    let fields = app.services.fields.all(allow.scope()).await?;
    let custom: Vec<String> = fields.iter().map(|field| custom::key(&field.name)).collect();
    let names: Vec<&str> = FIELDS.into_iter().chain(custom.iter().map(String::as_str)).collect();
    let about = About {
        stored,
        form: typed.form(),
        lists: typed.lists().unwrap_or_default(),
        owner: typed.text("owner_id"),
        errors: frame::form_errors(&error, &names),
        typed: Some(typed),
        duplicate: duplicate.map(|c| Link::new(c.display_name(), format!("/contacts/{}", c.id))),
    };
    let view = page(app, req, allow, about).await?;
    frame::again(app, req, &error, &view)
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
        Err(error) => again(&app, &req, &allow, &typed, None, error).await,
    }
}

pub(super) async fn edit(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
) -> Result<HttpResponse, AppError> {
    let contact = convert::find(&app, allow.scope(), *id).await?;
    let value =
        contact.value_minor.map(|minor| format!("{}.{:02}", minor / 100, minor.abs() % 100));
    let about = About {
        form: ContactForm {
            first_name: contact.first_name.clone(),
            last_name: contact.last_name.clone(),
            primary_email: contact.primary_email.clone().unwrap_or_default(),
            primary_phone: contact.primary_phone.clone().unwrap_or_default(),
            company: contact.company.clone(),
            value: value.unwrap_or_default(),
        },
        lists: contact.lists.iter().map(|list| list.id).collect(),
        owner: contact.owner_id.map(|id| id.to_string()).unwrap_or_default(),
        errors: FormErrors::none(),
        duplicate: None,
        typed: None,
        stored: Some(&contact),
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
    let typed = Typed(form.into_inner());
    let stored = convert::find(&app, allow.scope(), *id).await?;
    let seen = typed.text("version").parse().ok().filter(|version| *version > 0);
    let fields = app.services.fields.all(allow.scope()).await?;
    let changed = match typed.change(&fields, &stored) {
        Ok(change) => {
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
        Err(error) => again(&app, &req, &allow, &typed, Some(&stored), error).await,
    }
}
