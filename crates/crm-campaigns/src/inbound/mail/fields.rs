//! Blocks of `Name: value` lines, as reports have them (RFC 3464 2.1, RFC 5965 3.1).

/// Most blocks that are read: a report about more recipients than this is none of ours.
const MOST: usize = 100;

/// One block: names in small letters, values unfolded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block(Vec<(String, String)>);

impl Block {
    /// The first value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What stands behind the type of an address or reply: `rfc822; ada@example.org`.
    pub(super) fn typed(&self, name: &str) -> Option<&str> {
        let value = self.get(name)?;
        let value = value.split_once(';').map_or(value, |(_, value)| value).trim();
        Some(value).filter(|value| !value.is_empty())
    }
}

/// The blocks of a text, which empty lines part.
pub(super) fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = vec![Block::default()];
    for line in text.lines() {
        let Some(block) = blocks.last_mut() else { break };
        if line.trim().is_empty() {
            if !block.0.is_empty() {
                if blocks.len() == MOST {
                    break;
                }
                blocks.push(Block::default());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = block.0.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            block.0.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    blocks.retain(|block| !block.0.is_empty());
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_unfolded_and_found_by_name() {
        let text = "Reporting-MTA: dns; mx.example\r\n\r\n\r\nFinal-Recipient: rfc822;ada@example.org\r\n\
            STATUS: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n    User unknown\r\nrubbish\r\n\r\n";
        let blocks = blocks(text);
        assert_eq!(blocks.len(), 2);
        assert_eq!(blocks[1].typed("final-recipient"), Some("ada@example.org"));
        assert_eq!(blocks[1].get("status"), Some("5.1.1"));
        assert_eq!(blocks[1].typed("diagnostic-code"), Some("550 5.1.1 User unknown"));
        assert_eq!(blocks[1].get("action"), None);
        assert_eq!(super::blocks(&"A: b\n\n".repeat(10_000)).len(), MOST);
        assert!(super::blocks("").is_empty());
        assert!(super::blocks(" folded first\n:\n").len() < 2);
    }
}
