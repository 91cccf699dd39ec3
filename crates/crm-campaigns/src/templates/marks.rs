//! Placeholders put aside while a text goes through something that does not know them (MJML, HTML to text).

/// The tags of a text, each replaced by one character of a private plane, which every converter leaves alone.
#[derive(Debug)]
pub(super) struct Marks {
    tags: Vec<String>,
}

/// The first of the characters that stand for tags.
const FIRST: u32 = 0xF_0000;
/// The last one.
const LAST: u32 = 0xF_FFFD;

impl Marks {
    /// Replaces every tag; `None` where the text has such characters of its own or too many tags.
    pub(super) fn replace(source: &str) -> Option<(Self, String)> {
        if source.chars().any(is_mark) {
            return None;
        }
        let mut tags = Vec::new();
        let mut marked = String::with_capacity(source.len());
        let mut rest = source;
        while let Some(at) = next_tag(rest) {
            let (before, tag_on) = rest.split_at(at);
            let (tag, after) = tag_on.split_at(tag_length(tag_on));
            marked.push_str(before);
            let code = FIRST + u32::try_from(tags.len()).ok()?;
            marked.push(char::from_u32(code).filter(|_| code <= LAST)?);
            tags.push(tag.to_owned());
            rest = after;
        }
        marked.push_str(rest);
        Some((Self { tags }, marked))
    }

    /// Whether there are statements (`{% … %}`) among the tags.
    pub(super) fn has_statements(&self) -> bool {
        self.tags.iter().any(|tag| tag.starts_with("{%"))
    }

    /// The tag this character stands for.
    pub(super) fn tag(&self, c: char) -> Option<&str> {
        let index =
            u32::from(c).checked_sub(FIRST).and_then(|index| usize::try_from(index).ok())?;
        self.tags.get(index).map(String::as_str)
    }

    /// Puts the tags back.
    pub(super) fn restore(&self, marked: &str) -> String {
        let mut text = String::with_capacity(marked.len());
        for c in marked.chars() {
            match self.tag(c) {
                Some(tag) => text.push_str(tag),
                None => text.push(c),
            }
        }
        text
    }
}

/// Whether this character stands for a tag.
pub(super) fn is_mark(c: char) -> bool {
    (FIRST..=LAST).contains(&u32::from(c))
}

fn next_tag(text: &str) -> Option<usize> {
    ["{{", "{%", "{#"].into_iter().filter_map(|opening| text.find(opening)).min()
}

/// Length of the tag `text` begins with; a closing inside quotes does not count.
fn tag_length(text: &str) -> usize {
    let closing = match text.chars().nth(1) {
        Some('{') => "}}",
        Some('%') => "%}",
        _ => return text.find("#}").map_or(text.len(), |at| at + 2),
    };
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(2) {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if text.get(at..).is_some_and(|rest| rest.starts_with(closing)) => return at + 2,
            Some(_) | None => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_back_as_they_were() {
        for source in [
            "",
            "plain",
            "{{ a }}",
            "x{{ a | default(\"}}\") }}y{% if b %}z{% endif %}{# c #}ü",
            "{{ 'it\\'s }}' }}!",
            "{{ unclosed",
            "{% raw %}{{ a }}{% endraw %}",
        ] {
            let (marks, marked) = Marks::replace(source).unwrap();
            assert!(!marked.contains("{{") && !marked.contains("{%"), "{marked}");
            assert_eq!(marks.restore(&marked), source);
        }
        assert!(Marks::replace("\u{F0000}").is_none());
    }
}
