import { TabWriter } from '../print/tab-writer.ts';

/** Lines of a description: indented by levels, cells parted by tabs. */
export class Lines {
  #text = '';

  /** @param text one line (its newline is added), or several */
  add(level: number, text: string): void {
    this.#text += `${'  '.repeat(level)}${text}\n`;
  }

  /** As it was added. */
  raw(): string {
    return this.#text;
  }

  /** With the cells of neighbouring lines aligned. */
  aligned(): string {
    let out = '';
    const tabs = new TabWriter(
      (text) => {
        out += text;
      },
      { minWidth: 0, padding: 2, remember: false },
    );
    for (const line of this.#text.split('\n').slice(0, -1)) tabs.row(line.split('\t'));
    tabs.flush();
    return out;
  }
}
