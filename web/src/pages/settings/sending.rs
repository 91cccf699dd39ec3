//! `/settings/sending`: the domains mail is sent from, their records in the DNS, and the keys mail is signed with.

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_core::{Permission, ProviderId};
use crm_providers::domain::{Check, Kind, SendingDomain, Verdict};
use crm_providers::providers::{KeySource, SELECTOR, SigningChange, SigningKey};
use secrecy::SecretString;
use serde::Deserialize;

use super::provider_form::errors;
use crate::error::AppError;
use crate::extract::{Allow, Right, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::FormErrors;
use crate::views::sending::{DomainCard, RecordRow, SendingPage, SignerForm};
use crate::views::{Flash, Section};

const HERE: &str = "/settings/sending";

pub(super) async fn show(
    allow: Allow<rights::ProvidersRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let view = page(&app, &req, &allow).await?;
    frame::ok(&app, &req, &view)
}

async fn page<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
) -> Result<SendingPage, AppError> {
    let domains = app.services.domains.all(allow.scope()).await?;
    Ok(SendingPage {
        shell: frame::shell(app, req, allow, Section::Settings, "Sending domain").await?,
        domains: domains.into_iter().map(card).collect(),
        may_write: allow.scope().allows(Permission::ProvidersWrite),
        errors: FormErrors::none(),
    })
}

fn card(found: SendingDomain) -> DomainCard {
    let report = found.report;
    DomainCard {
        domain: found.domain,
        providers: found.providers.join(", "),
        checked_at: report.as_ref().map(|report| report.at.to_string()),
        records: report.into_iter().flat_map(|report| report.checks).map(row).collect(),
        signers: found.signers.into_iter().map(signer).collect(),
    }
}

fn signer((id, name, key): (ProviderId, String, Option<SigningKey>)) -> SignerForm {
    SignerForm {
        provider_id: id.to_string(),
        name,
        has_key: key.is_some(),
        is_on: key.as_ref().is_some_and(|key| key.is_on),
        selector: key.as_ref().map_or_else(|| SELECTOR.to_owned(), |key| key.selector.clone()),
        record_name: key.as_ref().and_then(SigningKey::record_name).unwrap_or_default(),
        record_value: key.as_ref().map(SigningKey::record_value).unwrap_or_default(),
        ..SignerForm::default()
    }
}

fn row(check: Check) -> RecordRow {
    let (label, purpose) = match check.kind {
        Kind::Spf => ("SPF", "who may send for this domain"),
        Kind::Dkim => ("DKIM", "the key mail is signed with"),
        Kind::Dmarc => ("DMARC", "what to do with mail that fails both"),
        Kind::Mx => ("MX", "where replies go"),
        Kind::Ptr => ("PTR", "the name of your mail server's address"),
    };
    let (tone, icon, stands) = match check.verdict {
        Verdict::Ok => ("ok", "ok", "In order"),
        Verdict::Warn => ("warn", "warn", "Look at this"),
        Verdict::Missing => ("bad", "fail", "Missing"),
        Verdict::Wrong => ("bad", "fail", "Not right"),
        Verdict::Unknown => ("warn", "unknown", "Could not be checked"),
    };
    let wanted = match check.verdict {
        Verdict::Ok => None,
        _ => check.wanted,
    };
    RecordRow {
        label: label.to_owned(),
        purpose: purpose.to_owned(),
        tone: tone.to_owned(),
        icon: icon.to_owned(),
        stands: stands.to_owned(),
        kind: match check.kind {
            Kind::Mx => "MX",
            Kind::Ptr => "PTR",
            Kind::Spf | Kind::Dkim | Kind::Dmarc => "TXT",
        }
        .to_owned(),
        name: check.name,
        wanted,
        found: check.found,
        words: check.words,
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    domain: String,
}

pub(super) async fn check(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    asked: Form<Asked>,
) -> Result<HttpResponse, AppError> {
    let report = app.services.domains.check(allow.scope(), asked.domain.trim()).await?;
    let Some(report) = report else {
        let said = Flash::bad("No provider sends from this domain any more.");
        return Ok(frame::lead_to(&app, HERE, Some(said)));
    };
    let good = |check: &&Check| check.verdict == Verdict::Ok;
    let (right, all) = (report.checks.iter().filter(good).count(), report.checks.len());
    let said = format!("{right} of {all} records are in order.");
    let said = if right == all { Flash::ok(said) } else { Flash::bad(said) };
    Ok(frame::lead_to(&app, HERE, Some(said)))
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    /// `on`, `off`, `new` or `paste`.
    step: String,
    selector: String,
    private_key: String,
    is_on: bool,
}

impl Typed {
    fn change(&self) -> SigningChange {
        let (key, is_on) = match self.step.as_str() {
            "on" => (KeySource::Keep, true),
            "new" => (KeySource::Generate, self.is_on),
            "paste" => (KeySource::Paste(SecretString::from(self.private_key.clone())), self.is_on),
            _ => (KeySource::Keep, false),
        };
        SigningChange { selector: self.selector.clone(), key, is_on }
    }
}

pub(super) async fn sign(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ProviderId>,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let set = app.services.providers.set_signing_key(allow.scope(), *id, typed.change()).await;
    match set.map_err(AppError::from) {
        Ok(Some(key)) => {
            let said = if key.is_on {
                "Mail is signed. Publish the record, if you have not yet."
            } else {
                "Saved. Publish the record, then turn signing on."
            };
            Ok(frame::lead_to(&app, HERE, Some(Flash::ok(said))))
        }
        Ok(None) => Err(AppError::not_found()),
        Err(error) if error.is_correctable() => {
            let mut view = page(&app, &req, &allow).await?;
            view.errors = errors(&error, &["selector", "private_key"]);
            let mine = id.to_string();
            let signers = view.domains.iter_mut().flat_map(|domain| &mut domain.signers);
            for signer in signers.filter(|signer| signer.provider_id == mine) {
                signer.selector.clone_from(&typed.selector);
                signer.is_open = true;
                signer.errors = view.errors.clone();
            }
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn unsign(
    allow: Allow<rights::ProvidersWrite>,
    app: Data<App>,
    id: Path<ProviderId>,
) -> Result<HttpResponse, AppError> {
    let providers = &app.services.providers;
    providers.get(allow.scope(), *id).await?.ok_or_else(AppError::not_found)?;
    providers.delete_signing_key(allow.scope(), *id).await?;
    let said = Flash::ok("The key is removed. Mail is signed no more.");
    Ok(frame::lead_to(&app, HERE, Some(said)))
}
