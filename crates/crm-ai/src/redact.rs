//! Personal data out of a text before it leaves, and back into what returns.
//!
//! What is known of the contact a text is for becomes a placeholder like `[FIRST_NAME]`, which comes back as the
//! template variable it stands for, so that the draft fits everybody. Addresses and phone numbers of others, and people
//! of the contact book, become numbered placeholders that come back as they were.

mod find;
mod words;

use crm_contacts::Contact;
use crm_contacts::contacts::CustomValue;

use self::words::replace_words;

/// A fact a draft may use: a variable of templates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// As templates write it: `contact.first_name`.
    pub variable: String,
    /// What stands for it outside: `[FIRST_NAME]`.
    pub placeholder: String,
    /// What it is, for the model: "the first name of the reader".
    pub meaning: String,
    /// As it comes back: `{{ contact.first_name | default("there") }}`.
    pub expression: String,
}

impl Fact {
    fn new(variable: &str, placeholder: &str, meaning: &str, filter: &str) -> Self {
        Self {
            variable: variable.to_owned(),
            placeholder: format!("[{placeholder}]"),
            meaning: meaning.to_owned(),
            expression: format!("{{{{ {variable}{filter} }}}}"),
        }
    }

    /// All facts of a workspace with these custom fields.
    pub fn all(custom_fields: &[String]) -> Vec<Self> {
        let mut facts = vec![
            Self::new(
                "contact.first_name",
                "FIRST_NAME",
                "the first name of the reader",
                " | default(\"there\")",
            ),
            Self::new("contact.last_name", "LAST_NAME", "the last name of the reader", ""),
            Self::new(
                "contact.company",
                "COMPANY",
                "the company of the reader",
                " | default(\"your company\")",
            ),
            Self::new("contact.email", "EMAIL", "the e-mail address of the reader", ""),
            Self::new("contact.phone", "PHONE", "the phone number of the reader", ""),
            Self::new("workspace.name", "SENDER", "the name of the sender", ""),
        ];
        facts.extend(custom_fields.iter().map(|name| {
            Self::new(
                &format!("contact.custom.{name}"),
                &format!("CUSTOM_{}", name.to_uppercase()),
                &format!("what is noted about the reader under {}", name.replace('_', " ")),
                "",
            )
        }));
        facts
    }

    /// Whether it can be named by `variable`.
    fn is(&self, variable: &str) -> bool {
        match variable {
            "contact.primary_email" | "email" => self.variable == "contact.email",
            "contact.primary_phone" => self.variable == "contact.phone",
            other => self.variable == other,
        }
    }
}

/// What was taken out of a text, to be put back into what returns.
#[derive(Debug, Clone, Default)]
pub struct Redaction {
    facts: Vec<Fact>,
    /// Placeholder and what it stands for, word by word.
    others: Vec<(String, String)>,
}

/// How what returns is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A line or paragraphs of text.
    Text,
    /// HTML: one paragraph for each paragraph of the text.
    Html,
}

impl Redaction {
    /// Of a workspace with these facts.
    pub const fn new(facts: Vec<Fact>) -> Self {
        Self { facts, others: Vec::new() }
    }

    /// `text` without personal data. `contact` is who it is for, `people` are others it may be about.
    pub fn redact(&mut self, text: &str, contact: Option<&Contact>, people: &[Contact]) -> String {
        let mut text = self.variables_to_placeholders(text);
        let of_contact = contact.map(values).unwrap_or_default();
        let reaches = |variable: &str| matches!(variable, "contact.email" | "contact.phone");
        // Addresses first: a name in one of them would break it in two.
        for (value, variable) in of_contact.iter().filter(|(_, variable)| reaches(variable)) {
            text = self.to_placeholder(&text, value, variable);
        }
        for address in find::emails(&text) {
            text = self.take_out(&text, &address, "EMAIL");
        }
        for number in find::phones(&text) {
            text = self.take_out(&text, &number, "PHONE");
        }
        // Then whole names: somebody else may have one half of it.
        if let Some(contact) = contact {
            text = replace_words(&text, &full_name(contact), "[FIRST_NAME] [LAST_NAME]");
        }
        let others = || people.iter().filter(|one| contact.is_none_or(|this| this.id != one.id));
        for person in others() {
            text = self.take_out(&text, &full_name(person), "PERSON");
        }
        for (value, variable) in of_contact.iter().filter(|(_, variable)| !reaches(variable)) {
            text = self.to_placeholder(&text, value, variable);
        }
        for person in others() {
            for value in [&person.first_name, &person.last_name, &person.company] {
                if value.trim().chars().count() >= 2 {
                    text = self.take_out(&text, value.trim(), "PERSON");
                }
            }
        }
        text
    }

    /// Puts the placeholder of `variable` where `value` stands.
    fn to_placeholder(&self, text: &str, value: &str, variable: &str) -> String {
        let fact = self.facts.iter().find(|fact| fact.is(variable));
        fact.map_or_else(|| text.to_owned(), |fact| replace_words(text, value, &fact.placeholder))
    }

