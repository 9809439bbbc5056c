//! The audit records: one for each update of a customer's billing profile, listed page by page.
//!
//! Who did it is made up. The rest is as the samples of other operations have it, and a switch where they say
//! nothing.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::customers::{
    CONTINUATION, Companies, PageRequest, company_profile, link, make_token, read_token,
};
use crate::profile::{pascal, renamed};
use crate::reply::{Refusal, bad_request};
use crate::switches::{AuditPaging, AuditValue};

/// How many records are kept.
const KEPT: usize = 1000;

/// How many records a page has if nobody says, and at the most.
const PAGE: usize = 500;

/// How far back records are given, and how many days at once.
const RETAINED: i64 = 90;
const WINDOW: i64 = 30;

const DAY: u64 = 86_400;

/// From the year 1 to 1970, in the unit of the ids: 100 nanoseconds.
const TICKS_TO_1970: u128 = 621_355_968_000_000_000;

const OPERATION: &str = "update_customer_billing_profile";
const RESOURCE: &str = "customer";

/// Made up: the partner, its application, its user, and who changes a profile behind the back of the caller.
const PARTNER: &str = "dddd3333-ee44-5555-66ff-777777aaaaaa";
const APPLICATION: &str = "eeee4444-ff55-6666-77aa-888888bbbbbb";
const USER: &str = "admin@partner.example";
const SOMEONE_ELSE: &str = "someone.else@partner.example";

/// The members of a billing profile and of its address in the order of the sample, where absent ones are null.
const PROFILE: [&str; 8] = [
    "Id",
    "FirstName",
    "LastName",
    "Email",
    "Culture",
    "Language",
    "CompanyName",
    "DefaultAddress",
];
const ADDRESS: [&str; 15] = [
    "Id",
    "Country",
    "Region",
    "City",
    "State",
    "District",
    "AddressLine1",
    "AddressLine2",
    "AddressLine3",
    "PostalCode",
    "FirstName",
    "LastName",
    "EmailAddress",
    "PhoneNumber",
    "MiddleName",
];

/// Who changed a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// The application alone. That there is no user in its records then is an assumption.
    Application,
    User,
    SomeoneElse,
}

/// One update, as it is kept and saved.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Record {
    id: String,
    customer_id: Uuid,
    operation_date: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_principal_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    original_correlation_id: Option<String>,
    /// The profile, as a GET answers it.
    before: Value,
    after: Value,
}

impl Record {
    /// The record of an update that was just made.
    pub(crate) fn new(
        customer_id: Uuid,
        actor: Actor,
        correlation_id: Option<&str>,
        before: Value,
        after: Value,
    ) -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let ticks = since.as_nanos() / 100 + TICKS_TO_1970;
        let operation = OPERATION.replace('_', "");
        Self {
            id: format!("{PARTNER}_{customer_id}_{customer_id}_{operation}_{ticks}"),
            customer_id,
            operation_date: date_time(since),
            user_principal_name: match actor {
                Actor::Application => None,
                Actor::User => Some(USER.to_owned()),
                Actor::SomeoneElse => Some(SOMEONE_ELSE.to_owned()),
            },
            original_correlation_id: correlation_id.map(str::to_owned),
            before,
            after,
        }
    }

    /// The day of it, as `yyyy-mm-dd`.
    fn day(&self) -> &str {
        self.operation_date.get(..10).unwrap_or_default()
    }

    fn to_json(&self, companies: &Companies, value: AuditValue) -> Value {
        let id = &self.customer_id;
        let company = companies.get(id);
        let text = |profile: &Value| {
            let profile = pascal_profile(profile.clone());
            match (value, company) {
                (AuditValue::Customer, Some(company)) => {
                    let mut customer = renamed(
                        json!({
                            "id": id,
                            "companyProfile": company_profile(id, company),
                            "relationshipToPartner": "reseller",
                            "attributes": {"objectType": "Customer"},
                        }),
                        &pascal,
                    );
                    customer["BillingProfile"] = profile;
                    customer.to_string()
                }
                _ => profile.to_string(),
            }
        };
        let mut record = json!({
            "id": self.id,
            "partnerId": PARTNER,
            "participants": [PARTNER],
            "customerId": id,
            "applicationId": APPLICATION,
            "resourceType": RESOURCE,
            "resourceNewValue": text(&self.after),
            "operationType": OPERATION,
            "operationDate": self.operation_date,
            "operationStatus": "succeeded",
            "customizedData": [],
            "attributes": {"objectType": "AuditRecord"},
        });
        if value != AuditValue::New {
            record["resourceOldValue"] = text(&self.before).into();
        }
        for (name, member) in [
            ("customerName", company.and_then(|company| company.get("companyName")?.as_str())),
            ("userPrincipalName", self.user_principal_name.as_deref()),
            ("originalCorrelationId", self.original_correlation_id.as_deref()),
        ] {
            if let Some(member) = member {
                record[name] = member.into();
            }
        }
        record
    }
}

