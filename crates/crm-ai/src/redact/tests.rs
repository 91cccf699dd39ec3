//! What leaves and what comes back.

use std::collections::BTreeMap;

use crm_core::{ContactId, Timestamp};

use super::*;

fn ada() -> Contact {
    let now: Timestamp = "2026-11-28T09:00:00Z".parse().unwrap();
    let id: ContactId = "018f0000-0000-7000-8000-000000000001".parse().unwrap();
    Contact {
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        primary_email: Some("ada@example.com".to_owned()),
        primary_phone: Some("+436641234567".to_owned()),
        company: "Analytical Engines".to_owned(),
        custom: BTreeMap::from([
            ("plan".to_owned(), CustomValue::Text("Gold Plus".to_owned())),
            ("seats".to_owned(), CustomValue::Number(1250.0)),
            ("vip".to_owned(), CustomValue::Boolean(true)),
        ]),
        ..Contact::blank(id, now)
    }
}

fn redaction() -> Redaction {
    Redaction::new(Fact::all(&["plan".to_owned(), "seats".to_owned(), "vip".to_owned()]))
}

#[test]
fn nothing_of_the_contact_leaves_and_it_comes_back_as_variables() {
    let mut redaction = redaction();
    let prompt = "Thank ADA LOVELACE (ada@example.com, +436641234567) of Analytical Engines for \
                  1250 seats of gold plus. Mention that Ada's adapter is on its way.";
    let sent = redaction.redact(prompt, Some(&ada()), &[]);
    assert_eq!(
        sent,
        "Thank [FIRST_NAME] [LAST_NAME] ([EMAIL], [PHONE]) of [COMPANY] for [CUSTOM_SEATS] seats \
         of [CUSTOM_PLAN]. Mention that [FIRST_NAME]'s adapter is on its way."
    );
    assert_eq!(redaction.facts_in(&sent).len(), 7);
    let back = redaction.restore("Hi [FIRST_NAME], enjoy [CUSTOM_PLAN]!", Form::Text);
    assert_eq!(
        back,
        "Hi {{ contact.first_name | default(\"there\") }}, enjoy {{ contact.custom.plan }}!"
    );
}

#[test]
fn others_come_back_as_they_were() {
    let mut redaction = redaction();
    let grace = Contact {
        first_name: "Grace".to_owned(),
        last_name: "Hopper".to_owned(),
        company: String::new(),
        id: "018f0000-0000-7000-8000-000000000002".parse().unwrap(),
        ..ada()
    };
    let prompt = "Grace Hopper answers at grace@navy.example or 01 234 567 89. Ask Grace.";
    let sent = redaction.redact(prompt, None, &[grace]);
    assert_eq!(sent, "[PERSON_3] answers at [EMAIL_1] or [PHONE_2]. Ask [PERSON_4].");
    let back = redaction.restore("Ask [PERSON_4] <[EMAIL_1]>", Form::Html);
    assert_eq!(back, "<p>Ask Grace &lt;grace@navy.example&gt;</p>");
}

#[test]
fn people_with_one_half_of_a_name_in_common_are_told_apart() {
    let mut redaction = redaction();
    let byron = Contact {
        first_name: "Byron".to_owned(),
        company: String::new(),
        id: "018f0000-0000-7000-8000-000000000003".parse().unwrap(),
        ..ada()
    };
    let prompt = "Ada Lovelace and Byron Lovelace, ada@else.example.";
    let sent = redaction.redact(prompt, Some(&ada()), &[ada(), byron]);
    assert_eq!(sent, "[FIRST_NAME] [LAST_NAME] and [PERSON_2], [EMAIL_1].");
}

#[test]
fn variables_of_a_prompt_become_placeholders_and_what_is_none_loses_its_braces() {
    let mut redaction = redaction();
    let sent = redaction.redact(
        "Hi {{ contact.first_name | default(\"x\") }}, {{ nobody }} {{",
        None,
        &[],
    );
    assert_eq!(sent, "Hi [FIRST_NAME], nobody {{");
}

#[test]
fn what_a_model_writes_is_neither_html_nor_a_template() {
    let redaction = redaction();
    let wrote = "Dear {{ contact.first_name }},\nit is <b>new</b> & {{ config.secret }}{% if x %}.\n\n\
                 {{{% raw %}}}{{{{}}%}\n\n<script>alert(\"x\")</script>";
    let html = redaction.restore(wrote, Form::Html);
    assert_eq!(
        html.lines().next(),
        Some("<p>Dear {{ contact.first_name | default(\"there\") }},<br>")
    );
    assert!(html.contains("it is &lt;b&gt;new&lt;/b&gt; &amp; config.secret"), "{html}");
    let without = html.replace("{{ contact.first_name | default(\"there\") }}", "");
    for mark in ["{{", "{%", "{#", "<script", "<b>"] {
        assert!(!without.contains(mark), "{mark} in {html}");
    }
}
