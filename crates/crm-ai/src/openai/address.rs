//! Where `OpenAI` itself is.

use crm_core::outbound::Address;

/// The host of `OpenAI`.
const HOST: &str = "api.openai.com";

/// `OpenAI`'s own address.
pub(crate) fn openai() -> Address {
    Address::well_known(HOST, "/v1")
}

/// Whether it is `OpenAI`'s own.
pub(crate) fn is_openai(address: &Address) -> bool {
    address.host() == HOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_openai_is_known_however_it_is_written() {
        for text in ["https://api.openai.com/v1", "https://API.OpenAI.com/v1/"] {
            let address = Address::parse(text).unwrap();
            assert!(is_openai(&address) && address == openai(), "{text}");
        }
        assert!(!is_openai(&Address::parse("https://ai.example.com/v1").unwrap()));
    }
}
