//! Asking a model for a draft, in a task of its own: whoever waits for it may go away, and what it cost is still
//! written down.

use crm_contacts::timeline::{LogContent, NewLogEntry};
use crm_core::{AiUsageId, Scope, StoreError};
use futures::StreamExt as _;
use tokio::sync::mpsc;

use super::partial::{self, Written};
use super::prepare::{self, Prepared};
use super::usage::{self, End};
use super::{Brief, Channel, Draft, Drafting, Event, Finished, Result, SeaDrafts};
use crate::language_model::{LanguageModel as _, ModelError, Piece, Tokens};
use crate::redact::Form;

/// Events that wait to be taken before pieces are left out: the next one has all of the text.
const WAITING: usize = 8;
/// Most characters of an answer.
const LONGEST_ANSWER: usize = 40_000;

/// What has come of an answer.
#[derive(Default)]
struct Answer {
    text: String,
    tokens: Option<Tokens>,
}

pub(super) async fn start(on: &SeaDrafts, scope: &Scope, brief: Brief) -> Result<Drafting> {
    let prepared = prepare::run(on, scope, brief).await?;
    let question = &prepared.question;
    let prompt = usage::estimate(&question.rules) + usage::estimate(&question.wish);
    let most = Tokens { prompt, completion: u64::from(question.max_tokens) };
    let id = usage::begin(on, scope, prepared.model.name(), most, prepared.cap).await?;
    let (to, events) = mpsc::channel(WAITING);
    let asking = Asking { on: on.clone(), scope: scope.clone(), id, prepared, prompt };
    tokio::spawn(asking.run(to));
    Ok(Drafting { events })
}

/// A question on its way.
struct Asking {
    on: SeaDrafts,
    scope: Scope,
    id: AiUsageId,
    prepared: Prepared,
    /// Tokens of the question, roughly.
    prompt: u64,
}

impl Asking {
    async fn run(self, to: mpsc::Sender<Event>) {
        let mut answer = Answer::default();
        let limit = self.on.limits.whole;
        let read = tokio::select! {
            () = to.closed() => None,
            read = tokio::time::timeout(limit, self.read(&mut answer, &to)) => {
                Some(read.unwrap_or(Err(ModelError::TooSlow(limit.as_secs()))))
            }
        };
        let end = self.end(read.as_ref(), &answer);
        if let Err(error) = usage::end(&self.on, &self.scope, self.id, &end).await {
            tracing::error!(%error, "what a draft cost could not be written down");
        }
        let event = match read {
            None => return,
            Some(Err(error)) => Event::Failed(error),
            Some(Ok(written)) => {
                let draft = draft(&self.prepared, &written);
                if let Err(error) = self.log(&written).await {
                    tracing::warn!(%error, "a draft could not be put on its contact's timeline");
                }
                let model = self.prepared.model.name().to_owned();
                Event::Done(Box::new(Finished { draft, model, tokens: end.tokens }))
            }
        };
        // Nobody may be left to hear it.
        let _ = to.send(event).await;
    }

    /// Reads the answer to its end and tells of every piece.
    async fn read(
        &self,
        answer: &mut Answer,
        to: &mpsc::Sender<Event>,
    ) -> std::result::Result<Written, ModelError> {
        let mut pieces = self.prepared.model.ask(&self.prepared.question).await?;
        while let Some(piece) = pieces.next().await {
            match piece? {
                Piece::Usage(tokens) => answer.tokens = Some(tokens),
                Piece::Text(text) => {
                    answer.text.push_str(&text);
                    if answer.text.chars().count() > LONGEST_ANSWER {
                        return Err(ModelError::TooLong);
                    }
                    let so_far = partial::so_far(&answer.text);
                    // A full channel has older news; the next piece brings all of it.
                    let _ = to.try_send(Event::More(draft(&self.prepared, &so_far)));
                }
            }
        }
        partial::whole(&answer.text, self.prepared.channel).ok_or(ModelError::Rubbish)
    }

    /// How the use ended, and what it came to: what the server says, or else what can be guessed.
    fn end(&self, read: Option<&std::result::Result<Written, ModelError>>, answer: &Answer) -> End {
        let (outcome, has_read) = match read {
            None => ("stopped", true),
            Some(Ok(_)) => ("done", true),
            Some(Err(error)) => (error.as_str(), error.has_read() || !answer.text.is_empty()),
        };
        match answer.tokens {
            Some(tokens) => End { outcome, tokens, is_estimate: false },
            None if has_read => {
                let completion = usage::estimate(&answer.text);
                let tokens = Tokens { prompt: self.prompt, completion };
                End { outcome, tokens, is_estimate: true }
            }
            None => End { outcome, tokens: Tokens::default(), is_estimate: false },
        }
    }

    /// Puts the draft on the timeline of the contact it is for, as it left and came: without personal data.
    async fn log(&self, written: &Written) -> std::result::Result<(), StoreError> {
        let Some(contact) = &self.prepared.contact else { return Ok(()) };
        let ctx = &self.on.ctx;
        let content = LogContent::Ai {
            prompt: self.prepared.question.wish.clone(),
            output: match self.prepared.channel {
                Channel::Email => format!("{}\n\n{}", written.subject, written.body),
                Channel::Text => written.body.clone(),
            },
            model: self.prepared.model.name().to_owned(),
        };
        let entry = NewLogEntry {
            contact_id: contact.id,
            content,
            timestamp: ctx.now(),
            campaign_recipient_id: None,
        };
        let tx = ctx.db.begin().await?;
        self.on.timeline.record(&tx, &self.scope, vec![entry]).await?;
        tx.unaudited("a language model answered");
        tx.commit().await
    }
}

/// What was written, as a proposal.
fn draft(prepared: &Prepared, written: &Written) -> Draft {
    let redaction = &prepared.redaction;
    let body_text = redaction.restore(&written.body, Form::Text);
    match prepared.channel {
        Channel::Text => Draft { body_text, ..Draft::default() },
        Channel::Email => Draft {
            subject: redaction.restore(&written.subject, Form::Text),
            preheader: redaction.restore(&written.preheader, Form::Text),
            body_html: redaction.restore(&written.body, Form::Html),
            body_text,
        },
    }
}
