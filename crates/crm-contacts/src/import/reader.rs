//! A stored file as numbered rows of cells, read a stretch at a time.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crm_core::sheet;
use csv::StringRecord;

use super::decode::Decoded;
use super::records::{Raw, Records};
use super::vcard::{self, Card, Cards};
use super::{Dialect, FileFormat, headers};

/// Most columns a file may have.
pub(super) const FIELD_LIMIT: usize = 500;
/// A stretch ends early where its text is longer than this, in bytes.
const STRETCH_BYTES: usize = 4 * 1024 * 1024;

/// One row below the header, or one card.
#[derive(Debug)]
pub(super) struct Line {
    /// Its number in the file, the header being 1; of a card, the first one being 1.
    pub(super) no: u64,
    /// Its cells; of a broken line its whole text in one.
    pub(super) cells: StringRecord,
    /// Why the line cannot be read as a record.
    pub(super) broken: Option<&'static str>,
    /// Why it stands for no contact.
    pub(super) passed_over: Option<&'static str>,
}

/// What a file is read by.
enum Source<R> {
    Csv {
        records: Records<R>,
        delimiter: u8,
    },
    Cards {
        cards: Box<Cards<R>>,
        /// Places of the columns by their names.
        places: HashMap<String, usize>,
    },
}

/// An opened file, its header read.
pub(super) struct Table<R> {
    source: Source<R>,
    /// Names of the columns, no two alike.
    pub(super) headers: Vec<String>,
    next_no: u64,
}

/// Whether a first record is a spreadsheet's note on its separator (`sep=;`) and not the header.
pub(super) fn is_announcement(record: &StringRecord) -> bool {
    let mut cells = record.iter();
    match cells.next().and_then(|cell| cell.strip_prefix("sep=")) {
        Some("") => record.len() <= 2 && cells.all(str::is_empty),
        Some(mark) => record.len() == 1 && mark.chars().count() == 1,
        None => false,
    }
}

impl Table<File> {
    /// Opens the file at `path`.
    pub(super) fn open(path: &Path, dialect: &Dialect) -> io::Result<Self> {
        Self::new(File::open(path)?, dialect)
    }
}

impl<R: Read> Table<R> {
    /// Reads `source` up to its header.
    pub(super) fn new(source: R, dialect: &Dialect) -> io::Result<Self> {
        if dialect.format == FileFormat::VCard {
            let cards = Box::new(Cards::new(source, &dialect.encoding));
            let headers = dialect.columns.clone();
            let names = headers.iter().cloned().enumerate();
            let places = names.map(|(place, name)| (name, place)).collect();
            return Ok(Self { source: Source::Cards { cards, places }, headers, next_no: 1 });
        }
        let records = Records::new(Decoded::new(source, &dialect.encoding), dialect.delimiter);
        let delimiter = u8::try_from(dialect.delimiter).unwrap_or(b',');
        let source = Source::Csv { records, delimiter };
        let mut table = Self { source, headers: Vec::new(), next_no: 1 };
        let mut header = table.lines(1)?.pop();
        if header.as_ref().is_some_and(|line| is_announcement(&line.cells)) {
            header = table.lines(1)?.pop();
        }
        table.next_no = 2;
        let cells = header.map(|line| line.cells).unwrap_or_default();
        table.headers = headers::unique(cells.iter());
        Ok(table)
    }

    /// Passes over the rows before row number `no`.
    pub(super) fn skip_to(&mut self, no: u64) -> io::Result<()> {
        let mut is_there = true;
        while self.next_no < no && is_there {
            is_there = match &mut self.source {
                Source::Csv { records, .. } => records.next()?.is_some(),
                Source::Cards { cards, .. } => cards.skip()?,
            };
            self.next_no += u64::from(is_there);
        }
        Ok(())
    }

    /// The next rows, at most `most`; none at the end.
    pub(super) fn lines(&mut self, most: usize) -> io::Result<Vec<Line>> {
        let mut lines = match &mut self.source {
            Source::Csv { records, delimiter } => of_records(records, *delimiter, most)?,
            Source::Cards { cards, places } => of_cards(cards, places, most)?,
        };
        for line in &mut lines {
            line.no = self.next_no;
            self.next_no += 1;
        }
        Ok(lines)
    }
}

