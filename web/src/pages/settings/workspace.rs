//! `/settings/workspace`: name, place, and the rules of approval and sending.

use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::campaigns::SendPolicy;
use crm_campaigns::quiet::QuietHours;
use crm_core::accounts::NewWorkspace;
use crm_core::{PageRequest, Permission, Scope};
use serde::Deserialize;

use crate::api::workspaces::remove;
use crate::error::AppError;
use crate::extract::{Allow, Right, rights};
use crate::pages::frame;
use crate::pages::setup::currencies;
use crate::state::App;
use crate::views::common::{Choice, FormErrors, time_zones};
use crate::views::settings::{DeleteWorkspace, WorkspaceForm, WorkspaceSettingsPage};
use crate::views::{Flash, Section};

/// Countries offered for phone numbers; the stored one is always among them.
const REGIONS: [(&str, &str); 20] = [
    ("AT", "Austria"),
    ("AU", "Australia"),
    ("BE", "Belgium"),
    ("BR", "Brazil"),
    ("CA", "Canada"),
    ("CH", "Switzerland"),
    ("CZ", "Czechia"),
    ("DE", "Germany"),
    ("DK", "Denmark"),
    ("ES", "Spain"),
    ("FR", "France"),
    ("GB", "United Kingdom"),
    ("IE", "Ireland"),
    ("IN", "India"),
    ("IT", "Italy"),
    ("JP", "Japan"),
    ("NL", "Netherlands"),
    ("PL", "Poland"),
    ("SE", "Sweden"),
    ("US", "United States"),
];

#[expect(clippy::struct_excessive_bools, reason = "each is a box of the form")]
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Typed {
    name: String,
    time_zone: String,
    currency: String,
    default_region: String,
    own_approval: String,
    audience_drift_percent: String,
    unknown_policy: String,
    track_opens: bool,
    track_clicks: bool,
    postal_address: String,
    require_postal_address: bool,
    consent_email: bool,
    consent_text: bool,
    quiet: bool,
    quiet_from: String,
    quiet_to: String,
}

pub(super) async fn show(
    allow: Allow<rights::WorkspaceRead>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let stored = stored(&app, allow.scope()).await?;
    let view = view(&app, &req, &allow, stored, FormErrors::none()).await?;
    frame::ok(&app, &req, &view)
}

async fn stored(app: &App, scope: &Scope) -> Result<Typed, AppError> {
    let workspace = app.services.accounts.workspace(scope).await?;
    let policy = app.services.campaigns.policy(scope).await?;
    let own_approval = match policy.approve_own {
        None => "default",
        Some(true) => "yes",
        Some(false) => "no",
    };
    let hours = policy.quiet_hours.clone().unwrap_or_default();
    Ok(Typed {
        name: workspace.name,
        time_zone: workspace.time_zone,
        currency: workspace.currency,
        default_region: workspace.default_region,
        own_approval: own_approval.to_owned(),
        audience_drift_percent: policy.max_drift_percent.to_string(),
        unknown_policy: if policy.resend_unknown { "resend" } else { "ask" }.to_owned(),
        track_opens: policy.track_opens,
        track_clicks: policy.track_clicks,
        // Offered as ticked: it holds from the first address on.
        require_postal_address: policy.require_postal_address.unwrap_or(true),
        postal_address: policy.postal_address,
        consent_email: policy.consent_email,
        consent_text: policy.consent_text,
        quiet: policy.quiet_hours.is_some(),
        quiet_from: hours.from,
        quiet_to: hours.to,
    })
}

async fn view<R: Right>(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<R>,
    typed: Typed,
    errors: FormErrors,
) -> Result<WorkspaceSettingsPage, AppError> {
    let danger = if allow.scope().allows(Permission::WorkspaceDelete) {
        Some(danger(app, allow.scope()).await?)
    } else {
        None
    };
    let mut regions: Vec<Choice> = REGIONS
        .iter()
        .map(|(code, name)| Choice::new(*code, *name, *code == typed.default_region))
        .collect();
    if !regions.iter().any(|choice| choice.selected) {
        regions.push(Choice::new(&typed.default_region, &typed.default_region, true));
    }
    Ok(WorkspaceSettingsPage {
        shell: frame::shell(app, req, allow, Section::Settings, "Workspace").await?,
        time_zones: time_zones(),
        currencies: currencies(&typed.currency),
        regions,
        errors,
        danger,
        may_write: allow.scope().allows(Permission::WorkspaceWrite),
        form: WorkspaceForm {
            name: typed.name,
            time_zone: typed.time_zone,
            own_approval: typed.own_approval,
            audience_drift_percent: typed.audience_drift_percent,
            unknown_policy: typed.unknown_policy,
            track_opens: typed.track_opens,
            track_clicks: typed.track_clicks,
            postal_address: typed.postal_address,
            require_postal_address: typed.require_postal_address,
            consent_email: typed.consent_email,
            consent_text: typed.consent_text,
            quiet: typed.quiet,
            quiet_from: typed.quiet_from,
            quiet_to: typed.quiet_to,
        },
        has_public_url: app.config.public_url.is_some(),
    })
}

