// Posts SOAP messages with Node.js; prints status and answer (base64), one line a message.
//
// Usage: node post.mjs TOKEN CERTIFICATES (URL SOAPACTION FILE)...
// CERTIFICATES is a folder with anchors.pem, chain.pem and key.pem, or - for none. TOKEN is a bearer token, or -.

import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

const [token, folder, ...messages] = process.argv.slice(2);
const read = (name) => readFileSync(`${folder}/${name}`);
const secured = folder === "-" ? {} : { ca: read("anchors.pem"), cert: read("chain.pem"), key: read("key.pem") };

// Every name is this machine: the certificate says who answers.
const lookup = (_name, options, found) =>
  options.all ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4);

function post(url, action, file) {
  const { request } = folder === "-" ? http : https;
  const headers = { "Content-Type": "text/xml; charset=utf-8", SOAPAction: `"${action}"` };
  if (token !== "-") headers.Authorization = `Bearer ${token}`;
  return new Promise((done, failed) => {
    const sending = request(url, { method: "POST", headers, lookup, timeout: 20000, ...secured }, (answer) => {
      const pieces = [];
      answer.on("data", (piece) => pieces.push(piece));
      answer.on("end", () => done(`${answer.statusCode} ${Buffer.concat(pieces).toString("base64")}`));
      answer.on("error", failed);
    });
    sending.on("error", failed);
    sending.on("timeout", () => sending.destroy(new Error("no answer in time")));
    // Without a length Node.js sends in chunks.
    const body = readFileSync(file);
    sending.write(body.subarray(0, 1000));
    sending.end(body.subarray(1000));
  });
}

for (let at = 0; at < messages.length; at += 3) {
  console.log(await post(...messages.slice(at, at + 3)));
}
