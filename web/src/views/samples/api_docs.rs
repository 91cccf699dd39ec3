//! The description of the API.

use super::super::api_docs::{ApiDocsPage, Fact, FieldRow, Group, Kind, OperationCard, Shape};

pub(in super::super) fn pages() -> Vec<ApiDocsPage> {
    let kind = |words: &str, shape: &str| Kind { words: words.to_owned(), shape: shape.to_owned() };
    let field = |name: &str, place: &str, kind: Kind| FieldRow {
        name: name.to_owned(),
        place: place.to_owned(),
        required: place == "path",
        kind,
        about: "What it means".to_owned(),
    };
    let operation = OperationCard {
        id: "change_contact".to_owned(),
        method: "PATCH".to_owned(),
        path: "/api/contacts/{id}".to_owned(),
        summary: "Changes some fields of a contact".to_owned(),
        asks: "contacts:write".to_owned(),
        parameters: vec![field("id", "path", kind("UUID", ""))],
        body: Some(kind("ContactChange", "ContactChange")),
        answer: Some(kind("Contact", "Contact")),
        status: "200".to_owned(),
        problems: vec!["404".to_owned()],
        example: "curl -X PATCH <b>'it'</b>".to_owned(),
        ..OperationCard::default()
    };
    vec![
        ApiDocsPage::default(),
        ApiDocsPage {
            intro: "Every answer is an envelope.".to_owned(),
            base: "http://pi.local:8080".to_owned(),
            groups: vec![Group {
                name: "contacts".to_owned(),
                about: "Contacts".to_owned(),
                operations: vec![operation],
            }],
            shapes: vec![Shape {
                name: "Contact".to_owned(),
                fields: vec![field("first_name", "", kind("text", ""))],
                words: vec!["owner".to_owned()],
                choices: vec![kind("text", "")],
                ..Shape::default()
            }],
            errors: vec![Fact { name: "404".to_owned(), about: "Not there.".to_owned() }],
            ..ApiDocsPage::default()
        },
    ]
}
