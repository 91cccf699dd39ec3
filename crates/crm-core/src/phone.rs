//! Phone numbers, parsed once at the edge.

use std::fmt;

use phonenumber::Mode;
use phonenumber::country::Id as Country;

/// Fewest digits of an international number, country code included.
const MIN_DIGITS: usize = 7;
/// Most digits of an international number (ITU-T E.164).
const MAX_DIGITS: usize = 15;

/// A phone number in E.164 (`+436641234567`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Phone(String);

/// Why a text is not a phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("enter a phone number with its country code, like +43 664 1234567")]
pub struct BadPhone;

impl Phone {
    /// Reads a number as people write it. `region` (two letters, such as `AT`) says which country a number without
    /// a country code is of; an unknown region leaves such numbers unreadable.
    ///
    /// # Errors
    /// [`BadPhone`] where it has no number's form or length.
    pub fn parse(text: &str, region: &str) -> Result<Self, BadPhone> {
        let country: Option<Country> = region.parse().ok();
        let number = phonenumber::parse(country, text.trim()).map_err(|_| BadPhone)?;
        let e164 = number.format().mode(Mode::E164).to_string();
        // Numbering plans change faster than our copy of them: a number of a possible length is kept, as a person who
        // types a colleague's number knows better than a table.
        if (MIN_DIGITS..=MAX_DIGITS).contains(&(e164.len() - 1)) {
            Ok(Self(e164))
        } else {
            Err(BadPhone)
        }
    }

    /// Whether `region` is a country this can read numbers for.
    pub fn knows_region(region: &str) -> bool {
        region.parse::<Country>().is_ok()
    }

    /// The country it is of, in two letters; `None` where it is none's. Of countries that share a code it is the one the number
    /// fits, else the largest.
    pub fn country(&self) -> Option<String> {
        let number = phonenumber::parse(None, &self.0).ok()?;
        let id = number.country().id().map(|id| id.as_ref().to_owned());
        id.or_else(|| match number.country().code() {
            1 => Some("US".to_owned()),
            7 => Some("RU".to_owned()),
            44 => Some("GB".to_owned()),
            _ => None,
        })
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_e164() {
        assert_eq!(Phone::parse("0664 123 45 67", "AT").unwrap().as_str(), "+436641234567");
        assert_eq!(Phone::parse("+44 7700 900100", "AT").unwrap().as_str(), "+447700900100");
        assert_eq!(Phone::parse("call me", "AT"), Err(BadPhone));
        assert_eq!(Phone::parse("12", "AT"), Err(BadPhone));
        assert_eq!(Phone::parse("+1356267275", "AT").unwrap().as_str(), "+1356267275");
    }

    #[test]
    fn a_number_has_a_country() {
        let country = |number: &str| Phone::parse(number, "").unwrap().country();
        for (number, expected) in [
            ("+436641234567", "AT"),
            ("+12025550100", "US"),
            ("+14165550123", "CA"),
            ("+447700900100", "GB"),
            ("+79161234567", "RU"),
        ] {
            assert_eq!(country(number).as_deref(), Some(expected), "{number}");
        }
        assert_eq!(country("+870773111632"), None);
    }
}
