//! What sending a campaign now would do: exact numbers, everybody left out, samples, time, and what stands in the way.

use std::collections::BTreeSet;

use crm_contacts::Contact;
use crm_core::{CampaignId, ContactId, RecipientId, Scope};

use super::audience::{PAGE, Sieve, Tally, Verdict};
use super::content::{self, Compiled, PinnedContent};
use super::current::{self, Current};
use super::deps::Deps;
use super::{LeftOut, Preflight, Result, Sample, local_links, policy, schedule, store};
use crate::consents;
use crate::entity::campaigns;
use crate::mailbox;
use crate::quiet::Quiet;
use crate::suppressions;
use crate::templates::{Channel, Compiled as _, RenderContext, count_sms};

pub(super) async fn run(deps: &Deps, scope: &Scope, id: CampaignId) -> Result<Option<Preflight>> {
    let Some(row) = store::row(deps, scope, id).await? else {
        return Ok(None);
    };
    let (preflight, _) = look(deps, scope, &row).await?;
    Ok(Some(preflight))
}

/// Pre-flight of a stored campaign, and what an approval of exactly this would pin.
pub(super) async fn look(
    deps: &Deps,
    scope: &Scope,
    row: &campaigns::Model,
) -> Result<(Preflight, Option<PinnedContent>)> {
    let current = Box::pin(current::load(deps, scope, row)).await?;
    let survey = Box::pin(survey(deps, scope, &current)).await?;
    let pin = current.pin(survey.recipients);
    let content_hash = match (&row.content_hash, &pin) {
        (Some(hash), _) => hash.clone(),
        (None, Some(pin)) => pin.hash()?,
        (None, None) => String::new(),
    };
    let limits = match &current.provider {
        Some(provider) => deps.providers.limits(scope, provider.id).await?,
        None => crm_providers::budget::Limits::default(),
    };
    let mut blockers = current.blockers.clone();
    if survey.matched == 0 {
        blockers.push("nobody matches the audience".to_owned());
    } else if survey.recipients == 0 {
        blockers.push("everybody who matches is left out".to_owned());
    }
    let mut warnings = current.warnings.clone();
    warnings.extend(survey.warnings);
    if current.schedule.send_at.is_some_and(|at| at <= deps.ctx.now()) {
        warnings.push("its time has passed: it starts as soon as it is scheduled".to_owned());
    }
    let lacks_address = policy::get(&deps.ctx, scope).await?.lacks_address(current.channel);
    match lacks_address {
        Some(true) => blockers.push(policy::NO_ADDRESS.to_owned()),
        Some(false) => warnings.push(policy::NO_ADDRESS.to_owned()),
        None => {}
    }
    let spending = match (&current.provider, survey.text_parts) {
        (Some(provider), Some(_)) => deps.providers.spending(scope, provider.id).await?,
        _ => None,
    };
    let parts = survey.text_parts.unwrap_or_default();
    if let Some(spending) = &spending
        && let (Some(most), Some(left)) = (spending.most, spending.left())
        && parts > left
    {
        warnings.push(format!(
            "it takes {parts} text parts, and {left} of the {most} of this month are left: it pauses when they are used up"
        ));
    }
    let text_cost = spending.and_then(|spending| Some(spending.price?.of(parts)));
    let preflight = Preflight {
        matched: survey.matched,
        recipients: survey.recipients,
        left_out: survey.left_out,
        samples: survey.samples,
        text_parts: survey.text_parts,
        text_cost,
        seconds: schedule::seconds(survey.recipients, limits, &current.schedule),
        blockers,
        warnings,
        content_hash,
        lacks_address: lacks_address.is_some(),
        is_practice: current
            .provider
            .as_ref()
            .is_some_and(|provider| provider.config.is_practice()),
        provider_name: current.provider.map(|provider| provider.name),
    };
    Ok((preflight, pin))
}

struct Survey {
    matched: u64,
    recipients: u64,
    left_out: Vec<LeftOut>,
    samples: Vec<Sample>,
    text_parts: Option<u64>,
    warnings: Vec<String>,
}

