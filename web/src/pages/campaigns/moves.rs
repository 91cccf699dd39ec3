//! `POST /campaigns/{id}/…`: the moves of a campaign. A move that is not possible any more leads back to the page, which
//! says how it stands now.

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::campaigns::UnknownDecision;
use crm_core::{CampaignId, RecipientId};
use serde::Deserialize;

use super::show;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::Flash;

/// Back to the campaign: with `said` where it worked, else with why it did not.
pub(super) fn back<T>(
    app: &App,
    id: CampaignId,
    moved: Result<Option<T>, AppError>,
    said: &str,
) -> Result<HttpResponse, AppError> {
    (app.poke)();
    let message = match moved {
        Ok(None) => return Err(AppError::not_found()),
        Ok(Some(_)) => Flash::ok(said),
        Err(error) if error.is_correctable() => Flash::bad(frame::sentence(&error.message)),
        Err(error) => return Err(error),
    };
    Ok(frame::lead_to(app, &format!("/campaigns/{id}"), Some(message)))
}

/// A move that takes nothing but the campaign.
macro_rules! moves {
    ($($(#[$doc:meta])* $name:ident: $right:ident, $said:literal);+ $(;)?) => {$(
        $(#[$doc])*
        pub(super) async fn $name(
            allow: Allow<rights::$right>,
            app: Data<App>,
            id: Path<CampaignId>,
        ) -> Result<HttpResponse, AppError> {
            let moved = app.services.campaigns.$name(allow.scope(), *id).await;
            back(&app, *id, moved.map_err(AppError::from), $said)
        }
    )+};
}

moves! {
    /// Asks for approval.
    submit: CampaignsWrite, "It waits for approval now.";
    /// Stops for now.
    pause: CampaignsSend, "Paused. Messages in flight still arrive.";
    /// Goes on.
    resume: CampaignsSend, "It goes on where it stopped.";
    /// Stops for good.
    cancel: CampaignsSend, "Stopped. Whoever has not got it will not.";
}

/// Starts it, now or at its time.
pub(super) async fn send(
    allow: Allow<rights::CampaignsSend>,
    app: Data<App>,
    id: Path<CampaignId>,
) -> Result<HttpResponse, AppError> {
    let campaigns = &app.services.campaigns;
    let campaign = super::convert::find(&app, allow.scope(), *id).await?;
    let later = campaign.schedule.send_at.is_some_and(|at| at > app.services.ctx.now());
    if later {
        let moved = campaigns.schedule(allow.scope(), *id).await;
        return back(&app, *id, moved.map_err(AppError::from), "It will be sent at its time.");
    }
    let moved = campaigns.send(allow.scope(), *id).await;
    back(&app, *id, moved.map_err(AppError::from), "It is being sent.")
}

#[derive(Deserialize)]
pub(super) struct Decision {
    #[serde(default)]
    notes: String,
    #[serde(default)]
    content_hash: String,
}

pub(super) async fn approve(
    allow: Allow<rights::CampaignsApprove>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<CampaignId>,
    form: Form<Decision>,
) -> Result<HttpResponse, AppError> {
    let form = form.into_inner();
    let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let (notes, hash) = (given(form.notes.clone()), given(form.content_hash));
    let decided = app.services.campaigns.approve(allow.scope(), *id, notes, hash).await;
    match decided.map_err(AppError::from) {
        Err(error) if error.status() == actix_web::http::StatusCode::FORBIDDEN => {
            show::again(&app, &req, &allow, *id, &error, form.notes).await
        }
        decided => back(&app, *id, decided, "Approved. It can be sent now."),
    }
}

pub(super) async fn reject(
    allow: Allow<rights::CampaignsApprove>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<CampaignId>,
    form: Form<Decision>,
) -> Result<HttpResponse, AppError> {
    let notes = form.into_inner().notes;
    let decided = app.services.campaigns.reject(allow.scope(), *id, notes.clone()).await;
    match decided.map_err(AppError::from) {
        Err(error) if error.fields.contains_key("notes") => {
            show::again(&app, &req, &allow, *id, &error, notes).await
        }
        decided => back(&app, *id, decided, "Sent back with your notes."),
    }
}

pub(super) async fn duplicate(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    id: Path<CampaignId>,
) -> Result<HttpResponse, AppError> {
    let made = app.services.campaigns.duplicate(allow.scope(), *id, None).await?;
    let made = made.ok_or_else(AppError::not_found)?;
    let said = Flash::ok("This is the copy. Give it a name of its own.");
    Ok(frame::lead_to(&app, &format!("/campaigns/{}/edit", made.id), Some(said)))
}

pub(super) async fn follow_up(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    id: Path<CampaignId>,
) -> Result<HttpResponse, AppError> {
    let made = app.services.campaigns.follow_up(allow.scope(), *id).await.map_err(AppError::from);
    match made {
        Ok(Some(made)) => {
            let said = Flash::ok("This is for whoever got it and has not replied. Check the text.");
            Ok(frame::lead_to(&app, &format!("/campaigns/{}/edit", made.id), Some(said)))
        }
        made => back(&app, *id, made, ""),
    }
}

pub(super) async fn delete(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    id: Path<CampaignId>,
) -> Result<HttpResponse, AppError> {
    match app.services.campaigns.delete(allow.scope(), *id).await.map_err(AppError::from) {
        Ok(false) => Err(AppError::not_found()),
        Ok(true) => {
            Ok(frame::lead_to(&app, "/campaigns", Some(Flash::ok("The campaign is deleted."))))
        }
        Err(error) => back(&app, *id, Err::<Option<()>, _>(error), ""),
    }
}

pub(super) async fn resend(
    allow: Allow<rights::CampaignsSend>,
    app: Data<App>,
    path: Path<(CampaignId, RecipientId)>,
) -> Result<HttpResponse, AppError> {
    decide(&app, &allow, path.into_inner(), UnknownDecision::SendAgain, "It is sent again.").await
}

pub(super) async fn mark_sent(
    allow: Allow<rights::CampaignsSend>,
    app: Data<App>,
    path: Path<(CampaignId, RecipientId)>,
) -> Result<HttpResponse, AppError> {
    decide(&app, &allow, path.into_inner(), UnknownDecision::MarkSent, "Marked as sent.").await
}

async fn decide(
    app: &App,
    allow: &Allow<rights::CampaignsSend>,
    (id, recipient): (CampaignId, RecipientId),
    decision: UnknownDecision,
    said: &str,
) -> Result<HttpResponse, AppError> {
    let settled =
        app.services.campaigns.decide_unknown(allow.scope(), id, Some(recipient), decision).await;
    back(app, id, settled.map_err(AppError::from), said)
}
