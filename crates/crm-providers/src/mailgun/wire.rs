//! The form `messages.mime` takes (RFC 7578): a few fields, and the message as a file.

/// A form with a message in it.
pub(super) struct Form {
    /// For the `Content-Type` header.
    pub(super) content_type: String,
    /// The body.
    pub(super) body: Vec<u8>,
}

/// Writes the form. The values are ours: an address, an id, words; they hold no line break.
pub(super) fn form(fields: &[(&str, &str)], message: &[u8]) -> Form {
    let boundary = boundary(message);
    let mut body = Vec::with_capacity(message.len() + 1024);
    for (name, value) in fields {
        let part = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"message\"; filename=\"message.eml\"\r\n\
         Content-Type: message/rfc822\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(message);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    Form { content_type: format!("multipart/form-data; boundary={boundary}"), body }
}

/// A line that the message does not hold.
fn boundary(message: &[u8]) -> String {
    let is_free = |text: &str| !message.windows(text.len()).any(|part| part == text.as_bytes());
    let tries = (0_u32..).map(|number| format!("pi-crm-part-{number}"));
    tries.into_iter().find(|text| is_free(text)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_end_its_part() {
        let message = b"Subject: x\r\n\r\n--pi-crm-part-0--\r\npi-crm-part-1";
        let form = form(&[("to", "ada@example.org")], message);
        assert_eq!(form.content_type, "multipart/form-data; boundary=pi-crm-part-2");
        let text = String::from_utf8(form.body).unwrap();
        assert_eq!(text.matches("--pi-crm-part-2").count(), 3);
        assert!(text.contains("name=\"to\"\r\n\r\nada@example.org\r\n--"));
        assert!(text.ends_with("pi-crm-part-1\r\n--pi-crm-part-2--\r\n"), "{text}");
    }
}
