// A server with the chat completions API on loopback that streams one draft, as slowly as it is told.

import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const DRAFT = {
  subject: 'The winter rye is in, [FIRST_NAME]',
  preheader: 'Order your share by 16 November',
  body: 'Dear [FIRST_NAME],\n\nthe winter rye has come. It is drier than last year, so please give it a little more water.\n\nOrder by 16 November and we deliver the same week.',
};

export class Model {
  #server;
  /** Milliseconds between two pieces. */
  pace = 10;
  /** After how many pieces it goes silent. */
  stallsAfter = Infinity;
  /** Requests it has had. */
  asked = 0;
  /** Streams whose reader went away. */
  left = 0;
  #events = new EventEmitter();

  static async start() {
    const model = new Model();
    model.#server = createServer((request, response) => model.#answer(request, response));
    model.#server.listen(0, '127.0.0.1');
    await once(model.#server, 'listening');
    model.base = `http://127.0.0.1:${model.#server.address().port}/v1`;
    return model;
  }

  async #answer(request, response) {
    request.resume();
    await once(request, 'end');
    this.asked += 1;
    let gone = false;
    response.on('close', () => {
      gone = true;
      if (response.writableFinished) return;
      this.left += 1;
      this.#events.emit('left');
    });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const say = (data) => response.write(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
    const pieces = JSON.stringify(DRAFT).match(/.{1,6}/gs);
    for (const [number, content] of pieces.entries()) {
      if (gone || number >= this.stallsAfter) return;
      say({ choices: [{ index: 0, delta: { content } }] });
      await pause(this.pace);
    }
    say({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    say({ choices: [], usage: { prompt_tokens: 320, completion_tokens: 92 } });
    say('[DONE]');
    response.end();
  }

  /** Waits until the reader of a stream has gone away. */
  async readerGone() {
    if (this.left === 0) await once(this.#events, 'left', { signal: AbortSignal.timeout(10_000) });
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
