#!/usr/bin/env bash
# openapi-typescript 7.13.0: a document whose example is in a file that is not at hand gives no types.
#
# `externalValue` of an Example Object is the address of an example for people (OpenAPI 3.0.4 section 4.7.19), and
# nothing of an example is in the types. The file is taken for a part of the document: whoever has the document alone,
# such as a copy of it, is told that a `$ref` cannot be resolved, though there is none. With the file in its place the
# types are made, and they hold nothing of it.
#
# It takes Node. Prints how both runs end, and fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > contract.yaml <<'YAML'
openapi: 3.0.4
info: {title: An example elsewhere, version: 1.0.0}
paths:
  /report:
    get:
      operationId: getReport
      responses:
        '200':
          description: Read
          content:
            text/csv:
              schema: {type: string}
              examples:
                sales: {externalValue: sales.csv}
YAML
npm install --silent --no-save --no-audit --no-fund openapi-typescript@7.13.0 typescript@5.9.3 > log 2>&1
run() {
    if npx openapi-typescript contract.yaml --output types.ts > log 2>&1; then
        echo "types, $(grep -c sales types.ts || true) lines on the example"
    else
        grep -o "Can't resolve \$ref" log | head -1
    fi
}
without=$(run)
printf 'region,total\nnorth,1\n' > sales.csv
with=$(run)
echo "openapi-typescript 7.13.0:"
echo "without the file: $without"
echo "with the file: $with"
[ "$without; $with" = "Can't resolve \$ref; types, 0 lines on the example" ]
