//! Every state of every page renders, refers only to assets that exist, and keeps to the content security policy.

use std::collections::BTreeSet;
use std::path::Path;

use super::account;
use super::audit;
use super::twilio;
use super::{Engine, View, assets, embedded};
use super::{campaign, campaigns, contact, contacts, dashboard, door, errors, imports, invitation};
use super::{
    keys, lists, mail, mailbox, mailgun, practice, providers, sending, settings, team, templates,
};

fn engine() -> Engine {
    match Engine::new() {
        Ok(engine) => engine,
        Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
    }
}

/// All samples of all views: template, number, page.
fn pages() -> Vec<(&'static str, usize, String)> {
    fn render<V: View>(engine: &Engine, out: &mut Vec<(&'static str, usize, String)>) {
        let samples = V::samples();
        assert!(!samples.is_empty(), "{} has no samples", V::TEMPLATE);
        for (number, sample) in samples.iter().enumerate() {
            match engine.page(sample) {
                Ok(page) => out.push((V::TEMPLATE, number, page)),
                Err(error) => panic!(
                    "{} sample {number}: {}",
                    V::TEMPLATE,
                    std::error::Error::source(&error).map_or(String::new(), ToString::to_string)
                ),
            }
        }
    }
    let engine = engine();
    let mut out = Vec::new();
    render::<door::LoginPage>(&engine, &mut out);
    render::<super::reset::ResetPage>(&engine, &mut out);
    render::<super::reset::NewPasswordPage>(&engine, &mut out);
    render::<door::SecondStepPage>(&engine, &mut out);
    render::<super::people::PeoplePage>(&engine, &mut out);
    render::<account::SecondFactorPage>(&engine, &mut out);
    render::<account::RecoveryCodesPage>(&engine, &mut out);
    render::<door::SetupPage>(&engine, &mut out);
    render::<door::UnsubscribePage>(&engine, &mut out);
    render::<invitation::InvitationPage>(&engine, &mut out);
    render::<super::api_docs::ApiDocsPage>(&engine, &mut out);
    render::<errors::ErrorPage>(&engine, &mut out);
    render::<errors::DoorErrorPage>(&engine, &mut out);
    render::<dashboard::DashboardPage>(&engine, &mut out);
    render::<contacts::ContactsPage>(&engine, &mut out);
    render::<contacts::ContactFormPage>(&engine, &mut out);
    render::<super::bulk::BulkPage>(&engine, &mut out);
    render::<super::bulk::BulkRunPage>(&engine, &mut out);
    render::<super::merge::DuplicatesPage>(&engine, &mut out);
    render::<super::merge::MergePage>(&engine, &mut out);
    render::<super::trash::TrashPage>(&engine, &mut out);
    render::<contact::ContactPage>(&engine, &mut out);
    render::<contact::LogPage>(&engine, &mut out);
    render::<super::fields::FieldsPage>(&engine, &mut out);
    render::<super::fields::FieldPage>(&engine, &mut out);
    render::<lists::ListsPage>(&engine, &mut out);
    render::<super::insights::InsightsPage>(&engine, &mut out);
    render::<super::insights::ReportPage>(&engine, &mut out);
    render::<super::suppressions::SuppressionsPage>(&engine, &mut out);
    render::<super::suppressions::NewSuppressionPage>(&engine, &mut out);
    render::<super::suppressions::SuppressionPage>(&engine, &mut out);
    render::<super::suppressions::ImportSuppressionsPage>(&engine, &mut out);
    render::<super::inbox::InboxPage>(&engine, &mut out);
    render::<super::tasks::TasksPage>(&engine, &mut out);
    render::<super::tasks::TaskChangedPage>(&engine, &mut out);
    render::<super::pipeline::PipelinePage>(&engine, &mut out);
    render::<super::pipeline::MovePage>(&engine, &mut out);
    render::<super::segments::SegmentsPage>(&engine, &mut out);
    render::<super::segments::SegmentPage>(&engine, &mut out);
    render::<imports::ImportsPage>(&engine, &mut out);
    render::<imports::ImportMapPage>(&engine, &mut out);
    render::<imports::ImportCheckPage>(&engine, &mut out);
    render::<imports::ImportRunPage>(&engine, &mut out);
    render::<templates::TemplatesPage>(&engine, &mut out);
    render::<templates::TemplateFormPage>(&engine, &mut out);
    render::<super::ai::DraftPage>(&engine, &mut out);
    render::<super::ai::AiSettingsPage>(&engine, &mut out);
    render::<super::incoming::IncomingPage>(&engine, &mut out);
    render::<super::backups::BackupsPage>(&engine, &mut out);
    render::<templates::TemplatePreview>(&engine, &mut out);
    render::<templates::TemplateStartersPage>(&engine, &mut out);
    render::<templates::TemplateVersionsPage>(&engine, &mut out);
    render::<templates::TemplateVersionPage>(&engine, &mut out);
    render::<campaigns::CampaignsPage>(&engine, &mut out);
    render::<campaigns::CampaignFormPage>(&engine, &mut out);
    render::<campaigns::RecipientsPage>(&engine, &mut out);
    render::<campaign::CampaignPage>(&engine, &mut out);
    render::<practice::PracticePage>(&engine, &mut out);
    render::<providers::ProvidersPage>(&engine, &mut out);
    render::<sending::SendingPage>(&engine, &mut out);
    render::<providers::ProviderFormPage>(&engine, &mut out);
    render::<mailgun::MailgunFormPage>(&engine, &mut out);
    render::<mailbox::MailboxFormPage>(&engine, &mut out);
    render::<mailbox::MailboxGoPage>(&engine, &mut out);
    render::<twilio::TwilioFormPage>(&engine, &mut out);
    render::<settings::WorkspaceSettingsPage>(&engine, &mut out);
    render::<account::ProfilePage>(&engine, &mut out);
    render::<account::SecurityPage>(&engine, &mut out);
    render::<account::SessionsPage>(&engine, &mut out);
    render::<settings::AppearancePage>(&engine, &mut out);
    render::<team::TeamPage>(&engine, &mut out);
    render::<team::WorkspacesPage>(&engine, &mut out);
    render::<team::NoWorkspacePage>(&engine, &mut out);
    render::<audit::AuditPage>(&engine, &mut out);
    render::<keys::KeysPage>(&engine, &mut out);
    render::<keys::KeyFormPage>(&engine, &mut out);
    out
}

#[test]
fn every_sample_renders_to_a_whole_page() {
    let pages = pages();
    for (template, number, page) in &pages {
        assert!(page.starts_with("<!doctype html>"), "{template} {number} has no doctype");
        assert!(page.trim_end().ends_with("</html>"), "{template} {number} is cut off");
    }
    // With a folder named here, the pages are left there to be looked at.
    if let Some(folder) = option_env!("PI_CRM_PAGES") {
        for (template, number, page) in &pages {
            let name = template.replace('/', "-").replace(".html", &format!("-{number}.html"));
            if let Err(error) = std::fs::write(Path::new(folder).join(&name), page) {
                panic!("{name}: {error}");
            }
        }
    }
    for (template, _) in embedded::TEMPLATES.iter().filter(|(name, _)| name.starts_with("pages/")) {
        assert!(pages.iter().any(|(used, _, _)| used == template), "no view renders {template}");
    }
}

#[test]
fn pages_keep_to_the_content_security_policy() {
    // The preview is a document of its own with a policy of its own.
    for (template, number, page) in
        pages().iter().filter(|(name, _, _)| *name != "pages/templates/preview.html")
    {
        for banned in [" style=", "<style", "<script>", " onclick", "javascript:", "hx-on", "js:"] {
            assert!(!page.contains(banned), "{template} {number} contains {banned}");
        }
        // Its link leads a person to the service, which loads nothing from there.
        let leads_away = *template == "pages/settings/provider_connect.html";
        for other in ["src=\"http", "href=\"http", "url(http"] {
            let is_link = leads_away && other.starts_with("href");
            assert!(
                is_link || !page.contains(other),
                "{template} {number} loads from elsewhere: {other}"
            );
        }
        for form in page.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            let posts = form.contains("method=\"post\"");
            let public = *template == "pages/unsubscribe.html";
            assert!(!posts || public || form.contains("csrf_token"), "{template} {number}: {form}");
        }
    }
}

