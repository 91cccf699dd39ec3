//! An opened folder: which messages are in it, and what they say.

use std::time::Duration;

use async_imap::Session;
use crm_core::Timestamp;
use futures::TryStreamExt as _;
use time::{Date, OffsetDateTime};

use super::ImapFailure;
use super::connect::{TALK, within};
use super::wire::Metered;

/// Most bytes of a message that are read: what tells about it stands at its beginning, attachments at its end.
const MOST: usize = 512 * 1024;
/// Most bytes of the answer to a search: the numbers of half a million messages.
const NUMBERS: usize = 4 * 1024 * 1024;

/// A message as the server has it, cut off where it is long.
#[derive(Debug, Clone)]
pub struct RawMail {
    /// Its number in the folder, which no other message gets as long as [`Folder::uid_validity`] stays.
    pub uid: u32,
    /// When the server took it.
    pub received_at: Option<Timestamp>,
    /// The message.
    pub bytes: Vec<u8>,
}

/// An opened folder.
pub struct Folder {
    session: Session<Metered>,
    patience: Duration,
    /// Numbers of messages mean something as long as this stays.
    pub uid_validity: u32,
    /// How many messages are in it.
    pub exists: u32,
}

impl Folder {
    pub(super) async fn open(
        mut session: Session<Metered>,
        name: &str,
        patience: Duration,
    ) -> Result<Self, ImapFailure> {
        session.get_mut().allow(TALK);
        let mailbox = session.examine(name).await?;
        let missing = || ImapFailure::Refused("messages in this folder have no numbers".to_owned());
        let uid_validity = mailbox.uid_validity.ok_or_else(missing)?;
        Ok(Self { session, patience, uid_validity, exists: mailbox.exists })
    }

    /// The numbers above `uid`, lowest first, `most` of them.
    ///
    /// # Errors
    /// [`ImapFailure`]
    pub async fn after(&mut self, uid: u32, most: usize) -> Result<Vec<u32>, ImapFailure> {
        // A range that ends with `*` has the last message in it, whatever its number.
        let found = self.search(format!("UID {}:*", uid.saturating_add(1))).await?;
        let mut found: Vec<u32> = found.into_iter().filter(|found| *found > uid).collect();
        found.sort_unstable();
        found.truncate(most);
        Ok(found)
    }

    /// The number before that of the first message the server took on this day or later.
    ///
    /// # Errors
    /// [`ImapFailure`]
    pub async fn before(&mut self, day: Date) -> Result<u32, ImapFailure> {
        let month = day.month().to_string();
        let month: String = month.chars().take(3).collect();
        let since = format!("SINCE {}-{month}-{}", day.day(), day.year());
        if let Some(first) = self.search(since).await?.into_iter().min() {
            return Ok(first.saturating_sub(1));
        }
        Ok(self.search("ALL".to_owned()).await?.into_iter().max().unwrap_or(0))
    }

    async fn search(&mut self, what: String) -> Result<Vec<u32>, ImapFailure> {
        self.session.get_mut().allow(NUMBERS);
        let session = &mut self.session;
        let searching = async { Ok(session.uid_search(what).await?) };
        Ok(within(self.patience, searching).await?.into_iter().collect())
    }

    /// The beginning of one message; `None` where it is gone. It stays unread.
    ///
    /// # Errors
    /// [`ImapFailure`]
    pub async fn fetch(&mut self, uid: u32) -> Result<Option<RawMail>, ImapFailure> {
        self.session.get_mut().allow(MOST + TALK);
        let session = &mut self.session;
        let query = format!("(UID INTERNALDATE BODY.PEEK[]<0.{MOST}>)");
        let fetching = async {
            let mut answers = session.uid_fetch(uid.to_string(), query).await?;
            let mut found = None;
            while let Some(answer) = answers.try_next().await? {
                if answer.uid != Some(uid) {
                    continue;
                }
                if let Some(body) = answer.body() {
                    let seconds = answer.internal_date().map(|date| date.timestamp());
                    let received_at = seconds
                        .and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok())
                        .map(Timestamp::from_datetime);
                    found = Some(RawMail { uid, received_at, bytes: body.to_vec() });
                }
            }
            Ok(found)
        };
        within(self.patience, fetching).await
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        self.session.get_mut().allow(TALK);
        // Whatever comes of it: the connection ends.
        let _ = tokio::time::timeout(Duration::from_secs(5), self.session.logout()).await;
    }
}
