#!/usr/bin/env bash
# schemathesis 4.32.5: one link that names a header in another case than the operation does turns off all links.
#
# Names of headers are the same in any case (RFC 9110 section 5.1; OpenAPI 3.0.4, Parameter Object). A link may set the
# parameter `If-Match` by its name alone, or by `header.If-Match`. `header.if-match` sets it too; `if-match` is an
# "Invalid OpenAPI Links Definition", after which no link of the document is followed, those without fault included.
#
# It takes Python. Prints how often a server that has two links is called by either, and fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/tools"
"$folder/tools/bin/pip" install --quiet --disable-pip-version-check schemathesis==4.32.5
cat > "$folder/run.py" <<'PYTHON'
import json
import pathlib
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

called = set()


class Server(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.command == "PUT" and self.headers.get("If-Match") == '"v1"':
            called.add("update")
        if self.path == "/others/v1":
            called.add("other")
        body = b'{"tag": "v1"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = answer


def contract(name):
    thing = {"type": "object", "properties": {"tag": {"type": "string"}}}
    media = {"application/json": {"schema": thing}}
    read = {"description": "Read", "content": media}
    links = {
        "update": {"operationId": "putThing", "parameters": {name: '"{$response.body#/tag}"'}},
        "other": {"operationId": "getOther", "parameters": {"id": "$response.body#/tag"}},
    }
    tag = {"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string"}}
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    put = {"operationId": "putThing", "parameters": [tag], "requestBody": {"content": media}, "responses": {"200": read}}
    get = {"operationId": "getThing", "responses": {"200": {**read, "links": links}}}
    other = {"get": {"operationId": "getOther", "parameters": [key], "responses": {"200": read}}}
    paths = {"/thing": {"get": get, "put": put}, "/others/{id}": other}
    return {"openapi": "3.0.4", "info": {"title": "Links", "version": "1.0.0"}, "paths": paths}


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
tool = str(pathlib.Path(sys.executable).with_name("schemathesis"))
for name in ["If-Match", "header.if-match", "if-match"]:
    called.clear()
    file = pathlib.Path(sys.argv[1], "contract.json")
    file.write_text(json.dumps(contract(name)))
    url = f"http://127.0.0.1:{server.server_port}"
    options = ["--phases", "stateful", "--max-examples", "30", "--checks", "not_a_server_error", "--seed", "1"]
    ran = subprocess.run([tool, "run", str(file), "--url", url, "--no-color", *options], capture_output=True, text=True)
    refused = "; Invalid OpenAPI Links Definition" if "Invalid OpenAPI Links Definition" in ran.stdout else ""
    print(f"{name}: {', '.join(sorted(called)) or 'none'}{refused}")
PYTHON
seen=$(cd "$folder" && "$folder/tools/bin/python" run.py "$folder")
echo "schemathesis 4.32.5, links followed:"
echo "$seen"
[ "$seen" = 'If-Match: other, update
header.if-match: other, update
if-match: none; Invalid OpenAPI Links Definition' ]
