//! The pair of keys: made here or brought along, checked by `ring`, which also signs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_bigint::{NonZero, U1024, U2048};
use crypto_primes::{Flavor, random_prime};
use ring::rsa::KeyPair;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// Bits of each prime; the modulus has twice as many. Longer keys do not fit into one answer of the DNS everywhere.
const PRIME_BITS: u32 = 1024;
/// The public exponent everybody uses.
const EXPONENT: u32 = 65_537;
/// Most characters of a key somebody pastes.
const LONGEST: usize = 20_000;

/// `rsaEncryption` without parameters, as the head of a public key names it (RFC 8017, A.1).
const ALGORITHM: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// Why a text is no key to sign with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// No PEM text of a private key.
    #[error(
        "paste the private key with its lines BEGIN and END, as openssl genrsa writes it, without a password"
    )]
    Unreadable,
    /// A key `ring` does not sign with.
    #[error("this is no RSA key of 2048 to 4096 bits")]
    Unfit,
}

/// An RSA key to sign with.
pub struct DkimKey(KeyPair);

impl std::fmt::Debug for DkimKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DkimKey")
    }
}

impl DkimKey {
    /// Makes a key of 2048 bits, in the form [`Self::open`] reads. It takes a moment of computing.
    pub fn generate() -> SecretString {
        SecretString::from(STANDARD.encode(&*generate()))
    }

    /// Reads a key somebody has, PEM in the form of PKCS #1 or PKCS #8, into the form [`Self::open`] reads.
    ///
    /// # Errors
    /// [`BadKey`]
    pub fn paste(pem: &str) -> Result<SecretString, BadKey> {
        if pem.len() > LONGEST {
            return Err(BadKey::Unreadable);
        }
        let text = |label: &str| {
            let (_, rest) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
            let (text, _) = rest.split_once(&format!("-----END {label}-----"))?;
            Some(text.split_whitespace().collect::<String>())
        };
        let inside = text("RSA PRIVATE KEY").or_else(|| text("PRIVATE KEY"));
        let key = SecretString::from(inside.ok_or(BadKey::Unreadable)?);
        Self::open(&key)?;
        Ok(key)
    }

    /// Opens a stored key.
    ///
    /// # Errors
    /// [`BadKey`]
    pub fn open(stored: &SecretString) -> Result<Self, BadKey> {
        let der = STANDARD.decode(stored.expose_secret()).map_err(|_| BadKey::Unreadable)?;
        let der = Zeroizing::new(der);
        let pair = KeyPair::from_der(&der).or_else(|_| KeyPair::from_pkcs8(&der));
        pair.map(Self).map_err(|_| BadKey::Unfit)
    }

    /// The public half as the DNS shows it: a `SubjectPublicKeyInfo` in base64.
    pub fn public(&self) -> String {
        let mut bits = vec![0];
        bits.extend_from_slice(self.0.public().as_ref());
        let info = [ALGORITHM.to_vec(), part(0x03, &bits)].concat();
        STANDARD.encode(part(0x30, &info))
    }

    /// RSASSA-PKCS1-v1_5 with SHA-256 over `data`; `None` where `ring` refuses.
    pub(super) fn sign(&self, data: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.0.public().modulus_len()];
        let random = ring::rand::SystemRandom::new();
        let padding = &ring::signature::RSA_PKCS1_SHA256;
        self.0.sign(padding, &random, data, &mut signature).ok()?;
        Some(signature)
    }
}

