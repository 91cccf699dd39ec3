//! Where the records of a CSV file begin and end.
//!
//! The `csv` crate reads the fields of a record, but it takes any text for a CSV: a quote that is never closed makes it
//! swallow the rest of the file as one field. Here records are told apart first, so that such a quote costs the one
//! line it stands in, and no record needs more memory than [`MAX_RECORD`].

use std::io::{self, Read};

use super::decode::Decoded;

/// Longest record, in bytes of UTF-8.
const MAX_RECORD: usize = 1024 * 1024;
/// How much of a broken line is kept, in bytes.
const KEPT: usize = 8 * 1024;

/// A record, or a line that is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Raw<'a> {
    /// The text of a well-formed record without its line end.
    Record(&'a str),
    /// A line that cannot be read, and why.
    Broken(&'a str, &'static str),
}

/// Splits decoded text into records.
pub(super) struct Records<R> {
    source: Decoded<R>,
    text: String,
    at: usize,
    delimiter: u8,
    ended: bool,
}

/// What the text from some place on holds.
#[derive(Debug, PartialEq, Eq)]
enum Scan {
    /// A record up to `end`; the next one begins at `next`.
    Record { end: usize, next: usize },
    /// A line up to `end` that is no record, and why.
    Broken { end: usize, next: usize, why: &'static str },
    /// More text is needed to tell.
    More,
}

/// Reasons as a person reads them.
pub(super) const UNCLOSED: &str = "a quotation mark is opened in this row and never closed";
const AFTER_QUOTE: &str = "text follows a closing quotation mark";
const TOO_LONG: &str = "the row is longer than 1 MiB";

/// Whether a reason is one of those for which a line is no record.
pub(super) fn is_no_record(reason: &str) -> bool {
    [UNCLOSED, AFTER_QUOTE, TOO_LONG].contains(&reason)
}

impl<R: Read> Records<R> {
    /// Splits `source` at line ends outside quotes; `delimiter` is an ASCII character.
    pub(super) fn new(source: Decoded<R>, delimiter: char) -> Self {
        let delimiter = u8::try_from(delimiter).unwrap_or(b',');
        Self { source, text: String::new(), at: 0, delimiter, ended: false }
    }

    /// The next record; lines without any character are passed over.
    pub(super) fn next(&mut self) -> io::Result<Option<Raw<'_>>> {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            if rest.is_empty() && self.ended {
                return Ok(None);
            }
            match scan(rest.as_bytes(), self.delimiter, self.ended) {
                Scan::Record { end, next } if end > 0 => {
                    let start = self.at;
                    self.at += next;
                    return Ok(self.text.get(start..start + end).map(Raw::Record));
                }
                Scan::Record { next, .. } => self.at += next,
                Scan::Broken { end, next, why } => {
                    let start = self.at;
                    self.at += next;
                    let line = self.text.get(start..start + end).unwrap_or_default();
                    return Ok(Some(Raw::Broken(cut(line, KEPT), why)));
                }
                Scan::More if rest.len() > MAX_RECORD => {
                    // A record cut off at the limit: its first line is given up and reading goes on after it.
                    match line_end(rest.as_bytes(), self.ended) {
                        Some((end, next)) => {
                            let start = self.at;
                            self.at += next;
                            let line = self.text.get(start..start + end).unwrap_or_default();
                            let why = if end > MAX_RECORD { TOO_LONG } else { UNCLOSED };
                            return Ok(Some(Raw::Broken(cut(line, KEPT), why)));
                        }
                        None => return self.give_up_line().map(Some),
                    }
                }
                Scan::More => self.fill()?,
            }
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.text.drain(..self.at);
        self.at = 0;
        self.ended = !self.source.fill(&mut self.text)?;
        Ok(())
    }

    /// Passes over a line longer than the limit, keeping its beginning.
    fn give_up_line(&mut self) -> io::Result<Raw<'_>> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let kept = cut(rest, KEPT).to_owned();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            if let Some((_, next)) = line_end(rest.as_bytes(), self.ended) {
                // The line's beginning is put where it is not in the way of what follows.
                let following = self.text.get(self.at + next..).unwrap_or_default();
                self.text = format!("{kept}{following}");
                self.at = kept.len();
                let line = self.text.get(..self.at).unwrap_or_default();
                return Ok(Raw::Broken(line, TOO_LONG));
            }
            // A carriage return at the very end may be half of a line end.
            let half = usize::from(rest.ends_with('\r'));
            self.at = self.text.len() - half;
            self.fill()?;
        }
    }
}

/// `text` cut to at most `most` bytes, between characters.
fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}

