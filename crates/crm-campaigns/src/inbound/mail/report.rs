//! Reports about the delivery of a message (RFC 3464).

use crm_providers::smtp::is_dead;

use super::fields::{Block, blocks};

/// What a report says became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    /// Whom it is about, as the server that gave up knew them, and as the sender had named them.
    pub(super) recipients: Vec<String>,
    pub(super) fate: Fate,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// It arrived.
    Delivered,
    /// Nothing is decided: it is late, or was handed on.
    UnderWay,
    /// It came back.
    Failed {
        /// In the words of the server.
        message: String,
        /// Whether nobody is behind the address.
        is_dead: bool,
    },
}

/// Reads the blocks of a report. A message of ours has one recipient: where a report names several, an address stood for
/// many, and one of them failed is what counts.
pub(super) fn read(text: &str) -> Report {
    let recipients = blocks(text).into_iter().filter(|block| block.get("action").is_some());
    let mut report = Report { recipients: Vec::new(), fate: Fate::UnderWay };
    for block in recipients {
        let named = ["original-recipient", "final-recipient"];
        report.recipients.extend(named.iter().filter_map(|name| block.typed(name)).map(address));
        match (fate(&block), &report.fate) {
            (failed @ Fate::Failed { .. }, Fate::UnderWay | Fate::Delivered) => {
                report.fate = failed;
            }
            (Fate::Delivered, Fate::UnderWay) => report.fate = Fate::Delivered,
            _ => {}
        }
    }
    report
}

/// An address as addresses are kept: without what some servers put around it.
fn address(text: &str) -> String {
    text.trim().trim_start_matches('<').trim_end_matches('>').to_lowercase()
}

fn fate(block: &Block) -> Fate {
    let action = block.get("action").unwrap_or_default().to_ascii_lowercase();
    // Comments may follow: `failed (expired)`.
    let action = action.split_whitespace().next().unwrap_or_default();
    match action {
        "delivered" => Fate::Delivered,
        "failed" => {
            let said = block.typed("diagnostic-code").unwrap_or_default();
            let status = block.get("status").unwrap_or_default();
            let message = if said.is_empty() { status } else { said };
            let message =
                if message.is_empty() { "it came back without a reason" } else { message };
            let enhanced = enhanced(said).or_else(|| enhanced(status)).unwrap_or_default();
            let is_dead = is_dead(code(said), enhanced, said);
            Fate::Failed { message: message.to_owned(), is_dead }
        }
        _ => Fate::UnderWay,
    }
}

/// The three digits a reply begins with; 550 where a server tells none, which says nothing in particular.
fn code(said: &str) -> u16 {
    let digits = said.get(..3).filter(|digits| digits.chars().all(|c| c.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(550)
}

/// The first enhanced code in a text (RFC 3463): `5.1.1`.
fn enhanced(text: &str) -> Option<[u8; 3]> {
    let parts = |c: char| !c.is_ascii_digit() && c != '.';
    text.split(parts).find_map(|word| {
        let mut numbers = word.split('.').map(|number| number.parse::<u8>().ok());
        let code = [numbers.next()??, numbers.next()??, numbers.next()??];
        (matches!(code, [2 | 4 | 5, ..]) && numbers.next().is_none()).then_some(code)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(text: &str) -> (String, bool) {
        match read(text).fate {
            Fate::Failed { message, is_dead } => (message, is_dead),
            other => panic!("{other:?}"),
        }
    }

    const HEAD: &str = "Reporting-MTA: dns; mx.example\n\n";

    #[test]
    fn a_dead_address_is_told_from_other_trouble() {
        let block = |status: &str, said: &str| {
            format!(
                "{HEAD}Final-Recipient: rfc822; <Ada@Example.org>\nAction: failed\nStatus: {status}\nDiagnostic-Code: smtp; {said}\n"
            )
        };
        assert_eq!(
            failed(&block("5.1.1", "550 5.1.1 User unknown")),
            ("550 5.1.1 User unknown".to_owned(), true)
        );
        assert_eq!(read(&block("5.1.1", "x")).recipients, ["ada@example.org"]);
        assert!(failed(&block("5.0.0", "550 No such user here")).1, "no enhanced code: the text");
        assert!(failed(&block("5.0.0", "")).0.contains("5.0.0"));
        assert!(!failed(&block("5.0.0", "550 rejected")).1);
        assert!(!failed(&block("5.2.2", "552 5.2.2 Mailbox full")).1);
        assert!(!failed(&block("5.7.1", "550 5.7.1 no such user, says the policy")).1);
        assert!(!failed(&block("4.4.1", "connection timed out")).1, "given up after days");
        assert!(failed(&block("5.1.10", "550 5.1.10 null MX")).1);
        // The server's own code is nearer to the cause than what the sender's server made of it.
        assert!(!failed(&block("5.1.1", "550 5.7.26 unauthenticated")).1);
    }

    #[test]
    fn what_is_late_has_not_failed() {
        let delayed =
            format!("{HEAD}Final-Recipient: rfc822; a@b.c\nAction: delayed\nStatus: 4.4.1\n");
        assert_eq!(read(&delayed).fate, Fate::UnderWay);
        let both = format!("{delayed}\nFinal-Recipient: rfc822; d@e.f\nAction: FAILED (really)\n");
        assert!(matches!(read(&both).fate, Fate::Failed { .. }));
        let delivered =
            format!("{HEAD}Final-Recipient: rfc822; a@b.c\nAction: delivered\nStatus: 2.0.0\n");
        assert_eq!(read(&delivered).fate, Fate::Delivered);
        for nothing in ["", HEAD, "Action", "Action:\n", "Status: 5.1.1\n"] {
            assert_eq!(read(nothing).fate, Fate::UnderWay, "{nothing}");
        }
    }

    #[test]
    fn enhanced_codes_are_found_between_other_numbers() {
        assert_eq!(enhanced("550-5.1.1 The account"), Some([5, 1, 1]));
        assert_eq!(enhanced("550 192.168.5.1 said 5.2.1"), Some([5, 2, 1]));
        assert_eq!(enhanced("host mx[1.2.3.4] 5.1.1.1"), None);
        assert_eq!(enhanced("5.999.1 5.1."), None);
    }
}