async fn survey(deps: &Deps, scope: &Scope, current: &Current) -> Result<Survey> {
    let (context, by_mail) = context(deps, scope, current).await?;
    let compiled = current.compiled.as_ref();
    let policy = policy::get(&deps.ctx, scope).await?;
    let asks_consent = policy.asks_consent(current.channel);
    let quiet = policy::quiet(deps, scope, current.channel).await?;
    let mut asleep = 0_u64;
    let mut sieve = Sieve::new(current.channel, compiled, &context, asks_consent);
    let mut tally = Tally::default();
    let mut odd = Candidates::default();
    let (mut matched, mut recipients, mut parts) = (0, 0, 0);
    let texts = compiled.filter(|_| current.channel == Channel::Text);
    let mut after = None;
    loop {
        let page = deps.segments.audience(scope, &current.segment, after, PAGE).await?;
        let addresses = page.iter().filter_map(|contact| sieve.address(contact));
        let suppressed = suppressions::among(&deps.ctx, scope, current.channel, addresses).await?;
        let ids: Vec<ContactId> = page.iter().map(|contact| contact.id).collect();
        let channel = consents::consent_channel(current.channel);
        let said = crm_contacts::consents::states(&deps.ctx, scope, channel, &ids).await?;
        for person in &page {
            matched += 1;
            match sieve.judge(person, &suppressed, &said) {
                Verdict::Send(number) => {
                    recipients += 1;
                    let sleeps = |quiet: &Quiet| quiet.until(&number, deps.ctx.now()).is_some();
                    asleep += u64::from(quiet.as_ref().is_some_and(sleeps));
                    if let Some(texts) = texts {
                        parts += parts_of(&texts.a.render(person, &context)?.text);
                    }
                    odd.offer(person, compiled, &context);
                }
                Verdict::LeaveOut(reason, _) => tally.add(reason, person),
            }
        }
        after = page.last().map(|contact| contact.id);
        if u64::try_from(page.len()).unwrap_or(PAGE) < PAGE {
            break;
        }
    }
    let mut warnings = Vec::new();
    if let Some(how) = by_mail {
        warnings.push(format!("there is no public address: people unsubscribe {how}"));
    }
    if let (true, Some(hours)) = (asleep > 0, &policy.quiet_hours) {
        let who = if asleep == recipients { "all".to_owned() } else { asleep.to_string() };
        warnings.push(format!(
            "{who} of them have their quiet hours now ({} to {}): theirs leave when those are over",
            hours.from, hours.to
        ));
    }
    let samples = match compiled {
        Some(compiled) => odd.render(&sieve, compiled, &context)?,
        None => Vec::new(),
    };
    let local = samples.iter().flat_map(|sample| {
        [&sample.rendered.html, &sample.rendered.text]
            .into_iter()
            .flat_map(|text| local_links::hosts(text))
    });
    let local: BTreeSet<String> = local.collect();
    warnings.extend(local.into_iter().map(|host| {
        format!("links or pictures lead to {host}, which nobody outside this network can reach")
    }));
    let text_parts = texts.map(|_| parts);
    let left_out = tally.into_left_out();
    Ok(Survey { matched, recipients, left_out, samples, text_parts, warnings })
}

/// Messages a text is sent, and paid, as.
fn parts_of(text: &str) -> u64 {
    u64::try_from(count_sms(text).segments).unwrap_or(u64::MAX)
}

/// What the placeholders of samples stand for, and how people unsubscribe where there are no links for it.
async fn context(
    deps: &Deps,
    scope: &Scope,
    current: &Current,
) -> Result<(RenderContext, Option<&'static str>)> {
    let imprint = deps.imprint(scope).await?;
    // Nobody has this row of the ledger: a sample's link shows what the link looks like and does nothing.
    let nobody = deps.ctx.id(RecipientId::from_uuid);
    let outside = mailbox::outside(&deps.ctx, scope).await?;
    let how = match (current.channel, &outside.incoming) {
        (Channel::Email, Some(_)) => "by an e-mail to the mailbox that is read",
        (Channel::Email, None) => "by an e-mail to the sender",
        (Channel::Text, _) => "by answering STOP",
    };
    let Some(sender) = &current.sender else {
        let url = deps.links.url(scope, nobody).filter(|_| !outside.is_closed);
        let by_mail = url.is_none().then_some(how);
        let unsubscribe_url = url.unwrap_or_else(|| "mailto:".to_owned());
        let (workspace_name, postal_address) = (imprint.name, imprint.postal_address);
        return Ok((RenderContext { workspace_name, postal_address, unsubscribe_url }, by_mail));
    };
    let ways = (deps.links.as_ref(), &outside);
    let unsubscribe = content::unsubscribe(ways, scope, nobody, (current.channel, sender));
    let by_mail = unsubscribe.url.is_none().then_some(how);
    Ok((content::context(&imprint, &unsubscribe), by_mail))
}

/// The contacts worth a sample: the first, the last, and the oddest.
#[derive(Default)]
struct Candidates {
    first: Option<Contact>,
    last: Option<Contact>,
    oddest: Option<((usize, usize), Contact)>,
}

impl Candidates {
    fn offer(&mut self, person: &Contact, compiled: Option<&Compiled>, context: &RenderContext) {
        let empty = compiled.map_or(0, |compiled| compiled.a.empty_variables(person, context));
        let score = (empty, person.display_name().chars().count());
        if self.oddest.as_ref().is_none_or(|(best, _)| score > *best) {
            self.oddest = Some((score, person.clone()));
        }
        if self.first.is_none() {
            self.first = Some(person.clone());
        } else {
            self.last = Some(person.clone());
        }
    }

    fn render(
        self,
        sieve: &Sieve<'_>,
        compiled: &Compiled,
        context: &RenderContext,
    ) -> Result<Vec<Sample>> {
        let oddest = self.oddest.map(|(_, contact)| contact);
        let mut samples: Vec<Sample> = Vec::with_capacity(3);
        for contact in [self.first, self.last, oddest].into_iter().flatten() {
            if samples.iter().all(|sample| sample.contact_id != contact.id) {
                samples.push(Sample {
                    contact_id: contact.id,
                    name: contact.display_name(),
                    address: sieve.address(&contact).unwrap_or_default().to_owned(),
                    rendered: compiled.a.render(&contact, context)?,
                    subject_b: match &compiled.b {
                        Some(other) => Some(other.render(&contact, context)?.subject),
                        None => None,
                    },
                });
            }
        }
        Ok(samples)
    }
}
