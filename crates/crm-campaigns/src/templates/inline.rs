//! Style sheets into the elements they are for: many mail programs read nothing else.

use css_inline::CSSInliner;

use super::document;
use super::marks::{self, Marks};

/// Most comparisons of rules with elements one body may ask for.
const MAX_WORK: usize = 20_000_000;

/// HTML with its `<style>` rules in the elements' `style` attributes; rules for some screens only stay. Nothing is
/// loaded from anywhere.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn run(html: &str) -> Result<String, String> {
    if document::find(html, "<style").is_none() {
        return Ok(html.to_owned());
    }
    let elements = html.bytes().filter(|byte| *byte == b'<').count();
    let rules = html.bytes().filter(|byte| *byte == b'{' || *byte == b',').count();
    if elements.saturating_mul(rules) > MAX_WORK {
        return Err("there are too many style rules for so many elements".to_owned());
    }
    let Some((marks, marked)) = Marks::replace(html) else {
        return Err("the template has private-use characters or too many placeholders".to_owned());
    };
    let guarded = guard(&marked);
    let inliner = CSSInliner::options().load_remote_stylesheets(false).keep_at_rules(true).build();
    let done =
        inliner.inline(&guarded).map_err(|err| format!("the style sheet cannot be read: {err}"))?;
    let done = marks.restore(&unguard(&done));
    Ok(if is_document(html) { done } else { fragment(&done) })
}

fn is_document(html: &str) -> bool {
    document::find(html, "<html").is_some() || document::find(html, "<body").is_some()
}

/// What lies in head and body of a document made from a fragment.
fn fragment(html: &str) -> String {
    let between = |open: &str, close: &str| {
        let start = document::find(html, open)? + open.len();
        let rest = html.get(start..)?;
        rest.rfind(close).and_then(|end| rest.get(..end))
    };
    let head = between("<head>", "</head>").unwrap_or_default();
    let body = between("<body>", "</body>").unwrap_or(html);
    format!("{head}{body}")
}

/// Between the rows and cells of a table a parser keeps comments where they are, and moves any text in front of it.
fn guard(marked: &str) -> String {
    let mut guarded = String::with_capacity(marked.len());
    let mut last_tag = String::new();
    let mut in_tag = false;
    for c in marked.chars() {
        match c {
            '<' => {
                in_tag = true;
                last_tag.clear();
            }
            '>' => in_tag = false,
            _ if in_tag => last_tag.push(c.to_ascii_lowercase()),
            _ if marks::is_mark(c) && is_between_cells(&last_tag) => {
                guarded.push_str("<!--");
                guarded.push(c);
                guarded.push_str("-->");
                continue;
            }
            _ => {}
        }
        guarded.push(c);
    }
    guarded
}

fn is_between_cells(tag: &str) -> bool {
    let name: &str = tag.split(|c: char| c.is_whitespace()).next().unwrap_or_default();
    matches!(
        name,
        "table"
            | "thead"
            | "tbody"
            | "tfoot"
            | "tr"
            | "/td"
            | "/th"
            | "/tr"
            | "/thead"
            | "/tbody"
            | "/tfoot"
            | "/caption"
            | "/colgroup"
    )
}

fn unguard(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<!--") {
        let (before, comment) = rest.split_at(at);
        plain.push_str(before);
        let inside = comment.strip_prefix("<!--").unwrap_or_default();
        let mark = inside.chars().next().filter(|c| marks::is_mark(*c));
        let after = mark.and_then(|c| inside.strip_prefix(c)).and_then(|r| r.strip_prefix("-->"));
        if let (Some(mark), Some(after)) = (mark, after) {
            plain.push(mark);
            rest = after;
        } else {
            plain.push_str("<!--");
            rest = inside;
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_go_into_the_elements_and_rules_for_screens_stay() {
        let html = run(
            "<style>p { color: #123456 } @media (max-width: 400px) { p { color: blue } }</style>\
             <p>Dear {{ contact.first_name | default(\"<you>\") }}</p>\
             <a href=\"{{ unsubscribe_url }}\">x</a>",
        )
        .unwrap();
        assert!(html.contains("<p style=\"color: #123456"), "{html}");
        assert!(html.contains("@media (max-width: 400px)"), "{html}");
        assert!(html.contains("{{ contact.first_name | default(\"<you>\") }}</p>"), "{html}");
        assert!(html.contains("href=\"{{ unsubscribe_url }}\""), "{html}");
        assert!(!html.contains("<html") && !html.contains("<body"), "{html}");
    }

    #[test]
    fn conditions_between_rows_stay_there() {
        let html = run("<style>td { color: red }</style><table><tr><td>a</td></tr>\
             {% if contact.company %}<tr><td>b</td></tr>{% endif %}</table>")
        .unwrap();
        let (at, row, end) = (html.find("{% if"), html.find(">b<"), html.find("{% endif"));
        assert!(html.find("<table") < at && at < row && row < end, "{html}");
        assert!(end < html.find("</table"), "{html}");
    }

    #[test]
    fn a_document_stays_one_and_without_rules_nothing_changes() {
        let html = run("<!doctype html><html><head><title>t</title><style>b{color:red}</style></head><body class=y><b>x</b></body></html>").unwrap();
        assert!(html.contains("<body class=\"y\"><b style=\"color: red"), "{html}");
        for plain in ["<p class=x>a", "<table>{{ email }}</table>"] {
            assert_eq!(run(plain).unwrap(), plain);
        }
        let endless =
            format!("<style>{}</style>{}", "b{} ".repeat(20_000), "<b>x</b>".repeat(2_000));
        assert!(run(&endless).is_err());
    }
}
