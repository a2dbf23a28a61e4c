//! The IDs of traces and spans, and the header `traceparent` (W3C Trace Context).

use std::fmt;

/// A trace; never all zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TraceId([u8; 16]);

/// A span; never all zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanId([u8; 8]);

/// A span in its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SpanContext {
    pub trace: TraceId,
    pub span: SpanId,
    /// Its trace is sent.
    pub is_sampled: bool,
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if getrandom::fill(&mut bytes).is_err() || bytes == [0; N] {
        bytes.fill_with(|| fastrand::u8(1..));
    }
    bytes
}

impl TraceId {
    /// The ID of bytes that a hash made.
    pub(crate) fn of(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    pub(crate) fn random() -> Self {
        Self(random())
    }

    /// Whether the trace belongs to a share of all traces, from 0 to 1: the same for everyone who
    /// looks at its ID.
    pub(crate) fn is_within(self, share: f64) -> bool {
        let last = u128::from_be_bytes(self.0) % (1 << 56);
        let number = u64::try_from(last).unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "2^56 has few enough digits")]
        let place = number as f64 / (1_u64 << 56) as f64;
        place < share
    }
}

impl SpanId {
    /// The ID of bytes that a hash made.
    pub(crate) fn of(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn random() -> Self {
        Self(random())
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", u64::from_be_bytes(self.0))
    }
}

/// Bytes of lower-case hexadecimal digits; `None` for anything else, and when all are zero.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != 2 * N || !text.bytes().all(is_hex) {
        return None;
    }
    let mut bytes = [0; N];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    (bytes != [0; N]).then_some(bytes)
}

impl SpanContext {
    /// Reads a `traceparent`; `None` when it is not valid, which starts a trace of one's own.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let (version, trace, span, flags) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let is_hex = |text: &str| text.len() == 2 && u8::from_str_radix(text, 16).is_ok();
        // Later versions may have more parts; version ff is none.
        let is_complete = version != "00" || parts.next().is_none();
        if !is_hex(version) || version == "ff" || !is_hex(flags) || !is_complete {
            return None;
        }
        let flags = u8::from_str_radix(flags, 16).ok()?;
        Some(Self {
            trace: TraceId(bytes(trace)?),
            span: SpanId(bytes(span)?),
            is_sampled: flags & 1 == 1,
        })
    }

    /// The `traceparent` of what is done on behalf of this span.
    pub(crate) fn traceparent(&self) -> String {
        let flags = u8::from(self.is_sampled);
        format!("00-{}-{}-{flags:02x}", self.trace, self.span)
    }

    /// Another span of the same trace.
    pub(crate) fn sibling(&self) -> Self {
        Self {
            span: SpanId::random(),
            ..*self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_read_and_written() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let context = SpanContext::parse(text).unwrap();
        assert_eq!(context.traceparent(), text);
        assert!(context.is_sampled);
        let other = context.sibling();
        assert_eq!(other.trace, context.trace);
        assert_ne!(other.span, context.span);
        let later = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02-more";
        assert!(SpanContext::parse(later).is_some_and(|context| !context.is_sampled));
    }

    #[test]
    fn what_is_no_traceparent_is_ignored() {
        for text in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-é-00f067aa0ba902b7-01",
        ] {
            assert_eq!(SpanContext::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ids_are_unlike_each_other_and_a_share_is_a_share() {
        assert_ne!(TraceId::random(), TraceId::random());
        let id = TraceId::random();
        assert!(id.is_within(1.0) && !id.is_within(0.0));
        let within = (0..2000).filter(|_| TraceId::random().is_within(0.25));
        let count = within.count();
        assert!((300..700).contains(&count), "{count}");
    }
}
