//! E-mail addresses, parsed once at the edge.

use std::fmt;
use std::str::FromStr;

/// A syntactically valid address, trimmed and in lower case: the form that is stored, compared and sent to.
///
/// RFC 5321 lets the part before the `@` differ by case, but no provider our users meet does; comparing without
/// case is what keeps one person from being two contacts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

/// Why a text is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("enter an e-mail address like name@example.com")]
pub struct BadEmail;

impl EmailAddress {
    /// Reads an address, ignoring white space around it.
    ///
    /// # Errors
    /// [`BadEmail`] where it has no valid form, holds control characters, or has no dot in its domain.
    pub fn parse(text: &str) -> Result<Self, BadEmail> {
        let text = text.trim().to_lowercase();
        let options = email_address::Options::default()
            .with_required_tld()
            .without_display_text()
            .without_domain_literal();
        if text.len() > 254 || text.chars().any(char::is_control) || text.contains(['<', '>', '"'])
        {
            return Err(BadEmail);
        }
        email_address::EmailAddress::parse_with_options(&text, options).map_err(|_| BadEmail)?;
        Ok(Self(text))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for EmailAddress {
    type Err = BadEmail;

    fn from_str(text: &str) -> Result<Self, BadEmail> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_trimmed_and_compared_without_case() {
        assert_eq!(EmailAddress::parse(" Ada@Example.ORG ").unwrap().as_str(), "ada@example.org");
    }

    #[test]
    fn what_could_break_a_mail_header_is_refused() {
        for bad in [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a b@example.org",
            "a@b@c.org",
            "ada@example.org\r\nBcc: x@y.zz",
            "ada@localhost",
            "\"a b\"@example.org",
        ] {
            assert_eq!(EmailAddress::parse(bad), Err(BadEmail), "{bad:?}");
        }
    }
}
