//! The body of a request, which tells when its last byte has been asked for.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

/// Whether the end of a request may have left.
#[derive(Debug, Clone, Default)]
pub(super) struct HandedOver(Arc<AtomicBool>);

impl HandedOver {
    pub(super) fn get(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// A body in two parts, of which the second is the last byte. As long as that has not been asked for, the server cannot
/// have seen the end of the request, so that it has not taken it.
pub(super) struct Body {
    first: Bytes,
    last: Bytes,
    has_paused: bool,
    handed_over: HandedOver,
}

impl Body {
    pub(super) fn new(mut content: Bytes, handed_over: HandedOver) -> Self {
        let last = content.split_off(content.len().saturating_sub(1));
        Self { first: content, last, has_paused: false, handed_over }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.first.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.first)))));
        }
        if self.last.is_empty() {
            return Poll::Ready(None);
        }
        // Lets what came first be written, so that a server that is gone is noticed before the end has left.
        if !self.has_paused {
            self.has_paused = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.handed_over.0.store(true, Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut self.last)))))
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_empty() && self.last.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        let length = self.first.len() + self.last.len();
        SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_handed_over_when_it_is_asked_for() {
        let handed_over = HandedOver::default();
        let mut body = Body::new(Bytes::from_static(b"message"), handed_over.clone());
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let mut next = || http_body::Body::poll_frame(Pin::new(&mut body), &mut cx);
        let Poll::Ready(Some(Ok(frame))) = next() else { panic!("the first part") };
        assert_eq!(frame.into_data().unwrap(), "messag");
        assert!(next().is_pending() && !handed_over.get());
        let Poll::Ready(Some(Ok(frame))) = next() else { panic!("the last part") };
        assert_eq!(frame.into_data().unwrap(), "e");
        assert!(handed_over.get());
        assert!(matches!(next(), Poll::Ready(None)));
    }
}
