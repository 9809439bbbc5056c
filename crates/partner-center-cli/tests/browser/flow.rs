//! Find a customer, update the profile, submit it: the three steps, each in its ways.

use partner_center_emulator::Emulator;

use crate::home::CUSTOMER;
use crate::person::{Person, at_work};
use crate::someone;

/// How many updates the service has applied.
pub(crate) fn applied(emulator: &Emulator) -> usize {
    emulator.journal().iter().filter(|exchange| exchange.committed).count()
}

/// A member of the sample customer's profile, as the service has it.
pub(crate) fn member(emulator: &Emulator, pointer: &str) -> String {
    let state = emulator.state();
    let profile = &state["customers"][CUSTOMER];
    let found = profile.pointer(pointer).or_else(|| profile["profile"].pointer(pointer));
    found.and_then(|it| it.as_str()).unwrap_or_default().to_owned()
}

async fn three_steps(person: &Person) {
    person.go("/customers").await;
    person.wait("document.querySelectorAll('.customers tbody tr').length == 50").await;
    person.fill("#q", "companyn").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_found_and_updated_without_reading_anything() {
    let (emulator, person) = someone!(at_work());
    three_steps(&person).await;
    // The list is narrowed as one types, and the page stays.
    person.evaluate("window.same = true").await;
    person.wait("document.querySelectorAll('.customers tbody tr').length == 1").await;
    assert_eq!(person.evaluate("window.same").await, true);
    person.click(".customers tbody a").await;
    person.arrive_at_account().await;
    person.click("a.button").await;
    person.arrive("update").await;
    for (field, text) in
        [("#firstName", "Ann"), ("#lastName", "O'Neil & Sons"), ("#email", "ann@example.com")]
    {
        person.fill(field, text).await;
    }
    person.review().await;
    let rows = [
        ["First name", "FirstName", "Ann"],
        ["Last name", "LastName", "O'Neil & Sons"],
        ["Email", "email@sample.com", "ann@example.com"],
    ];
    assert_eq!(person.rows("table.changes").await, rows);
    assert_eq!(applied(&emulator), 0);
    person.submit().await;
    person.saved().await;
    assert_eq!(person.rows(".mark.compatible table").await, rows);
    assert_eq!(member(&emulator, "/lastName"), "O'Neil & Sons");
    assert_eq!((applied(&emulator), member(&emulator, "/culture")), (1, "en-US".to_owned()));
    person.click("a[href$='/history']").await;
    person.arrive("history").await;
    assert_eq!(person.rows(".history li:first-child table").await, rows);
    // Back in the list, what was searched for is there.
    person.go("/customers?q=companyn").await;
    assert_eq!(person.value("#q").await, "companyn");
    person.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_without_a_script() {
    let (emulator, person) = someone!(at_work());
    person.without_script().await;
    three_steps(&person).await;
    person.click(".search button").await;
    person.wait("document.querySelectorAll('.customers tbody tr').length == 1").await;
    assert_eq!(person.evaluate("typeof htmx").await, "undefined");
    person.click(".customers tbody a").await;
    person.arrive_at_account().await;
    person.begin().await;
    person.fill("#email", "ann@example.com").await;
    person.review().await;
    person.submit().await;
    person.saved().await;
    assert_eq!(member(&emulator, "/email"), "ann@example.com");
    // The browser says that it loads no script.
    person.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_has_pages_and_an_id_finds_its_customer() {
    let (_emulator, person) = someone!(at_work());
    person.click("a[rel=next]").await;
    person
        .wait("document.body.innerText.includes('First page') && location.search.includes('from=')")
        .await;
    let second = person.rows(".customers").await;
    person.page.reload().await.expect("a page");
    assert_eq!(person.rows(".customers").await, second);
    person.click("a[rel=next]").await;
    person.wait("document.querySelectorAll('.customers tbody tr').length == 22").await;
    person.go("/customers?size=500").await;
    person.wait("document.querySelectorAll('.customers tbody tr').length == 122").await;
    person.fill("#q", "company 11").await;
    person.wait("document.querySelectorAll('.customers tbody tr').length == 11").await;
    person.fill("#q", "nobody <b>").await;
    person
        .wait("document.querySelector('#results').innerText.includes('begins with nobody <b>.')")
        .await;
    person.fill("#q", "00000000-0000-0000-0000-000000000000").await;
    person
        .wait("document.querySelector('#results').innerText.includes('No customer has the id')")
        .await;
    person.fill("#q", CUSTOMER).await;
    person.wait("document.querySelectorAll('.customers tbody tr').length == 1").await;
    person.click(".customers tbody a").await;
    person.arrive_at_account().await;
    person.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_profile_goes_likewise_and_a_button_that_is_pressed_twice_writes_once() {
    let (emulator, person) = someone!(at_work());
    person.click("nav a[href='/profile']").await;
    person.wait("location.pathname == '/profile'").await;
    person.click("a.button").await;
    person.arrive("update").await;
    person.fill("#purchaseOrderNumber", "9889").await;
    person.fill("#billingDay", "twelve").await;
    person.click("form.profile button[type=submit]").await;
    person.wait("document.querySelector('#billingDay-error')").await;
    assert!(person.text("#billingDay-error").await.contains("whole number"));
    assert_eq!(person.value("#billingDay").await, "twelve");
    person.fill("#billingDay", "12").await;
    person.review().await;
    // Both requests are sent before either is answered.
    person
        .evaluate(
            "(() => { const form = document.querySelector(\"form[action$='/submit']\"); \
             const body = () => new URLSearchParams(new FormData(form)); \
             fetch(form.action, {method: 'POST', body: body()}); form.requestSubmit(); })()",
        )
        .await;
    person.wait("location.pathname == '/profile'").await;
    assert_eq!(applied(&emulator), 1);
    person.wait("document.body.innerText.includes('9889')").await;
    assert!(person.text("main").await.contains("12"));
    // Who goes back and submits once more is told.
    let again = "history.back()";
    person.evaluate(again).await;
    person.wait("document.body.innerText.includes('are not kept here any more')").await;
    person.done(&[410]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyboard_is_enough() {
    let (emulator, person) = someone!(at_work());
    person.go(&Person::account()).await;
    person.press("Tab").await;
    assert_eq!(person.text(":focus").await, "Skip to the content");
    person.press("Enter").await;
    person.press("Tab").await;
    assert_eq!(person.text(":focus").await, "Update");
    person.press("Enter").await;
    person.arrive("update").await;
    person.wait("document.querySelector('#email')").await;
    // As far as the e-mail address: the links above, then first and last name.
    for _ in 0..12 {
        if person.evaluate("document.activeElement.id").await == "email" {
            break;
        }
        person.press("Tab").await;
    }
    assert_eq!(person.evaluate("document.activeElement.id").await, "email");
    person.fill("#email", "keys@example.com").await;
    person.press("Enter").await;
    person.arrive("review").await;
    person.wait("document.querySelector('table.changes')").await;
    for _ in 0..12 {
        if person.text(":focus").await == "Submit" {
            break;
        }
        person.press("Tab").await;
    }
    person.press("Enter").await;
    person.saved().await;
    assert_eq!(member(&emulator, "/email"), "keys@example.com");
    person.done(&[]).await;
}
