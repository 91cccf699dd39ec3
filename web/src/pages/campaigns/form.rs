//! `GET /campaigns/new`, `POST /campaigns`, `GET /campaigns/{id}/edit`, `POST /campaigns/{id}`

use std::iter;

use actix_web::web::{Data, Form, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::Campaign;
use crm_campaigns::campaigns::{NewCampaign, Status};
use crm_campaigns::templates::Channel;
use crm_contacts::Segment;
use crm_contacts::segments::saved::SavedSegment;
use crm_core::paging::MAX_LIMIT;
use crm_core::{CampaignId, ListId, PageRequest, Scope, SegmentId};
use crm_providers::ProviderKind;

use super::audience::{self, Audience, Group, Names};
use super::{convert, schedule, subject};
use crate::api::segments;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::pages::local_time::local;
use crate::state::App;
use crate::views::campaigns::{CampaignForm, CampaignFormPage};
use crate::views::common::{Choice, FormErrors};
use crate::views::{Flash, Section};

const FIELDS: [&str; 12] = [
    "name",
    "template_id",
    "audience",
    "segment_json",
    "provider_id",
    "send_at",
    "time_zone",
    "rate_per_minute",
    "window_from",
    "subject_b",
    "share_percent",
    "wait_hours",
];

/// The form as typed: `list_ids` comes once for each box that is ticked.
pub(super) struct Typed(Vec<(String, String)>);

impl Typed {
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// A field that may come several times.
    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) const fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    fn ids<T: std::str::FromStr>(&self, name: &str) -> Result<Vec<T>, AppError> {
        let ids = self.all(name).map(str::parse);
        ids.collect::<Result<_, _>>()
            .map_err(|_| AppError::invalid("audience", "there is no such list or segment"))
    }

    /// The boxes that are ticked.
    fn audience(&self) -> Result<Audience, AppError> {
        Ok(Audience {
            include: Group { lists: self.ids("list_ids")?, segments: self.ids("segment_ids")? },
            exclude: Group {
                lists: self.ids("exclude_list_ids")?,
                segments: self.ids("exclude_segment_ids")?,
            },
        })
    }

    fn version(&self) -> Option<i64> {
        self.text("version").parse().ok().filter(|version| *version > 0)
    }

    fn id<T: std::str::FromStr>(&self, name: &'static str) -> Result<Option<T>, AppError> {
        match self.text(name) {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| AppError::invalid(name, "choose one of the list")),
        }
    }

    /// Whom it is for, with the saved segments as they are now.
    pub(super) fn segment(&self, saved: &[SavedSegment]) -> Result<Segment, AppError> {
        let audience = self.audience()?;
        let include = match self.text("audience") {
            "lists" if audience.include.is_empty() => {
                return Err(AppError::invalid("audience", "choose at least one list or segment"));
            }
            "lists" => audience.include.node(saved)?,
            "advanced" => Some(segments::from_text(self.text("segment_json"))?.0),
            _ => None,
        };
        Ok(audience::less(include, audience.exclude.node(saved)?))
    }

    fn campaign(&self, saved: &[SavedSegment], channel: Channel) -> Result<NewCampaign, AppError> {
        Ok(NewCampaign {
            name: self.text("name").to_owned(),
            channel,
            template_id: self.id("template_id")?,
            segment: self.segment(saved)?,
            schedule: schedule::read(self)?,
            subject_test: subject::read(self)?,
            provider_id: self.id("provider_id")?,
        })
    }

    fn form(&self) -> CampaignForm {
        CampaignForm {
            name: self.text("name").to_owned(),
            audience: self.text("audience").to_owned(),
            segment_json: self.text("segment_json").to_owned(),
            send_at: self.text("send_at").to_owned(),
            time_zone: self.text("time_zone").to_owned(),
            rate_per_minute: self.text("rate_per_minute").to_owned(),
            window_from: self.text("window_from").to_owned(),
            window_to: self.text("window_to").to_owned(),
            subject: subject::typed(self),
        }
    }

    /// The days that are ticked.
    pub(super) fn days(&self) -> Vec<u8> {
        self.all("window_days").filter_map(|day| day.parse().ok()).collect()
    }
}

/// A campaign is of the channel its template is for.
async fn channel(app: &App, scope: &Scope, typed: &Typed) -> Result<Channel, AppError> {
    let Some(id) = typed.id("template_id").ok().flatten() else { return Ok(Channel::default()) };
    let found = app.services.templates.get(scope, id).await?;
    Ok(found.map(|template| template.content.channel).unwrap_or_default())
}

