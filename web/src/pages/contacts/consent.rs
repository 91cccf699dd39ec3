//! `POST /contacts/{id}/consents`, and what the page of a contact shows of them.

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::consents::{Consent, ConsentChannel, ConsentState, NewConsent};
use crm_core::accounts::Member;
use crm_core::{ContactId, Scope};
use serde::Deserialize;

use super::{parts, show};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::local_time;
use crate::state::App;
use crate::views::contact::{ConsentCard, ConsentForm, ConsentRow, ConsentStand};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    channel: String,
    state: String,
    source: String,
    wording: String,
    at: String,
}

impl Typed {
    fn form(&self) -> ConsentForm {
        ConsentForm {
            channel: self.channel.clone(),
            state: self.state.clone(),
            source: self.source.clone(),
            wording: self.wording.clone(),
            at: self.at.clone(),
        }
    }

    async fn consent(&self, app: &App, scope: &Scope) -> Result<NewConsent, AppError> {
        let channel = ConsentChannel::parse(&self.channel);
        let state = ConsentState::parse(&self.state);
        let at = match self.at.trim() {
            "" => None,
            local => {
                let zone = app.services.accounts.workspace(scope).await?.time_zone;
                Some(local_time::moment("at", local, &zone)?)
            }
        };
        Ok(NewConsent {
            channel: channel.ok_or_else(|| AppError::invalid("channel", "choose one"))?,
            state: state.ok_or_else(|| AppError::invalid("state", "choose one"))?,
            at,
            source: self.source.clone(),
            wording: self.wording.clone(),
        })
    }
}

pub(super) async fn record(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<ContactId>,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let recorded = match typed.consent(&app, scope).await {
        Ok(new) => app.services.consents.record(scope, *id, new).await.map_err(AppError::from),
        Err(error) => Err(error),
    };
    match recorded {
        Ok(Some(_)) => parts::back(&app, *id, Ok(()), "Written down."),
        Ok(None) => Err(AppError::not_found()),
        Err(error) if error.is_correctable() => {
            show::consent_again(&app, &req, &allow, *id, &error, typed.form()).await
        }
        Err(error) => Err(error),
    }
}

/// What a contact said, for its page.
pub(super) async fn card(
    app: &App,
    scope: &Scope,
    id: ContactId,
    members: &[Member],
) -> Result<ConsentCard, AppError> {
    let said = app.services.consents.of(scope, id).await?.unwrap_or_default();
    let stands = ConsentChannel::ALL.into_iter().filter_map(|channel| {
        let last = said.iter().find(|consent| consent.channel == channel)?;
        Some(ConsentStand {
            channel: channel.as_str().to_owned(),
            granted: last.state == ConsentState::Granted,
            at: last.at.to_string(),
        })
    });
    Ok(ConsentCard {
        stands: stands.collect(),
        rows: said.iter().map(|consent| row(consent, members)).collect(),
        form: ConsentForm::default(),
    })
}

fn row(consent: &Consent, members: &[Member]) -> ConsentRow {
    let by = members.iter().find(|member| Some(member.user_id) == consent.recorded_by);
    ConsentRow {
        channel: consent.channel.as_str().to_owned(),
        granted: consent.state == ConsentState::Granted,
        at: consent.at.to_string(),
        source: consent.source.clone(),
        wording: consent.wording.clone(),
        by: by.map(|member| member.name.clone()),
    }
}
