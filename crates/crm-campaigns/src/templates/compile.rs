//! Content compiled once and rendered for many: the parts of a template put together into one complete message.

use crm_contacts::Contact;

use super::footer::{self, Footer};
use super::language::{
    self, Escaping, Known as KnownNames, Output, Problem, Program, Value, Variable,
};
use super::marks::Marks;
use super::{
    Channel, Compiled, Format, NewTemplate, RenderContext, Rendered, Result, TemplatesError,
};
use super::{document, inline, mjml, plain_text};

pub(crate) use super::language::Known;

/// Elements may lie inside each other this deep.
const MAX_DEPTH: usize = 400;

/// Compiled content of one template.
#[derive(Debug, Clone)]
pub(crate) struct CompiledContent {
    channel: Channel,
    subject: Program,
    preheader: Program,
    body: Program,
    signature: Signature,
    footer: Option<Footer>,
    text: Text,
    variables: Vec<Variable>,
    needed: Vec<Variable>,
}

#[derive(Debug, Clone)]
struct Signature {
    program: Program,
    /// Whether it is written in HTML; else it is plain text.
    is_html: bool,
}

/// Where the text part comes from.
#[derive(Debug, Clone)]
enum Text {
    /// From a text the user wrote, or from the HTML body once and for all.
    Program(Program),
    /// From each rendered HTML body, where conditions in it do not survive the conversion.
    FromHtml,
}

/// Compiles content. `known` says which custom fields there are.
///
/// # Errors
/// [`TemplatesError::UnknownVariable`] and [`TemplatesError::Syntax`], with the field they are in.
pub(crate) fn compile(content: &NewTemplate, known: Known<'_>) -> Result<CompiledContent> {
    let subject = part("subject", &content.subject, known)?;
    let preheader = part("preheader", &content.preheader, known)?;
    let signature = Signature {
        program: part("signature", &content.signature, known)?,
        is_html: document::looks_like_html(&content.signature),
    };
    for (field, source) in [("body_html", &content.body_html), ("signature", &content.signature)] {
        if document::depth(source) > MAX_DEPTH {
            let message = format!("elements lie inside each other more than {MAX_DEPTH} deep");
            return Err(TemplatesError::Syntax { field, message });
        }
    }
    // As written first, so that a problem is reported with the line the user knows.
    let mut body = part("body_html", &content.body_html, known)?;
    let mut html = content.body_html.clone();
    if content.channel == Channel::Email {
        let wrong = |message| TemplatesError::Syntax { field: "body_html", message };
        let is_mjml = content.format == Format::Mjml;
        if is_mjml {
            html = mjml::to_html(&content.body_html).map_err(wrong)?;
        }
        // What MJML is turned into has its styles in place already, but for those somebody added.
        if !is_mjml || content.body_html.contains("<mj-style") {
            html = inline::run(&html).map_err(wrong)?;
        }
        body = part("body_html", &html, known)?;
    }
    let written = part("body_text", &content.body_text, known)?;
    let text = if content.body_text.trim().is_empty() {
        derived_text(&html)
    } else {
        Text::Program(written)
    };

    let mut variables: Vec<Variable> = Vec::new();
    let mut parts = vec![&subject, &preheader, &body, &signature.program];
    if let Text::Program(program) = &text {
        parts.push(program);
    }
    let mut needed: Vec<Variable> = Vec::new();
    for program in parts {
        add(&mut variables, &program.variables);
        add(&mut needed, &program.needed);
    }
    let written = match &text {
        Text::Program(program) => program,
        Text::FromHtml => &body,
    };
    let footer = footer::of([&body, written, &signature.program], known)?;
    Ok(CompiledContent {
        channel: content.channel,
        subject,
        preheader,
        body,
        signature,
        footer,
        text,
        variables,
        needed,
    })
}

fn add(all: &mut Vec<Variable>, some: &[Variable]) {
    for variable in some {
        if !all.contains(variable) {
            all.push(variable.clone());
        }
    }
}

pub(super) fn part(field: &'static str, source: &str, known: KnownNames<'_>) -> Result<Program> {
    language::parse(source, known).map_err(|problem| match problem {
        Problem::UnknownVariable(variable) => TemplatesError::UnknownVariable { field, variable },
        Problem::Syntax(message) => TemplatesError::Syntax { field, message },
    })
}

/// Converts the body to text with its placeholders in place, so that no message pays for the conversion.
fn derived_text(html: &str) -> Text {
    let Some((marks, marked)) = Marks::replace(html).filter(|(marks, _)| !marks.has_statements())
    else {
        return Text::FromHtml;
    };
    let text = marks.restore(&plain_text::of_html(&marked));
    language::parse(&text, Known::Any).map_or(Text::FromHtml, Text::Program)
}