#[test]
fn ids_are_unique_and_references_lead_somewhere() {
    for (template, number, page) in &pages() {
        let mut ids = BTreeSet::new();
        for id in values(page, " id=\"") {
            assert!(ids.insert(id), "{template} {number} has the id {id} twice");
        }
        for (attribute, separator) in
            [(" for=\"", ' '), (" aria-describedby=\"", ' '), (" commandfor=\"", ' ')]
        {
            for value in values(page, attribute) {
                for id in value.split(separator).filter(|id| !id.is_empty()) {
                    assert!(ids.contains(id), "{template} {number}:{attribute}{id} leads nowhere");
                }
            }
        }
    }
}

#[test]
fn a_cell_renders_in_every_state() {
    let engine = engine();
    for form in super::samples::contacts::cells() {
        let part = match engine.component("contacts.cell_form", "form", &form) {
            Ok(part) => part,
            Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
        };
        assert!(part.contains("csrf_token") && part.contains("name=\"seen\""), "{part}");
        assert_eq!(
            part.contains("role=\"alert\""),
            form.error.is_some() || form.conflict.is_some()
        );
        assert_eq!(part.contains("<button"), form.conflict.is_some(), "{part}");
    }
}

#[test]
fn every_icon_is_in_the_sprite() {
    let Some(sprite) = assets::by_name("icons.svg") else { panic!("there is no sprite") };
    let sprite = String::from_utf8_lossy(sprite.data);
    let mut used = BTreeSet::new();
    for (template, number, page) in &pages() {
        for reference in values(page, "<use href=\"") {
            let Some((file, icon)) = reference.split_once('#') else {
                panic!("{template} {number}: {reference}");
            };
            assert!(file.starts_with("/assets/icons."), "{template} {number}: {reference}");
            assert!(sprite.contains(&format!("id=\"{icon}\"")), "{template} {number}: {icon}");
            used.insert(icon.to_owned());
        }
    }
    for id in values(&sprite, "<symbol id=\"") {
        assert!(used.contains(id), "the sprite carries {id}, which no page uses");
    }
}

