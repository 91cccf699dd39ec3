//! Whom a campaign is for, as its form has it: lists and saved segments to write to, and such to leave out.
//!
//! A saved segment is taken as it is when the form is sent, so that what was approved does not change under its approval.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_contacts::Segment;
use crm_contacts::lists::List;
use crm_contacts::segments::SegmentNode;
use crm_contacts::segments::saved::SavedSegment;
use crm_core::{ListId, Scope, SegmentId};

use super::form::Typed;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::pages::segments::{self, Subjects};
use crate::state::App;
use crate::views::campaigns::AudienceCount;

/// Lists and saved segments to write to, and to leave out.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Audience {
    /// Whoever is in one of these; everybody where there are none.
    pub(super) include: Group,
    /// Less whoever is in one of these.
    pub(super) exclude: Group,
}

/// Some lists and saved segments.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Group {
    pub(super) lists: Vec<ListId>,
    pub(super) segments: Vec<SegmentId>,
}

impl Group {
    pub(super) const fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.segments.is_empty()
    }

    /// Being in one of them; `None` where there are none.
    pub(super) fn node(&self, saved: &[SavedSegment]) -> Result<Option<SegmentNode>, AppError> {
        let mut nodes: Vec<SegmentNode> =
            self.lists.iter().map(|id| SegmentNode::List { list: *id }).collect();
        for id in &self.segments {
            let found = saved.iter().find(|saved| saved.id == *id);
            let unknown = || AppError::invalid("audience", "there is no such segment");
            nodes.push(found.ok_or_else(unknown)?.segment.0.clone());
        }
        let first = nodes.pop();
        Ok(match first {
            Some(only) if nodes.is_empty() => Some(only),
            Some(last) => {
                nodes.push(last);
                Some(SegmentNode::Any { any: nodes })
            }
            None => None,
        })
    }

    /// The lists and segments a part of a segment was made of; `None` where it was made of something else.
    fn read(node: &SegmentNode, saved: &[SavedSegment]) -> Option<Self> {
        let mut group = Self::default();
        if group.take(node, saved) {
            return Some(group);
        }
        let SegmentNode::Any { any } = node else { return None };
        any.iter().all(|node| group.take(node, saved)).then_some(group)
    }

    fn take(&mut self, node: &SegmentNode, saved: &[SavedSegment]) -> bool {
        if let SegmentNode::List { list } = node {
            self.lists.push(*list);
            return true;
        }
        let found = saved.iter().find(|saved| saved.segment.0 == *node);
        self.segments.extend(found.map(|saved| saved.id));
        found.is_some()
    }
}

/// A part to write to, everybody where it is absent, less a part to leave out.
pub(super) fn less(include: Option<SegmentNode>, exclude: Option<SegmentNode>) -> Segment {
    let Some(exclude) = exclude else {
        return include.map_or_else(Segment::everybody, Segment);
    };
    let not = SegmentNode::Not { not: Box::new(exclude) };
    Segment(SegmentNode::All { all: include.into_iter().chain([not]).collect() })
}

impl Audience {
    /// What a segment was made of, where it is one the form can show.
    pub(super) fn read(segment: &Segment, saved: &[SavedSegment]) -> Option<Self> {
        if let SegmentNode::All { all } = &segment.0
            && let Some((SegmentNode::Not { not }, rest)) = all.split_last()
            && rest.len() < 2
            && let Some(exclude) = Group::read(not, saved)
        {
            let include = match rest.first() {
                None => Some(Group::default()),
                Some(node) => Group::read(node, saved),
            };
            return include.map(|include| Self { include, exclude });
        }
        if matches!(&segment.0, SegmentNode::All { all } if all.is_empty()) {
            return Some(Self::default());
        }
        let include = Group::read(&segment.0, saved)?;
        Some(Self { include, exclude: Group::default() })
    }
}

/// What lists and saved segments are called.
pub(super) struct Names {
    lists: Vec<List>,
    saved: Vec<SavedSegment>,
    subjects: Subjects,
}

impl Names {
    pub(super) async fn load(app: &App, scope: &Scope) -> Result<Self, AppError> {
        let lists = app.services.lists.all(scope).await?;
        let saved = app.services.saved_segments.all(scope).await?;
        let subjects = Subjects::load(app, scope).await?;
        Ok(Self { lists, saved, subjects })
    }

    /// A segment in words.
    pub(super) fn words(&self, segment: &Segment) -> String {
        let Some(audience) = Audience::read(segment, &self.saved) else {
            return self.rule(segment);
        };
        let mut words = if audience.include.is_empty() {
            "Everyone".to_owned()
        } else {
            self.group(&audience.include)
        };
        if !audience.exclude.is_empty() {
            words.push_str(", without ");
            words.push_str(&self.group(&audience.exclude));
        }
        words
    }

    /// A rule in words, those left out apart where they are lists and saved segments.
    fn rule(&self, segment: &Segment) -> String {
        let words = |segment: &Segment| segments::in_words(segment, &self.subjects);
        if let Some(words) = words(segment) {
            return words;
        }
        if let SegmentNode::All { all } = &segment.0
            && let [rule, SegmentNode::Not { not }] = all.as_slice()
            && let Some(excluded) = Group::read(not, &self.saved)
            && let Some(rule) = words(&Segment(rule.clone()))
        {
            return format!("{rule}, without {}", self.group(&excluded));
        }
        "A rule".to_owned()
    }

    fn group(&self, group: &Group) -> String {
        let lists = self.lists.iter().filter(|list| group.lists.contains(&list.id));
        let saved = self.saved.iter().filter(|saved| group.segments.contains(&saved.id));
        let names = lists.map(|list| list.name.as_str());
        names.chain(saved.map(|saved| saved.name.as_str())).collect::<Vec<_>>().join(", ")
    }
}

/// `POST /campaigns/audience`: how many the audience of the form has, while it is put together.
pub(super) async fn count(
    allow: Allow<rights::CampaignsWrite>,
    app: Data<App>,
    req: HttpRequest,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, AppError> {
    let scope = allow.scope();
    let saved = app.services.saved_segments.all(scope).await?;
    let counted = match Typed::new(form.into_inner()).segment(&saved) {
        Ok(segment) => counted(&app, scope, &segment).await?,
        Err(error) => AudienceCount::refused(&frame::sentence(&error.message)),
    };
    let part = app.views.component("campaigns.audience_count", "counted", &counted);
    let part = part.map_err(AppError::internal)?;
    Ok(frame::html_answer(&app, &req, StatusCode::OK, part))
}

/// How many an audience has, or why that cannot be said.
pub(super) async fn counted(
    app: &App,
    scope: &Scope,
    segment: &Segment,
) -> Result<AudienceCount, AppError> {
    match app.services.segments.preview(scope, segment).await.map_err(AppError::from) {
        Ok(preview) => {
            Ok(AudienceCount { people: Some(preview.count), ..AudienceCount::default() })
        }
        Err(error) if error.is_correctable() => {
            Ok(AudienceCount::refused(&frame::sentence(&error.message)))
        }
        Err(error) => Err(error),
    }
}
