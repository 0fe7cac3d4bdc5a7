/**
 * A receiver of webhooks in plain Node.js: `node receiver.mjs whsec_…`. It checks the signature and the time, takes each event
 * once, and answers 204. What is done with an event stands in `handle`.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const [secret = process.env.WEBHOOK_SECRET ?? '', port = '8080'] = process.argv.slice(2);
const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
if (key.length < 24) {
  process.stderr.write('give the secret of the webhook: node receiver.mjs whsec_... [port]\n');
  process.exit(1);
}
/** What is older or newer than so many seconds was not sent just now. */
const TOLERANCE = 5 * 60;
/** Events that were handled. A receiver that must not handle one twice keeps them in its database, in the same transaction. */
const handled = new Set();

function isGenuine(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers;
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) < TOLERANCE)) return false;
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  // More than one while the secret is changed: any of them will do.
  return signatures.split(' ').some((each) => {
    const [version, base64 = ''] = each.split(',');
    const given = Buffer.from(base64, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function handle(event) {
  process.stdout.write(`${event.type} of ${event.subject}: ${JSON.stringify(event.data)}\n`);
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  const id = request.headers['webhook-id'];
  if (!handled.has(id)) {
    handle(JSON.parse(body));
    handled.add(id);
  }
  response.writeHead(204).end();
}).listen(Number(port), '127.0.0.1', () => process.stdout.write(`listening on http://127.0.0.1:${port}/\n`));
