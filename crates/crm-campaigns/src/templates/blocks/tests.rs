//! Blocks: what they become, and what is refused.

use super::super::mjml;
use super::*;

fn check_all(blocks: Vec<Block>) -> Result<Vec<Block>> {
    let mut blocks = blocks;
    check(&mut blocks, Known::Fields(&["plan".to_owned()])).map(|()| blocks)
}

fn html(blocks: Vec<Block>) -> String {
    mjml::to_html(&to_mjml(&check_all(blocks).unwrap()).unwrap()).unwrap()
}

fn text(text: &str) -> Block {
    Block::Text { text: text.to_owned() }
}

#[test]
fn every_kind_becomes_part_of_the_message() {
    let made = html(vec![
        Block::Heading {
            text: "Rye & more for {{ contact.company | default(\"<you>\") }}".to_owned(),
        },
        text(
            "Dear {{ contact.first_name | default(\"friend *of* flour\") }},\nit is **here**.\n\n- one\n- two\n\n[Read]({{ unsubscribe_url }}) [on](https://x.example/?a=1&b=2)",
        ),
        Block::Button {
            label: "Reserve".to_owned(),
            url: "https://x.example/r?q={{ email }}".to_owned(),
        },
        Block::Image {
            src: "https://x.example/a.png".to_owned(),
            alt: "Three \"loaves\"".to_owned(),
            url: String::new(),
        },
        Block::Columns { left: "Left".to_owned(), right: "Right".to_owned() },
        Block::Divider {},
        Block::Spacer { height: 40 },
        Block::Signature { text: "Monalisa\nKornfeld".to_owned() },
    ]);
    for part in [
        "Rye &amp; more for {{ contact.company | default(\"<you>\") }}",
        "{{ contact.first_name | default(\"friend *of* flour\") }}",
        "<strong>here</strong>",
        "<li>one</li>",
        "<a href=\"{{ unsubscribe_url }}\">Read</a>",
        "href=\"https://x.example/?a=1&amp;b=2\"",
        "href=\"https://x.example/r?q={{ email }}\"",
        "alt=\"Three &quot;loaves&quot;\"",
        ">Left",
        ">Right",
        "height:40px",
        "Monalisa<br />",
        "You get this message from {{ workspace.name }}.",
        ">Unsubscribe</a>",
    ] {
        assert!(made.contains(part), "{part}\n{made}");
    }
}

#[test]
fn text_cannot_bring_elements_scripts_or_other_schemes() {
    let made = html(vec![text(
        "<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n<div onclick=x>\n\nb\n\n\
         [a](javascript:alert(1)) [b](data:text/html,x) ![alt](https://x.example/p.gif)",
    )]);
    for bad in ["<script", "<img src=x", "<div onclick", "javascript:", "data:text", "p.gif"] {
        assert!(!made.contains(bad), "{bad}: {made}");
    }
    assert!(made.contains("&lt;script&gt;"), "{made}");
}

#[test]
fn the_block_that_unsubscribes_is_there_once_and_last() {
    let end = |text: &str| Block::Unsubscribe { text: text.to_owned() };
    let blocks = check_all(vec![end("One."), text("x"), end("Two.")]).unwrap();
    assert_eq!(blocks, [text("x"), end("One.")]);
    let blocks = check_all(vec![text("x")]).unwrap();
    assert!(matches!(&blocks[..], [Block::Text { .. }, Block::Unsubscribe { .. }]));
}

#[test]
fn a_problem_names_its_block() {
    let button = |url: &str| Block::Button { label: "L".to_owned(), url: url.to_owned() };
    for (bad, says) in [
        (text("{{ contact.nick }}"), "unknown variable contact.nick"),
        (text("{% if email %}"), "unexpected end"),
        (text(" "), "the text is missing"),
        (text("a\u{0}b"), "characters"),
        (button("javascript:alert(1)"), "begins with https://"),
        (button(" JavaScript:alert(1)"), "begins with https://"),
        (button("https://x.example\r\nBcc: x"), "characters"),
        (Block::Spacer { height: 500 }, "4 to 120"),
        (Block::Heading { text: "x".repeat(2_001) }, "more than"),
    ] {
        match check_all(vec![text("fine"), bad.clone()]) {
            Err(TemplatesError::Block { number: 2, message }) => {
                assert!(message.contains(says), "{bad:?}: {message}");
            }
            other => panic!("{bad:?}: {other:?}"),
        }
    }
    check_all(vec![text("{{ contact.custom.plan }}"), button("{{ unsubscribe_url }}")]).unwrap();
    assert!(check_all(vec![Block::Divider {}; MAX_BLOCKS + 1]).is_err());
}

#[test]
fn every_kind_can_be_begun_and_read_back() {
    for kind in Block::KINDS {
        let block = Block::empty(kind).unwrap();
        assert_eq!(block.kind(), kind);
        let json = serde_json::to_string(&block).unwrap();
        assert_eq!(serde_json::from_str::<Block>(&json).unwrap(), block, "{json}");
    }
    assert!(serde_json::from_str::<Block>(r#"{"kind": "text", "text": "x", "y": 1}"#).is_err());
}
