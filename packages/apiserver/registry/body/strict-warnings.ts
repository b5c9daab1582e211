/** What a strict reading finds in YAML begins with one of these lines. */
const beginning = /^(?:error converting YAML to JSON: )?yaml: unmarshal errors:\n/;

/** What a strict reading found wrong, as warnings; YAML tells of several things at once, a line each. */
export function strictWarnings(faults: readonly string[]): string[] {
  return faults.flatMap((text) => {
    const lines = text.replace(beginning, '');
    return lines === text ? [text] : lines.split('\n').map((line) => line.trim());
  });
}
