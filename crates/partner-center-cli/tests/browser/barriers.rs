//! Who reads a page in another way: with a screen reader, in the dark, on a phone, on paper.

use std::path::Path;

use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, SetDeviceMetricsOverrideParams,
};
use chromiumoxide::cdp::browser_protocol::page::CaptureScreenshotFormat;
use chromiumoxide::page::ScreenshotParams;
use partner_center_emulator::{Emulator, OTHER_CUSTOMER};
use serde_json::json;

use crate::home::{CUSTOMER, Home};
use crate::person::{Person, at_work};
use crate::someone;

/// Looks at the page that is open, light and dark, wide and narrow.
async fn look(person: &Person, axe: Option<&str>, name: &str) {
    for (scheme, width) in [("light", 1200), ("dark", 1200), ("light", 390)] {
        view(person, scheme, width, 900).await;
        let overflow = "document.documentElement.scrollWidth > innerWidth";
        assert_eq!(person.evaluate(overflow).await, false, "{name} is wider than {width}");
        assert_eq!(person.evaluate("document.querySelectorAll('h1').length").await, 1, "{name}");
        if let Some(axe) = axe {
            person.evaluate(axe).await;
            let found = "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(\
                it => it.id + ': ' + it.nodes.map(node => node.target + ' ' + node.failureSummary).join(', ')))";
            assert_eq!(person.evaluate(found).await, json!([]), "{name}, {scheme}, {width}");
        }
        if let Some(folder) = std::env::var_os("PARTNER_CENTER_SCREENSHOTS") {
            let whole = ScreenshotParams::builder().full_page(true).build();
            let file = Path::new(&folder).join(format!("{name}-{scheme}-{width}.png"));
            person.page.save_screenshot(whole, file).await.expect("a picture");
        }
    }
}

async fn view(person: &Person, scheme: &str, width: i64, height: i64) {
    let feature = MediaFeature::new("prefers-color-scheme", scheme);
    person.page.emulate_media_features(vec![feature]).await.expect("a setting");
    let size = SetDeviceMetricsOverrideParams::new(width, height, 1.0, false);
    person.page.execute(size).await.expect("a setting");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_a_barrier() {
    let (emulator, person) = someone!(at_work());
    let axe = std::env::var_os("PARTNER_CENTER_AXE");
    let axe = axe.map(|file| std::fs::read_to_string(file).expect("axe-core"));
    if axe.is_none() {
        eprintln!("left out: axe-core, which PARTNER_CENTER_AXE names");
    }
    let axe = axe.as_deref();
    let account = Person::account();
    look(&person, axe, "customers").await;
    person.go("/customers?size=500").await;
    look(&person, axe, "many-customers").await;
    person.go("/customers?q=nobody").await;
    look(&person, axe, "no-customers").await;
    person.begin().await;
    look(&person, axe, "update").await;
    person.fill("#email", "ann at example.com").await;
    person.fill("#defaultAddress-state", "ZZ").await;
    person.click("form.profile button[type=submit]").await;
    person.wait("document.querySelector('#problems')").await;
    look(&person, axe, "errors").await;
    person.go(&account).await;
    look(&person, axe, "account-with-draft").await;
    person.click(".mark.potentially a").await;
    person.arrive("update").await;
    person.fill("#email", "ann@example.com").await;
    person.fill("#defaultAddress-state", "WA").await;
    person.fill("#defaultAddress-city", "Seattle").await;
    person.review().await;
    look(&person, axe, "review").await;
    let change = json!({"email": "bob@example.com", "lastName": "Other"});
    assert!(emulator.overwrite(Some(CUSTOMER), change.as_object().expect("an object")));
    person.submit().await;
    person.arrive("conflict").await;
    look(&person, axe, "conflict").await;
    person.click("button[value=submit]").await;
    person.wait("document.querySelector('.mark.breaking')").await;
    person.click("input[value=mine]").await;
    emulator.add_fault("fault=throttle,operation=update,retryAfter=3600".parse().expect("a fault"));
    person.click("button[value=submit]").await;
    person.wait("document.body.innerText.includes('is not saved yet')").await;
    look(&person, axe, "not-saved").await;
    emulator.clear_faults();
    let other = someone!(Person::start(Home::calling(&emulator.url())));
    other.begin().await;
    other.fill("#email", "ann@example.com").await;
    other.review().await;
    other.submit().await;
    other.saved().await;
    look(&other, axe, "saved").await;
    other.go(&format!("{account}/history")).await;
    look(&other, axe, "history").await;
    other.go("/profile").await;
    look(&other, axe, "own").await;
    other.go(&format!("/customers/{OTHER_CUSTOMER}/nothing")).await;
    look(&other, axe, "nothing").await;
    other.go("/enter?key=0").await;
    other.wait("location.pathname == '/customers'").await;
    person.done(&[502]).await;
    other.done(&[404]).await;
}

/// Makes the picture of the README.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "it writes a picture"]
async fn screenshot() {
    let emulator = Emulator::start().await.expect("an emulator");
    let names = json!({
        "companyName": "Contoso Ltd.", "firstName": "Ann", "lastName": "Miller", "email": "pay@example.com"
    });
    assert!(emulator.overwrite(Some(CUSTOMER), names.as_object().expect("an object")));
    let person = someone!(Person::start(Home::calling(&emulator.url())));
    person.begin().await;
    person.fill("#email", "ann@example.com").await;
    person.fill("#defaultAddress-addressLine2", "Building 4").await;
    person.review().await;
    let change = json!({"email": "bob@example.com", "lastName": "Miller-Smith"});
    assert!(emulator.overwrite(Some(CUSTOMER), change.as_object().expect("an object")));
    person.submit().await;
    person.arrive("conflict").await;
    person.click("input[value=mine]").await;
    view(&person, "light", 1100, 620).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("web.png");
    let picture = ScreenshotParams::builder().format(CaptureScreenshotFormat::Png).build();
    person.page.save_screenshot(picture, file).await.expect("a picture");
    person.done(&[]).await;
}