#[test]
fn the_list_of_templates_is_the_folder() {
    fn walk(folder: &Path, prefix: &str, out: &mut BTreeSet<String>) {
        let Ok(entries) = std::fs::read_dir(folder) else { panic!("{} is gone", folder.display()) };
        for entry in entries.flatten() {
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                walk(&entry.path(), &format!("{name}/"), out);
            } else {
                out.insert(name);
            }
        }
    }
    let mut on_disk = BTreeSet::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates"), "", &mut on_disk);
    let listed: BTreeSet<String> =
        embedded::TEMPLATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(listed, on_disk);
}

#[test]
fn every_mail_renders_in_all_three_parts() {
    fn render<V: mail::MailView>(engine: &Engine, names: &mut BTreeSet<&'static str>) {
        for (number, sample) in V::samples().iter().enumerate() {
            let mail = match engine.mail(sample) {
                Ok(mail) => mail,
                Err(error) => panic!(
                    "{} sample {number}: {}",
                    V::NAME,
                    std::error::Error::source(&error).map_or(String::new(), ToString::to_string)
                ),
            };
            assert!(!mail.subject.is_empty() && !mail.subject.contains(['\r', '\n']), "{mail:?}");
            assert!(mail.text.ends_with('\n') && !mail.text.contains("&amp;"), "{mail:?}");
            assert!(mail.html.starts_with("<!doctype html>") && !mail.html.contains("<b>Free"));
            for banned in ["<script", "<img", "<link", "url("] {
                assert!(!mail.html.contains(banned), "{} {number}: {banned}", V::NAME);
            }
        }
        names.insert(V::NAME);
    }
    let mut names = BTreeSet::new();
    render::<mail::InvitationMail>(&engine(), &mut names);
    render::<super::reset::ResetMail>(&engine(), &mut names);
    let folders: BTreeSet<&str> = embedded::TEMPLATES
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("mail/")?.split('/').next())
        .collect();
    assert_eq!(names, folders);
}

#[test]
fn what_users_write_is_escaped() {
    let engine = engine();
    let mut page = contacts::ContactsPage::samples().remove(0);
    page.results.q = "\"><script>alert(1)</script>".to_owned();
    if let Some(row) = page.results.rows.first_mut() {
        "<img src=x onerror=alert(1)>".clone_into(&mut row.name);
    }
    let Ok(html) = engine.page(&page) else { panic!("the page was not rendered") };
    assert!(!html.contains("<script>alert"));
    assert!(!html.contains("<img src=x"));
    assert!(html.contains("&lt;img src=x onerror=alert(1)&gt;"));
    let Ok(part) = engine.component("contacts.results", "results", &page.results) else {
        panic!("the component was not rendered")
    };
    assert!(part.starts_with("<div id=\"results\"") && !part.contains("<img src=x"));
}

#[test]
fn parts_that_replace_themselves_render_alone() {
    let engine = engine();
    for page in campaign::CampaignPage::samples() {
        if let Some(live) = page.live {
            let Ok(part) = engine.component("campaigns.live", "live", &live) else {
                panic!("the component was not rendered")
            };
            assert_eq!(part.contains("hx-trigger"), live.is_moving());
        }
    }
    for page in imports::ImportRunPage::samples() {
        let Ok(part) = engine.component("imports.progress", "progress", &page.progress) else {
            panic!("the component was not rendered")
        };
        assert_eq!(part.contains("hx-trigger"), !page.progress.is_over());
    }
}

/// The values that follow `attribute` up to the closing quote.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    page.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}
