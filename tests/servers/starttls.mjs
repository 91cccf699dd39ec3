// An SMTP server that offers STARTTLS and demands it, and a sign-in, before it takes mail: what a provider's
// submission port (587) does. The protocol is the smtp-server package's; this file only chooses its options
// and writes each accepted message as one line of JSON to a file before the server says so.
//
//   node starttls.mjs PORT KEY CERTIFICATE USER PASSWORD MESSAGES.jsonl

import { appendFileSync, readFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

const [port, key, certificate, user, password, messages] = process.argv.slice(2);

const server = new SMTPServer({
  key: readFileSync(key),
  cert: readFileSync(certificate),
  authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5'],
  disableReverseLookup: true,
  onAuth(auth, session, callback) {
    const right =
      auth.username === user && (auth.validatePassword ? auth.validatePassword(password) : auth.password === password);
    callback(right ? null : new Error('Invalid username or password'), { user });
  },
  onData(stream, session, callback) {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => {
      const { mailFrom, rcptTo } = session.envelope;
      const record = {
        secure: session.secure,
        user: session.user,
        mail_from: mailFrom.address,
        rcpt_to: rcptTo.map((recipient) => recipient.address),
        raw: Buffer.concat(parts).toString('utf8'),
      };
      appendFileSync(messages, `${JSON.stringify(record)}\n`);
      callback(null, 'Message accepted');
    });
  },
});
server.on('error', () => {}); // a client that goes away is the test's business
server.listen(Number(port), '127.0.0.1');
