//! What somebody wrote, as plain text that is safe to keep and to show.

/// Most characters that are kept; the timeline takes no more.
const MOST: usize = 20_000;
/// Most characters of a subject.
const SUBJECT: usize = 300;

/// A subject in one line.
pub(super) fn subject(text: &str) -> String {
    let text: String = clean(text).chars().map(|c| if c == '\n' { ' ' } else { c }).collect();
    let text = text.trim();
    if text.is_empty() { "(no subject)".to_owned() } else { cut(text, SUBJECT) }
}

/// The text of an answer without what it answers, where that follows it in quotes.
pub(super) fn answer(text: &str) -> String {
    let text = clean(text);
    let own = without_quote(&text);
    // Somebody who answers between the lines of the quote, or adds nothing, keeps all of it.
    let text = if own.trim().is_empty() { text.as_str() } else { own };
    cut(text.trim(), MOST)
}

/// Without characters that no text has or that turn the direction of a line. PostgreSQL keeps no NUL.
fn clean(text: &str) -> String {
    let is_odd = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace("\r\n", "\n").chars().filter(|c| !is_odd(*c)).collect()
}

/// What stands before a quote that goes on to the end, and before the line that introduces it.
fn without_quote(text: &str) -> &str {
    let is_quoted = |line: &str| line.starts_with('>') || line.trim().is_empty();
    let mut end = text.len();
    let mut quoted = false;
    for line in text.split_inclusive('\n').rev() {
        if !is_quoted(line) {
            break;
        }
        quoted |= line.starts_with('>');
        end -= line.len();
    }
    let Some(own) = text.get(..end).filter(|_| quoted) else { return text };
    // "On Monday, Ada wrote:", which long addresses spread over two lines.
    let trimmed = own.trim_end();
    if !trimmed.ends_with(':') {
        return own;
    }
    let paragraph = trimmed.rfind("\n\n").map_or(0, |at| at + 2);
    match trimmed.get(paragraph..) {
        Some(last) if last.lines().count() <= 3 => trimmed.get(..paragraph).unwrap_or(own),
        _ => own,
    }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quote_at_the_end_is_left_out() {
        let mail = "Yes, please.\r\n\r\nAda\r\n\r\nOn Mon, 23 Nov 2026 at 09:00, Acme\r\n<hello@acme.example> wrote:\r\n\r\n> Dear Ada,\r\n>\r\n> rye?\r\n";
        assert_eq!(answer(mail), "Yes, please.\n\nAda");
        assert_eq!(answer("> Dear Ada,\nyes\n> rye?\n"), "> Dear Ada,\nyes");
        assert_eq!(answer("> only a quote\n"), "> only a quote");
        assert_eq!(answer("No quote:\nbut a colon"), "No quote:\nbut a colon");
    }

    #[test]
    fn nothing_odd_is_kept() {
        assert_eq!(answer("a\0b\u{202e}c\u{7}\td"), "abc\td");
        assert_eq!(subject(" Re:\n\tnews \u{2066}\0 "), "Re: \tnews");
        assert_eq!(subject("\0"), "(no subject)");
        assert_eq!(answer(&"ü".repeat(100_000)).chars().count(), MOST);
        assert_eq!(answer(""), "");
    }
}
