//! What goes wrong: nothing that was typed is lost, and it is said what became of it.

use partner_center_emulator::{APP_USER_TOKEN, Switches};

use crate::flow::{applied, member};
use crate::person::{Person, at_work, at_work_with};
use crate::someone;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_stands_at_its_field_all_at_once() {
    let mut switches = Switches::default();
    switches.country_rules = true;
    let (emulator, person) = someone!(at_work_with(switches));
    person.begin().await;
    let typed = [
        ("#email", "ann at example.com"),
        ("#defaultAddress-state", "ZZ"),
        ("#defaultAddress-postalCode", "1"),
        ("#firstName", "Ann"),
    ];
    for (field, text) in typed {
        person.fill(field, text).await;
    }
    person.click("form.profile button[type=submit]").await;
    person.wait("document.activeElement.id == 'problems'").await;
    assert!(person.text("#problems").await.contains("3 fields need another look"));
    for (field, text) in typed {
        assert_eq!(person.value(field).await, text);
    }
    for field in ["email", "defaultAddress-state", "defaultAddress-postalCode"] {
        let said = format!(
            "document.getElementById('{field}').ariaInvalid == 'true' && \
             document.getElementById('{field}').getAttribute('aria-describedby').split(' ').includes('{field}-error')"
        );
        assert_eq!(person.evaluate(&said).await, true, "{field}");
    }
    // What the contract refuses is not sent; what the country refuses may be.
    assert_eq!(
        person.evaluate("document.querySelector('button[name=anyway]')").await,
        serde_json::Value::Null
    );
    person.fill("#email", "ann@example.com").await;
    person.click("form.profile button[type=submit]").await;
    person.wait("document.querySelector('button[name=anyway]')").await;
    person.click("button[name=anyway]").await;
    person.arrive("review").await;
    person.submit().await;
    // The service refuses it too, and says where.
    person.arrive("update").await;
    person.wait("document.querySelector('#defaultAddress-state-error')").await;
    assert!(person.text("#defaultAddress-state-error").await.contains("27002"));
    assert_eq!(applied(&emulator), 0);
    person.fill("#defaultAddress-state", "WA").await;
    person.fill("#defaultAddress-postalCode", "98052").await;
    person.review().await;
    person.submit().await;
    person.saved().await;
    assert_eq!(member(&emulator, "/firstName"), "Ann");
    person.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suggested_address_is_taken() {
    let (emulator, person) = someone!(at_work());
    person.begin().await;
    person.fill("#defaultAddress-city", "Seattle").await;
    person.review().await;
    person.wait("document.querySelector(\"form[action$='/take']\")").await;
    person.click("form[action$='/take'] button").await;
    person.wait("!document.querySelector(\"form[action$='/take']\") && document.querySelector('table.changes')").await;
    let rows = person.rows("table.changes").await;
    assert_eq!(rows, [["Default address: Postal code", "98052", "98052-8300"]]);
    person.submit().await;
    person.saved().await;
    assert_eq!(member(&emulator, "/defaultAddress/postalCode"), "98052-8300");
    person.done(&[]).await;
}

/// Changes the e-mail address, up to the review.
async fn changed(person: &Person) {
    person.begin().await;
    person.fill("#email", "ann@example.com").await;
    person.review().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_throttled_or_fails_is_kept_and_submitted_again() {
    let (emulator, mut person) = someone!(at_work());
    changed(&person).await;
    emulator.add_fault("fault=error,operation=update,status=501".parse().expect("a fault"));
    person.submit().await;
    person.wait("document.body.innerText.includes('is not saved yet')").await;
    assert!(person.text("main").await.contains("What you typed is kept."));
    // A reload sends nothing.
    let updates = || emulator.journal().iter().filter(|it| it.method == "PUT").count();
    let sent = updates();
    person.page.reload().await.expect("a page");
    person.wait("document.body.innerText.includes('is not saved yet')").await;
    assert_eq!(updates(), sent);
    emulator.clear_faults();
    emulator.add_fault("fault=throttle,operation=update,retryAfter=3600".parse().expect("a fault"));
    person.submit().await;
    person.wait("document.body.innerText.includes('limits the rate')").await;
    emulator.clear_faults();
    assert_eq!(applied(&emulator), 0);
    // The client keeps to what it was told; another one is told nothing, and what was typed is there.
    person.begin_anew().await;
    person.click("#begun ~ ul a").await;
    person.arrive("update").await;
    assert_eq!(person.value("#email").await, "ann@example.com");
    person.review().await;
    person.submit().await;
    person.saved().await;
    assert_eq!(applied(&emulator), 1);
    // A search that fails says so where the customers would be.
    emulator.add_fault("fault=refuse,operation=listCustomers".parse().expect("a fault"));
    person.go("/customers").await;
    person.wait("document.querySelector('#results [role=alert]')").await;
    person.fill("#q", "comp").await;
    person.wait("document.querySelector('#results [role=alert]')").await;
    person.done(&[403]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_settled_and_told() {
    let mut switches = Switches::default();
    switches.replay = false;
    let (emulator, person) = someone!(at_work_with(switches));
    changed(&person).await;
    emulator.add_next_fault("fault=close-after-commit,operation=update".parse().expect("a fault"));
    person.submit().await;
    person.saved().await;
    let said = person.text(".mark.compatible").await;
    assert!(said.contains("The answer was lost on the way."), "{said}");
    assert_eq!(applied(&emulator), 1);
    person.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_in_the_middle_loses_nothing() {
    let (emulator, person) = someone!(at_work());
    person.begin().await;
    person.fill("#email", "ann@example.com").await;
    person.kept().await;
    emulator.revoke(Some(APP_USER_TOKEN));
    person.fill("#lastName", "Typed later").await;
    person.kept().await;
    person.click("form.profile button[type=submit]").await;
    person.arrive("review").await;
    person.wait("document.querySelector('[role=alert]')").await;
    assert!(person.text("[role=alert]").await.contains("PARTNER_CENTER_ACCESS_TOKEN"));
    // The form is there still.
    person.go("/customers").await;
    person.wait("document.querySelector('#begun')").await;
    person.click("a[href*='/update?draft=']").await;
    person.arrive("update").await;
    assert_eq!(person.value("#lastName").await, "Typed later");
    emulator.reset();
    person.review().await;
    person.submit().await;
    person.saved().await;
    assert_eq!(member(&emulator, "/lastName"), "Typed later");
    person.done(&[403]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_and_a_killed_command_lose_nothing() {
    let (emulator, mut person) = someone!(at_work());
    person.begin().await;
    person.fill("#email", "ann@example.com").await;
    person.kept().await;
    person.page.reload().await.expect("a page");
    assert_eq!(person.value("#email").await, "ann@example.com");
    person.begin_anew().await;
    person.wait("document.querySelector('#begun')").await;
    person.go(&Person::account()).await;
    person.wait("document.body.innerText.includes('You began to change this profile')").await;
    person.click(".mark.potentially a").await;
    person.arrive("update").await;
    assert_eq!(person.value("#email").await, "ann@example.com");
    person.review().await;
    person.submit().await;
    person.saved().await;
    assert_eq!(member(&emulator, "/email"), "ann@example.com");
    // It was acknowledged, and is kept no longer.
    person.go("/customers").await;
    assert_eq!(person.evaluate("document.querySelector('#begun')").await, serde_json::Value::Null);
    person.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_types_is_told_when_nothing_is_kept_any_more() {
    let (_emulator, person) = someone!(at_work());
    person.begin().await;
    person.fill("#email", "ann@example.com").await;
    person.kept().await;
    person.end_the_command();
    person.fill("#email", "bob@example.com").await;
    person.wait("document.querySelector('#kept .lost')").await;
    // The address is refused then, which the browser says too.
    person.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_thrown_away_when_that_is_wanted() {
    let (emulator, person) = someone!(at_work());
    person.begin().await;
    person.fill("#email", "ann@example.com").await;
    person.kept().await;
    person.click(".discard summary").await;
    person.click(".discard button").await;
    person.arrive_at_account().await;
    person.wait("document.body.innerText.includes('Nothing was written.')").await;
    person.begin().await;
    assert_eq!(person.value("#email").await, "email@sample.com");
    person.click("form.profile button[type=submit]").await;
    person.wait("document.body.innerText.includes('Nothing is changed')").await;
    assert_eq!(applied(&emulator), 0);
    person.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_of_one_profile_lose_nothing_of_each_other() {
    let (emulator, person) = someone!(at_work());
    person.begin().await;
    person.fill("#email", "ann@example.com").await;
    person.kept().await;
    // The form as another tab has it, which was opened before the last name was typed here.
    let other = "[...new FormData(document.querySelector('form.profile'))]";
    let other = person.evaluate(other).await;
    person.page.reload().await.expect("a page");
    person.fill("#lastName", "First tab").await;
    person.kept().await;
    let send = |name: &str, text: &str| {
        format!(
            "(() => {{ const body = new URLSearchParams({other}); body.set({name:?}, {text:?}); \
             const action = document.querySelector('form.profile').action.replace('update', 'draft'); \
             return fetch(action, {{method: 'POST', body}}).then(answer => answer.status); }})()"
        )
    };
    assert_eq!(person.evaluate(&send("/firstName", "Second tab")).await, 200);
    person.page.reload().await.expect("a page");
    let fields = [
        person.value("#firstName").await,
        person.value("#lastName").await,
        person.value("#email").await,
    ];
    assert_eq!(fields, ["Second tab", "First tab", "ann@example.com"]);
    // What was put onto a newer profile takes nothing of a form of the older one.
    let change = serde_json::json!({"companyName": "Theirs"});
    assert!(
        emulator.overwrite(Some(crate::home::CUSTOMER), change.as_object().expect("an object"))
    );
    person.review_or("conflict").await;
    person.click("button[value=form]").await;
    person.arrive("update").await;
    assert_eq!(person.evaluate(&send("/culture", "es-US")).await, 409);
    assert_eq!(person.value("#companyName").await, "Theirs");
    person.done(&[409]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_looked_at_is_submitted() {
    let (emulator, person) = someone!(at_work());
    person.begin().await;
    // The form, as another tab goes on with it.
    let form = "JSON.stringify([...new FormData(document.querySelector('form.profile'))])";
    let form = person.evaluate(form).await;
    let form = form.as_str().expect("a form").to_owned();
    let send = |name: &str, text: &str| {
        format!(
            "(() => {{ const body = new URLSearchParams({form}); body.set({name:?}, {text:?}); \
             return fetch('{}/draft', {{method: 'POST', body}}).then(answer => answer.status); }})()",
            Person::account()
        )
    };
    person.page.reload().await.expect("a page");
    person.fill("#email", "mine@example.com").await;
    person.review().await;
    assert_eq!(person.evaluate(&send("/lastName", "Half-ty")).await, 200);
    person.submit().await;
    person.wait("document.body.innerText.includes('Look at them again')").await;
    assert_eq!(applied(&emulator), 0);
    assert_eq!(person.rows("table.changes").await.len(), 2);
    // So it is with a conflict.
    let change = serde_json::json!({"email": "their@example.com"});
    let change = change.as_object().expect("an object");
    assert!(emulator.overwrite(Some(crate::home::CUSTOMER), change));
    person.submit().await;
    person.arrive("conflict").await;
    assert_eq!(person.evaluate(&send("/email", "mine2@example.com")).await, 200);
    person.click("button[value=submit]").await;
    person.wait("document.body.innerText.includes('there is more to look at')").await;
    assert_eq!(
        (applied(&emulator), member(&emulator, "/email")),
        (0, "their@example.com".to_owned())
    );
    person.click("input[value=mine]").await;
    person.click("button[value=submit]").await;
    person.saved().await;
    assert_eq!(member(&emulator, "/email"), "mine2@example.com");
    person.done(&[]).await;
}
