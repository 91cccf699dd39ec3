//! One property of a card: its line as it is put together again, and as `calcard` is to read it.

use encoding_rs::Encoding;

/// What cannot become a value of a contact, however it is written.
const BINARY: [&str; 4] = ["PHOTO", "LOGO", "SOUND", "KEY"];
/// What is read as text: of a date with hyphens in a card of version 4.0, `calcard` would lose the day.
const TEXTS: [&str; 4] = ["BDAY", "ANNIVERSARY", "DEATHDATE", "TZ"];

/// A property whose lines are being read.
#[derive(Debug)]
pub(super) struct Property {
    bytes: Vec<u8>,
    /// Where the colon before the value is, once it has been met.
    colon: Option<usize>,
    /// Its name, without the group before it, in capitals.
    pub(super) name: String,
    /// Whether an `=` at the end of a line says that the value goes on.
    is_quoted: bool,
    /// Whether it is passed over.
    pub(super) is_dropped: bool,
}

impl Property {
    /// A property by its first line.
    pub(super) fn new(line: &[u8]) -> Self {
        let name = name(line);
        let is_dropped = BINARY.contains(&name.as_str());
        let mut property =
            Self { bytes: Vec::new(), colon: None, name, is_quoted: false, is_dropped };
        property.push(line);
        property
    }

    /// How much of it is kept.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Takes a line that goes on with it.
    pub(super) fn push(&mut self, line: &[u8]) {
        if self.is_dropped {
            return;
        }
        self.bytes.extend_from_slice(line);
        if self.colon.is_none() {
            self.colon = colon(&self.bytes);
            let head = self.colon.and_then(|at| self.bytes.get(..at)).unwrap_or_default();
            let mut encodings = parameters(head).filter_map(encoding_word);
            self.is_quoted = encodings.clone().any(|word| word == "QUOTED-PRINTABLE");
            self.is_dropped = encodings.any(|word| matches!(word.as_str(), "B" | "BASE64"));
        }
        if self.is_dropped {
            self.bytes = Vec::new();
        }
    }

    /// Takes the line after a line end that is no part of the value; `false` where the value is over.
    pub(super) fn goes_on(&mut self, line: &[u8]) -> bool {
        let goes_on = self.is_quoted && self.bytes.ends_with(b"=");
        if goes_on {
            self.bytes.pop();
            self.push(line);
        }
        goes_on
    }

    /// Its line as `calcard` is to read it; `None` where it is no property.
    pub(super) fn text(&self, encoding: &'static Encoding) -> Option<String> {
        let line = self.line(encoding)?;
        if !TEXTS.contains(&self.name.as_str()) {
            return Some(line);
        }
        let (name, rest) = line.split_at_checked(line.find([';', ':'])?)?;
        Some(format!("{name};VALUE=text{rest}"))
    }

    fn line(&self, encoding: &'static Encoding) -> Option<String> {
        let colon = self.colon?;
        let head = self.bytes.get(..colon)?;
        let bytes = match self.bytes.strip_suffix(b"=") {
            // It would make `calcard` go on in the next line.
            Some(ended) if self.is_quoted => ended,
            _ => &self.bytes,
        };
        let charset = parameters(head).find_map(|word| word.strip_prefix("CHARSET=").map(bare));
        let own = charset.and_then(|label| Encoding::for_label(label.as_bytes()));
        let line = decoded(bytes, own.filter(|_| !self.is_quoted), encoding);
        if self.is_quoted {
            let Some((head, value)) = line.split_at_checked(colon) else { return Some(line) };
            // `calcard` knows the word with `ENCODING=` before it only, and takes what is quoted for Latin-1 where nothing
            // is said: programs mean UTF-8.
            let is_unsaid = own.is_none() && is_utf8_when_decoded(bytes.get(colon..)?);
            let charset = if is_unsaid { ";CHARSET=UTF-8" } else { "" };
            return Some(format!("{head};ENCODING=QUOTED-PRINTABLE{charset}{value}"));
        }
        // It takes away spaces between the words of a list, but not those with a backslash before them.
        if matches!(self.name.as_str(), "CATEGORIES" | "NICKNAME") {
            let (head, value) = line.split_once(':')?;
            return Some(format!("{head}:{}", value.replace(' ', "\\ ")));
        }
        Some(line)
    }

    /// The line as far as it can be shown.
    pub(super) fn shown(&self, encoding: &'static Encoding) -> String {
        self.text(encoding).unwrap_or_else(|| decoded(&self.bytes, None, encoding))
    }
}

