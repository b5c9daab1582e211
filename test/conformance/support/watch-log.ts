import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { type Agent, request } from 'node:https';
import { eventually } from '../../e2e/support/cluster.ts';

export interface LoggedEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: any;
}

/** A watch that keeps every event it was sent. */
export class WatchLog {
  readonly events: LoggedEvent[] = [];
  ended = false;
  readonly #response: IncomingMessage;
  #rest = '';
  #taken = 0;

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.setEncoding('utf8');
    response.on('data', (text: string) => this.#read(text));
    response.on('close', () => {
      this.ended = true;
    });
  }

  static open(url: URL, agent: Agent): Promise<WatchLog> {
    return new Promise((resolve, reject) => {
      const sent = request(url, { agent }, (response) => {
        const log = new WatchLog(response);
        if (response.statusCode === 200) resolve(log);
        else reject(new Error(`watch ${url.pathname}: ${response.statusCode}`));
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  /** The first event after those already taken that fulfils the condition; events before it are skipped. */
  next(what: string, condition: (event: LoggedEvent) => boolean): Promise<LoggedEvent> {
    return eventually(what, async () => {
      const at = this.events.findIndex((event, index) => index >= this.#taken && condition(event));
      if (at < 0) {
        assert.ok(!this.ended, 'the watch ended');
        return undefined;
      }
      this.#taken = at + 1;
      return this.events[at];
    });
  }

  /** The events of these types after those already taken, without taking them. */
  pending(...types: readonly string[]): readonly LoggedEvent[] {
    return this.events.slice(this.#taken).filter((event) => types.includes(event.type));
  }

  close(): void {
    this.#response.destroy();
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') this.events.push(JSON.parse(line));
  }
}
