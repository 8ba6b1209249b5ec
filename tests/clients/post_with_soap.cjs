// Posts SOAP messages with node's soap; prints status and answer (base64), one line a message.
//
// Usage: node post_with_soap.cjs TOKEN CERTIFICATES WSDL (URL SOAPACTION FILE)...
// CERTIFICATES is a folder with anchors.pem, chain.pem and key.pem, or - for none. TOKEN is a bearer token, or -.

const { readFileSync } = require("node:fs");
const soap = require("soap");

const [token, folder, wsdl, ...messages] = process.argv.slice(2);
const read = (name) => readFileSync(`${folder}/${name}`);

// Every name is this machine: the certificate says who answers.
const lookup = (_name, options, found) =>
  options.all ? found(null, [{ address: "127.0.0.1", family: 4 }]) : found(null, "127.0.0.1", 4);

const between = (text, start, end) => text.slice(text.indexOf(start) + start.length, text.lastIndexOf(end));

async function post(url, action, file) {
  const client = await soap.createClientAsync(wsdl);
  client.setEndpoint(url);
  if (token !== "-") client.addHttpHeader("Authorization", `Bearer ${token}`);
  if (folder !== "-") {
    const options = { lookup };
    client.setSecurity(new soap.ClientSSLSecurity(read("key.pem"), read("chain.pem"), read("anchors.pem"), options));
  }
  const [service, operation] = action.split("/").pop().split("_");
  const port = client.Node[{ VoorschriftVersturen: "Prescription" }[service] ?? service];
  const message = readFileSync(file, "utf8");
  if (message.includes("<soap:Header>")) client.addSoapHeader(between(message, "<soap:Header>", "</soap:Header>"));
  const answered = new Promise((done) =>
    client.on("response", (body, answer) => done(`${answer.status} ${Buffer.from(body).toString("base64")}`)),
  );
  const content = { _xml: between(message, "<soap:Body>", "</soap:Body>").trim() };
  await new Promise((done, failed) => port[operation](content, (error) => (error ? failed(error) : done())));
  return answered;
}

(async () => {
  for (let at = 0; at < messages.length; at += 3) {
    console.log(await post(...messages.slice(at, at + 3)));
  }
})();
