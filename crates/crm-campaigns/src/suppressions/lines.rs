//! Reading a list of addresses: a table with a heading, or one address a line.

use crm_core::sheet;

use super::Reason;
use super::export::HEADER;
use super::service::{BadLine, Result, SuppressionsError};
use crate::templates::Channel;

/// Most lines of one list.
const MAX_LINES: usize = 200_000;
/// Most bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// How much of a bad line is shown, in characters.
const SHOWN: usize = 100;

/// What other programs call a column of addresses.
const ADDRESS: [&str; 12] = [
    "address",
    "email",
    "e-mail",
    "mail",
    "email address",
    "e-mail address",
    "phone",
    "mobile",
    "number",
    "phone number",
    "recipient",
    "subscriber",
];

/// What one line says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Which one, from 1.
    pub(super) number: u64,
    /// The cell with the address.
    pub(super) address: String,
    /// The channel it names.
    pub(super) channel: Option<Channel>,
    /// The reason it names.
    pub(super) reason: Option<Reason>,
}

/// Where the columns are.
#[derive(Default)]
struct Columns {
    address: Option<usize>,
    channel: Option<usize>,
    reason: Option<usize>,
}

impl Columns {
    /// Those of a heading; `None` where the line is none.
    fn of(cells: &[String]) -> Option<Self> {
        let names: Vec<String> = cells.iter().map(|cell| cell.trim().to_lowercase()).collect();
        let [_, channel, reason, _] = HEADER;
        let at = |name: &str| names.iter().position(|own| own == name);
        let address = names.iter().position(|own| ADDRESS.contains(&own.as_str()))?;
        Some(Self { address: Some(address), channel: at(channel), reason: at(reason) })
    }
}

/// The lines of a list, without its heading and without empty ones; and those that cannot be read at all.
///
/// # Errors
/// Where the list is empty or too long.
pub(super) fn read(list: &[u8]) -> Result<(Vec<Line>, Vec<BadLine>)> {
    if list.len() > MAX_BYTES {
        return Err(SuppressionsError::TooLong);
    }
    // Addresses are ASCII in every usual encoding; what is not shows up as a line that holds none.
    let text = String::from_utf8_lossy(list);
    let text = text.trim_start_matches('\u{feff}');
    let separator = separator(text);
    let mut columns = Columns::default();
    let (mut lines, mut bad) = (Vec::new(), Vec::new());
    let mut first = true;
    for (number, line) in (1_u64..).zip(text.lines()) {
        let cells = cells(line, separator);
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if std::mem::take(&mut first)
            && let Some(found) = Columns::of(&cells)
        {
            columns = found;
            continue;
        }
        if lines.len() + bad.len() >= MAX_LINES {
            return Err(SuppressionsError::TooLong);
        }
        match one(number, &cells, &columns) {
            Ok(read) => lines.push(read),
            Err(problem) => bad.push(bad_line(number, line, problem)),
        }
    }
    if lines.is_empty() && bad.is_empty() {
        return Err(SuppressionsError::NothingToImport);
    }
    Ok((lines, bad))
}

/// A line that holds no address, as the report shows it.
pub(super) fn bad_line(line: u64, text: &str, problem: impl Into<String>) -> BadLine {
    BadLine { line, text: text.trim().chars().take(SHOWN).collect(), problem: problem.into() }
}

/// What stands between cells: what the first line has most of.
fn separator(text: &str) -> char {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |sign: char| first.chars().filter(|c| *c == sign).count();
    [',', ';', '\t'].into_iter().max_by_key(|sign| (count(*sign), *sign == ',')).unwrap_or(',')
}

/// The cells of a line. A separator between double quotes belongs to its cell.
fn cells(line: &str, separator: char) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        if c == '"' {
            quoted = !quoted;
        } else if c == separator && !quoted {
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push(c);
        }
    }
    cells
}

fn one(number: u64, cells: &[String], columns: &Columns) -> std::result::Result<Line, String> {
    let cell = |at: Option<usize>| {
        at.and_then(|at| cells.get(at))
            .map(|cell| sheet::value(cell))
            .filter(|cell| !cell.is_empty())
    };
    let address = match columns.address {
        Some(_) => cell(columns.address).unwrap_or_default(),
        // Without a heading: what looks like an e-mail address, or else what stands first.
        None => cells
            .iter()
            .map(|cell| sheet::value(cell))
            .find(|cell| cell.contains('@'))
            .or_else(|| cells.iter().map(|cell| sheet::value(cell)).find(|cell| !cell.is_empty()))
            .unwrap_or_default(),
    };
    let channel = match cell(columns.channel).map(str::to_lowercase) {
        None => None,
        Some(word) => Some(
            Channel::parse(&word)
                .ok_or_else(|| format!("{word} is no channel; use email or text"))?,
        ),
    };
    let reason = match cell(columns.reason).map(str::to_lowercase) {
        None => None,
        // What other programs call their reasons is theirs; the address is what counts.
        Some(word) => Reason::parse(&word),
    };
    if address.is_empty() {
        return Err("has no address".to_owned());
    }
    Ok(Line { number, address: bare(address).to_owned(), channel, reason })
}

/// The address of `Name <address>`.
fn bare(cell: &str) -> &str {
    let inner = cell.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(cell, |(address, _)| address).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(list: &str) -> Vec<(u64, String)> {
        let (lines, bad) = read(list.as_bytes()).unwrap();
        assert!(bad.is_empty(), "{bad:?}");
        lines.into_iter().map(|line| (line.number, line.address)).collect()
    }

    #[test]
    fn pasted_lines_are_read_as_people_write_them() {
        let pasted =
            "a@example.org\n\n  Ada <b@example.org> \r\n\"Doe, Jane\" <c@example.org>, VIP\n";
        let read = addresses(pasted);
        let wanted = [(1, "a@example.org"), (3, "b@example.org"), (4, "c@example.org")];
        assert_eq!(read, wanted.map(|(line, address)| (line, address.to_owned())));
    }

    #[test]
    fn a_table_is_read_by_its_heading() {
        let table = "\u{feff}Name;E-Mail;Reason\nAda;ada@example.org;unsubscribed\nBob;bob@example.org;cold\n";
        let (lines, bad) = read(table.as_bytes()).unwrap();
        assert!(bad.is_empty());
        let said: Vec<_> = lines.iter().map(|line| (line.address.as_str(), line.reason)).collect();
        let wanted = [("ada@example.org", Some(Reason::Unsubscribed)), ("bob@example.org", None)];
        assert_eq!(said, wanted);
    }

    #[test]
    fn what_is_exported_is_read_again() {
        let table =
            "address,channel,reason,since\n'+436641234567,text,manual,2026-11-03T09:00:00.000Z\n";
        let (lines, _) = read(table.as_bytes()).unwrap();
        let line = lines.first().unwrap();
        assert_eq!((line.address.as_str(), line.channel), ("+436641234567", Some(Channel::Text)));
    }

    #[test]
    fn a_line_without_an_address_is_named() {
        let (lines, bad) = read(b"address,channel\n,email\na@example.org,fax\n").unwrap();
        assert!(lines.is_empty());
        let named: Vec<u64> = bad.iter().map(|line| line.line).collect();
        assert_eq!(named, [2, 3]);
        assert!(matches!(read(b" \n\n"), Err(SuppressionsError::NothingToImport)));
    }
}
