//! The form a message is compared in (RFC 6376, 3.4.2 and 3.4.4, "relaxed"): what mail servers change on the way, folds and
//! runs of white space, makes no difference.

/// A message with every line ended by CR LF, the last one too.
pub(super) fn with_line_ends(message: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(message.len() + 2);
    let mut bytes = message.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' | b'\n' => {
                if byte == b'\r' && bytes.peek() == Some(&b'\n') {
                    bytes.next();
                }
                lines.extend_from_slice(b"\r\n");
            }
            _ => lines.push(byte),
        }
    }
    if !lines.is_empty() && !lines.ends_with(b"\r\n") {
        lines.extend_from_slice(b"\r\n");
    }
    lines
}

/// Headers and body of a message whose lines end with CR LF; the empty line belongs to neither.
pub(super) fn split(message: &[u8]) -> (&[u8], &[u8]) {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    match end.and_then(|end| message.split_at_checked(end + 2)) {
        Some((headers, rest)) => (headers, rest.get(2..).unwrap_or_default()),
        None => (message, &[]),
    }
}

/// The headers, each with its folds and its line end.
pub(super) fn headers(block: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    for line in block.split_inclusive(|byte| *byte == b'\n') {
        if line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            if let Some((_, value)) = all.last_mut() {
                value.extend_from_slice(line);
            }
            continue;
        }
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else { continue };
        let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
        all.push((name, value.to_vec()));
    }
    all
}

/// A header in one line: its name in small letters, its value unfolded, without space around it. No line end.
pub(super) fn header(name: &str, value: &[u8]) -> Vec<u8> {
    let mut line = name.to_ascii_lowercase().into_bytes();
    line.push(b':');
    let words = value.split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
    let words: Vec<&[u8]> = words.filter(|word| !word.is_empty()).collect();
    line.extend(words.join(&b' '));
    line
}

/// The body: runs of white space are one space, none ends a line, and no empty line ends it.
pub(super) fn body(body: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(body.len());
    // Where the last line that is not empty ends.
    let mut end = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r\n").unwrap_or(line);
        let mut space = false;
        let begin = all.len();
        for byte in line {
            if matches!(byte, b' ' | b'\t') {
                space = true;
                continue;
            }
            if std::mem::take(&mut space) {
                all.push(b' ');
            }
            all.push(*byte);
        }
        let is_empty = all.len() == begin;
        all.extend_from_slice(b"\r\n");
        if !is_empty {
            end = all.len();
        }
    }
    all.truncate(end);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        // RFC 6376, 3.4.5.
        let message = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
        let (block, rest) = split(message);
        let lines: Vec<String> = headers(block)
            .iter()
            .map(|(name, value)| String::from_utf8(header(name, value)).unwrap())
            .collect();
        assert_eq!(lines, ["a:X", "b:Y Z"]);
        assert_eq!(body(rest), b" C\r\nD E\r\n");
        assert_eq!(body(b"\r\n\r\n"), b"");
        assert_eq!(body(b""), b"");
        assert_eq!(body(b" \t\r\n"), b"");
    }

    #[test]
    fn every_line_has_its_end() {
        assert_eq!(with_line_ends(b"a\nb\r\nc\rd"), b"a\r\nb\r\nc\r\nd\r\n");
        assert_eq!(with_line_ends(b""), b"");
        assert_eq!(with_line_ends(b"a\r\n"), b"a\r\n");
    }

    #[test]
    fn a_message_without_a_body_is_all_headers() {
        assert_eq!(split(b"A: X\r\n"), (&b"A: X\r\n"[..], &b""[..]));
        assert_eq!(split(b"A: X\r\n\r\nrest\r\n"), (&b"A: X\r\n"[..], &b"rest\r\n"[..]));
    }
}
