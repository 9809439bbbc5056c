//! What became of an update: no answer is taken for more than it proves, and nothing is done twice.

use partner_center::merge::merge;
use partner_center::models::CustomerBillingProfile;
use partner_center::{
    AppOnly, Choice, ErrorKind, PartnerCenter, Resource, Retry, StrongETag, UpdateError,
};
use partner_center_tests::{Hasty, Recorder};
use serde_json::json;

const CUSTOMER: &str = "aaaa0000-bb11-2222-33cc-444444dddddd";

type Profile = Resource<AppOnly, CustomerBillingProfile>;

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
}

/// The profile of a version, with some members.
fn read(tag: &str, members: &str) -> Vec<u8> {
    answer("200 OK", "", &format!(r#"{{{members},"attributes":{{"etag":"{tag}"}}}}"#))
}

/// The service's own refusal of a stale version (docs, error-codes).
fn refused() -> Vec<u8> {
    answer("400 Bad Request", "", r#"{"code":2055,"description":"Etag is no longer valid"}"#)
}

fn gateway(status: &str) -> Vec<u8> {
    answer(status, "", r#"{ "statusCode": 0, "message": "from a gateway" }"#)
}

/// No answer: the connection closes.
fn lost() -> Vec<u8> {
    Vec::new()
}

fn broken_off(whole: Vec<u8>) -> Vec<u8> {
    let whole = String::from_utf8(whole).expect("a text");
    let mut cut = whole.replacen("\r\n", "\r\nconnection: close\r\n", 1).into_bytes();
    cut.truncate(cut.len() - 9);
    cut
}

async fn service(answers: &[Vec<u8>]) -> (Recorder, Profile) {
    let recorder = Recorder::raw(answers.to_vec()).await.expect("a port");
    let client = PartnerCenter::builder(AppOnly::token("eyJ.token")).endpoint(recorder.url());
    let client = client.clock(Hasty::default()).build().expect("a client");
    let profile = client.customer(CUSTOMER.parse().expect("a GUID")).billing_profile();
    (recorder, profile)
}

fn methods(recorder: &Recorder) -> String {
    recorder
        .requests()
        .iter()
        .map(|request| if request.starts_with("PUT") { 'P' } else { 'G' })
        .collect()
}

/// The values of a header of the PUTs.
fn of_puts(recorder: &Recorder, name: &str) -> Vec<String> {
    let requests = recorder.requests();
    let puts = requests.iter().filter(|request| request.starts_with("PUT"));
    let value = |request: &String| {
        let line = request.lines().find_map(|line| line.strip_prefix(name));
        line.expect("the header").trim_start_matches(": ").to_owned()
    };
    puts.map(value).collect()
}

/// Adds to the company name, and counts how often.
async fn add(
    profile: &Profile,
) -> (Result<Option<String>, UpdateError<CustomerBillingProfile>>, u32) {
    let mut times = 0;
    let outcome = profile.modify(|profile| {
        times += 1;
        profile.company_name = profile.company_name.as_ref().map(|name| format!("{name}+"));
    });
    let outcome = outcome.await.map(|profile| profile.company_name.clone());
    (outcome, times)
}

#[tokio::test]
async fn a_refusal_that_breaks_off_is_no_answer() {
    for refusal in
        [refused(), answer("417 X", "", r#"{"code":800036,"description":"Pre-condition"}"#)]
    {
        let script = [
            read("1", r#""companyName":"C""#),
            broken_off(refusal),
            read("2", r#""companyName":"C+""#),
        ];
        let (recorder, profile) = service(&script).await;
        let (outcome, times) = add(&profile).await;
        assert_eq!((outcome.expect("an update").as_deref(), times), (Some("C+"), 1));
        let ids = of_puts(&recorder, "ms-requestid");
        assert_eq!(
            (ids.len(), ids[0] == ids[1]),
            (2, true),
            "the same request id: there was no answer"
        );
    }
}

#[tokio::test]
async fn a_gateway_proves_nothing_after_the_commit() {
    for status in ["401 X", "403 X", "408 X", "413 X", "429 X", "499 X", "502 X", "302 X"] {
        let transient = ["408 X", "429 X", "502 X"].contains(&status);
        let script = [
            read("1", r#""companyName":"C""#),
            gateway(status),
            refused(),
            read("2", r#""companyName":"C+""#),
        ];
        let script =
            if transient { script.to_vec() } else { [&script[..2], &script[3..]].concat() };
        let (recorder, profile) = service(&script).await;
        let (outcome, times) = add(&profile).await;
        assert_eq!((outcome.expect(status).as_deref(), times), (Some("C+"), 1), "{status}");
        assert!(methods(&recorder).ends_with('G'), "{status}: resolved by reading");
    }
}

#[tokio::test]
async fn a_gateway_proves_nothing_before_the_commit_either() {
    // Someone else wrote meanwhile, and what this side wrote is not there.
    let others = read("2", r#""companyName":"C","firstName":"Theirs""#);
    let script = [read("1", r#""companyName":"C""#), gateway("429 X"), refused(), others];
    let (_, profile) = service(&script).await;
    let (outcome, times) = add(&profile).await;
    let error = outcome.expect_err("uncertain");
    assert!(error.is_conflict() && error.may_have_been_applied(), "{error}");
    assert_eq!(times, 1);
}

#[tokio::test]
async fn a_refusal_of_the_service_itself_is_certain() {
    let throttled = answer("429 X", "", r#"{"code":"429","description":"slow down"}"#);
    let with_ids = answer("429 X", "MS-RequestId: 1\r\n", "");
    for own in [throttled, with_ids] {
        let others = read("2", r#""companyName":"D""#);
        let script = [
            read("1", r#""companyName":"C""#),
            own,
            refused(),
            others,
            read("3", r#""companyName":"D+""#),
        ];
        let (recorder, profile) = service(&script).await;
        let (outcome, times) = add(&profile).await;
        assert_eq!((outcome.expect("an update").as_deref(), times), (Some("D+"), 2));
        assert_eq!(methods(&recorder), "GPPGP");
    }
}

#[tokio::test]
async fn a_value_that_the_service_writes_in_its_own_way_is_the_same() {
    let written = read("2", r#""culture":"en-US""#);
    let no_content = b"HTTP/1.1 204 No Content\r\n\r\n".to_vec();
    for answers in [vec![lost(), refused()], vec![no_content]] {
        let script =
            [vec![read("1", r#""culture":"de-DE""#)], answers, vec![written.clone()]].concat();
        let (_, profile) = service(&script).await;
        let outcome = profile.modify(|profile| profile.culture = Some("EN-US".into())).await;
        let profile = outcome.expect("an update");
        assert!(profile.was_recovered());
        assert_eq!(profile.culture.as_deref(), Some("en-US"));
    }
    // What the contract does not call equal is not taken for it.
    let script = [read("1", r#""email":"a@b""#), lost(), refused(), read("2", r#""email":"c@d""#)];
    let (_, profile) = service(&script).await;
    let error =
        profile.modify(|profile| profile.email = Some("C@d".into())).await.expect_err("a conflict");
    assert!(error.may_have_been_applied());
    // Both sides set the same culture: no merge conflict.
    let script = [read("1", r#""culture":"de-DE""#), refused(), written];
    let (_, profile) = service(&script).await;
    let mut mine = profile.get().await.expect("a profile");
    mine.culture = Some("EN-us".into());
    let error = profile.update(&mine).await.expect_err("a conflict");
    let conflict = error.into_conflict().expect("both sides");
    assert_eq!(conflict.merge_conflicts(), []);
}

#[tokio::test]
async fn success_without_a_profile_is_resolved_by_reading() {
    for success in ["204 No Content", "200 OK", "202 Accepted", "201 Created"] {
        let script = [
            read("1", r#""companyName":"C""#),
            answer(success, "", ""),
            read("2", r#""companyName":"C+""#),
        ];
        let (_, profile) = service(&script).await;
        let (outcome, times) = add(&profile).await;
        assert_eq!((outcome.expect(success).as_deref(), times), (Some("C+"), 1), "{success}");
    }
}

#[tokio::test]
async fn reads_that_lag_are_waited_for() {
    let (old, new) = (read("1", r#""companyName":"C""#), read("2", r#""companyName":"D""#));
    // Each round after the first reads once more when it has waited.
    let first = vec![old.clone(), refused(), old.clone()];
    let stale = vec![[refused(), old.clone(), old.clone()]; 4].concat();
    let last = vec![refused(), old, new, read("3", r#""companyName":"D+""#)];
    let script = [first, stale, last].concat();
    let (_, profile) = service(&script).await;
    let (outcome, _) = add(&profile).await;
    assert_eq!(outcome.expect("an update").as_deref(), Some("D+"));
    // After a lost answer too: the version that was refused cannot be the current one.
    let old = read("1", r#""companyName":"D""#);
    let script =
        [old.clone(), lost(), refused(), old.clone(), old, read("2", r#""companyName":"D+""#)];
    let (recorder, profile) = service(&script).await;
    let (outcome, times) = add(&profile).await;
    assert_eq!((outcome.expect("an update").as_deref(), times), (Some("D+"), 1));
    assert_eq!(methods(&recorder), "GPPGGG");
}

#[tokio::test]
async fn an_idempotent_change_is_made_again_after_an_uncertain_round() {
    let others = read("2", r#""email":"a@b","firstName":"Theirs""#);
    let script = [
        read("1", r#""email":"a@b""#),
        lost(),
        refused(),
        others.clone(),
        read("3", r#""email":"c@d""#),
    ];
    let set = |profile: &mut CustomerBillingProfile| profile.email = Some("c@d".into());
    let (recorder, profile) = service(&script).await;
    let _ = profile.clone().idempotent().modify(set).await.expect("an update");
    assert_eq!(of_puts(&recorder, "if-match"), [r#""1""#, r#""1""#, r#""2""#]);
    // One that adds is not.
    let (_, profile) = service(&script).await;
    assert!(profile.modify(set).await.expect_err("uncertain").may_have_been_applied());
    // The rounds end, and the first one is not forgotten.
    let script = [
        read("1", r#""email":"a@b""#),
        lost(),
        refused(),
        others.clone(),
        refused(),
        others.clone(),
        others,
    ];
    let (_, profile) = service(&script).await;
    let twice = profile.idempotent().retry(Retry::default().max_conflict_retries(1));
    let error = twice.modify(set).await.expect_err("a conflict");
    assert!(error.may_have_been_applied(), "{error}");
    let conflict = error.into_conflict().expect("both sides");
    assert!(conflict.may_have_been_applied());
}

#[tokio::test]
async fn a_version_that_is_refused_and_still_there_is_tried_by_its_other_tag() {
    let body = r#"{"email":"a@b","attributes":{"etag":"body"}}"#;
    let both = answer("200 OK", "ETag: \"header\"\r\n", body);
    let written = read("2", r#""email":"c@d""#);
    let set = |profile: &mut CustomerBillingProfile| profile.email = Some("c@d".into());
    let (recorder, profile) = service(&[both.clone(), refused(), both.clone(), written]).await;
    let _ = profile.modify(set).await.expect("an update");
    assert_eq!(of_puts(&recorder, "if-match"), [r#""body""#, r#""header""#]);
    // Neither is taken: it ends, and says what was sent.
    let script = [
        both.clone(),
        refused(),
        both.clone(),
        refused(),
        both.clone(),
        refused(),
        both.clone(),
        refused(),
        both,
    ];
    let (recorder, profile) = service(&script).await;
    let error = profile.retry(Retry::none()).modify(set).await.expect_err("a conflict");
    assert_eq!(methods(&recorder), "GPGPG");
    assert!(error.to_string().contains(r#"`If-Match: "header"` was refused"#), "{error}");
}

#[tokio::test]
async fn a_profile_without_a_tag_that_guards_says_why() {
    let set = |profile: &mut CustomerBillingProfile| profile.email = Some("c@d".into());
    for (attributes, header, why) in [
        (r#"{"etag":"W/\"1\""}"#, "", r#"a weak entity tag, W/"1""#),
        ("{}", "ETag: W/\"1\"\r\n", r#"a weak entity tag, W/"1""#),
        ("{}", "ETag: 1\r\n", "a malformed entity tag"),
        (r#"{"etag":""}"#, "", "an empty entity tag"),
        ("{}", "", "without an entity tag"),
    ] {
        let body = format!(r#"{{"email":"a@b","attributes":{attributes}}}"#);
        let (recorder, profile) = service(&[answer("200 OK", header, &body)]).await;
        let error = profile.modify(set).await.expect_err("nothing to guard it with");
        assert_eq!((error.kind(), methods(&recorder).as_str()), (ErrorKind::NoETag, "G"));
        assert!(
            error.to_string().contains(why) && error.to_string().contains("`resume`"),
            "{error}"
        );
        // The way out.
        let read = profile.get().await.expect("a profile");
        let tag = StrongETag::new("1").expect("a tag");
        let resumed = profile.resume(read.document(), Some(tag)).expect("a profile");
        assert_eq!(resumed.etag().map(|tag| tag.as_str()), Some("1"));
    }
    // The service binds names in any case.
    let body = r#"{"email":"a@b","attributes":{"ETag":"1"}}"#;
    let (recorder, profile) =
        service(&[answer("200 OK", "", body), read("2", r#""email":"c@d""#)]).await;
    let _ = profile.modify(set).await.expect("an update");
    assert_eq!(of_puts(&recorder, "if-match"), [r#""1""#]);
}

#[tokio::test]
async fn a_document_is_taken_up_only_where_it_says_that_it_is() {
    let (_, profile) = service(&[lost()]).await;
    let at = |uri: &str| {
        format!(r#"{{"links":{{"self":{{"uri":"{uri}"}}}},"attributes":{{"etag":"1"}}}}"#)
    };
    for uri in ["/v1/customers/{}/profiles/billing", "/customers/{}/profiles/billing"] {
        let own = uri.replace("{}", &CUSTOMER.to_uppercase());
        let _ = profile.resume(at(&own), None).expect(uri);
        for other in ["00000000-0000-0000-0000-000000000007", "x"] {
            let error = profile.resume(at(&uri.replace("{}", other)), None).expect_err(other);
            assert_eq!(error.kind(), ErrorKind::OtherResource);
            assert!(error.to_string().contains("`links.self.uri`"), "{error}");
        }
    }
    assert!(profile.resume(at("/profiles/billing"), None).is_err(), "the partner's own");
    let _ =
        profile.resume(r#"{"attributes":{"etag":"1"}}"#, None).expect("nothing says whose it is");
}

#[tokio::test]
async fn no_compression_is_asked_for_and_gzip_is_understood() {
    // `{"code":2055}`, by `gzip -n`.
    let fault: &[u8] = b"\x1F\x8B\x08\x00\x00\x00\x00\x00\x02\x03\xAB\x56\x4A\xCE\x4F\x49\x55\xB2\x32\x32\x30\x35\xAD\x05\x00\x04\xE6\x31\xAE\x0D\x00\x00\x00";
    let head = format!(
        "HTTP/1.1 400 X\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        fault.len()
    );
    let script = [
        read("1", r#""companyName":"C""#),
        [head.as_bytes(), fault].concat(),
        read("2", r#""companyName":"D""#),
    ];
    let (recorder, profile) = service(&script).await;
    let (outcome, _) = add(&profile).await;
    outcome.expect("an update");
    assert_eq!(methods(&recorder), "GPGP", "the refusal was understood as a conflict");
    assert!(
        recorder.requests().iter().all(|request| request.contains("accept-encoding: identity\r\n"))
    );
}

/// Everything that a log could hold of an error: both ways to write it, and those of its causes.
fn shown(error: &(dyn std::error::Error + 'static)) -> String {
    let cause = error.source().map(shown).unwrap_or_default();
    format!("{error} {error:?} {error:#?} {cause}")
}

#[tokio::test]
async fn no_answer_shows_what_is_in_a_profile() {
    const PROFILE: &str =
        r#"{"email":"canary","companyName":"canary","x":"canary","attributes":{"etag":"1"}}"#;
    let wrong_type = PROFILE.replace(r#""x":"canary""#, r#""language":["canary"]"#);
    let fault_with_data = r#"{"code":1,"data":[{"email":"canary"}],"description":"not valid: {\"city\":\"canary\"}"}"#;
    let page = format!("<html><title>Sorry</title><body>{PROFILE}</body></html>");
    let bodies = [
        PROFILE,
        &PROFILE[..40],
        &PROFILE[12..],
        &wrong_type,
        &format!(r#"{{"message":"canary",{}"#, &PROFILE[1..]),
        &format!("[{PROFILE}]"),
        "\"canary\"",
        "canary",
        fault_with_data,
        &page,
        "<Profile><Email>canary</Email></Profile>",
    ];
    let mut errors = 0;
    for body in bodies {
        for status in [
            "200 OK", "203 X", "302 X", "400 X", "401 X", "403 X", "404 X", "409 X", "429 X",
            "500 X",
        ] {
            for headers in ["", "MS-RequestId: 1\r\n", "content-encoding: gzip\r\n"] {
                let odd = answer(status, headers, body);
                let (_, profile) = service(std::slice::from_ref(&odd)).await;
                let retry = Retry::default().attempts(2).max_conflict_retries(1);
                if let Err(error) = profile.clone().retry(retry.clone()).get().await {
                    assert!(!shown(&error).contains("canary"), "GET {status} {body}: {error:?}");
                    errors += 1;
                }
                let (_, profile) = service(&[read("1", r#""email":"canary""#), odd]).await;
                let set =
                    |profile: &mut CustomerBillingProfile| profile.email = Some("canary2".into());
                if let Err(error) = profile.retry(retry).modify(set).await {
                    assert!(!shown(&error).contains("canary"), "PUT {status} {body}: {error:?}");
                    errors += 1;
                }
            }
        }
    }
    assert!(errors > 500, "{errors}");
}

#[tokio::test]
async fn no_debug_shows_what_is_in_a_profile() {
    let theirs = read("2", r#""email":"canary3","x":"canary4""#);
    let (_, profile) = service(&[read("1", r#""email":"canary1""#), refused(), theirs]).await;
    let mut mine = profile.get().await.expect("a profile");
    mine.email = Some("canary2".into());
    mine.default_address.get_or_insert_default().country = Some("canary".into());
    let invalid = profile.update(&mine).await.expect_err("a limit");
    assert!(!shown(&invalid).contains("canary"), "{invalid}");
    assert!(invalid.violations().iter().any(|violation| violation.value == "canary"));
    let error = profile.clone().without_limits().update(&mine).await.expect_err("a conflict");
    let kept = format!("{error:?} {mine:?} {:?} {:?}", *mine, mine.changes().expect("changes"));
    let conflict = error.into_conflict().expect("both sides");
    let merge_conflicts = conflict.merge_conflicts();
    let merged = merge(&json!({"a": 1}), &json!({"a": "canary"}), &json!({"a": 2}));
    let choice = Choice::Value(json!("canary"));
    let all = format!(
        "{kept} {conflict:?} {merge_conflicts:?} {:?} {merged:?} {choice:?} {:?}",
        conflict.merge().expect_err("a merge conflict"),
        conflict.theirs(),
    );
    assert!(!all.contains("canary"), "{all}");
    assert!(all.contains("/email") && all.contains("default_address"), "{all}");
}

#[tokio::test]
async fn an_odd_member_keeps_nobody_from_reading_and_writing() {
    let deep = format!("\"deep\":{}1{}", "[".repeat(130), "]".repeat(130));
    for odd in
        [r#""score":1e400"#, r#""note":"cut \ud83d""#, r#""companyName":"cut \ud83d""#, &deep]
    {
        let (recorder, profile) = service(&[read("1", odd), read("2", odd)]).await;
        let _ = profile.modify(|profile| profile.email = Some("a@b".into())).await.expect(odd);
        let put = recorder.requests().pop().expect("a PUT");
        assert!(put.contains(odd) && put.contains(r#""email":"a@b""#), "{put}");
    }
    let twice = r#""email":"a@x","Email":"b@x""#;
    let (recorder, profile) = service(&[read("1", twice), read("2", twice)]).await;
    let _ = profile.modify(|profile| profile.email = Some("a@b".into())).await.expect("an update");
    let put = recorder.requests().pop().expect("a PUT");
    assert!(put.contains(r#""email":"a@b","Email":"a@b""#), "no twin keeps the old value: {put}");
    let (_, profile) = service(&[read("1", r#""language":5"#)]).await;
    let error = profile.get().await.expect_err("another type");
    assert!(error.to_string().contains("/language"), "{error}");
}

#[tokio::test]
async fn an_unknown_member_named_as_in_a_fault_makes_a_profile_no_fault() {
    for odd in ["message", "error", "code", "statusCode"] {
        let body = format!(r#"{{"email":"a@b","{odd}":"canary"}}"#);
        let (_, profile) = service(&[answer("200 OK", "", &body)]).await;
        let read = profile.get().await.expect(odd);
        assert_eq!(read.email.as_deref(), Some("a@b"));
        let (_, profile) = service(&[answer("400 X", "", &body)]).await;
        let error = profile.get().await.expect_err(odd);
        assert!(!shown(&error).contains("canary"), "{error}");
    }
}
