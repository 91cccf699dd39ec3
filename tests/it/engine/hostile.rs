//! What contacts are called cannot put a header, an address or a part into the mail, and templates can read nothing but
//! their contact and workspace, nor run for long. Every message here went the whole way: template, campaign, engine, SMTP.

use std::time::{Duration, Instant};

use crm_campaigns::campaigns::Schedule;
use crm_campaigns::templates::{Block, NewTemplate, Templates, TemplatesError};
use sea_orm::{ConnectionTrait, Statement};
use support::both_databases;
use support::smtp::{Received, SmtpSink};

use super::rig::{NOW, Rig, address};

/// What is tried as a name, a company and a field. None has a NUL: PostgreSQL stores none, and the doors refuse it.
fn hostile() -> Vec<String> {
    let mut tried: Vec<String> = [
        "x\r\nBcc: victim@example.net",
        "x\nBcc: victim@example.net",
        "x\rBcc: victim@example.net",
        "x\r\n\r\n<h1>body</h1>",
        "x\r\n.\r\nMAIL FROM:<evil@example.net>",
        "x\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>",
        "x\u{b}\u{c}Bcc: victim@example.net",
        "x\u{85}Bcc: victim@example.net",
        "x\u{2028}Bcc: victim@example.net\u{2029}",
        "x%0d%0aBcc: victim@example.net",
        "=?utf-8?B?DQpCY2M6IHZpY3RpbUBleGFtcGxlLm5ldA==?=",
        "=?utf-8?Q?x=0D=0ABcc:_victim@example.net?=",
        "\" <victim@example.net>, \"",
        "victim@example.net, other@example.net",
        "x>, <victim@example.net",
        "(comment) victim@example.net;",
        "\u{202e}ten.elpmaxe@mitciv\u{202c} \u{2066}x\u{2069}",
        "\u{1b}[2J\u{7f}\u{1}",
        "--boundary--\r\n--=_",
        "{{ workspace.name }}{% if email %}",
        "</td></table><script>alert(1)</script>",
        "javascript:alert(1)",
    ]
    .map(str::to_owned)
    .into();
    // Longer than a line of mail may be, without a place to break it, and with characters of four bytes.
    tried.push("a".repeat(5_000));
    tried.push("👍".repeat(1_500));
    tried.push(format!("a{}\r\nBcc: victim@example.net", " ".repeat(1_200)));
    tried
}

/// Values written everywhere a template can write them.
fn everywhere() -> NewTemplate {
    let all = "{{ contact.first_name }}|{{ contact.company }}|{{ contact.custom.note }}";
    NewTemplate {
        subject: format!("S {all}"),
        preheader: format!("P {all}"),
        body_html: format!(
            "<p title=\"{{{{ contact.first_name }}}}\">H {all}</p><a href=\"https://x.example/?q={{{{ contact.company }}}}\">x</a>"
        ),
        body_text: format!("T {all}\n"),
        signature: format!("G {all}"),
        ..NewTemplate::default()
    }
}

/// Gives a contact this text for everything that is text.
async fn write(rig: &Rig, number: usize, text: &str) {
    let raw = rig.db.raw();
    let backend = raw.get_database_backend();
    let sql = |one: &str| match backend {
        sea_orm::DatabaseBackend::Sqlite => one.replace("$1", "?").replace("$2", "?"),
        _ => one.to_owned(),
    };
    for statement in [
        format!(
            "UPDATE base_contacts SET first_name = $1, last_name = $2, company = 'C ' || first_name WHERE primary_email = '{}'",
            address(number)
        ),
        format!(
            "UPDATE base_contacts SET company = $1, last_name = $2 WHERE primary_email = '{}'",
            address(number)
        ),
    ] {
        let values = [text.into(), text.into()];
        raw.execute_raw(Statement::from_sql_and_values(backend, sql(&statement), values))
            .await
            .unwrap();
    }
    let insert = format!(
        "INSERT INTO custom_fields (id, workspace_id, contact_id, field_name, field_value, field_type, created_at, updated_at) \
         SELECT id, workspace_id, id, 'note', $1, 'text', updated_at, updated_at FROM base_contacts \
         WHERE primary_email = '{}' AND first_name <> $2",
        address(number)
    );
    // A field holds less than the other columns do.
    let field: String = text.chars().take(400).collect();
    let values = [field.into(), "nobody".into()];
    raw.execute_raw(Statement::from_sql_and_values(backend, sql(&insert), values)).await.unwrap();
}

/// The names of a message's headers, in their order.
fn names(got: &Received) -> Vec<String> {
    got.message().headers().iter().map(|header| header.name().to_owned()).collect()
}

/// How many tables its HTML closes.
fn tables(got: &Received) -> usize {
    got.message().body_html(0).unwrap().matches("</table").count()
}

