//! What a message is made of: typed text, or a template as it is.

use crm_contacts::Contact;
use crm_core::{ContactId, Scope, TemplateId};
use sea_orm::EntityTrait as _;

use super::{Draft, MessagesError, NewMessage, Result};
use crate::campaigns::deps::{Deps, contacts_failed};
use crate::entity::templates;
use crate::templates::compile::{self, CompiledContent, Known};
use crate::templates::{
    self as content, Channel, Compiled as _, Format, NewTemplate, RenderContext, Rendered,
    TemplatesError,
};

/// Longest subject, in characters.
const MAX_SUBJECT: usize = 300;
/// Longest text, in characters.
const MAX_BODY: usize = 100_000;
/// Longest text message, in characters: what providers take.
const MAX_TEXT: usize = 1_600;
/// Longest name of a message, in characters.
const MAX_NAME: usize = 60;

/// The content of a message.
pub(super) async fn content(deps: &Deps, scope: &Scope, new: &NewMessage) -> Result<NewTemplate> {
    let chosen = match new.template_id {
        None => None,
        Some(id) => {
            let found = template(deps, scope, id).await?;
            let found = found.filter(|template| template.channel == new.channel);
            Some(found.ok_or(MessagesError::InvalidTemplate)?)
        }
    };
    match new.channel {
        Channel::Email => email(new, chosen),
        Channel::Text => text(new, chosen),
    }
}

fn email(new: &NewMessage, chosen: Option<NewTemplate>) -> Result<NewTemplate> {
    let typed = new.subject.trim();
    let subject = match &chosen {
        Some(template) if typed.is_empty() => template.subject.clone(),
        _ => typed.to_owned(),
    };
    if subject.is_empty()
        || subject.chars().count() > MAX_SUBJECT
        || subject.chars().any(char::is_control)
    {
        return Err(MessagesError::InvalidSubject);
    }
    let body = new.body.trim();
    if body.chars().count() > MAX_BODY {
        return Err(MessagesError::InvalidBody(Channel::Email));
    }
    match chosen {
        Some(template) if body.is_empty() => {
            Ok(NewTemplate { name: subject.clone(), subject, ..template })
        }
        _ if body.is_empty() => Err(MessagesError::InvalidBody(Channel::Email)),
        _ => Ok(NewTemplate {
            name: subject.clone(),
            channel: Channel::Email,
            format: Format::Html,
            subject,
            body_html: html(body),
            body_text: body.replace("\r\n", "\n"),
            ..NewTemplate::default()
        }),
    }
}

/// A text message has no subject; in lists it is called by its first words.
fn text(new: &NewMessage, chosen: Option<NewTemplate>) -> Result<NewTemplate> {
    let body = new.body.trim();
    match chosen {
        Some(template) if body.is_empty() => Ok(template),
        _ if body.is_empty() || body.chars().count() > MAX_TEXT => {
            Err(MessagesError::InvalidBody(Channel::Text))
        }
        _ => Ok(NewTemplate {
            name: body
                .chars()
                .take(MAX_NAME)
                .map(|c| if c.is_control() { ' ' } else { c })
                .collect(),
            channel: Channel::Text,
            body_text: body.replace("\r\n", "\n"),
            ..NewTemplate::default()
        }),
    }
}

async fn template(deps: &Deps, scope: &Scope, id: TemplateId) -> Result<Option<NewTemplate>> {
    let row = deps.ctx.db.one(scope, templates::Entity::find_by_id(id)).await?;
    Ok(row.map(content::stored_content).transpose()?)
}

/// Typed text as HTML: empty lines part paragraphs. Quotes stay as they are, since placeholders are written with them.
fn html(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    paragraphs.fold(String::new(), |html, paragraph| {
        html + "<p>" + &paragraph.replace('\n', "<br>") + "</p>"
    })
}

/// Compiles content, with what is wrong said about the fields of a message.
///
/// # Errors
/// [`MessagesError::Content`] where a placeholder is wrong.
pub(super) async fn compiled(
    deps: &Deps,
    scope: &Scope,
    content: &NewTemplate,
) -> Result<CompiledContent> {
    let fields = deps.contacts.custom_field_names(scope).await.map_err(contacts_failed)?;
    let field = |field: &str| if field == "subject" { "subject" } else { "body" };
    match compile::compile(content, Known::Fields(&fields)) {
        Ok(compiled) => Ok(compiled.without_footer()),
        Err(TemplatesError::UnknownVariable { field: of, variable }) => {
            let field = field(of);
            Err(TemplatesError::UnknownVariable { field, variable }.into())
        }
        Err(TemplatesError::Syntax { field: of, message }) => {
            Err(TemplatesError::Syntax { field: field(of), message }.into())
        }
        Err(other) => Err(other.into()),
    }
}

/// The message as this contact gets it.
///
/// # Errors
/// [`MessagesError::Content`] where it cannot be rendered.
pub(super) async fn rendered(
    deps: &Deps,
    scope: &Scope,
    compiled: &CompiledContent,
    contact: &Contact,
) -> Result<Rendered> {
    let imprint = deps.imprint(scope).await?;
    let context = RenderContext {
        workspace_name: imprint.name,
        postal_address: imprint.postal_address,
        unsubscribe_url: "mailto:".to_owned(),
    };
    Ok(compiled.render(contact, &context)?)
}

/// A template as this contact would read it, to be gone on with.
pub(super) async fn draft(
    deps: &Deps,
    scope: &Scope,
    contact_id: ContactId,
    template_id: TemplateId,
) -> Result<Option<Draft>> {
    let contact = deps.contacts.get(scope, contact_id).await.map_err(contacts_failed)?;
    let (Some(contact), Some(content)) = (contact, template(deps, scope, template_id).await?)
    else {
        return Ok(None);
    };
    let compiled = compiled(deps, scope, &content).await?;
    let rendered = rendered(deps, scope, &compiled, &contact).await?;
    Ok(Some(Draft { subject: rendered.subject, body: rendered.text.trim().to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn typed_text_is_text_and_keeps_its_placeholders() {
        let typed = "Hi {{ contact.first_name | default(\"you\") }},\r\n1 < 2 & 3\r\n\r\n<b>no</b>";
        let made = "<p>Hi {{ contact.first_name | default(\"you\") }},<br>1 &lt; 2 &amp; 3</p><p>&lt;b&gt;no&lt;/b&gt;</p>";
        assert_eq!(html(typed), made);
    }
}
