//! Secrets that are handed out once and kept only as a hash: session tokens, set-up codes, signed links.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt as _;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

/// A random token of 256 bits as 43 URL-safe characters.
pub fn random() -> String {
    let bytes: [u8; 32] = rand::rng().random();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A code for people to copy by hand: `groups` of four letters and digits that cannot be mixed up.
pub fn readable_code(groups: usize) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut rng = rand::rng();
    let mut code = String::with_capacity(groups * 5);
    for group in 0..groups {
        if group > 0 {
            code.push('-');
        }
        for _ in 0..4 {
            let index = usize::from(rng.random::<u8>() % 32);
            code.push(ALPHABET.get(index).copied().map_or('A', char::from));
        }
    }
    code
}

/// SHA-256 of a token in lower-case hexadecimal: what the database keeps of it.
pub fn hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Signs `message` for one `purpose` with `key` (HMAC-SHA-256, URL-safe base64).
pub fn sign(key: &[u8], purpose: &str, message: &str) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(message.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Whether two secrets are equal, in time that does not tell where they differ.
pub fn equal(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_bound_to_purpose_and_message() {
        let signature = sign(b"key", "csrf", "message");
        assert!(equal(&signature, &sign(b"key", "csrf", "message")));
        assert!(!equal(&signature, &sign(b"key", "unsubscribe", "message")));
        assert!(!equal(&signature, &sign(b"other", "csrf", "message")));
        assert_ne!(random(), random());
        assert_eq!(readable_code(3).len(), 14);
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
