//! `/segments`: the saved segments, and building one.

use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::Segment;
use crm_contacts::segments::saved::{NewSavedSegment, SavedSegment, SavedSegmentsError};
use crm_core::{Permission, Scope, SegmentId};

use self::rule::Rule;
pub(super) use self::subject::Subjects;
use super::frame;
use crate::error::AppError;
use crate::extract::{Allow, Right, rights};
use crate::state::App;
use crate::views::common::FormErrors;
use crate::views::segments::{SegmentPage, SegmentsPage};
use crate::views::{Flash, Section};

mod rule;
mod show;
mod subject;

const HERE: &str = "/segments";

/// `/segments…`
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            web::resource("/segments").route(web::get().to(index)).route(web::post().to(create)),
        )
        .route("/segments/new", web::get().to(new))
        .route("/segments/build", web::post().to(build))
        .route("/segments/{id}/delete", web::post().to(delete))
        .service(
            web::resource("/segments/{id}").route(web::get().to(edit)).route(web::post().to(save)),
        );
}

async fn index(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let subjects = Subjects::load(&app, scope).await?;
    let mut rows = Vec::new();
    for saved in app.services.saved_segments.all(scope).await? {
        rows.push(show::line(&app, scope, &saved, &subjects).await?);
    }
    let view = SegmentsPage {
        shell: frame::shell(&app, &req, &allow, Section::Segments, "Segments").await?,
        rows,
        may_write: scope.allows(Permission::ContactsWrite),
    };
    frame::ok(&app, &req, &view)
}

/// A segment in words; `None` where it is more than fits in a line.
pub(super) fn in_words(segment: &Segment, subjects: &Subjects) -> Option<String> {
    Rule::of(segment, subjects).map(|rule| show::words(&rule, subjects))
}

/// The form as sent.
struct Typed(Vec<(String, String)>);

impl Typed {
    /// The last value of a field: a button's stands behind those of the inputs.
    fn text(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    fn version(&self) -> Option<i64> {
        self.text("version").parse().ok()
    }
}

/// The page around a builder.
struct About<'a> {
    id: Option<SegmentId>,
    version: i64,
    name: &'a str,
    rule: &'a Rule,
    strict: bool,
    errors: FormErrors,
}

async fn page<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    subjects: &Subjects,
    about: About<'_>,
) -> Result<SegmentPage, AppError> {
    let scope = allow.scope();
    let title = match (about.id, about.name) {
        (None, _) => "New segment",
        (Some(_), "") => "Segment",
        (Some(_), name) => name,
    };
    Ok(SegmentPage {
        shell: frame::shell(app, req, allow, Section::Segments, title).await?,
        id: about.id.map(|id| id.to_string()),
        version: about.version,
        name: about.name.to_owned(),
        builder: Some(show::builder(app, scope, about.rule, subjects, about.strict).await?),
        errors: about.errors,
        may_write: scope.allows(Permission::ContactsWrite),
        ..SegmentPage::default()
    })
}

async fn new(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let subjects = Subjects::load(&app, allow.scope()).await?;
    let about = About {
        id: None,
        version: 0,
        name: "",
        rule: &Rule::new(),
        strict: false,
        errors: FormErrors::none(),
    };
    frame::ok(&app, &req, &page(&app, &req, &allow, &subjects, about).await?)
}

async fn find(app: &App, scope: &Scope, id: SegmentId) -> Result<SavedSegment, AppError> {
    app.services.saved_segments.get(scope, id).await?.ok_or_else(AppError::not_found)
}

async fn edit(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<SegmentId>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let saved = find(&app, scope, *id).await?;
    let subjects = Subjects::load(&app, scope).await?;
    let rule = Rule::of(&saved.segment, &subjects);
    let none = Rule::default();
    let about = About {
        id: Some(saved.id),
        version: saved.version,
        name: &saved.name,
        rule: rule.as_ref().unwrap_or(&none),
        strict: false,
        errors: FormErrors::none(),
    };
    let mut view = page(&app, &req, &allow, &subjects, about).await?;
    if rule.is_none() {
        view.builder = None;
        view.json = serde_json::to_string_pretty(&saved.segment).map_err(AppError::internal)?;
        view.count = show::line(&app, scope, &saved, &subjects).await?.count;
    }
    frame::ok(&app, &req, &view)
}

