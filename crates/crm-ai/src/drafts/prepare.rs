//! From what a person asks for to what leaves.

use crm_contacts::Contact;
use crm_core::Scope;

use super::settings::{Resolved, resolve};
use super::{
    Brief, Channel, DraftsError, LONGEST_GOAL, LONGEST_WORD, Result, SeaDrafts, Sent, Usable,
    people,
};
use crate::language_model::{LanguageModel as _, Question};
use crate::openai::OpenAi;
use crate::prompts;
use crate::redact::{Fact, Redaction};

/// A question that is ready to leave.
pub(super) struct Prepared {
    pub(super) model: OpenAi,
    pub(super) question: Question,
    pub(super) redaction: Redaction,
    pub(super) contact: Option<Contact>,
    pub(super) channel: Channel,
    pub(super) cap: u64,
}

pub(super) async fn facts(on: &SeaDrafts, scope: &Scope) -> Result<Vec<Usable>> {
    let custom = on.contacts.custom_field_names(scope).await?;
    let usable = |fact: Fact| Usable { variable: fact.variable, meaning: fact.meaning };
    Ok(Fact::all(&custom).into_iter().map(usable).collect())
}

/// Trims and checks.
fn checked(mut brief: Brief) -> Result<Brief> {
    brief.goal = brief.goal.trim().to_owned();
    if brief.goal.is_empty() || brief.goal.chars().count() > LONGEST_GOAL {
        return Err(DraftsError::InvalidGoal);
    }
    for (field, text) in [("tone", &mut brief.tone), ("language", &mut brief.language)] {
        *text = text.trim().to_owned();
        if text.chars().count() > LONGEST_WORD || text.chars().any(char::is_control) {
            return Err(DraftsError::InvalidWord(field));
        }
    }
    Ok(brief)
}

pub(super) async fn run(on: &SeaDrafts, scope: &Scope, brief: Brief) -> Result<Prepared> {
    let brief = checked(brief)?;
    let contact = match brief.contact_id {
        None => None,
        Some(id) => {
            let found = on.contacts.get(scope, id).await?;
            Some(found.ok_or(DraftsError::UnknownContact)?)
        }
    };
    let resolved = resolve(on, scope).await?;
    resolved.ready()?;
    let custom = on.contacts.custom_field_names(scope).await?;
    let people = people::named_in(on, scope, &brief.goal).await?;
    let mut redaction = Redaction::new(Fact::all(&custom));
    let mut clean = |text: &str| redaction.redact(text, contact.as_ref(), &people);
    let brief = Brief {
        goal: clean(&brief.goal),
        tone: clean(&brief.tone),
        language: clean(&brief.language),
        ..brief
    };
    let mut facts = redaction.facts_named(&brief.facts).map_err(DraftsError::UnknownFact)?;
    for fact in redaction.facts_in(&brief.goal) {
        if !facts.contains(&fact) {
            facts.push(fact);
        }
    }
    let question = prompts::template_draft(&brief, &facts);
    let Resolved { settings, endpoint } = resolved;
    let model = OpenAi::new(endpoint, on.limits);
    let (channel, cap) = (brief.channel, settings.monthly_tokens);
    Ok(Prepared { model, question, redaction, contact, channel, cap })
}

pub(super) async fn look(on: &SeaDrafts, scope: &Scope, brief: Brief) -> Result<Sent> {
    let Prepared { model, question, .. } = run(on, scope, brief).await?;
    Ok(Sent { address: model.address().to_owned(), body: model.body(&question) })
}
