//! The HTML document around a body.

use super::language;

/// Whether a text is written in HTML: it has an element.
pub(super) fn looks_like_html(text: &str) -> bool {
    text.split('<').skip(1).any(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') && rest.contains('>')
    })
}

/// Elements whose end may be left out, or that have none: they do not lie inside each other.
const UNNESTED: [&str; 23] = [
    "area", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option",
    "p", "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "wbr",
];

/// How deep elements lie inside each other, counted without reading them exactly. What reads them exactly takes time in
/// the square of it, or goes down by recursion.
pub(super) fn depth(source: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for tag in source.split('<').skip(1) {
        let inside = tag.split('>').next().unwrap_or_default();
        let is_end = inside.starts_with('/');
        let name =
            inside.trim_start_matches('/').split(|c: char| c.is_whitespace() || c == '/').next();
        let name = name.unwrap_or_default().to_ascii_lowercase();
        let is_element = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !is_element || inside.ends_with('/') || UNNESTED.contains(&name.as_str()) {
            continue;
        }
        if is_end {
            depth = depth.saturating_sub(1);
        } else {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    deepest
}

/// A text as HTML paragraph, its line breaks kept; nothing for an empty one.
pub(super) fn paragraph(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = text.lines().map(language::escape).collect();
    format!("<p style=\"margin:24px 0 0\">{}</p>", lines.join("<br>"))
}

/// A text in one line: control characters, line breaks among them, become spaces, and what would turn the direction of
/// the rest of the line is left out. Names in Arabic or Hebrew do not need it.
pub(super) fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let kept = text.chars().filter(|c| !turns(*c));
    let spaced: String = kept.map(|c| if breaks(c) { ' ' } else { c }).collect();
    spaced.trim().to_owned()
}

/// The complete document. `preheader` is shown by mail programs beside the subject and hidden in the message; `below`
/// comes after the body. All but the subject are HTML.
pub(super) fn complete(subject: &str, preheader: &str, body: &str, below: &str) -> String {
    let hidden = hidden(preheader);
    if let Some((head, rest)) = split_after_body_tag(body) {
        let (inner, tail) = split_before_body_end(rest);
        return format!("{head}{hidden}{inner}{below}{tail}");
    }
    if find(body, "<html").is_some() {
        // A document without a body element of its own: mail programs show what follows all the same.
        return format!("{body}{hidden}{below}");
    }
    let title = language::escape(subject);
    format!(
        "<!doctype html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n</head>\n<body>\n{hidden}{body}\n{below}\n</body>\n</html>\n"
    )
}

fn hidden(preheader: &str) -> String {
    let line = one_line(preheader);
    if line.is_empty() {
        return line;
    }
    format!(
        "<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\" \
         aria-hidden=\"true\">{line}</div>\n"
    )
}

/// Where `needle`, in lower case, first occurs, letter case aside.
pub(super) fn find(text: &str, needle: &str) -> Option<usize> {
    let wanted = needle.as_bytes();
    text.as_bytes().windows(wanted.len()).position(|window| window.eq_ignore_ascii_case(wanted))
}

fn split_after_body_tag(html: &str) -> Option<(&str, &str)> {
    let start = find(html, "<body")?;
    let tag = html.get(start..)?;
    html.split_at_checked(start + tag.find('>')? + 1)
}

fn split_before_body_end(html: &str) -> (&str, &str) {
    let wanted = b"</body";
    let at = html
        .as_bytes()
        .windows(wanted.len())
        .rposition(|window| window.eq_ignore_ascii_case(wanted));
    at.and_then(|at| html.split_at_checked(at)).unwrap_or((html, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_becomes_a_document_and_a_document_stays_one() {
        let html = complete("a < b", "hi", "<p>x</p>", "<p>y</p>");
        assert!(html.contains("<title>a &lt; b</title>") && html.contains("<p>x</p>\n<p>y</p>"));
        let html =
            complete("s", "hi", "<html><BODY class=\"a\"><p>x</p></Body></html>", "<i>y</i>");
        assert!(html.starts_with("<html><BODY class=\"a\"><div style="), "{html}");
        assert!(html.ends_with("<p>x</p><i>y</i></Body></html>"), "{html}");
    }

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(one_line(" a\r\nBcc: x\u{7} "), "a  Bcc: x");
        assert_eq!(one_line("a\u{202e}cod\u{2066}\u{2028}b\u{0}c\u{200f}"), "acod b c\u{200f}");
    }
}
