//! How long the service asks to wait.

use std::time::{Duration, SystemTime};

use reqwest::header::{self, HeaderMap};

/// What `Retry-After` says (RFC 9110 section 10.2.3): seconds, or a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are longer than anyone waits.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    // The clock that said it is the one to compare with.
    let said = headers.get(header::DATE).and_then(|date| date.to_str().ok());
    let since = said.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
    Some(until.duration_since(since).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let answered = |text: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", text.parse().expect("a value"));
            if let Some(date) = date {
                headers.insert("date", date.parse().expect("a value"));
            }
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        let at = |text: &str| answered(text, None);
        // The clocks differ by an hour.
        let other =
            answered("Sun, 06 Nov 1994 07:49:47 GMT", Some("Sun, 06 Nov 1994 07:49:27 GMT"));
        assert_eq!(other, Some(20));
        assert_eq!(at("57"), Some(57));
        assert_eq!(at("0"), Some(0));
        assert_eq!(at("Sun, 06 Nov 1994 08:49:47 GMT"), Some(10));
        assert_eq!(at("Sun, 06 Nov 1994 08:49:27 GMT"), Some(0));
        assert_eq!(at("99999999999999999999"), Some(u64::MAX));
        for nonsense in ["", "-1", "1.5", "+1", "soon", "1 second"] {
            assert_eq!(at(nonsense), None, "{nonsense}");
        }
    }
}
