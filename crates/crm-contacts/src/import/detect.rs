//! What an uploaded file is: a CSV or vCards, and how it is written, or something else, said in words.

use std::path::Path;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

use super::decode::Decoded;
use super::headers;
use super::reader::FIELD_LIMIT;
use super::records::{Raw, Records};
use super::vcard::{self, Cards};
use super::{Dialect, FileFormat, ImportError, Result};

/// Separators looked for, in the order that settles a tie.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
/// Records looked at to find the separator.
const LOOKED_AT: usize = 100;
/// Bytes given to the encoding detector.
const SAMPLE: usize = 4 * 1024 * 1024;

/// Files that begin with these bytes are no CSV.
const MAGIC: [(&[u8], &str); 9] = [
    (b"PK\x03\x04", "this is an Excel or zip file; save the sheet as CSV and upload that"),
    (b"\xd0\xcf\x11\xe0", "this is an Excel or Word file; save the sheet as CSV and upload that"),
    (b"%PDF", "this is a PDF, not a CSV file"),
    (b"\x89PNG", "this is an image, not a CSV file"),
    (b"\xff\xd8\xff", "this is an image, not a CSV file"),
    (b"GIF8", "this is an image, not a CSV file"),
    (b"\x1f\x8b", "this is a compressed file; unpack it and upload the CSV file in it"),
    (b"SQLite format 3", "this is a database, not a CSV file"),
    (b"{\\rtf", "this is a text document, not a CSV file"),
];

/// Looks at a whole file. What it is called says something only where it says that it holds vCards.
///
/// # Errors
/// [`ImportError::NotCsv`] where it is none, with what it is instead.
pub(super) fn dialect(bytes: &[u8], name: &str) -> Result<Dialect> {
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Err(not_csv(*what));
    }
    let (encoding, has_bom) = encoding(bytes);
    if !encoding.name().starts_with("UTF-16") && bytes.contains(&0) {
        return Err(not_csv("this is a binary file, not a CSV file"));
    }
    let (text, whole) = sample(bytes, encoding)?;
    let start = text.trim_start();
    if start.is_empty() && whole {
        return Err(not_csv("the file is empty"));
    }
    let (encoding, columns) = (encoding.name().to_owned(), Vec::new());
    if is_vcard(start, name) {
        let dialect =
            Dialect { format: FileFormat::VCard, encoding, delimiter: ',', has_bom, columns };
        return cards(bytes, dialect);
    }
    refuse_other_texts(start)?;
    let delimiter = match announced(start) {
        Some(delimiter) => delimiter,
        None => best_delimiter(&text)?,
    };
    check_header(&text, delimiter)?;
    Ok(Dialect { format: FileFormat::Csv, encoding, delimiter, has_bom, columns })
}

/// Whether a file begins as vCards do, or is called like them.
fn is_vcard(start: &str, name: &str) -> bool {
    let line = start.lines().next().unwrap_or_default();
    let extension = Path::new(name).extension().unwrap_or_default();
    line.trim_end().eq_ignore_ascii_case("BEGIN:VCARD")
        || ["vcf", "vcard"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Reads all cards for the columns they need.
fn cards(bytes: &[u8], dialect: Dialect) -> Result<Dialect> {
    let mut cards = Cards::new(bytes, &dialect.encoding);
    match vcard::look(&mut cards).map_err(ImportError::File)? {
        Ok(columns) => Ok(Dialect { columns, ..dialect }),
        Err(why) => Err(not_csv(format!("the file holds no vCard that can be read: {why}"))),
    }
}

fn not_csv(what: impl Into<String>) -> ImportError {
    ImportError::NotCsv(what.into())
}

/// The encoding and whether a byte order mark says so.
fn encoding(bytes: &[u8]) -> (&'static Encoding, bool) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding, true);
    }
    if is_utf8(bytes) {
        return (UTF_8, false);
    }
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    (detector.guess(None, Utf8Detection::Deny), false)
}

/// UTF-8, where a few damaged bytes among many good characters do not turn the whole file into another encoding.
fn is_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().bytes().filter(|byte| *byte >= 0xC0).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad == 0 || good >= bad * 20
}

/// The beginning of the file as text, and whether it is all of it.
fn sample(bytes: &[u8], encoding: &'static Encoding) -> Result<(String, bool)> {
    let mut decoded = Decoded::new(bytes, encoding.name());
    let mut text = String::new();
    while text.len() < 256 * 1024 {
        if !decoded.fill(&mut text).map_err(ImportError::File)? {
            return Ok((text, true));
        }
    }
    Ok((text, false))
}

/// Web pages, XML and JSON are text, but no tables.
fn refuse_other_texts(start: &str) -> Result<()> {
    let head: String = start.chars().take(200).collect::<String>().to_lowercase();
    if head.starts_with("<!doctype") || head.starts_with("<html") {
        return Err(not_csv("this is a web page, not a CSV file"));
    }
    if head.starts_with("<?xml") {
        return Err(not_csv("this is an XML file, not a CSV file"));
    }
    let squeezed: String = head.chars().filter(|c| !c.is_whitespace()).take(2).collect();
    if matches!(squeezed.as_str(), "{\"" | "[{" | "[[" | "[\"" | "{}" | "[]") {
        return Err(not_csv("this is a JSON file, not a CSV file"));
    }
    Ok(())
}

/// The separator a spreadsheet wrote down in a first line `sep=;`.
fn announced(start: &str) -> Option<char> {
    let line = start.lines().next()?.trim_matches('"').trim_end();
    let wanted = line.strip_prefix("sep=")?;
    DELIMITERS.into_iter().find(|delimiter| {
        wanted.starts_with(*delimiter) || (wanted.is_empty() && *delimiter == '\t')
    })
}