/// A profile as a record has it: names in PascalCase, nulls for what is absent, no links.
fn pascal_profile(profile: Value) -> Value {
    let with_nulls = |names: &[&str], value: Value| {
        let mut members: Map<_, _> =
            names.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
        if let Value::Object(present) = value {
            members.extend(present);
        }
        Value::Object(members)
    };
    let mut profile = with_nulls(&PROFILE, renamed(profile, &pascal));
    if profile["DefaultAddress"].is_object() {
        profile["DefaultAddress"] = with_nulls(&ADDRESS, profile["DefaultAddress"].take());
    }
    if let Some(members) = profile.as_object_mut() {
        members.remove("Links");
    }
    profile
}

/// The last records, oldest first, each with a number that no other one ever had.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    records: VecDeque<Record>,
    /// The number of the oldest one that is kept.
    first: u64,
}

impl Log {
    pub(crate) fn push(&mut self, record: Record) {
        self.records.push_back(record);
        if self.records.len() > KEPT {
            self.records.pop_front();
            self.first += 1;
        }
    }

    /// What [`Log::from_json`] reads.
    pub(crate) fn to_json(&self) -> Value {
        serde_json::to_value(&self.records).unwrap_or_default()
    }

    /// # Errors
    /// It is no list of records.
    pub(crate) fn from_json(records: Value) -> Result<Self, String> {
        let records = serde_json::from_value(records)
            .map_err(|error| format!("`auditRecords` has no audit records: {error}"))?;
        Ok(Self { records, first: 0 })
    }

    /// The page that is asked for, the latest first.
    ///
    /// # Errors
    /// The refusal of a query or of a token that the service cannot take.
    pub(crate) fn page(
        &self,
        companies: &Companies,
        request: &PageRequest<'_>,
        (value, paging): (AuditValue, AuditPaging),
        now: SystemTime,
    ) -> Result<Value, Refusal> {
        let asked = Query::read(request, paging, now)?;
        let latest_first = self.records.iter().enumerate().rev();
        let numbered = latest_first.map(|(at, record)| (self.first + at as u64, record));
        let mut found = numbered.filter(|(number, record)| {
            asked.place.before.is_none_or(|before| *number < before)
                && (&*asked.place.start..=&*asked.place.end).contains(&record.day())
                && asked.filter.has(record, companies)
        });
        let page: Vec<_> = found.by_ref().take(asked.size).collect();
        let prefix = if request.prefix { "/v1" } else { "" };
        let question = if request.query.is_empty() { "" } else { "?" };
        let mut body = json!({
            "totalCount": page.len(),
            "items": page.iter().map(|(_, record)| record.to_json(companies, value)).collect::<Value>(),
            "links": {"self": link(&format!("{prefix}/auditrecords{question}{}", request.query))},
            "attributes": {"objectType": "Collection"},
        });
        if let (Some((last, _)), Some(_)) = (page.last(), found.next()) {
            let token = make_token(&Place { before: Some(*last), ..asked.place });
            match paging {
                AuditPaging::Seek => body["continuationToken"] = token.into(),
                AuditPaging::Link => {
                    let size = asked.size;
                    let uri = format!("{prefix}/auditrecords?size={size}&seekOperation=Next");
                    let mut next = link(&uri);
                    next["headers"] = json!([{"key": CONTINUATION, "value": token}]);
                    body["links"]["next"] = next;
                }
            }
        }
        Ok(body)
    }
}

