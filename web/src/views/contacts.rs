//! `/contacts`: the table with its filter and pages, and the form for a new or changed contact.

use std::collections::BTreeMap;

use serde::Serialize;

use super::View;
use super::common::{Choice, FormErrors, Pager, Stage, Tab, Tag};
use super::conflict::Conflict;
use super::shell::Shell;

/// `/contacts?q&list_id&sort&cursor`. The table is the component `contacts.results`, which htmx swaps while a person
/// types.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContactsPage {
    /// The frame.
    pub shell: Shell,
    /// The table and what is below it.
    pub results: ContactResults,
    /// "All", "Mine" and the lists, as tabs.
    pub tabs: Vec<Tab>,
    /// What the list is filtered by.
    pub chips: Vec<FilterChip>,
    /// What it can be filtered by.
    pub filter: FilterForm,
    /// Name and value of what the search box must not lose.
    pub kept: Vec<(String, String)>,
    /// The columns to choose from, those shown marked.
    pub choices: Vec<Choice>,
    /// This list without its page.
    pub here: String,
    /// The same contacts as a CSV file.
    pub export_url: String,
    /// The same as vCards.
    pub export_cards_url: String,
    /// Whether the person may change contacts.
    pub may_write: bool,
    /// Whether the workspace has contacts at all; decides which empty state is shown.
    pub has_contacts: bool,
}

/// The part of the page that changes while a person types: argument of the component `contacts.results`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContactResults {
    /// What was searched for.
    pub q: String,
    /// Name of the list that filters, if any.
    pub list_name: Option<String>,
    /// Whether anything narrows the list.
    pub narrowed: bool,
    /// The rows.
    pub rows: Vec<ContactRow>,
    /// Head of the column of names.
    pub name: SortLink,
    /// The other columns.
    pub columns: Vec<ContactColumn>,
    /// What can be done to contacts that are ticked; absent where the person may not.
    pub bulk: Option<BulkBar>,
    /// Links to the other pages.
    pub pager: Pager,
    /// This search without its filters.
    pub clear_url: String,
    /// ISO 4217 code of the workspace, for the values.
    pub currency: String,
    /// The moment of this answer, RFC 3339 UTC.
    pub now: String,
    /// IANA zone of the workspace.
    pub time_zone: String,
}

/// A column of the table beside the name.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContactColumn {
    /// `company`, `email`, `phone`, `stage`, `tags`, `owner`, `value`, `next`, `stage_since`, `updated_at`,
    /// `created_on`, or `custom.<field>`.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// What a click on its head does.
    pub sort: SortLink,
    /// Whether it holds numbers.
    pub is_number: bool,
    /// Name of the custom field it shows.
    pub custom: Option<String>,
    /// The input it has in the form of a contact, where it can be edited there and in its cell.
    pub input: Option<String>,
}

/// One filter that is set.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FilterChip {
    /// "Stage is".
    pub label: String,
    /// "Won".
    pub value: String,
    /// The same list without it.
    pub remove_url: String,
}

/// What the list can be filtered by.
#[derive(Debug, Clone, Default, Serialize)]
pub struct FilterForm {
    /// Stages and tags.
    pub lists: Vec<Choice>,
    /// Members, "me" and "nobody".
    pub owners: Vec<Choice>,
    /// Saved segments.
    pub segments: Vec<Choice>,
    /// Custom fields.
    pub fields: Vec<Choice>,
    /// What the custom field is compared with.
    pub value: String,
}

/// What can be done to contacts that are ticked.
#[derive(Debug, Clone, Default, Serialize)]
pub struct BulkBar {
    /// Leads to the same for all that match.
    pub all_url: String,
}

/// A column head that sorts.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SortLink {
    /// Where a click leads; absent where this column cannot sort.
    pub url: Option<String>,
    /// `ascending` or `descending` where the table is sorted by this column.
    pub direction: Option<String>,
}

/// One row of a table of contacts.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContactRow {
    /// Id.
    pub id: String,
    /// What to call the person; see [`super::common::display_name`].
    pub name: String,
    /// Company; may be empty.
    pub company: String,
    /// E-mail; may be empty.
    pub email: String,
    /// Phone; may be empty.
    pub phone: String,
    /// Stage, where the contact is in one.
    pub stage: Option<Stage>,
    /// Secondary lists.
    pub tags: Vec<Tag>,
    /// Value in the smallest unit of the workspace's currency.
    pub value_minor: Option<i64>,
    /// When it was added.
    pub created_on: String,
    /// When it was changed.
    pub updated_at: String,
    /// Since when it is in its stage.
    pub stage_since: Option<String>,
    /// Name of the owner.
    pub owner: Option<String>,
    /// Decides the colour of the owner's initials.
    pub owner_id: String,
    /// Custom fields as people read them, by name.
    pub custom: BTreeMap<String, String>,
    /// What is to be done next.
    pub next: Option<NextStep>,
}

/// The most urgent of what is open about a contact.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NextStep {
    /// What it is.
    pub title: String,
    /// When it is due, where that is known.
    pub due_at: Option<String>,
    /// Whether that has passed.
    pub overdue: bool,
}

impl View for ContactsPage {
    const TEMPLATE: &'static str = "pages/contacts/index.html";

    fn samples() -> Vec<Self> {
        super::samples::contacts::index()
    }
}

/// `/contacts/new` and `/contacts/{id}/edit`. Fields: `first_name`, `last_name`, `primary_email`, `primary_phone`,
/// `company`, `value`, `owner_id`, `stage_id`, `list_ids` (repeated), `custom.<name>`, `version`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContactFormPage {
    /// The frame.
    pub shell: Shell,
    /// Id of the contact; absent for a new one.
    pub id: Option<String>,
    /// What was typed, or what is stored.
    pub form: ContactForm,
    /// Stages to choose from, the chosen one marked.
    pub stages: Vec<Choice>,
    /// Secondary lists to choose from, the chosen ones marked.
    pub tags: Vec<Choice>,
    /// Members to look after the contact, the chosen one marked.
    pub people: Vec<Choice>,
    /// Custom fields of the workspace.
    pub custom: Vec<CustomInput>,
    /// What is wrong.
    pub errors: FormErrors,
    /// A contact that already has this address or number.
    pub duplicate: Option<super::common::Link>,
    /// Version that was read, sent back to detect a lost update; 0 for a new contact.
    pub version: i64,
    /// What the form was filled with, sent back to tell what was changed in it.
    pub seen: String,
    /// What somebody else saved since the form was opened.
    pub conflict: Option<Conflict>,
}

/// The fields of a contact as typed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ContactForm {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail.
    pub primary_email: String,
    /// Phone, in any way of writing.
    pub primary_phone: String,
    /// Company.
    pub company: String,
    /// Value in whole currency with decimals, as typed.
    pub value: String,
}

/// A custom field in the form.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CustomInput {
    /// Name of the field; the input is called `custom.<name>`.
    pub name: String,
    /// What the person reads.
    pub label: String,
    /// `text`, `number`, `date`, `boolean`, `select` or `url`.
    pub field_type: String,
    /// What was typed, or what is stored.
    pub value: String,
    /// Options of a `select`.
    pub options: Vec<Choice>,
    /// Whether it must be filled.
    pub required: bool,
}

impl View for ContactFormPage {
    const TEMPLATE: &'static str = "pages/contacts/form.html";

    fn samples() -> Vec<Self> {
        super::samples::contacts::form()
    }
}
