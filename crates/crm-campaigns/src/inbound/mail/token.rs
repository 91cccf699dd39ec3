//! What a mail address or a subject carries of one message of ours, signed: it comes back from whoever got the message
//! or had it on its way, and from nobody else.

use crm_core::{Fingerprints, RecipientId, WorkspaceId};

/// Letters of the signature: eighty bits and more.
const SIGNED: usize = 16;
/// Letters of the number: 128 bits to the base of 36.
const NUMBER: usize = 25;
const BASE: u128 = 36;

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Reports about the message go to it (VERP).
    Report,
    /// A mail with it in its subject unsubscribes.
    Unsubscribe,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Report => "mail report",
            Self::Unsubscribe => "mail unsubscribe",
        }
    }
}

/// The token of a message: small letters and digits, since mail servers may change the case of an address.
pub(crate) fn mint(
    prints: &Fingerprints,
    workspace_id: WorkspaceId,
    purpose: Purpose,
    recipient: RecipientId,
) -> String {
    let number = written(recipient.as_uuid().as_u128());
    let signature = signature(prints, workspace_id, purpose, &number);
    format!("{number}{signature}")
}

/// The message a token is of, where we made it.
pub(super) fn open(
    prints: &Fingerprints,
    workspace_id: WorkspaceId,
    purpose: Purpose,
    token: &str,
) -> Option<RecipientId> {
    let token = token.to_ascii_lowercase();
    let (number, signed) = token.split_at_checked(NUMBER)?;
    if !crm_core::token::equal(signed, &signature(prints, workspace_id, purpose, number)) {
        return None;
    }
    let number = u128::from_str_radix(number, 36).ok()?;
    Some(RecipientId::from_uuid(uuid::Uuid::from_u128(number)))
}

/// Everything in a text that has the form of a token.
pub(super) fn in_text(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() == NUMBER + SIGNED)
}

fn signature(
    prints: &Fingerprints,
    workspace_id: WorkspaceId,
    purpose: Purpose,
    number: &str,
) -> String {
    let print = prints.of(workspace_id, purpose.as_str(), number);
    let print = print.rsplit_once(':').map_or(print.as_str(), |(_, print)| print);
    // Of both cases one letter is left, and nothing but letters and digits.
    crm_core::token::hash(print).chars().take(SIGNED).collect()
}

/// A number to the base of 36, always of the same length.
fn written(mut number: u128) -> String {
    let mut digits = [b'0'; NUMBER];
    for digit in digits.iter_mut().rev() {
        let value = u8::try_from(number % BASE).unwrap_or(0);
        *digit = if value < 10 { b'0' + value } else { b'a' + value - 10 };
        number /= BASE;
    }
    digits.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_for_its_workspace_and_purpose_only() {
        let prints = Fingerprints::new(b"key");
        let here = WorkspaceId::from_uuid(uuid::Uuid::from_u128(1));
        let there = WorkspaceId::from_uuid(uuid::Uuid::from_u128(2));
        for number in [0, 7, u128::MAX, 0x0193_563d_8a00_7000_8000_0000_0000_0001] {
            let recipient = RecipientId::from_uuid(uuid::Uuid::from_u128(number));
            let token = mint(&prints, here, Purpose::Report, recipient);
            assert_eq!(token.len(), NUMBER + SIGNED);
            assert!(token.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()));
            let opened = |prints: &Fingerprints, workspace, purpose, token: &str| {
                open(prints, workspace, purpose, token)
            };
            assert_eq!(opened(&prints, here, Purpose::Report, &token), Some(recipient));
            let shouted = token.to_uppercase();
            assert_eq!(opened(&prints, here, Purpose::Report, &shouted), Some(recipient));
            assert_eq!(opened(&prints, there, Purpose::Report, &token), None);
            assert_eq!(opened(&prints, here, Purpose::Unsubscribe, &token), None);
            assert_eq!(opened(&Fingerprints::new(b"other"), here, Purpose::Report, &token), None);
            let mut forged = token.clone();
            forged.replace_range(20..21, if token.ends_with('0') { "1" } else { "0" });
            if forged != token {
                assert_eq!(opened(&prints, here, Purpose::Report, &forged), None);
            }
            let subject = format!("Re: unsubscribe {token}.");
            assert_eq!(in_text(&subject).collect::<Vec<_>>(), [token.as_str()]);
        }
        for odd in ["", "é", &"ü".repeat(40), &"z".repeat(41)] {
            assert_eq!(open(&prints, here, Purpose::Report, odd), None);
        }
    }
}