/// Where a page begins and what it is of, which its token holds.
#[derive(Deserialize, Serialize)]
struct Place {
    /// The number of the last record before it.
    before: Option<u64>,
    /// As `yyyy-mm-dd`, both included.
    start: String,
    end: String,
    filter: Option<String>,
}

struct Query {
    size: usize,
    filter: Filter,
    place: Place,
}

impl Query {
    fn read(
        request: &PageRequest<'_>,
        paging: AuditPaging,
        now: SystemTime,
    ) -> Result<Self, Refusal> {
        let refuse = |text: &str| Err(Box::new(bad_request(text)));
        let mut given = std::collections::HashMap::new();
        for (name, value) in form_urlencoded::parse(request.query.as_bytes()) {
            given.insert(name, value);
        }
        let get = |name: &str| given.get(name).map(|value| &**value);
        let Ok(size) = get("size").unwrap_or("0").parse::<u32>() else {
            return refuse("The size is invalid.");
        };
        let size = usize::try_from(size).unwrap_or(PAGE).min(PAGE);
        let size = if size == 0 { PAGE } else { size };
        let token = match (paging, get("seek"), get("seekOperation"), request.token) {
            (_, None, None, None) => None,
            (AuditPaging::Seek, Some(token), None, None)
            | (AuditPaging::Link, None, Some("Next"), Some(token)) => Some(token),
            _ => return refuse("There is no such page."),
        };
        let place = match token {
            Some(token) => match read_token::<Place>(token) {
                Some(place) => place,
                None => return refuse("The continuation token is invalid."),
            },
            None => Place::first(get("startDate"), get("endDate"), get("filter"), now)?,
        };
        if get("filter").is_some_and(|filter| place.filter.as_deref() != Some(filter)) {
            return refuse("The continuation token is that of another filter.");
        }
        let filter = place.filter.as_deref().map_or(Ok(Filter::All), Filter::read)?;
        Ok(Self { size, filter, place })
    }
}

impl Place {
    fn first(
        start: Option<&str>,
        end: Option<&str>,
        filter: Option<&str>,
        now: SystemTime,
    ) -> Result<Self, Refusal> {
        let refuse = |text: &str| Err(Box::new(bad_request(text)));
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let today = i64::try_from(since.as_secs() / DAY).unwrap_or(i64::MAX);
        let (Ok(start), Ok(end)) = (start.map(read_day).transpose(), end.map(read_day).transpose())
        else {
            return refuse("The date is invalid. Send yyyy-mm-dd.");
        };
        let start = start.unwrap_or(today - WINDOW);
        let end = end.unwrap_or_else(|| today.min(start.saturating_add(WINDOW)).max(start));
        if start < today - RETAINED {
            return refuse("The start date is more than 90 days ago.");
        }
        if end < start {
            return refuse("The end date is before the start date.");
        }
        if end - start > WINDOW {
            return refuse("The dates are more than 30 days apart.");
        }
        let (start, end) = (day(start), day(end));
        Ok(Self { before: None, start, end, filter: filter.map(str::to_owned) })
    }
}

/// Which records are listed.
enum Filter {
    All,
    Customer(String),
    ResourceType(String),
    CompanyName(String),
}

impl Filter {
    fn read(text: &str) -> Result<Self, Refusal> {
        let invalid = || Box::new(bad_request("The filter is invalid."));
        let filter: Value = serde_json::from_str(text).map_err(|_| invalid())?;
        let member = |name: &str| filter[name].as_str().ok_or_else(invalid);
        let value = member("Value")?.to_lowercase();
        match (member("Field")?, member("Operator")?) {
            ("CustomerId", "equals") => Ok(Self::Customer(value)),
            ("ResourceType", "equals") => Ok(Self::ResourceType(value)),
            ("CompanyName", "substring") => Ok(Self::CompanyName(value)),
            _ => Err(invalid()),
        }
    }

