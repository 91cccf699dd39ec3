//! Turns stored values into words: times in the workspace's zone, money, figures, initials, colours.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use tera::{Kwargs, State, Tera, TeraResult};

/// Registers all filters.
pub(super) fn register(tera: &mut Tera) {
    tera.register_filter("ago", |at: &str, args: Kwargs, _: &State<'_>| -> TeraResult<String> {
        Ok(ago(at, args.must_get("now")?, args.must_get("tz")?))
    });
    tera.register_filter("moment", |at: &str, args: Kwargs, _: &State<'_>| -> TeraResult<String> {
        Ok(format_in(at, args.must_get("tz")?, "%-d %b %Y, %H:%M"))
    });
    tera.register_filter("exact", |at: &str, args: Kwargs, _: &State<'_>| -> TeraResult<String> {
        let zone: &str = args.must_get("tz")?;
        Ok(format!("{} {zone}", format_in(at, zone, "%A %-d %B %Y, %H:%M:%S")))
    });
    tera.register_filter("clock", |at: &str, args: Kwargs, _: &State<'_>| -> TeraResult<String> {
        Ok(format_in(at, args.must_get("tz")?, "%H:%M"))
    });
    tera.register_filter(
        "seconds",
        |at: &str, args: Kwargs, _: &State<'_>| -> TeraResult<String> {
            Ok(format_in(at, args.must_get("tz")?, "%H:%M:%S"))
        },
    );
    tera.register_filter(
        "weekday",
        |at: &str, args: Kwargs, _: &State<'_>| -> TeraResult<String> {
            Ok(format_in(at, args.must_get("tz")?, "%A %-d %B"))
        },
    );
    tera.register_filter("num", |value: i64, _: Kwargs, _: &State<'_>| number(value));
    tera.register_filter(
        "count",
        |value: i64, args: Kwargs, _: &State<'_>| -> TeraResult<String> {
            let word: &str = args.must_get(if value == 1 { "one" } else { "many" })?;
            Ok(format!("{}\u{a0}{word}", number(value)))
        },
    );
    tera.register_filter(
        "money",
        |value: i64, args: Kwargs, _: &State<'_>| -> TeraResult<String> {
            Ok(money(value, args.must_get("currency")?))
        },
    );
    tera.register_filter("bytes", |value: i64, _: Kwargs, _: &State<'_>| bytes(value));
    tera.register_filter("span", |value: i64, _: Kwargs, _: &State<'_>| span(value));
    tera.register_filter("initials", |name: &str, _: Kwargs, _: &State<'_>| initials(name));
    tera.register_filter("color", |id: &str, _: Kwargs, _: &State<'_>| color(id));
    tera.register_filter("urlencode", |text: &str, _: Kwargs, _: &State<'_>| urlencode(text));
}

fn zoned(at: &str, zone: &str) -> Option<Zoned> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    at.parse::<Timestamp>().ok().map(|at| at.to_zoned(zone))
}

/// A stored time in a pattern of `strftime`; what is no time is shown as it is.
fn format_in(at: &str, zone: &str, pattern: &str) -> String {
    zoned(at, zone).map_or_else(|| at.to_owned(), |at| at.strftime(pattern).to_string())
}

/// "5 min ago", "Yesterday", "13 Oct", "13 Oct 2025": relative for a week, then the date. The future reads "in 5 min".
fn ago(at: &str, now: &str, zone: &str) -> String {
    let (Some(then), Some(now)) = (zoned(at, zone), zoned(now, zone)) else {
        return at.to_owned();
    };
    let passed = now.timestamp().duration_since(then.timestamp());
    if passed < SignedDuration::from_secs(-60) {
        let minutes = -passed.as_mins();
        return match minutes {
            ..60 => format!("in {minutes}\u{a0}min"),
            60..1440 => format!("in {}\u{a0}h", minutes / 60),
            _ => then.strftime("%-d %b %Y").to_string(),
        };
    }
    let days = days_between(&then, &now);
    match (passed.as_mins(), days) {
        (..1, _) => "just now".to_owned(),
        (minutes @ 1..60, _) => format!("{minutes}\u{a0}min ago"),
        (minutes, 0) => format!("{}\u{a0}h ago", minutes / 60),
        (_, 1) => "Yesterday".to_owned(),
        (_, days @ 2..7) => format!("{days}\u{a0}d ago"),
        _ if then.year() == now.year() => then.strftime("%-d %b").to_string(),
        _ => then.strftime("%-d %b %Y").to_string(),
    }
}

/// Midnights between two moments.
fn days_between(then: &Zoned, now: &Zoned) -> i32 {
    now.date().since(then.date()).map_or(0, |span| span.get_days())
}

/// "Today", "Yesterday", "Thursday 29 October", with the year where it is another one.
pub(super) fn day_label(at: &str, now: &str, zone: &str) -> String {
    let (Some(then), Some(now)) = (zoned(at, zone), zoned(now, zone)) else {
        return at.to_owned();
    };
    match days_between(&then, &now) {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ if then.year() == now.year() => then.strftime("%A %-d %B").to_string(),
        _ => then.strftime("%-d %B %Y").to_string(),
    }
}

/// `1240` as `1,240`.
fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        out.push('−');
    }
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Money from its smallest unit: `€ 4,200`, `€ 9.50`, `¥ 12,000`. The code stands for currencies without a known sign.
fn money(minor: i64, currency: &str) -> String {
    let sign = match currency {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        "JPY" => "¥",
        "INR" => "₹",
        "UAH" => "₴",
        "PLN" => "zł",
        "CZK" => "Kč",
        other => other,
    };
    let decimals: u32 = match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" => 0,
        "KWD" | "BHD" | "OMR" | "JOD" | "TND" => 3,
        _ => 2,
    };
    let unit = 10_i64.pow(decimals);
    let whole = number(minor / unit);
    let rest = (minor % unit).unsigned_abs();
    if rest == 0 {
        format!("{sign}\u{a0}{whole}")
    } else {
        let width = usize::try_from(decimals).unwrap_or(2);
        format!("{sign}\u{a0}{whole}.{rest:0width$}")
    }
}

/// `38912` as `38 KB`.
fn bytes(value: i64) -> String {
    match value {
        ..1024 => format!("{value}\u{a0}bytes"),
        1024..1_048_576 => format!("{}\u{a0}KB", value / 1024),
        _ => {
            let tenths = value * 10 / 1_048_576;
            format!("{}.{}\u{a0}MB", tenths / 10, tenths % 10)
        }
    }
}

/// Seconds as `45 s`, `38 min`, `1 h 33 min`, `2 days`.
fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{}\u{a0}s", seconds.max(0)),
        60..3600 => format!("{}\u{a0}min", (seconds + 30) / 60),
        3600..172_800 => match seconds % 3600 / 60 {
            0 => format!("{}\u{a0}h", seconds / 3600),
            minutes => format!("{}\u{a0}h {minutes}\u{a0}min", seconds / 3600),
        },
        _ => format!("{}\u{a0}days", seconds / 86_400),
    }
}

