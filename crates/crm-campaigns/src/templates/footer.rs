//! What stands below messages to many that do not say it themselves: how to unsubscribe, and where the sender is reached
//! by post.

use super::Result;
use super::compile::part;
use super::language::{Known, Program, Variable};

/// How to unsubscribe.
const UNSUBSCRIBE_HTML: &str = "<p style=\"margin:24px 0 0;font-size:12px;color:#6b7280\">\
    You get this message from {{ workspace.name }}. <a href=\"{{ unsubscribe_url }}\" \
    style=\"color:#6b7280\">Unsubscribe</a></p>";
const UNSUBSCRIBE_TEXT: &str =
    "You get this message from {{ workspace.name }}.\nUnsubscribe: {{ unsubscribe_url }}\n";

/// Where the sender is reached; nothing where the workspace has not said.
const ADDRESS_HTML: &str = "{% if workspace.postal_address %}\
    <p style=\"margin:8px 0 0;font-size:12px;color:#6b7280\">{{ workspace.postal_address }}</p>{% endif %}";
const ADDRESS_TEXT: &str =
    "{% if workspace.postal_address %}{{ workspace.postal_address }}\n{% endif %}";

/// What parts the text from what stands below it.
const RULE: &str = "\n\n-- \n";

/// The lines below a message.
#[derive(Debug, Clone)]
pub(super) struct Footer {
    pub(super) html: Program,
    pub(super) text: Program,
}

/// The footer of a message with this body, this text part and this signature; `None` where they say it all.
pub(super) fn of(
    [body, text, signature]: [&Program; 3],
    known: Known<'_>,
) -> Result<Option<Footer>> {
    let holds = |parts: [&Program; 2], is: fn(&Variable) -> bool| {
        parts.iter().any(|part| part.variables.iter().any(is))
    };
    let unsubscribes = holds([body, signature], Variable::is_unsubscribe_url);
    let address_in_html = holds([body, signature], Variable::is_postal_address);
    let address_in_text = holds([text, signature], Variable::is_postal_address);
    if unsubscribes && address_in_html && address_in_text {
        return Ok(None);
    }
    let pick = |left_out: bool, part: &'static str| if left_out { "" } else { part };
    let html = [pick(unsubscribes, UNSUBSCRIBE_HTML), pick(address_in_html, ADDRESS_HTML)];
    let text = match (unsubscribes, address_in_text) {
        (true, true) => String::new(),
        (true, false) => {
            format!("{{% if workspace.postal_address %}}{RULE}{{% endif %}}{ADDRESS_TEXT}")
        }
        (false, said) => format!("{RULE}{UNSUBSCRIBE_TEXT}{}", pick(said, ADDRESS_TEXT)),
    };
    Ok(Some(Footer {
        html: part("body_html", &html.concat(), known)?,
        text: part("body_text", &text, known)?,
    }))
}
