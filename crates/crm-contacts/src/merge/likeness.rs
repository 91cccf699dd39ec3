//! What makes two contacts look like one person.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::Reason;
use crate::contacts::Contact;

/// Digits of a phone number that are the same whatever the country is written like.
const DIGITS: usize = 9;
/// From this likeness on two names of people at one company may be one name. 1 is equal.
const ALIKE: f64 = 0.92;

/// What of a contact is compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traits<'a> {
    pub(super) first_name: &'a str,
    pub(super) last_name: &'a str,
    pub(super) email: Option<&'a str>,
    pub(super) phone: Option<&'a str>,
    pub(super) company: &'a str,
}

/// Hashes under which contacts that may be one person meet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) email: Option<u64>,
    pub(super) phone: Option<u64>,
    pub(super) name: Option<u64>,
    /// Company and initials: those who meet here are compared letter by letter.
    pub(super) near: Option<u64>,
}

impl<'a> Traits<'a> {
    pub(super) fn of(contact: &'a Contact) -> Self {
        Self {
            first_name: &contact.first_name,
            last_name: &contact.last_name,
            email: contact.primary_email.as_deref(),
            phone: contact.primary_phone.as_deref(),
            company: &contact.company,
        }
    }

    pub(super) fn keys(&self) -> Keys {
        let (words, company) = (self.words(), fold(self.company));
        let initials: String = words.iter().filter_map(|word| word.chars().next()).collect();
        Keys {
            email: self.email.map(|address| hash(&("e", bare_address(address)))),
            phone: self.phone.and_then(tail).map(|digits| hash(&("p", digits))),
            name: tells(&words, &company).then(|| hash(&("n", &words, &company))),
            near: (!company.is_empty() && words.len() > 1).then(|| hash(&("c", company, initials))),
        }
    }

    /// The words of the name in one order: "Lovelace, Ada" is "Ada Lovelace".
    fn words(&self) -> Vec<String> {
        let words: BTreeSet<String> = self
            .first_name
            .split_whitespace()
            .chain(self.last_name.split_whitespace())
            .map(fold)
            .filter(|word| !word.is_empty())
            .collect();
        words.into_iter().collect()
    }

    /// Why these two may be one person, the surest reason first.
    pub(super) fn reasons(&self, other: &Traits<'_>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let same = |one: Option<String>, two: Option<String>| one.is_some() && one == two;
        if same(self.email.map(bare_address), other.email.map(bare_address)) {
            reasons.push(Reason::SameEmail);
        }
        if same(self.phone.and_then(tail), other.phone.and_then(tail)) {
            reasons.push(Reason::SamePhone);
        }
        let (mine, theirs) = (self.words(), other.words());
        let company = fold(self.company);
        if company == fold(other.company) {
            if mine == theirs && tells(&mine, &company) {
                reasons.push(Reason::SameName);
            } else if !company.is_empty() && mine != theirs && alike(&mine, &theirs) {
                reasons.push(Reason::SimilarName);
            }
        }
        reasons
    }
}

/// Whether a name says enough to tell a person by: "Ada" alone does not, "Ada" at one company does.
fn tells(words: &[String], company: &str) -> bool {
    words.len() > 1 || (words.len() == 1 && !company.is_empty())
}

fn alike(mine: &[String], theirs: &[String]) -> bool {
    if mine.len() < 2 || theirs.len() < 2 {
        return false;
    }
    strsim::jaro_winkler(&mine.join(" "), &theirs.join(" ")) >= ALIKE
}

/// Letters and digits in lower case.
fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// An address without what mail services take no notice of.
fn bare_address(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or((address, ""));
    let local = local.split('+').next().unwrap_or(local);
    let local: String = local.chars().filter(|c| !matches!(c, '.' | '-' | '_')).collect();
    let domain = if domain == "googlemail.com" { "gmail.com" } else { domain };
    format!("{local}@{domain}")
}

fn tail(phone: &str) -> Option<String> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let from = digits.len().checked_sub(DIGITS)?;
    digits.get(from..).map(str::to_owned)
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: Traits<'static> =
        Traits { first_name: "", last_name: "", email: None, phone: None, company: "" };

    #[test]
    fn people_who_look_alike_meet_under_a_key_and_have_a_reason() {
        let one = Traits {
            first_name: "Ada",
            last_name: "Lovelace",
            email: Some("ada.lovelace@gmail.com"),
            phone: Some("+436641234567"),
            company: "Engines Ltd.",
        };
        let turned =
            Traits { first_name: "Lovelace", last_name: "ADA", company: "engines ltd", ..NOBODY };
        assert_eq!(one.reasons(&turned), [Reason::SameName]);
        assert_eq!(one.keys().name, turned.keys().name);
        let tagged = Traits { email: Some("adalovelace+news@googlemail.com"), ..NOBODY };
        assert_eq!(one.reasons(&tagged), [Reason::SameEmail]);
        assert_eq!(one.keys().email, tagged.keys().email);
        let abroad = Traits { phone: Some("+496641234567"), ..NOBODY };
        assert_eq!(one.reasons(&abroad), [Reason::SamePhone]);
        assert_eq!(one.keys().phone, abroad.keys().phone);
        let typo =
            Traits { first_name: "Ada", last_name: "Lovelase", company: "Engines Ltd", ..NOBODY };
        assert_eq!(one.reasons(&typo), [Reason::SimilarName]);
        assert_eq!(one.keys().near, typo.keys().near);
    }

    #[test]
    fn strangers_do_not() {
        let ada = Traits { first_name: "Ada", ..NOBODY };
        assert!(ada.reasons(&ada).is_empty());
        assert_eq!(ada.keys(), Keys::default());
        assert!(NOBODY.reasons(&NOBODY).is_empty());
        let one = Traits { first_name: "Ada", last_name: "Lovelace", company: "A", ..NOBODY };
        let other = Traits { company: "B", ..one };
        assert!(one.reasons(&other).is_empty());
        let brother = Traits { first_name: "Max", ..one };
        assert!(one.reasons(&brother).is_empty());
    }
}