/// What the form shows.
struct About<'a> {
    stored: Option<&'a Campaign>,
    form: CampaignForm,
    template: String,
    provider: String,
    chosen: Audience,
    days: Vec<u8>,
    errors: FormErrors,
}

impl<'a> About<'a> {
    fn typed(typed: &Typed, stored: Option<&'a Campaign>, error: &AppError) -> Self {
        let mut error = error.clone();
        schedule::placed(&mut error);
        subject::placed(&mut error);
        Self {
            days: typed.days(),
            stored,
            form: typed.form(),
            template: typed.text("template_id").to_owned(),
            provider: typed.text("provider_id").to_owned(),
            chosen: typed.audience().unwrap_or_default(),
            errors: frame::form_errors(&error, &FIELDS),
        }
    }

    fn stored(
        campaign: &'a Campaign,
        zone: String,
        saved: &[SavedSegment],
    ) -> Result<Self, AppError> {
        let chosen = Audience::read(&campaign.segment, saved);
        let audience = match &chosen {
            Some(chosen) if chosen.include.is_empty() => "everyone",
            Some(_) => "lists",
            None => "advanced",
        };
        let zone = campaign.schedule.timezone.clone().unwrap_or(zone);
        let text = |id: Option<String>| id.unwrap_or_default();
        let window = campaign.schedule.window.as_ref();
        Ok(Self {
            form: CampaignForm {
                name: campaign.name.clone(),
                audience: audience.to_owned(),
                segment_json: serde_json::to_string_pretty(&campaign.segment)
                    .map_err(AppError::internal)?,
                send_at: campaign.schedule.send_at.map(|at| local(at, &zone)).unwrap_or_default(),
                time_zone: zone,
                rate_per_minute: text(campaign.schedule.rate_per_minute.map(|n| n.to_string())),
                window_from: text(window.map(|window| window.from.clone())),
                window_to: text(window.map(|window| window.to.clone())),
                subject: subject::stored(campaign.subject_test.as_ref()),
            },
            days: window.map(|window| window.days.clone()).unwrap_or_default(),
            template: text(campaign.template_id.map(|id| id.to_string())),
            provider: text(campaign.provider_id.map(|id| id.to_string())),
            chosen: chosen.unwrap_or_default(),
            errors: FormErrors::none(),
            stored: Some(campaign),
        })
    }
}

async fn page(
    app: &App,
    req: &HttpRequest,
    allow: &Allow<rights::CampaignsWrite>,
    about: About<'_>,
) -> Result<CampaignFormPage, AppError> {
    let scope = allow.scope();
    let services = &app.services;
    let all = PageRequest { limit: MAX_LIMIT, cursor: None };
    let templates = services.templates.list(scope, all).await?;
    let lists = services.lists.all(scope).await?;
    let saved = services.saved_segments.all(scope).await?;
    let counted = match about.stored {
        Some(campaign) => audience::counted(app, scope, &campaign.segment).await?,
        None => audience::counted(app, scope, &Segment::everybody()).await?,
    };
    let says = match about.stored {
        Some(campaign) if about.form.audience == "advanced" => {
            Names::load(app, scope).await?.words(&campaign.segment)
        }
        _ => String::new(),
    };
    let providers = services.providers.all(scope).await?;
    let title = if about.stored.is_some() { "Edit campaign" } else { "New campaign" };
    let template = |t: crm_campaigns::Template| {
        let id = t.id.to_string();
        let chosen = id == about.template;
        let label = match t.content.channel {
            Channel::Email => t.content.name,
            Channel::Text => format!("{} (text message)", t.content.name),
        };
        Choice::new(id, label, chosen).with_hint(t.content.subject)
    };
    let in_lists = |chosen: &[ListId]| -> Vec<Choice> {
        let choice = |list: &crm_contacts::lists::List| {
            let people = if list.contacts == 1 { "person" } else { "people" };
            Choice::new(list.id.to_string(), list.name.clone(), chosen.contains(&list.id))
                .with_hint(format!("{} {people}", list.contacts))
        };
        lists.iter().map(choice).collect()
    };
    let in_segments = |chosen: &[SegmentId]| -> Vec<Choice> {
        let choice = |one: &SavedSegment| {
            Choice::new(one.id.to_string(), one.name.clone(), chosen.contains(&one.id))
        };
        saved.iter().map(choice).collect()
    };
    let chosen = &about.chosen;
    let provider = |provider: crm_providers::Provider| {
        let id = provider.id.to_string();
        let chosen = id == about.provider;
        let label = match provider.config.takes() {
            ProviderKind::Email => provider.name,
            ProviderKind::Text => format!("{} (text messages)", provider.name),
        };
        Choice::new(id, label, chosen)
    };
    let default = Choice::new(String::new(), "The default", about.provider.is_empty());
    let withdraws = about.stored.is_some_and(|campaign| {
        matches!(campaign.status, Status::PendingApproval | Status::Approved | Status::Scheduled)
    });
    Ok(CampaignFormPage {
        shell: frame::shell(app, req, allow, Section::Campaigns, title).await?,
        id: about.stored.map(|campaign| campaign.id.to_string()),
        templates: templates.items.into_iter().map(template).collect(),
        lists: in_lists(&chosen.include.lists),
        segments: in_segments(&chosen.include.segments),
        excluded_lists: in_lists(&chosen.exclude.lists),
        excluded_segments: in_segments(&chosen.exclude.segments),
        counted,
        says,
        everyone: services.contacts.counts(scope).await?.total,
        providers: iter::once(default).chain(providers.into_iter().map(provider)).collect(),
        days: schedule::days(&about.days),
        withdraws_approval: withdraws,
        version: about.stored.map_or(0, |campaign| campaign.version),
        form: about.form,
        errors: about.errors,
    })
}

