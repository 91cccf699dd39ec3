// The real pi-crm binary on a temporary data folder and a port of its own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a start may take, in milliseconds: a debug build on a busy machine. */
const START_LIMIT = 30_000;

async function freePort() {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

export class Server {
  #process;
  #folder;
  #printed = '';

  /** Starts a new installation and waits until it answers. */
  static async start(settings = {}) {
    const binary = process.env.PI_CRM_BIN;
    if (!binary) throw new Error('PI_CRM_BIN must name the pi-crm binary (cargo xtask test --only e2e sets it)');
    const server = new Server();
    server.#folder = await mkdtemp(join(tmpdir(), 'pi-crm-e2e-'));
    const port = await freePort();
    server.base = `http://127.0.0.1:${port}`;
    // Only these settings count, whatever the shell of the developer has.
    const { PATH, HOME, TMPDIR } = process.env;
    server.#process = spawn(binary, ['serve'], {
      cwd: server.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH,
        HOME,
        ...(TMPDIR && { TMPDIR }),
        HOST: '127.0.0.1',
        PORT: String(port),
        DATA_DIR: join(server.#folder, 'data'),
        RUST_LOG: 'info',
        ...settings,
      },
    });
    for (const stream of [server.#process.stdout, server.#process.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (server.#printed += text));
    }
    // However this process ends, the server must not outlive it.
    process.once('exit', () => server.#process.kill('SIGKILL'));
    try {
      await server.#untilHealthy();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  async #untilHealthy() {
    const deadline = Date.now() + START_LIMIT;
    while (Date.now() < deadline) {
      if (this.#process.exitCode !== null) throw new Error(`pi-crm ended at once:\n${this.#printed}`);
      const answer = await fetch(`${this.base}/health`).catch(() => null);
      if (answer?.ok) return;
      await pause(30);
    }
    throw new Error(`pi-crm did not answer /health:\n${this.#printed}`);
  }

  /** All it printed. */
  get printed() {
    return this.#printed;
  }

  /** The one-time code from its output, as the person who started it reads it. */
  get setupCode() {
    const line = this.#printed.split('\n').find((line) => /setup code/i.test(line));
    if (!line) throw new Error(`no setup code in:\n${this.#printed}`);
    return line.trim().split(/\s+/).at(-1);
  }

  async stop() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM');
      const killer = setTimeout(() => this.#process.kill('SIGKILL'), 10_000);
      await once(this.#process, 'exit');
      clearTimeout(killer);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}
