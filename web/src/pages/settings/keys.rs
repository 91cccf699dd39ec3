//! `/settings/keys`: a person's API keys.

use std::collections::BTreeSet;
use std::time::Duration;

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::key_scope::{Resource, Verb};
use crm_core::keys::{ApiKey, NewKey};
use crm_core::{ApiKeyId, KeyScope, Permission, Role, Timestamp};
use secrecy::ExposeSecret as _;

use super::own_shell;
use crate::error::AppError;
use crate::extract::SignedIn;
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;
use crate::views::common::{Choice, FormErrors};
use crate::views::keys::{KeyFormPage, KeyRow, KeysPage, MadeKey, ScopeGroup};

/// How long a key may be made to last: days, and the words for it. No days are for ever.
const LIFETIMES: [(&str, &str); 4] =
    [("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Until I revoke it")];
const DAY: Duration = Duration::from_hours(24);

pub(super) async fn show(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let view = list(&app, &req, &caller, None).await?;
    frame::ok(&app, &req, &view)
}

async fn list(
    app: &App,
    req: &HttpRequest,
    caller: &SignedIn,
    made: Option<MadeKey>,
) -> Result<KeysPage, AppError> {
    let now = app.services.ctx.now();
    let keys = app.services.keys.list(caller.identity.user.id).await?;
    Ok(KeysPage {
        shell: own_shell(app, req, caller, "API keys").await?,
        keys: keys.into_iter().map(|key| row(key, now)).collect(),
        made,
    })
}

fn row(key: ApiKey, now: Timestamp) -> KeyRow {
    KeyRow {
        id: key.id.to_string(),
        description: key.description,
        prefix: key.prefix,
        scopes: in_words(&key.scopes),
        created_at: key.created_at.to_string(),
        last_used_at: key.last_used_at.map(|at| at.to_string()),
        expires_at: key.expires_at.map(|at| at.to_string()),
        expired: key.expires_at.is_some_and(|end| end <= now),
    }
}

/// Scopes as people read them, one line for each resource.
fn in_words(scopes: &BTreeSet<KeyScope>) -> Vec<String> {
    if scopes.contains(&KeyScope::Admin) {
        return vec!["Everything your role allows".to_owned()];
    }
    let line = |resource: &Resource| {
        let has =
            |verb: &&Verb| scopes.iter().any(|scope| scope.holds(KeyScope::Of(*resource, **verb)));
        let verbs: Vec<&str> = Verb::ALL.iter().filter(has).map(|verb| verb.as_str()).collect();
        let text = match verbs.as_slice() {
            [] => return None,
            [one] => (*one).to_owned(),
            [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        };
        Some(format!("{}: {text}", label(*resource)))
    };
    Resource::ALL.iter().filter_map(line).collect()
}

const fn label(resource: Resource) -> &'static str {
    match resource {
        Resource::Contacts => "Contacts",
        Resource::Lists => "Stages and tags",
        Resource::Fields => "Custom fields",
        Resource::Logs => "Timelines",
        Resource::Tasks => "Follow-ups",
        Resource::Templates => "Templates",
        Resource::Campaigns => "Campaigns",
        Resource::Insights => "AI findings",
        Resource::Providers => "Providers",
        Resource::Workspaces => "Workspaces and members",
        Resource::Audit => "Audit log",
    }
}

const fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Read => "Read",
        Verb::Write => "Write",
        Verb::Send => "Send",
        Verb::Approve => "Approve",
    }
}

/// The form as typed: `scopes` comes once for each box that is ticked.
struct Typed {
    description: String,
    expires: String,
    scopes: Vec<String>,
}

impl Typed {
    fn new(fields: Vec<(String, String)>) -> Self {
        let mut typed =
            Self { description: String::new(), expires: String::new(), scopes: Vec::new() };
        for (name, value) in fields {
            match name.as_str() {
                "description" => typed.description = value,
                "expires" => typed.expires = value,
                "scopes" => typed.scopes.push(value),
                _ => {}
            }
        }
        typed
    }

