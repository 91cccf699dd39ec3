//! Where messages of each channel go.

use std::fmt;

use crm_core::{EmailAddress, Phone};

use crate::templates::Channel;

/// An address of one of the channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// Of e-mail.
    Email(EmailAddress),
    /// Of text messages.
    Phone(Phone),
}

impl Address {
    /// Reads an address of a channel as it is stored: a phone number in E.164.
    pub fn parse(channel: Channel, text: &str) -> Option<Self> {
        match channel {
            Channel::Email => EmailAddress::parse(text).ok().map(Self::Email),
            Channel::Text => Phone::parse(text, "").ok().map(Self::Phone),
        }
    }

    /// Its channel.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Phone(_) => Channel::Text,
        }
    }

    /// The address as it is stored.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(address) => address.as_str(),
            Self::Phone(number) => number.as_str(),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<EmailAddress> for Address {
    fn from(address: EmailAddress) -> Self {
        Self::Email(address)
    }
}

impl From<Phone> for Address {
    fn from(number: Phone) -> Self {
        Self::Phone(number)
    }
}