/// What must hold of any message, whatever is written in it.
fn assert_whole(got: &Received, number: usize, tried: &str, wanted: (&[String], usize)) {
    assert_eq!(got.rcpt_to, [address(number)], "{tried:?}");
    assert_eq!(names(got), wanted.0, "{tried:?}\n{}", got.raw);
    let read = got.message();
    assert!(read.bcc().is_none() && read.cc().is_none(), "{tried:?}");
    let to: Vec<_> =
        read.to().unwrap().iter().filter_map(|one| one.address().map(str::to_owned)).collect();
    assert_eq!(to, [address(number)], "{tried:?}");
    let from: Vec<_> =
        read.from().unwrap().iter().filter_map(|one| one.address().map(str::to_owned)).collect();
    assert_eq!(from.len(), 1, "{tried:?}");
    for line in got.raw.lines() {
        assert!(line.len() <= 998, "a line of {} bytes: {tried:?}", line.len());
        assert!(line.is_ascii(), "{tried:?}: {line}");
        assert!(!line.contains('\0'), "{tried:?}");
    }
    // Two texts beside each other, and nothing else.
    assert_eq!(read.parts.len(), 3, "{tried:?}\n{}", got.raw);
    let subject = read.subject().unwrap_or_default();
    assert!(!subject.chars().any(char::is_control), "{tried:?}: {subject:?}");
    assert!(!subject.contains(['\u{202e}', '\u{2066}', '\u{2028}']), "{tried:?}: {subject:?}");
    let html = read.body_html(0).unwrap();
    assert!(!html.contains("<script"), "{tried:?}\n{html}");
    assert_eq!(tables(got), wanted.1, "{tried:?}\n{html}");
}

