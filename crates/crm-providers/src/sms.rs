//! How many parts a text message is sent in: GSM 03.38 (7 bits a character) where every character is in that alphabet,
//! else UCS-2 (16 bits). No crate for this is kept up, and the alphabet will not change any more.

use serde::Serialize;

/// The basic alphabet of GSM 03.38 without its escape character.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Characters that are written as two: an escape and another one.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How a text message is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SmsEncoding {
    /// Seven bits a character: 160 in one message.
    Gsm7,
    /// Sixteen bits a character: 70 in one message.
    Ucs2,
}

/// The size of a text message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SmsCount {
    /// How it is encoded.
    pub encoding: SmsEncoding,
    /// Units it takes: characters, where some count as two.
    pub units: usize,
    /// Messages it is sent in; each is paid for.
    pub segments: usize,
    /// Units that still fit into the last of them.
    pub left: usize,
    /// The characters that keep it from the seven-bit alphabet, each once; the first ten.
    pub outside: Vec<char>,
}

/// Most characters outside the alphabet that are named.
const NAMED: usize = 10;

/// Counts a text.
pub fn count(text: &str) -> SmsCount {
    let mut outside = Vec::new();
    for c in text.chars().filter(|c| gsm_units(*c).is_none()) {
        if outside.len() < NAMED && !outside.contains(&c) {
            outside.push(c);
        }
    }
    let encoding = if outside.is_empty() { SmsEncoding::Gsm7 } else { SmsEncoding::Ucs2 };
    let (alone, joined) = match encoding {
        SmsEncoding::Gsm7 => (160, 153),
        SmsEncoding::Ucs2 => (70, 67),
    };
    let size = |c: char| match encoding {
        SmsEncoding::Gsm7 => gsm_units(c).unwrap_or(1),
        SmsEncoding::Ucs2 => c.len_utf16(),
    };
    let units: usize = text.chars().map(size).sum();
    if units <= alone {
        let segments = usize::from(units > 0);
        return SmsCount { encoding, units, segments, left: alone - units, outside };
    }
    // A character of two units is not torn apart: it begins the next message.
    let (mut segments, mut filled) = (1, 0);
    for c in text.chars().map(size) {
        if filled + c > joined {
            segments += 1;
            filled = 0;
        }
        filled += c;
    }
    SmsCount { encoding, units, segments, left: joined - filled, outside }
}

/// Units of a character in the seven-bit alphabet; `None` where it is not in it.
fn gsm_units(c: char) -> Option<usize> {
    if BASIC.contains(c) {
        Some(1)
    } else if EXTENSION.contains(c) {
        Some(2)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (SmsEncoding, usize, usize, usize) {
        let count = count(text);
        (count.encoding, count.units, count.segments, count.left)
    }

    #[test]
    fn the_alphabet_is_whole() {
        assert_eq!(BASIC.chars().count(), 127, "128 with the escape");
        assert_eq!(EXTENSION.chars().count(), 10);
    }

    #[test]
    fn seven_bit_texts_hold_160_alone_and_153_together() {
        use SmsEncoding::Gsm7;
        assert_eq!(told(""), (Gsm7, 0, 0, 160));
        assert_eq!(told("Grüße"), (Gsm7, 5, 1, 155));
        assert_eq!(told(&"a".repeat(160)), (Gsm7, 160, 1, 0));
        assert_eq!(told(&"a".repeat(161)), (Gsm7, 161, 2, 145));
        assert_eq!(told(&"a".repeat(306)), (Gsm7, 306, 2, 0));
        assert_eq!(told(&"a".repeat(307)), (Gsm7, 307, 3, 152));
    }

    #[test]
    fn extension_characters_take_two_and_are_not_torn() {
        use SmsEncoding::Gsm7;
        for c in EXTENSION.chars() {
            assert_eq!(told(&c.to_string()), (Gsm7, 2, 1, 158), "{c:?}");
        }
        assert_eq!(told(&format!("{}€", "a".repeat(158))), (Gsm7, 160, 1, 0));
        assert_eq!(told(&format!("{}€", "a".repeat(159))), (Gsm7, 161, 2, 145));
        // 152 and a sign of two: the sign begins the second message, and one unit of the first stays empty.
        assert_eq!(told(&format!("{}€{}", "a".repeat(152), "a".repeat(20))), (Gsm7, 174, 2, 131));
        assert_eq!(told(&format!("{}€{}", "a".repeat(152), "a".repeat(151))), (Gsm7, 305, 2, 0));
        assert_eq!(told(&format!("{}€{}", "a".repeat(152), "a".repeat(152))), (Gsm7, 306, 3, 152));
    }

    #[test]
    fn one_other_character_makes_it_sixteen_bits() {
        use SmsEncoding::Ucs2;
        assert_eq!(told("ç"), (Ucs2, 1, 1, 69));
        assert_eq!(told("👍"), (Ucs2, 2, 1, 68));
        assert_eq!(told(&"ж".repeat(70)), (Ucs2, 70, 1, 0));
        assert_eq!(told(&"ж".repeat(71)), (Ucs2, 71, 2, 63));
        assert_eq!(told(&format!("{}👍ж", "ж".repeat(66))), (Ucs2, 69, 1, 1));
        // A pair is not torn: 66 and a pair of two do not fit into 67.
        assert_eq!(told(&format!("{}👍{}", "ж".repeat(66), "ж".repeat(10))), (Ucs2, 78, 2, 55));
        assert_eq!(count("a’b’c…").outside, ['’', '…']);
    }
}
