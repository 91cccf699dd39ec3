//! One-time passwords that follow the clock (RFC 6238): HMAC-SHA-1, six digits, thirty seconds, as every
//! authenticator app reads them.

use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt as _;
use sha1::Sha1;

use crate::{Timestamp, token};

/// How long one code lasts, in seconds.
const STEP_SECONDS: i64 = 30;
/// Steps before and after the current one whose codes are taken, for clocks that are a little off.
const WINDOW: i64 = 1;
/// Codes are numbers below this.
const MODULUS: u32 = 1_000_000;
/// Bytes of a secret: what RFC 4226 recommends.
const SECRET_BYTES: usize = 20;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret, in base 32.
pub(super) fn new_secret() -> String {
    let bytes: [u8; SECRET_BYTES] = rand::rng().random();
    base32(&bytes)
}

/// Base 32 without padding (RFC 4648).
fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut pending, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        pending = (pending << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(&mut text, pending >> bits);
        }
        pending &= (1 << bits) - 1;
    }
    if bits > 0 {
        push(&mut text, pending << (5 - bits));
    }
    text
}

fn push(text: &mut String, value: u32) {
    let index = usize::try_from(value & 31).unwrap_or_default();
    text.extend(ALPHABET.get(index).copied().map(char::from));
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut pending, mut bits) = (0_u32, 0_u32);
    for character in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == character)?;
        pending = (pending << 5) | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((pending >> bits) & 0xff).ok()?);
        }
        pending &= (1 << bits) - 1;
    }
    Some(bytes)
}

/// The step a moment is in.
pub(super) fn step_at(now: Timestamp) -> i64 {
    now.unix_millis().div_euclid(STEP_SECONDS * 1000)
}

/// The code of one step.
fn code(secret: &[u8], step: i64) -> Option<u32> {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest.last()? & 0x0f);
    let four = digest.get(offset..offset + 4)?;
    let number = u32::from_be_bytes(<[u8; 4]>::try_from(four).ok()?);
    Some((number & 0x7fff_ffff) % MODULUS)
}

/// What an authenticator app shows at a moment, for tests.
#[cfg(feature = "testing")]
pub fn code_at(secret: &str, now: Timestamp) -> String {
    let code = from_base32(secret).and_then(|secret| code(&secret, step_at(now)));
    code.map_or_else(String::new, |code| format!("{code:06}"))
}

/// The step whose code was typed, if it is the current one or a neighbour and later than `used`.
pub(super) fn matching_step(
    secret: &str,
    typed: &str,
    now: Timestamp,
    used: Option<i64>,
) -> Option<i64> {
    let secret = from_base32(secret)?;
    let current = step_at(now);
    let mut found = None;
    // All steps are looked at, whichever fits: the time it takes tells nothing.
    for step in current - WINDOW..=current + WINDOW {
        let right = format!("{:06}", code(&secret, step)?);
        if token::equal(&right, typed) && used.is_none_or(|used| step > used) {
            found = Some(step);
        }
    }
    found
}

/// What an authenticator app reads from the picture.
pub(super) fn address(secret: &str, account: &str) -> String {
    let mut label = String::new();
    for byte in account.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            label.push(char::from(byte));
        } else {
            label.push('%');
            label.push_str(&token::hex(&[byte]).to_uppercase());
        }
    }
    format!("otpauth://totp/pi-crm:{label}?secret={secret}&issuer=pi-crm")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        let moment = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        Timestamp::from_datetime(moment)
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1; the last six of the eight digits given there.
        for (seconds, digits) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            let step = seconds / STEP_SECONDS;
            assert_eq!(code(b"12345678901234567890", step), Some(digits), "{seconds}");
        }
    }

    #[test]
    fn base_32_is_that_of_rfc_4648() {
        for (plain, written) in [
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), written);
            assert_eq!(from_base32(written).unwrap(), plain.as_bytes());
        }
        assert_eq!(new_secret().len(), 32);
        assert_ne!(new_secret(), new_secret());
        assert_eq!(from_base32("not base 32"), None);
    }

    #[test]
    fn a_code_fits_its_own_step_and_the_neighbours_and_only_once() {
        let secret = base32(b"12345678901234567890");
        let step = step_at(at(59));
        for now in [30 - 30, 59, 60 + 29] {
            assert_eq!(matching_step(&secret, "287082", at(now), None), Some(step), "{now}");
        }
        assert_eq!(matching_step(&secret, "287082", at(90), None), None);
        assert_eq!(matching_step(&secret, "287082", at(-1), None), None);
        assert_eq!(matching_step(&secret, "287083", at(59), None), None);
        assert_eq!(matching_step(&secret, "287082", at(59), Some(step)), None);
        assert_eq!(matching_step(&secret, "287082", at(59), Some(step - 1)), Some(step));
    }

    #[test]
    fn the_address_names_the_program_and_the_account() {
        assert_eq!(
            address("MZXW6", "ada+crm@example.org"),
            "otpauth://totp/pi-crm:ada%2Bcrm%40example.org?secret=MZXW6&issuer=pi-crm"
        );
    }
}
