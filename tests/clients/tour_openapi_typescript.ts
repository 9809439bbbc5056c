// GET, change, PUT, and a PUT with a stale tag, with the types of openapi-typescript and openapi-fetch.

import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const emulator = process.env.EMULATOR as string;
const customer = "aaaa0000-bb11-2222-33cc-444444dddddd";
const unknown = { newMember: { a: [1, null, "b"] } };
const client = createClient<paths>({
  baseUrl: emulator,
  headers: { Authorization: "Bearer emulator-app-user" },
});
const path = { "customer-tenant-id": customer };

function held(what: string, condition: boolean) {
  if (!condition) {
    console.log(`NOT: ${what}`);
    process.exit(1);
  }
  console.log(`ok: ${what}`);
}

const around = (method: string, place: string, body: unknown) =>
  fetch(`${emulator}/_emulator/${place}`, { method, body: JSON.stringify(body) });
const read = () =>
  client.GET("/v1/customers/{customer-tenant-id}/profiles/billing", { params: { path } });

await around("PUT", `customers/${customer}/profiles/billing`, { companyName: "Before", ...unknown });
const { data: profile } = await read();
held("the profile is read", profile?.companyName === "Before");
const kept = (it?: { [member: string]: unknown }) =>
  JSON.stringify(it?.newMember) === JSON.stringify(unknown.newMember);
held("a member that the contract does not know is read", kept(profile));
const tag = `"${profile?.attributes?.etag}"`;
const put = () =>
  client.PUT("/v1/customers/{customer-tenant-id}/profiles/billing", {
    params: { path, header: { "If-Match": tag } },
    body: { ...profile, companyName: "Changed Company" },
  });
const { data: updated } = await put();
held("the update is taken", updated?.companyName === "Changed Company");
held("a member that the contract does not know is sent back", kept(updated));
const { error: fault, response: refusal } = await put();
held("a stale tag is refused, and the fault says why", refusal.status === 400 && fault?.code === 2055);
held("the fault says where it is from", fault?.source !== undefined);
await around("POST", "faults", { fault: "throttle", retryAfter: 1, times: 1 });
const { error: throttled, response } = await read();
held(
  "what the gateway says is read",
  response.status === 429 && throttled?.statusCode === 429 && throttled.message !== undefined,
);
