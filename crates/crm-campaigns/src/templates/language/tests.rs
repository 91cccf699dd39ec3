//! The language: what it can say, and everything it must refuse.

use std::collections::BTreeMap;

use crm_contacts::Contact;
use crm_contacts::contacts::CustomValue;
use crm_core::{ContactId, Timestamp};

use super::{Escaping, Known, Output, Problem, parse, render};
use crate::templates::RenderContext;

fn ada() -> Contact {
    let now: Timestamp = "2026-11-03T09:00:00Z".parse().unwrap();
    let id: ContactId = "01920000-0000-7000-8000-000000000001".parse().unwrap();
    let custom = [
        ("plan", CustomValue::Text("gold".to_owned())),
        ("age", CustomValue::Number(36.0)),
        ("vip", CustomValue::Boolean(true)),
        ("renewal", CustomValue::Text("2026-12-24".to_owned())),
        ("notes", CustomValue::Text("  ".to_owned())),
    ];
    Contact {
        first_name: "Ada <script>alert(1)</script>".to_owned(),
        last_name: "o'lovelace-KING".to_owned(),
        primary_email: Some("ada@example.org".to_owned()),
        custom: custom
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<BTreeMap<_, _>>(),
        ..Contact::blank(id, now)
    }
}

fn known() -> Vec<String> {
    ["plan", "age", "vip", "renewal", "notes", "birthday"].map(str::to_owned).to_vec()
}

fn run(source: &str, escaping: Escaping) -> Output {
    let program = parse(source, Known::Fields(&known()))
        .unwrap_or_else(|problem| panic!("{source}: {problem:?}"));
    let context = RenderContext {
        workspace_name: "Tom & Jerry".to_owned(),
        postal_address: "Mill Lane 1, 4020 Linz".to_owned(),
        unsubscribe_url: "https://crm.example/u/1".to_owned(),
    };
    render(&program, &ada(), &context, escaping).unwrap()
}

fn plain(source: &str) -> String {
    run(source, Escaping::Plain).text
}

fn refused(source: &str) -> Problem {
    parse(source, Known::Fields(&known())).err().unwrap_or_else(|| panic!("{source} was taken"))
}

