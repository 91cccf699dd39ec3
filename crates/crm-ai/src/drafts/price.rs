//! What tokens cost: a price for a million of them, in whatever currency the bill is.

use std::fmt;
use std::str::FromStr;

/// A million tokens are what prices are for.
const MILLION: u128 = 1_000_000;
/// Parts of a currency unit a price has.
const PARTS: u64 = 10_000;
/// Most units a million tokens may cost.
const MOST: u64 = 100_000;

/// A price for a million tokens, with up to four decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Price(u64);

/// What is no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("enter a price for a million tokens, such as 0.15, with up to four decimals")]
pub struct NoPrice;

impl FromStr for Price {
    type Err = NoPrice;

    fn from_str(text: &str) -> Result<Self, NoPrice> {
        let text = text.trim().replace(',', ".");
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        if whole.is_empty() || decimals.len() > 4 || !digits(whole) || !digits(decimals) {
            return Err(NoPrice);
        }
        let whole: u64 = whole.parse().map_err(|_| NoPrice)?;
        let parts: u64 = format!("{decimals:0<4}").parse().map_err(|_| NoPrice)?;
        if whole > MOST { Err(NoPrice) } else { Ok(Self(whole * PARTS + parts)) }
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, parts) = (self.0.checked_div(PARTS).unwrap_or_default(), self.0 % PARTS);
        let decimals = format!("{parts:04}");
        // At least two, as money is written.
        let short = decimals.trim_end_matches('0');
        write!(f, "{whole}.{short:0<2}")
    }
}

/// What so many tokens read and written cost at these prices, in money with two decimals; `None` without a price.
pub fn cost(read: (u64, Option<Price>), written: (u64, Option<Price>)) -> Option<String> {
    let part = |(tokens, price): (u64, Option<Price>)| {
        u128::from(tokens) * u128::from(price.unwrap_or_default().0)
    };
    read.1.or(written.1)?;
    // Half up, to hundredths of a unit.
    let hundredths = (part(read) + part(written)).checked_div(u128::from(PARTS))?;
    let hundredths = (hundredths * 100 + MILLION / 2).checked_div(MILLION)?;
    Some(format!("{}.{:02}", hundredths.checked_div(100)?, hundredths % 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact_and_costs_are_rounded() {
        let price = |text: &str| text.parse::<Price>();
        for (text, shown) in [
            ("0.15", "0.15"),
            ("2", "2.00"),
            ("0,6", "0.60"),
            ("1.2345", "1.2345"),
            (" 0.001 ", "0.001"),
        ] {
            assert_eq!(price(text).unwrap().to_string(), shown);
        }
        for bad in ["", "x", "-1", "1.23456", "1.2.3", "1e3", "999999999", ".5"] {
            assert_eq!(price(bad), Err(NoPrice), "{bad}");
        }
        let (read, written) = (price("0.15").ok(), price("0.60").ok());
        assert_eq!(cost((1_000_000, read), (1_000_000, written)).as_deref(), Some("0.75"));
        assert_eq!(cost((48_210, read), (10_000, written)).as_deref(), Some("0.01"));
        assert_eq!(cost((5, None), (5, None)), None);
        assert_eq!(cost((2_000_000, None), (0, price("1").ok())).as_deref(), Some("0.00"));
        assert!(cost((u64::MAX, price("100000").ok()), (0, None)).is_some());
    }
}
