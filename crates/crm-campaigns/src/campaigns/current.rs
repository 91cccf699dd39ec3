//! What a campaign consists of now: its content as pinned, or as it would be pinned, with what stands in the way.

use crm_core::{Scope, StoreError};
use crm_providers::{Provider, ProvidersError};
use sea_orm::EntityTrait;

use super::content::{Compiled, PinnedContent, PinnedSender};
use super::deps::{Deps, contacts_failed};
use super::{Result, Schedule, SubjectTest, WinnerRule, policy, store, subject_test};
use crate::entity::{campaigns, templates};
use crate::templates::compile::{self, Known};
use crate::templates::{self as content, Channel, NewTemplate};

/// The parts of a campaign as far as they are there.
pub(super) struct Current {
    pub(super) channel: Channel,
    pub(super) segment: crm_contacts::Segment,
    pub(super) schedule: Schedule,
    pub(super) template: Option<(crm_core::TemplateId, NewTemplate)>,
    /// Which version of the template that is.
    pub(super) template_version: Option<i64>,
    pub(super) subject_test: Option<SubjectTest>,
    pub(super) compiled: Option<Compiled>,
    pub(super) provider: Option<Provider>,
    pub(super) sender: Option<PinnedSender>,
    /// What was submitted; `None` in a draft.
    pub(super) pinned: Option<PinnedContent>,
    /// What keeps it from being sent, in words.
    pub(super) blockers: Vec<String>,
    /// What should be looked at, in words.
    pub(super) warnings: Vec<String>,
}

impl Current {
    /// What would be pinned for an audience of this size; `None` where a part is absent.
    pub(super) fn pin(&self, audience_count: u64) -> Option<PinnedContent> {
        let (template_id, template) = self.template.clone()?;
        Some(PinnedContent {
            channel: self.channel,
            template_id: Some(template_id),
            template_version: self.template_version,
            template,
            provider_id: self.provider.as_ref()?.id,
            sender: self.sender.clone()?,
            segment: self.segment.clone(),
            schedule: self.schedule.clone(),
            audience_count,
            subject_test: self.subject_test.clone(),
            single: None,
        })
    }
}

/// Gathers the parts of a stored campaign.
pub(super) async fn load(deps: &Deps, scope: &Scope, row: &campaigns::Model) -> Result<Current> {
    let pinned = PinnedContent::of(row)?;
    let mut current = Current {
        channel: store::channel(row)?,
        segment: store::segment(row)?,
        schedule: store::schedule(row)?,
        template: None,
        template_version: None,
        subject_test: subject_test::of(row)?,
        compiled: None,
        provider: None,
        sender: None,
        pinned,
        blockers: Vec::new(),
        warnings: Vec::new(),
    };
    load_template(deps, scope, row, &mut current).await?;
    load_provider(deps, scope, row, &mut current).await?;
    measurable(deps, scope, &mut current).await?;
    Ok(current)
}

/// What decides between two subjects has to be known.
async fn measurable(deps: &Deps, scope: &Scope, current: &mut Current) -> Result<()> {
    let Some(test) = &current.subject_test else { return Ok(()) };
    let policy = policy::get(&deps.ctx, scope).await?;
    let missing = match test.winner {
        WinnerRule::Opened if !policy.track_opens => "who opens messages",
        WinnerRule::Clicked if !policy.track_clicks => "who follows links",
        WinnerRule::Opened | WinnerRule::Clicked | WinnerRule::Replied => return Ok(()),
    };
    let words = format!(
        "the better subject is told by {missing}, which is not noted here: turn that on in Settings, or go by answers"
    );
    current.blockers.push(words);
    Ok(())
}

