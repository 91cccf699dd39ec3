//! Whole messages: what is put around a body, what is derived from it, and what is refused.

use super::compile::{self, CompiledContent, Known};
use super::{Channel, Compiled as _, Format, NewTemplate, RenderContext, Rendered, TemplatesError};
use crm_contacts::Contact;
use crm_core::{ContactId, Timestamp};

fn contact(first_name: &str) -> Contact {
    let now: Timestamp = "2026-11-03T09:00:00Z".parse().unwrap();
    let id: ContactId = "01920000-0000-7000-8000-000000000001".parse().unwrap();
    Contact {
        first_name: first_name.to_owned(),
        primary_email: Some("ada@example.org".to_owned()),
        ..Contact::blank(id, now)
    }
}

fn compiled(content: &NewTemplate) -> CompiledContent {
    compile::compile(content, Known::Fields(&[])).unwrap()
}

fn rendered(content: &NewTemplate, first_name: &str) -> Rendered {
    compiled(content).render(&contact(first_name), &context()).unwrap()
}

fn context() -> RenderContext {
    RenderContext {
        workspace_name: "Kornfeld".to_owned(),
        postal_address: "Mill Lane 1, 4020 Linz".to_owned(),
        unsubscribe_url: "https://crm.example/u/abc".to_owned(),
    }
}

fn html(body: &str) -> NewTemplate {
    NewTemplate {
        subject: "Hi {{ contact.first_name | default(\"there\") }}".to_owned(),
        body_html: body.to_owned(),
        ..NewTemplate::default()
    }
}

#[test]
fn a_message_is_a_whole_document_with_a_text_part_and_a_way_out() {
    let content = NewTemplate {
        preheader: "News & more".to_owned(),
        signature: "{{ workspace.name }}\nVienna".to_owned(),
        ..html(
            "<p>Dear <b>{{ contact.first_name }}</b>, read <a href=\"https://x.example/a\">this</a>.</p>",
        )
    };
    let message = rendered(&content, "Zoë & <Ada>");
    assert_eq!(message.subject, "Hi Zoë & <Ada>");
    assert!(message.missing.is_empty());
    let html = &message.html;
    assert!(html.starts_with("<!doctype html>") && html.trim_end().ends_with("</html>"), "{html}");
    assert!(html.contains("<b>Zoë &amp; &lt;Ada&gt;</b>"), "{html}");
    assert!(html.contains("Kornfeld<br>Vienna"), "{html}");
    assert!(html.contains("<a href=\"https://crm.example/u/abc\""), "{html}");
    let text = &message.text;
    assert!(text.contains("Zoë & <Ada>") && text.contains("https://x.example/a"), "{text}");
    assert!(text.contains("Kornfeld\nVienna"), "{text}");
    assert!(text.contains("Unsubscribe: https://crm.example/u/abc"), "{text}");
}

#[test]
fn a_body_that_says_how_to_unsubscribe_gets_no_second_way() {
    let message = rendered(&html("<p>x <a href=\"{{ unsubscribe_url }}\">stop</a></p>"), "Ada");
    assert_eq!(message.html.matches("https://crm.example/u/abc").count(), 1);
    assert_eq!(message.text.matches("https://crm.example/u/abc").count(), 1, "{}", message.text);
}

#[test]
fn conditions_hold_in_the_derived_text_too() {
    let body = "<p>{% if contact.first_name == 'Ada' %}<a href=\"https://x.example/ada\">A</a>{% else %}B{% endif %}</p>";
    assert!(rendered(&html(body), "Ada").text.contains("https://x.example/ada"));
    let other = rendered(&html(body), "Bob").text;
    assert!(other.starts_with('B') && !other.contains("x.example"), "{other}");
}

#[test]
fn a_missing_variable_is_told_by_the_quick_look_and_the_full_one_alike() {
    for body in [
        "<p>{{ contact.first_name }} {{ contact.company }}</p>",
        "<p>{{ contact.first_name | upper }}{% if contact.company %}{{ contact.company }}{% endif %}</p>",
        "<p>{{ contact.first_name | default('you') }}</p>",
        "<p>{{ contact.first_name | date('%Y') }}</p>",
    ] {
        let compiled = compiled(&html(body));
        for name in ["", "Ada"] {
            let contact = contact(name);
            let quick = compiled.missing(&contact, &context()).unwrap();
            assert_eq!(quick, compiled.render(&contact, &context()).unwrap().missing, "{body}");
        }
    }
    let compiled = compiled(&html("<p>{{ contact.first_name }}</p>"));
    assert_eq!(compiled.missing(&contact(""), &context()).unwrap(), ["contact.first_name"]);
}

