//! A function of a program, and its tests: everything that can go wrong with it, by name.
//!
//! `cargo test -p partner-center-test --example own_tests`

use partner_center::models::CustomerBillingProfile;
use partner_center::{AppUser, Resource, UpdateError};
use partner_center_test::TestService;

/// How a change of address ended.
#[derive(Debug, PartialEq)]
enum Moved {
    Yes,
    /// Someone else changed the address too, and a person has to decide.
    AskSomeone,
    /// It is not known. The next run tells.
    Unknown,
    No,
}

/// The customer has moved to another city: nobody else's change is lost by writing that down.
async fn moves(resource: &Resource<AppUser, CustomerBillingProfile>, city: &str) -> Moved {
    let Ok(mut profile) = resource.get().await else { return Moved::No };
    profile.default_address.get_or_insert_default().city = Some(city.to_owned());
    let outcome = match resource.update(&profile).await {
        Err(UpdateError::Conflict(conflict)) => match conflict.merge() {
            Ok(both) => resource.update(&both).await,
            Err(_) => return Moved::AskSomeone,
        },
        other => other,
    };
    match outcome {
        Ok(_) => Moved::Yes,
        Err(error) if error.may_have_been_applied() => Moved::Unknown,
        Err(_) => Moved::No,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let service = TestService::start();
    println!("moved: {:?}", moves(&service.profile(), "Bellevue").await);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use partner_center_test::{CUSTOMER, Trouble};
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn it_goes_well() {
        let service = TestService::start();
        assert_eq!(moves(&service.profile(), "Bellevue").await, Moved::Yes);
        service.assert_sent(&["GET", "PUT /v1/customers/*/profiles/billing"]);
        assert_eq!(service.last_put_body()["defaultAddress"]["city"], "Bellevue");

        service.forget();
        assert_eq!(moves(&service.profile(), "Bellevue").await, Moved::Yes); // again
        service.assert_no_put();
    }

    #[tokio::test]
    async fn what_others_change_meanwhile_is_kept() {
        let service = TestService::start();
        service.next(Trouble::ConflictOn(json!({"email": "bob@example.com"})));
        assert_eq!(moves(&service.profile(), "Bellevue").await, Moved::Yes);
        assert_eq!(service.stored(CUSTOMER)["email"], "bob@example.com");
        assert_eq!(service.stored(CUSTOMER)["defaultAddress"]["city"], "Bellevue");

        service.next(Trouble::ConflictOn(json!({"defaultAddress": {"city": "Kirkland"}})));
        assert_eq!(moves(&service.profile(), "Seattle").await, Moved::AskSomeone);
        assert_eq!(service.stored(CUSTOMER)["defaultAddress"]["city"], "Kirkland");
    }

    #[tokio::test]
    async fn it_waits_when_it_is_asked_to() {
        let service = TestService::start();
        service.next(Trouble::Throttled { retry_after: Duration::from_secs(30) });
        assert_eq!(moves(&service.profile(), "Bellevue").await, Moved::Yes);
        assert_eq!(service.clock().waits(), [Duration::from_secs(30)]); // and the test did not
    }

    #[tokio::test]
    async fn what_is_not_known_is_not_told_as_no() {
        for (trouble, moved) in [
            (Trouble::LostAnswer, Moved::Unknown),
            (Trouble::LostRequest, Moved::Unknown),
            (Trouble::Forbidden, Moved::No),
            (Trouble::NotFound, Moved::No),
        ] {
            let service = TestService::start();
            service.always(trouble);
            assert_eq!(moves(&service.profile(), "Bellevue").await, moved);
        }
    }
}
