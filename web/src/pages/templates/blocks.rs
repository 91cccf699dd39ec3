//! `POST /templates/blocks`: the form again with a block more or less, or in another place. Nothing is saved.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Form};
use actix_web::{HttpRequest, HttpResponse};
use crm_campaigns::templates::{Block, NewTemplate};
use crm_core::TemplateId;
use serde::Deserialize;

use super::edit;
use super::form::{self, Look, Typed};
use super::page;
use super::people::broken;
use crate::error::AppError;
use crate::extract::{Allow, rights};
use crate::pages::frame;
use crate::state::App;

/// A block that was deleted, as the form hands it back.
#[derive(Deserialize)]
struct Removed {
    at: usize,
    block: Block,
}

pub(super) async fn change(
    allow: Allow<rights::TemplatesWrite>,
    app: Data<App>,
    req: HttpRequest,
    fields: Form<HashMap<String, String>>,
) -> Result<HttpResponse, AppError> {
    let typed = Typed::new(fields.into_inner());
    let mut content = typed.content();
    let mut look = Look { may_write: true, ..Look::default() };
    let step = typed.get("do");
    if step == "source" {
        content = as_source(&app, &allow, content).await?;
    } else if let Some(blocks) = &mut content.blocks {
        go(blocks, step, &typed, &mut look);
    }
    if frame::is_partial(&req) && step != "source" {
        let list = form::list(content.blocks.unwrap_or_default(), &look);
        let html =
            app.views.component("templates.blocks", "list", &list).map_err(|err| broken(&err))?;
        return Ok(frame::html_answer(&app, &req, StatusCode::OK, html));
    }
    let stored = match typed.get("id").parse::<TemplateId>() {
        Ok(id) => Some(edit::find(&app, allow.scope(), id).await?),
        Err(_) => None,
    };
    let about = edit::reshown(&typed, content, stored, look);
    let view = page::make(&app, &req, &allow, about).await?;
    frame::ok(&app, &req, &view)
}

/// Blocks written out as MJML, which then is the template.
async fn as_source(
    app: &App,
    allow: &Allow<rights::TemplatesWrite>,
    content: NewTemplate,
) -> Result<NewTemplate, AppError> {
    let source = app.services.templates.source(allow.scope(), &content).await?;
    Ok(NewTemplate { blocks: None, ..source })
}

/// One step: `add:text`, `up:3`, `down:3`, `copy:3`, `delete:3` or `undo`. A step that cannot be gone changes nothing.
fn go(blocks: &mut Vec<Block>, step: &str, typed: &Typed, look: &mut Look) {
    let (verb, what) = step.split_once(':').unwrap_or((step, ""));
    let end = blocks.iter().filter(|block| !is_end(block)).count();
    if verb == "add" {
        if let Some(block) = Block::empty(what).filter(|block| !is_end(block)) {
            blocks.insert(end, block);
            look.open = Some(end);
        }
        return;
    }
    if verb == "undo" {
        if let Ok(removed) = serde_json::from_str::<Removed>(typed.get("removed")) {
            let at = removed.at.min(end);
            blocks.insert(at, removed.block);
            look.open = Some(at);
        }
        return;
    }
    let Some(at) = what.parse::<usize>().ok().filter(|at| *at < end) else { return };
    match verb {
        "up" if at > 0 => {
            blocks.swap(at, at - 1);
            look.open = None;
        }
        "down" if at + 1 < end => {
            blocks.swap(at, at + 1);
            look.open = None;
        }
        "copy" => {
            if let Some(block) = blocks.get(at).cloned() {
                blocks.insert(at + 1, block);
                look.open = Some(at + 1);
            }
        }
        "delete" => look.removed = Some((at, blocks.remove(at))),
        _ => {}
    }
}

fn is_end(block: &Block) -> bool {
    matches!(block, Block::Unsubscribe { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Block {
        Block::Text { text: text.to_owned() }
    }

    fn after(step: &str, removed: &str) -> (Vec<Block>, Look) {
        let mut blocks = vec![text("a"), text("b"), Block::empty("unsubscribe").unwrap()];
        let fields = HashMap::from([("removed".to_owned(), removed.to_owned())]);
        let mut look = Look::default();
        go(&mut blocks, step, &Typed::new(fields), &mut look);
        assert!(is_end(blocks.last().unwrap()), "{step}");
        blocks.pop();
        (blocks, look)
    }

    #[test]
    fn blocks_are_added_moved_copied_and_deleted_before_the_end() {
        assert_eq!(after("up:1", "").0, [text("b"), text("a")]);
        assert_eq!(after("down:0", "").0, [text("b"), text("a")]);
        assert_eq!(after("copy:0", "").0, [text("a"), text("a"), text("b")]);
        let (blocks, look) = after("add:divider", "");
        assert_eq!((blocks.last(), look.open), (Some(&Block::Divider {}), Some(2)));
        let (blocks, look) = after("delete:0", "");
        assert_eq!((&blocks[..], look.removed), (&[text("b")][..], Some((0, text("a")))));
        let removed = r#"{"at": 1, "block": {"kind": "text", "text": "c"}}"#;
        assert_eq!(after("undo", removed).0, [text("a"), text("c"), text("b")]);
        for nothing in [
            "up:0",
            "down:1",
            "delete:2",
            "delete:9",
            "add:x",
            "add:unsubscribe",
            "undo",
            "",
            "up:x",
        ] {
            assert_eq!(after(nothing, "").0, [text("a"), text("b")], "{nothing}");
        }
    }
}