both_databases! {
    async fn no_value_puts_a_header_an_address_or_a_part_into_the_mail(rig: Rig) {
        let tried = hostile();
        rig.contacts(tried.len() + 1).await;
        rig.run(&format!(
            "INSERT INTO custom_field_definitions (id, user_id, workspace_id, field_name, label, field_type, is_required, created_at) \
             SELECT w.id, w.user_id, w.id, 'note', 'Note', 'text', false, '{NOW}' FROM workspaces w"
        )).await;
        write(&rig, 0, "Ada").await;
        for (index, text) in tried.iter().enumerate() {
            write(&rig, index + 1, text).await;
        }
        for template in [everywhere(), blocks()] {
            let sink = SmtpSink::start();
            let provider = rig.smtp(sink.port()).await;
            let id = rig.approved_from(template, provider, Schedule::default()).await;
            crm_campaigns::Campaigns::send(&rig.services.campaigns, &rig.scope, id).await.unwrap().unwrap();
            rig.look_at(id).await;
            rig.until_sent(id).await;
            let mut received = sink.received();
            received.sort_by(|one, other| one.rcpt_to.cmp(&other.rcpt_to));
            assert_eq!(received.len(), tried.len() + 1, "everybody gets one");
            let expected = names(&received[0]);
            for (number, got) in received.iter().enumerate() {
                let text = number.checked_sub(1).map_or("Ada", |index| tried[index].as_str());
                assert_whole(got, number, text, (&expected, tables(&received[0])));
            }
        }
    }

    async fn a_template_reads_nothing_but_its_contact_and_workspace(rig: Rig) {
        for body in [
            "{{ get_env(name='PATH') }}", "{{ env.PATH }}", "{{ PATH }}", "{{ config }}", "{{ settings.secret }}",
            "{{ contact.id }}", "{{ contact.owner_id }}", "{{ contact.__class__ }}", "{{ contact.custom }}", "{{ contact }}",
            "{{ contact['__init__'] }}", "{{ workspace.id }}", "{{ workspace.owner.email }}", "{{ contacts[0].email }}",
            "{{ self }}", "{{ loop }}", "{{ super() }}", "{{ caller() }}", "{{ debug() }}", "{{ namespace() }}", "{{ dict(a=1) }}",
            "{{ range(10) }}", "{{ lipsum() }}", "{{ cycler }}", "{{ joiner }}", "{{ request }}", "{{ g }}",
            "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ email.upper() }}", "{{ email|attr('x') }}", "{{ email|map('upper') }}",
            "{{ email|safe }}", "{{ email|tojson }}", "{{ email|eval }}", "{{ email|pprint }}", "{{ 7*7 }}", "{{ 'a' ~ 'b' }}", "{{ [1] }}", "{{ {'a': 1} }}",
            "{% include '/etc/passwd' %}", "{% import 'x' as y %}", "{% from 'x' import y %}", "{% extends 'x' %}", "{% block x %}{% endblock %}",
            "{% set x = 1 %}", "{% macro x() %}{% endmacro %}", "{% call x() %}{% endcall %}", "{% with x = 1 %}{% endwith %}",
            "{% autoescape false %}{{ email }}{% endautoescape %}", "{% filter upper %}x{% endfilter %}", "{% do x() %}",
            "{% for x in range(100000) %}{% endfor %}", "{% for x in contact %}{{ x }}{% endfor %}", "{% while true %}{% endwhile %}",
        ] {
            for content in [
                NewTemplate { body_html: body.to_owned(), ..plain() },
                NewTemplate { subject: body.to_owned(), ..plain() },
                NewTemplate { preheader: body.to_owned(), ..plain() },
                NewTemplate { signature: body.to_owned(), ..plain() },
                NewTemplate { body_text: body.to_owned(), ..plain() },
                NewTemplate { blocks: Some(vec![Block::Text { text: body.to_owned() }]), ..plain() },
            ] {
                let refused = rig.services.templates.create(&rig.scope, content.clone()).await;
                assert!(
                    matches!(refused, Err(TemplatesError::UnknownVariable { .. } | TemplatesError::Syntax { .. } | TemplatesError::Block { .. })),
                    "{body} in {content:?}: {refused:?}"
                );
                assert!(rig.services.templates.preview(&rig.scope, &content, None).await.is_err(), "{body}");
            }
        }
        assert_eq!(rig.db.count("SELECT count(*) FROM templates").await, 0);
    }

    async fn no_template_runs_for_long(rig: Rig) {
        let half = "{% if email %}".repeat(200);
        let closes = "{% endif %}".repeat(200);
        for body in [
            // As many parts as are taken, each of which does all a part can do.
            "{{ contact.full_name | default(email) | upper | lower | title | trim }}".repeat(2_800),
            "{{ contact.full_name | upper | lower | title }}".repeat(10_000),
            format!("{half}x{closes}"),
            "{% if email %}".repeat(30_000),
            format!("{{% if email %}}{}{{% endif %}}", "{% elif email %}".repeat(30_000)),
            format!("{{{{ email{} }}}}", " | upper".repeat(40_000)),
            format!("{{{{ {}email{} }}}}", "(".repeat(20_000), ")".repeat(20_000)),
            format!("{{% if {} %}}x{{% endif %}}", vec!["email"; 30_000].join(" and ")),
            format!("{{{{ email{} }}}}", " if email else email".repeat(10_000)),
            "{{ '".to_owned() + &"x".repeat(400_000) + "' }}",
            "{".repeat(400_000),
            "<div>".repeat(90_000),
            format!("<style>{}</style>{}", "a b c{color:red}".repeat(15_000), "<a><b><c>x</c></b></a>".repeat(10_000)),
            "<table><tr><td>".repeat(30_000),
            "<!--".repeat(100_000),
            "&".repeat(450_000),
        ] {
            for format in [crm_campaigns::templates::Format::Html, crm_campaigns::templates::Format::Mjml] {
                let content = NewTemplate { body_html: body.clone(), format, ..plain() };
                let begun = Instant::now();
                let shown = rig.services.templates.preview(&rig.scope, &content, None).await;
                // Refused or rendered: what counts is that it ends, also in a build without optimisation.
                assert!(begun.elapsed() < Duration::from_secs(20), "{:.40} took {:?}", body, begun.elapsed());
                if let Ok(message) = shown {
                    assert!(message.html.len() <= 3_200_000, "{body:.40}");
                }
            }
        }
    }

    async fn no_control_character_gets_into_a_template(rig: Rig) {
        for bad in ["a\0b", "a\u{1b}b", "a\u{7}b"] {
            for content in [
                NewTemplate { name: bad.to_owned(), ..plain() },
                NewTemplate { subject: bad.to_owned(), ..plain() },
                NewTemplate { preheader: bad.to_owned(), ..plain() },
                NewTemplate { signature: bad.to_owned(), ..plain() },
                NewTemplate { body_html: bad.to_owned(), ..plain() },
                NewTemplate { body_text: bad.to_owned(), ..plain() },
                NewTemplate { blocks: Some(vec![Block::Heading { text: bad.to_owned() }]), ..plain() },
            ] {
                let refused = rig.services.templates.create(&rig.scope, content.clone()).await;
                assert!(refused.is_err() && !matches!(refused, Err(TemplatesError::Store(_))), "{content:?}: {refused:?}");
            }
        }
        for subject in ["a\r\nBcc: x@example.net", "a\nb", "a\rb"] {
            let refused = rig.services.templates.create(&rig.scope, NewTemplate { subject: subject.to_owned(), ..plain() }).await;
            assert!(matches!(refused, Err(TemplatesError::InvalidSubject)), "{subject:?}: {refused:?}");
        }
    }
}

fn plain() -> NewTemplate {
    NewTemplate {
        name: "T".to_owned(),
        subject: "S".to_owned(),
        body_html: "<p>x</p>".to_owned(),
        ..NewTemplate::default()
    }
}

/// The same values in a message of blocks.
fn blocks() -> NewTemplate {
    let all = "{{ contact.first_name }}|{{ contact.company }}|{{ contact.custom.note }}".to_owned();
    NewTemplate {
        subject: format!("S {all}"),
        blocks: Some(vec![
            Block::Heading { text: all.clone() },
            Block::Text { text: format!("**{all}** [x](https://x.example/)") },
            Block::Button {
                label: all.clone(),
                url: "https://x.example/{{ contact.company }}".to_owned(),
            },
            Block::Image {
                src: "https://x.example/{{ email }}.png".to_owned(),
                alt: all,
                url: String::new(),
            },
        ]),
        ..NewTemplate::default()
    }
}
