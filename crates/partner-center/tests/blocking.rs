//! The client that blocks.

use partner_center::models::{BillingProfile, CustomerBillingProfile};
use partner_center::{AppUser, ErrorKind, PartnerCenter, Retry, UpdateError, blocking};
use partner_center_emulator::{SAMPLE_CUSTOMER, example_blocking};

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
fn nothing_blocks_or_panics_where_async_code_runs() {
    example_blocking(|endpoint| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let partner = client(endpoint);
            let error = partner.billing_profile().get().expect_err("an error");
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains("spawn_blocking"), "{error}");
            let own = partner.billing_profile();
            tokio::task::spawn_blocking(move || own.get().map(drop)).await??;
            drop(partner);
            Ok(())
        })
    })
    .expect("no error");
}
