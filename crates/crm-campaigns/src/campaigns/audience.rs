//! Who of an audience gets a message and who is left out. Pre-flight counts and the start writes with this one
//! judgement, so that what was shown is what happens.

use std::collections::{BTreeMap, HashMap, HashSet};

use crm_contacts::Contact;
use crm_contacts::consents::ConsentState;
use crm_core::ContactId;
use sha2::{Digest as _, Sha256};

use super::content::Compiled;
use super::{LeftOut, SkipReason};
use crate::templates::compile::CompiledContent;
use crate::templates::{Channel, RenderContext};

/// Contacts read at a time.
pub(super) const PAGE: u64 = 1_000;
/// People named for each reason.
const EXAMPLES: usize = 5;

/// What is decided about one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Gets the message at this address.
    Send(String),
    /// Is left out. The address is kept where no other row of the ledger has it.
    LeaveOut(SkipReason, Option<String>),
}

/// Judges the contacts of one audience in order.
pub(super) struct Sieve<'a> {
    channel: Channel,
    compiled: Option<&'a Compiled>,
    context: &'a RenderContext,
    /// Whether it takes a consent to be written to.
    asks_consent: bool,
    /// Half a SHA-256 of each address met, which keeps a million of them small and apart.
    met: HashSet<[u8; 16]>,
}

impl<'a> Sieve<'a> {
    /// A sieve for one audience. Without compiled content nobody lacks a variable.
    pub(super) fn new(
        channel: Channel,
        compiled: Option<&'a Compiled>,
        context: &'a RenderContext,
        asks_consent: bool,
    ) -> Self {
        Self { channel, compiled, context, asks_consent, met: HashSet::new() }
    }

    /// The address of a contact on this channel.
    pub(super) fn address<'c>(&self, contact: &'c Contact) -> Option<&'c str> {
        let address = match self.channel {
            Channel::Email => contact.primary_email.as_deref(),
            Channel::Text => contact.primary_phone.as_deref(),
        };
        address.filter(|address| !address.is_empty())
    }

    /// Decides about the next contact. `suppressed` holds those of the page's addresses that are, `said` what its contacts
    /// said about being written to.
    pub(super) fn judge(
        &mut self,
        contact: &Contact,
        suppressed: &HashSet<String>,
        said: &HashMap<ContactId, ConsentState>,
    ) -> Verdict {
        let Some(address) = self.address(contact) else {
            return Verdict::LeaveOut(SkipReason::NoAddress, None);
        };
        if !self.met.insert(fingerprint(address)) {
            return Verdict::LeaveOut(SkipReason::DuplicateAddress, None);
        }
        if suppressed.contains(address) {
            return Verdict::LeaveOut(SkipReason::Suppressed, Some(address.to_owned()));
        }
        let said = said.get(&contact.id);
        let unasked = said.is_none() && self.asks_consent;
        if unasked || said == Some(&ConsentState::Withdrawn) {
            return Verdict::LeaveOut(SkipReason::NoConsent, Some(address.to_owned()));
        }
        // What cannot be rendered for this contact cannot be sent to them either.
        let lacks = |content: &CompiledContent| {
            content.missing(contact, self.context).map_or(true, |missing| !missing.is_empty())
        };
        if self.compiled.is_some_and(|compiled| compiled.all().any(lacks)) {
            return Verdict::LeaveOut(SkipReason::MissingVariable, Some(address.to_owned()));
        }
        Verdict::Send(address.to_owned())
    }
}

fn fingerprint(address: &str) -> [u8; 16] {
    let digest = Sha256::digest(address.as_bytes());
    let mut half = [0; 16];
    for (to, from) in half.iter_mut().zip(digest.iter()) {
        *to = *from;
    }
    half
}

/// Those left out, by reason.
#[derive(Debug, Default)]
pub(super) struct Tally {
    by_reason: BTreeMap<SkipReason, (u64, Vec<(ContactId, String)>)>,
}

impl Tally {
    pub(super) fn add(&mut self, reason: SkipReason, contact: &Contact) {
        let (count, examples) = self.by_reason.entry(reason).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.push((contact.id, contact.display_name()));
        }
    }

    pub(super) fn into_left_out(self) -> Vec<LeftOut> {
        let entry = |(reason, (count, examples))| LeftOut { reason, count, examples };
        self.by_reason.into_iter().map(entry).collect()
    }
}