/// First letters of the first and the last word; one letter for scripts that need only one.
fn initials(name: &str) -> String {
    let mut words =
        name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let Some(first) = words.next() else {
        return "?".to_owned();
    };
    let wide = matches!(u32::from(first), 0x3040..=0x30ff | 0x3400..=0x9fff | 0xac00..=0xd7af);
    let mut out: String = first.to_uppercase().collect();
    if let (Some(last), false) = (words.next_back(), wide) {
        out.extend(last.to_uppercase());
    }
    out
}

/// A colour from 1 to 8 that stays with an id.
fn color(id: &str) -> u32 {
    let sum = id
        .bytes()
        .fold(2_166_136_261_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
    // Ids made in a row differ in their last digits only; this spreads the difference over all bits.
    let mixed = (sum ^ (sum >> 15)).wrapping_mul(2_246_822_519);
    (mixed >> 16) % 8 + 1
}

/// For one value in a query string.
fn urlencode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{ago, bytes, color, day_label, initials, money, number, span, urlencode};

    const NOW: &str = "2026-11-03T13:06:00.000Z";
    const VIENNA: &str = "Europe/Vienna";

    #[test]
    fn times_are_relative_for_a_week() {
        for (at, words) in [
            ("2026-11-03T13:05:40.000Z", "just now"),
            ("2026-11-03T12:26:00.000Z", "40\u{a0}min ago"),
            ("2026-11-03T04:06:00.000Z", "9\u{a0}h ago"),
            ("2026-11-02T20:00:00.000Z", "Yesterday"),
            ("2026-10-30T20:00:00.000Z", "4\u{a0}d ago"),
            ("2026-10-13T20:00:00.000Z", "13 Oct"),
            ("2025-10-13T20:00:00.000Z", "13 Oct 2025"),
            ("2026-11-03T13:16:00.000Z", "in 10\u{a0}min"),
            ("not a time", "not a time"),
        ] {
            assert_eq!(ago(at, NOW, VIENNA), words, "{at}");
        }
        // Half past eleven in UTC is the next day in Vienna.
        assert_eq!(day_label("2026-11-02T23:30:00.000Z", NOW, VIENNA), "Today");
        assert_eq!(day_label("2026-11-02T23:30:00.000Z", NOW, "UTC"), "Yesterday");
        assert_eq!(day_label("2026-10-29T10:00:00.000Z", NOW, "no/zone"), "Thursday 29 October");
    }

    #[test]
    fn figures_read_well() {
        assert_eq!(number(1_240), "1,240");
        assert_eq!(number(-1_000_000), "−1,000,000");
        assert_eq!(number(12), "12");
        assert_eq!(money(420_000, "EUR"), "€\u{a0}4,200");
        assert_eq!(money(950, "EUR"), "€\u{a0}9.50");
        assert_eq!(money(12_000, "JPY"), "¥\u{a0}12,000");
        assert_eq!(money(100, "SEK"), "SEK\u{a0}1");
        assert_eq!(bytes(38_912), "38\u{a0}KB");
        assert_eq!(bytes(1_572_864), "1.5\u{a0}MB");
        assert_eq!(span(5_580), "1\u{a0}h 33\u{a0}min");
        assert_eq!(span(45), "45\u{a0}s");
    }

    #[test]
    fn names_of_any_script_have_initials_and_a_colour() {
        assert_eq!(initials("Hannes Gruber"), "HG");
        assert_eq!(initials("Θεοδώρα Παπαδοπούλου"), "ΘΠ");
        assert_eq!(initials("田中 美咲"), "田");
        assert_eq!(initials("Marta Ferrer i Puig"), "MP");
        assert_eq!(initials("  "), "?");
        assert!((1..=8).contains(&color("0192f7c4")));
        assert_eq!(urlencode("a b&c/é"), "a%20b%26c%2F%C3%A9");
    }
}