pub(super) async fn new(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    req: HttpRequest,
) -> Result<HttpResponse, AppError> {
    let workspace = app.services.accounts.workspace(allow.scope()).await?;
    let about = About {
        stored: None,
        form: CampaignForm {
            audience: "everyone".to_owned(),
            time_zone: workspace.time_zone,
            subject: subject::stored(None),
            ..CampaignForm::default()
        },
        template: String::new(),
        provider: String::new(),
        chosen: Audience::default(),
        days: Vec::new(),
        errors: FormErrors::none(),
    };
    let view = page(&app, &req, &allow, about).await?;
    frame::ok(&app, &req, &view)
}

pub(super) async fn create(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    req: HttpRequest,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed(form.into_inner());
    let saved = app.services.saved_segments.all(allow.scope()).await?;
    let channel = channel(&app, allow.scope(), &typed).await?;
    let made = match typed.campaign(&saved, channel) {
        Ok(new) => app.services.campaigns.create(allow.scope(), new).await.map_err(AppError::from),
        Err(error) => Err(error),
    };
    match made {
        Ok(campaign) => Ok(frame::lead_to(&app, &format!("/campaigns/{}", campaign.id), None)),
        Err(error) if error.is_correctable() => {
            let view = page(&app, &req, &allow, About::typed(&typed, None, &error)).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}

pub(super) async fn edit(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<CampaignId>,
) -> Result<HttpResponse, AppError> {
    let campaign = convert::find(&app, allow.scope(), *id).await?;
    let workspace = app.services.accounts.workspace(allow.scope()).await?;
    let saved = app.services.saved_segments.all(allow.scope()).await?;
    let about = About::stored(&campaign, workspace.time_zone, &saved)?;
    let view = page(&app, &req, &allow, about).await?;
    frame::ok(&app, &req, &view)
}

pub(super) async fn save(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<CampaignId>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed(form.into_inner());
    let stored = convert::find(&app, allow.scope(), *id).await?;
    let saved = app.services.saved_segments.all(allow.scope()).await?;
    let channel = channel(&app, allow.scope(), &typed).await?;
    let changed = match typed.campaign(&saved, channel) {
        Ok(change) => {
            let campaigns = &app.services.campaigns;
            campaigns
                .update(allow.scope(), *id, typed.version(), change)
                .await
                .map_err(AppError::from)
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(changed) => {
            changed.ok_or_else(AppError::not_found)?;
            let said = Flash::ok("The campaign is saved.");
            Ok(frame::lead_to(&app, &format!("/campaigns/{id}"), Some(said)))
        }
        Err(error) if error.is_correctable() || error.code == "stale" => {
            let view =
                page(&app, &req, &allow, About::typed(&typed, Some(&stored), &error)).await?;
            frame::again(&app, &req, &error, &view)
        }
        Err(error) => Err(error),
    }
}
