//! What providers tell of messages they took, later.

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It is on its way.
    UnderWay,
    /// It arrived.
    Delivered,
    /// It did not arrive and will not.
    Failed {
        /// Why, in words.
        message: String,
        /// Whether the number or address is to be written to no more, and why.
        suppress: Option<Refusal>,
    },
}

/// What a provider tells of a message it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// What became of it.
    Delivery(Delivery),
    /// Its recipient asked the provider to hear no more.
    Unsubscribed,
    /// Its recipient said that it is spam.
    Complained,
}

/// Why somebody is not to be written to again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// They asked the provider to hear no more.
    OptedOut,
    /// Nobody can be reached there.
    Dead,
}
