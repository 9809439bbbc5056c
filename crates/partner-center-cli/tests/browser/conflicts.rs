//! Two people change the same profile, and both are content.

use partner_center_emulator::Emulator;
use serde_json::{Value, json};

use crate::flow::{applied, member};
use crate::home::{CUSTOMER, Home};
use crate::person::{Person, at_work};
use crate::someone;

/// Somebody else changes the profile of the sample customer.
fn other(emulator: &Emulator, change: &Value) {
    let change = change.as_object().expect("an object");
    assert!(emulator.overwrite(Some(CUSTOMER), change));
}

/// Changes the e-mail address and the last name, up to the review.
async fn changed(person: &Person) {
    person.begin().await;
    person.fill("#email", "mine@example.com").await;
    person.fill("#lastName", "Mine").await;
    person.review().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_different_members_are_merged_and_marked() {
    let (emulator, person) = someone!(at_work());
    changed(&person).await;
    other(&emulator, &json!({"firstName": "Theirs", "defaultAddress": {"city": "Seattle"}}));
    person.submit().await;
    person.arrive("conflict").await;
    let rows = [
        ["First name", "FirstName", "FirstName", "Theirs", "Theirs theirs"],
        ["Last name", "LastName", "Mine", "LastName", "Mine yours"],
        [
            "Email",
            "email@sample.com",
            "mine@example.com",
            "email@sample.com",
            "mine@example.com yours",
        ],
        ["Default address: City", "Redmond", "Redmond", "Seattle", "Seattle theirs"],
    ];
    assert_eq!(person.rows("table.conflict").await, rows);
    person.click("button[value=submit]").await;
    person.saved().await;
    let all = ["/firstName", "/lastName", "/email", "/defaultAddress/city"]
        .map(|at| member(&emulator, at));
    assert_eq!(all, ["Theirs", "Mine", "mine@example.com", "Seattle"]);
    assert_eq!(applied(&emulator), 1);
    person.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_both_changed_is_chosen_or_typed_anew() {
    let (emulator, person) = someone!(at_work());
    for (number, choice, typed, expected) in [
        (1, "mine", None, "mine@example.com"),
        (2, "theirs", None, "theirs2@example.com"),
        (3, "", Some("both@example.com"), "both@example.com"),
        (4, "typed", Some("typed@example.com"), "typed@example.com"),
    ] {
        other(&emulator, &json!({"email": "email@sample.com", "lastName": "LastName"}));
        changed(&person).await;
        other(&emulator, &json!({"email": format!("theirs{number}@example.com")}));
        person.submit().await;
        person.arrive("conflict").await;
        // Without a choice nothing is written, and nothing is lost.
        person.click("button[value=submit]").await;
        person.wait("document.body.innerText.includes('Both of you changed Email: say what becomes of it.')").await;
        if let Some(typed) = typed {
            person.fill(".choice input[type=text]", typed).await;
        }
        if !choice.is_empty() {
            person.click(&format!("input[value={choice}]")).await;
        }
        // It outlives a reload.
        person.wait("document.querySelector('#kept').innerText == 'What you chose is kept.' && !document.querySelector('.htmx-request')").await;
        person.page.reload().await.expect("a page");
        person.wait("document.querySelector('.choice input:checked')").await;
        person.click("button[value=submit]").await;
        person.saved().await;
        assert_eq!(
            (member(&emulator, "/email").as_str(), member(&emulator, "/lastName").as_str()),
            (expected, "Mine")
        );
    }
    person.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_writer_is_another_conflict_and_the_form_takes_the_merge() {
    let (emulator, person) = someone!(at_work());
    changed(&person).await;
    other(&emulator, &json!({"firstName": "Second"}));
    person.submit().await;
    person.arrive("conflict").await;
    other(&emulator, &json!({"email": "third@example.com"}));
    person.click("button[value=submit]").await;
    person.wait("document.querySelector('.collision')").await;
    assert!(person.text(".collision").await.contains("third@example.com"));
    person.click("input[value=mine]").await;
    person.click("button[value=form]").await;
    person.arrive("update").await;
    let fields = [
        person.value("#firstName").await,
        person.value("#lastName").await,
        person.value("#email").await,
    ];
    assert_eq!(fields, ["Second", "Mine", "mine@example.com"]);
    person.fill("#companyName", "Ours Ltd.").await;
    person.review().await;
    person.submit().await;
    person.saved().await;
    let all = ["/firstName", "/lastName", "/email", "/companyName"].map(|at| member(&emulator, at));
    assert_eq!(all, ["Second", "Mine", "mine@example.com", "Ours Ltd."]);
    person.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_at_once_are_both_content() {
    let (emulator, one) = someone!(at_work());
    let two = someone!(Person::start(Home::calling(&emulator.url())));
    for (person, field, text) in [(&one, "#email", "one@example.com"), (&two, "#lastName", "Two")] {
        person.begin().await;
        person.fill(field, text).await;
        person.review().await;
    }
    one.submit().await;
    one.saved().await;
    two.submit().await;
    two.arrive("conflict").await;
    two.click("button[value=submit]").await;
    two.saved().await;
    let both = (member(&emulator, "/email"), member(&emulator, "/lastName"));
    assert_eq!(both, ("one@example.com".to_owned(), "Two".to_owned()));
    one.done(&[]).await;
    two.done(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_they_removed_is_kept_whole_and_blanks_make_none() {
    let (emulator, person) = someone!(at_work());
    other(&emulator, &json!({"defaultAddress": {"geo": "x9", "addressLine1": "1\nMain St"}}));
    person.begin().await;
    person.fill("#defaultAddress-city", "Seattle").await;
    person.fill("#firstName", " ").await;
    person.review().await;
    other(&emulator, &json!({"defaultAddress": null}));
    person.submit().await;
    person.arrive("conflict").await;
    person.click("input[value=mine]").await;
    person.click("button[value=submit]").await;
    person.saved().await;
    let kept = ["/defaultAddress/geo", "/defaultAddress/addressLine1", "/defaultAddress/city"];
    assert_eq!(kept.map(|at| member(&emulator, at)), ["x9", "1\nMain St", "Seattle"]);
    assert_eq!(member(&emulator, "/firstName"), "");
    // Blanks in a field of an address that is not there are nothing.
    other(&emulator, &json!({"defaultAddress": null}));
    person.begin().await;
    person.fill("#defaultAddress-city", "   ").await;
    person.click("form.profile button[type=submit]").await;
    person.wait("document.body.innerText.includes('Nothing is changed')").await;
    assert_eq!(applied(&emulator), 1);
    person.done(&[]).await;
}
