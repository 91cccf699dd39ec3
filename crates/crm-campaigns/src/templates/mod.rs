//! Message templates: a placeholder language that users write, with a live preview.

pub mod blocks;
mod changes;
pub(crate) mod compile;
#[cfg(test)]
mod compile_tests;
mod coverage;
mod document;
mod duplicate;
mod footer;
mod inline;
mod language;
mod made_up;
mod marks;
mod mjml;
mod plain_text;
mod preview;
mod sea;
pub mod starters;
mod store;
mod versions;

use async_trait::async_trait;
use crm_contacts::{Contact, Segment, SegmentError};
use crm_core::{ContactId, Page, PageRequest, Scope, StoreError, TemplateId, Timestamp, UserId};
use crm_providers::ProviderKind;
use serde::{Deserialize, Serialize};

pub use blocks::Block;
pub use changes::{Change, ChangedField, ChangedLine, changes};
pub use coverage::{Coverage, VariableCoverage};
pub use crm_providers::sms::{SmsCount, SmsEncoding, count as count_sms};
pub(crate) use made_up::contact as made_up_contact;
pub use sea::SeaTemplates;
pub(crate) use store::content as stored_content;

/// What a template is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// E-mail.
    #[default]
    Email,
    /// Text message.
    Text,
}

impl Channel {
    /// The word of the `channel` and `type` columns.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Text => "text",
        }
    }

    /// What a provider of it takes.
    pub const fn provider_kind(self) -> ProviderKind {
        match self {
            Self::Email => ProviderKind::Email,
            Self::Text => ProviderKind::Text,
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Email, Self::Text].into_iter().find(|channel| channel.as_str() == word)
    }
}

/// How the body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TemplateFormat)]
pub enum Format {
    /// HTML.
    #[default]
    Html,
    /// MJML, turned into HTML when it is rendered.
    Mjml,
}

impl Format {
    /// The word of the `format` column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Mjml => "mjml",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Html, Self::Mjml].into_iter().find(|format| format.as_str() == word)
    }
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its id.
    pub id: TemplateId,
    /// What it is made of.
    pub content: NewTemplate,
    /// Counts changes; the `ETag`.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What a template is made of. Serialised, it is what an approval pins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = TemplateContent)]
pub struct NewTemplate {
    /// Its name, unique in the workspace.
    pub name: String,
    /// What it is for.
    pub channel: Channel,
    /// How the body is written.
    pub format: Format,
    /// Subject; may hold placeholders.
    pub subject: String,
    /// HTML or MJML body; may hold placeholders.
    pub body_html: String,
    /// Text body; empty derives it from the HTML.
    pub body_text: String,
    /// The line mail programs show beside the subject.
    pub preheader: String,
    /// Put below the body.
    pub signature: String,
    /// What the body is made from; absent where it was written by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub blocks: Option<Vec<Block>>,
    /// The language model a draft of which was put into the text before it was saved, as whoever saves it says. It
    /// labels the version and is no part of the content: nothing pins it.
    #[serde(skip)]
    #[schema(ignore)]
    pub drafted_with: Option<String>,
}

/// One version of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateVersion {
    /// Its number, from 1.
    pub version: i64,
    /// What the template was called.
    pub name: String,
    /// Who saved it, as long as they are there.
    pub saved_by: Option<UserId>,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// The version it was brought back from.
    pub restored_from: Option<i64>,
    /// The language model a draft of which is in it.
    pub drafted_with: Option<String>,
}

/// A message as one person would get it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = RenderedMessage)]
pub struct Rendered {
    /// Subject, in one line.
    pub subject: String,
    /// Complete HTML document.
    pub html: String,
    /// Text part.
    pub text: String,
    /// Variables that had no value and no default, such as `contact.first_name`: such a message must not be sent.
    pub missing: Vec<String>,
}

/// What the placeholders of one message stand for beside the contact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RenderContext {
    /// `{{ workspace.name }}`
    pub workspace_name: String,
    /// `{{ workspace.postal_address }}`, in one line; empty where the workspace has none.
    pub postal_address: String,
    /// `{{ unsubscribe_url }}`; a mailto address where the installation has no public address.
    pub unsubscribe_url: String,
}