/// Rows of a CSV file, not numbered yet.
fn of_records<R: Read>(
    records: &mut Records<R>,
    delimiter: u8,
    most: usize,
) -> io::Result<Vec<Line>> {
    let mut text = String::new();
    let mut broken = Vec::with_capacity(most);
    while broken.len() < most && text.len() < STRETCH_BYTES {
        match records.next()? {
            Some(Raw::Record(record)) => {
                text.push_str(record);
                text.push('\n');
                broken.push(None);
            }
            Some(Raw::Broken(line, why)) => broken.push(Some((line.to_owned(), why))),
            None => break,
        }
    }
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut records = reader.into_records();
    let mut lines = Vec::with_capacity(broken.len());
    for trouble in broken {
        lines.push(match trouble {
            Some((line, why)) => Line::broken(line, why),
            None => match records.next() {
                Some(cells) => Line::whole(cells.map_err(io::Error::other)?),
                None => return Err(io::Error::other("records were lost between two readers")),
            },
        });
    }
    Ok(lines)
}

/// Cards as rows, not numbered yet.
fn of_cards<R: Read>(
    cards: &mut Cards<R>,
    places: &HashMap<String, usize>,
    most: usize,
) -> io::Result<Vec<Line>> {
    let (mut lines, mut bytes) = (Vec::new(), 0);
    while lines.len() < most && bytes < STRETCH_BYTES {
        let Some(card) = vcard::next(cards)? else { break };
        let line = match card {
            Card::Whole(fields) => {
                let mut cells = vec![String::new(); places.len()];
                for (name, value) in fields {
                    if let Some(cell) = places.get(&name).and_then(|place| cells.get_mut(*place)) {
                        // Cells are read as those of a spreadsheet are, which must leave these as they are.
                        *cell = sheet::text(&value).into_owned();
                    }
                }
                Line::whole(StringRecord::from(cells))
            }
            Card::Broken(text, why) => Line::broken(text, why),
            Card::PassedOver(why) => {
                Line { passed_over: Some(why), ..Line::whole(StringRecord::new()) }
            }
        };
        bytes += line.cells.as_slice().len();
        lines.push(line);
    }
    Ok(lines)
}

impl Line {
    const fn whole(cells: StringRecord) -> Self {
        Self { no: 0, cells, broken: None, passed_over: None }
    }

    fn broken(text: String, why: &'static str) -> Self {
        Self { broken: Some(why), ..Self::whole(StringRecord::from(vec![text])) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table<&[u8]> {
        let dialect = Dialect { delimiter: ';', ..Dialect::default() };
        Table::new(text.as_bytes(), &dialect).unwrap()
    }

    #[test]
    fn rows_are_numbered_from_the_header_on() {
        let mut table = table("sep=;\na;b\n1;2\n\n\"x\";\"y\"z\n;\n3\n\"\"\n");
        assert_eq!(table.headers, ["a", "b"]);
        let lines = table.lines(10).unwrap();
        let seen: Vec<_> =
            lines.iter().map(|line| (line.no, line.cells.len(), line.broken.is_some())).collect();
        assert_eq!(
            seen,
            [(2, 2, false), (3, 1, true), (4, 2, false), (5, 1, false), (6, 1, false)]
        );
        assert!(table.lines(10).unwrap().is_empty());
    }

    #[test]
    fn reading_can_begin_anywhere() {
        let rows: Vec<String> = (2..5000).map(|no| no.to_string()).collect();
        let text = format!("a\n{}\n", rows.join("\n"));
        let mut table = table(&text);
        table.skip_to(4998).unwrap();
        let lines = table.lines(1000).unwrap();
        let first = lines.first().unwrap();
        assert_eq!((first.no, first.cells.get(0)), (4998, Some("4998")));
        assert_eq!(lines.len(), 2);
    }
}
