//! MJML to HTML, once for a template: placeholders pass through.

use super::document;
use super::marks::Marks;

/// Elements may lie inside each other this deep; the parser goes down by recursion.
const MAX_DEPTH: usize = 100;

/// Turns MJML into a complete HTML document.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn to_html(source: &str) -> Result<String, String> {
    if document::depth(source) > MAX_DEPTH {
        return Err(format!("elements lie inside each other more than {MAX_DEPTH} deep"));
    }
    let Some((marks, marked)) = Marks::replace(source) else {
        return Err("the template has private-use characters or too many placeholders".to_owned());
    };
    // Includes have no loader: a template is one text and reads no other.
    let parsed = mrml::parse(&marked).map_err(|err| format!("this is no valid MJML: {err}"))?;
    let html = parsed.element.render(&mrml::prelude::render::RenderOptions::default());
    html.map(|html| marks.restore(&html)).map_err(|err| format!("this is no valid MJML: {err}"))
}
