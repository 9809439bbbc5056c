#!/usr/bin/env bash
# `redocly diff` (experimental) of @redocly/cli 2.77.0 takes a path that went and another one that came for one
# path that was renamed, though nothing but the method and a parameter are the same.
#
# `GET /orgs/{org}/metrics` with the operationId `readMetrics` goes, `GET /orgs/{org}/invoices` with the operationId
# `listInvoices` comes: another resource, another answer. Besides the rename, which is rated major, redocly reports
# a changed operationId, a removed query parameter and a changed response type, at places of the operation that is
# new. A new operation has nothing that a client could have relied on; what breaks is that the old one is gone.
#
# Prints what is found of the paths, and fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > base.yaml <<'YAML'
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /orgs/{org}/metrics:
    get:
      operationId: readMetrics
      parameters:
        - {name: org, in: path, required: true, schema: {type: string}}
        - {name: since, in: query, schema: {type: string, format: date}}
      responses:
        '200': {description: Read, content: {application/json: {schema: {type: array, items: {type: integer}}}}}
YAML
cat > revision.yaml <<'YAML'
openapi: 3.0.3
info: {title: T, version: '2'}
paths:
  /orgs/{org}/invoices:
    get:
      operationId: listInvoices
      parameters:
        - {name: org, in: path, required: true, schema: {type: string}}
      responses:
        '200': {description: Read, content: {application/json: {schema: {type: object}}}}
YAML
npm install --silent --prefix . @redocly/cli@2.77.0 > /dev/null
node_modules/.bin/redocly diff base.yaml revision.yaml --format json --fail-on none > report.json 2> /dev/null
seen=$(node -e '
const { changes } = JSON.parse(require("fs").readFileSync("report.json"));
const major = changes.filter((change) => change.impact === "major");
console.log(major.map((change) => change.verdicts[0].message).join("\n"));
')
echo "@redocly/cli 2.77.0:"
echo "$seen"
[[ $seen == *'Path `/orgs/{org}/metrics` was renamed to `/orgs/{org}/invoices`.'* ]]
[[ $seen == *'`since` query parameter was removed.'* ]]
