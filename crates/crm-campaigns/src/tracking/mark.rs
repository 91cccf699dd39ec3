//! Putting a picture and links that tell into a message.

use crm_core::{RecipientId, Scope};

use super::{TrackingLinks, Wanted};

/// A longer address is left as it is: mail programs cut links.
const MAX_URL: usize = 1_500;

/// The HTML of one message with what is wanted in it. `unsubscribe` stays as it is.
pub(crate) fn mark(
    html: String,
    links: &dyn TrackingLinks,
    (scope, recipient): (&Scope, RecipientId),
    wanted: Wanted,
    unsubscribe: Option<&str>,
) -> String {
    let mut html = html;
    if wanted.clicks {
        html = with_links(&html, &|url| {
            let follows = url.starts_with("https://") || url.starts_with("http://");
            let stays = Some(url) == unsubscribe || links.is_own(url) || url.len() > MAX_URL;
            if follows && !stays { links.click(scope, recipient, url) } else { None }
        });
    }
    if wanted.opens
        && let Some(picture) = links.picture(scope, recipient)
    {
        let image = format!(
            "<img src=\"{picture}\" width=\"1\" height=\"1\" alt=\"\" style=\"width:1px;height:1px;border:0\">"
        );
        let end = html.to_ascii_lowercase().rfind("</body>").unwrap_or(html.len());
        html.insert_str(end, &image);
    }
    html
}

/// The same HTML where the address of every `<a>` that `replace` knows another one for has that one.
fn with_links(html: &str, replace: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 4);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let end = if is_anchor(tag) { tag_end(tag) } else { 1 };
        let (tag, after) = tag.split_at(end);
        match href(tag).and_then(|(start, end)| {
            let (head, value) = tag.split_at_checked(start)?;
            let (value, tail) = value.split_at_checked(end - start)?;
            Some((head, replace(&decoded(value))?, tail))
        }) {
            Some((head, url, tail)) => {
                out.push_str(head);
                out.push_str(&url.replace('&', "&amp;"));
                out.push_str(tail);
            }
            None => out.push_str(tag),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_anchor(tag: &str) -> bool {
    let mut chars = tag.chars().skip(1);
    chars.next().is_some_and(|c| c.eq_ignore_ascii_case(&'a'))
        && chars.next().is_some_and(char::is_whitespace)
}

/// Where a tag ends; a `>` between quotes does not end it.
fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '>') => return at + 1,
            _ => {}
        }
    }
    tag.len()
}

/// Where the value of `href` begins and ends in a tag, without its quotes.
fn href(tag: &str) -> Option<(usize, usize)> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower.get(from..)?.find("href") {
        let name = from + found;
        from = name + 4;
        let alone = lower.get(..name)?.ends_with(char::is_whitespace);
        let after = lower.get(from..)?;
        let trimmed = after.trim_start();
        let Some(value) = trimmed.strip_prefix('=').map(str::trim_start) else { continue };
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            continue;
        };
        if !alone {
            continue;
        }
        let start = lower.len() - value.len() + 1;
        let length = value.get(1..)?.find(quote)?;
        return Some((start, start + length));
    }
    None
}

/// An attribute's value as the address it stands for.
fn decoded(value: &str) -> String {
    let value = value.trim();
    if !value.contains('&') {
        return value.to_owned();
    }
    value
        .replace("&#38;", "&")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::with_links;

    fn marked(html: &str) -> String {
        with_links(html, &|url| url.starts_with("https://shop").then(|| format!("T({url})")))
    }

    #[test]
    fn links_are_replaced_and_nothing_else_is_touched() {
        let html = "<p>https://shop.example <a class='x>y' href=\"https://shop.example/?a=1&amp;b=2\">Shop</a> \
            <A HREF='https://shop.example'>x</A> <a href=\"mailto:a@b.c\">m</a> <a href=\"https://other.example\">o</a> \
            <abbr href=\"https://shop.example\">n</abbr> <img src=\"https://shop.example/i.png\"></p>";
        let wanted = "<p>https://shop.example <a class='x>y' href=\"T(https://shop.example/?a=1&amp;b=2)\">Shop</a> \
            <A HREF='T(https://shop.example)'>x</A> <a href=\"mailto:a@b.c\">m</a> <a href=\"https://other.example\">o</a> \
            <abbr href=\"https://shop.example\">n</abbr> <img src=\"https://shop.example/i.png\"></p>";
        assert_eq!(marked(html), wanted);
    }

    #[test]
    fn broken_html_stays_as_it_is() {
        for html in [
            "<a",
            "<a ",
            "<a href",
            "<a href=",
            "<a href=\"https://shop",
            "<",
            "a < b",
            "<a data-href=\"https://shop.example\">",
            "<a href=https://shop.example>",
            "Ünï<a héf=\"\">",
        ] {
            assert_eq!(marked(html), html);
        }
    }
}
