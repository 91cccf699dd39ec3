//! vCards as the rows a CSV file has: cards are told apart, each is read, and what it says is laid out in columns of
//! fixed names, so that mapping, trial run, report and undoing are the same for both kinds of file.
//!
//! The `calcard` crate reads the properties of one card. What it is given is made here, a card at a time: lines are
//! unfolded, charsets become UTF-8, and pictures, sounds and keys are passed over without being kept, so that no file
//! needs more memory than its longest card, and that may be [`MAX_CARD`] long.

mod cards;
mod columns;
mod entry;
mod fields;
mod lines;
mod names;
mod property;

use std::io::{self, Read};

pub(super) use cards::Cards;

use self::cards::Raw;
use self::fields::Said;

/// Longest card without its pictures, in bytes.
const MAX_CARD: usize = 1024 * 1024;
/// How much of a broken card is kept, in bytes.
const KEPT: usize = 8 * 1024;

/// Reasons as a person reads them.
const OUTSIDE: &str = "this text is in no card: BEGIN:VCARD is missing";
const UNENDED: &str = "the card is not ended: END:VCARD is missing";
const NO_PROPERTY: &str = "a line of the card is no property: it has no colon";
const TOO_LONG: &str = "the card is longer than 1 MiB, pictures not counted";
const UNREADABLE: &str = "the card cannot be read";
const A_GROUP: &str = "the card is a group of contacts and no contact";

/// Whether a reason is one of those for which a text is no card.
pub(super) fn is_no_card(reason: &str) -> bool {
    [OUTSIDE, UNENDED, NO_PROPERTY, TOO_LONG, UNREADABLE].contains(&reason)
}

/// A card, or a text that is none.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Card {
    /// Names of columns with what the card says there, no name twice, no value empty.
    Whole(Vec<(String, String)>),
    /// A text that cannot be read, and why.
    Broken(String, &'static str),
    /// A card that stands for no contact, and why.
    PassedOver(&'static str),
}

/// The next card; `None` at the end.
pub(super) fn next<R: Read>(cards: &mut Cards<R>) -> io::Result<Option<Card>> {
    Ok(cards.next()?.map(|raw| match raw {
        Raw::Broken(text, why) => Card::Broken(text, why),
        Raw::Whole(text) => match entry::read(&text).map(|card| fields::said(&card)) {
            Some(Said::Fields(fields)) => Card::Whole(fields),
            Some(Said::Group) => Card::PassedOver(A_GROUP),
            None => Card::Broken(cut(text), UNREADABLE),
        },
    }))
}

/// The columns of a whole file in their order.
///
/// # Errors
/// Where it holds no card, why.
pub(super) fn look<R: Read>(cards: &mut Cards<R>) -> io::Result<Result<Vec<String>, &'static str>> {
    let (mut columns, mut first_trouble, mut any) = (columns::Found::default(), None, false);
    while let Some(card) = next(cards)? {
        match card {
            Card::Whole(fields) => {
                any = true;
                columns.take(fields.into_iter().map(|(name, _)| name));
            }
            Card::Broken(_, why) | Card::PassedOver(why) => {
                first_trouble.get_or_insert(why);
            }
        }
    }
    Ok(if any { Ok(columns.into_names()) } else { Err(first_trouble.unwrap_or(OUTSIDE)) })
}

/// The beginning of a text, between characters.
fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(KEPT));
    text
}

#[cfg(test)]
mod tests;
