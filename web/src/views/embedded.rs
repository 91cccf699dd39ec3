//! The templates, as part of the binary. The list is written out so that the compiler rebuilds when one changes; a
//! test holds it against the folder.

/// Pairs a template's name with its text.
macro_rules! embed {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../templates/", $name)))),*]
    };
}

/// Name and text of every page, layout and component.
pub(super) static TEMPLATES: &[(&str, &str)] = &embed![
    "components/campaigns.html",
    "components/contacts.html",
    "components/imports.html",
    "components/lists.html",
    "components/problem.html",
    "components/settings.html",
    "components/timeline.html",
    "components/ui.html",
    "layout/app.html",
    "layout/door.html",
    "layout/head.html",
    "mail/invitation/body.html",
    "mail/invitation/body.txt",
    "mail/invitation/subject.txt",
    "mail/password_reset/body.html",
    "mail/password_reset/body.txt",
    "mail/password_reset/subject.txt",
    "pages/campaigns/form.html",
    "pages/campaigns/index.html",
    "pages/campaigns/recipients.html",
    "pages/campaigns/show.html",
    "pages/contacts/form.html",
    "pages/contacts/index.html",
    "pages/contacts/show.html",
    "pages/dashboard.html",
    "pages/error.html",
    "pages/error_door.html",
    "pages/imports/check.html",
    "pages/imports/index.html",
    "pages/imports/map.html",
    "pages/imports/run.html",
    "pages/invitation.html",
    "pages/lists/index.html",
    "pages/login.html",
    "pages/no_workspace.html",
    "pages/login_code.html",
    "pages/practice/index.html",
    "pages/new_password.html",
    "pages/reset.html",
    "pages/settings/appearance.html",
    "pages/settings/provider.html",
    "pages/settings/providers.html",
    "pages/settings/team.html",
    "pages/settings/profile.html",
    "pages/settings/recovery_codes.html",
    "pages/settings/second_factor.html",
    "pages/settings/security.html",
    "pages/settings/sessions.html",
    "pages/settings/workspace.html",
    "pages/settings/workspaces.html",
    "pages/setup.html",
    "pages/templates/form.html",
    "pages/templates/index.html",
    "pages/templates/preview.html",
    "pages/unsubscribe.html",
];