#[test]
fn problems_name_their_field() {
    let bad = |content: NewTemplate| compile::compile(&content, Known::Fields(&[])).unwrap_err();
    let err = bad(NewTemplate { subject: "{{ contact.nick }}".to_owned(), ..html("<p>x</p>") });
    assert!(
        matches!(&err, TemplatesError::UnknownVariable { field: "subject", variable } if variable == "contact.nick"),
        "{err:?}"
    );
    let err = bad(NewTemplate { signature: "{{ x() }}".to_owned(), ..html("<p>x</p>") });
    assert!(matches!(err, TemplatesError::Syntax { field: "signature", .. }), "{err:?}");
}

#[test]
fn mjml_becomes_html_with_its_placeholders() {
    let mjml = |body: &str| NewTemplate {
        format: Format::Mjml,
        body_html: format!(
            "<mjml><mj-body><mj-section><mj-column>{body}</mj-column></mj-section></mj-body></mjml>"
        ),
        ..html("")
    };
    let content = mjml(
        "<mj-text>Dear {{ contact.first_name | default(\"<you>\") }} {% if contact.first_name %}yes{% endif %}</mj-text>\
         <mj-button href=\"{{ unsubscribe_url }}\">Stop</mj-button>",
    );
    let message = rendered(&content, "Ada & Co");
    assert!(message.html.contains("Dear Ada &amp; Co yes"), "{}", message.html);
    assert!(message.html.contains("href=\"https://crm.example/u/abc\""), "{}", message.html);
    assert!(message.text.contains("Dear Ada & Co yes"), "{}", message.text);

    for bad in ["<mj-text>", "<mj-include path=\"/etc/passwd\" />", &"<div>".repeat(5_000)] {
        let err = compile::compile(&mjml(bad), Known::Any);
        assert!(
            matches!(err, Err(TemplatesError::Syntax { field: "body_html", .. })),
            "{bad:.40}: {err:?}"
        );
    }
}

#[test]
fn deep_html_is_refused_and_long_html_is_not() {
    for bad in ["<div>", "<DIV class='a'>", "<b>", "<table><tr><td>"] {
        let err = compile::compile(&html(&bad.repeat(50_000)), Known::Any);
        assert!(matches!(err, Err(TemplatesError::Syntax { field: "body_html", .. })), "{bad}");
    }
    let message = rendered(&html(&"<p>a<br>b<div><img src='x'>c</div>".repeat(5_000)), "Ada");
    assert!(message.html.len() > 150_000);
}

#[test]
fn a_text_message_has_one_part() {
    let content = NewTemplate {
        channel: Channel::Text,
        body_text: "Hi {{ contact.first_name }}".to_owned(),
        ..NewTemplate::default()
    };
    let message = rendered(&content, "Ada");
    assert_eq!((message.text.as_str(), message.html.as_str()), ("Hi Ada", ""));
}

#[test]
fn the_postal_address_stands_below_mail_that_does_not_say_it() {
    const ADDRESS: &str = "Mill Lane 1, 4020 Linz";
    let times = |message: &Rendered| {
        (message.html.matches(ADDRESS).count(), message.text.matches(ADDRESS).count())
    };
    let how = "<a href=\"{{ unsubscribe_url }}\">Stop</a>";
    // Beside the line that unsubscribes, whoever wrote that one.
    assert_eq!(times(&rendered(&html("<p>x</p>"), "Ada")), (1, 1));
    assert_eq!(times(&rendered(&html(how), "Ada")), (1, 1));
    // Said in the body, and so in the text made from it.
    let said = "<p>{{ workspace.postal_address }}</p>";
    assert_eq!(times(&rendered(&html(said), "Ada")), (1, 1));
    assert_eq!(times(&rendered(&html(&format!("{said}{how}")), "Ada")), (1, 1));
    // A text part of its own is looked at by itself.
    let own = NewTemplate { body_text: "Plain".to_owned(), ..html(&format!("{said}{how}")) };
    assert_eq!(times(&rendered(&own, "Ada")), (1, 1));
    let signed =
        NewTemplate { signature: "Ada\n{{ workspace.postal_address }}".to_owned(), ..html(how) };
    assert_eq!(times(&rendered(&signed, "Ada")), (1, 1));

    // Without an address there is nothing, not even a rule.
    let compiled = compile::compile(&html(how), Known::Any).unwrap();
    let nowhere = RenderContext { postal_address: String::new(), ..context() };
    let message = compiled.render(&contact("Ada"), &nowhere).unwrap();
    assert!(!message.text.contains("-- ") && message.missing.is_empty(), "{}", message.text);
    // From one person to another there is none either.
    let single = compiled.without_footer();
    assert_eq!(times(&single.render(&contact("Ada"), &context()).unwrap()), (0, 0));
}
