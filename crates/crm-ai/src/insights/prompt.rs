//! What a model is told about a workspace: rows of figures, in which placeholders stand for everything a person has
//! written. A snapshot holds every word of it.

use serde_json::json;

use super::Kind;
use super::sheet::Sheet;
use crate::language_model::Question;

/// Most tokens of an answer.
const MAX_TOKENS: u32 = 700;

/// What the reader of figures must keep to.
const RULES: &str = "You read the figures of a customer list and say what its owner should know. \
Answer with one JSON object and nothing else: \"insights\" is a list of up to six objects. In each, \
\"about\" is the name of one row of the figures, \
\"type\" is the kind of finding, \
\"text\" is one plain English sentence of 12 to 200 characters that says what stands out in this row and names it as it is \
named in the figures, \
\"confidence\" is from 0 to 1. \
Write numbers in digits, and only numbers that stand in this row: do not add, divide or compare them into new ones. \
S1, S2 are stages in the order of the pipeline, L1 is a list of people, P1 is a sender, C1 is a campaign. \
A stage stalls where its people have been in it for far longer than in other stages. \
A list stopped replying where its rate is far below its rate_before. \
A sender is failing where its lost, in percent, is high, or far above its lost_before. \
Say nothing about rows in which nothing stands out. Fewer than 20 are too few to say something about.";

/// The question about these figures.
pub(super) fn question(sheet: &Sheet) -> Question {
    let rows: Vec<&str> =
        sheet.for_model().into_iter().map(|row| row.placeholder.as_str()).collect();
    let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
    Question {
        rules: RULES.to_owned(),
        wish: format!("Figures: {}", sheet.json()),
        name: "insights",
        schema: json!({
            "type": "object",
            "properties": {
                "insights": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "about": {"type": "string", "enum": rows},
                            "type": {"type": "string", "enum": kinds},
                            "text": {"type": "string"},
                            "confidence": {"type": "number"},
                        },
                        "required": ["about", "type", "text", "confidence"],
                        "additionalProperties": false,
                    },
                },
            },
            "required": ["insights"],
            "additionalProperties": false,
        }),
        max_tokens: MAX_TOKENS,
    }
}
