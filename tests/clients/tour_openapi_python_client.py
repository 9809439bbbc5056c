"""GET, change, PUT, and a PUT with a stale tag, with the client of openapi-python-client."""

import os
from uuid import UUID

from generated import AuthenticatedClient
from generated.api.customer_billing_profile import get_customer_billing_profile as get
from generated.api.customer_billing_profile import update_customer_billing_profile as update
from tour import CUSTOMER, Tour

client = AuthenticatedClient(base_url=os.environ["EMULATOR"], token="emulator-app-user")
tour = Tour(lambda profile: profile.to_dict())


def put(tag, profile):
    return update.sync_detailed(UUID(CUSTOMER), client=client, body=profile, if_match=f'"{tag}"')


def read():
    return get.sync_detailed(UUID(CUSTOMER), client=client)


profile = read().parsed
stale = profile.attributes.etag
tour.read(profile)
profile.company_name = tour.name
tour.updated(put(stale, profile).parsed)
refused = put(stale, profile)
tour.refused(int(refused.status_code), refused.parsed.to_dict())
throttled = tour.throttled(read)
tour.gateway(int(throttled.status_code), throttled.parsed.to_dict())
