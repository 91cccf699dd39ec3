//! Where the cards of a file begin and end.

use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_8};

use super::lines::Lines;
use super::property::Property;
use super::{KEPT, MAX_CARD, NO_PROPERTY, OUTSIDE, TOO_LONG, UNENDED, cut};

/// The text of a card, or a text that is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// From `BEGIN:VCARD` to `END:VCARD`, a property a line.
    Whole(String),
    /// Another text, and why it is no card.
    Broken(String, &'static str),
}

/// Splits a file into cards.
pub(crate) struct Cards<R> {
    lines: Lines<R>,
    line: Vec<u8>,
    /// Whether `line` is still to be read.
    is_back: bool,
    encoding: &'static Encoding,
}

/// A card whose lines are being read.
struct Reading {
    text: String,
    property: Option<Property>,
    broken: Option<&'static str>,
    /// Cards inside an AGENT that have not ended.
    inner: usize,
    encoding: &'static Encoding,
}

impl<R: Read> Cards<R> {
    /// The cards of `source`; an unknown name of an encoding means UTF-8.
    pub(crate) fn new(source: R, encoding: &str) -> Self {
        let encoding = Encoding::for_label(encoding.as_bytes()).unwrap_or(UTF_8);
        let lines = Lines::new(source, encoding);
        Self { lines, line: Vec::new(), is_back: false, encoding }
    }

    /// Passes over a card; `false` at the end.
    pub(crate) fn skip(&mut self) -> io::Result<bool> {
        Ok(self.next()?.is_some())
    }

    /// The next card. Text between two of them is one that is broken.
    pub(super) fn next(&mut self) -> io::Result<Option<Raw>> {
        if let Some(strays) = self.begin()? {
            return Ok(Some(Raw::Broken(strays, OUTSIDE)));
        }
        if !is_begin(&self.line) {
            return Ok(None);
        }
        let mut card = Reading::new(self.encoding);
        loop {
            let Some(is_cut) = self.read()? else {
                return Ok(Some(card.unended()));
            };
            if is_begin(&self.line) && !card.enters() {
                self.is_back = true;
                return Ok(Some(card.unended()));
            }
            if !is_end(&self.line) {
                card.take(&self.line, is_cut);
            } else if card.leaves() {
                self.line.clear();
                return Ok(Some(card.ended()));
            }
        }
    }

    /// Reads up to the first line of a card, or to the end. Answers with what stands before it.
    fn begin(&mut self) -> io::Result<Option<String>> {
        let mut strays = String::new();
        while self.read()?.is_some() && !is_begin(&self.line) {
            let line = String::from_utf8_lossy(&self.line);
            // Old programs of DOS end a file with a character of its own.
            let text = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{1a}');
            if !text.is_empty() && strays.len() < KEPT {
                strays.push_str(text);
                strays.push('\n');
            }
        }
        if strays.is_empty() {
            return Ok(None);
        }
        self.is_back = is_begin(&self.line);
        Ok(Some(cut(strays)))
    }

    fn read(&mut self) -> io::Result<Option<bool>> {
        if std::mem::take(&mut self.is_back) {
            return Ok(Some(false));
        }
        self.lines.next(&mut self.line, MAX_CARD)
    }
}

impl Reading {
    fn new(encoding: &'static Encoding) -> Self {
        Self { text: "BEGIN:VCARD\n".to_owned(), property: None, broken: None, inner: 0, encoding }
    }

    /// Whether a card that begins here is inside this one. Only an agent of vCard 2.1 may be.
    fn enters(&mut self) -> bool {
        let is_agent = self.property.as_ref().is_some_and(|property| property.name == "AGENT");
        self.inner += usize::from(is_agent);
        is_agent
    }

    /// Whether the card that ends here is this one.
    fn leaves(&mut self) -> bool {
        let is_own = self.inner == 0;
        self.inner = self.inner.saturating_sub(1);
        is_own
    }

    fn take(&mut self, line: &[u8], is_cut: bool) {
        // Spaces at the beginning of a line make it a part of the one before.
        let is_blank = line.trim_ascii().is_empty() && (line.is_empty() || self.property.is_none());
        if self.inner > 0 || is_blank {
            // An empty line may still be the end of a value.
            self.property.as_mut().map(|property| property.goes_on(b""));
            return;
        }
        let kept = self.text.len() + self.property.as_ref().map_or(0, Property::len);
        let is_too_long = is_cut || kept + line.len() > MAX_CARD;
        let goes_on = self.property.as_mut().is_some_and(|property| match line {
            [b' ' | b'\t', rest @ ..] => {
                property.push(if is_too_long { b"" } else { rest });
                true
            }
            // Some programs do not fold what is binary.
            line if property.is_dropped => !line.contains(&b':'),
            line => !is_too_long && property.goes_on(line),
        });
        if !goes_on {
            self.finish();
            self.property = Some(Property::new(line));
        }
        let is_kept = self.property.as_ref().is_some_and(|property| !property.is_dropped);
        if is_too_long && is_kept {
            self.broken = Some(TOO_LONG);
            // What cannot be used need not be kept. Lines that go on with it find a property that takes nothing.
            self.property = Some(Property::new(b"KEY:"));
        }
    }

    /// Puts the property that has been read to the others.
    fn finish(&mut self) {
        let Some(property) = self.property.take() else { return };
        if property.is_dropped {
            return;
        }
        let line = property.text(self.encoding).unwrap_or_else(|| {
            self.broken.get_or_insert(NO_PROPERTY);
            property.shown(self.encoding)
        });
        self.text.push_str(&line);
        self.text.push('\n');
    }

    fn ended(mut self) -> Raw {
        self.finish();
        self.text.push_str("END:VCARD\n");
        match self.broken {
            Some(why) => Raw::Broken(cut(self.text), why),
            None => Raw::Whole(self.text),
        }
    }

    fn unended(mut self) -> Raw {
        self.finish();
        Raw::Broken(cut(self.text), self.broken.unwrap_or(UNENDED))
    }
}

fn is_begin(line: &[u8]) -> bool {
    line.trim_ascii().eq_ignore_ascii_case(b"BEGIN:VCARD") && !is_folded(line)
}

fn is_end(line: &[u8]) -> bool {
    line.trim_ascii().eq_ignore_ascii_case(b"END:VCARD") && !is_folded(line)
}

/// Whether a line goes on with the one before it.
fn is_folded(line: &[u8]) -> bool {
    matches!(line, [b' ' | b'\t', ..])
}
