#!/usr/bin/env bash
# `redocly diff` (experimental) of @redocly/cli 2.77.0 rates the removal of a wrapper that says nothing as major:
# it compares keywords where they stand, and does not open `allOf`.
#
# In OpenAPI 3.0, `allOf` with one reference is how a description is given beside a `$ref`. Taking it away leaves
# the same set of values. redocly says that the type was narrowed from 'any' to 'string'. Likewise an `enum` of two
# values that becomes `oneOf` of two enums of one value each is said to have become 'any', which is major in a
# response.
#
# Prints what is found, and fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > base.yaml <<'YAML'
openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /p:
    post:
      operationId: p
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties: {id: {description: An id, allOf: [{$ref: '#/components/schemas/Id'}]}}
      responses:
        '200':
          description: Done
          content: {application/json: {schema: {type: object, properties: {kind: {type: string, enum: [a, b]}}}}}
components: {schemas: {Id: {type: string}}}
YAML
sed -e "s/{description: An id, allOf: \[\(.*\)\]}}/\1}/" \
    -e "s/{type: string, enum: \[a, b\]}/{oneOf: [{type: string, enum: [a]}, {type: string, enum: [b]}]}/" \
    base.yaml > revision.yaml
npm install --silent --prefix . @redocly/cli@2.77.0 > /dev/null
node_modules/.bin/redocly diff base.yaml revision.yaml --format json --fail-on none > report.json 2> /dev/null
seen=$(node -e '
const { changes } = JSON.parse(require("fs").readFileSync("report.json"));
const major = changes.filter((change) => change.impact === "major");
console.log(major.flatMap((change) => change.verdicts.map((verdict) => verdict.message)).join("\n"));
')
echo "@redocly/cli 2.77.0:"
echo "$seen"
[[ $seen == *"Type of \`id\` narrowed from 'any' to 'string'."* ]]
[[ $seen == *"Type of \`kind\` widened from 'string' to 'any'."* ]]