async fn load_template(
    deps: &Deps,
    scope: &Scope,
    row: &campaigns::Model,
    current: &mut Current,
) -> Result<()> {
    let stored = match row.template_id {
        Some(id) => stored_version(deps, scope, id)
            .await?
            .map(|(version, template)| (id, version, template)),
        None => None,
    };
    if let Some(pinned) = &current.pinned {
        if stored.as_ref().is_some_and(|(_, _, template)| is_other(template, &pinned.template)) {
            current.warnings.push("the template was changed after it was submitted".to_owned());
        }
        current.template = pinned.template_id.map(|id| (id, pinned.template.clone()));
        current.template_version = pinned.template_version;
        current.compiled = Some(pinned.compile()?);
        return Ok(());
    }
    let Some((id, version, template)) = stored else {
        current.blockers.push("no template is chosen".to_owned());
        return Ok(());
    };
    if template.channel != current.channel {
        current.blockers.push("the template is for another channel".to_owned());
        return Ok(());
    }
    let fields = deps.contacts.custom_field_names(scope).await.map_err(contacts_failed)?;
    let other = current.subject_test.as_ref().map(|test| test.other(&template));
    let compile = |template: &NewTemplate| compile::compile(template, Known::Fields(&fields));
    let compiled = compile(&template).and_then(|a| {
        let b = other.as_ref().map(compile).transpose()?;
        Ok(Compiled { a, b })
    });
    match compiled {
        Ok(compiled) => current.compiled = Some(compiled),
        Err(err) => current.blockers.push(format!("the template cannot be used: {err}")),
    }
    current.template = Some((id, template));
    current.template_version = Some(version);
    Ok(())
}

/// A template's content as it is stored now.
pub(super) async fn stored_template(
    deps: &Deps,
    scope: &Scope,
    id: crm_core::TemplateId,
) -> std::result::Result<Option<NewTemplate>, StoreError> {
    Ok(stored_version(deps, scope, id).await?.map(|(_, template)| template))
}

/// The same with the number of its version.
async fn stored_version(
    deps: &Deps,
    scope: &Scope,
    id: crm_core::TemplateId,
) -> std::result::Result<Option<(i64, NewTemplate)>, StoreError> {
    let row = deps.ctx.db.one(scope, templates::Entity::find_by_id(id)).await?;
    row.map(|row| Ok((row.version, content::stored_content(row)?))).transpose()
}

/// Whether two contents differ in what a recipient gets; the name of a template is for its authors.
pub(super) fn is_other(one: &NewTemplate, two: &NewTemplate) -> bool {
    let renamed = NewTemplate { name: two.name.clone(), ..one.clone() };
    renamed != *two
}

async fn load_provider(
    deps: &Deps,
    scope: &Scope,
    row: &campaigns::Model,
    current: &mut Current,
) -> Result<()> {
    let chosen = current.pinned.as_ref().map(|pinned| pinned.provider_id).or(row.provider_id);
    let provider = match chosen {
        Some(id) => deps.providers.get(scope, id).await?,
        None => deps.providers.default(scope, current.channel.provider_kind()).await?,
    };
    let Some(provider) = provider else {
        current.blockers.push("there is no provider to send through".to_owned());
        return Ok(());
    };
    match deps.providers.open(scope, provider.id).await {
        Ok(Some(opened)) => current.sender = Some(PinnedSender::of(&opened)),
        Ok(None) => current.blockers.push("there is no provider to send through".to_owned()),
        Err(ProvidersError::Store(err)) => return Err(err.into()),
        Err(err) => current.blockers.push(format!("{} cannot be used: {err}", provider.name)),
    }
    if let Some(error) = &provider.last_error {
        current.warnings.push(format!("{} failed last time: {error}", provider.name));
    }
    if provider.config.is_practice() {
        let words =
            "the practice provider is chosen: messages go to the practice outbox and reach nobody";
        current.warnings.push(words.to_owned());
    }
    let pinned = current.pinned.as_ref().map(|pinned| &pinned.sender);
    if pinned.is_some_and(|pinned| current.sender.as_ref().is_some_and(|now| now != pinned)) {
        current.warnings.push("the sender was changed after it was submitted".to_owned());
    }
    current.provider = Some(provider);
    Ok(())
}
