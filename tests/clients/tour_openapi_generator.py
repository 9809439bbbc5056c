"""GET, change, PUT, and a PUT with a stale tag, with the Python client of openapi-generator."""

import os

from generated import ApiClient, Configuration, CustomerBillingProfileApi
from generated.exceptions import ApiException
from tour import CUSTOMER, Tour

configuration = Configuration(host=os.environ["EMULATOR"], access_token="emulator-app-user")
# It repeats a GET that is throttled by itself, and nobody would see what the gateway says.
configuration.retries = False
api = CustomerBillingProfileApi(ApiClient(configuration))
tour = Tour(lambda profile: profile.to_dict())


def put(tag, profile):
    try:
        return api.update_customer_billing_profile(CUSTOMER, f'"{tag}"', profile)
    except ApiException as error:
        return error


def read():
    try:
        return api.get_customer_billing_profile(CUSTOMER)
    except ApiException as error:
        return error


profile = read()
stale = profile.attributes.etag
tour.read(profile)
profile.company_name = tour.name
tour.updated(put(stale, profile))
refused = put(stale, profile)
tour.refused(refused.status, refused.data.to_dict())
throttled = tour.throttled(read)
tour.gateway(throttled.status, throttled.data.to_dict())