/// The separator by which most records have as many fields as the first.
fn best_delimiter(text: &str) -> Result<char> {
    let mut best: Option<(usize, char)> = None;
    for delimiter in DELIMITERS {
        let counts = field_counts(text, delimiter)?;
        let Some((&first, rest)) = counts.split_first() else { continue };
        if first < 2 {
            continue;
        }
        let alike = rest.iter().filter(|count| **count == first).count();
        // Agreement counts most; among equals more fields are the better explanation.
        let score = (alike * 1000).checked_div(rest.len()).unwrap_or(1000) * 1000 + first.min(999);
        if best.is_none_or(|(most, _)| score > most) {
            best = Some((score, delimiter));
        }
    }
    match best {
        Some((_, delimiter)) => Ok(delimiter),
        // One column is a table too where its header is a name we know.
        None if text
            .lines()
            .next()
            .is_some_and(|line| headers::meant(line.trim_matches('"')).is_some()) =>
        {
            Ok(',')
        }
        None => Err(not_csv(
            "no columns were found; a CSV file has a header row and values separated by commas, semicolons or tabs",
        )),
    }
}

fn field_counts(text: &str, delimiter: char) -> Result<Vec<usize>> {
    let mut records = Records::new(Decoded::new(text.as_bytes(), "UTF-8"), delimiter);
    let mut counts = Vec::new();
    while counts.len() < LOOKED_AT {
        match records.next().map_err(ImportError::File)? {
            Some(Raw::Record(record)) => counts.push(fields(record, delimiter).len()),
            Some(Raw::Broken(..)) => counts.push(0),
            None => break,
        }
    }
    Ok(counts)
}

fn fields(record: &str, delimiter: char) -> csv::StringRecord {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .from_reader(record.as_bytes());
    reader.records().next().and_then(std::result::Result::ok).unwrap_or_default()
}

/// The first record must name the columns, and one more must follow.
fn check_header(text: &str, delimiter: char) -> Result<()> {
    let mut records = Records::new(Decoded::new(text.as_bytes(), "UTF-8"), delimiter);
    let mut next = || -> Result<Option<csv::StringRecord>> {
        Ok(match records.next().map_err(ImportError::File)? {
            Some(Raw::Record(record)) => Some(fields(record, delimiter)),
            Some(Raw::Broken(..)) => Some(csv::StringRecord::new()),
            None => None,
        })
    };
    let mut header = next()?;
    if header.as_ref().is_some_and(super::reader::is_announcement) {
        header = next()?;
    }
    let Some(header) = header else { return Err(not_csv("the file is empty")) };
    if header.is_empty() {
        return Err(not_csv("the header row cannot be read: check its quotation marks"));
    }
    if header.len() > FIELD_LIMIT {
        return Err(not_csv(format!("the file has more than {FIELD_LIMIT} columns")));
    }
    if !headers::are_names(header.iter()) {
        return Err(not_csv(
            "the first row must hold the names of the columns, such as first_name, email; it looks like a contact",
        ));
    }
    if next()?.is_none() {
        return Err(not_csv("the file has a header row but no rows below it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(bytes: &[u8]) -> String {
        match dialect(bytes, "x.csv") {
            Ok(found) => format!("{} {:?} {}", found.encoding, found.delimiter, found.has_bom),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn encodings_and_separators() {
        assert_eq!(told("name,email\nZoë,z@example.com\n".as_bytes()), "UTF-8 ',' false");
        assert_eq!(told("\u{feff}name;email\nZ;z@example.com\n".as_bytes()), "UTF-8 ';' true");
        assert_eq!(
            told(b"Vorname;Nachname\r\nJ\xf6rg;M\xfcller, Dr.\r\nAnna;Gro\xdf\r\n"),
            "windows-1252 ';' false"
        );
        assert_eq!(told(b"a\tb\n1,2,3\t4\n"), "UTF-8 '\\t' false");
        assert_eq!(told(b"a|b\n1|2\n"), "UTF-8 '|' false");
        assert_eq!(told(b"email\nada@example.com\n"), "UTF-8 ',' false");
        assert_eq!(told(b"sep=;\nemail;x,y\nada@example.com;1,2\n"), "UTF-8 ';' false");
        let utf16: Vec<u8> = "\u{feff}name,email\nZoë,z@example.com\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(told(&utf16), "UTF-16LE ',' true");
        let mut damaged = "name,city\n".to_owned().into_bytes();
        damaged.extend("Zoë,Köln\n".repeat(20).as_bytes());
        damaged.extend(b"Jo\xff,x\n");
        assert_eq!(told(&damaged), "UTF-8 ',' false");
    }

    #[test]
    fn what_is_no_csv_is_told_so() {
        for (bytes, words) in [
            (&b""[..], "empty"),
            (b"\xef\xbb\xbf\r\n  \n", "empty"),
            (b"PK\x03\x04xl/", "Excel"),
            (b"\x89PNG\r\n\x1a\n", "image"),
            (b"%PDF-1.7", "PDF"),
            (b"a,b\n\0\x01,\0\n", "binary"),
            (b"<!DOCTYPE html><html>,\n,", "web page"),
            (b"[ {\"a\": 1,\n\"b\": 2}]", "JSON"),
            (b"first_name,email\n", "no rows"),
            (b"Dear all\nthis is a letter\n", "no columns"),
            (b"Ada,Lovelace,ada@example.com\nBob,B,bob@example.com\n", "first row"),
        ] {
            let told = told(bytes);
            assert!(told.contains(words), "{words}: {told}");
        }
    }
}
