//! One row's cells as the values they stand for, or why they stand for none.

use crm_core::{EmailAddress, Phone, sheet};
use csv::StringRecord;

use super::reader::Line;
use super::targets::{EMAIL, IDENTITY, OWNER, PHONE, STAGE, TAGS, Targets, VALUE};
use crate::contacts::CustomValue;
use crate::contacts::custom::to_text;
use crate::lists::{in_cell, tags};

/// Most characters of a name or company.
const MAX_CHARS: usize = 200;

/// A row with what was made of it.
#[derive(Debug)]
pub(super) struct Row {
    /// Its number in the file, the header being 1.
    pub(super) no: u64,
    /// Its cells as they are in the file.
    pub(super) cells: StringRecord,
    /// What they say.
    pub(super) reading: Reading,
}

/// What a row says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A value a slot, in the form it is stored in; empty where there is none.
    Values(Vec<String>),
    /// Nothing, for this reason.
    Empty(&'static str),
    /// Something that cannot be used, for this reason.
    Wrong(String),
}

/// Reads a row.
pub(super) fn read(line: Line, targets: &Targets) -> Row {
    let reading = match (line.broken, line.passed_over) {
        (Some(why), _) => Reading::Wrong(why.to_owned()),
        (None, Some(why)) => Reading::Empty(why),
        (None, None) => reading(&line.cells, targets),
    };
    Row { no: line.no, cells: line.cells, reading }
}

fn reading(cells: &StringRecord, targets: &Targets) -> Reading {
    if cells.iter().all(|cell| sheet::value(cell).is_empty()) {
        return Reading::Empty("empty row");
    }
    let (found, wanted) = (cells.len(), targets.headers.len());
    if found != wanted {
        let which = if found < wanted { "few" } else { "many" };
        return Reading::Wrong(format!("too {which} columns ({found} instead of {wanted})"));
    }
    let mut values = vec![String::new(); targets.slots()];
    let mut any = false;
    for &(cell, slot) in &targets.cells {
        let typed = sheet::value(cells.get(cell).unwrap_or_default());
        if typed.is_empty() {
            continue;
        }
        any = true;
        match value(typed, slot, targets) {
            Ok(value) => {
                if let Some(place) = values.get_mut(slot) {
                    *place = value;
                }
            }
            Err(problem) => {
                let header = targets.headers.get(cell).map_or("", String::as_str);
                return Reading::Wrong(format!("{header}: {problem}"));
            }
        }
    }
    if !any {
        return Reading::Empty("empty row: no mapped column has a value");
    }
    if IDENTITY.iter().all(|slot| values.get(*slot).is_none_or(String::is_empty)) {
        return Reading::Wrong("no name, company, e-mail address or phone number".to_owned());
    }
    Reading::Values(values)
}

fn value(typed: &str, slot: usize, targets: &Targets) -> Result<String, String> {
    if typed.contains('\u{fffd}') {
        return Err("holds characters that cannot be read in the file's encoding".to_owned());
    }
    if let Some(definition) = targets.custom(slot) {
        // Line ends become what they are everywhere else, whatever programs the file went through.
        let lines = if typed.contains('\r') {
            typed.replace("\r\n", "\n").replace('\r', "\n")
        } else {
            typed.to_owned()
        };
        return to_text(definition, &CustomValue::Text(lines)).map(Option::unwrap_or_default);
    }
    match slot {
        EMAIL => EmailAddress::parse(typed)
            .map(|address| address.as_str().to_owned())
            .map_err(|_| "not an e-mail address".to_owned()),
        PHONE => Phone::parse(typed, &targets.region)
            .map(|phone| phone.as_str().to_owned())
            .map_err(|_| "not a phone number".to_owned()),
        VALUE => typed
            .parse::<i64>()
            .map(|value| value.to_string())
            .map_err(|_| "not a whole number of the smallest currency unit".to_owned()),
        OWNER => {
            let owner = targets.people.get(&typed.to_lowercase()).map(ToString::to_string);
            owner.ok_or_else(|| "nobody in this workspace has this e-mail address".to_owned())
        }
        TAGS => {
            let names = in_cell::split(typed);
            match names.iter().find(|name| !tags::is_name(name)) {
                Some(_) => Err("a tag has up to 100 characters".to_owned()),
                None => Ok(in_cell::join(names.iter().map(String::as_str))),
            }
        }
        STAGE if !tags::is_name(typed) => Err("a stage has up to 100 characters".to_owned()),
        _ if typed.chars().count() > MAX_CHARS => {
            Err(format!("longer than {MAX_CHARS} characters"))
        }
        _ if typed.chars().any(char::is_control) => Err("holds control characters".to_owned()),
        _ => Ok(typed.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::targets::{COMPANY, FIRST_NAME};

    fn targets() -> Targets {
        Targets {
            headers: ["name", "mail", "phone", "company", "value", "notes"]
                .map(str::to_owned)
                .to_vec(),
            cells: vec![(0, FIRST_NAME), (1, EMAIL), (2, PHONE), (3, COMPANY), (4, VALUE)],
            customs: Vec::new(),
            region: "AT".to_owned(),
            people: std::collections::HashMap::new(),
        }
    }

    fn told(cells: &[&str]) -> Result<String, String> {
        match reading(&StringRecord::from(cells.to_vec()), &targets()) {
            Reading::Values(values) => Ok(values.join("|")),
            Reading::Empty(why) => Err(why.to_owned()),
            Reading::Wrong(why) => Err(why),
        }
    }

    #[test]
    fn good_rows_keep_what_they_say() {
        assert_eq!(
            told(&[" Ada ", "\u{a0}ADA@Example.org ", "0664 1234567", "=1+1", "-5", "x"]).unwrap(),
            "Ada||ada@example.org|+436641234567|=1+1|-5|||"
        );
        assert_eq!(
            told(&["<b>", "", "'+43 664 1234567", "'@cme", "", ""]).unwrap(),
            "<b>|||+436641234567|@cme||||"
        );
        assert_eq!(
            told(&["O'Brien", "", "", "'Quoted'", "", ""]).unwrap(),
            "O'Brien||||'Quoted'||||"
        );
    }

    #[test]
    fn bad_rows_say_why() {
        for (cells, why) in [
            (&["", "", "", "", "", " "][..], "empty row"),
            (&[" "][..], "empty row"),
            (&["", "", "", "", "", "x"][..], "empty row: no mapped column has a value"),
            (&["", "", "", "", "5", ""][..], "no name, company, e-mail address or phone number"),
            (&["a"][..], "too few columns (1 instead of 6)"),
            (&["a", "", "", "", "", "", ""][..], "too many columns (7 instead of 6)"),
            (&["a", "a@@b.cc", "", "", "", ""][..], "mail: not an e-mail address"),
            (&["a", "", "ring me", "", "", ""][..], "phone: not a phone number"),
            (
                &["a", "", "", "", "1.5", ""][..],
                "value: not a whole number of the smallest currency unit",
            ),
            (&["a\u{1b}[0m", "", "", "", "", ""][..], "name: holds control characters"),
            (
                &["Jos\u{fffd}", "", "", "", "", ""][..],
                "name: holds characters that cannot be read in the file's encoding",
            ),
        ] {
            assert_eq!(told(cells).unwrap_err(), why);
        }
        assert_eq!(
            told(&[&"x".repeat(201), "", "", "", "", ""]).unwrap_err(),
            "name: longer than 200 characters"
        );
        assert!(told(&[&"日".repeat(200), "", "", "", "", ""]).is_ok());
    }
}