impl CompiledContent {
    /// The same without what says how to unsubscribe, for a message from one person to another.
    pub(crate) fn without_footer(self) -> Self {
        Self { footer: None, ..self }
    }

    /// Every variable in it, each with whether it is written somewhere without a default.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&Variable, bool)> {
        self.variables.iter().map(|variable| (variable, self.needed.contains(variable)))
    }

    /// How many of the content's variables have no value for this contact, those with a default included.
    pub(crate) fn empty_variables(&self, contact: &Contact, context: &RenderContext) -> usize {
        let is_empty =
            |variable: &&Variable| matches!(variable.value(contact, context), Value::Missing(_));
        self.variables.iter().filter(is_empty).count()
    }

    /// Names of the variables without a value that would have to be written: such a message must not be sent.
    ///
    /// # Errors
    /// As [`Compiled::render`].
    pub(crate) fn missing(
        &self,
        contact: &Contact,
        context: &RenderContext,
    ) -> Result<Vec<String>> {
        // What has no variable in a place where it is written cannot lack a value.
        if self.empty_variables(contact, context) == 0 && !self.has_dates() {
            return Ok(Vec::new());
        }
        let maker = Maker { contact, context };
        let mut missing = Missing::default();
        missing.take(maker.part("subject", &self.subject, Escaping::Plain)?);
        if self.channel == Channel::Email {
            missing.take(maker.part("preheader", &self.preheader, Escaping::Html)?);
            missing.take(maker.part("body_html", &self.body, Escaping::Html)?);
            missing.take(maker.part("signature", &self.signature.program, Escaping::Html)?);
        }
        if let Text::Program(program) = &self.text {
            missing.take(maker.part("body_text", program, Escaping::Plain)?);
        }
        Ok(missing.names)
    }

    fn has_dates(&self) -> bool {
        [&self.subject, &self.preheader, &self.body, &self.signature.program]
            .into_iter()
            .chain(match &self.text {
                Text::Program(program) => Some(program),
                Text::FromHtml => None,
            })
            .any(Program::has_dates)
    }
}

#[derive(Default)]
struct Missing {
    names: Vec<String>,
}

impl Missing {
    /// Keeps the names and hands on the text.
    fn take(&mut self, output: Output) -> String {
        for name in output.missing {
            if !self.names.contains(&name) {
                self.names.push(name);
            }
        }
        output.text
    }
}

struct Maker<'a> {
    contact: &'a Contact,
    context: &'a RenderContext,
}

impl Maker<'_> {
    fn part(&self, field: &'static str, program: &Program, escaping: Escaping) -> Result<Output> {
        language::render(program, self.contact, self.context, escaping).map_err(|_| {
            TemplatesError::Syntax { field, message: "the message is larger than 1 MB".to_owned() }
        })
    }
}

impl Compiled for CompiledContent {
    fn render(&self, contact: &Contact, context: &RenderContext) -> Result<Rendered> {
        let maker = Maker { contact, context };
        let mut missing = Missing::default();
        let subject = missing.take(maker.part("subject", &self.subject, Escaping::Plain)?);
        let subject = document::one_line(&subject);
        if self.channel == Channel::Text {
            let text = match &self.text {
                Text::Program(program) => program,
                Text::FromHtml => &self.body,
            };
            let text = missing.take(maker.part("body_text", text, Escaping::Plain)?);
            return Ok(Rendered { subject, html: String::new(), text, missing: missing.names });
        }
        let preheader = missing.take(maker.part("preheader", &self.preheader, Escaping::Html)?);
        let body = missing.take(maker.part("body_html", &self.body, Escaping::Html)?);
        let mut text = match &self.text {
            Text::Program(program) => {
                missing.take(maker.part("body_text", program, Escaping::Plain)?)
            }
            Text::FromHtml => plain_text::of_html(&body),
        };
        let mut below = String::new();
        let signature = &self.signature.program;
        if self.signature.is_html {
            let html = missing.take(maker.part("signature", signature, Escaping::Html)?);
            plain_text::add_paragraph(&mut text, &plain_text::of_html(&html));
            below.push_str(&html);
        } else {
            let plain = missing.take(maker.part("signature", signature, Escaping::Plain)?);
            plain_text::add_paragraph(&mut text, plain.trim());
            below.push_str(&document::paragraph(plain.trim()));
        }
        if let Some(footer) = &self.footer {
            below.push_str(&maker.part("body_html", &footer.html, Escaping::Html)?.text);
            let plain = maker.part("body_text", &footer.text, Escaping::Plain)?.text;
            if !plain.trim().is_empty() {
                text.truncate(text.trim_end().len());
                text.push_str(&plain);
            }
        }
        let html = document::complete(&subject, &preheader, &body, &below);
        Ok(Rendered { subject, html, text, missing: missing.names })
    }
}
