//! HTML as plain text.

use html2text::config;

/// Characters in a line.
const WIDTH: usize = 76;

/// The text of an HTML body, with its links as numbered notes below.
pub(super) fn of_html(html: &str) -> String {
    // Mail is laid out with tables; `raw_mode` reads them as running text.
    let converter = config::plain().raw_mode(true).no_link_wrapping().allow_width_overflow();
    let text = converter.string_from_read(html.as_bytes(), WIDTH).unwrap_or_default();
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

/// Adds a paragraph below a text, where there is one to add.
pub(super) fn add_paragraph(text: &mut String, paragraph: &str) {
    if !paragraph.is_empty() {
        text.truncate(text.trim_end().len());
        text.push_str("\n\n");
        text.push_str(paragraph);
    }
}
