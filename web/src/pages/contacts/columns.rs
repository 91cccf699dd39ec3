//! Which columns the table of contacts has: everybody's own choice, kept in a cookie.

use std::collections::BTreeSet;

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::contacts::ContactSort;
use crm_contacts::fields::Field;

use super::cells;
use super::filter::Params;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::Choice;
use crate::views::contacts::{ContactColumn, SortLink};

const COOKIE: &str = "pi-crm-columns";
/// Name, what people call it, the word that sorts by it, and whether it is shown to who has not chosen.
const COLUMNS: [(&str, &str, &str, bool); 11] = [
    ("company", "Company", "company", true),
    ("email", "Email", "primary_email", true),
    ("phone", "Phone", "primary_phone", true),
    ("stage", "Stage", "stage", true),
    ("tags", "Tags", "", true),
    ("owner", "Owner", "owner", false),
    ("value", "Value", "value_minor", true),
    ("next", "Next step", "", false),
    ("stage_since", "In stage since", "stage_since", false),
    ("updated_at", "Changed", "updated_at", false),
    ("created_on", "Added", "created_on", true),
];

/// The columns somebody wants to see.
pub(super) struct Wanted(Option<BTreeSet<String>>);

impl Wanted {
    pub(super) fn of(req: &HttpRequest) -> Self {
        let cookie = req.cookie(COOKIE);
        Self(cookie.map(|cookie| cookie.value().split('~').map(str::to_owned).collect()))
    }

    fn shows(&self, name: &str, by_itself: bool) -> bool {
        self.0.as_ref().map_or(by_itself, |chosen| chosen.contains(name))
    }

    /// The columns shown.
    pub(super) fn shown(
        &self,
        params: &Params,
        current: &ContactSort,
        fields: &[Field],
    ) -> Vec<ContactColumn> {
        all(fields)
            .filter(|(name, .., by_itself)| self.shows(name, *by_itself))
            .map(|(name, label, sort, _)| ContactColumn {
                sort: head(params, &sort, current),
                is_number: name == "value",
                custom: name.strip_prefix("custom.").map(str::to_owned),
                input: cells::input_of(&name).map(str::to_owned),
                name,
                label,
            })
            .collect()
    }

    /// All of them, to choose from.
    pub(super) fn choices(&self, fields: &[Field]) -> Vec<Choice> {
        all(fields)
            .map(|(name, label, _, by_itself)| {
                let shown = self.shows(&name, by_itself);
                Choice::new(name, label, shown)
            })
            .collect()
    }
}

fn all(fields: &[Field]) -> impl Iterator<Item = (String, String, String, bool)> {
    let own = COLUMNS.into_iter().map(|(name, label, sort, shown)| {
        (name.to_owned(), label.to_owned(), sort.to_owned(), shown)
    });
    let custom = fields.iter().filter(|field| field.archived_at.is_none()).map(|field| {
        let name = format!("custom.{}", field.name);
        (name.clone(), field.label.clone(), name, false)
    });
    own.chain(custom)
}

/// The header of a column: sorts by it, or the other way round; nothing where nobody can sort by it.
pub(super) fn head(params: &Params, word: &str, current: &ContactSort) -> SortLink {
    if ContactSort::parse(word).is_none() {
        return SortLink::default();
    }
    let down = format!("-{word}");
    let now = current.as_str();
    let (direction, next) = if now == word {
        (Some("ascending"), down)
    } else if now == down {
        (Some("descending"), word.to_owned())
    } else {
        (None, word.to_owned())
    };
    SortLink { url: Some(params.url(&next, None)), direction: direction.map(str::to_owned) }
}

/// `POST /contacts/columns`
pub(super) async fn save(
    _: Allow<rights::ContactsRead>,
    app: Data<App>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let mut next = "/contacts".to_owned();
    let mut chosen = BTreeSet::new();
    let mut reset = false;
    for (name, value) in form.into_inner() {
        match name.as_str() {
            "column" if is_name(&value) => drop(chosen.insert(value)),
            "next" => next = value,
            "reset" => reset = true,
            _ => {}
        }
    }
    let chosen: Vec<String> = chosen.into_iter().collect();
    let lifetime = if reset { Duration::ZERO } else { Duration::days(400) };
    let cookie = Cookie::build(COOKIE, chosen.join("~"))
        .path("/contacts")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.config.is_https())
        .max_age(lifetime)
        .finish();
    let mut answer = frame::lead_to(&app, frame::local_path(&next, "/contacts"), None);
    answer.add_cookie(&cookie).map_err(AppError::internal)?;
    Ok(answer)
}

/// Whether a cookie can hold it.
fn is_name(text: &str) -> bool {
    text.len() <= 80 && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}