/// Where the line that `bytes` begin with ends, and where the next one begins.
fn line_end(bytes: &[u8], ended: bool) -> Option<(usize, usize)> {
    let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
        return ended.then_some((bytes.len(), bytes.len()));
    };
    after_line_end(bytes, end, ended).map(|next| (end, next))
}

/// Where the line after the line end at `end` begins; `None` where that cannot be told yet.
fn after_line_end(bytes: &[u8], end: usize, ended: bool) -> Option<usize> {
    match (bytes.get(end), bytes.get(end + 1)) {
        (Some(b'\r'), Some(b'\n')) => Some(end + 2),
        (Some(b'\r'), None) if !ended => None,
        _ => Some(end + 1),
    }
}

/// Place in a record.
#[derive(Clone, Copy)]
enum Place {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote inside a quoted field: its end, or the first half of a doubled one.
    Quote,
    /// White space after a closing quote.
    Closed,
}

/// Finds the end of the record that `bytes` begin with. `ended` says that no more will come.
fn scan(bytes: &[u8], delimiter: u8, ended: bool) -> Scan {
    let mut place = Place::FieldStart;
    for (at, &byte) in bytes.iter().enumerate() {
        let newline = matches!(byte, b'\n' | b'\r');
        place = match place {
            Place::Quoted => {
                if byte == b'"' {
                    Place::Quote
                } else {
                    Place::Quoted
                }
            }
            _ if newline => {
                return after_line_end(bytes, at, ended)
                    .map_or(Scan::More, |next| Scan::Record { end: at, next });
            }
            _ if byte == delimiter => Place::FieldStart,
            Place::FieldStart | Place::Quote if byte == b'"' => Place::Quoted,
            Place::FieldStart | Place::Plain => Place::Plain,
            Place::Quote | Place::Closed if byte == b' ' => Place::Closed,
            Place::Quote | Place::Closed => {
                return line_end(bytes, ended).map_or(Scan::More, |(end, next)| Scan::Broken {
                    end,
                    next,
                    why: AFTER_QUOTE,
                });
            }
        };
    }
    if !ended {
        return Scan::More;
    }
    if matches!(place, Place::Quoted) {
        return line_end(bytes, true).map_or(Scan::More, |(end, next)| Scan::Broken {
            end,
            next,
            why: UNCLOSED,
        });
    }
    Scan::Record { end: bytes.len(), next: bytes.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut records = Records::new(Decoded::new(text.as_bytes(), "UTF-8"), ',');
        let mut found = Vec::new();
        while let Some(raw) = records.next().unwrap() {
            found.push(match raw {
                Raw::Record(text) => text.to_owned(),
                Raw::Broken(line, why) => format!("!{}: {why}", cut(line, 20)),
            });
        }
        found
    }

    #[test]
    fn line_ends_of_every_kind_and_inside_quotes() {
        assert_eq!(
            all("a,b\r\n\r\n1,\"x\ny\"\r2,\"\"\"q\"\"\"\n"),
            ["a,b", "1,\"x\ny\"", "2,\"\"\"q\"\"\""]
        );
        assert_eq!(all("a\rb\r"), ["a", "b"]);
        assert_eq!(all(""), Vec::<String>::new());
        assert_eq!(all("a,5\" pipe\nb"), ["a,5\" pipe", "b"]);
    }

    #[test]
    fn a_stray_quote_costs_one_line() {
        assert_eq!(
            all("a,\"b\nc,d\ne,f"),
            [format!("!a,\"b: {UNCLOSED}"), "c,d".into(), "e,f".into()]
        );
        assert_eq!(
            all("\"a,b\n\"c\",d\ne,f\n"),
            [format!("!\"a,b: {AFTER_QUOTE}"), "\"c\",d".into(), "e,f".into()]
        );
        assert_eq!(all("\"a\"x,b\nc"), [format!("!\"a\"x,b: {AFTER_QUOTE}"), "c".into()]);
        assert_eq!(all("\"never closed,"), [format!("!\"never closed,: {UNCLOSED}")]);
    }

    #[test]
    fn records_longer_than_the_limit_cost_their_line() {
        let long = "x".repeat(3 * MAX_RECORD);
        let text = format!("{long}\r\nb,c\n\"open\n{}", "d,e\n".repeat(MAX_RECORD / 2));
        let found = all(&text);
        assert_eq!(found.len(), 3 + MAX_RECORD / 2);
        assert!(found[0].ends_with(TOO_LONG) && found[2].ends_with(UNCLOSED), "{:?}", &found[..3]);
        assert_eq!((found[1].as_str(), found[3].as_str()), ("b,c", "d,e"));
    }
}