/// What every button but the saving ones does: it changes the form and answers it, with the count, and saves nothing.
async fn build(
    allow: Allow<rights::ContactsRead>,
    app: Data<App>,
    req: HttpRequest,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed(form.into_inner());
    let scope = allow.scope();
    let subjects = Subjects::load(&app, scope).await?;
    let mut rule = Rule::read(&typed.0, &subjects);
    rule.press(typed.text("do"));
    if frame::is_partial(&req) {
        let builder = show::builder(&app, scope, &rule, &subjects, false).await?;
        let part = app.views.component("segments.builder", "builder", &builder);
        let part = part.map_err(AppError::internal)?;
        return Ok(frame::html_answer(&app, &req, StatusCode::OK, part));
    }
    let about = About {
        id: typed.text("id").parse().ok(),
        version: typed.version().unwrap_or_default(),
        name: typed.text("name"),
        rule: &rule,
        strict: typed.text("do") == "count",
        errors: FormErrors::none(),
    };
    frame::ok(&app, &req, &page(&app, &req, &allow, &subjects, about).await?)
}

/// The segment of a form, or why there is none: 422.
fn written(typed: &Typed, rule: &Rule, subjects: &Subjects) -> Result<NewSavedSegment, AppError> {
    let (json, problems) = rule.json(subjects);
    if !problems.is_empty() {
        return Err(AppError::invalid("conditions", "some conditions are not complete"));
    }
    Ok(NewSavedSegment { name: typed.text("name").to_owned(), segment: Segment::parse(&json)? })
}

async fn create(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed(form.into_inner());
    let scope = allow.scope();
    let subjects = Subjects::load(&app, scope).await?;
    let rule = Rule::read(&typed.0, &subjects);
    let saved = match written(&typed, &rule, &subjects) {
        Ok(new) => app.services.saved_segments.create(scope, new).await.map_err(AppError::from),
        Err(error) => Err(error),
    };
    match saved {
        Ok(saved) => {
            let said = Flash::ok(format!("{} is saved.", saved.name));
            Ok(frame::lead_to(&app, HERE, Some(said)))
        }
        Err(error) if error.is_correctable() => {
            let about = About {
                // Saved as another one, the first stays open.
                id: typed.text("id").parse().ok(),
                version: typed.version().unwrap_or_default(),
                name: typed.text("name"),
                rule: &rule,
                strict: true,
                errors: frame::form_errors(&error, &["name"]),
            };
            let view = page(&app, &req, &allow, &subjects, about).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

async fn save(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<SegmentId>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed(form.into_inner());
    let scope = allow.scope();
    let stored = find(&app, scope, *id).await?;
    let subjects = Subjects::load(&app, scope).await?;
    let rule = Rule::read(&typed.0, &subjects);
    // A form without conditions is that of a segment the builder cannot show: it renames.
    let is_rename = typed.text("keeps") == "conditions";
    let change = if is_rename {
        let name = typed.text("name").to_owned();
        Ok(NewSavedSegment { name, segment: stored.segment.clone() })
    } else {
        written(&typed, &rule, &subjects)
    };
    let (error, is_stale) = match change {
        Err(error) => (error, false),
        Ok(change) => {
            let service = &app.services.saved_segments;
            match service.update(scope, *id, typed.version(), change).await {
                Ok(Some(saved)) => {
                    let said = Flash::ok(format!("{} is saved.", saved.name));
                    return Ok(frame::lead_to(&app, HERE, Some(said)));
                }
                Ok(None) => return Err(AppError::not_found()),
                Err(error) => {
                    let is_stale = matches!(error, SavedSegmentsError::Stale);
                    (AppError::from(error), is_stale)
                }
            }
        }
    };
    if !is_stale && !error.is_correctable() {
        return Err(error);
    }
    let current = find(&app, scope, *id).await?;
    let about = About {
        id: Some(*id),
        // Whoever has seen the other version may save over it.
        version: if is_stale {
            current.version
        } else {
            typed.version().unwrap_or(current.version)
        },
        name: typed.text("name"),
        rule: &rule,
        strict: true,
        errors: if is_stale {
            FormErrors::general(
                "Somebody else saved this segment in the meantime. Nothing of yours is lost.",
            )
        } else {
            frame::form_errors(&error, &["name"])
        },
    };
    let mut view = page(&app, &req, &allow, &subjects, about).await?;
    if is_rename {
        view.builder = None;
        view.json = serde_json::to_string_pretty(&current.segment).map_err(AppError::internal)?;
    }
    if is_stale {
        view.theirs = Some(show::line(&app, scope, &current, &subjects).await?);
        return frame::page(&app, &req, StatusCode::CONFLICT, &view);
    }
    frame::again(&app, &req, &error, &view)
}

async fn delete(
    allow: Allow<rights::ContactsWrite>,
    app: Data<App>,
    id: Path<SegmentId>,
) -> Result<HttpResponse, AppError> {
    let saved = find(&app, allow.scope(), *id).await?;
    app.services.saved_segments.delete(allow.scope(), *id).await?;
    let said =
        Flash::ok(format!("{} is deleted. No contact and no campaign has changed.", saved.name));
    Ok(frame::lead_to(&app, HERE, Some(said)))
}