/// Why a template could not be read, written or rendered.
#[derive(Debug, thiserror::Error)]
pub enum TemplatesError {
    /// The name is empty or longer than 200 characters.
    #[error("enter a name of up to 200 characters")]
    InvalidName,
    /// The subject is empty, too long or holds line breaks.
    #[error("enter a subject of one line, up to 300 characters")]
    InvalidSubject,
    /// A body is missing or larger than 500 kB; the field is named.
    #[error("{0} must have 1 to 500,000 characters")]
    InvalidBody(&'static str),
    /// A placeholder names something that does not exist.
    #[error("unknown variable {variable}")]
    UnknownVariable {
        /// The field it is in.
        field: &'static str,
        /// Its name.
        variable: String,
    },
    /// The text is no valid template; the message names the line.
    #[error("{message}")]
    Syntax {
        /// The field it is in.
        field: &'static str,
        /// What is wrong and where.
        message: String,
    },
    /// A block is wrong.
    #[error("block {number}: {message}")]
    Block {
        /// Which, counted from 1.
        number: usize,
        /// What is wrong with it.
        message: String,
    },
    /// Another template has this name.
    #[error("a template with this name already exists")]
    DuplicateName,
    /// The contact to preview with is not in this workspace.
    #[error("there is no such contact")]
    UnknownContact,
    /// Somebody changed the template in the meantime.
    #[error("the template was changed by somebody else in the meantime")]
    Stale,
    /// The segment to count in is malformed.
    #[error(transparent)]
    Segment(SegmentError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<SegmentError> for TemplatesError {
    fn from(err: SegmentError) -> Self {
        match err {
            SegmentError::Store(err) => err.into(),
            other => Self::Segment(other),
        }
    }
}

/// Result of a templates operation.
pub type Result<T> = std::result::Result<T, TemplatesError>;

/// The templates of one workspace.
#[async_trait]
pub trait Templates: Send + Sync {
    /// One page of templates, last changed first.
    async fn list(&self, scope: &Scope, page: PageRequest) -> Result<Page<Template>>;
    /// One template.
    async fn get(&self, scope: &Scope, id: TemplateId) -> Result<Option<Template>>;
    /// Makes a template. Every placeholder must name something that exists.
    async fn create(&self, scope: &Scope, new: NewTemplate) -> Result<Template>;
    /// Replaces a template.
    async fn update(
        &self,
        scope: &Scope,
        id: TemplateId,
        version: Option<i64>,
        change: NewTemplate,
    ) -> Result<Option<Template>>;
    /// Deletes a template; campaigns made from it keep what was approved. `false` where there is none.
    async fn delete(&self, scope: &Scope, id: TemplateId) -> Result<bool>;
    /// Makes another template of the same content, under `name` or a name of its own; `None` where there is none.
    async fn duplicate(
        &self,
        scope: &Scope,
        id: TemplateId,
        name: Option<String>,
    ) -> Result<Option<Template>>;
    /// One page of the versions of a template, newest first; `None` where there is no such template.
    async fn versions(
        &self,
        scope: &Scope,
        id: TemplateId,
        page: PageRequest,
    ) -> Result<Option<Page<TemplateVersion>>>;
    /// One version with its content.
    async fn version(
        &self,
        scope: &Scope,
        id: TemplateId,
        version: i64,
    ) -> Result<Option<(TemplateVersion, NewTemplate)>>;
    /// Makes the content of a version that of the template again, as a version of its own. `seen` is the version the
    /// caller knows; `None` where there is no such template or version.
    async fn restore(
        &self,
        scope: &Scope,
        id: TemplateId,
        version: i64,
        seen: Option<i64>,
    ) -> Result<Option<Template>>;
    /// How many contacts of a segment have no value for each variable of unsaved content.
    async fn coverage(
        &self,
        scope: &Scope,
        content: &NewTemplate,
        segment: &Segment,
    ) -> Result<Coverage>;
    /// Unsaved content with the body its blocks make.
    async fn source(&self, scope: &Scope, content: &NewTemplate) -> Result<NewTemplate>;
    /// Renders unsaved content for one contact, or for a made-up one.
    async fn preview(
        &self,
        scope: &Scope,
        content: &NewTemplate,
        contact_id: Option<ContactId>,
    ) -> Result<Rendered>;
}

/// Content compiled once and rendered for many contacts.
pub trait Compiled: Send + Sync {
    /// Renders for one contact.
    ///
    /// # Errors
    /// [`TemplatesError::Syntax`] where rendering runs out of fuel or a filter refuses its input.
    fn render(&self, contact: &Contact, context: &RenderContext) -> Result<Rendered>;
}
