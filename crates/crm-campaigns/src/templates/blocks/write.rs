//! Blocks as MJML.

use std::fmt::Write as _;

use super::markdown::{escaped, to_html};
use super::{Block, Result, TemplatesError};

const HEAD: &str = "<mjml><mj-head><mj-attributes>\
    <mj-all font-family=\"-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif\" />\
    <mj-text font-size=\"16px\" line-height=\"1.55\" color=\"#1d2230\" padding=\"8px 24px\" />\
    <mj-button background-color=\"#4547c9\" color=\"#ffffff\" font-size=\"16px\" font-weight=\"600\" \
    border-radius=\"6px\" inner-padding=\"12px 22px\" padding=\"12px 24px\" align=\"left\" />\
    <mj-image padding=\"8px 24px\" />\
    <mj-divider border-width=\"1px\" border-color=\"#dfe2e9\" padding=\"12px 24px\" />\
    </mj-attributes></mj-head>\n<mj-body background-color=\"#f2f3f6\" width=\"600px\">\n";
const SECTION: &str = "<mj-section background-color=\"#ffffff\" padding=\"12px 0\">";
const TAIL: &str = "</mj-body></mjml>\n";

/// The body of a message made of these blocks.
///
/// # Errors
/// [`TemplatesError::Block`] with the number of the block that cannot be written.
pub(crate) fn to_mjml(blocks: &[Block]) -> Result<String> {
    let mut body = Body { text: HEAD.to_owned(), is_open: false };
    for (index, block) in blocks.iter().enumerate() {
        body.add(block).map_err(|message| TemplatesError::Block { number: index + 1, message })?;
    }
    body.close();
    body.text.push_str(TAIL);
    Ok(body.text)
}

struct Body {
    text: String,
    /// Whether a section with one column is open.
    is_open: bool,
}

impl Body {
    fn open(&mut self) {
        if !self.is_open {
            self.text.push_str(SECTION);
            self.text.push_str("<mj-column>\n");
            self.is_open = true;
        }
    }

    fn close(&mut self) {
        if self.is_open {
            self.text.push_str("</mj-column></mj-section>\n");
            self.is_open = false;
        }
    }

    fn add(&mut self, block: &Block) -> std::result::Result<(), String> {
        let made = match block {
            Block::Heading { text } => format!(
                "<mj-text font-size=\"24px\" line-height=\"1.25\" font-weight=\"700\">\
                 <h1 style=\"margin:0;font-size:24px;line-height:1.25\">{}</h1></mj-text>",
                escaped(text)?
            ),
            Block::Text { text } => format!("<mj-text>{}</mj-text>", to_html(text)?),
            Block::Button { label, url } => {
                format!("<mj-button href=\"{}\">{}</mj-button>", escaped(url)?, escaped(label)?)
            }
            Block::Image { src, alt, url } => {
                let (src, alt) = (escaped(src)?, escaped(alt)?);
                let link = match escaped(url)? {
                    link if link.is_empty() => link,
                    link => format!(" href=\"{link}\""),
                };
                format!("<mj-image src=\"{src}\" alt=\"{alt}\"{link} />")
            }
            Block::Columns { left, right } => {
                self.close();
                let (left, right) = (to_html(left)?, to_html(right)?);
                let _ = writeln!(
                    self.text,
                    "{SECTION}<mj-column><mj-text>{left}</mj-text></mj-column>\
                     <mj-column><mj-text>{right}</mj-text></mj-column></mj-section>"
                );
                return Ok(());
            }
            Block::Divider {} => "<mj-divider />".to_owned(),
            Block::Spacer { height } => format!("<mj-spacer height=\"{height}px\" />"),
            Block::Signature { text } => {
                format!(
                    "<mj-text font-size=\"15px\" color=\"#3d4352\">{}</mj-text>",
                    to_html(text)?
                )
            }
            Block::Unsubscribe { text } => format!(
                "<mj-text font-size=\"12px\" color=\"#5f6675\">{} \
                 <a href=\"{{{{ unsubscribe_url }}}}\" style=\"color:#5f6675\">Unsubscribe</a></mj-text>",
                escaped(text)?
            ),
        };
        self.open();
        self.text.push_str(&made);
        self.text.push('\n');
        Ok(())
    }
}