    fn end(&self, now: Timestamp) -> Result<Option<Timestamp>, AppError> {
        if self.expires.is_empty() {
            return Ok(None);
        }
        let days = LIFETIMES.iter().any(|(days, _)| *days == self.expires);
        let days: Option<u32> = self.expires.parse().ok().filter(|_| days);
        let days = days.ok_or_else(|| AppError::invalid("expires", "choose one of these"))?;
        Ok(Some(now.plus(DAY * days)))
    }
}

pub(super) async fn new(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let typed = Typed {
        description: String::new(),
        expires: "90".to_owned(),
        scopes: vec!["contacts:read".to_owned()],
    };
    let view = form(&app, &req, &caller, typed, FormErrors::none()).await?;
    frame::ok(&app, &req, &view)
}

async fn form(
    app: &App,
    req: &HttpRequest,
    caller: &SignedIn,
    typed: Typed,
    errors: FormErrors,
) -> Result<KeyFormPage, AppError> {
    let memberships = app.services.accounts.memberships(caller.identity.user.id).await?;
    let roles: Vec<Role> = memberships.into_iter().map(|membership| membership.role).collect();
    let lifetime = |(days, words): &(&str, &str)| {
        let chosen = *days == typed.expires;
        Choice::new(*days, *words, chosen)
    };
    Ok(KeyFormPage {
        shell: own_shell(app, req, caller, "New API key").await?,
        expires: LIFETIMES.iter().map(lifetime).collect(),
        everything: typed.scopes.iter().any(|word| word == "admin"),
        groups: Resource::ALL
            .iter()
            .map(|resource| group(*resource, &roles, &typed.scopes))
            .filter(|group| !group.choices.is_empty())
            .collect(),
        description: typed.description,
        errors,
    })
}

/// The scopes of `resource` that are of use to somebody with one of `roles`.
fn group(resource: Resource, roles: &[Role], chosen: &[String]) -> ScopeGroup {
    let of_use = |scope: KeyScope| {
        Permission::ALL.iter().any(|permission| {
            permission.scope() == scope && roles.iter().any(|role| role.allows(*permission))
        })
    };
    let choice = |with: &Verb| {
        let scope = KeyScope::Of(resource, *with);
        let word = scope.to_string();
        let selected = chosen.contains(&word);
        of_use(scope).then(|| Choice::new(word, verb(*with), selected))
    };
    ScopeGroup {
        label: label(resource).to_owned(),
        choices: Verb::ALL.iter().filter_map(choice).collect(),
    }
}

pub(super) async fn create(
    caller: SignedIn,
    app: Data<App>,
    req: HttpRequest,
    fields: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed::new(fields.into_inner());
    match make(&app, &caller, &typed).await {
        // No redirect: the key goes into this one answer and is kept nowhere else.
        Ok(made) => {
            let view = list(&app, &req, &caller, Some(made)).await?;
            frame::ok(&app, &req, &view)
        }
        Err(error) if error.is_correctable() => {
            let errors = frame::form_errors(&error, &["description", "expires", "scopes"]);
            let view = form(&app, &req, &caller, typed, errors).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

async fn make(app: &App, caller: &SignedIn, typed: &Typed) -> Result<MadeKey, AppError> {
    let user = caller.identity.user.id;
    let new = NewKey {
        description: typed.description.clone(),
        scopes: typed.scopes.clone(),
        expires_at: typed.end(app.services.ctx.now())?,
    };
    let made = app.services.keys.create(&caller.actor, user, new).await?;
    Ok(MadeKey { description: made.key.description, key: made.secret.expose_secret().to_owned() })
}

pub(super) async fn revoke(
    caller: SignedIn,
    app: Data<App>,
    id: Path<ApiKeyId>,
) -> Result<HttpResponse, AppError> {
    let user = caller.identity.user.id;
    if !app.services.keys.revoke(&caller.actor, user, *id).await? {
        return Err(AppError::not_found());
    }
    Ok(frame::lead_to(&app, "/settings/keys", Some(Flash::ok("The key is revoked."))))
}
