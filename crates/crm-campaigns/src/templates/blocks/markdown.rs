//! The Markdown of blocks as HTML. Placeholders pass through; HTML written in it is shown, not used.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::super::language;
use super::super::marks::{self, Marks};

/// Schemes a link may have; another one is no link but its text.
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// HTML of a text with placeholders.
///
/// # Errors
/// In words, where the text has characters that stand for placeholders.
pub(super) fn to_html(text: &str) -> Result<String, String> {
    let Some((marks, marked)) = Marks::replace(text) else {
        return Err("the text has private-use characters".to_owned());
    };
    let mut links: Vec<bool> = Vec::new();
    let mut events = Vec::new();
    for event in Parser::new_ext(&marked, Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Html(raw) | Event::InlineHtml(raw) => events.push(Event::Text(raw)),
            // A line is a line: this is written by people who press Enter.
            Event::SoftBreak => events.push(Event::HardBreak),
            Event::Start(Tag::Link { dest_url, title, .. }) => {
                let is_link = is_link(&dest_url);
                links.push(is_link);
                if is_link {
                    events.push(Event::InlineHtml(opening(&dest_url, &title)));
                }
            }
            Event::End(TagEnd::Link) => {
                if links.pop().unwrap_or_default() {
                    events.push(Event::InlineHtml(CowStr::Borrowed("</a>")));
                }
            }
            // A picture is a block of its own; here its description stands.
            Event::Start(Tag::Image { .. } | Tag::HtmlBlock)
            | Event::End(TagEnd::Image | TagEnd::HtmlBlock) => {}
            other => events.push(other),
        }
    }
    let mut made = String::with_capacity(marked.len() + 64);
    html::push_html(&mut made, events.into_iter());
    Ok(marks.restore(&made))
}

fn is_link(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    address.starts_with(marks::is_mark) || SCHEMES.iter().any(|scheme| lower.starts_with(scheme))
}

fn opening(address: &str, title: &str) -> CowStr<'static> {
    let title = match title {
        "" => String::new(),
        title => format!(" title=\"{}\"", language::escape(title)),
    };
    CowStr::from(format!("<a href=\"{}\"{title}>", language::escape(address)))
}

/// A line with placeholders, its other characters so that HTML shows them.
///
/// # Errors
/// As [`to_html`].
pub(super) fn escaped(text: &str) -> Result<String, String> {
    let Some((marks, marked)) = Marks::replace(text.trim()) else {
        return Err("the text has private-use characters".to_owned());
    };
    Ok(marks.restore(&language::escape(&marked)))
}
