//! Renders views. Templates are part of the binary, so pages do not depend on the folder a process was started in.

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult};

use super::View;
use super::mail::{Mail, MailView};
use super::{assets, embedded, filters};

/// A page or component could not be rendered. The cause is for the log; users get the page for status 500.
#[derive(Debug, thiserror::Error)]
#[error("the template {name} could not be rendered")]
pub struct ViewError {
    /// Template or component.
    name: String,
    /// What the engine said.
    #[source]
    source: tera::Error,
}

/// All templates, parsed and checked. One per process.
#[derive(Debug)]
pub struct Engine {
    tera: Tera,
}

impl Engine {
    /// Parses the embedded templates. Fails on a mistake in one of them, which the tests rule out.
    pub fn new() -> Result<Self, ViewError> {
        let mut tera = Tera::new();
        filters::register(&mut tera);
        tera.register_function("asset", |args: Kwargs, _: &State<'_>| -> TeraResult<String> {
            let name: &str = args.must_get("name")?;
            assets::by_name(name)
                .map(|asset| format!("/assets/{}", asset.file))
                .ok_or_else(|| tera::Error::message(format!("there is no asset {name}")))
        });
        tera.add_raw_templates(embedded::TEMPLATES.iter().copied())
            .map_err(|source| ViewError { name: "set".to_owned(), source })?;
        Ok(Self { tera })
    }

    /// A whole page.
    pub fn page<V: View>(&self, view: &V) -> Result<String, ViewError> {
        let failed = |source| ViewError { name: V::TEMPLATE.to_owned(), source };
        let context = Context::from_serialize(view).map_err(failed)?;
        self.tera.render(V::TEMPLATE, &context).map_err(failed)
    }

    /// A mail.
    pub fn mail<V: MailView>(&self, view: &V) -> Result<Mail, ViewError> {
        let failed = |source| ViewError { name: V::NAME.to_owned(), source };
        let context = Context::from_serialize(view).map_err(failed)?;
        let part = |part| self.tera.render(&format!("mail/{}/{part}", V::NAME), &context);
        let subject = part("subject.txt").map_err(failed)?;
        Ok(Mail {
            // One line, whatever names in it hold.
            subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
            text: part("body.txt").map_err(failed)?,
            html: part("body.html").map_err(failed)?,
        })
    }

    /// One component, the same that a page uses, for an answer to htmx. `argument` is what the component calls
    /// `parameter`: `engine.component("contacts.results", "results", &results)`.
    pub fn component<T: Serialize>(
        &self,
        name: &str,
        parameter: &'static str,
        argument: &T,
    ) -> Result<String, ViewError> {
        let failed = |source| ViewError { name: name.to_owned(), source };
        let value = tera::Value::try_from_serializable(argument).map_err(failed)?;
        let mut context = Context::new();
        context.insert_value(parameter, value);
        self.tera.render_component(name, &context, None, true).map_err(failed)
    }
}
