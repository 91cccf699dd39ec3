//! MJML to HTML, once for a template: placeholders pass through.

use std::collections::HashMap;

use mrml::prelude::parser::Error;
use mrml::prelude::render::RenderOptions;

use super::document;
use super::marks::{self, Marks};

/// Elements may lie inside each other this deep; the parser goes down by recursion.
const MAX_DEPTH: usize = 100;

/// Turns MJML into a complete HTML document.
///
/// # Errors
/// What is wrong and in which line, in words.
pub(super) fn to_html(source: &str) -> Result<String, String> {
    if document::depth(source) > MAX_DEPTH {
        return Err(format!("elements lie inside each other more than {MAX_DEPTH} deep"));
    }
    let Some((marks, marked)) = Marks::replace(source) else {
        return Err("the template has private-use characters or too many placeholders".to_owned());
    };
    if let Some((at, what)) = wrong_tag(&marked) {
        return Err(told(what, Some(at), &marked, &marks));
    }
    // Includes have no loader: a template is one text and reads no other.
    let parsed = mrml::parse(&marked).map_err(|err| problem(&err, &marked, &marks))?;
    // No fonts: each would be a style sheet from elsewhere, and its server would learn who opened the message.
    let options = RenderOptions { fonts: HashMap::new(), ..RenderOptions::default() };
    let html = parsed.element.render(&options);
    let html = html.map_err(|err| format!("line 1: this is no valid MJML: {err}"))?;
    Ok(marks.restore(&as_written(&html)))
}

