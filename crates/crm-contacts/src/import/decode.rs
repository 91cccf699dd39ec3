//! A file's bytes as text, a chunk at a time, whatever encoding it is written in.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;

/// Decodes a byte stream. A byte order mark is dropped; bytes that are no character become U+FFFD.
pub(super) struct Decoded<R> {
    source: R,
    decoder: Decoder,
    bytes: Box<[u8]>,
    finished: bool,
}

impl<R: Read> Decoded<R> {
    /// Reads `source` in the encoding with this WHATWG name; an unknown name means UTF-8.
    pub(super) fn new(source: R, encoding: &str) -> Self {
        let encoding = Encoding::for_label(encoding.as_bytes()).unwrap_or(UTF_8);
        Self {
            source,
            decoder: encoding.new_decoder_with_bom_removal(),
            bytes: vec![0; CHUNK].into_boxed_slice(),
            finished: false,
        }
    }

    /// Appends the next chunk to `text`; `false` once everything was read.
    pub(super) fn fill(&mut self, text: &mut String) -> io::Result<bool> {
        if self.finished {
            return Ok(false);
        }
        let read = loop {
            match self.source.read(&mut self.bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.finished = read == 0;
        let mut rest = self.bytes.get(..read).unwrap_or_default();
        loop {
            let room = self.decoder.max_utf8_buffer_length(rest.len()).unwrap_or(CHUNK * 3);
            text.reserve(room);
            let (result, used, _) = self.decoder.decode_to_string(rest, text, self.finished);
            rest = rest.get(used..).unwrap_or_default();
            if result == CoderResult::InputEmpty {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], encoding: &str) -> String {
        let mut decoded = Decoded::new(bytes, encoding);
        let mut text = String::new();
        while decoded.fill(&mut text).unwrap() {}
        text
    }

    #[test]
    fn every_encoding_becomes_the_same_text() {
        assert_eq!(text(b"\xef\xbb\xbfn\xc3\xa4he", "UTF-8"), "nähe");
        assert_eq!(text(b"n\xe4he", "windows-1252"), "nähe");
        assert_eq!(text(b"\xff\xfen\0\xe4\0", "UTF-16LE"), "nä");
        assert_eq!(text(b"n\xff", "UTF-8"), "n\u{fffd}");
    }
}
