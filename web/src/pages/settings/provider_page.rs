//! What the forms of all types of providers do alike: show, create, save, and show again with what is wrong.

use actix_web::{HttpRequest, HttpResponse};
use crm_core::ProviderId;
use crm_providers::Provider;
use crm_providers::providers::NewProvider;
use serde::de::DeserializeOwned;

use super::provider_form::{Sent, errors, read, saved};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::FormErrors;
use crate::views::{Section, Shell, View};

/// The form of one type of provider, as typed.
pub(super) trait ProviderForm: DeserializeOwned {
    /// The page that shows it.
    type Page: View;
    /// The fields something may be wrong with.
    const FIELDS: &'static [&'static str];

    /// What a new one begins with; `kind` is the type that was asked for.
    fn blank(kind: &str) -> Self;
    /// What is stored, where it is of this type.
    fn stored(provider: Provider) -> Option<Self>;
    /// The provider it describes.
    fn provider(&self) -> Result<NewProvider, AppError>;
    /// What the page is called.
    fn title(&self, is_new: bool) -> String;
    /// The page.
    fn page(&self, around: Around<'_>) -> Self::Page;
}

/// What stands around a form.
pub(super) struct Around<'a> {
    pub(super) app: &'a App,
    pub(super) shell: Shell,
    /// Absent for a new one.
    pub(super) id: Option<ProviderId>,
    /// Whether a password or key is stored.
    pub(super) secret_set: bool,
    /// Whether a key is stored that its own requests are signed with.
    pub(super) webhook_key_set: bool,
    pub(super) errors: FormErrors,
}

/// Who asks, and how.
pub(super) type Asked<'a> = (&'a Allow<rights::ProvidersWrite>, &'a App, &'a HttpRequest);

async fn page<F: ProviderForm>(
    (allow, app, req): Asked<'_>,
    form: &F,
    id: Option<ProviderId>,
    (secret_set, webhook_key_set): (bool, bool),
    errors: FormErrors,
) -> Result<F::Page, AppError> {
    let title = form.title(id.is_none());
    let shell = frame::shell(app, req, allow, Section::Settings, title).await?;
    Ok(form.page(Around { app, shell, id, secret_set, webhook_key_set, errors }))
}

/// The form of a new one.
pub(super) async fn new<F: ProviderForm>(
    asked: Asked<'_>,
    kind: &str,
) -> Result<HttpResponse, AppError> {
    let view = page(asked, &F::blank(kind), None, (false, false), FormErrors::none()).await?;
    frame::ok(asked.1, asked.2, &view)
}

/// The form of a stored one.
pub(super) async fn show<F: ProviderForm>(
    asked: Asked<'_>,
    stored: Provider,
) -> Result<HttpResponse, AppError> {
    let (id, set) = (Some(stored.id), (stored.has_secret, stored.has_webhook_key));
    let form = F::stored(stored).ok_or_else(AppError::not_found)?;
    let view = page(asked, &form, id, set, FormErrors::none()).await?;
    frame::ok(asked.1, asked.2, &view)
}

/// Connects what was typed.
pub(super) async fn create<F: ProviderForm>(
    asked: Asked<'_>,
    sent: &Sent,
) -> Result<HttpResponse, AppError> {
    let (allow, app, _) = asked;
    let typed: F = read(sent)?;
    let made = match typed.provider() {
        Ok(new) => app.services.providers.create(allow.scope(), new).await.map_err(AppError::from),
        Err(error) => Err(error),
    };
    match made {
        Ok(_) => Ok(saved(app)),
        Err(error) => again(asked, None, &typed, error).await,
    }
}

/// Changes a stored one to what was typed.
pub(super) async fn save<F: ProviderForm>(
    asked: Asked<'_>,
    id: ProviderId,
    sent: &Sent,
) -> Result<HttpResponse, AppError> {
    let (allow, app, _) = asked;
    let typed: F = read(sent)?;
    let changed = match typed.provider() {
        Ok(change) => {
            let providers = &app.services.providers;
            providers.update(allow.scope(), id, None, change).await.map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(changed) => {
            changed.ok_or_else(AppError::not_found)?;
            Ok(saved(app))
        }
        Err(error) => again(asked, Some(id), &typed, error).await,
    }
}

/// The form once more, with what is wrong.
async fn again<F: ProviderForm>(
    asked: Asked<'_>,
    id: Option<ProviderId>,
    typed: &F,
    error: AppError,
) -> Result<HttpResponse, AppError> {
    if !error.is_correctable() {
        return Err(error);
    }
    let wrong = errors(&error, F::FIELDS);
    let stored = match id {
        Some(id) => asked.1.services.providers.get(asked.0.scope(), id).await?,
        None => None,
    };
    let set = stored.map_or((false, false), |at| (at.has_secret, at.has_webhook_key));
    let view = page(asked, typed, id, set, wrong).await?;
    frame::again(asked.1, asked.2, &error, &view)
}