/// Whether campaigns need a postal address. A tick alone asks for none: it holds once there is one.
fn requires(typed: &Typed, before: &SendPolicy) -> Option<bool> {
    match (typed.require_postal_address, typed.postal_address.trim().is_empty()) {
        (false, _) => Some(false),
        (true, false) => Some(true),
        (true, true) => before.require_postal_address.filter(|asked| *asked),
    }
}

fn policy(app: &App, typed: &Typed, before: &SendPolicy) -> Result<SendPolicy, AppError> {
    for (field, wanted) in
        [("track_opens", typed.track_opens), ("track_clicks", typed.track_clicks)]
    {
        if wanted && app.config.public_url.is_none() {
            let text = "this server has no public address; set PUBLIC_URL first";
            return Err(AppError::invalid(field, text));
        }
    }
    let percent =
        typed.audience_drift_percent.trim().parse().ok().filter(|percent| *percent <= 100);
    Ok(SendPolicy {
        approve_own: match typed.own_approval.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        resend_unknown: typed.unknown_policy == "resend",
        track_opens: typed.track_opens,
        track_clicks: typed.track_clicks,
        postal_address: typed.postal_address.clone(),
        require_postal_address: requires(typed, before),
        consent_email: typed.consent_email,
        consent_text: typed.consent_text,
        quiet_hours: typed.quiet.then(|| QuietHours {
            from: typed.quiet_from.trim().to_owned(),
            to: typed.quiet_to.trim().to_owned(),
        }),
        max_drift_percent: percent.ok_or_else(|| {
            AppError::invalid("audience_drift_percent", "enter a whole number from 0 to 100")
        })?,
    })
}

pub(super) async fn save(
    allow: Allow<rights::WorkspaceWrite>,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Typed>,
) -> Result<HttpResponse, AppError> {
    let typed = typed.into_inner();
    match write(&app, &allow, &typed).await {
        Ok(()) => {
            let said = Flash::ok("The settings are saved.");
            Ok(frame::lead_to(&app, "/settings/workspace", Some(said)))
        }
        Err(mut error) if error.is_correctable() => {
            if let Some(problem) = error.fields.remove("workspace_name") {
                error.fields.insert("name".to_owned(), problem);
            }
            let fields = [
                "name",
                "time_zone",
                "currency",
                "default_region",
                "audience_drift_percent",
                "track_opens",
                "track_clicks",
                "postal_address",
                "quiet_hours",
            ];
            let errors = frame::form_errors(&error, &fields);
            let view = view(&app, &req, &allow, typed, errors).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

async fn write(
    app: &App,
    allow: &Allow<rights::WorkspaceWrite>,
    typed: &Typed,
) -> Result<(), AppError> {
    let before = app.services.campaigns.policy(allow.scope()).await?;
    let policy = policy(app, typed, &before)?;
    let change = NewWorkspace {
        name: typed.name.clone(),
        currency: typed.currency.clone(),
        default_region: typed.default_region.clone(),
        time_zone: typed.time_zone.clone(),
    };
    app.services.accounts.update_workspace(allow.scope(), None, change).await?;
    app.services.campaigns.set_policy(allow.scope(), policy).await?;
    Ok(())
}

/// What would go with the workspace.
async fn danger(app: &App, scope: &Scope) -> Result<DeleteWorkspace, AppError> {
    let one = || PageRequest { limit: 1, cursor: None };
    Ok(DeleteWorkspace {
        contacts: app.services.contacts.counts(scope).await?.total,
        campaigns: app.services.campaigns.list(scope, None, one()).await?.total,
        templates: app.services.templates.list(scope, one()).await?.total,
        ..DeleteWorkspace::default()
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Confirmed {
    confirm: String,
}

pub(super) async fn delete(
    allow: Allow<rights::WorkspaceDelete>,
    app: Data<App>,
    req: HttpRequest,
    typed: Form<Confirmed>,
) -> Result<HttpResponse, AppError> {
    let name = app.services.accounts.workspace(allow.scope()).await?.name;
    let done = if typed.confirm.trim() == name {
        remove(&app, allow.scope()).await
    } else {
        Err(AppError::invalid("confirm", "this is not the name of the workspace"))
    };
    match done {
        Ok(()) => {
            let said = Flash::ok(format!("{name} is deleted."));
            Ok(frame::lead_to(&app, "/settings/workspaces", Some(said)))
        }
        Err(error) if error.is_correctable() => {
            let stored = stored(&app, allow.scope()).await?;
            let mut view = view(&app, &req, &allow, stored, FormErrors::none()).await?;
            if let Some(danger) = &mut view.danger {
                danger.typed.clone_from(&typed.confirm);
                danger.error = frame::sentence(&error.message);
            }
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}
