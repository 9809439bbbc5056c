"""What each Python client is asked to do. A line is printed for what held, and the first that does not ends it."""

import json
import os
import urllib.request

CUSTOMER = "aaaa0000-bb11-2222-33cc-444444dddddd"
UNKNOWN = {"newMember": {"a": [1, None, "b"]}}


def emulator(method, path, body):
    """The emulator, past the client."""
    request = urllib.request.Request(
        os.environ["EMULATOR"] + "/_emulator/" + path, json.dumps(body).encode(), method=method
    )
    urllib.request.urlopen(request).close()


def held(what, condition):
    if not condition:
        raise SystemExit(f"NOT: {what}")
    print(f"ok: {what}")


class Tour:
    def __init__(self, as_dict):
        self.as_dict = as_dict
        self.name = "Changed Company"
        # Someone wrote a member that the contract does not know.
        emulator("PUT", f"customers/{CUSTOMER}/profiles/billing", {"companyName": "Before", **UNKNOWN})

    def read(self, profile):
        held("the profile is read", self.as_dict(profile)["companyName"] == "Before")
        held("a member that the contract does not know is read", self.unknown(profile))

    def updated(self, profile):
        held("the update is taken", self.as_dict(profile)["companyName"] == self.name)
        held("a member that the contract does not know is sent back", self.unknown(profile))

    def unknown(self, profile):
        members = self.as_dict(profile)
        return members.get("newMember") == UNKNOWN["newMember"]

    def refused(self, status, fault):
        held("a stale tag is refused, and the fault says why", (status, fault["code"]) == (400, 2055))
        held("the fault says where it is from", fault.get("source") is not None)

    def throttled(self, read):
        emulator("POST", "faults", {"fault": "throttle", "retryAfter": 1, "times": 1})
        return read()

    def gateway(self, status, fault):
        said = fault.get("statusCode"), fault.get("message") is not None
        held("what the gateway says is read", (status, *said) == (429, 429, True))