    /// Puts a numbered placeholder where `value` stands.
    fn take_out(&mut self, text: &str, value: &str, kind: &str) -> String {
        let known = self.others.iter().find(|(_, original)| original == value);
        let placeholder = known.map_or_else(
            || format!("[{kind}_{}]", self.others.len() + 1),
            |(placeholder, _)| placeholder.clone(),
        );
        let changed = replace_words(text, value, &placeholder);
        if changed != text && known.is_none() {
            self.others.push((placeholder, value.to_owned()));
        }
        changed
    }

    /// Placeholders in `text`, each once: what the model has to be told about.
    pub fn facts_in(&self, text: &str) -> Vec<&Fact> {
        self.facts.iter().filter(|fact| text.contains(&fact.placeholder)).collect()
    }

    /// The facts named by `variables`; the first that is none is the error.
    ///
    /// # Errors
    /// The name nobody knows.
    pub fn facts_named<'a>(&'a self, variables: &[String]) -> Result<Vec<&'a Fact>, String> {
        let find = |variable: &String| {
            self.facts.iter().find(|fact| fact.is(variable)).ok_or_else(|| variable.clone())
        };
        variables.iter().map(find).collect()
    }

    /// What a model wrote, as a template: placeholders become variables again, and nothing else in it is one.
    pub fn restore(&self, text: &str, form: Form) -> String {
        let mut text = harmless(&self.variables_to_placeholders(text));
        if form == Form::Html {
            text = paragraphs(&text);
        }
        for (placeholder, original) in &self.others {
            let original = harmless(original);
            let original = if form == Form::Html { escape(&original) } else { original };
            text = text.replace(placeholder, &original);
        }
        for fact in &self.facts {
            text = text.replace(&fact.placeholder, &fact.expression);
        }
        text
    }

    /// What a model wrote about this one contact, with everything that was taken out back in its place.
    pub fn reveal(&self, text: &str, contact: &Contact) -> String {
        let mut text = text.to_owned();
        for (placeholder, original) in &self.others {
            text = text.replace(placeholder, original);
        }
        for (value, variable) in values(contact) {
            if let Some(fact) = self.facts.iter().find(|fact| fact.is(&variable)) {
                text = text.replace(&fact.placeholder, &value);
            }
        }
        text
    }

    /// The same with a word that says nothing in place of each placeholder; `None` where there is one we did not make.
    pub fn without_placeholders(&self, text: &str) -> Option<String> {
        let ours = self.others.iter().map(|(placeholder, _)| placeholder);
        let ours = ours.chain(self.facts.iter().map(|fact| &fact.placeholder));
        let text = ours.fold(text.to_owned(), |text, one| text.replace(one, "Name"));
        (!text.contains(['[', ']'])).then_some(text)
    }

    /// Known variables between double braces become placeholders.
    fn variables_to_placeholders(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            out.push_str(before);
            let Some((inside, behind)) = after.split_once("}}") else {
                out.push_str("{{");
                rest = after;
                continue;
            };
            let name = inside.split('|').next().unwrap_or_default().trim();
            match self.facts.iter().find(|fact| fact.is(name)) {
                Some(fact) => out.push_str(&fact.placeholder),
                None => out.push_str(inside.trim()),
            }
            rest = behind;
        }
        out.push_str(rest);
        out
    }
}

/// What is known of the contact a text is for, and the variable that says it: longer ones first, so that a part of
/// one does not spoil the whole.
fn values(contact: &Contact) -> Vec<(String, String)> {
    let text = |value: &str, variable: &str| (value.trim().to_owned(), variable.to_owned());
    let mut values = vec![
        text(&contact.first_name, "contact.first_name"),
        text(&contact.last_name, "contact.last_name"),
        text(&contact.company, "contact.company"),
        text(contact.primary_email.as_deref().unwrap_or_default(), "contact.email"),
        text(contact.primary_phone.as_deref().unwrap_or_default(), "contact.phone"),
    ];
    values.retain(|(value, _)| value.chars().count() >= 2);
    for (name, value) in &contact.custom {
        let value = match value {
            CustomValue::Text(text) => text.trim().to_owned(),
            CustomValue::Number(number) => number.to_string(),
            // Says nothing by itself.
            CustomValue::Boolean(_) => continue,
        };
        if value.chars().count() >= 3 {
            values.push((value, format!("contact.custom.{name}")));
        }
    }
    values.sort_by_key(|(value, _)| std::cmp::Reverse(value.chars().count()));
    values
}

/// First and last name, where there are both.
fn full_name(person: &Contact) -> String {
    let (first, last) = (person.first_name.trim(), person.last_name.trim());
    if first.is_empty() || last.is_empty() { String::new() } else { format!("{first} {last}") }
}

/// Text that no template takes for a variable or a statement.
fn harmless(text: &str) -> String {
    let mut text = text.to_owned();
    for mark in ["{{", "}}", "{%", "%}", "{#", "#}"] {
        // Taking one out can bring another one about.
        while text.contains(mark) {
            text = text.replace(mark, "");
        }
    }
    // And so can taking out the next kind.
    if ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)) {
        text.replace('{', "")
    } else {
        text
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Paragraphs of HTML out of paragraphs of text.
fn paragraphs(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let blocks = text.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    let html = blocks.map(|block| format!("<p>{}</p>", escape(block).replace('\n', "<br>\n")));
    html.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
