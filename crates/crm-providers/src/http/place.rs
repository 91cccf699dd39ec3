//! Where a provider's API is.

use crm_core::outbound::{Address, AddressError, Reach};

use crate::outbound::OutboundPolicy;

/// The address that was given, and which addresses may be connected to. In the place of the provider's `own` stands what
/// the operator has set, where they have; that is trusted.
pub(crate) fn place(
    given: &str,
    own: &[&str],
    operator: Option<&Address>,
    outbound: &OutboundPolicy,
) -> Result<(Address, Reach), AddressError> {
    let address = Address::parse(given)?;
    match operator {
        Some(operator) if own.contains(&address.as_str()) || *operator == address => {
            Ok((operator.clone(), Reach::Trusted))
        }
        _ => Ok((address, Reach::Policy(outbound.clone()))),
    }
}