/// The name a line begins with, without its group.
fn name(line: &[u8]) -> String {
    let end = line.iter().position(|byte| matches!(byte, b';' | b':')).unwrap_or(line.len());
    let whole = String::from_utf8_lossy(line.get(..end).unwrap_or_default()).trim().to_uppercase();
    match whole.rsplit_once('.') {
        Some((_, name)) => name.to_owned(),
        None => whole,
    }
}

/// Where the colon is that ends the parameters: the first one outside quotation marks.
fn colon(line: &[u8]) -> Option<usize> {
    let mut is_inside = false;
    line.iter().position(|byte| {
        is_inside ^= *byte == b'"';
        *byte == b':' && !is_inside
    })
}

/// The parameters of a property's head, in capitals.
fn parameters(head: &[u8]) -> impl Iterator<Item = String> + Clone {
    let words = head.split(|byte| *byte == b';').skip(1);
    words.map(|word| String::from_utf8_lossy(word).trim().to_uppercase())
}

/// The encoding a parameter names; old cards leave `ENCODING=` out.
fn encoding_word(parameter: String) -> Option<String> {
    match parameter.split_once('=') {
        Some(("ENCODING", word)) => Some(bare(word)),
        Some(_) => None,
        None => Some(parameter),
    }
}

fn bare(word: &str) -> String {
    word.trim().trim_matches('"').to_owned()
}

/// Bytes as text: in the charset the property names, else UTF-8 where they are that, else in the file's encoding.
fn decoded(bytes: &[u8], own: Option<&'static Encoding>, of_file: &'static Encoding) -> String {
    match (own, std::str::from_utf8(bytes)) {
        (None, Ok(text)) => text.to_owned(),
        (own, _) => own.unwrap_or(of_file).decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Whether the bytes a quoted value stands for are UTF-8.
fn is_utf8_when_decoded(value: &[u8]) -> bool {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.iter();
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    while let Some(byte) = rest.next() {
        let pair = rest.clone();
        let (high, low) = (digit(pair.clone().next()), digit(pair.clone().nth(1)));
        match (byte, high, low) {
            (b'=', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest.nth(1);
            }
            _ => bytes.push(*byte),
        }
    }
    std::str::from_utf8(&bytes).is_ok()
}

#[cfg(test)]
mod tests {
    use encoding_rs::{UTF_8, WINDOWS_1252};

    use super::*;

    fn text(lines: &[&[u8]]) -> Option<String> {
        let (first, rest) = lines.split_first().unwrap();
        let mut property = Property::new(first);
        for line in rest {
            if !property.goes_on(line) {
                property.push(line);
            }
        }
        property.text(WINDOWS_1252)
    }

    #[test]
    fn charsets_are_the_property_s_own_else_utf_8_else_the_file_s() {
        assert_eq!(text(&[b"FN:Zo\xc3\xab"]).unwrap(), "FN:Zoë");
        assert_eq!(text(&[b"FN:Zo\xeb"]).unwrap(), "FN:Zoë");
        assert_eq!(text(&[b"FN;CHARSET=koi8-r:\xc1\xd7"]).unwrap(), "FN;CHARSET=koi8-r:ав");
        let quoted = text(&[b"FN;QUOTED-PRINTABLE:Zo=C3=", b"=AB"]).unwrap();
        assert_eq!(quoted, "FN;QUOTED-PRINTABLE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Zo=C3=AB");
        let latin = text(&[b"FN;ENCODING=QUOTED-PRINTABLE:Zo=EB"]).unwrap();
        assert!(latin.ends_with("=QUOTED-PRINTABLE:Zo=EB"), "{latin}");
    }

    #[test]
    fn heads_may_be_folded_and_quoted() {
        let property = Property::new(b"item1.EMAIL;X=\"a:b\";type=home:x@y");
        assert_eq!((property.name.as_str(), property.colon), ("EMAIL", Some(29)));
        assert_eq!(text(&[b"TEL;TYPE=", b"home:1"]).unwrap(), "TEL;TYPE=home:1");
        assert_eq!(text(&[b"no property"]), None);
        let mut split = Property::new(b"X-PICTURE;ENCOD");
        split.push(b"ING=b:AAAA");
        assert!(split.is_dropped && split.len() == 0);
        let photo = Property::new(b"PHOTO;VALUE=uri:http://x");
        assert!(photo.is_dropped && photo.shown(UTF_8).is_empty());
        assert!(!Property::new(b"EMAIL;INTERNET:b@c").is_dropped);
    }
}
