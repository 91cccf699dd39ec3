// Named tests one after another, with a closing line a program can read.

import assert from 'node:assert/strict';

export class Report {
  #passed = 0;
  #failed = 0;

  /** Runs one test; a failure is printed and counted, and the next one runs. */
  async test(name, body) {
    const start = performance.now();
    const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
    try {
      await body();
      this.#passed += 1;
      console.log(`ok      ${name} (${seconds()} s)`);
    } catch (error) {
      this.#failed += 1;
      console.log(`FAILED  ${name} (${seconds()} s)\n${error.stack ?? error}`);
    }
  }

  /** Prints the closing line and sets the exit status. */
  close() {
    console.log(`\n${this.#passed} passed, ${this.#failed} failed`);
    if (this.#failed > 0 || this.#passed === 0) process.exitCode = 1;
  }
}

export function noFaults(page) {
  assert.deepEqual(page.faults, [], 'the browser complained');
}
