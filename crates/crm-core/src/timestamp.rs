//! Moments in time as the database and the API hold them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

/// A moment in UTC with millisecond precision, written as fixed-width RFC 3339 (`2026-11-22T23:30:00.123Z`).
///
/// The fixed width makes text order equal time order, so that one column type and one comparison serve
/// SQLite and PostgreSQL alike, and keyset cursors can carry the text as it is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    sea_orm::DeriveValueType,
    utoipa::ToSchema,
)]
#[sea_orm(value_type = "String")]
#[schema(value_type = String, format = DateTime, example = "2026-11-22T23:30:00.123Z")]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// Takes a moment, moved to UTC and cut to whole milliseconds.
    pub fn from_datetime(moment: OffsetDateTime) -> Self {
        let utc = moment.to_offset(UtcOffset::UTC);
        let cut = utc.replace_millisecond(utc.millisecond()).unwrap_or(utc);
        Self(cut)
    }

    /// The moment as the `time` crate's type, in UTC.
    pub const fn as_datetime(self) -> OffsetDateTime {
        self.0
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn unix_millis(self) -> i64 {
        i64::try_from(self.0.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
    }

    /// This moment plus `duration`.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0 + duration)
    }

    /// This moment minus `duration`.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0 - duration)
    }

    /// Time from `earlier` to this moment; zero where `earlier` lies after it.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::try_from(self.0 - earlier.0).unwrap_or(Duration::ZERO)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.0;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            t.millisecond()
        )
    }
}

impl FromStr for Timestamp {
    type Err = time::error::Parse;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        OffsetDateTime::parse(text, &Rfc3339).map(Self::from_datetime)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(|_| {
            serde::de::Error::custom(
                "expected an RFC 3339 date and time, such as 2026-11-03T09:00:00Z",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_order_is_time_order_and_round_trips() {
        let early: Timestamp = "2026-11-03T09:00:00Z".parse().unwrap();
        let late: Timestamp = "2026-11-03T10:00:00.5+00:30".parse().unwrap();
        assert_eq!(early.to_string(), "2026-11-03T09:00:00.000Z");
        assert_eq!(late.to_string(), "2026-11-03T09:30:00.500Z");
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(late.to_string().parse::<Timestamp>().unwrap(), late);
        assert_eq!(late.since(early), Duration::from_millis(1_800_500));
    }
}
