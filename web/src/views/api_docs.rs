//! The description of the API as a page.

use serde::Serialize;

use super::View;
use super::door::Door;

/// `/api/docs`: every operation and every shape, readable without JavaScript and without signing in.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ApiDocsPage {
    /// The frame.
    pub door: Door,
    /// What goes for all of it.
    pub intro: String,
    /// Where the server is, for the examples.
    pub base: String,
    /// Operations by what they are about.
    pub groups: Vec<Group>,
    /// Bodies and answers.
    pub shapes: Vec<Shape>,
    /// Answers that are no success.
    pub errors: Vec<Fact>,
}

/// Operations about one thing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Group {
    /// Its word.
    pub name: String,
    /// What it is about.
    pub about: String,
    /// Its operations, by path.
    pub operations: Vec<OperationCard>,
}

/// One operation.
#[derive(Debug, Clone, Default, Serialize)]
pub struct OperationCard {
    /// Its stable id.
    pub id: String,
    /// `GET`, `POST` …
    pub method: String,
    /// Path with `{…}`.
    pub path: String,
    /// What it does, in a line.
    pub summary: String,
    /// What more there is to know; may be empty.
    pub about: String,
    /// Who may call it.
    pub asks: String,
    /// What goes into the path, the query and the headers.
    pub parameters: Vec<FieldRow>,
    /// What kind of body it takes.
    pub body: Option<Kind>,
    /// What it answers.
    pub answer: Option<Kind>,
    /// Status of that answer.
    pub status: String,
    /// Other statuses it may answer.
    pub problems: Vec<String>,
    /// A call from a shell.
    pub example: String,
}

/// A parameter or a field of a shape.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FieldRow {
    /// Its name.
    pub name: String,
    /// `path`, `query`, `header`; empty for a field.
    pub place: String,
    /// Whether it must be there.
    pub required: bool,
    /// What kind of value it holds.
    pub kind: Kind,
    /// What it means; may be empty.
    pub about: String,
}

/// What kind of value something is: words, and the shape they lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Kind {
    /// `text`, `list of Contact`
    pub words: String,
    /// Name of the shape; empty where there is none to see.
    pub shape: String,
}

/// One shape.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Shape {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Its fields.
    pub fields: Vec<FieldRow>,
    /// The words it may be.
    pub words: Vec<String>,
    /// The shapes it may have.
    pub choices: Vec<Kind>,
}

/// A word and what it means.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Fact {
    /// The word.
    pub name: String,
    /// What it means.
    pub about: String,
}

impl View for ApiDocsPage {
    const TEMPLATE: &'static str = "pages/api_docs.html";

    fn samples() -> Vec<Self> {
        super::samples::api_docs::pages()
    }
}
