//! The client that blocks.

use partner_center::models::{BillingProfile, CustomerBillingProfile};
use partner_center::{
    AppUser, ErrorKind, PartnerCenter, ProfileChange, Retry, SearchBy, UpdateError, Uuid, blocking,
};
use partner_center_emulator::{OTHER_CUSTOMER, SAMPLE_CUSTOMER, example_blocking};

fn client(endpoint: &str) -> blocking::PartnerCenter<AppUser> {
    let builder = PartnerCenter::builder(AppUser::token("emulator-app-user")).endpoint(endpoint);
    builder.build_blocking().expect("a client")
}

#[test]
fn a_script_reads_changes_and_meets_a_conflict() {
    example_blocking(|endpoint| {
        let partner = client(endpoint);
        let resource = partner.customer(SAMPLE_CUSTOMER.parse()?).billing_profile().precheck();
        let mut mine = resource.get()?;
        mine.first_name = Some("Ann".into());
        resource.check(&mine)?;
        let theirs = |profile: &mut CustomerBillingProfile| profile.last_name = Some("B".into());
        let _ = resource.modify(theirs)?;
        let Err(UpdateError::Conflict(conflict)) = resource.update(&mine) else {
            panic!("no conflict")
        };
        let written = resource.retry(Retry::none()).update(&conflict.merge()?)?;
        assert_eq!(
            (written.first_name.as_deref(), written.last_name.as_deref()),
            (Some("Ann"), Some("B"))
        );

        let mut entry = partner.billing_profile().entry()?;
        entry.tax_id = Some("98-7654321".into());
        assert!(entry.is_dirty()?);
        entry.commit()?;
        assert!(!entry.is_dirty()?);
        let number = |profile: &mut BillingProfile| {
            profile.purchase_order_number = Some("nine".parse::<u32>()?.to_string());
            Ok(())
        };
        let error = partner.billing_profile().try_modify(number).expect_err("no number");
        assert_eq!(error.kind(), ErrorKind::Change);
        assert_eq!(partner.counters().failed, 2);
        Ok(())
    })
    .expect("no error");
}

#[test]
fn a_script_finds_a_customer_and_who_changed_its_profile() {
    example_blocking(|endpoint| {
        let partner = client(endpoint);
        let by_domain = |text: &str| partner.customers().search(SearchBy::Domain, text);
        let found: Result<Vec<_>, _> = by_domain("abcdefgh1234.").page_size(1).list().collect();
        let found = found?;
        let [customer] = found.as_slice() else { panic!("{found:?}") };
        let id = customer.id.as_deref().ok_or("no id")?.parse()?;
        let customers = partner.customers().page_size(1).retry(Retry::none());
        let first = customers.page(None)?;
        let mut rest = customers.list_from(first.next.as_ref());
        assert_eq!(rest.next().transpose()?.and_then(|it| it.id), Some(OTHER_CUSTOMER.to_owned()));
        assert!(rest.next().is_none() && rest.page_token() == first.next.as_ref());
        assert_eq!(customers.get(id)?, partner.customer(id).get()?);
        let company = partner.customer(id).company_profile()?;
        assert_eq!(Some(&company.domain), customer.company_profile.as_ref().map(|it| &it.domain));

        let resource = partner.customer(id).billing_profile();
        for name in ["Ann", "Bob"] {
            let change =
                |profile: &mut CustomerBillingProfile| profile.first_name = Some(name.into());
            let _ = resource.modify(change)?;
        }
        let history = resource.history().days(1).page_size(1);
        let names = |changes: Vec<ProfileChange>| -> Vec<_> {
            changes.into_iter().filter_map(|change| change.after?.first_name).collect()
        };
        assert_eq!(names(history.list().collect::<Result<_, _>>()?), ["Bob", "Ann"]);
        let first = history.page(None)?;
        assert_eq!(
            names(history.list_from(first.next.as_ref()).collect::<Result<_, _>>()?),
            ["Ann"]
        );

        // An error ends a list.
        let nobody = PartnerCenter::builder(AppUser::token("nobody")).endpoint(endpoint);
        let nobody = nobody.build_blocking()?;
        let mut list = nobody.customers().list();
        assert!(list.next().is_some_and(|it| it.is_err()) && list.next().is_none());
        assert!(nobody.customer(id).company_profile().is_err_and(|error| error.is_unauthorized()));
        Ok(())
    })
    .expect("no error");
}

#[test]
fn nothing_blocks_or_panics_where_async_code_runs() {
    example_blocking(|endpoint| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let partner = client(endpoint);
            let error = partner.billing_profile().get().expect_err("an error");
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains("spawn_blocking"), "{error}");
            let (mut customers, customer) =
                (partner.customers().list(), partner.customer(Uuid::nil()));
            let mut history = customer.billing_profile().history().list();
            assert!(customers.next().is_some_and(|it| it.is_err()) && customers.next().is_none());
            assert!(history.next().is_some_and(|it| it.is_err()) && history.next().is_none());
            let own = partner.billing_profile();
            tokio::task::spawn_blocking(move || own.get().map(drop)).await??;
            drop(partner);
            Ok(())
        })
    })
    .expect("no error");
}