/// The renderer writes attributes as Rust writes strings, so that a character it thinks cannot be seen, a line break or
/// a backslash comes out as its escape. This puts them back.
fn as_written(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut chars = html.char_indices().peekable();
    let (mut in_tag, mut in_value) = (false, false);
    while let Some((at, c)) = chars.next() {
        match c {
            '<' if !in_value => {
                in_tag = chars.peek().is_some_and(|(_, next)| next.is_ascii_alphabetic());
            }
            '>' if !in_value => in_tag = false,
            '"' if in_tag => in_value = !in_value,
            '\\' if in_value => {
                let rest = html.get(at + 1..).unwrap_or_default();
                if let Some((character, length)) = escape(rest) {
                    out.push_str(&character);
                    for _ in 0..length {
                        chars.next();
                    }
                    continue;
                }
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

/// What an escape stands for, and how many characters it has behind the backslash.
fn escape(rest: &str) -> Option<(String, usize)> {
    let simple = match rest.chars().next()? {
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        '0' => " ",
        '\\' => "\\",
        '\'' => "'",
        '"' => "&quot;",
        'u' => {
            let digits = rest.strip_prefix("u{")?.split('}').next()?;
            let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            return Some((character.to_string(), digits.len() + 3));
        }
        _ => return None,
    };
    Some((simple.to_owned(), 1))
}

/// Elements of MJML. The parser takes others for HTML and lets them through.
const KNOWN: [&str; 37] = [
    "mj-accordion",
    "mj-accordion-element",
    "mj-accordion-text",
    "mj-accordion-title",
    "mj-all",
    "mj-attributes",
    "mj-body",
    "mj-breakpoint",
    "mj-button",
    "mj-carousel",
    "mj-carousel-image",
    "mj-class",
    "mj-column",
    "mj-divider",
    "mj-font",
    "mj-group",
    "mj-head",
    "mj-hero",
    "mj-html-attribute",
    "mj-html-attributes",
    "mj-image",
    "mj-include",
    "mj-navbar",
    "mj-navbar-link",
    "mj-preview",
    "mj-raw",
    "mj-section",
    "mj-selector",
    "mj-social",
    "mj-social-element",
    "mj-spacer",
    "mj-style",
    "mj-table",
    "mj-text",
    "mj-title",
    "mj-wrapper",
    "mjml",
];

/// The first tag of MJML that is unknown, closes nothing or is never closed.
fn wrong_tag(source: &str) -> Option<(usize, &'static str)> {
    let mut open: Vec<(&str, usize)> = Vec::new();
    let mut comment_ends = 0;
    for (at, _) in source.match_indices('<') {
        if at < comment_ends {
            continue;
        }
        let rest = source.get(at + 1..)?;
        if rest.starts_with("!--") {
            comment_ends = rest.find("-->").map_or(source.len(), |end| at + end);
            continue;
        }
        let inside = rest.split('>').next().unwrap_or_default();
        let is_end = inside.starts_with('/');
        let name = inside.trim_start_matches('/');
        let name = name.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        if !name.starts_with("mj") {
            continue;
        }
        if !KNOWN.contains(&name) {
            return Some((at, "this element is unknown"));
        }
        if is_end {
            match open.pop() {
                Some((last, _)) if last == name => {}
                Some((_, begun)) => return Some((begun, "this element is never closed")),
                None => return Some((at, "this closes nothing")),
            }
        } else if !inside.ends_with('/') {
            open.push((name, at));
        }
    }
    open.pop().map(|(_, at)| (at, "this element is never closed"))
}

/// The parser's message with the line it is about.
fn problem(err: &Error, marked: &str, marks: &Marks) -> String {
    let (what, at) = match err {
        Error::UnexpectedElement { position, .. } => {
            ("this element cannot stand here", Some(position.start))
        }
        Error::UnexpectedToken { position, .. } => ("this cannot stand here", Some(position.start)),
        Error::MissingAttribute { position, .. } => {
            ("an attribute is missing", Some(position.start))
        }
        Error::InvalidAttribute { position, .. } => {
            ("this attribute cannot stand here", Some(position.start))
        }
        Error::InvalidFormat { position, .. } => ("this cannot be read", Some(position.start)),
        Error::IncludeLoaderError { position, .. } => {
            ("mj-include is not available in templates", Some(position.start))
        }
        Error::ParserError { source, .. } => {
            let row = usize::try_from(source.pos().row).unwrap_or(1);
            let before =
                marked.split_inclusive('\n').take(row.saturating_sub(1)).map(str::len).sum();
            ("this cannot be read", Some(before))
        }
        Error::EndOfStream { .. } => ("the end is missing", Some(marked.len())),
        Error::NoRootNode => ("there is no <mjml> element", None),
        Error::SizeLimit { .. } => ("this is too long", None),
    };
    told(what, at, marked, marks)
}

/// What is wrong, with its line and the tag that is there.
fn told(what: &str, at: Option<usize>, marked: &str, marks: &Marks) -> String {
    let Some(at) = at else { return format!("line 1: {what}") };
    let before = marked.get(..at).unwrap_or(marked);
    let line = 1 + before.matches('\n').count() + lines_in_tags(before, marks);
    let here: String = marked.get(at..).unwrap_or_default().chars().take(30).collect();
    let here = here.split(['\n', '>']).next().unwrap_or_default().trim();
    let here = here.trim_start_matches('<').split_whitespace().next().unwrap_or_default();
    if here.is_empty() || here.chars().any(marks::is_mark) {
        format!("line {line}: {what}")
    } else {
        format!("line {line}: {what}: {here}")
    }
}

/// Line breaks inside the placeholders that stand before.
fn lines_in_tags(before: &str, marks: &Marks) -> usize {
    let tags = before.chars().filter_map(|c| marks.tag(c));
    tags.map(|tag| tag.matches('\n').count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_names_its_line() {
        let mjml = |body: &str| {
            format!(
                "<mjml>\n<mj-body>\n<mj-section>\n<mj-column>\n{body}\n</mj-column>\n</mj-section>\n</mj-body>\n</mjml>"
            )
        };
        for (source, line) in [
            (mjml("<mj-text>a</mj-text>\n<mj-tekst>b</mj-tekst>"), 6),
            (mjml("<mj-text>{{ contact.first_name\n\n}}</mj-text>\n<mj-nothing />"), 8),
            (mjml("<mj-text>a"), 5),
            (mjml("</mj-text>"), 4),
            (mjml("<!-- <mj-x>\n -->\n<mj-text color='red\n'>a</mj-text><mj-divider>"), 8),
            ("<mjml>\n<mj-body>\n<mj-section>".to_owned(), 3),
            (mjml("<mj-include path=\"/etc/passwd\" />"), 5),
            ("<p>x</p>".to_owned(), 1),
            (String::new(), 1),
        ] {
            let message = to_html(&source).unwrap_err();
            assert!(message.starts_with(&format!("line {line}:")), "{source}\n{message}");
        }
    }
    #[test]
    fn attributes_come_out_as_they_were_written() {
        let html = to_html(
            "<mjml><mj-body><mj-section><mj-column><mj-image src=\"https://x.example/{{ email }}\" \
             alt=\"Zo\u{eb}, \u{1f469}\u{200d}\u{1f52c} a\\b &quot;c&quot;\" title='{{ contact.company }}' />\
             <mj-button href=\"{{ unsubscribe_url }}\">x</mj-button></mj-column></mj-section></mj-body></mjml>",
        )
        .unwrap();
        assert!(html.contains("src=\"https://x.example/{{ email }}\""), "{html}");
        assert!(html.contains("href=\"{{ unsubscribe_url }}\""), "{html}");
        assert!(html.contains("\u{1f469}\u{200d}\u{1f52c} a\\b &quot;c&quot;\""), "{html}");
        assert!(!html.contains("fonts.googleapis"), "{html}");
    }
}
