//! What one part of a text message costs.

/// Millionths in one.
const ONE: u64 = 1_000_000;
/// Digits behind the point.
const DIGITS: usize = 6;

/// What one part of a text message costs, in millionths of whatever the account is charged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price(u64);

impl Price {
    /// Reads a price like `0.0079`: up to four digits before the point and six behind it. A comma is a point as well.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().replace(',', ".");
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        let fits = !whole.is_empty() && whole.len() <= 4 && rest.len() <= DIGITS;
        if !fits || !is_number(whole) || !is_number(rest) {
            return None;
        }
        let whole: u64 = whole.parse().ok()?;
        let rest: u64 = format!("{rest:0<DIGITS$}").parse().ok()?;
        Some(Self(whole * ONE + rest))
    }

    /// What so many parts cost, with two digits behind the point, rounded up.
    pub fn of(self, parts: u64) -> String {
        let cents = u128::from(self.0) * u128::from(parts);
        let cents = cents.div_ceil(u128::from(ONE / 100));
        format!("{}.{:02}", cents / 100, cents % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_a_number_with_a_point() {
        assert_eq!(Price::parse("0.0079").unwrap().of(1_000), "7.90");
        assert_eq!(Price::parse(" 0,0079 ").unwrap().of(1), "0.01");
        assert_eq!(Price::parse("1").unwrap().of(12), "12.00");
        assert_eq!(Price::parse("0.000001").unwrap().of(0), "0.00");
        assert_eq!(Price::parse("9999.999999").unwrap().of(u64::MAX).split('.').count(), 2);
        for bad in ["", ".", ".5", "-1", "1e3", "0.0000001", "12345", "1.2.3", "$1"] {
            assert_eq!(Price::parse(bad), None, "{bad}");
        }
    }
}