#[test]
fn variables_filters_and_conditions() {
    for (source, text) in [
        ("Hi {{ contact.last_name | title }}!", "Hi O'lovelace-King!"),
        (
            "{{ email }} {{ contact.email|upper }} {{ contact.primary_email }}",
            "ada@example.org ADA@EXAMPLE.ORG ada@example.org",
        ),
        ("{{ contact.company | default(\"your company\") }}", "your company"),
        ("{{ contact.company | upper | default(contact.custom.plan) | upper }}", "GOLD"),
        ("{{ contact.company | default }}|", "|"),
        (
            "{{ contact.custom[\"plan\"] }} {{ contact.custom.age }} {{ contact.custom.vip }}",
            "gold 36 true",
        ),
        ("{{ contact.custom.renewal | date(\"%d.%m.%Y\") }}", "24.12.2026"),
        ("{{ contact.custom.plan | date(\"%d.%m.%Y\") | default(\"soon\") }}", "soon"),
        ("{% if contact.company %}at {{ contact.company }}{% else %}alone{% endif %}", "alone"),
        ("{% if contact.custom.age >= 36 and not contact.company %}y{% endif %}", "y"),
        (
            "{% if contact.custom.birthday > 1 %}y{% elif contact.custom.plan == 'gold' %}z{% endif %}",
            "z",
        ),
        (
            "{% if contact.company == '' %}none{% endif %}{% if contact.company != '' %}some{% endif %}",
            "none",
        ),
        ("{{ 'VIP' if contact.custom.vip else 'friend' }}", "VIP"),
        ("{{ workspace.name }} {{ unsubscribe_url }}", "Tom & Jerry https://crm.example/u/1"),
        ("{# a note #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("a  {{- ' b ' | trim -}}  c", "abc"),
        ("{{ -1 }}{{ 1.5 }}", "-11.5"),
    ] {
        assert_eq!(plain(source), text, "{source}");
    }
}

#[test]
fn html_is_written_so_that_it_shows_and_does_nothing() {
    let html = run(
        "<b title=\"{{ contact.first_name }}\">{{ workspace.name | escape }}</b>",
        Escaping::Html,
    )
    .text;
    assert_eq!(html, "<b title=\"Ada &lt;script&gt;alert(1)&lt;/script&gt;\">Tom &amp; Jerry</b>");
    assert_eq!(plain("{{ workspace.name | escape }}"), "Tom &amp; Jerry");
}

#[test]
fn what_has_no_value_and_no_default_is_named_once_and_only_where_it_is_written() {
    let output = run(
        "{{ contact.company }}{{ contact.company | upper }}{{ contact.custom.notes }}{{ contact.primary_phone | default('') }}\
         {% if contact.custom.birthday %}{{ contact.custom.birthday }}{% endif %}{{ contact.custom.plan | date('%Y') }}",
        Escaping::Plain,
    );
    assert_eq!(output.missing, ["contact.company", "contact.custom.notes", "contact.custom.plan"]);
}

#[test]
fn unknown_names_are_refused_by_name() {
    for (source, name) in [
        ("{{ contact.nickname }}", "contact.nickname"),
        ("{{ contact.custom.color }}", "contact.custom.color"),
        ("{{ first_name }}", "first_name"),
        ("{% if contact.nickname %}{% endif %}", "contact.nickname"),
        ("{{ contact.company | default(contact.nickname) }}", "contact.nickname"),
        ("{{ self }}", "self"),
        ("{{ config }}", "config"),
        ("{{ config.smtp_password }}", "config.smtp_password"),
        ("{{ contact.__class__ }}", "contact.__class__"),
        ("{{ contact }}", "contact"),
        ("{{ contact.custom }}", "contact.custom"),
        ("{{ contact.first_name.length }}", "contact.first_name.length"),
        ("{{ contact[\"__class__\"].__mro__ }}", "contact.__class__.__mro__"),
        ("{{ __tera_context }}", "__tera_context"),
    ] {
        assert_eq!(refused(source), Problem::UnknownVariable(name.to_owned()), "{source}");
    }
}

#[test]
fn whatever_calls_loops_or_reaches_out_is_refused_with_its_line() {
    for source in [
        "{{ get_env(name=\"PATH\") }}",
        "{{ get_env(name=\"PICRM_SECRET_KEY\", default=\"x\") }}",
        "{{ contact.first_name.upper() }}",
        "{{ contact.first_name | attr(\"__class__\") }}",
        "{{ contact.first_name | map(\"upper\") }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ ''[0] }}",
        "{{ 7*7 }}",
        "{{ 'a' ~ 'b' }}",
        "{{ 'a' * 1000000000 }}",
        "{{ range(1000000000) }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{ contact.first_name[0:1] }}",
        "{{ contact.first_name is defined }}",
        "{{ 'a' in 'abc' }}",
        "{{ none }}",
        "{{ contact.first_name | upper(1) }}",
        "{{ contact.first_name | date }}",
        "{{ contact.first_name | date(contact.company) }}",
        "{{ contact.first_name | date('%Q') }}",
        "{% for i in contact %}{% endfor %}",
        "{% set x = 1 %}",
        "{% set x %}a{% endset %}",
        "{% macro m() %}{% endmacro %}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% block x %}{% endblock %}",
        "{% call x() %}{% endcall %}",
        "{% do x() %}",
        "{% with a = 1 %}{% endwith %}",
        "{% filter upper %}a{% endfilter %}",
        "{% autoescape false %}a{% endautoescape %}",
        "{% if contact.first_name %}",
        "{{ contact.first_name",
        "{{ }}",
        "{% %}",
    ] {
        match refused(&format!("first line\n{source}")) {
            Problem::Syntax(message) => {
                assert!(message.starts_with("line 2: "), "{source}: {message}");
            }
            unknown @ Problem::UnknownVariable(_) => panic!("{source}: {unknown:?}"),
        }
    }
}

#[test]
fn nothing_can_run_away() {
    let deep = format!("{}{}", "{% if email %}".repeat(5_000), "{% endif %}".repeat(5_000));
    assert!(matches!(refused(&deep), Problem::Syntax(_)));
    let deep = format!("{{{{ {}email{} }}}}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(matches!(refused(&deep), Problem::Syntax(_)));
    assert!(matches!(refused(&"{{ email }}".repeat(30_000)), Problem::Syntax(_)));
    // Each of these lies inside the one before, and the parser itself bounds none of them.
    for endless in [
        format!("{{{{ email{} }}}}", " | upper".repeat(50_000)),
        format!("{{{{ {{'a': {{}}}}{} }}}}", " | upper".repeat(50_000)),
        format!("{{{{ email{}", " | upper".repeat(50_000)),
        format!("{{{{ email{} }}}}", " and email".repeat(40_000)),
        format!("{{{{ email{} }}}}", " or email".repeat(40_000)),
        format!("{{{{ email{} }}}}", " == email".repeat(40_000)),
        format!("{{{{ email{} }}}}", " + email".repeat(40_000)),
        format!("{{{{ email{} }}}}", " if email else email".repeat(20_000)),
        format!("{{{{ {} email }}}}", "not ".repeat(50_000)),
        format!("{{{{ {}1 }}}}", "-".repeat(50_000)),
        format!("{{{{ email{} }}}}", ".a".repeat(50_000)),
        format!("{{{{ email{} }}}}", "['a']".repeat(50_000)),
        format!("{{{{ email{} }}}}", "()".repeat(50_000)),
        format!("{{% if email %}}{}{{% endif %}}", "{% elif email %}".repeat(30_000)),
        format!("{{% if email %}}{}", "{% elif email %}".repeat(30_000)),
    ] {
        assert!(matches!(refused(&endless), Problem::Syntax(_)), "{endless:.60}");
    }

    let mut contact = ada();
    contact.company = "x".repeat(1_000);
    let program = parse(&"{{ contact.company }}".repeat(2_000), Known::Any).unwrap();
    assert!(render(&program, &contact, &RenderContext::default(), Escaping::Plain).is_err());
}

#[test]
fn other_languages_braces_are_text() {
    for source in ["${7*7}", "%database_url%", "[[7*7]]", "#{x}", "<%= x %>", "{ a }", "}}"] {
        assert_eq!(plain(source), source);
    }
}
