//! [`Summaries`] on the database.

use async_trait::async_trait;
use crm_contacts::Contact;
use crm_contacts::timeline::{LogEntry, LogFilter};
use crm_core::{ContactId, PageRequest, Scope};

use super::entries::{lines, words};
use super::{Sentence, Summaries, Summary, SummaryError, read, rules};
use crate::drafts::{Drafts as _, DraftsError, SeaDrafts, named_in, whole};
use crate::language_model::ModelError;
use crate::redact::{Fact, Redaction};

/// Most entries that are read.
const ENTRIES: u64 = 60;
/// What a summary is written down as in the log of uses.
const PURPOSE: &str = "timeline_summary";

/// [`Summaries`] on the database, with the models of drafts.
pub struct SeaSummaries {
    drafts: SeaDrafts,
}

/// What a model had to say.
#[derive(Default)]
struct Told {
    sentences: Vec<Sentence>,
    refused: u64,
    model: Option<String>,
    trouble: Option<String>,
}

impl SeaSummaries {
    /// Summaries by the models `drafts` ask.
    pub const fn new(drafts: SeaDrafts) -> Self {
        Self { drafts }
    }

    /// Asks a model what the entries are about.
    async fn told(
        &self,
        scope: &Scope,
        contact: &Contact,
        entries: &[LogEntry],
    ) -> Result<Told, DraftsError> {
        // Looking for names costs a search each: in vain where nothing leaves.
        if self.drafts.settings(scope).await?.not_ready.is_some() {
            return Ok(Told::default());
        }
        let custom = self.drafts.contacts().custom_field_names(scope).await?;
        let mut redaction = Redaction::new(Fact::all(&custom));
        let all: Vec<String> = entries.iter().map(|entry| words(&entry.content)).collect();
        let people = named_in(&self.drafts, scope, &all.join("\n")).await?;
        let now = self.drafts.context().now();
        let lines = lines(entries, &mut redaction, (contact, &people), now);
        if lines.is_empty() {
            return Ok(Told::default());
        }
        let answer = whole(&self.drafts, scope, PURPOSE, &read::question(&lines)).await?;
        let read = read::answer(&lines, &redaction, &answer.text);
        let (mut sentences, refused) = read.ok_or(ModelError::Rubbish)?;
        for sentence in &mut sentences {
            sentence.text = redaction.reveal(&sentence.text, contact);
        }
        Ok(Told { sentences, refused, model: Some(answer.model), trouble: None })
    }
}

#[async_trait]
impl Summaries for SeaSummaries {
    async fn of(&self, scope: &Scope, id: ContactId) -> Result<Option<Summary>, SummaryError> {
        let Some(contact) = self.drafts.contacts().get(scope, id).await? else { return Ok(None) };
        let request = PageRequest { limit: ENTRIES, cursor: None };
        let page = self.drafts.timeline().page(scope, id, &LogFilter::default(), request).await?;
        let (entries, now) = (page.items, self.drafts.context().now());
        let (by_rule, figures) = rules::run(&contact, &entries, now);
        let told = match self.told(scope, &contact, &entries).await {
            Ok(told) => told,
            Err(DraftsError::Store(error)) => return Err(error.into()),
            Err(error) => Told { trouble: Some(error.to_string()), ..Told::default() },
        };
        Ok(Some(Summary {
            by_rule,
            by_model: told.sentences,
            figures,
            entries: entries.len(),
            has_older: page.next.is_some(),
            model: told.model,
            refused: told.refused,
            trouble: told.trouble,
        }))
    }
}
