//! The client that openapi-generator makes of the contract, as a contender of the benchmark: it does what it is
//! told on standard input, and says how long that took, or how many allocations it made.
//!
//! `build.sh` beside this makes a program of it outside of the workspace.

use std::hint::black_box;
use std::io::{BufRead, Write};
use std::time::Instant;

use generated::apis::configuration::Configuration;
use generated::apis::customer_billing_profile_api::{
    get_customer_billing_profile, update_customer_billing_profile,
};
use uuid::Uuid;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [url, customer, token] = &arguments[..] else { panic!("URL CUSTOMER TOKEN") };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(std::time::Duration::from_secs(10))
        .timeout(std::time::Duration::from_secs(60))
        .build()
        .expect("a client");
    let configuration = Configuration {
        base_path: url.clone(),
        user_agent: Some("bench/1.0".to_owned()),
        client,
        oauth_access_token: Some(token.clone()),
        ..Configuration::default()
    };
    let mut count = 0;
    let mut exchange = |put: bool| {
        count += 1;
        let ids = [Uuid::new_v4().to_string(), Uuid::new_v4().to_string()];
        runtime.block_on(async {
            let (request, correlation) = (Some(&*ids[0]), Some(&*ids[1]));
            let read = get_customer_billing_profile(
                &configuration,
                customer,
                request,
                correlation,
                None,
                None,
                None,
                None,
            );
            let mut profile = read.await.expect("a profile");
            if put {
                profile.email = Some(Some(format!("n{count}@example.com")));
                let tag =
                    profile.attributes.as_ref().and_then(|known| known.etag.clone().flatten());
                let tag = format!("\"{}\"", tag.expect("a tag"));
                let id = Uuid::new_v4().to_string();
                let written = update_customer_billing_profile(
                    &configuration,
                    customer,
                    &tag,
                    profile,
                    Some(&id),
                    correlation,
                    None,
                    None,
                    None,
                    None,
                );
                profile = written.await.expect("an update");
            }
            black_box(profile);
        });
    };
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let words: Vec<_> = line.split(' ').collect();
        let put = words[1] == "put";
        let answer = match words[0] {
            "time" => {
                let begun = Instant::now();
                (0..words[2].parse().expect("a number")).for_each(|_| exchange(put));
                begun.elapsed().as_nanos()
            }
            _ => allocation_counter::measure(|| exchange(put)).count_total.into(),
        };
        println!("{answer}");
        std::io::stdout().flush().expect("a reader");
    }
}
