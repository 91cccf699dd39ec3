//! The lines of a file as bytes, since each property of an old card may have a charset of its own.

use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::Encoding;

use super::super::decode::Decoded;

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;
/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// Where the bytes come from.
enum Source<R> {
    /// As they are in the file.
    Plain(BufReader<R>),
    /// UTF-16 made UTF-8: there is no line end to be found in its bytes.
    Wide { source: Decoded<R>, text: String, at: usize },
}

impl<R: Read> Source<R> {
    /// What can be looked at; nothing at the end.
    fn buffer(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain(source) => source.fill_buf(),
            Self::Wide { source, text, at } => {
                if *at == text.len() {
                    text.clear();
                    *at = 0;
                    while text.is_empty() && source.fill(text)? {}
                }
                Ok(text.as_bytes().get(*at..).unwrap_or_default())
            }
        }
    }

    fn consume(&mut self, bytes: usize) {
        match self {
            Self::Plain(source) => source.consume(bytes),
            Self::Wide { at, .. } => *at += bytes,
        }
    }
}

/// Splits a file at its line ends of every kind.
pub(super) struct Lines<R> {
    source: Source<R>,
    begun: bool,
}

impl<R: Read> Lines<R> {
    /// The lines of `source`. Those of a file in UTF-16 are given in UTF-8.
    pub(super) fn new(source: R, encoding: &'static Encoding) -> Self {
        let source = if encoding.name().starts_with("UTF-16") {
            let source = Decoded::new(source, encoding.name());
            Source::Wide { source, text: String::new(), at: 0 }
        } else {
            Source::Plain(BufReader::with_capacity(CHUNK, source))
        };
        Self { source, begun: false }
    }

    /// Puts the next line without its end into `line`, but no more than `most` bytes of it. Answers whether that is not
    /// all of it; `None` at the end.
    pub(super) fn next(&mut self, line: &mut Vec<u8>, most: usize) -> io::Result<Option<bool>> {
        line.clear();
        let (mut any, mut is_cut) = (false, false);
        loop {
            let bytes = match self.source.buffer() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if bytes.is_empty() {
                return Ok(any.then_some(is_cut));
            }
            any = true;
            let end = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default();
            let kept = part.get(..most.saturating_sub(line.len())).unwrap_or(part);
            line.extend_from_slice(kept);
            is_cut |= kept.len() < part.len();
            let is_half = end.and_then(|end| bytes.get(end)) == Some(&b'\r');
            let used = part.len() + usize::from(end.is_some());
            self.source.consume(used);
            if end.is_some() {
                if is_half && self.source.buffer()?.first() == Some(&b'\n') {
                    self.source.consume(1);
                }
                if !self.begun && line.starts_with(MARK) {
                    line.drain(..MARK.len());
                }
                self.begun = true;
                return Ok(Some(is_cut));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_8, UTF_16LE};

    use super::*;

    fn all(bytes: &[u8], encoding: &'static Encoding) -> Vec<(String, bool)> {
        let mut lines = Lines::new(bytes, encoding);
        let (mut line, mut found) = (Vec::new(), Vec::new());
        while let Some(is_cut) = lines.next(&mut line, 4).unwrap() {
            found.push((String::from_utf8(line.clone()).unwrap(), is_cut));
        }
        found
    }

    #[test]
    fn line_ends_of_every_kind_and_no_line_longer_than_asked() {
        let found = all(b"\xef\xbb\xbfa\r\n\r\nlonger\rb\nc", UTF_8);
        let found: Vec<_> = found.iter().map(|(line, is_cut)| (line.as_str(), *is_cut)).collect();
        // The mark counts as long as it is there.
        assert_eq!(found, [("a", false), ("", false), ("long", true), ("b", false), ("c", false)]);
        let wide: Vec<u8> = "\u{feff}a\r\nbé".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(all(&wide, UTF_16LE), [("a".to_owned(), false), ("bé".to_owned(), false)]);
    }
}
