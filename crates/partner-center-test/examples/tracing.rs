//! What the library says of its calls, on stdout: a line when a span is over, and one for each wait. It has the
//! feature `tracing`.
//!
//! `cargo run -p partner-center-test --example tracing`

use partner_center::{AppUser, Error, PartnerCenter};
use partner_center_test::{TestService, Trouble};
use tracing::Subscriber;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

/// A program gives it to `tracing::subscriber::set_global_default`.
fn lines(to: impl for<'a> MakeWriter<'a> + Send + Sync + 'static) -> impl Subscriber + Send + Sync {
    tracing_subscriber::fmt()
        .with_span_events(FmtSpan::CLOSE)
        .with_ansi(false)
        .with_writer(to)
        .finish()
}

async fn raise_order_number(partner: &PartnerCenter<AppUser>) -> Result<(), Error> {
    let order = "9889";
    let own = partner.billing_profile();
    let _ = own.modify(|profile| profile.purchase_order_number = Some(order.into())).await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let service = TestService::start();
    service.next(Trouble::Unavailable);
    service.next(Trouble::Conflict);
    raise_order_number(&service.partner()).with_subscriber(lines(std::io::stdout)).await
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("nobody panicked").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn every_request_and_every_wait_is_a_line() {
        let service = TestService::start();
        service.next(Trouble::Unavailable);
        let kept = Kept::default();
        let writer = kept.clone();
        let lines = lines(move || writer.clone());
        raise_order_number(&service.partner()).with_subscriber(lines).await.expect("an update");
        service.assert_sent(&["GET", "GET", "PUT"]);

        let text =
            String::from_utf8(kept.0.lock().expect("nobody panicked").clone()).expect("text");
        let count = |what: &str| text.lines().filter(|line| line.contains(what)).count();
        assert_eq!(count("http.response.status_code=503"), 1, "{text}");
        assert_eq!(count("the last attempt failed"), 1, "{text}");
        assert_eq!(count("9889") + count(service.user_token()), 0, "{text}");
    }
}