    fn has(&self, record: &Record, companies: &Companies) -> bool {
        match self {
            Self::All => true,
            Self::Customer(id) => record.customer_id.to_string() == *id,
            Self::ResourceType(name) => name == RESOURCE,
            Self::CompanyName(part) => companies
                .get(&record.customer_id)
                .and_then(|company| company.get("companyName")?.as_str())
                .is_some_and(|name| name.to_lowercase().contains(part)),
        }
    }
}

/// A date as days since 1970: `yyyy-mm-dd`, or `6/1/2017 12:00:00 AM` as the documented request has it.
pub(crate) fn read_day(text: &str) -> Result<i64, ()> {
    let date = text.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<_> = date.split(['-', '/']).collect();
    let [one, two, three] = parts[..] else { return Err(()) };
    let (year, month, day) = if date.contains('-') { (one, two, three) } else { (three, one, two) };
    let digits = |text: &str| (text.len() <= 4).then(|| text.parse::<u16>().ok()).flatten();
    let parsed = (year.len() == 4).then(|| (digits(year), digits(month), digits(day)));
    let Some((Some(year), Some(month @ 1..=12), Some(day @ 1..=31))) = parsed else {
        return Err(());
    };
    let days = days_before(year.into(), month.into()) + i64::from(day) - 1;
    // There is no 31 September.
    (civil(days).1 == i64::from(month)).then_some(days).ok_or(())
}

/// The days from 1970 to the first of a month, in the Gregorian calendar. A year begins in March, so that the day
/// that comes and goes is its last.
fn days_before(year: i64, month: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (153 * month + 2) / 5 - 719_468
}

/// Year, month and day of the month, of a day since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    // Close below, whatever leap years there are.
    let mut year = 1970 + days.div_euclid(if days < 0 { 365 } else { 366 });
    while days_before(year + 1, 1) <= days {
        year += 1;
    }
    let month = (1..=12).rev().find(|month| days_before(year, *month) <= days).unwrap_or(1);
    (year, month, days - days_before(year, month) + 1)
}

fn day(days: i64) -> String {
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The time since 1970 as the service prints it, with seven digits of a second.
fn date_time(since: Duration) -> String {
    let seconds = since.as_secs();
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let day = day(i64::try_from(seconds / DAY).unwrap_or_default());
    let ticks = since.subsec_nanos() / 100;
    format!("{day}T{hour:02}:{minute:02}:{second:02}.{ticks:07}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("2000-02-29", 11_016),
            ("2020-09-02", 18_507),
            ("2026-12-31", 20_818),
        ] {
            assert_eq!((read_day(text), day(days)), (Ok(days), text.to_owned()));
        }
        assert_eq!(read_day("6/1/2017 12:00:00 AM"), read_day("2017-06-01"));
        for wrong in
            ["", "2026", "2026-02-29", "2026-09-31", "2026-13-01", "26-01-01", "2026-+1-01x", "--"]
        {
            assert_eq!(read_day(wrong), Err(()), "{wrong}");
        }
        for days in (-719_528..40_000).step_by(31) {
            assert_eq!(read_day(&day(days)), Ok(days));
        }
        let sample = Duration::new(1_599_068_052, 806_900_500);
        assert_eq!(date_time(sample), "2020-09-02T17:34:12.8069005Z");
    }

    #[test]
    fn the_oldest_records_go() {
        let mut log = Log::default();
        for number in 0..=KEPT {
            let value = json!({"id": number});
            log.push(Record::new(Uuid::nil(), Actor::User, None, Value::Null, value));
        }
        assert_eq!((log.records.len(), log.first), (KEPT, 1));
        assert_eq!(log.records[0].after, json!({"id": 1}));
    }
}