/// A private key as PKCS #1 (RFC 8017, A.1.2).
fn generate() -> Zeroizing<Vec<u8>> {
    let mut random = rand::rng();
    let one = U1024::ONE;
    loop {
        let (p, q): (U1024, U1024) = (
            random_prime(&mut random, Flavor::Any, PRIME_BITS),
            random_prime(&mut random, Flavor::Any, PRIME_BITS),
        );
        let (p, q) = if p > q { (p, q) } else { (q, p) };
        let modulus: U2048 = p.concatenating_mul(&q);
        let phi: U2048 = p.wrapping_sub(&one).concatenating_mul(&q.wrapping_sub(&one));
        let exponent = U2048::from(EXPONENT);
        let of = |value: &U1024| value.wrapping_sub(&one);
        let parts = || {
            let phi = Option::from(NonZero::new(phi))?;
            let private: U2048 = Option::from(exponent.invert_mod(&phi))?;
            let first: U1024 = private.rem(&Option::<NonZero<U1024>>::from(NonZero::new(of(&p)))?);
            let second: U1024 = private.rem(&Option::<NonZero<U1024>>::from(NonZero::new(of(&q)))?);
            let p_as = Option::<NonZero<U1024>>::from(NonZero::new(p))?;
            let coefficient: U1024 = Option::from(q.invert_mod(&p_as))?;
            Some((private, first, second, coefficient))
        };
        // One in a few pairs is a bit short, or not prime to the exponent.
        let Some((private, first, second, coefficient)) = parts() else { continue };
        if modulus.bit_width() != 2 * PRIME_BITS {
            continue;
        }
        let numbers = [
            number(&[0]),
            number(&modulus.to_be_bytes()),
            number(&EXPONENT.to_be_bytes()),
            number(&private.to_be_bytes()),
            number(&p.to_be_bytes()),
            number(&q.to_be_bytes()),
            number(&first.to_be_bytes()),
            number(&second.to_be_bytes()),
            number(&coefficient.to_be_bytes()),
        ];
        return Zeroizing::new(part(0x30, &Zeroizing::new(numbers.concat())));
    }
}

/// A whole number in DER.
fn number(big_endian: &[u8]) -> Vec<u8> {
    let begin = big_endian.iter().position(|byte| *byte != 0);
    let digits = begin.and_then(|begin| big_endian.get(begin..)).unwrap_or(&[0]);
    let mut signed = Vec::with_capacity(digits.len() + 1);
    if digits.first().is_some_and(|first| *first >= 0x80) {
        signed.push(0);
    }
    signed.extend_from_slice(digits);
    part(0x02, &signed)
}

/// A tag, a length, and what it holds, in DER.
fn part(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let length = content.len().to_be_bytes();
            let digits: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
            bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or_default());
            bytes.extend(digits);
        }
    }
    bytes.extend_from_slice(content);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_made_here_signs_what_its_public_half_verifies() {
        let stored = DkimKey::generate();
        let key = DkimKey::open(&stored).unwrap();
        assert_ne!(stored.expose_secret(), DkimKey::generate().expose_secret());
        let signature = key.sign(b"Dear Ada").unwrap();
        assert_eq!(signature.len(), 256);
        let public = ring::signature::UnparsedPublicKey::new(
            &ring::signature::RSA_PKCS1_2048_8192_SHA256,
            key.0.public().as_ref(),
        );
        public.verify(b"Dear Ada", &signature).unwrap();
        assert!(public.verify(b"Dear Eve", &signature).is_err());
        let shown = STANDARD.decode(key.public()).unwrap();
        assert_eq!(shown.len(), 294, "2048 bits with their head");
        assert!(shown.ends_with(key.0.public().as_ref()));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in ["", "hello", "-----BEGIN PRIVATE KEY-----\n%%\n-----END PRIVATE KEY-----"] {
            assert_eq!(DkimKey::paste(bad).unwrap_err(), BadKey::Unreadable, "{bad}");
        }
        let other = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
        assert_eq!(DkimKey::paste(other).unwrap_err(), BadKey::Unfit);
        let made = DkimKey::generate();
        let pem = format!(
            "\r\n-----BEGIN RSA PRIVATE KEY-----\r\n{}\r\n-----END RSA PRIVATE KEY-----\r\n",
            made.expose_secret()
        );
        let pasted = DkimKey::paste(&pem).unwrap();
        let public = |key: &SecretString| DkimKey::open(key).unwrap().public();
        assert_eq!(public(&pasted), public(&made));
    }
}
