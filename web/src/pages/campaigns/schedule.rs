//! When a campaign leaves, as its form has it: a start, a rate, and on which days between which hours.

use crm_campaigns::campaigns::{Schedule, Window};

use super::form::Typed;
use crate::error::AppError;
use crate::pages::local_time::moment;
use crate::views::common::Choice;

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Reads the schedule.
///
/// # Errors
/// About the field that is wrong.
pub(super) fn read(typed: &Typed) -> Result<Schedule, AppError> {
    let zone = typed.text("time_zone");
    let send_at = match typed.text("send_at") {
        "" => None,
        local => Some(moment("send_at", local, zone)?),
    };
    let rate_per_minute = match typed.text("rate_per_minute") {
        "" => None,
        text => Some(text.parse().map_err(|_| {
            AppError::invalid("rate_per_minute", "enter a whole number, or nothing for no limit")
        })?),
    };
    let window = window(typed)?;
    let timezone = (send_at.is_some() || window.is_some()).then(|| zone.to_owned());
    Ok(Schedule { send_at, timezone, rate_per_minute, window })
}

/// Days without hours are whole days; hours without days are those of every day.
fn window(typed: &Typed) -> Result<Option<Window>, AppError> {
    let mut days = typed.days();
    let (from, to) = match (typed.text("window_from"), typed.text("window_to")) {
        ("", "") if days.is_empty() => return Ok(None),
        ("", "") => ("00:00", "23:59"),
        (from, to) if from.is_empty() || to.is_empty() => {
            return Err(AppError::invalid("window_from", "enter both times, or none"));
        }
        times => times,
    };
    if days.is_empty() {
        days = (1..=7).collect();
    }
    Ok(Some(Window { days, from: from.to_owned(), to: to.to_owned() }))
}

/// Days and hours in words: "Mon, Fri 09:00–17:00".
pub(super) fn in_words(window: &Window) -> String {
    let days = (1_u8..).zip(DAYS).filter(|(number, _)| window.days.contains(number));
    let days: Vec<&str> = days.map(|(_, name)| name).collect();
    format!("{} {}–{}", days.join(", "), window.from, window.to)
}

/// The days to choose from.
pub(super) fn days(chosen: &[u8]) -> Vec<Choice> {
    let day = |(number, name): (u8, &&str)| {
        Choice::new(number.to_string(), *name, chosen.contains(&number))
    };
    (1..).zip(&DAYS).map(day).collect()
}

/// Moves what the service says about a schedule to the field it is about.
pub(super) fn placed(error: &mut AppError) {
    if let Some(problem) = error.fields.remove("schedule_json") {
        let is_window = problem.contains("window") || problem.contains("days");
        let field = if is_window { "window_from" } else { "send_at" };
        error.fields.insert(field.to_owned(), problem);
    }
}
