//! `GET /campaigns/{id}/events`: the part of the page that moves, sent each time it has changed.

use std::time::Duration;

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::Campaign;
use crm_core::{CampaignId, Scope};
use tokio::sync::watch;
use tokio::time::Instant;

use super::{convert, show};
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;
use crate::views::{Section, Shell};

/// A connection on which nothing is written for longer is given up by proxies, and only writing shows that nobody listens.
const PULSE: Duration = Duration::from_secs(15);
/// After this the page asks anew, and whether it may is looked at again.
const LONGEST: Duration = Duration::from_mins(2);

/// One page that is open.
struct Reader {
    app: Data<App>,
    scope: Scope,
    shell: Shell,
    campaign: watch::Receiver<Campaign>,
    until: Instant,
    is_over: bool,
}

pub(super) async fn stream(
    allow: Allow<rights::CampaignsRead>,
    app: Data<App>,
    req: HttpRequest,
    id: Path<CampaignId>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope().clone();
    let campaign = convert::find(&app, &scope, *id).await?;
    if campaign.started_at.is_none() {
        // Nothing moves yet, and nobody need ask again.
        return Ok(HttpResponse::NoContent().finish());
    }
    let shell = frame::shell(&app, &req, &allow, Section::Campaigns, campaign.name.clone()).await?;
    let mut seen = app.watched.look(&app.services.campaigns, &scope, &campaign);
    // What the page shows may be older than this.
    seen.mark_changed();
    let reader = Reader {
        campaign: seen,
        until: Instant::now() + LONGEST,
        is_over: false,
        scope,
        shell,
        app: app.clone(),
    };
    Ok(frame::event_stream().streaming(futures::stream::unfold(reader, next)))
}

/// The next bytes: what has changed, or a sign of life.
async fn next(mut reader: Reader) -> Option<(Result<Bytes, AppError>, Reader)> {
    if reader.is_over {
        return None;
    }
    let watched = reader.app.watched.clone();
    let bytes = tokio::select! {
        () = watched.closed() => return None,
        () = tokio::time::sleep_until(reader.until) => return None,
        () = tokio::time::sleep(PULSE) => Ok(Bytes::from_static(b":\n\n")),
        changed = reader.campaign.changed() => {
            changed.ok()?;
            reader.told().await
        }
    };
    Some((bytes, reader))
}

impl Reader {
    /// The part as it is now. The last one says that nothing comes after it.
    async fn told(&mut self) -> Result<Bytes, AppError> {
        let campaign = self.campaign.borrow_and_update().clone();
        self.shell.now = self.app.services.ctx.now().to_string();
        let live = show::live(&self.app, &self.scope, &campaign, &self.shell).await?;
        let html = self.app.views.component("campaigns.live", "live", &live);
        let html = html.map_err(AppError::internal)?;
        let mut event = String::with_capacity(html.len() + 64);
        for line in html.lines() {
            event.push_str("data: ");
            event.push_str(line);
            event.push('\n');
        }
        event.push('\n');
        self.is_over = !campaign.status.is_under_way();
        if self.is_over {
            event.push_str("event: over\ndata: over\n\n");
        }
        Ok(Bytes::from(event))
    }
}
