//! `POST /templates/check`: who lacks what the message says, and how large it is.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::templates::{
    Channel, NewTemplate, SmsEncoding, TemplatesError, VariableCoverage, count_sms,
};
use crm_contacts::Segment;
use crm_core::{Permission, Scope, SegmentId};

use super::form::Typed;
use super::people::broken;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::common::Choice;
use crate::views::templates::{TemplateCheck, VariableMissing};

pub(super) async fn show(
    allow: Allow<rights::TemplatesRead>,
    app: Data<App>,
    req: HttpRequest,
    fields: Form<HashMap<String, String>>,
) -> Result<HttpResponse, AppError> {
    allow.also(Permission::ContactsRead)?;
    let typed = Typed::new(fields.into_inner());
    let segment = segment(&app, allow.scope(), typed.get("audience")).await?;
    let check = look(&app, allow.scope(), &typed.content(), &segment).await?;
    let html =
        app.views.component("templates.check", "check", &check).map_err(|err| broken(&err))?;
    Ok(frame::html_answer(&app, &req, StatusCode::OK, html))
}

/// The rule of a saved segment by its id as typed; everybody where there is no such segment.
pub(super) async fn segment(app: &App, scope: &Scope, id: &str) -> Result<Segment, AppError> {
    let Ok(id) = id.parse::<SegmentId>() else { return Ok(Segment::everybody()) };
    let saved = app.services.saved_segments.get(scope, id).await?;
    Ok(saved.map_or_else(Segment::everybody, |saved| saved.segment))
}

/// Whom missing values can be counted for.
pub(super) async fn audiences(
    app: &App,
    scope: &Scope,
    chosen: &str,
) -> Result<Vec<Choice>, AppError> {
    let saved = app.services.saved_segments.all(scope).await?;
    let choice = |id: String, name: String| {
        let is_chosen = id == chosen;
        Choice::new(id, name, is_chosen)
    };
    let everybody = std::iter::once(Choice::new("", "All contacts", chosen.is_empty()));
    Ok(everybody.chain(saved.into_iter().map(|one| choice(one.id.to_string(), one.name))).collect())
}

/// Looks at content as it is typed; what is wrong with it is told, since the person is in the middle of writing.
pub(super) async fn look(
    app: &App,
    scope: &Scope,
    content: &NewTemplate,
    segment: &Segment,
) -> Result<TemplateCheck, AppError> {
    let number = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let mut check = TemplateCheck {
        channel: content.channel.as_str().to_owned(),
        subject_length: number(content.subject.chars().count()),
        ..TemplateCheck::default()
    };
    let service = &app.services.templates;
    let coverage = match service.coverage(scope, content, segment).await {
        Ok(coverage) => coverage,
        Err(TemplatesError::Store(err)) => return Err(err.into()),
        Err(err) => {
            check.problem = frame::sentence(&err.to_string());
            return Ok(check);
        }
    };
    check.audience = coverage.audience;
    check.variables = coverage.variables.into_iter().map(missing).collect();
    let message = match service.preview(scope, content, None).await {
        Ok(message) => message,
        Err(TemplatesError::Store(err)) => return Err(err.into()),
        Err(err) => {
            check.problem = frame::sentence(&err.to_string());
            return Ok(check);
        }
    };
    check.kilobytes = number(message.html.len().div_ceil(1000));
    check.text_length = number(message.text.chars().count());
    if content.channel == Channel::Text {
        let count = count_sms(&message.text);
        check.encoding = match count.encoding {
            SmsEncoding::Gsm7 => "7-bit".to_owned(),
            SmsEncoding::Ucs2 => "16-bit".to_owned(),
        };
        check.units = number(count.units);
        check.segments = number(count.segments);
        check.left = number(count.left);
        check.outside = count.outside.iter().map(char::to_string).collect::<Vec<_>>().join(" ");
    }
    Ok(check)
}

fn missing(variable: VariableCoverage) -> VariableMissing {
    VariableMissing {
        name: variable.name,
        missing: variable.missing,
        is_needed: variable.is_needed,
    }
}
